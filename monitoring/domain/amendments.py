"""Changes of a signed agreement: amounts, period, the target of an indicator, the beneficiary's name (AGR-03, AGR-04, PAY-06).

Each is its own frozen record with what was, what became, why, by whom, and the document that the parties signed; the
agreement's text then gets its next version. What was settled, released or proposed is never touched by an amendment, and the
decision's amount is never exceeded: more money is another decision.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal

from django.core.files.base import File
from django.db import transaction
from django.db.models import Max

from calls.ruleset import Rules
from ibnportal.core import clock
from ibnportal.core.accounts.domain.people import change_organisation
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.store import store
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import ZERO, euros, format_euros
from monitoring.domain import agreement_papers, people
from monitoring.domain.agreements import check_start, year_bounds
from monitoring.domain.notices import tell_amended
from monitoring.domain.queries import report_due_on
from monitoring.enums import AmendmentKind, NetworkState, TrancheState
from monitoring.models import (
    Agreement,
    AgreementAmendment,
    AgreementKpi,
    AwardYear,
    Network,
    Report,
    Settlement,
    Tranche,
)


def amend_amounts(
    agreement: Agreement, amounts: Mapping[int, Decimal], *, reason: str, document: "File[bytes]", by: User
) -> AgreementAmendment:
    """Other amounts per project year, in euros by year; a year that is not named keeps its own.

    Refused: more than the decision or the call allows, less than was released, a settled year, a year with an open proposal.
    """

    def change(network: Network, rules: Rules) -> tuple[str, dict[str, str], dict[str, str]]:
        years = {year.project_year: year for year in network.award_years.select_for_update(of=("self",), no_key=True)}
        unknown = set(amounts) - set(years)
        if unknown:
            raise DomainError(f"Dit project heeft geen projectjaar {min(unknown)}.", rule_id="PRG-11")
        wanted = {number: euros(amount) for number, amount in amounts.items()}
        changed = {
            number: amount for number, amount in sorted(wanted.items()) if years[number].awarded_amount != amount
        }
        for number, amount in changed.items():
            _check_year(years[number], amount, rules)
        total = sum((wanted.get(number, year.awarded_amount) for number, year in years.items()), ZERO)
        _check_total(total, agreement.decision.amount or ZERO)
        old = {f"Jaar {number}": f"{years[number].awarded_amount}" for number in changed}
        for number, amount in changed.items():
            years[number].awarded_amount = amount
            years[number].save(update_fields=["awarded_amount"])
        return (
            "Toegekende steun per projectjaar",
            old,
            {f"Jaar {number}": f"{amount}" for number, amount in changed.items()},
        )

    return _amend(agreement, AmendmentKind.AMOUNTS, change, reason=reason, document=document, by=by)


def _check_year(year: AwardYear, amount: Decimal, rules: Rules) -> None:
    name = f"Projectjaar {year.project_year}"
    if amount < ZERO:
        raise DomainError(f"{name}: een bedrag kan niet negatief zijn.", rule_id="PRG-11")
    if Settlement.objects.filter(award_year=year).exists():
        raise WrongState(f"{name} is afgerekend: het bedrag van dat jaar wijzigt niet meer.", rule_id="PAY-06")
    if Tranche.objects.filter(award_year=year, state=TrancheState.PROPOSED).exists():
        raise WrongState(
            f"{name}: er staat een voorstel van uitbetaling open. Geef het vrij of trek het in, en wijzig dan het bedrag.",
            rule_id="PAY-01",
        )
    if amount < year.paid_amount:
        raise DomainError(
            f"{name}: {format_euros(year.paid_amount)} is al vrijgegeven, {format_euros(amount)} is minder dan dat.",
            rule_id="PAY-06",
        )
    if rules.max_grant_year is not None and amount > rules.max_grant_year:
        raise DomainError(
            f"{name}: {format_euros(amount)} is meer dan de oproep per jaar toelaat ({format_euros(rules.max_grant_year)}).",
            rule_id="PRG-11",
        )


def _check_total(total: Decimal, awarded: Decimal) -> None:
    if total > awarded:
        raise DomainError(
            f"De bedragen zijn samen {format_euros(total)}, de beslissing kent {format_euros(awarded)} toe. "
            "Meer steun vraagt een nieuwe beslissing van het comité.",
            rule_id="PRG-12",
        )


def amend_period(
    agreement: Agreement,
    *,
    end_on: date,
    reason: str,
    document: "File[bytes]",
    by: User,
    start_on: date | None = None,
) -> AgreementAmendment:
    """Another end, and before the project runs another start; the last project year ends on the new end.

    A later end only where the call allows an extension (PRG-26); an earlier one only while no invoice lies after it. The start is
    at the latest the call's (AGR-03). The due date of a report that is not handed in moves with its year; a granted extension stays.
    """

    def change(network: Network, rules: Rules) -> tuple[str, dict[str, str], dict[str, str]]:
        old = {"Start": agreement.start_on.isoformat(), "Einde": _iso(network.end_on)}
        if start_on is not None and start_on != agreement.start_on:
            _move_start(agreement, network, start_on, rules)
        _move_end(network, end_on, rules)
        return "Looptijd van het project", old, {"Start": _iso(network.start_on), "Einde": end_on.isoformat()}

    return _amend(agreement, AmendmentKind.PERIOD, change, reason=reason, document=document, by=by)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _move_start(agreement: Agreement, network: Network, start_on: date, rules: Rules) -> None:
    if network.state != NetworkState.SIGNED:
        raise WrongState("Het project loopt al: de start ligt vast.", rule_id="AGR-03")
    check_start(start_on, rules)
    if agreement.beneficiary_founded_on is not None and start_on < agreement.beneficiary_founded_on:
        raise DomainError(
            f"De begunstigde bestaat pas vanaf {agreement.beneficiary_founded_on:%d/%m/%Y}; kies een latere start.",
            rule_id="AGR-02",
        )
    agreement.start_on = network.start_on = start_on
    agreement.save(update_fields=["start_on"])
    for year in network.award_years.all():
        year.starts_on, year.ends_on = year_bounds(start_on, year.project_year, rules)
        year.save(update_fields=["starts_on", "ends_on"])


def _move_end(network: Network, end_on: date, rules: Rules) -> None:
    last = network.award_years.select_for_update(of=("self",), no_key=True).order_by("project_year").last()
    if last is None:
        raise WrongState("Dit netwerk heeft geen projectjaren.", rule_id="AGR-01")
    if Settlement.objects.filter(award_year=last).exists():
        raise WrongState("Het laatste projectjaar is afgerekend: het einde ligt vast.", rule_id="PAY-06")
    if end_on > last.ends_on and not rules.extension_allowed:
        raise DomainError("Deze oproep laat geen verlenging toe.", rule_id="PRG-26")
    if end_on <= last.starts_on:
        raise DomainError(
            f"Het laatste projectjaar begint op {last.starts_on:%d/%m/%Y}; het einde moet daarna liggen.",
            rule_id="PRG-26",
        )
    after = last.contributions.aggregate(day=Max("invoiced_on"))["day"]
    if after is not None and after > end_on:
        raise DomainError(
            f"Er staat een bijdrage met factuurdatum {after:%d/%m/%Y}, na het nieuwe einde. Verwijder of verplaats ze eerst.",
            rule_id="COF-01",
        )
    last.ends_on = end_on
    last.save(update_fields=["ends_on"])
    network.end_on = end_on
    network.save(update_fields=["start_on", "end_on"])
    for report in Report.objects.filter(award_year__network=network, submitted_at__isnull=True).select_related(
        "award_year"
    ):
        report.due_on = report_due_on(report.award_year, rules)
        report.save(update_fields=["due_on"])


def amend_target(
    kpi: AgreementKpi, target: Decimal, *, reason: str, document: "File[bytes]", by: User
) -> AgreementAmendment:
    """Another target for one indicator; its definition, baseline and method stay what they were (AGR-04, KPI-11)."""

    def change(_network: Network, _rules: Rules) -> tuple[str, dict[str, str], dict[str, str]]:
        if target < ZERO:
            raise DomainError("Een streefwaarde kan niet negatief zijn.", rule_id="KPI-01")
        fresh = lock(kpi)
        old = "" if fresh.target is None else f"{fresh.target}"
        fresh.target = kpi.target = euros(target)
        fresh.save(update_fields=["target"])
        return fresh.label, {"Streefwaarde": old}, {"Streefwaarde": f"{fresh.target}"}

    return _amend(kpi.agreement, AmendmentKind.TARGET, change, reason=reason, document=document, by=by)


def amend_beneficiary_name(
    agreement: Agreement, name: str, *, reason: str, document: "File[bytes]", by: User
) -> AgreementAmendment:
    """The beneficiary goes on under another name; it stays the same legal person, with the same number (AGR-01)."""

    def change(network: Network, _rules: Rules) -> tuple[str, dict[str, str], dict[str, str]]:
        wanted = " ".join(name.split())
        if not wanted:
            raise DomainError("Vul de nieuwe naam van de begunstigde in.", rule_id="AGR-01")
        beneficiary = network.beneficiary
        old = beneficiary.name
        change_organisation(beneficiary, by=by, name=wanted)
        return beneficiary.formatted_number, {"Naam": old}, {"Naam": wanted}

    return _amend(agreement, AmendmentKind.NAME, change, reason=reason, document=document, by=by)


# ---------------------------------------------------------------- the record

Change = Callable[[Network, Rules], tuple[str, dict[str, str], dict[str, str]]]


@transaction.atomic
def _amend(
    agreement: Agreement,
    kind: AmendmentKind,
    change: Change,
    *,
    reason: str,
    document: "File[bytes]",
    by: User,
    at: datetime | None = None,
) -> AgreementAmendment:
    """Carry a change out and write it down; the account manager's, on a signed agreement, with a reason and a document."""
    at = at or clock.now()
    people.require_role(by, Role.ACCOUNT_MANAGER)
    people.refuse_own_network(agreement.network, by)
    if not reason.strip():
        raise DomainError("Schrijf op waarom de overeenkomst wijzigt.", rule_id="AGR-04")
    network = lock(agreement.network)
    fresh = lock(agreement)
    if fresh.signed_at is None:
        raise WrongState(
            "De overeenkomst is nog niet ondertekend: pas ze gewoon aan, een addendum is niet nodig.", rule_id="AGR-04"
        )
    if network.state == NetworkState.CLOSED:
        raise WrongState("Dit netwerk is afgesloten: de overeenkomst wijzigt niet meer.", rule_id="AGR-04")
    stored = store(document, by=by, kind=FileKind.DOCUMENT_PDF)
    subject, old, new = change(network, fresh.rules.frozen())
    if old == new:
        raise DomainError("Er wijzigt niets: dit staat al zo in de overeenkomst.", rule_id="AGR-04")
    amendment = AgreementAmendment.objects.create(
        agreement=fresh,
        number=(fresh.amendments.aggregate(last=Max("number"))["last"] or 0) + 1,
        kind=kind,
        subject=subject,
        old=old,
        new=new,
        reason=reason.strip(),
        document=stored,
        made_at=at,
        made_by=by,
    )
    changes = {"number": amendment.number, "kind": kind, "document": stored.sha256, "old": old, "new": new}
    trail.record("agreement.amended", fresh, by=by, at=at, changes=changes, reason=reason.strip())
    agreement_papers.request(Agreement.objects.get(pk=fresh.pk), by=by, amendment=amendment)
    tell_amended(amendment)
    return amendment


def amended_amounts(agreement: Agreement) -> dict[int, Decimal]:
    """The amounts per year that follow from the decision and every amendment, in euros: what the years must hold."""
    amounts = {year.project_year: year.amount for year in agreement.decision.years.all()}
    for amendment in agreement.amendments.filter(kind=AmendmentKind.AMOUNTS):
        for name, amount in amendment.new.items():
            amounts[int(name.removeprefix("Jaar "))] = Decimal(amount)
    return amounts
