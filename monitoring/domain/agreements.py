"""From a released award to a running network: the agreement, its conditions, indicators and project years (AGR-01 ... 05).

An agreement is drafted from the decision and the application's indicators, completed, and signed once nothing blocks
it: the beneficiary exists at the latest at the start (AGR-02), the start is in time (AGR-03), every indicator has its
definition, target and method (AGR-04), and every blocking condition is met (AGR-05). What was signed is fixed.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.base import File
from django.db import IntegrityError, transaction

from calls.ruleset import Rules
from evaluation.enums import DecisionKind, DecisionOutcome
from evaluation.models import Decision
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.store import store
from ibnportal.core.findings import Finding, has_errors
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import ZERO, format_euros
from ibnportal.core.months import add_months
from ibnportal.core.outbox.mail import absolute, send_later
from monitoring.domain import accounts, agreement_papers, people, state_aid
from monitoring.domain.lifecycle import move_network
from monitoring.domain.notices import tell_handed_over
from monitoring.enums import NetworkState
from monitoring.models import Agreement, AgreementCondition, AgreementKpi, AwardYear, Network

ONE_DAY = timedelta(days=1)


def draft(decision: Decision, *, start_on: date, by: User) -> Agreement:
    """The network and its agreement, from a released award that stands; once a decision.

    The amounts per year are the decision's; the indicators are the application's. Whoever drafts it as account manager
    becomes the network's account manager (MON-04). Raises WrongState or DomainError with what is wrong.
    """
    application = decision.application
    if decision.kind != DecisionKind.SUPPORT or decision.outcome != DecisionOutcome.AWARDED:
        raise WrongState("Alleen bij een toekenning van steun hoort een overeenkomst.", rule_id="AGR-01")
    if decision.released_at is None:
        raise WrongState(
            "Deze beslissing is nog niet bekendgemaakt. Maak eerst de beslissingen van de vergadering bekend."
        )
    if Decision.objects.filter(supersedes=decision).exists():
        raise WrongState("Deze beslissing is vervangen door een latere. Maak de overeenkomst op vanuit die beslissing.")
    rules = decision.rules.frozen()
    check_start(start_on, rules)
    amounts = {year.project_year: year.amount for year in decision.years.all()}
    _check_amounts(decision, amounts, rules)
    manager = by if by.has_role(Role.ACCOUNT_MANAGER) else None
    try:
        with transaction.atomic():
            network = Network.objects.create(
                code=f"{application.number}-N",
                application=application,
                call=application.call,
                name=application.title,
                beneficiary=application.beneficiary or application.applicant,
                start_on=start_on,
                end_on=add_months(start_on, rules.duration_months) - ONE_DAY,
                state_changed_at=clock.now(),
                account_manager=manager,
            )
            agreement = Agreement.objects.create(
                network=network,
                decision=decision,
                rules=decision.rules,
                start_on=start_on,
                drafted_at=clock.now(),
                drafted_by=by,
            )
            _copy_conditions(agreement)
            _copy_indicators(agreement)
            _make_years(network, amounts, rules)
            changes = {
                "decision": decision.pk,
                "start_on": start_on,
                "amounts": {str(y): a for y, a in amounts.items()},
            }
            trail.record("agreement.drafted", agreement, by=by, changes=changes)
            trail.record("network.created", network, by=by, changes={"code": network.code})
    except IntegrityError as error:
        raise WrongState("Voor deze beslissing is al een overeenkomst opgemaakt. Laad de pagina opnieuw.") from error
    return agreement


def check_start(start_on: date, rules: Rules) -> None:
    """Raises DomainError when the project would start after the call's latest day (AGR-03)."""
    if rules.latest_start_on is not None and start_on > rules.latest_start_on:
        raise DomainError(
            f"Het project start op {start_on:%d/%m/%Y}, na de uiterste startdatum {rules.latest_start_on:%d/%m/%Y}. Kies een vroegere dag.",
            rule_id="AGR-03",
        )


def _check_amounts(decision: Decision, amounts: dict[int, Decimal], rules: Rules) -> None:
    if set(amounts) != set(range(1, rules.project_years + 1)):
        raise DomainError(
            f"De beslissing noemt geen bedrag voor elk van de {rules.project_years} projectjaren.", rule_id="PRG-11"
        )
    total = sum(amounts.values(), ZERO)
    if total != decision.amount:
        raise DomainError(
            f"De bedragen per jaar zijn samen {format_euros(total)}, de beslissing kent {format_euros(decision.amount or ZERO)} toe.",
            rule_id="PRG-12",
        )


def _copy_conditions(agreement: Agreement) -> None:
    AgreementCondition.objects.bulk_create(
        AgreementCondition(
            agreement=agreement, kind=condition.kind, text=condition.text, is_blocking=condition.is_blocking
        )
        for condition in agreement.decision.conditions.all()
    )


def _copy_indicators(agreement: Agreement) -> None:
    AgreementKpi.objects.bulk_create(
        AgreementKpi(
            agreement=agreement,
            definition_of_call=target.definition_of_call,
            label=target.label or str(target.definition_of_call or ""),
            definition=target.definition or (target.definition_of_call.definition if target.definition_of_call else ""),
            baseline=target.baseline,
            target=target.target,
            method=target.method,
        )
        for target in agreement.decision.application.kpi_targets.select_related("definition_of_call")
    )


def year_bounds(start_on: date, project_year: int, rules: Rules) -> tuple[date, date]:
    """First and last day of a project year: equal parts of the duration, counted from the start."""
    months = rules.duration_months // rules.project_years
    first = add_months(start_on, months * (project_year - 1))
    return first, add_months(start_on, months * project_year) - ONE_DAY


def _make_years(network: Network, amounts: dict[int, Decimal], rules: Rules) -> None:
    assert network.start_on is not None  # noqa: S101 - set by draft, a line above
    for project_year, amount in sorted(amounts.items()):
        first, last = year_bounds(network.start_on, project_year, rules)
        AwardYear.objects.create(
            network=network, project_year=project_year, starts_on=first, ends_on=last, awarded_amount=amount
        )


# ---------------------------------------------------------------- completing the draft


def _drafted(agreement: Agreement) -> Agreement:
    """The agreement, locked; raises WrongState once it is signed."""
    fresh = lock(agreement)
    if fresh.signed_at is not None:
        raise WrongState("De overeenkomst is ondertekend: wat erin staat, ligt vast.", rule_id="AGR-04")
    return fresh


@transaction.atomic
def change_start(agreement: Agreement, *, start_on: date, by: User) -> Agreement:
    """Another start, before the signature; the project years move with it."""
    fresh = _drafted(agreement)
    rules = fresh.rules.frozen()
    check_start(start_on, rules)
    network = lock(fresh.network)
    before = fresh.start_on
    fresh.start_on = start_on
    fresh.save(update_fields=["start_on"])
    network.start_on = start_on
    network.end_on = add_months(start_on, rules.duration_months) - ONE_DAY
    network.save(update_fields=["start_on", "end_on"])
    for year in network.award_years.all():
        year.starts_on, year.ends_on = year_bounds(start_on, year.project_year, rules)
        year.save(update_fields=["starts_on", "ends_on"])
    trail.record("agreement.start_changed", fresh, by=by, changes={"start_on": [before, start_on]})
    agreement.start_on = start_on
    return fresh


@transaction.atomic
def appoint_beneficiary(agreement: Agreement, organisation: Organisation, *, by: User) -> Agreement:
    """The cluster organisation that signs, once it exists (AMB-23, AMB-24)."""
    fresh = _drafted(agreement)
    network = lock(fresh.network)
    if not organisation.enterprise_number:
        raise DomainError(
            f"{organisation} heeft nog geen ondernemingsnummer. Een begunstigde die nog opgericht moet worden, kan niet ondertekenen.",
            rule_id="AGR-02",
        )
    before = network.beneficiary_id
    network.beneficiary = organisation
    network.save(update_fields=["beneficiary"])
    trail.record("network.beneficiary_appointed", network, by=by, changes={"beneficiary": [before, organisation.pk]})
    agreement.network = network
    return fresh


@transaction.atomic
def appoint_account_manager(network: Network, manager: User, *, by: User) -> Network:
    """Who follows the network (MON-04); somebody with that role and without a stake in it."""
    if not manager.has_role(Role.ACCOUNT_MANAGER):
        raise DomainError(f"{manager} is geen accountmanager.", rule_id="MON-04")
    people.refuse_own_network(network, manager)
    fresh = lock(network)
    before = fresh.account_manager_id
    fresh.account_manager = manager
    fresh.save(update_fields=["account_manager"])
    trail.record("network.account_manager_appointed", fresh, by=by, changes={"account_manager": [before, manager.pk]})
    network.account_manager = manager
    return fresh


@transaction.atomic
def hand_over(network: Network, manager: User, *, note: str, by: User) -> Network:
    """The account manager passes a network on to a colleague, who is told (MON-04)."""
    if manager.pk == by.pk:
        raise DomainError("Kies een collega: u volgt dit netwerk al.", rule_id="MON-04")
    people.require_role(by, Role.ACCOUNT_MANAGER)
    people.refuse_own_network(network, by)
    handed = appoint_account_manager(network, manager, by=by)
    tell_handed_over(handed, note=note.strip(), by=str(by))
    return handed


@transaction.atomic
def set_account_number(network: Network, iban: str, *, by: User) -> Network:
    """The account that the agreement names, until it is signed; after that a change takes two people (`accounts`)."""
    number = accounts.checked_iban(iban)
    fresh = lock(network)
    if fresh.state != NetworkState.AGREEMENT_DRAFTED:
        raise WrongState(
            "De overeenkomst is ondertekend. Vraag een ander rekeningnummer aan; een collega bevestigt het (vier ogen)."
        )
    before = fresh.iban
    fresh.iban = number
    fresh.save(update_fields=["iban"])
    trail.record("network.account_number_set", fresh, by=by, changes={"iban": [before, number]})
    network.iban = number
    return fresh


@transaction.atomic
def fix_indicator(kpi: AgreementKpi, *, by: User, **fields: Any) -> AgreementKpi:
    """Complete an indicator before the signature: definition, baseline, target, method (AGR-04, KPI-11)."""
    _drafted(kpi.agreement)
    allowed = {"label", "definition", "baseline", "target", "method"}
    unknown = set(fields) - allowed
    if unknown:
        raise TypeError(f"An indicator has no {', '.join(sorted(unknown))}")
    changes = {name: [getattr(kpi, name), value] for name, value in fields.items() if getattr(kpi, name) != value}
    for name, value in fields.items():
        setattr(kpi, name, value)
    kpi.save(update_fields=sorted(fields))
    trail.record("agreement.indicator_fixed", kpi.agreement, by=by, changes={"indicator": kpi.pk, **changes})
    return kpi


@transaction.atomic
def meet_condition(
    condition: AgreementCondition, *, note: str, by: User, at: datetime | None = None
) -> AgreementCondition:
    """A condition of the decision is met, and how (AGR-05)."""
    if not note.strip():
        raise DomainError("Schrijf op hoe de voorwaarde vervuld is, bijvoorbeeld met welk document.", rule_id="AGR-05")
    people.refuse_own_network(condition.agreement.network, by)
    fresh = lock(condition)
    if fresh.met_at is not None:
        raise WrongState("Deze voorwaarde staat al als vervuld.", rule_id="AGR-05")
    fresh.met_at = condition.met_at = at or clock.now()
    fresh.met_by = condition.met_by = by
    fresh.met_note = condition.met_note = note.strip()
    fresh.save(update_fields=["met_at", "met_by", "met_note"])
    trail.record(
        "agreement.condition_met", condition.agreement, by=by, changes={"condition": fresh.pk}, reason=note, at=at
    )
    return fresh


# ---------------------------------------------------------------- signing


def findings(agreement: Agreement, *, founded_on: date | None = None) -> list[Finding]:
    """What stands in the way of the signature, and what is in order. Costs seven queries, five more once there is a text."""
    rules = agreement.rules.frozen()
    return [
        *_founded(agreement, founded_on or agreement.beneficiary_founded_on),
        *_starts_in_time(agreement, rules),
        *_indicators_are_complete(agreement),
        *_conditions_are_met(agreement),
        *_within_state_aid(agreement, rules),
        *_paper_is_current(agreement),
    ]


def _founded(agreement: Agreement, founded_on: date | None) -> Sequence[Finding]:
    beneficiary, application = agreement.network.beneficiary, agreement.decision.application
    where = "Begunstigde"
    if application.is_beneficiary_to_be_founded and beneficiary.pk == application.applicant_id:
        name = application.beneficiary_name or "de clusterorganisatie"
        return [
            Finding(
                "AGR-02",
                where,
                f"De begunstigde “{name}” moet nog opgericht worden. Duid ze aan zodra ze een ondernemingsnummer heeft.",
            )
        ]
    if not beneficiary.enterprise_number:
        return [
            Finding("AGR-02", where, f"{beneficiary} heeft geen ondernemingsnummer, dus geen bewijs van oprichting.")
        ]
    if founded_on is None:
        return [Finding("AGR-02", where, "Vul in op welke dag de begunstigde is opgericht.")]
    if founded_on > agreement.start_on:
        return [
            Finding(
                "AGR-02",
                where,
                f"De begunstigde is opgericht op {founded_on:%d/%m/%Y}, na de start van het project op {agreement.start_on:%d/%m/%Y}. "
                "Kies een latere start of kijk de datum na.",
            )
        ]
    return []


def _starts_in_time(agreement: Agreement, rules: Rules) -> Sequence[Finding]:
    latest = rules.latest_start_on
    if latest is not None and agreement.start_on > latest:
        return [
            Finding(
                "AGR-03",
                "Start",
                f"De start op {agreement.start_on:%d/%m/%Y} ligt na de uiterste dag {latest:%d/%m/%Y}.",
            )
        ]
    return []


def _within_state_aid(agreement: Agreement, rules: Rules) -> Sequence[Finding]:
    total = state_aid.cumulated(agreement.network.beneficiary, rules, on=clock.today())
    if total is None or total.ceiling is None or not total.is_exceeded:
        return []
    return [
        Finding(
            "SUB-06",
            "Staatssteun",
            f"Met deze toekenning kreeg {agreement.network.beneficiary} sinds {total.since:%d/%m/%Y} samen "
            f"{format_euros(total.awarded)}; het plafond is {format_euros(total.ceiling)}. Leg het voor aan het comité.",
        )
    ]


def _indicators_are_complete(agreement: Agreement) -> Sequence[Finding]:
    found = []
    for kpi in agreement.kpis.all():
        lacking = [
            name
            for name, value in (
                ("definitie", kpi.definition.strip()),
                ("meetmethode", kpi.method.strip()),
                ("streefwaarde", kpi.target),
            )
            if value in ("", None)
        ]
        if lacking:
            found.append(Finding("AGR-04", f"Indicator “{kpi.label}”", f"Vul nog in: {', '.join(lacking)}."))
    return found


def _conditions_are_met(agreement: Agreement) -> Sequence[Finding]:
    return [
        Finding("AGR-05", "Voorwaarde", f"Nog niet vervuld: {condition.text}")
        for condition in agreement.conditions.all()
        if condition.is_blocking and condition.met_at is None
    ]


def _paper_is_current(agreement: Agreement) -> Sequence[Finding]:
    if not agreement_papers.is_outdated(agreement):
        return []
    return [
        Finding(
            "AGR-04",
            "Document",
            "De overeenkomst wijzigde nadat het document is opgemaakt. Maak een nieuwe versie op en laat die ondertekenen.",
        )
    ]


@transaction.atomic
def sign(
    agreement: Agreement,
    *,
    founded_on: date,
    signatories: str,
    by: User,
    upload: "File[bytes] | None" = None,
    at: datetime | None = None,
) -> Agreement:
    """Record the signature; refused, with every reason, while something blocks it (AGR-02 ... AGR-05)."""
    at = at or clock.now()
    people.refuse_own_network(agreement.network, by)
    fresh = _drafted(agreement)
    if not signatories.strip():
        raise DomainError(
            "Vul in wie de overeenkomst ondertekende, voor het fonds en voor de begunstigde.", rule_id="AGR-01"
        )
    if founded_on > clock.local(at).date():
        raise DomainError(
            "De oprichtingsdatum ligt in de toekomst. De begunstigde moet bestaan vóór ze ondertekent.",
            rule_id="AGR-02",
        )
    blockers = findings(fresh, founded_on=founded_on)
    if has_errors(blockers):
        raise DomainError(
            "De overeenkomst kan nog niet ondertekend worden.", rule_id=blockers[0].rule_id, findings=blockers
        )
    if upload is not None:
        fresh.signed_file = store(upload, by=by, kind=FileKind.DOCUMENT_PDF)
    fresh.beneficiary_founded_on = founded_on
    fresh.signed_at = at
    fresh.signed_by = by
    fresh.signatories = signatories.strip()
    fresh.signed_paper = fresh.papers.first()  # of the newest version the terms are those of now, or `findings` refused
    signed = ("signed_file", "signed_paper", "beneficiary_founded_on", "signed_at", "signed_by", "signatories")
    fresh.save(update_fields=signed)
    changes: dict[str, Any] = {"founded_on": founded_on, "signatories": fresh.signatories}
    if fresh.signed_paper is not None:
        changes |= {"version": fresh.signed_paper.version, "sha256": fresh.signed_paper.content_hash}
    trail.record("agreement.signed", fresh, by=by, at=at, changes=changes)
    network = move_network(fresh.network, NetworkState.SIGNED, by=by, at=at)
    addresses = people.addresses_of_beneficiary(network)
    if addresses:
        send_later(
            key=f"agreement_signed:{fresh.pk}",
            to=addresses,
            template="monitoring/agreement_signed",
            context={"network": network, "agreement": fresh, "url": absolute(f"/netwerken/{network.code}/")},
            about=network,
        )
    for name in signed:
        setattr(agreement, name, getattr(fresh, name))
    agreement.network = network
    return fresh


@transaction.atomic
def start(network: Network, *, by: User, at: datetime | None = None) -> Network:
    """The project runs, from its start on (STA-08)."""
    at = at or clock.now()
    today = clock.local(at).date()
    if network.start_on is not None and network.state == NetworkState.SIGNED and today < network.start_on:
        raise WrongState(
            f"Het project start op {network.start_on:%d/%m/%Y}. U kunt het vanaf die dag als lopend zetten.",
            rule_id="AGR-03",
        )
    return move_network(network, NetworkState.RUNNING, by=by, at=at)
