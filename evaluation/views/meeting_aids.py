"""What helps a meeting decide: the portfolio, what-if sets side by side, papers made by a worker, and what is on record of an applicant."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.models import Application
from evaluation.domain import committee, conduct, papers, portfolio, sheets, shortlists, whatif
from evaluation.forms.meetings import BundleForm, ConductForm, WhatIfForm
from evaluation.models import CommitteePaper, ConductRecord, DecisionSheet, Meeting, WhatIf
from evaluation.permissions import can_lead_meeting
from evaluation.views.meetings import READERS, meeting_url, the_meeting, typed
from ibnportal.core.access import access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.files import http as files
from ibnportal.core.http import SignedInRequest, add_domain_error, shows_domain_errors


def _dossiers(request: SignedInRequest, meeting: Meeting) -> list[Application]:
    return list(committee.agenda(meeting, user=request.user).select_related("applicant"))


@access(*READERS, subject="meeting")
@require_safe
def portfolio_page(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Spread, overlap of companies, merge candidates and what is on record, of the dossiers that this person may see."""
    meeting = the_meeting(request, pk)
    dossiers = _dossiers(request, meeting)
    places = shortlists.meeting_places(request.user, meeting)
    past = portfolio.past_of(dossiers)
    context = {
        "meeting": meeting,
        "portfolio": portfolio.of_meeting(meeting, dossiers),
        "within": _within(dossiers, places),
        "past": [(dossier, past[dossier.applicant_id]) for dossier in dossiers if past[dossier.applicant_id]],
        "count": len(dossiers),
    }
    return render(request, "evaluation/meetings/portfolio.html", context)


def _within(dossiers: list[Application], places: dict[str, Any]) -> list[tuple[str, Any]]:
    """How the dossiers within the line are spread."""
    inside = [row for row in dossiers if row.number in places and places[row.number].is_within_budget]
    return [
        ("Sectoren", whatif.spread(row.sector for row in inside)),
        ("Technologiedomeinen", whatif.spread(row.technology_domain for row in inside)),
        ("Provincies", whatif.spread(whatif.province_label(row) for row in inside)),
    ]


@access(*READERS, subject="meeting")
@require_http_methods(["GET", "HEAD", "POST"])
def what_ifs(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The sets side by side, and a form for one more that starts from the ranking."""
    meeting = the_meeting(request, pk)
    dossiers = _dossiers(request, meeting)
    places = shortlists.meeting_places(request.user, meeting)
    dossiers.sort(
        key=lambda row: (row.number not in places, places[row.number].rank if row.number in places else 0, row.number)
    )
    ranked = {
        row: row.requested_grant
        for row in dossiers
        if row.number in places and places[row.number].is_within_budget and row.requested_grant
    }
    suggested = {row.number: typed(amount) for row, amount in ranked.items()}
    form = WhatIfForm(request.POST if request.method == "POST" else None, dossiers=dossiers, suggested=suggested)
    if request.method == "POST" and form.is_valid():
        try:
            kept = whatif.keep(meeting, name=form.cleaned_data["name"], amounts=form.amounts(), by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"“{kept}” is bewaard en staat naast de andere.")
            return redirect("evaluation:what_ifs", pk)
    rules = meeting.call.rules()
    columns = whatif.columns(meeting, dossiers, rules)
    if ranked:
        columns.insert(0, whatif.column(None, "Volgens de rangschikking", "", ranked, rules))
    context = {
        "meeting": meeting,
        "columns": columns,
        "rows": [(row, [(column.name, column.amounts.get(row.number)) for column in columns]) for row in dossiers],
        "form": form,
        "rules": rules,
    }
    return render(request, "evaluation/meetings/what_ifs.html", context, status=422 if form.is_bound else 200)


@access(*READERS, subject="whatif")
@require_POST
def what_if_drop(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Throw a set away: one's own, or any for the secretary."""
    kept = get_object_or_404(WhatIf.objects.select_related("meeting"), pk=pk)
    meeting = the_meeting(request, kept.meeting_id)
    if kept.made_by_id != request.user.pk and not can_lead_meeting(request.user):
        raise Http404
    whatif.drop(kept, by=request.user)
    messages.success(request, "De denkoefening is weg.")
    return redirect("evaluation:what_ifs", meeting.pk)


@access(*READERS, subject="meeting")
@require_http_methods(["GET", "HEAD", "POST"])
def papers_page(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Minutes and bundles: ask for one, follow it, fetch it."""
    meeting = the_meeting(request, pk)
    leads = can_lead_meeting(request.user)
    form = BundleForm(request.POST if request.method == "POST" else None, for_others=leads)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            papers.ask_bundle(
                meeting, kind=data["kind"], for_name=data.get("for_name") or str(request.user),
                purpose=data.get("purpose") or "Voorbereiding van de vergadering", by=request.user,
            )  # fmt: skip
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "De bundel wordt gemaakt. U vindt hem hieronder zodra hij klaar is.")
            return redirect("evaluation:meeting_papers", pk)
    found = list(
        CommitteePaper.objects.visible_to(request.user)
        .filter(meeting=meeting)
        .select_related("file__blob", "requested_by")
    )
    context = {
        "meeting": meeting,
        "papers": found,
        "form": form,
        "leads": leads,
        "is_waiting": any(paper.made_at is None for paper in found),
    }
    return render(request, "evaluation/meetings/papers.html", context, status=422 if form.is_bound else 200)


@access(Role.SECRETARY, subject="meeting")
@require_POST
@shows_domain_errors(redirect_to=lambda _request, pk: reverse("evaluation:meeting_papers", args=[pk]))
def ask_minutes(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Have the minutes made as they stand."""
    papers.ask_minutes(the_meeting(request, pk), by=request.user)
    messages.success(request, "Het verslag wordt gemaakt. U vindt het hieronder zodra het klaar is.")
    return redirect("evaluation:meeting_papers", pk)


@access(*READERS, subject="committeepaper")
@require_safe
def paper(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Fetch a paper; every time is in the trail of the paper and of each dossier in it."""
    found = get_object_or_404(
        CommitteePaper.objects.visible_to(request.user).filter(file__isnull=False).select_related("file__blob"), pk=pk
    )
    if found.file is None:
        raise Http404
    trail.record("paper.fetched", found, by=request.user)
    return files.respond(found.file, by=request.user)


@access(Role.SECRETARY, Role.CASE_HANDLER, subject="meeting")
@require_safe
def sheets_page(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """How far the sheets of this meeting are; asked by htmx it answers with the progress alone."""
    meeting = the_meeting(request, pk)
    own = DecisionSheet.objects.visible_to(request.user).filter(decision__meeting=meeting)
    context = {
        "meeting": meeting,
        "progress": sheets.progress(meeting),
        "sheets": own.select_related("decision__application", "file__blob").order_by("decision__application__number"),
        "leads": can_lead_meeting(request.user),
    }
    template = (
        "evaluation/meetings/_sheets.html" if request.headers.get("HX-Request") else "evaluation/meetings/sheets.html"
    )
    return render(request, template, context)


@access(Role.SECRETARY, subject="meeting")
@require_POST
@shows_domain_errors(redirect_to=meeting_url)
def resume_sheets(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Try those that are not made yet once more, now."""
    count = sheets.resume(the_meeting(request, pk), by=request.user)
    text = (
        "Alle fiches zijn er al."
        if not count
        else f"{count} {'fiche wordt' if count == 1 else 'fiches worden'} opnieuw geprobeerd. Wat er al is, blijft."
    )
    messages.success(request, text)
    return redirect("evaluation:meeting_sheets", pk)


@access(Role.CASE_HANDLER, Role.SECRETARY, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def conduct_page(request: SignedInRequest, number: str) -> HttpResponseBase:
    """What is on record of the applicant of this dossier, and one fact more."""
    application = get_object_or_404(
        Application.objects.visible_to(request.user).select_related("applicant"), number=number
    )
    if request.user.belongs_to(application.applicant_id):
        raise Http404
    form = ConductForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            conduct.put_on_record(application.applicant, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Genoteerd. Het comité ziet dit bij elk dossier van deze aanvrager.")
            return redirect("evaluation:conduct", number)
    records = ConductRecord.objects.filter(organisation=application.applicant).select_related("noted_by")
    context = {"application": application, "records": records, "form": form}
    return render(request, "evaluation/meetings/conduct.html", context, status=422 if form.is_bound else 200)
