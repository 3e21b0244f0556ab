"""What the public and the agency's interface share: parameters, parts of an answer, replies, and refusals as problem documents (RFC 9457)."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.csrf import csrf_exempt

from ibnportal.core.accounts.models import User
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import file_response
from ibnportal.portal.answers import files
from ibnportal.portal.answers.asking import Asked
from ibnportal.portal.answers.register import Question
from ibnportal.portal.answers.table import Answer

FROM, SO_MANY = "vanaf", "aantal"
LONGEST = 9
"""How many digits a number of rows has at most."""
SECONDS = 300
"""How long an open answer may be kept: a correction shows within five minutes."""
NO_SUCH = "Dit adres bestaat niet. De lijst van vragen staat op {list}."
View = Callable[..., HttpResponseBase]


def problem(status: int, why: str) -> HttpResponse:
    """A refusal for a program: what is wrong, in Dutch, under `detail`; `error` is the same for who read that first."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": why, "error": why}
    return JsonResponse(
        body, status=status, content_type="application/problem+json", json_dumps_params={"ensure_ascii": False}
    )


def read_only(list_at: str, *, is_open: bool = False) -> Callable[[View], View]:
    """GET and HEAD alone; a wrong way or address and bad input are told as problems, with where the list stands.

    `is_open`: pages elsewhere may read what is answered, refusals included.
    """

    def decorate(view: View) -> View:
        @csrf_exempt  # nothing is changed here, and a program that posts is told so instead of being asked for a form's secret
        @wraps(view)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                response = _only_reading(request) or view(request, *args, **kwargs)
            except DomainError as error:
                response = problem(400, error.message)
            except Http404:
                response = problem(404, NO_SUCH.format(list=list_at))
            if is_open:
                for name, value in ELSEWHERE.items():
                    response[name] = value
            return response

        return answered

    return decorate


WAYS = "GET, HEAD, OPTIONS"
ELSEWHERE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": WAYS,
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Expose-Headers": "ETag, Link",
}
"""What lets a page of another site read an answer in its visitor's browser, and ask whether it has it already."""


def _only_reading(request: HttpRequest) -> HttpResponse | None:
    """The answer to who asks for something else than to read; None for who reads."""
    if request.method in {"GET", "HEAD"}:
        return None
    response = (
        HttpResponse(status=204)
        if request.method == "OPTIONS"
        else problem(405, "Hier wordt enkel gelezen: gebruik GET.")
    )
    response["Allow"] = WAYS
    return response


def asked_of(question: Question, request: HttpRequest, *, reader: User | None = None, is_public: bool = False) -> Asked:
    """What the address asks. Raises DomainError with what is wrong, also for a parameter that does not exist: it would be thought to narrow."""
    known = (*question.filters(is_public=is_public), FROM, SO_MANY)
    for name in request.GET:
        if name not in known:
            raise DomainError(f"“{name[:30]}” is geen parameter van {question.id}. Kies uit: {', '.join(known)}.")
    return question.read({name: request.GET.get(name, "") for name in known}, reader=reader, is_public=is_public)


def replied(request: HttpRequest, kind: str, question: Question, asked: Asked, answer: Answer) -> HttpResponse:
    """The answer as json or csv; so many rows of it where that was asked, with the address of the next ones (`next`, and the header Link)."""
    rows, number = answer.rows, len(answer.rows)
    first, so_many = _number(request, FROM, 0), _number(request, SO_MANY, 1) or number
    if first and first >= number:
        raise DomainError(f"Vanaf: {first} kan niet, het antwoord heeft {number} {'rij' if number == 1 else 'rijen'}.")
    answer = replace(answer, rows=rows[first : first + so_many])
    later = _address(request, first + so_many) if first + so_many < number else None
    if kind == "json":
        data = {**files.as_data(question, asked, answer), "number_of_rows": number, "next": later}
        content = json.dumps(data, ensure_ascii=False, indent=2).encode()
        response = HttpResponse(content, content_type="application/json; charset=utf-8")
    else:
        response = file_response("csv", files.name_of(question, asked), files.content("csv", question, asked, answer))
    if later:
        response["Link"] = f'<{later}>; rel="next"'
    return response


def _number(request: HttpRequest, name: str, least: int) -> int:
    """What was typed; 0 where nothing was."""
    text = request.GET.get(name, "").strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST and int(text) >= least):
        raise DomainError(
            f"{name.capitalize()}: “{text[:20]}” is geen aantal rijen. Geef een geheel getal vanaf {least}."
        )
    return int(text)


def _address(request: HttpRequest, first: int) -> str:
    given = request.GET.copy()
    given[FROM] = str(first)
    return request.build_absolute_uri(f"{request.path}?{given.urlencode()}")


def kept_for_a_while(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    """Anybody may keep this for some minutes; who has it already is told so (304)."""
    response["Cache-Control"] = f"public, max-age={SECONDS}"
    tag = quote_etag(sha256(response.content).hexdigest()[:32])
    response["ETag"] = tag
    return get_conditional_response(request, etag=tag, response=response) or response
