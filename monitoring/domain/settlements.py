"""The end of a project year: closing it for claims, and settling it once (PAY-03, PAY-05 ... 07, SUB-04).

Settling computes what is due over the year, writes it down for good, and proposes the second tranche or claims back what
was paid too much. What is not due is forfeited and never goes to the next year.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from calls.models import CallRules
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.files.models import StoredFile
from ibnportal.core.findings import Finding, Severity, has_errors
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import ZERO, format_euros
from ibnportal.core.outbox.queue import enqueue
from ibnportal.core.structured_message import RECOVERIES, structured_message
from monitoring.domain import payable, people, tranches
from monitoring.domain.notices import tell_recovery, tell_settled
from monitoring.domain.queries import cofinancing_of, rules_row
from monitoring.domain.reports import accepted_costs_of
from monitoring.enums import ContributionState, ReportState, TrancheState
from monitoring.models import AwardYear, Contribution, Recovery, Report, Settlement, Tranche

RECOVERY_LETTER = "monitoring.recovery_letter"


@transaction.atomic
def close_claims(award_year: AwardYear, *, by: User, at: datetime | None = None) -> AwardYear:
    """No contribution of the year comes in or changes any more; refused while one waits, or while the year runs."""
    at = at or clock.now()
    people.refuse_own_network(award_year.network, by)
    people.require_role(by, Role.ACCOUNT_MANAGER, Role.FINANCIAL_OFFICER)
    year = lock(award_year)
    if year.claims_closed_at is not None:
        raise WrongState("Dit projectjaar is al afgesloten voor bijdragen.", rule_id="PAY-05")
    if clock.local(at).date() <= year.ends_on:
        raise WrongState(
            f"Projectjaar {year.project_year} loopt nog tot en met {year.ends_on:%d/%m/%Y}. Daarna kunt u het afsluiten.",
            rule_id="PAY-05",
        )
    waiting = Contribution.objects.filter(
        award_year=year, state__in=(ContributionState.SUBMITTED, ContributionState.QUESTIONED)
    ).count()
    if waiting:
        raise WrongState(
            f"Er {'wacht' if waiting == 1 else 'wachten'} nog {waiting} {'bijdrage' if waiting == 1 else 'bijdragen'} op een beoordeling. "
            "Aanvaard of weiger ze eerst.",
            rule_id="PAY-05",
        )
    year.claims_closed_at = award_year.claims_closed_at = at
    year.claims_closed_by = award_year.claims_closed_by = by
    year.save(update_fields=["claims_closed_at", "claims_closed_by"])
    trail.record("awardyear.claims_closed", year, by=by, at=at)
    return year


def preconditions(award_year: AwardYear) -> list[Finding]:
    """Everything that a settlement needs, met (OK) or not (ERROR), in the order in which it comes about."""
    report = Report.objects.filter(award_year=award_year).first()
    return conditions(award_year, report=report, first=tranches.standing(award_year, tranches.FIRST))


def conditions(award_year: AwardYear, *, report: Report | None, first: Tranche | None) -> list[Finding]:
    """The same from rows at hand."""
    return [_report_condition(report), _claims_condition(award_year), _first_condition(first)]


def _report_condition(report: Report | None) -> Finding:
    where = "Jaarverslag"
    if report is None:
        return Finding("PAY-03", where, "Het netwerk begon nog niet aan het jaarverslag.")
    if report.state != ReportState.APPROVED:
        return Finding(
            "PAY-03", where, f"Het jaarverslag is nog niet goedgekeurd: {report.get_state_display().lower()}."
        )
    return Finding("PAY-03", where, "Het inhoudelijke en financiële jaarverslag is goedgekeurd.", Severity.OK)


def _claims_condition(award_year: AwardYear) -> Finding:
    where = "Bijdragen"
    if award_year.claims_closed_at is None:
        return Finding(
            "PAY-05", where, "Het projectjaar is nog open voor bijdragen. Sluit het af als alles beoordeeld is."
        )
    return Finding("PAY-05", where, f"Afgesloten op {clock.local(award_year.claims_closed_at):%d/%m/%Y}.", Severity.OK)


def _first_condition(first: Tranche | None) -> Finding:
    where = "Eerste schijf"
    if first is None:
        return Finding(
            "PAY-01", where, "Er was geen eerste schijf; wat verschuldigd is, komt in één keer.", Severity.OK
        )
    if first.state == TrancheState.PROPOSED:
        return Finding(
            "PAY-01",
            where,
            "De eerste schijf is voorgesteld maar nog niet vrijgegeven. Geef ze vrij of trek het voorstel in.",
        )
    return Finding("PAY-01", where, f"{format_euros(first.amount)}: {first.get_state_display().lower()}.", Severity.OK)


def preview(award_year: AwardYear, *, reduction: Decimal = ZERO) -> payable.SettlementFigures:
    """What settling now would come to; the costs count once the report is approved."""
    figures, _ = _compute(award_year, rules_row(award_year.network), reduction)
    return figures


def _compute(
    award_year: AwardYear, row: CallRules, reduction: Decimal
) -> tuple[payable.SettlementFigures, dict[str, Any]]:
    rules = row.frozen()
    cofinancing = cofinancing_of(award_year, rules)
    costs = accepted_costs_of(award_year)
    first = tranches.standing(award_year, tranches.FIRST)
    released = first.amount if first is not None and first.state != TrancheState.PROPOSED else ZERO
    figures = payable.settlement(
        awarded=award_year.awarded_amount,
        accepted_costs=costs,
        cofinancing=cofinancing,
        already_released=released,
        rules=rules,
        reduction=reduction,
    )
    _, evidence = tranches.derive_first(award_year, row)
    derivation = {
        "inputs": {
            **evidence["inputs"],
            "accepted_costs": str(costs),
            "already_released": str(released),
            "reduction": str(reduction),
        },
        "contributions": evidence["contributions"],
        "lines": payable.as_json(figures.lines),
    }
    return figures, derivation


@transaction.atomic
def settle(
    award_year: AwardYear,
    *,
    by: User,
    reduction: Decimal = ZERO,
    reduction_reason: str = "",
    at: datetime | None = None,
) -> Settlement:
    """Settle the year, once and for good; proposes the second tranche, or claims back, in the same transaction.

    Who settles is the proposer of the second tranche, so somebody else releases it. Raises WrongState with every
    precondition that is not met, DomainError for a reduction without a reason or below 0.
    """
    at = at or clock.now()
    people.refuse_own_network(award_year.network, by)
    people.require_role(by, Role.ACCOUNT_MANAGER, Role.FINANCIAL_OFFICER)
    year = lock(award_year)
    if Settlement.objects.filter(award_year=year).exists():
        raise WrongState("Dit projectjaar is al afgerekend. Een afrekening verandert niet meer.", rule_id="PAY-05")
    unmet = [finding for finding in preconditions(year) if finding.severity == Severity.ERROR]
    if has_errors(unmet):
        raise WrongState("Dit projectjaar kan nog niet afgerekend worden.", rule_id=unmet[0].rule_id, findings=unmet)
    reason = reduction_reason.strip()
    if reduction and not reason:
        raise DomainError(
            "Een vermindering wegens voortgang vraagt een motivering; het netwerk leest ze.", rule_id="SUB-02"
        )
    row = rules_row(year.network)
    figures, derivation = _compute(year, row, reduction)
    cofinancing = cofinancing_of(year, row.frozen())
    try:
        with transaction.atomic():
            settlement = Settlement.objects.create(
                award_year=year,
                rules=row,
                accepted_costs=accepted_costs_of(year),
                accepted_cash=cofinancing.cash,
                accepted_income=cofinancing.counted_income,
                reduction=reduction,
                reduction_reason=reason if reduction else "",
                payable=figures.payable,
                already_released=figures.already_released,
                balance=figures.balance,
                forfeited=figures.forfeited,
                surplus_cofinancing=figures.surplus,
                derivation=derivation,
                settled_at=at,
                settled_by=by,
            )
    except IntegrityError as error:
        raise WrongState("Dit projectjaar is al afgerekend. Laad de pagina opnieuw.", rule_id="PAY-05") from error
    changes = {
        "payable": figures.payable,
        "balance": figures.balance,
        "forfeited": figures.forfeited,
        "reduction": reduction,
    }
    trail.record("settlement.made", settlement, by=by, changes=changes, reason=reason, at=at)
    _follow_up(year, settlement, by=by, at=at)
    return settlement


def _follow_up(year: AwardYear, settlement: Settlement, *, by: User, at: datetime) -> None:
    """The second tranche, or the recovery, or neither."""
    if settlement.balance < ZERO:
        days = settlement.rules.frozen().recovery_days
        recovery = Recovery.objects.create(
            settlement=settlement,
            amount=-settlement.balance,
            claimed_at=at,
            claimed_by=by,
            due_on=None if days is None else clock.local(at).date() + timedelta(days=days),
        )
        recovery.payment_reference = structured_message(RECOVERIES + recovery.pk)
        recovery.save(update_fields=["payment_reference"])
        trail.record("recovery.claimed", recovery, by=by, changes={"amount": recovery.amount}, at=at)
        enqueue(
            RECOVERY_LETTER, key=f"recovery_letter:{recovery.pk}", payload={"recovery": recovery.pk}, subject=recovery
        )
        return
    if settlement.balance > ZERO:
        tranches.propose(year, tranches.SECOND, by=by, at=at)
    tell_settled(year, balance=format_euros(settlement.balance), forfeited=format_euros(settlement.forfeited))


@transaction.atomic
def attach_letter(recovery: Recovery, file: StoredFile) -> Recovery:
    """The worker wrote the claim letter: kept once, and sent to the network with it."""
    fresh = lock(recovery)
    if fresh.letter_file_id is None:
        fresh.letter_file = file
        fresh.save(update_fields=["letter_file"])
        trail.record("recovery.letter_written", fresh, by=None, changes={"sha256": file.sha256})
        tell_recovery(fresh)
    return fresh
