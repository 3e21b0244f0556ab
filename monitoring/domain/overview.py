"""A network and its project years at a glance: what was collected, what is due, what each tranche waits for.

Everything here is computed from rows fetched together (`networks_with_years`), so that a page or a list of any length
costs the same few queries. The verbs check again on locked rows; this only tells.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import (
    Case,
    Count,
    Exists,
    FilteredRelation,
    Func,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce

from calls.ruleset import Rules
from ibnportal.core import clock
from ibnportal.core.findings import Finding, has_errors
from ibnportal.core.money import ZERO, format_euros
from monitoring.domain import payable, steering
from monitoring.domain.queries import CASH, current_year, report_due_on
from monitoring.domain.tranches import FIRST, SECOND
from monitoring.enums import LIVE_NETWORK, ContributionState, ExtensionState, NetworkState, ReportState, TrancheState
from monitoring.models import (
    AwardYear,
    Contribution,
    FuturePlan,
    Membership,
    Network,
    Report,
    ReportExtension,
    Settlement,
    SteeringMeeting,
    Tranche,
)


class Light(StrEnum):
    """How a network stands; never shown without its reason."""

    RED = "danger"
    AMBER = "warning"
    GREEN = "success"
    NONE = "neutral"


@dataclass(frozen=True, slots=True)
class TrancheView:
    """One tranche as a reader sees it: `status` is a word of the list page, `text` says what it waits for."""

    number: int
    label: str
    status: str
    text: str
    amount: Decimal | None
    tranche: Tranche | None = None


@dataclass(frozen=True, slots=True)
class YearView:
    """One project year; amounts in euros, fractions between 0 and 1 (more where more came in than required).

    `first` and `second` are the standing tranches; what each waits for is told by `tranches`, for who reads it.
    """

    year: AwardYear
    rules: Rules
    cofinancing: payable.Cofinancing
    waiting: Decimal
    waiting_count: int
    refused: Decimal
    required: Decimal
    threshold: Decimal | None
    report: Report | None
    settlement: Settlement | None
    due_on: date
    first: Tranche | None
    second: Tranche | None

    @property
    def tranches(self) -> tuple[TrancheView, TrancheView]:
        """Both tranches with what they wait for."""
        return _first(self), _second(self)

    @property
    def collected_fraction(self) -> Decimal:
        """Accepted co-financing against what is required."""
        return self.cofinancing.total / self.required if self.required else Decimal(1)

    @property
    def threshold_fraction(self) -> Decimal | None:
        """The threshold's share of what is required."""
        return self.rules.first_tranche_threshold_fraction

    @property
    def is_threshold_met(self) -> bool:
        """Whether the first tranche may go."""
        return payable.is_threshold_met(self.cofinancing.total, self.year.awarded_amount, self.rules)

    @property
    def to_threshold(self) -> Decimal:
        """How much is still lacking for the first tranche."""
        return max((self.threshold or ZERO) - self.cofinancing.total, ZERO)

    @property
    def to_required(self) -> Decimal:
        """How much is still lacking for all of it."""
        return max(self.required - self.cofinancing.total, ZERO)

    @property
    def cash_fraction(self) -> Decimal | None:
        """Cash against what came in, before the income is capped; None when nothing came in."""
        total = self.cofinancing.cash + self.cofinancing.income
        return self.cofinancing.cash / total if total else None

    @property
    def income_ceiling(self) -> Decimal | None:
        """The most income that the cash of now lets count."""
        return payable.income_ceiling(self.cofinancing.cash, self.rules)

    @property
    def is_closed(self) -> bool:
        """Whether contributions of the year are fixed."""
        return self.year.claims_closed_at is not None

    def has_ended(self, on: date) -> bool:
        """Whether the year is over on that day."""
        return on > self.year.ends_on

    def elapsed_fraction(self, on: date) -> Decimal:
        """How much of the year is over, between 0 and 1."""
        days = (self.year.ends_on - self.year.starts_on).days + 1
        past = (on - self.year.starts_on).days
        return min(max(Decimal(past) / Decimal(days), Decimal(0)), Decimal(1))


@dataclass(frozen=True, slots=True)
class NetworkView:
    """A network with its years; `now` is the year of today."""

    network: Network
    years: tuple[YearView, ...]
    now: YearView | None
    members: int
    light: Light
    reason: str
    meetings: tuple[SteeringMeeting, ...] = field(default=())
    steering: tuple[Finding, ...] = field(default=())

    @property
    def attended(self) -> int:
        """How many meetings of the steering group the observer sat at, this project year (H-14)."""
        return 0 if self.now is None else steering.attended(self.meetings, self.now.year)

    @property
    def next_meeting(self) -> SteeringMeeting | None:
        """The first meeting that is still to come."""
        coming = [meeting for meeting in self.meetings if meeting.ends_at > clock.now()]
        return min(coming, key=lambda meeting: meeting.starts_at, default=None)

    @property
    def has_agreement(self) -> bool:
        """Whether the portal knows its amounts a year; of a network of an earlier call it does not."""
        return getattr(self.network, "agreement", None) is not None

    @property
    def awarded(self) -> Decimal:
        """Over the whole project; 0 without an agreement, whatever sources say."""
        return self.network.awarded or ZERO if self.has_agreement else ZERO  # type: ignore[attr-defined]

    @property
    def paid(self) -> Decimal:
        """Released over the whole project; 0 without an agreement, whatever sources say."""
        return self.network.paid or ZERO if self.has_agreement else ZERO  # type: ignore[attr-defined]

    @property
    def is_live(self) -> bool:
        """Whether the project runs, so that its figures of this year mean something."""
        return self.network.state in LIVE_NETWORK and self.now is not None

    def year(self, number: int) -> YearView | None:
        """The year with that number."""
        return next((view for view in self.years if view.year.project_year == number), None)


def project_years() -> QuerySet[AwardYear]:
    """Project years with all that a `YearView` reads, in one query for any number of them."""
    standing = ~Q(tranches__state=TrancheState.WITHDRAWN)
    return (
        AwardYear.objects.annotate(
            ledger=_ledger(),
            asks_extension=Exists(
                ReportExtension.objects.filter(award_year=OuterRef("pk"), state=ExtensionState.ASKED)
            ),
            first_tranche=FilteredRelation("tranches", condition=standing & Q(tranches__number=FIRST)),
            second_tranche=FilteredRelation("tranches", condition=standing & Q(tranches__number=SECOND)),
        )
        .select_related(  # type: ignore[misc] # the two relations are made above
            "report", "settlement__recovery",
            "first_tranche__proposed_by", "first_tranche__released_by", "second_tranche__proposed_by", "second_tranche__released_by",
        )
        .order_by("project_year")
    )  # fmt: skip


_EMPTY = (ZERO, ZERO, ZERO, ZERO, ZERO)


def _ledger() -> Subquery:
    """The year's contributions as (cash, income, waiting, refused, how many wait), in euros; None without any."""
    accepted = Q(state=ContributionState.ACCEPTED)
    sums = (
        Sum("amount", filter=accepted & Q(kind__in=CASH)),
        Sum("amount", filter=accepted & ~Q(kind__in=CASH)),
        Sum("amount", filter=Q(state__in=(ContributionState.SUBMITTED, ContributionState.QUESTIONED))),
        Sum("amount", filter=Q(state=ContributionState.REFUSED)),
        Count("pk", filter=Q(state=ContributionState.SUBMITTED)),
    )
    amounts = ArrayField(models.DecimalField())
    together = Func(*sums, function="ARRAY", template="%(function)s[%(expressions)s]", output_field=amounts)
    lines = Contribution.objects.filter(award_year=OuterRef("pk")).order_by().values("award_year")
    return Subquery(lines.annotate(together=together).values("together"), output_field=amounts)


def with_years(networks: QuerySet[Network], *, until: date | None = None) -> QuerySet[Network]:
    """The networks with all that `view_of` reads: three queries for any number of them.

    With `until` a list reads no year that comes after the one of that day, unless something was entered for it: nothing
    can be due or lacking there. It reads no year of a closed network, and no contributions before a network runs: it tells
    nothing of them. What was awarded and paid is of the whole project all the same.
    """
    return with_figures(networks).prefetch_related(*years_and_meetings(until=until))


def with_figures(networks: QuerySet[Network]) -> QuerySet[Network]:
    """The networks with what `view_of` reads of one that has no agreement, in one query."""
    return networks.select_related("call", "beneficiary", "account_manager", "agreement__rules").annotate(
        member_count=_members(on=clock.today()),
        has_future_plan=Exists(FuturePlan.objects.filter(network=OuterRef("pk"))),
        awarded=_of_project("awarded_amount"),
        paid=_of_project("paid_amount"),
    )


def years_and_meetings(*, until: date | None = None) -> "tuple[Prefetch[Any, Any, Any], ...]":
    """What `view_of` reads besides of a network with an agreement (see `with_years`)."""
    years = project_years()
    if until is not None:
        running_before = AwardYear.objects.filter(
            network=OuterRef("network"), project_year__lt=OuterRef("project_year"), ends_on__gte=until
        )
        entered = Contribution.objects.filter(award_year=OuterRef("pk"))
        runs = Q(network__state__in=LIVE_NETWORK)
        years = years.annotate(ledger=Case(When(runs, then=_ledger())))
        years = years.exclude(network__state=NetworkState.CLOSED).filter(
            Q(starts_on__lte=until) | ~Exists(running_before) | Exists(entered)
        )
    meetings = SteeringMeeting.objects.filter(cancelled_at__isnull=True).order_by("-starts_at")
    return (
        Prefetch("award_years", queryset=years, to_attr="loaded_years"),
        Prefetch("steering_meetings", queryset=meetings, to_attr="loaded_meetings"),
    )


def _members(*, on: date) -> Coalesce:
    """How many organisations are members on that day."""
    current = Membership.objects.filter(
        Q(left_on__isnull=True) | Q(left_on__gte=on), network=OuterRef("pk"), joined_on__lte=on
    )
    counted = current.order_by().values("network").annotate(together=Count("organisation", distinct=True))
    return Coalesce(Subquery(counted.values("together")), 0)


def _of_project(amount: str) -> Subquery:
    years = AwardYear.objects.filter(network=OuterRef("pk")).order_by().values("network")
    return Subquery(years.values(total=Sum(amount)))


def view_of(network: Network, *, on: date | None = None) -> NetworkView:
    """A network from `with_years` as a page shows it."""
    day = on or clock.today()
    agreement = getattr(network, "agreement", None)
    if agreement is None:
        return NetworkView(network, (), None, network.member_count, *_light_without_years(network))  # type: ignore[attr-defined]
    views = years_of(network, network.loaded_years)  # type: ignore[attr-defined]
    current = current_year([view.year for view in views], on=day)
    now = next((view for view in views if view.year is current), None)
    meetings: list[SteeringMeeting] = network.loaded_meetings  # type: ignore[attr-defined]
    for meeting in meetings:
        meeting.network = network
    lacking: list[Finding] = []
    if network.state in LIVE_NETWORK and views:
        lacking = steering.findings(meetings, [view.year for view in views], views[0].rules, at=clock.now())
    light, reason = light_of(network, views, now, day)
    # That the observer missed meetings is no failing of the network: it is shown, but colours nothing.
    failings = [finding for finding in lacking if has_errors([finding]) and finding.rule_id != "H-14"]
    if light == Light.GREEN and failings:
        light, reason = Light.AMBER, _as_reason(failings[0])
    return NetworkView(
        network,
        views,
        now,
        network.member_count,  # type: ignore[attr-defined]
        light,
        reason,
        tuple(meetings),
        tuple(lacking),
    )


def years_of(network: Network, years: Iterable[AwardYear]) -> tuple[YearView, ...]:
    """The project years of one network as its pages show them, from `project_years` in their order."""
    rules_row = network.agreement.rules
    rules_row.call = network.call  # the same row, at hand
    rules = rules_row.frozen()
    views: list[YearView] = []
    for year in years:
        year.network = network
        views.append(_year_view(year, rules, views[-1] if views else None))
    return tuple(views)


def _year_view(year: AwardYear, rules: Rules, before: YearView | None) -> YearView:
    carried = ZERO
    if before is not None and before.settlement is not None:
        carried = before.settlement.surplus_cofinancing
    cash, income, waiting, refused, waiting_count = (part or ZERO for part in year.ledger or _EMPTY)  # type: ignore[attr-defined]
    cofinancing = payable.accepted_cofinancing(cash=cash, income=income, rules=rules, carried=carried)
    report, settlement = getattr(year, "report", None), getattr(year, "settlement", None)
    return YearView(
        year=year,
        rules=rules,
        cofinancing=cofinancing,
        waiting=waiting,
        waiting_count=int(waiting_count),
        refused=refused,
        required=payable.required_cofinancing(year.awarded_amount),
        threshold=payable.threshold(year.awarded_amount, rules),
        report=report,
        settlement=settlement,
        due_on=report.due_on if report is not None else report_due_on(year, rules),
        first=_standing(year, "first_tranche"),
        second=_standing(year, "second_tranche"),
    )


def _standing(year: AwardYear, name: str) -> Tranche | None:
    """The tranche that was read with the year; a relation that found nothing leaves no attribute."""
    tranche: Tranche | None = getattr(year, name, None)
    if tranche is not None:
        tranche.award_year = year
    return tranche


def preview(view: YearView, *, accepted_costs: Decimal, reduction: Decimal = ZERO) -> payable.SettlementFigures:
    """What settling the year now would come to, from the rows at hand; `settlements.settle` computes it again."""
    first = view.first
    released = first.amount if first is not None and first.state != TrancheState.PROPOSED else ZERO
    return payable.settlement(
        awarded=view.year.awarded_amount,
        accepted_costs=accepted_costs,
        cofinancing=view.cofinancing,
        already_released=released,
        rules=view.rules,
        reduction=reduction,
    )


# ---------------------------------------------------------------- what a tranche waits for


def _existing(number: int, label: str, tranche: Tranche) -> TrancheView:
    texts = {
        TrancheState.PROPOSED: f"Voorgesteld door {tranche.proposed_by}; wacht op vrijgave door een tweede persoon.",
        TrancheState.RELEASED: f"Vrijgegeven door {tranche.released_by}; de betaalopdracht wordt gemaakt.",
        TrancheState.ORDERED: f"Vrijgegeven door {tranche.released_by}; de betaalopdracht ligt klaar.",
        TrancheState.PAID: f"Betaald op {tranche.paid_on:%d/%m/%Y}." if tranche.paid_on else "Betaald.",
    }
    return TrancheView(number, label, tranche.state, texts[TrancheState(tranche.state)], tranche.amount, tranche)


def _first(view: YearView) -> TrancheView:
    label = "Eerste schijf"
    if view.first is not None:
        return _existing(FIRST, label, view.first)
    if view.settlement is not None:
        return TrancheView(
            FIRST, label, "none", "Geen eerste schijf; wat verschuldigd is, komt na de afrekening.", None
        )
    if not view.is_threshold_met:
        text = f"Wacht op cofinanciering: nog {format_euros(view.to_threshold)} tot de drempel van {format_euros(view.threshold or ZERO)}."
        return TrancheView(FIRST, label, "waiting", text, None)
    amount = payable.first_tranche_amount(view.year.awarded_amount, view.cofinancing.total, view.rules)
    if not amount:
        return TrancheView(FIRST, label, "waiting", "Er is nog geen aanvaarde cofinanciering.", None)
    return TrancheView(
        FIRST, label, "ready", "De drempel is bereikt; de accountmanager kan de schijf voorstellen.", amount
    )


def _second(view: YearView) -> TrancheView:
    label = "Tweede schijf"
    if view.second is not None:
        return _existing(SECOND, label, view.second)
    settlement = view.settlement
    if settlement is not None:
        if settlement.balance > ZERO:
            return TrancheView(
                SECOND, label, "ready", "Het saldo van de afrekening kan voorgesteld worden.", settlement.balance
            )
        if settlement.balance < ZERO:
            text = f"Geen tweede schijf: {format_euros(-settlement.balance)} wordt teruggevorderd."
            return TrancheView(SECOND, label, "recovery", text, None)
        return TrancheView(SECOND, label, "none", "Het saldo van de afrekening is nul.", None)
    missing = _before_settlement(view)
    if missing:
        return TrancheView(SECOND, label, "waiting", f"Wacht op {_listed(missing)}.", None)
    return TrancheView(SECOND, label, "settle", "Alles is er: het jaar kan afgerekend worden.", None)


def _before_settlement(view: YearView) -> list[str]:
    missing = []
    if view.report is None or view.report.state in (ReportState.DRAFT, ReportState.RETURNED):
        missing.append("het jaarverslag")
    elif view.report.state == ReportState.SUBMITTED:
        missing.append("de goedkeuring van het jaarverslag")
    if not view.is_closed:
        missing.append("het afsluiten van de bijdragen")
    if view.first is not None and view.first.state == TrancheState.PROPOSED:
        missing.append("de vrijgave van de eerste schijf")
    return missing


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} en {parts[-1]}"


# ---------------------------------------------------------------- traffic lights


def _light_without_years(network: Network) -> tuple[Light, str]:
    if network.is_reconstructed:
        return Light.NONE, "Afgelopen project, uit gepubliceerde bronnen: geen bedragen per jaar in het portaal."
    return Light.NONE, "Nog geen overeenkomst."


def light_of(network: Network, views: Sequence[YearView], now: YearView | None, day: date) -> tuple[Light, str]:
    """The colour of a network on that day and why; `now` is the project year of that day."""
    if network.state in (NetworkState.AGREEMENT_DRAFTED, NetworkState.SIGNED):
        if network.start_on is not None and day >= network.start_on:
            return Light.RED, f"De start was voorzien op {network.start_on:%d/%m/%Y}, maar het netwerk loopt nog niet."
        return (
            Light.NONE,
            "De overeenkomst wordt opgemaakt."
            if network.state == NetworkState.AGREEMENT_DRAFTED
            else "Ondertekend, nog niet gestart.",
        )
    if network.state not in LIVE_NETWORK or now is None:
        return Light.NONE, "Afgesloten."
    if views and all(view.settlement is not None for view in views):
        return Light.NONE, "Alle projectjaren zijn afgerekend."
    for view in views:
        handed_in = view.report is not None and view.report.submitted_at is not None
        if view.has_ended(day) and not handed_in and day > view.due_on:
            return Light.RED, f"Jaarverslag {view.year.project_year} te laat: het was nodig op {view.due_on:%d/%m/%Y}."
        if view.has_ended(day) and view.settlement is None and not view.is_threshold_met:
            return (
                Light.RED,
                f"Projectjaar {view.year.project_year} is voorbij met {_per_cent(view.collected_fraction)} van de cofinanciering.",
            )
    return light_of_money(network, now, day)


def _as_reason(found: Finding) -> str:
    return f"{found.where}: {found.message[0].lower()}{found.message[1:]}"


def light_of_money(network: Network, now: YearView, day: date) -> tuple[Light, str]:
    """How this year's co-financing goes beside the part of the year that is over."""
    collected, elapsed = now.collected_fraction, now.elapsed_fraction(day)
    of_year = f"cofinanciering van projectjaar {now.year.project_year}"
    figures = f"{_per_cent(collected)} van de {of_year}, {_per_cent(elapsed)} van dat jaar voorbij"
    if not network.member_count:  # type: ignore[attr-defined]
        return Light.AMBER, "Er zijn nog geen leden ingeschreven."
    if collected >= elapsed:
        return Light.GREEN, f"Op schema: {figures}."
    if elapsed * 2 < 1:
        return Light.GREEN, f"Nog ruim de tijd: {figures}."
    if collected * 2 < elapsed:
        return Light.RED, f"Ver achter: {figures}."
    return Light.AMBER, f"Achter: {figures}."


def _per_cent(fraction: Decimal) -> str:
    return f"{int(fraction * 100)}\N{NO-BREAK SPACE}%"
