"""Tranches: proposed by one person, released by another, ordered by a worker, each exactly once (PAY-01 ... 04, PAY-08).

Every verb locks the project year first, so that proposals, releases, claims and settlements of one year take turns. A
proposal holds its whole derivation and is frozen by a trigger; a release moves `AwardYear.paid_amount` under its CHECK
and asks for the payment order in the same transaction.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from calls.models import CallRules
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.files.models import StoredFile
from ibnportal.core.findings import Finding, has_errors
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import format_euros
from ibnportal.core.outbox.queue import enqueue
from ibnportal.core.structured_message import structured_message
from monitoring.domain import accounts, payable, people
from monitoring.domain.lifecycle import move_tranche
from monitoring.domain.notices import tell_released
from monitoring.domain.queries import CASH, cofinancing_of, rules_row
from monitoring.enums import LIVE_NETWORK, ContributionState, TrancheState
from monitoring.models import AwardYear, Contribution, Settlement, Tranche

PAYMENT_ORDER = "monitoring.payment_order"
FIRST, SECOND = 1, 2


def standing(award_year: AwardYear, number: int) -> Tranche | None:
    """The tranche of that number that was not withdrawn."""
    return award_year.tranches.filter(number=number).exclude(state=TrancheState.WITHDRAWN).first()


def waits_for(award_year: AwardYear, number: int) -> list[Finding]:
    """What stands in the way of proposing this tranche; empty when it can be proposed."""
    found = (
        []
        if award_year.network.state in LIVE_NETWORK
        else [_finding("PAY-01", "Het netwerk loopt nog niet of is afgesloten.")]
    )
    if standing(award_year, number) is not None:
        return [*found, _finding("PAY-01", "Deze schijf is al voorgesteld of vrijgegeven.")]
    return [*found, *(_first_waits_for(award_year) if number == FIRST else _second_waits_for(award_year))]


def _first_waits_for(award_year: AwardYear) -> list[Finding]:
    if Settlement.objects.filter(award_year=award_year).exists():
        return [_finding("PAY-05", "Het projectjaar is al afgerekend; wat verschuldigd is, zit in de tweede schijf.")]
    rules = rules_row(award_year.network).frozen()
    total = cofinancing_of(award_year, rules).total
    if not payable.is_threshold_met(total, award_year.awarded_amount, rules):
        level = payable.threshold(award_year.awarded_amount, rules) or award_year.awarded_amount
        return [
            _finding(
                "PAY-02",
                f"De aanvaarde cofinanciering is {format_euros(total)}; de eerste schijf kan vanaf {format_euros(level)}. "
                f"Nog {format_euros(level - total)} te gaan.",
            )
        ]
    if not payable.first_tranche_amount(award_year.awarded_amount, total, rules):
        return [_finding("SUB-03", "Er is nog geen aanvaarde cofinanciering, dus nog niets om uit te betalen.")]
    return []


def _second_waits_for(award_year: AwardYear) -> list[Finding]:
    settlement = Settlement.objects.filter(award_year=award_year).first()
    if settlement is None:
        return [_finding("PAY-03", "Het projectjaar is nog niet afgerekend.")]
    if settlement.balance <= 0:
        return [_finding("PAY-03", "Volgens de afrekening is er niets meer uit te betalen.")]
    return []


def _finding(rule_id: str, message: str) -> Finding:
    return Finding(rule_id, "", message)


# ---------------------------------------------------------------- proposing


@transaction.atomic
def propose(award_year: AwardYear, number: int, *, by: User, at: datetime | None = None) -> Tranche:
    """Propose the first or second tranche with its derivation; refused, with the reasons, while it waits for something.

    The first is computed from the contributions accepted now, the second is the balance of the year's settlement.
    """
    if number not in (FIRST, SECOND):
        raise DomainError("Een projectjaar heeft twee schijven: de eerste en de tweede.", rule_id="PAY-01")
    _may_propose(award_year, by)
    year = lock(award_year)
    found = waits_for(year, number)
    if has_errors(found):
        raise WrongState("Deze schijf kan nu niet voorgesteld worden.", rule_id=found[0].rule_id, findings=found)
    row = rules_row(year.network)
    if number == FIRST:
        amount, derivation = derive_first(year, row)
    else:
        amount, derivation = derive_second(year.settlement)
        row = year.settlement.rules
    return _create(year, number, amount=amount, derivation=derivation, rules=row, by=by, at=at or clock.now())


def _may_propose(award_year: AwardYear, by: User) -> None:
    people.refuse_own_network(award_year.network, by)
    people.require_role(by, Role.ACCOUNT_MANAGER, Role.FINANCIAL_OFFICER)


def derive_first(award_year: AwardYear, row: CallRules) -> tuple[Decimal, dict[str, Any]]:
    """The first tranche of this moment, and the derivation that is stored with it: inputs, evidence, lines."""
    rules = row.frozen()
    cofinancing = cofinancing_of(award_year, rules)
    derived = payable.first_tranche(award_year.awarded_amount, cofinancing, rules)
    accepted = Contribution.objects.filter(award_year=award_year, state=ContributionState.ACCEPTED).order_by("id")
    evidence = [
        {"id": pk, "amount": str(amount), "is_cash": kind in CASH}
        for pk, amount, kind in accepted.values_list("pk", "amount", "kind")
    ]
    return derived.amount, {
        "inputs": {
            "awarded": str(award_year.awarded_amount),
            "cash": str(cofinancing.cash),
            "income": str(cofinancing.income),
            "carried": str(cofinancing.carried),
        },
        "contributions": evidence,
        "lines": payable.as_json(derived.lines),
    }


def derive_second(settlement: Settlement) -> tuple[Decimal, dict[str, Any]]:
    """The second tranche as the settlement left it, with the settlement's own derivation."""
    return settlement.balance, {"settlement": settlement.pk, **settlement.derivation}


def _create(
    year: AwardYear,
    number: int,
    *,
    amount: Decimal,
    derivation: dict[str, Any],
    rules: CallRules,
    by: User,
    at: datetime,
) -> Tranche:
    try:
        with transaction.atomic():
            tranche = Tranche.objects.create(
                award_year=year,
                number=number,
                amount=amount,
                derivation=derivation,
                rules=rules,
                state_changed_at=at,
                proposed_at=at,
                proposed_by=by,
            )
    except IntegrityError as error:
        raise WrongState("Deze schijf is al voorgesteld. Laad de pagina opnieuw.", rule_id="PAY-01") from error
    changes = {"award_year": year.pk, "number": number, "amount": amount, "rules": rules.pk}
    trail.record("tranche.proposed", tranche, by=by, changes=changes, at=at)
    return tranche


@transaction.atomic
def withdraw(tranche: Tranche, *, reason: str, by: User, at: datetime | None = None) -> Tranche:
    """Take back a proposal that is not released, with why; another can then be proposed."""
    _may_propose(tranche.award_year, by)
    if not reason.strip():
        raise DomainError("Schrijf op waarom u het voorstel intrekt.")
    lock(tranche.award_year)
    at = at or clock.now()
    return move_tranche(
        tranche,
        TrancheState.WITHDRAWN,
        by=by,
        at=at,
        reason=reason.strip(),
        withdrawn_at=at,
        withdrawn_by=by,
        withdrawal_reason=reason.strip(),
    )


# ---------------------------------------------------------------- releasing


def release_blockers(tranche: Tranche) -> list[Finding]:
    """What stands in the way of releasing a proposal, whoever does it: the account, or figures that changed since."""
    year = tranche.award_year
    found = [] if year.network.state in LIVE_NETWORK else [_finding("PAY-01", "Het netwerk loopt niet meer.")]
    if not year.network.iban:
        found.append(
            _finding(
                "AGR-01",
                "Het rekeningnummer van de begunstigde ontbreekt. De accountmanager vult het aan bij de overeenkomst.",
            )
        )
    if accounts.open_change(year.network) is not None:
        found.append(
            _finding(
                "PAY-01",
                "Er wacht een ander rekeningnummer op bevestiging. Bevestig of weiger het eerst, bij Rekeningnummers.",
            )
        )
    if year.paid_amount + tranche.amount > year.awarded_amount:
        found.append(_finding("PAY-06", "Met deze schijf zou er meer vrijgegeven zijn dan voor het jaar is toegekend."))
    if tranche.number == FIRST:
        rules = tranche.rules.frozen()
        now = payable.first_tranche_amount(year.awarded_amount, cofinancing_of(year, rules).total, rules)
        if now < tranche.amount:
            found.append(
                _finding(
                    "PAY-02",
                    f"De aanvaarde cofinanciering is gedaald: nu zou de eerste schijf {format_euros(now)} zijn, voorgesteld was "
                    f"{format_euros(tranche.amount)}. Trek dit voorstel in en maak een nieuw.",
                )
            )
    return found


@transaction.atomic
def release(tranche: Tranche, *, by: User, at: datetime | None = None) -> Tranche:
    """Release a proposal: by a financial officer who did not propose it (four eyes), exactly once.

    The year's released amount, the state, the audit row and the request for the payment order are one transaction.
    """
    at = at or clock.now()
    people.require_role(by, Role.FINANCIAL_OFFICER)
    people.refuse_own_network(tranche.award_year.network, by)
    year = lock(tranche.award_year)
    fresh = lock(tranche)
    if fresh.proposed_by_id == by.pk:
        raise NotAllowed(
            "U stelde deze schijf zelf voor. Een betaling wordt vrijgegeven door iemand anders (vier ogen): vraag het aan een collega "
            "die financieel verantwoordelijke is."
        )
    if fresh.state == TrancheState.PROPOSED:
        found = release_blockers(fresh)
        if has_errors(found):
            raise WrongState("Deze schijf kan nu niet vrijgegeven worden.", rule_id=found[0].rule_id, findings=found)
    released = move_tranche(
        tranche,
        TrancheState.RELEASED,
        by=by,
        at=at,
        released_at=at,
        released_by=by,
        iban=year.network.iban,
        payment_reference=structured_message(fresh.pk),
    )
    AwardYear.objects.filter(pk=year.pk).update(paid_amount=F("paid_amount") + fresh.amount)
    enqueue(PAYMENT_ORDER, key=f"payment_order:{fresh.pk}", payload={"tranche": fresh.pk}, subject=fresh)
    tell_released(released)
    return released


def release_all(chosen: Sequence[Tranche], *, by: User) -> list[tuple[Tranche, str]]:
    """Release several proposals, each in a transaction of its own: one that is refused holds up no other.

    Returns each with an empty text, or with why it was not released.
    """
    outcomes = []
    for tranche in chosen:
        try:
            release(tranche, by=by)
        except DomainError as error:
            reasons = [finding.message for finding in error.findings] or [str(error)]
            outcomes.append((tranche, " ".join(reasons)))
        else:
            outcomes.append((tranche, ""))
    return outcomes


def content_hash(tranche: Tranche) -> str:
    """SHA-256 of what is paid, to whom and why: the same for as long as nobody tampers with it."""
    content = {
        "network": tranche.award_year.network.code,
        "project_year": tranche.award_year.project_year,
        "number": tranche.number,
        "amount": str(tranche.amount),
        "iban": tranche.iban,
        "reference": tranche.payment_reference,
        "proposed_by": tranche.proposed_by_id,
        "released_by": tranche.released_by_id,
        "rules": tranche.rules_id,
        "derivation": tranche.derivation,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@transaction.atomic
def attach_order(tranche: Tranche, file: StoredFile, *, at: datetime | None = None) -> Tranche:
    """The worker made the payment order: file and state together. Raises WrongState when there is one already."""
    at = at or clock.now()
    return move_tranche(tranche, TrancheState.ORDERED, by=None, at=at, order_file=file, ordered_at=at)


@transaction.atomic
def confirm_paid(tranche: Tranche, *, paid_on: date, by: User) -> Tranche:
    """The bank carried the order out, on that day."""
    people.require_role(by, Role.FINANCIAL_OFFICER)
    people.refuse_own_network(tranche.award_year.network, by)
    if paid_on > clock.today():
        raise DomainError(f"De betaaldatum {paid_on:%d/%m/%Y} ligt in de toekomst.")
    released_at = lock(tranche).released_at
    if released_at is not None and paid_on < clock.local(released_at).date():
        raise DomainError(
            f"De schijf is vrijgegeven op {clock.local(released_at):%d/%m/%Y}; ze kan niet eerder betaald zijn."
        )
    return move_tranche(tranche, TrancheState.PAID, by=by, paid_on=paid_on)
