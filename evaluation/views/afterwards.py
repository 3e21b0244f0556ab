"""After the decision: the review of a negative one, the talk about it, and its correction, for applicants and for the case team."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.models import Application
from evaluation.domain import corrections, discussions, independence, reviews
from evaluation.enums import DecisionKind, DecisionOutcome
from evaluation.forms.afterwards import (
    CorrectionForm,
    DiscussionForm,
    DiscussionNotesForm,
    DiscussionPlanForm,
    HandlerForm,
    ReviewDecisionForm,
    ReviewForm,
)
from evaluation.models import Decision, PostDiscussion, Review
from evaluation.permissions import can_lead_meeting
from evaluation.views.meetings import typed
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.http import SignedInRequest, add_domain_error, shows_domain_errors

STAFF = (Role.CASE_HANDLER, Role.SECRETARY)


def _own(request: SignedInRequest, number: str) -> Application:
    """A dossier of the own organisation with a released decision on support."""
    dossiers = Application.objects.visible_to(request.user).filter(
        applicant_id__in=request.user.organisation_ids,
        decisions__released_at__isnull=False,
        decisions__is_reconstructed=False,
    )
    return get_object_or_404(dossiers.select_related("call", "applicant").distinct(), number=number)


def _standing(application: Application) -> Decision:
    released = Decision.objects.standing().filter(
        application=application, released_at__isnull=False, is_reconstructed=False
    )
    decision = released.select_related("rules").order_by("-released_at").first()
    if decision is None:
        raise Http404
    return decision


# ---------------------------------------------------------------- the applicant


def _negative(request: SignedInRequest, number: str) -> tuple[Application, Decision]:
    """A dossier of the own organisation with what was decided on it; an inadmissibility counts too (REV-06)."""
    dossiers = Application.objects.visible_to(request.user).filter(applicant_id__in=request.user.organisation_ids)
    application = get_object_or_404(dossiers.select_related("call", "applicant"), number=number)
    return application, reviews.contested(application) or _standing(application)


@access(ORGANISATION, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def ask_review(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Ask for a review of a negative decision; afterwards the same page says how it stands."""
    application, decision = _negative(request, number)
    review = (
        Review.objects.visible_to(request.user)
        .filter(decision__application=application, decision__kind=decision.kind)
        .select_related("outcome")
        .order_by("-asked_at")
        .first()
    )
    form = ReviewForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            reviews.request(application, arguments=form.cleaned_data["arguments"], by=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Uw verzoek is ontvangen. U krijgt een ontvangstmelding per mail.")
            return redirect("evaluation:review_ask", number)
    context = {
        "application": application,
        "decision": decision,
        "review": review,
        "form": form,
        "until": reviews.last_day_of(decision),
        "is_negative": decision.outcome == reviews.OUTCOMES[DecisionKind(decision.kind)][1],
        "is_covered": reviews.covers(decision.kind, decision.rules.frozen()),
        "is_open": review is None and reviews.can_still_be_asked(decision),
        "may_sign": application.applicant.legal_representatives().filter(pk=request.user.pk).exists(),
    }
    return render(request, "evaluation/afterwards/review_ask.html", context, status=422 if form.is_bound else 200)


@access(ORGANISATION, subject="application")
@require_http_methods(["GET", "HEAD", "POST"])
def ask_discussion(request: SignedInRequest, number: str) -> HttpResponseBase:
    """Propose moments for a talk about the decision; afterwards the same page says what was agreed."""
    application = _own(request, number)
    decision = _standing(application)
    talk = PostDiscussion.objects.visible_to(request.user).filter(decision=decision).first()
    form = DiscussionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            discussions.ask(
                application, proposals=form.proposals(), question=form.cleaned_data["question"], by=request.user
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Uw voorstel is verstuurd. U krijgt een mail zodra het moment vastligt.")
            return redirect("evaluation:discussion_ask", number)
    context = {"application": application, "decision": decision, "talk": talk, "form": form, "moments": _moments(talk)}
    return render(request, "evaluation/afterwards/discussion_ask.html", context, status=422 if form.is_bound else 200)


def _moments(talk: PostDiscussion | None) -> list[Any]:
    from datetime import datetime  # noqa: PLC0415 - only here

    return [datetime.fromisoformat(text) for text in talk.proposals] if talk is not None else []


# ---------------------------------------------------------------- the case team


@access(*STAFF)
@require_safe
def index(request: SignedInRequest) -> HttpResponseBase:
    """Reviews and talks, open ones first."""
    found = Review.objects.visible_to(request.user).select_related(
        "decision__application__applicant", "handler", "outcome"
    )
    talks = PostDiscussion.objects.visible_to(request.user).select_related("decision__application__applicant")
    context = {
        "reviews": sorted(found, key=lambda row: row.decided_at is not None),
        "talks": sorted(talks, key=lambda row: row.held_at is not None),
    }
    return render(request, "evaluation/afterwards/index.html", context)


@access(*STAFF, subject="review")
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """One review: its arguments, who handles it, and the decision of that person."""
    found = _review(request, pk)
    application = found.decision.application
    trail.record_look(application, by=request.user)
    decides = found.handler_id == request.user.pk and found.decided_at is None
    form = _decision_form(request, found) if decides else None
    if request.method == "POST" and form is not None and form.is_valid():
        data = form.cleaned_data
        is_award = data["outcome"] == DecisionOutcome.AWARDED
        try:
            reviews.decide(
                application, outcome=data["outcome"], reason=data["reason"], excess_reason=data["excess_reason"], by=request.user,
                year_amounts=form.year_amounts() if is_award else {}, conditions=form.conditions() if is_award else (),
            )  # fmt: skip
        except DomainError as error:
            add_domain_error(form, error)
        else:
            follows = "een mail en een nieuwe fiche" if found.decision.has_sheet else "een mail"
            messages.success(request, f"{application.number}: beslist na herziening. De aanvrager krijgt {follows}.")
            return redirect("evaluation:review", pk)
    context = {
        "review": found,
        "application": application,
        "form": form,
        "rules": found.decision.rules,
        "handler_form": HandlerForm(initial={"handler": found.handler_id})
        if can_lead_meeting(request.user) and found.decided_at is None
        else None,
        "own_deed": independence.involvement(application, request.user),
    }
    status = 422 if form is not None and form.is_bound and form.errors else 200
    return render(request, "evaluation/afterwards/review.html", context, status=status)


@access(*STAFF, subject="application")
@require_safe
def review_of(request: SignedInRequest, number: str) -> HttpResponseBase:
    """From a dossier to its review; to the overview where the portal holds none."""
    application = get_object_or_404(Application.objects.visible_to(request.user), number=number)
    found = (
        Review.objects.visible_to(request.user).filter(decision__application=application).order_by("-asked_at").first()
    )
    return redirect("evaluation:afterwards") if found is None else redirect("evaluation:review", found.pk)


def _review(request: SignedInRequest, pk: int) -> Review:
    related = (
        "decision__application__applicant",
        "decision__application__call",
        "decision__rules",
        "handler",
        "asked_by",
        "outcome",
    )
    return get_object_or_404(Review.objects.visible_to(request.user).select_related(*related), pk=pk)


def _decision_form(request: SignedInRequest, found: Review) -> ReviewDecisionForm:
    data = request.POST if request.method == "POST" else None
    kind = DecisionKind(found.decision.kind)
    years = found.decision.rules.project_years if kind == DecisionKind.SUPPORT else 0
    return ReviewDecisionForm(data, years=years, outcomes=reviews.OUTCOMES[kind])


@access(Role.SECRETARY, subject="review")
@require_POST
@shows_domain_errors(redirect_to=lambda _request, pk: reverse("evaluation:review", args=[pk]))
def assign_review(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Give the review to somebody who stood outside."""
    found = _review(request, pk)
    form = HandlerForm(request.POST)
    if form.is_valid():
        reviews.assign(found, handler=form.cleaned_data["handler"], by=request.user)
        messages.success(request, f"Toegewezen aan {form.cleaned_data['handler']}.")
    else:
        messages.error(request, "Kies een behandelaar.")
    return redirect("evaluation:review", pk)


@access(*STAFF, subject="postdiscussion")
@require_http_methods(["GET", "HEAD", "POST"])
def discussion(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Plan a talk, or note what was said once it is over."""
    talks = PostDiscussion.objects.visible_to(request.user).select_related(
        "decision__application__applicant", "asked_by", "held_by"
    )
    talk = get_object_or_404(talks, pk=pk)
    posts = request.method == "POST"
    notes = DiscussionNotesForm(request.POST if posts and "notes" in request.POST else None)
    plan = DiscussionPlanForm(
        request.POST if posts and not notes.is_bound else None, initial={"at": talk.planned_for, "place": talk.place}
    )
    try:
        if plan.is_bound and plan.is_valid():
            discussions.plan(talk, by=request.user, **plan.cleaned_data)
            messages.success(request, "Het moment ligt vast. De aanvrager krijgt een mail.")
            return redirect("evaluation:discussion", pk)
        if notes.is_bound and notes.is_valid():
            discussions.hold(talk, by=request.user, **notes.cleaned_data)
            messages.success(request, "Genoteerd.")
            return redirect("evaluation:discussion", pk)
    except DomainError as error:
        add_domain_error(plan if plan.is_bound else notes, error)
    context = {
        "talk": talk,
        "application": talk.decision.application,
        "plan": plan,
        "notes": notes,
        "moments": _moments(talk),
    }
    return render(request, "evaluation/afterwards/discussion.html", context, status=422 if posts else 200)


@access(Role.SECRETARY, subject="decision")
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Correct a released decision on support: a new version, the old one stays."""
    related = ("application__call", "application__applicant", "rules")
    found = (
        Decision.objects.visible_to(request.user)
        .standing()
        .filter(kind="support", released_at__isnull=False, is_reconstructed=False)
    )
    decision = get_object_or_404(found.select_related(*related), pk=pk)
    is_award = decision.outcome == DecisionOutcome.AWARDED
    initial: dict[str, Any] = {"reason": decision.reason}
    if is_award:
        initial |= {f"year_{row.project_year}": typed(row.amount) for row in decision.years.all()}
        for place, row in enumerate(decision.conditions.all(), start=1):
            initial |= {
                f"condition_{place}_kind": row.kind, f"condition_{place}_topic": row.topic, f"condition_{place}_text": row.text,
                f"condition_{place}_blocks": row.is_blocking,
            }  # fmt: skip
    data = request.POST if request.method == "POST" else None
    form = CorrectionForm(data, years=decision.rules.project_years, is_award=is_award, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            corrections.correct(
                decision.application, reason=form.cleaned_data["reason"], why=form.cleaned_data["why"], by=request.user,
                year_amounts=form.year_amounts() if is_award else {}, conditions=form.conditions() if is_award else (),
            )  # fmt: skip
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request, "Verbeterd. De eerste versie blijft bewaard; de aanvrager krijgt een mail en een nieuwe fiche."
            )
            return redirect("evaluation:dossier", decision.application.number)
    context = {"decision": decision, "application": decision.application, "form": form, "is_award": is_award}
    return render(request, "evaluation/afterwards/correct.html", context, status=422 if form.is_bound else 200)
