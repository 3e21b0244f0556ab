"""Open data: the list and each public answer, as a page for people and as json or csv for programs. No login, no cookies."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ibnportal.core.access import PUBLIC, access
from ibnportal.portal.answers import disclosure, files, openapi, register
from ibnportal.portal.answers.register import Question
from ibnportal.portal.answers.table import sources_behind
from ibnportal.portal.forms import OpenForm
from ibnportal.portal.views import interface
from ibnportal.portal.views.answers import shown

KINDS = tuple(kind for kind, _ in openapi.KINDS)
LIST = openapi.OPEN_AT


@access(PUBLIC)
def about(request: HttpRequest) -> HttpResponse:
    """What there is, for people."""
    context = {"questions": public(), "smallest": disclosure.SMALLEST, "step": disclosure.STEP}
    return render(request, "portal/answers/open_data.html", context)


@access(PUBLIC)
@require_safe
def question(request: HttpRequest, question: str) -> HttpResponse:
    """One public answer as a page: its table, what its figures mean and on what they rest. What stands behind a row is for who answers for policy."""
    found = register.BY_ID.get(question.upper())
    if found is None or not found.is_public:
        raise Http404
    form = OpenForm(request.GET, question=found)
    context: dict[str, Any] = {"question": found, "form": form}
    if form.is_valid() and form.asked is not None:
        answer = found.published(form.asked)
        asked = urlencode(form.asked.kept())
        context |= shown(found, form.asked, replace(answer, rows=tuple(row._replace(behind=()) for row in answer.rows)))
        context["sources"] = files.sources_of(source for row in answer.rows for source in sources_behind(row.behind))
        context["files"] = [(kind, f"{reverse('portal:open_data_answer', args=[found.slug, kind])}?{asked}") for kind in KINDS]  # fmt: skip
    return render(request, "portal/answers/open_answer.html", context)


@interface.read_only(LIST, is_open=True)
@access(PUBLIC)
def index(request: HttpRequest) -> HttpResponseBase:
    """What there is, for machines."""
    return interface.kept_for_a_while(request, listed(request, public(), is_public=True))


def listed(request: HttpRequest, questions: list[Question], *, is_public: bool) -> JsonResponse:
    """These questions with their addresses and parameters."""
    base = request.build_absolute_uri(".")
    found: list[dict[str, Any]] = [
        {
            "id": one.id,
            "title": one.title,
            "asked_by": one.asked_by,
            "parameters": [*one.filters(is_public=is_public), interface.FROM, interface.SO_MANY],
            **{kind: f"{base}{one.slug}.{kind}" for kind in KINDS},
        }
        for one in questions
    ]
    return JsonResponse({"version": openapi.VERSION, "questions": found}, json_dumps_params={"ensure_ascii": False})


@interface.read_only(LIST, is_open=True)
@access(PUBLIC)
def description(request: HttpRequest) -> HttpResponseBase:
    """The OpenAPI description."""
    described = openapi.described(request.build_absolute_uri("/").rstrip("/"))
    return interface.kept_for_a_while(request, JsonResponse(described, json_dumps_params={"ensure_ascii": False}))


@interface.read_only(LIST, is_open=True)
@access(PUBLIC)
def answer(request: HttpRequest, question: str, kind: str) -> HttpResponseBase:
    """One public answer; a wrong parameter is status 400 with the reason, an unknown question 404."""
    found = register.BY_ID.get(question.upper())
    if found is None or not found.is_public or kind not in KINDS:
        raise Http404
    asked = interface.asked_of(found, request, is_public=True)
    return interface.kept_for_a_while(request, interface.replied(request, kind, found, asked, found.published(asked)))


def public() -> list[Question]:
    """The questions that anyone may ask."""
    return [one for one in register.QUESTIONS if one.is_public]
