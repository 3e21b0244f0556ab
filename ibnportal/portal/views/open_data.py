"""The public read interface: the list, its description, each public answer as json or csv. No login, no cookies."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from ibnportal.core.access import PUBLIC, access
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import file_response
from ibnportal.portal.answers import asking, files, open_data, register
from ibnportal.portal.answers.register import Question

PARAMETERS = ("stand", "oproep", "netwerk", "type")
KINDS = ("json", "csv")


@access(PUBLIC)
def about(request: HttpRequest) -> HttpResponse:
    """What there is, for people."""
    return render(
        request,
        "portal/answers/open_data.html",
        {"questions": public(), "version": open_data.VERSION, "smallest": open_data.SMALLEST},
    )


@access(PUBLIC)
def index(request: HttpRequest) -> HttpResponse:
    """What there is, for machines."""
    base = request.build_absolute_uri(".")
    found = [
        {
            "id": one.id,
            "title": one.title,
            "asked_by": one.asked_by,
            **{kind: f"{base}{one.slug}.{kind}" for kind in KINDS},
        }
        for one in public()
    ]
    return _open(
        JsonResponse({"version": open_data.VERSION, "questions": found}, json_dumps_params={"ensure_ascii": False})
    )


@access(PUBLIC)
def description(request: HttpRequest) -> HttpResponse:
    """The OpenAPI description."""
    base = request.build_absolute_uri("/open-data")
    described = open_data.openapi(
        public(), base, agency=register.QUESTIONS, agency_base=request.build_absolute_uri("/").rstrip("/")
    )
    return _open(JsonResponse(described, json_dumps_params={"ensure_ascii": False}))


@access(PUBLIC)
def answer(request: HttpRequest, question: str, kind: str) -> HttpResponse:
    """One public answer; a wrong parameter is status 400 with the reason, an unknown question 404."""
    found = register.BY_ID.get(question.upper())
    if found is None or not found.is_public or kind not in KINDS:
        raise Http404
    try:
        asked = asking.read({name: request.GET.get(name, "") for name in PARAMETERS}, is_public=True)
    except DomainError as error:
        return _open(JsonResponse({"error": error.message}, status=400, json_dumps_params={"ensure_ascii": False}))
    given = found.answer(asked)
    if found.counts_companies:
        given = open_data.without_small_cells(given)
    content = files.content(kind, found, asked, given)
    if kind == "json":
        return _open(HttpResponse(content, content_type="application/json; charset=utf-8"))
    return _open(file_response("csv", files.name_of(found, asked), content))


def public() -> list[Question]:
    """The questions that anyone may ask."""
    return [one for one in register.QUESTIONS if one.is_public]


def _open(response: HttpResponse) -> HttpResponse:
    """Any page elsewhere may read it."""
    response["Access-Control-Allow-Origin"] = "*"
    return response
