"""The yearly report, content and finances in one (MON-02, MON-03, KPI-11), and its review by the account manager.

The network writes it, hands it in after the year, and answers questions; the account manager accepts costs per type and
approves. The values of the indicators become `KpiValue` rows when the report is handed in, beside the computed ones; a
later hand-in never overwrites them but takes over as the reading.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Sum

from calls.enums import CostType
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.findings import Finding, has_errors
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import ZERO, euros, format_euros
from monitoring.domain import collaborations, members, notices, people, report_costs, report_papers
from monitoring.domain.lifecycle import move_report
from monitoring.domain.queries import report_due_on, rules_row
from monitoring.enums import LIVE_NETWORK, KpiBasis, ReportPart, ReportState
from monitoring.models import (
    AgreementKpi,
    AwardYear,
    KpiValue,
    Membership,
    Report,
    ReportCost,
    ReportQuestion,
    ReportWorkbook,
)

TEXTS = ("project_status", "results", "success_stories")
EDITABLE = (ReportState.DRAFT, ReportState.RETURNED)


def accepted_costs_of(award_year: AwardYear) -> Decimal:
    """What was accepted of the year's costs, in euros; 0 until the report is approved."""
    approved = ReportCost.objects.filter(report__award_year=award_year, report__state=ReportState.APPROVED)
    return approved.aggregate(total=Sum("accepted_amount"))["total"] or ZERO


def open(award_year: AwardYear, *, by: User) -> Report:  # noqa: A001 - reports.open(award_year) reads well
    """The year's report, begun where there is none; a second call returns the same."""
    if award_year.network.state not in LIVE_NETWORK:
        raise WrongState("Een jaarverslag hoort bij een lopend netwerk.", rule_id="MON-02")
    with transaction.atomic():
        year = lock(award_year)
        report = Report.objects.filter(award_year=year).first()
        if report is not None:
            return report
        rules = rules_row(year.network).frozen()
        report = Report.objects.create(
            award_year=year,
            due_on=report_due_on(year, rules),
            active_companies=companies_of(year),
            state_changed_at=clock.now(),
            **prefilled(year),
        )
        ReportCost.objects.bulk_create(
            ReportCost(report=report, cost_type=cost_type, submitted_amount=ZERO) for cost_type in CostType
        )
        trail.record("report.opened", report, by=by, changes={"due_on": report.due_on})
    return report


def prefilled(award_year: AwardYear) -> dict[str, str]:
    """What the registers know of the year, as a first draft of the texts; empty where they know nothing (MON-02)."""
    network, first, last = award_year.network, award_year.starts_on, award_year.ends_on
    held = network.steering_meetings.filter(minutes__isnull=False, starts_at__date__range=(first, last)).count()
    done = network.activities.filter(starts_on__range=(first, last)).annotate(takers=Count("participations"))
    took = sum(activity.takers for activity in done)
    begun = network.collaborations.filter(started_on__range=(first, last)).order_by("started_on")
    results = []
    if done:
        noun = "activiteit" if len(done) == 1 else "activiteiten"
        results.append(f"{len(done)} {noun} met samen {took} deelnames van organisaties.")
    if begun:
        results.append("Gestarte samenwerkingen: " + "; ".join(one.title for one in begun) + ".")
    told = network.stories.filter(told_on__range=(first, last)).order_by("told_on")
    return {
        "project_status": f"De stuurgroep kwam {held} keer samen." if held else "",
        "results": "\n".join(results),
        "success_stories": "\n\n".join(f"{story.title}\n{story.text}" for story in told),
    }


def companies_of(award_year: AwardYear, only: Iterable[int] | None = None) -> list[dict[str, Any]]:
    """The members of the year as a report lists them: id, name, number, since when; `only` these organisations."""
    memberships = (
        Membership.objects.filter(network_id=award_year.network_id, joined_on__lte=award_year.ends_on)
        .exclude(left_on__lt=award_year.starts_on)
        .select_related("organisation")
        .order_by("organisation__name", "joined_on")
    )
    wanted = None if only is None else set(only)
    listed: dict[int, dict[str, Any]] = {}
    for membership in memberships:
        organisation = membership.organisation
        if wanted is None or organisation.pk in wanted:
            listed.setdefault(
                organisation.pk,
                {
                    "organisation": organisation.pk,
                    "name": organisation.name,
                    "enterprise_number": organisation.enterprise_number,
                    "since": membership.joined_on.isoformat(),
                },
            )
    return list(listed.values())


@transaction.atomic
def save(
    report: Report,
    *,
    by: User,
    costs: Mapping[str, tuple[Decimal, Decimal]] | None = None,
    kpis: Mapping[int, Decimal | None] | None = None,
    active_companies: Iterable[int] | None = None,
    keeps_separate_accounts: bool | None = None,
    allocation_key: str | None = None,
    answers: Mapping[int, str] | None = None,
    **texts: str,
) -> Report:
    """Keep what is written so far; what is not given stays. Costs are (euros, person-months) a type, answers by question.

    Once a cost workbook was read, the costs are its sums and are no longer given here.
    """
    unknown = set(texts) - set(TEXTS)
    if unknown:
        raise TypeError(f"A report has no {', '.join(sorted(unknown))}")
    fresh = _editable(report)
    for name, text in texts.items():
        setattr(fresh, name, text)
    if keeps_separate_accounts is not None:
        fresh.keeps_separate_accounts = keeps_separate_accounts
    if allocation_key is not None:
        fresh.allocation_key = allocation_key
    if kpis is not None:
        fresh.kpi_drafts = {
            **fresh.kpi_drafts,
            **{str(pk): None if value is None else str(value) for pk, value in kpis.items()},
        }
    if active_companies is not None:
        fresh.active_companies = companies_of(fresh.award_year, active_companies)
    if answers:
        _answer(fresh, answers, by=by)
    fresh.save(update_fields=[*TEXTS, "keeps_separate_accounts", "allocation_key", "kpi_drafts", "active_companies"])
    if costs and fresh.workbooks.exists():
        raise DomainError(
            "De kosten komen uit het kostenrekenblad. Pas ze daarin aan en laad het opnieuw op.", rule_id="MON-03"
        )
    for cost_type, (amount, person_months) in (costs or {}).items():
        if amount < ZERO or person_months < ZERO:
            raise DomainError("Kosten en mensmaanden kunnen niet negatief zijn.", rule_id="MON-03")
        ReportCost.objects.update_or_create(
            report=fresh,
            cost_type=cost_type,
            defaults={
                "submitted_amount": euros(amount),
                "person_months": person_months,
                "accepted_amount": None,
                "correction_reason": "",
            },
        )
    trail.record("report.saved", fresh, by=by)
    return fresh


def open_questions(report: Report) -> list[ReportQuestion]:
    """What was asked about parts of the last hand-in; the network answers until it hands in again."""
    return list(report.part_questions.filter(version=report.version)) if report.state == ReportState.RETURNED else []


def _answer(report: Report, answers: Mapping[int, str], *, by: User) -> None:
    for question in open_questions(report):
        text = answers.get(question.pk, question.answer).strip()
        if text != question.answer:
            question.answer = text
            question.answered_at, question.answered_by = (clock.now(), by) if text else (None, None)
            question.save(update_fields=["answer", "answered_at", "answered_by"])


def _editable(report: Report) -> Report:
    fresh = lock(report)
    if fresh.state not in EDITABLE:
        raise WrongState(
            f"Dit jaarverslag is {fresh.get_state_display().lower()} en kan niet meer aangepast worden.",
            rule_id="MON-02",
        )
    return fresh


def findings(
    report: Report,
    *,
    indicators: Sequence[AgreementKpi] | None = None,
    workbook: ReportWorkbook | None = None,
) -> list[Finding]:
    """What a report still lacks before it can be handed in; `where` names the part.

    A page that read the indicators and the newest cost workbook already gives them along.
    """
    if indicators is None:
        indicators, workbook = indicators_of(report), report.workbooks.first()
    found = []
    labels = {"project_status": "Projectstatus", "results": "Behaalde resultaten", "success_stories": "Succesverhalen"}
    for name, label in labels.items():
        if not getattr(report, name).strip():
            found.append(Finding("MON-02", label, "Dit onderdeel is nog leeg."))
    found += [
        Finding("MON-02", "Indicatoren", f"Vul de waarde in van “{kpi.label}”.")
        for kpi in indicators
        if report.kpi_drafts.get(str(kpi.pk)) is None
    ]
    found += [
        Finding("MON-02", question.get_part_display(), "Beantwoord de vraag van de accountmanager over dit onderdeel.")
        for question in open_questions(report)
        if not question.answer
    ]
    if not report.active_companies:
        found.append(Finding("MON-02", "Actieve ondernemingen", "Duid aan welke ondernemingen dit jaar actief waren."))
    costs = list(report.costs.all())
    if not any(cost.submitted_amount for cost in costs):
        found.append(Finding("MON-03", "Kosten", "Vul de kosten van het projectjaar in, per kostentype."))
    found += report_costs.findings(report, costs, workbook)
    if not report.keeps_separate_accounts:
        found.append(
            Finding("APL-13", "Boekhouding", "Bevestig dat u de kosten en inkomsten van het project gescheiden boekt.")
        )
    return found


def indicators_of(report: Report) -> list[AgreementKpi]:
    """The indicators of the agreement that the report answers."""
    return list(
        AgreementKpi.objects.filter(agreement__network_id=report.award_year.network_id).select_related(
            "definition_of_call"
        )
    )


@transaction.atomic
def submit(report: Report, *, by: User, at: datetime | None = None) -> Report:
    """Hand it in, by somebody of the network and after the year; refused with everything that is still lacking."""
    at = at or clock.now()
    year = report.award_year
    if not by.belongs_to(year.network.beneficiary_id):
        raise NotAllowed("Alleen wie voor het netwerk werkt, dient het jaarverslag in.", rule_id="MON-02")
    fresh = _editable(report)
    if clock.local(at).date() <= year.ends_on:
        raise WrongState(
            f"Projectjaar {year.project_year} loopt nog tot en met {year.ends_on:%d/%m/%Y}. U kunt het verslag bewaren en daarna indienen.",
            rule_id="MON-03",
        )
    found = findings(fresh)
    if has_errors(found):
        raise DomainError("Het jaarverslag is nog niet volledig.", rule_id=found[0].rule_id, findings=found)
    version = fresh.version + 1
    submitted = move_report(
        report, ReportState.SUBMITTED, by=by, at=at, submitted_at=at, submitted_by=by, version=version
    )
    submitted.refresh_from_db()  # what is kept is the row, not what the caller read before the last save
    _keep_values(submitted, version)
    report_papers.keep_submission(submitted, by=by, at=at)
    trail.record("report.content", submitted, by=by, at=at, changes=_content(submitted))
    notices.tell_report_submitted(submitted)
    return submitted


def _keep_values(report: Report, version: int) -> None:
    """The reported values and, beside them, those that the register gives; an earlier hand-in is no longer the reading."""
    year = report.award_year
    KpiValue.objects.filter(report=report, is_reading=True).update(is_reading=False)
    source = f"Jaarverslag projectjaar {year.project_year}, indiening {version}"
    computed = computed_values(year)
    for kpi in indicators_of(report):
        definition = kpi.definition_of_call
        common: dict[str, Any] = {
            "network_id": year.network_id,
            "definition": definition,
            "label": kpi.label,
            "project_year": year.project_year,
            "as_of": year.ends_on,
            "report": report,
        }
        KpiValue.objects.create(
            **common, basis=KpiBasis.REPORTED, value=Decimal(report.kpi_drafts[str(kpi.pk)]), source=source
        )
        if definition is not None and definition.code in computed:
            KpiValue.objects.create(
                **common,
                basis=KpiBasis.COMPUTED,
                value=computed[definition.code],
                source=f"Registers van het portaal, indiening {version}",
            )


def computed_values(award_year: AwardYear) -> dict[str, Decimal]:
    """What the registers of members and of collaborations give at the end of the year, by the call's code (KPI-07 ... 09)."""
    network, day = award_year.network, award_year.ends_on
    definitions = network.call.kpi_definitions.filter(code__in=collaborations.CODES)
    together = collaborations.computed(collaborations.counted(network), definitions, on=day)
    active, new = members.computed(
        network.memberships.select_related("organisation"), start_on=network.start_on, on=day
    )
    return {
        **{code: Decimal(count) for code, count in together.items()},
        ACTIVE_COMPANIES: Decimal(active),
        NEW_ACTIVE_COMPANIES: Decimal(new),
    }


ACTIVE_COMPANIES = "kpi1"
NEW_ACTIVE_COMPANIES = "kpi2"


def _content(report: Report) -> dict[str, Any]:
    """What was handed in, whole: the trail keeps each version."""
    costs = {cost.cost_type: [str(cost.submitted_amount), str(cost.person_months)] for cost in report.costs.all()}
    return {
        "version": report.version,
        **{name: getattr(report, name) for name in TEXTS},
        "kpis": report.kpi_drafts,
        "active_companies": report.active_companies,
        "costs": costs,
    }


# ---------------------------------------------------------------- review


@transaction.atomic
def send_back(
    report: Report, *, questions: str = "", about: Mapping[str, str] | None = None, by: User, at: datetime | None = None
) -> Report:
    """Questions to the network, in general and about parts; it changes the report, answers, and hands it in again."""
    _may_review(report, by)
    at = at or clock.now()
    asked = {ReportPart(part): text.strip() for part, text in (about or {}).items() if text.strip()}
    text = "\n\n".join([*filter(None, [questions.strip()]), *(f"{part.label}: {asked[part]}" for part in asked)])
    if not text:
        raise DomainError("Schrijf op wat het netwerk moet verduidelijken of aanpassen.", rule_id="MON-02")
    returned = move_report(report, ReportState.RETURNED, by=by, at=at, reason=text, questions=text)
    ReportQuestion.objects.bulk_create(
        ReportQuestion(
            report=returned, version=returned.version, part=part, question=asked[part], asked_at=at, asked_by=by
        )
        for part in asked
    )
    notices.tell_report_returned(returned)
    return returned


@transaction.atomic
def approve(
    report: Report,
    *,
    accepted_costs: Mapping[str, Decimal | tuple[Decimal, str]],
    by: User,
    at: datetime | None = None,
) -> Report:
    """Approve it with the accepted costs of every type; less than submitted needs its reason, more is refused."""
    at = at or clock.now()
    _may_review(report, by)
    fresh = lock(report)
    if fresh.state == ReportState.SUBMITTED:
        _accept_costs(fresh, accepted_costs)
    approved = move_report(report, ReportState.APPROVED, by=by, at=at, approved_at=at, approved_by=by)
    total = accepted_costs_of(approved.award_year)
    trail.record(
        "report.costs_accepted",
        approved,
        by=by,
        at=at,
        changes={"total": total, **{str(k): v for k, v in accepted_costs.items()}},
    )
    approved.refresh_from_db()
    report_papers.request(approved, by=by, at=at)
    notices.tell_report_approved(approved)
    return approved


def _may_review(report: Report, by: User) -> None:
    people.refuse_own_network(report.award_year.network, by)
    people.require_role(by, Role.ACCOUNT_MANAGER)


def _accept_costs(report: Report, accepted: Mapping[str, Decimal | tuple[Decimal, str]]) -> None:
    for cost in report.costs.all():
        given = accepted.get(cost.cost_type)
        label = cost.get_cost_type_display()
        if given is None:
            raise DomainError(f"Vul in hoeveel u aanvaardt van: {label.lower()}.", rule_id="SUB-01")
        amount, reason = given if isinstance(given, tuple) else (given, "")
        if amount < ZERO or amount > cost.submitted_amount:
            raise DomainError(
                f"{label}: u kunt tussen nul en het ingediende bedrag ({format_euros(cost.submitted_amount)}) aanvaarden.",
                rule_id="SUB-01",
            )
        if amount < cost.submitted_amount and not reason.strip():
            raise DomainError(f"{label}: schrijf op waarom u minder aanvaardt dan ingediend.", rule_id="SUB-01")
        cost.accepted_amount = amount
        cost.correction_reason = reason.strip()
        cost.save(update_fields=["accepted_amount", "correction_reason"])
