"""Every saved question for the agency's own reporting tools, by key. Small cells are not left out here; each reading is in the trail."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ibnportal.core.access import access
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import file_response
from ibnportal.core.http import SignedInRequest
from ibnportal.core.throttle import allow
from ibnportal.portal import tokens
from ibnportal.portal.answers import asking, files, open_data, register
from ibnportal.portal.views.answers import READERS
from ibnportal.proxies import client_ip

KINDS = tuple(kind for kind, _ in open_data.KINDS)
TIMES, MISSES, STRETCH = 120, 20, 60
"""How often a key may ask, and how often an address may try a wrong one, in how many seconds."""
BEARER = "bearer "
View = Callable[..., HttpResponseBase]


def _refuse(status: int, why: str) -> HttpResponse:
    response = JsonResponse({"error": why}, status=status, json_dumps_params={"ensure_ascii": False})
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="IBN-portaal"'
    else:
        response["Retry-After"] = str(STRETCH)
    return response


def by_key(view: View) -> View:
    """Let a program in by `Authorization: Bearer …`, as the person its key reads as. Without that header: a person who is logged in."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        given = request.headers.get("Authorization", "")
        request.api_token = None  # type: ignore[attr-defined]
        if not given.lower().startswith(BEARER):
            return view(request, *args, **kwargs)
        token = tokens.holder_of(given[len(BEARER) :].strip())
        if token is None:
            if not allow(f"api-missed:{client_ip(request)}", limit=MISSES, seconds=STRETCH):
                return _refuse(429, f"Te veel verkeerde sleutels. Wacht {STRETCH} seconden.")
            return _refuse(
                401, "Deze sleutel is onbekend, vervallen of ingetrokken. Vraag een beheerder om een nieuwe."
            )
        if not allow(f"api:{token.pk}", limit=TIMES, seconds=STRETCH):
            return _refuse(429, f"Te vaak gevraagd: hoogstens {TIMES} keer in {STRETCH} seconden.")
        request.user, request.api_token = token.reads_as, token  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return opened


@by_key
@access(*READERS)
@require_safe
@never_cache
def index(request: SignedInRequest) -> HttpResponse:
    """Every question with its addresses and parameters."""
    base = request.build_absolute_uri(".")
    found = [
        {
            "id": one.id,
            "title": one.title,
            "asked_by": one.asked_by,
            "parameters": ["stand", *one.parameters],
            **{kind: f"{base}{one.slug}.{kind}" for kind in KINDS},
        }
        for one in register.QUESTIONS
    ]
    return JsonResponse({"version": open_data.VERSION, "questions": found}, json_dumps_params={"ensure_ascii": False})


@by_key
@access(*READERS)
@require_safe
@never_cache
def answer(request: SignedInRequest, question: str, kind: str) -> HttpResponse:
    """One answer; a wrong parameter is status 400 with the reason, an unknown question 404."""
    found = register.BY_ID.get(question.upper())
    if found is None or kind not in KINDS:
        raise Http404
    try:
        asked = asking.read({name: request.GET.get(name, "") for name in asking.PARAMETERS}, reader=request.user)
    except DomainError as error:
        return JsonResponse({"error": error.message}, status=400, json_dumps_params={"ensure_ascii": False})
    token = getattr(request, "api_token", None)
    if token is not None:
        trail.record("apitoken.read", token, by=request.user, changes={"question": found.id, **asked.kept()})
    content = files.content(kind, found, asked, found.answer(asked))
    if kind == "json":
        return HttpResponse(content, content_type="application/json; charset=utf-8")
    return file_response("csv", files.name_of(found, asked), content)
