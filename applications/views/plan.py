"""How the project is carried out: the work plan with its timeline, the team, and the conditions that apply."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.domain import completeness, conditions, team, workplan
from applications.domain.stale import Stale
from applications.forms.plan import ConditionsForm, MemberForm, MilestoneForm, PackageForm
from applications.forms.seen import SeenForm
from applications.models import Milestone, TeamMember, WorkPackage
from applications.views.page import back_to, dossier_page, full_page
from ibnportal.core import rescue
from ibnportal.core.access import ORGANISATION, access
from ibnportal.core.errors import DomainError
from ibnportal.core.http import SignedInRequest, domain_errors
from ibnportal.core.money import ZERO


def typed_data(request: SignedInRequest) -> Any:
    """What was sent, or what was sent just before somebody had to log in again; None for a fresh page."""
    if request.method == "POST":
        return request.POST
    kept = rescue.take(request)
    if kept is not None:
        messages.warning(
            request, "Dit typte u voor u opnieuw aanmeldde. Het is nog niet bewaard: kijk het na en klik op Bewaar."
        )
    return kept


def _keep(request: SignedInRequest, form: SeenForm, save: Callable[..., Any], row: Any) -> Any:
    """Save what changed; None when something stands in the way, which the form then says at its field."""
    if request.method != "POST" or not form.is_valid():
        return None
    wanted, seen = form.typed()
    try:
        return save(seen=seen, **wanted)
    except Stale as error:
        form.add_findings(error)
        if row is not None:
            row.refresh_from_db()
            form.renew(row)
    except DomainError as error:
        form.add_findings(error)
    return None


def _status(request: SignedInRequest, form: Any) -> int:
    return 422 if request.method == "POST" and form.errors else 200


# ---------------------------------------------------------------- work plan


@access(ORGANISATION, subject="application")
@require_safe
def plan(request: SignedInRequest, number: str) -> HttpResponse:
    """Packages and milestones, drawn over the months of the project, with their person-months against the budget."""
    page = full_page(request, number, "workplan")
    application, dossier = page["application"], page["dossier"]
    months = dossier.duration_months or page["rules"].duration_months
    budgeted = dossier.budget.person_months if dossier.budget is not None else None
    context = {
        **page,
        "packages": list(application.work_packages.all()),
        "milestones": list(application.milestones.select_related("package")),
        "bars": workplan.timeline(dossier.packages),
        "marks": [(mark, mark.month - 1) for mark in dossier.milestones],
        "months": months,
        "year_ends": list(range(page["rules"].months_per_year, months, page["rules"].months_per_year)),
        "planned": workplan.total_months(dossier.packages),
        "budgeted": budgeted,
        "findings": completeness.work_plan_findings(dossier, page["rules"], page["reckoned"].sums)
        if dossier.packages
        else [],
    }
    return render(request, "applications/workplan.html", context)


@access(ORGANISATION, subject="application", rescues=True)
@require_http_methods(["GET", "HEAD", "POST"])
def package_add(request: SignedInRequest, number: str) -> HttpResponse:
    """A new work package."""
    return _package(request, number, None)


@access(ORGANISATION, subject="work_package", rescues=True)
@require_http_methods(["GET", "HEAD", "POST"])
def package_edit(request: SignedInRequest, number: str, work_package_id: int) -> HttpResponse:
    """One work package."""
    return _package(request, number, _own(request, WorkPackage, number, work_package_id))


def _own(request: SignedInRequest, model: Any, number: str, pk: int) -> Any:
    visible = model.objects.visible_to(request.user).select_related("application__call", "application__applicant")
    return get_object_or_404(visible, pk=pk, application__number=number)


def _package(request: SignedInRequest, number: str, package: WorkPackage | None) -> HttpResponse:
    page = full_page(request, number, "workplan")
    application = page["application"]
    months = workplan.months_of(application)
    form = PackageForm(typed_data(request), months=months, package=package)
    saved = _keep(
        request,
        form,
        lambda **fields: workplan.save_package(application, by=request.user, package=package, **fields),
        package,
    )
    if saved is not None:
        messages.success(request, f"Het werkpakket “{saved.title}” is bewaard.")
        return redirect("applications:workplan", number)
    context = {
        **page,
        "form": form,
        "row": package,
        "what": "Werkpakket",
        "new": "Nieuw werkpakket",
        "back": "applications:workplan",
    }
    return render(request, "applications/plan_row.html", context, status=_status(request, form))


@access(ORGANISATION, subject="work_package")
@require_POST
@domain_errors(redirect_to=back_to("applications:workplan"))
def package_remove(request: SignedInRequest, number: str, work_package_id: int) -> HttpResponse:
    """Take a work package out; its milestones stay."""
    package = _own(request, WorkPackage, number, work_package_id)
    workplan.remove_package(package, by=request.user)
    messages.success(
        request, f"Het werkpakket “{package.title}” is verwijderd. Zijn mijlpalen staan nu bij het hele project."
    )
    return redirect("applications:workplan", number)


@access(ORGANISATION, subject="application", rescues=True)
@require_http_methods(["GET", "HEAD", "POST"])
def milestone_add(request: SignedInRequest, number: str) -> HttpResponse:
    """A new milestone."""
    return _milestone(request, number, None)


@access(ORGANISATION, subject="milestone", rescues=True)
@require_http_methods(["GET", "HEAD", "POST"])
def milestone_edit(request: SignedInRequest, number: str, milestone_id: int) -> HttpResponse:
    """One milestone."""
    return _milestone(request, number, _own(request, Milestone, number, milestone_id))


def _milestone(request: SignedInRequest, number: str, milestone: Milestone | None) -> HttpResponse:
    page = full_page(request, number, "workplan")
    application = page["application"]
    form = MilestoneForm(
        typed_data(request), application=application, months=workplan.months_of(application), milestone=milestone
    )
    saved = _keep(
        request,
        form,
        lambda **fields: workplan.save_milestone(application, by=request.user, milestone=milestone, **fields),
        milestone,
    )
    if saved is not None:
        messages.success(request, f"De mijlpaal “{saved.title}” is bewaard.")
        return redirect("applications:workplan", number)
    context = {
        **page,
        "form": form,
        "row": milestone,
        "what": "Mijlpaal",
        "new": "Nieuwe mijlpaal",
        "back": "applications:workplan",
    }
    return render(request, "applications/plan_row.html", context, status=_status(request, form))


@access(ORGANISATION, subject="milestone")
@require_POST
@domain_errors(redirect_to=back_to("applications:workplan"))
def milestone_remove(request: SignedInRequest, number: str, milestone_id: int) -> HttpResponse:
    """Take a milestone out."""
    milestone = _own(request, Milestone, number, milestone_id)
    workplan.remove_milestone(milestone, by=request.user)
    messages.success(request, f"De mijlpaal “{milestone.title}” is verwijderd.")
    return redirect("applications:workplan", number)


# ---------------------------------------------------------------- team


@access(ORGANISATION, subject="application")
@require_safe
def team_list(request: SignedInRequest, number: str) -> HttpResponse:
    """Who carries out the project, with the cluster manager first."""
    page = full_page(request, number, "team")
    dossier = page["dossier"]
    context = {
        **page,
        "members": list(page["application"].team_members.all()),
        "total": team.total_fte(dossier.team) if dossier.team else ZERO,
        "findings": completeness.team_findings(dossier, page["rules"], page["reckoned"].sums) if dossier.team else [],
    }
    return render(request, "applications/team.html", context)


@access(ORGANISATION, subject="application", rescues=True)
@require_http_methods(["GET", "HEAD", "POST"])
def member_add(request: SignedInRequest, number: str) -> HttpResponse:
    """Somebody new in the team."""
    return _member(request, number, None)


@access(ORGANISATION, subject="team_member", rescues=True)
@require_http_methods(["GET", "HEAD", "POST"])
def member_edit(request: SignedInRequest, number: str, team_member_id: int) -> HttpResponse:
    """Somebody of the team."""
    return _member(request, number, _own(request, TeamMember, number, team_member_id))


def _member(request: SignedInRequest, number: str, member: TeamMember | None) -> HttpResponse:
    page = full_page(request, number, "team")
    application = page["application"]
    form = MemberForm(typed_data(request), member=member)
    saved = _keep(
        request, form, lambda **fields: team.save_member(application, by=request.user, member=member, **fields), member
    )
    if saved is not None:
        messages.success(request, f"{saved.name} is bewaard.")
        return redirect("applications:team", number)
    context = {
        **page,
        "form": form,
        "row": member,
        "what": "Teamlid",
        "new": "Nieuw teamlid",
        "back": "applications:team",
    }
    return render(request, "applications/plan_row.html", context, status=_status(request, form))


@access(ORGANISATION, subject="team_member")
@require_POST
@domain_errors(redirect_to=back_to("applications:team"))
def member_remove(request: SignedInRequest, number: str, team_member_id: int) -> HttpResponse:
    """Take somebody out of the team."""
    member = _own(request, TeamMember, number, team_member_id)
    team.remove_member(member, by=request.user)
    messages.success(request, f"{member.name} is uit het team.")
    return redirect("applications:team", number)


# ---------------------------------------------------------------- conditions


@access(ORGANISATION, subject="application", rescues=True)
@require_http_methods(["GET", "HEAD", "POST"])
def condition_page(request: SignedInRequest, number: str) -> HttpResponse:
    """Host, secondment, spearhead link: ticking one shows its conditions; only those that apply are asked and handed in."""
    page = dossier_page(request, number, current="conditions")
    application, dossier = page["application"], page["dossier"]
    form = ConditionsForm(
        typed_data(request),
        application=application,
        stated={row.code: row for row in application.conditions.all()},
        phase=page["phase"],
    )
    if request.method == "POST" and form.is_valid():
        circumstances, statements, seen = form.stated()
        try:
            conditions.state(
                application, by=request.user, circumstances=circumstances, statements=statements, seen=seen
            )
        except DomainError as error:
            form.add_findings(error)
            if isinstance(error, Stale):
                application.refresh_from_db()
                form.renew(application)
        else:
            messages.success(request, "Uw verklaringen zijn bewaard.")
            return redirect("applications:conditions", number)
    context = {
        **page,
        "form": form,
        "groups": form.groups(conditions.groups(application, page["phase"])),
        "findings": completeness.condition_findings(dossier),
        "documents": {item.kind for item in dossier.documents},
    }
    return render(request, "applications/conditions.html", context, status=_status(request, form))
