"""Surveys among members: the rounds and their results for staff, and the page of one company behind its personal link."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ibnportal.core import clock, personal_links, throttle
from ibnportal.core.access import PUBLIC, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.exports import table_response, wants_export
from ibnportal.core.http import SignedInRequest, add_domain_error
from ibnportal.proxies import client_ip
from monitoring import permissions
from monitoring.documents import questionnaire
from monitoring.domain import survey_results, surveys
from monitoring.enums import ProfileDimension
from monitoring.forms.surveys import DraftSurveyForm, OpenSurveyForm
from monitoring.models import MemberSurvey, SurveyInvitation, SurveyQuestion

AN_HOUR = 3600
POSTS_AN_HOUR = 60
LOOKS_AN_HOUR = 120
WRONG_LINKS_AN_HOUR = 30


@access(*permissions.READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: SignedInRequest) -> HttpResponse:
    """The rounds with their response; an account manager drafts a new one."""
    may_draft = request.user.has_role(Role.ACCOUNT_MANAGER)
    form = DraftSurveyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not may_draft:
            raise Http404
        if form.is_valid():
            read = questionnaire.read()
            try:
                made = surveys.draft(
                    form.cleaned_data["title"], read.questions, min_group=read.min_group, by=request.user
                )
            except DomainError as error:
                add_domain_error(form, error)
            else:
                messages.success(request, "De bevraging is opgemaakt. Kijk de vragen na en open ze daarna.")
                return redirect("monitoring:survey", made.pk)
    rounds = [(one, one.completed / one.invited if one.invited else None) for one in surveys.surveys_with_counts(request.user)]  # fmt: skip
    context = {"rounds": rounds, "form": form, "may_draft": may_draft, "now": clock.now()}
    return render(request, "monitoring/surveys/list.html", context, status=422 if form.is_bound else 200)


@access(*permissions.READERS, subject="membersurvey")
@require_safe
def survey(request: SignedInRequest, pk: int) -> HttpResponse:
    """Before it opens: who is asked and what. After: response, means crossed by `?profiel=`, and the matrices."""
    return _page(request, get_object_or_404(MemberSurvey.objects.visible_to(request.user), pk=pk))


def _page(request: SignedInRequest, found: MemberSurvey, form: OpenSurveyForm | None = None) -> HttpResponse:
    questions = list(found.questions.all())
    invitations = list(found.invitations.select_related("network"))
    dimension = request.GET.get("profiel", ProfileDimension.ALL)
    if dimension not in ProfileDimension.values:
        dimension = ProfileDimension.ALL
    groups = survey_results.groups_of(invitations, questions, dimension)
    lines = survey_results.lines(questions, groups, min_group=found.min_group)
    matrices = {
        name: survey_results.effects(questions, members, min_group=found.min_group) for name, members in groups.items()
    }
    if export := wants_export(request):
        return table_response(export, "bevraging", _COLUMNS, _rows(groups, lines, matrices))
    members, without = surveys.to_invite() if found.opened_at is None else ([], 0)
    context = {
        "survey": found,
        "questions": questions,
        "response": survey_results.response(invitations),
        "per_network": _per_network(invitations),
        "groups": [(name, len(rows)) for name, rows in groups.items()],
        "lines": lines,
        "matrices": [(name, rows, *_points(rows)) for name, rows in matrices.items() if rows],
        "dimension": dimension,
        "dimensions": ProfileDimension.choices,
        "to_invite": len(members),
        "without": without,
        "may_run": request.user.has_role(Role.ACCOUNT_MANAGER),
        "is_open": surveys.is_open(found, clock.now()),
        "form": form or OpenSurveyForm(),
    }
    return render(request, "monitoring/surveys/survey.html", context, status=200 if form is None else 422)


def _per_network(invitations: list[SurveyInvitation]) -> list[dict[str, Any]]:
    """Response by network: how many were asked and how many finished, never who."""
    counts: dict[str, list[int]] = {}
    for one in invitations:
        row = counts.setdefault(one.network.name, [0, 0])
        row[0] += 1
        row[1] += one.completed_at is not None
    return [
        {"name": name, "invited": asked, "complete": done, "fraction": done / asked}
        for name, (asked, done) in sorted(counts.items())
    ]


def _points(rows: list[survey_results.Effect]) -> tuple[list[Any], list[Any]]:
    """The two matrices: wanted beside realised, and wanted beside the network's contribution."""
    return tuple(  # type: ignore[return-value]
        [(number, row.text, row.wanted.value, other.value, row.group) for number, row in enumerate(rows, start=1) for other in (getattr(row, name),)]
        for name in ("realised", "contribution")
    )  # fmt: skip


_COLUMNS = ("Vraag", "Thema", "Onderdeel", "Groep", "Gemiddelde", "Aantal antwoorden")


def _rows(
    groups: dict[str, Any], lines: list[Any], matrices: dict[str, list[survey_results.Effect]]
) -> list[list[Any]]:
    rows: list[list[Any]] = [
        [line.question.number, line.question.theme, line.text, name, mean.value, mean.base]
        for line in lines
        for name, mean in zip(groups, line.means, strict=True)
    ]
    for name, effects in matrices.items():
        for effect in effects:
            for theme, mean in (
                ("Gezocht", effect.wanted),
                ("Al bereikt", effect.realised),
                ("Bijdrage", effect.contribution),
            ):
                rows.append([None, theme, effect.text, name, mean.value, mean.base])
    return rows


@access(Role.ACCOUNT_MANAGER, subject="membersurvey")
@require_POST
def open_round(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every member gets its link."""
    found = get_object_or_404(MemberSurvey.objects.visible_to(request.user), pk=pk)
    form = OpenSurveyForm(request.POST)
    if form.is_valid():
        try:
            count = surveys.open(found, closes_on=form.cleaned_data["closes_on"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"De bevraging is geopend: {count} ondernemingen krijgen hun persoonlijke link.")
            return redirect("monitoring:survey", pk)
    return _page(request, found, form)


@access(Role.ACCOUNT_MANAGER, subject="membersurvey")
@require_POST
def remind(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who did not finish is written to again."""
    found = get_object_or_404(MemberSurvey.objects.visible_to(request.user), pk=pk)
    try:
        count = surveys.remind(found, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{count} ondernemingen krijgen een herinnering.")
    return redirect("monitoring:survey", pk)


# ---------------------------------------------------------------- behind the link


@access(PUBLIC)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def company(request: HttpRequest, token: str) -> HttpResponse:
    """The questions to one company; what was answered stays, also when something is still missing."""
    at = clock.now()
    invitation = _invitation(request, token)
    if isinstance(invitation, HttpResponse):
        return invitation
    questions = list(invitation.survey.questions.all())
    if invitation.completed_at is not None or not surveys.is_open(invitation.survey, at):
        return _company_page(request, token, invitation, questions, status=200 if request.method != "POST" else 409)
    if request.method != "POST":
        surveys.opened(invitation, at=at)
        return _company_page(request, token, invitation, questions)
    try:
        surveys.answer(invitation, _given(request, questions), at=at)
    except DomainError as error:
        return _company_page(request, token, invitation, questions, problem=str(error), status=422)
    if invitation.completed_at is None:
        left = surveys.missing(questions, invitation.answers)
        return _company_page(request, token, invitation, questions, left=left, status=422)
    return redirect("monitoring:survey_company", token)


def _given(request: HttpRequest, questions: list[SurveyQuestion]) -> dict[str, dict[str, int]]:
    """What was ticked; a value that is no number is left to the domain as one that is no answer."""
    given: dict[str, dict[str, int]] = {}
    for question in questions:
        values = {}
        for item in question.items:
            raw = request.POST.get(f"v{question.number}-{item['code']}", "")
            if raw:
                values[item["code"]] = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < len("10000") else -1
        given[str(question.number)] = values
    return given


def _invitation(request: HttpRequest, token: str) -> SurveyInvitation | HttpResponse:
    """What the link leads to; 404 for a wrong one, and a pause for who tries many."""
    link = personal_links.hash_of(token)
    kind, limit = ("post", POSTS_AN_HOUR) if request.method == "POST" else ("look", LOOKS_AN_HOUR)
    if not throttle.allow(f"survey-{kind}:{link}", limit=limit, seconds=AN_HOUR):
        return _too_many(request)
    invitation = surveys.find(token)
    if invitation is None:
        if not throttle.allow(f"survey-wrong:{client_ip(request)}", limit=WRONG_LINKS_AN_HOUR, seconds=AN_HOUR):
            return _too_many(request)
        raise Http404
    return invitation


def _too_many(request: HttpRequest) -> HttpResponse:
    return render(request, "monitoring/surveys/company.html", {"state": "busy"}, status=429)


def _company_page(
    request: HttpRequest,
    token: str,
    invitation: SurveyInvitation,
    questions: list[SurveyQuestion],
    *,
    left: Any = (),
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    answers = invitation.answers
    lacking = {(question.number, item["code"]) for question, item in left}
    rows = [
        {
            "question": question,
            "parts": [
                {
                    "item": item,
                    "name": f"v{question.number}-{item['code']}",
                    "value": answers.get(str(question.number), {}).get(item["code"]),
                    "is_missing": (question.number, item["code"]) in lacking,
                }
                for item in surveys.asked(question, answers)
            ],
            "is_conditional": question.depends_on is not None,
        }
        for question in questions
    ]
    state = "done" if invitation.completed_at else "open" if surveys.is_open(invitation.survey, clock.now()) else "over"
    context = {
        "token": token, "state": state, "invitation": invitation, "survey": invitation.survey, "rows": rows, "problem": problem,
        "left": [(f"v{question.number}-{item['code']}", question, item) for question, item in left],
    }  # fmt: skip
    return render(request, "monitoring/surveys/company.html", context, status=status)
