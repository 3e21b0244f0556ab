"""Every saved question for the agency's own reporting tools, by key. Small cells are not left out here; each reading is in the trail."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.cache import never_cache

from ibnportal.core.access import access
from ibnportal.core.audit import trail
from ibnportal.core.http import SignedInRequest
from ibnportal.core.throttle import allow
from ibnportal.portal import tokens
from ibnportal.portal.answers import openapi, register
from ibnportal.portal.views import interface
from ibnportal.portal.views.answers import READERS
from ibnportal.portal.views.open_data import KINDS, listed
from ibnportal.proxies import client_ip

TIMES, MISSES, STRETCH = 120, 20, 60
"""How often a key may ask, and how often an address may try a wrong one, in how many seconds."""
BEARER, PAGE = "bearer ", "text/html"
LIST = openapi.AGENCY_AT
View = Callable[..., HttpResponseBase]


def _refuse(status: int, why: str) -> HttpResponse:
    response = interface.problem(status, why)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="IBN-portaal"'
    else:
        response["Retry-After"] = str(STRETCH)
    return response


def by_key(view: View) -> View:
    """Let a program in by `Authorization: Bearer …`, as the person its key reads as. Without that header: a person who is logged in.

    Who is not, and wants a page, is asked to log in; a program is told that it needs a key.
    """

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        given = request.headers.get("Authorization", "")
        request.api_token = None  # type: ignore[attr-defined]
        if not given.lower().startswith(BEARER):
            if not request.user.is_authenticated and PAGE not in request.headers.get("Accept", PAGE):
                return _refuse(401, "Geef een sleutel mee: Authorization: Bearer … Een beheerder maakt die.")
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


@interface.read_only(LIST)
@by_key
@access(*READERS)
@never_cache
def index(request: SignedInRequest) -> HttpResponse:
    """Every question with its addresses and parameters."""
    return listed(request, list(register.QUESTIONS), is_public=False)


@interface.read_only(LIST)
@by_key
@access(*READERS)
@never_cache
def answer(request: SignedInRequest, question: str, kind: str) -> HttpResponse:
    """One answer; a wrong parameter is status 400 with the reason, an unknown question 404."""
    found = register.BY_ID.get(question.upper())
    if found is None or kind not in KINDS:
        raise Http404
    asked = interface.asked_of(found, request, reader=request.user)
    response = interface.replied(request, kind, found, asked, found.answer(asked))
    token = getattr(request, "api_token", None)
    if token is not None:
        trail.record("apitoken.read", token, by=request.user, changes={"question": found.id, **asked.kept()})
    return response
