"""What comes after the project: plan, final evaluation, future and label (MON-09, PRG-26, STA-08, STA-09, H-23, H-31, LES-03).

The plan is asked so many months before the end as the call says. The final evaluation begins after the last day; it ends the
project once every year is settled, nothing is to be paid back and the indicators have their value, and keeps them as they were.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from calls.ruleset import Rules
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.findings import Finding, Severity, has_errors
from ibnportal.core.lifecycle import lock
from ibnportal.core.months import add_months
from monitoring.domain import indicators, people
from monitoring.domain.lifecycle import move_network
from monitoring.enums import LIVE_NETWORK, FutureKind, NetworkState, PlanKind
from monitoring.models import AwardYear, FinalEvaluation, FuturePlan, FutureStatus, LabelStatus, Network


def plan_due_on(network: Network, rules: Rules) -> date | None:
    """The day by which the plan is asked; None where the call asks none or the end is not known (LES-03)."""
    if rules.exit_plan_months is None or network.end_on is None:
        return None
    return add_months(network.end_on, -rules.exit_plan_months)


@transaction.atomic
def hand_in_plan(
    network: Network,
    *,
    kind: str,
    text: str,
    by: User,
    partner: str = "",
    at: datetime | None = None,
) -> FuturePlan:
    """The network says how it means to go on; again replaces it as the reading, and both stay."""
    if not by.belongs_to(network.beneficiary_id):
        raise NotAllowed("Alleen wie voor het netwerk werkt, bezorgt het toekomstplan.", rule_id="LES-03")
    fresh = lock(network)
    if fresh.state not in LIVE_NETWORK:
        raise WrongState("Een toekomstplan hoort bij een lopend netwerk.", rule_id="LES-03")
    if not text.strip():
        raise DomainError("Beschrijf hoe het netwerk verder wil.", rule_id="LES-03")
    if kind == PlanKind.MERGE and not partner.strip():
        raise DomainError("Vul in met wie het netwerk wil samengaan.", rule_id="LES-03")
    plan = FuturePlan.objects.create(
        network=fresh, kind=kind, text=text.strip(), partner=partner.strip(), handed_in_at=at or clock.now(),
        handed_in_by=by,
    )  # fmt: skip
    trail.record("network.future_planned", fresh, by=by, at=at, changes={"kind": kind, "plan": plan.pk})
    return plan


@transaction.atomic
def begin_evaluation(network: Network, *, by: User, at: datetime | None = None) -> Network:
    """The project is over and its final evaluation begins (STA-08)."""
    _may_judge(network, by)
    at = at or clock.now()
    if network.end_on is None or clock.local(at).date() <= network.end_on:
        day = "" if network.end_on is None else f" Het project loopt tot en met {network.end_on:%d/%m/%Y}."
        raise WrongState(f"De eindevaluatie begint na de laatste dag van het project.{day}", rule_id="MON-09")
    return move_network(network, NetworkState.FINAL_EVALUATION, by=by, at=at)


def preconditions(network: Network) -> list[Finding]:
    """What the end of the project needs, met or not."""
    years = list(AwardYear.objects.filter(network=network).select_related("settlement__recovery"))
    return [
        _years_are_settled(years),
        _nothing_is_owed(years),
        _indicators_are_known(indicators.table(network, None, years=len(years)), len(years)),
        _plan_is_there(network),
    ]


def _finding(where: str, lacking: str, fine: str, rule_id: str = "MON-09") -> Finding:
    return Finding(rule_id, where, lacking or fine, Severity.ERROR if lacking else Severity.OK)


def _years_are_settled(years: Sequence[AwardYear]) -> Finding:
    left = [str(year.project_year) for year in years if getattr(year, "settlement", None) is None]
    lacking = f"Nog niet afgerekend: projectjaar {', '.join(left)}." if left else ""
    return _finding("Afrekeningen", lacking, "Elk projectjaar is afgerekend.", "PAY-05")


def _nothing_is_owed(years: Sequence[AwardYear]) -> Finding:
    recoveries = [getattr(getattr(year, "settlement", None), "recovery", None) for year in years]
    is_open = any(recovery is not None and recovery.repaid_on is None for recovery in recoveries)
    return _finding(
        "Terugvorderingen", "Er is nog een terugvordering open." if is_open else "", "Er is niets terug te betalen.", "PAY-07"
    )  # fmt: skip


def _indicators_are_known(rows: Sequence[indicators.IndicatorRow], years: int) -> Finding:
    left = [row.kpi.label for row in rows if years not in row.reported]
    lacking = f"Geen waarde uit het laatste jaarverslag voor: {', '.join(left)}." if left else ""
    return _finding("Indicatoren", lacking, "Elke indicator heeft zijn eindwaarde.")


def _plan_is_there(network: Network) -> Finding:
    has_plan = FuturePlan.objects.filter(network=network).exists()
    return _finding("Toekomstplan", "" if has_plan else "Het netwerk bezorgde nog geen toekomstplan.", "Het toekomstplan is er.", "LES-03")  # fmt: skip


@transaction.atomic
def conclude(
    network: Network, *, conclusion: str, future: str, by: User, at: datetime | None = None
) -> FinalEvaluation:
    """End the project: indicators frozen beside their targets, the conclusion, and what becomes of the network.

    Raises WrongState with everything that is lacking; an extension only where the call allows it (PRG-26).
    """
    _may_judge(network, by)
    at = at or clock.now()
    fresh = lock(network)
    if fresh.state != NetworkState.FINAL_EVALUATION:
        raise WrongState("De eindevaluatie is nog niet begonnen, of al afgerond.", rule_id="MON-09")
    if not conclusion.strip():
        raise DomainError("Schrijf het besluit van de eindevaluatie op.", rule_id="MON-09")
    found = preconditions(fresh)
    if has_errors(found):
        unmet = [finding for finding in found if finding.severity == Severity.ERROR]
        raise WrongState("Het project kan nog niet afgesloten worden.", rule_id=unmet[0].rule_id, findings=unmet)
    rows = indicators.table(fresh, None, years=fresh.award_years.count())
    evaluation = FinalEvaluation.objects.create(
        network=fresh, indicators=[_frozen(row) for row in rows], conclusion=conclusion.strip(), concluded_at=at, concluded_by=by
    )  # fmt: skip
    today = clock.local(at).date()
    record_future(fresh, kind=future, text="Bij de eindevaluatie.", as_of=today, by=by, at=at)
    trail.record("network.evaluated", fresh, by=by, at=at, reason=conclusion.strip(), changes={"future": future})
    move_network(network, NetworkState.CLOSED, by=by, at=at)
    return evaluation


def _frozen(row: indicators.IndicatorRow) -> dict[str, Any]:
    values = {"baseline": row.kpi.baseline, "target": row.kpi.target, "reached": row.latest, "registers": row.computed}
    return {"label": row.kpi.label, **{name: None if value is None else str(value) for name, value in values.items()}}


@transaction.atomic
def record_future(
    network: Network, *, kind: str, text: str, as_of: date, by: User, at: datetime | None = None
) -> FutureStatus:
    """What is known of the network's future on a day; it changes over time, and each reading stays (H-23, STA-09)."""
    _may_judge(network, by)
    if kind not in FutureKind.values or not text.strip():
        raise DomainError("Kies wat er van het netwerk wordt en schrijf erbij waarop dat steunt.", rule_id="STA-09")
    if as_of > clock.local(at or clock.now()).date():
        raise DomainError(f"{as_of:%d/%m/%Y} ligt in de toekomst. Vul de dag in waarop dit bekend was.", rule_id="H-23")
    try:
        with transaction.atomic():
            made = FutureStatus.objects.create(
                network=network, kind=kind, text=text.strip(), as_of=as_of, source=f"Accountmanager: {by}"
            )
    except IntegrityError as error:
        raise WrongState(f"Op {as_of:%d/%m/%Y} legde u al een stand vast.", rule_id="H-23") from error
    trail.record("network.future_recorded", network, by=by, at=at, changes={"kind": kind, "as_of": as_of})
    return made


@transaction.atomic
def set_label(
    network: Network, *, holds: bool, since: date, reason: str, by: User, at: datetime | None = None
) -> LabelStatus:
    """The network carries the label from that day on, or no longer does (H-31)."""
    _may_judge(network, by)
    if not reason.strip():
        raise DomainError("Schrijf op waarom het netwerk het label krijgt of verliest.", rule_id="H-31")
    lock(network)
    newest = LabelStatus.objects.filter(network=network).first()
    if newest is not None and newest.since >= since:
        raise WrongState(f"Er is al een stand van {newest.since:%d/%m/%Y}. Vul een latere dag in.", rule_id="H-31")
    if newest is not None and newest.holds == holds:
        raise WrongState("Zo stond het label al.", rule_id="H-31")
    made = LabelStatus.objects.create(
        network=network, holds=holds, since=since, reason=reason.strip(), recorded_at=at or clock.now(), recorded_by=by
    )
    trail.record(
        "network.label_set", network, by=by, at=at, reason=made.reason, changes={"holds": holds, "since": since}
    )
    return made


def _may_judge(network: Network, by: User) -> None:
    people.require_role(by, Role.ACCOUNT_MANAGER)
    people.refuse_own_network(network, by)
