"""QA-01 … QA-10: what an auditor asks of the running networks; every figure with the row that it comes from."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from django.db.models import Count, Max, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from calls.enums import ContributionKind
from evaluation.enums import DecisionOutcome
from ibnportal.core.audit.models import AuditEvent
from ibnportal.core.ui import formats
from ibnportal.portal.answers import acts, decision_reads, reads
from ibnportal.portal.answers.asking import Among, Asked, NetworkLine, Read
from ibnportal.portal.answers.reads import CALL, NETWORK
from ibnportal.portal.answers.statements import since
from ibnportal.portal.answers.table import (
    Answer,
    Basis,
    Behind,
    Column,
    Each,
    Kind,
    Late,
    Made,
    Row,
    Value,
    joined,
    none_of,
    share,
    summed,
    sums,
)
from ibnportal.portal.history.facts import EVALUATED_ON
from monitoring.domain.state_aid import is_above_bound
from monitoring.enums import ContributionState
from monitoring.models import Agreement, AwardYear, Contribution, Report, ReportCost, SteeringMeeting, Tranche

YEAR = Column("year", "Projectjaar", Kind.NUMBER)
NOT_THERE = "Van geen enkel netwerk staan op die dag projectjaren in het portaal; van vroegere oproepen is dit niet gepubliceerd."


MOST_LISTED, MOST_BEHIND = 2_000, 200
"""Rows of a list of invoices, and invoices behind one figure; what is summed is summed over all."""


class Year(NamedTuple):
    """What answers say of a project year of a signed agreement: as it was settled by the date."""

    pk: int
    network: NetworkLine
    project_year: int
    starts_on: date
    ends_on: date
    awarded_amount: Decimal
    settled_at: datetime | None
    forfeited: Decimal | None
    payable: Decimal | None
    reduction_reason: str | None


_OF_YEAR = (
    "pk", "network_id", "project_year", "starts_on", "ends_on", "awarded_amount",
    "settlement__settled_at", "settlement__forfeited", "settlement__payable", "settlement__reduction_reason",
)  # fmt: skip
_UNSETTLED = (None, None, None, None)


def award_years(asked: Asked, *since: str) -> list[Year]:
    """The project years of signed agreements by network and year; only those of which these moments had come by the date."""
    lines, found = _years.lines(asked, since), []
    networks = {network.pk: network for network in asked.known_networks()} if lines else {}
    for pk, network, number, starts_on, ends_on, amount, settled_at, *settled in lines:
        if network in networks:
            is_settled = settled_at is not None and settled_at <= asked.until
            own = (settled_at, *settled) if is_settled else _UNSETTLED
            found.append(Year(pk, networks[network], number, starts_on, ends_on, amount, *own))
    return found


@Read
def _years(asked: Asked, since: tuple[str, ...]) -> "QuerySet[Any]":
    signed = AwardYear.objects.filter(network__agreement__signed_at__lte=asked.until)
    rows = asked.of_asked(signed).filter(**{f"{moment}__lte": asked.until for moment in since})
    return rows.order_by("network__code", "project_year").values_list(*_OF_YEAR)


def _signed(asked: Asked) -> "QuerySet[AwardYear]":
    networks = Among(asked.known_networks())
    return AwardYear.objects.filter(network__in=networks, network__agreement__signed_at__lte=asked.until)


def _least_cash(years: list[Year]) -> dict[int, Decimal | None]:
    """The least fraction of cash by network, from the rules of its agreement; one query."""
    agreements = Agreement.objects.filter(network__in=Among({year.network.pk for year in years}))
    return dict(agreements.values_list("network_id", "rules__min_cash_fraction"))


def _sums(asked: Asked) -> dict[int, dict[str, Decimal]]:
    """Accepted cash, accepted income and what was refused by the date, of each of `award_years`; what is not there has no sum. One query."""
    judged, cash = Q(judged_at__lte=asked.until), Q(kind__startswith="cash")
    accepted = judged & Q(state=ContributionState.ACCEPTED)
    rows = Contribution.objects.filter(
        award_year__in=_signed(asked).order_by().values("pk"), entered_at__lte=asked.until
    )
    grouped = rows.order_by().values("award_year_id").annotate(
        cash=Sum("amount", filter=accepted & cash),
        income=Sum("amount", filter=accepted & ~cash),
        refused=Sum("amount", filter=judged & Q(state=ContributionState.REFUSED)),
    )  # fmt: skip
    names = ("cash", "income", "refused")
    return {
        year: {name: amount for name, amount in zip(names, amounts, strict=True) if amount is not None}
        for year, *amounts in grouped.values_list("award_year_id", *names)
    }


def _costs(years: list[Year], asked: Asked) -> dict[int, list[ReportCost]]:
    """The costs of each year whose report was handed in by the date; one query."""
    rows = ReportCost.objects.filter(
        report__award_year__in=Among(year.pk for year in years), report__submitted_at__lte=asked.until
    )
    costs = defaultdict(list)
    for cost in rows.select_related("report").order_by("report", "cost_type"):
        costs[cost.report.award_year_id].append(cost)
    return costs


def released_tranches(years: list[Year], asked: Asked) -> dict[int, dict[int, Tranche]]:
    """The tranches of each year that were released by the date, by their number; one query."""
    tranches: dict[int, dict[int, Tranche]] = defaultdict(dict)
    about = {year.pk for year in years}
    for tranche in _released.all(asked):
        if tranche.award_year_id in about:
            tranches[tranche.award_year_id][tranche.number] = tranche
    return tranches


@Read
def _released(asked: Asked) -> "QuerySet[Tranche]":
    rows = Tranche.objects.filter(released_at__lte=asked.until).order_by("award_year", "number")
    return asked.of_asked(rows, "award_year__network")


def _cells(year: Year) -> dict[str, Value]:
    return {"network": year.network.name, "year": year.project_year, "call": year.network.call_code}


def project_years(asked: Asked) -> Answer:
    """Per project year: awarded, costs, co-financing, instalments, forfeited."""
    columns = (
        NETWORK, YEAR, Column("awarded", "Toegekend", Kind.EURO, basis=Basis.REPORTED), Column("claimed", "Kosten ingediend", Kind.EURO, basis=Basis.REPORTED),
        Column("accepted", "Kosten aanvaard", Kind.EURO, basis=Basis.REPORTED), Column("cash", "Cash aanvaard", Kind.EURO, basis=Basis.COMPUTED),
        Column("income", "Inkomsten aanvaard", Kind.EURO, "Vóór de begrenzing op hun aandeel.", Basis.COMPUTED), Column("refused", "Geweigerd", Kind.EURO, basis=Basis.COMPUTED),
        Column("first", "Schijf 1", Kind.EURO, basis=Basis.REPORTED), Column("first_on", "Vrijgegeven op", Kind.DATE), Column("second", "Schijf 2", Kind.EURO, basis=Basis.REPORTED),
        Column("forfeited", "Verloren", Kind.EURO, basis=Basis.COMPUTED), CALL,
    )  # fmt: skip
    years = award_years(asked)
    sums, costs_of, tranches_of, rows = _sums(asked), _costs(years, asked), released_tranches(years, asked), []
    for year in years:
        costs = costs_of.get(year.pk, [])
        own, tranches = sums.get(year.pk, {}), tranches_of.get(year.pk, {})
        first, second = tranches.get(1), tranches.get(2)
        accepted = [cost.accepted_amount for cost in costs if cost.accepted_amount is not None]
        cells = _cells(year) | {
            "awarded": year.awarded_amount, "claimed": sum((c.submitted_amount for c in costs), Decimal(0)) if costs else None,
            "accepted": sum(accepted, Decimal(0)) if accepted else None, "cash": own.get("cash"), "income": own.get("income"), "refused": own.get("refused"),
            "first": first.amount if first else None, "first_on": reads.day_of(first.released_at) if first else None, "second": second.amount if second else None,
            "forfeited": year.forfeited,
        }  # fmt: skip
        behind = Each([year, *costs, *tranches.values()], _behind)
        rows.append(Row(f"{year.network.code}-{year.project_year}", cells, behind, url=reads.page_of(year.network)))
    if not rows:
        return none_of(columns, NOT_THERE)
    return Answer(columns, tuple(rows), summed(rows, "awarded", "claimed", "accepted", "cash", "income", "refused", "first", "second", "forfeited"), coverage=f"{len(rows)} projectjaren.")  # fmt: skip


def _behind(one: Year | ReportCost | Tranche) -> Behind:
    """What a project year rests on: the agreement, a cost of its report, or a tranche."""
    if isinstance(one, Year):
        return Behind("Toegekend", formats.euro(one.awarded_amount), "Overeenkomst", reads.page_of(one.network))
    if isinstance(one, ReportCost):
        amount = formats.euro(one.submitted_amount)
        return Behind(one.get_cost_type_display(), amount, "Jaarverslag", note=one.correction_reason)
    released = f"Vrijgegeven op {reads.written(reads.day_of(one.released_at))}"
    return Behind(f"Schijf {one.number}", formats.euro(one.amount), released)


def cash_test(asked: Asked) -> Answer:
    """Cash and income against their bounds, per year and in total."""
    columns = (
        NETWORK, YEAR, Column("cash", "Cash", Kind.EURO, basis=Basis.COMPUTED), Column("income", "Inkomsten", Kind.EURO, basis=Basis.COMPUTED),
        Column("share", "Aandeel cash", Kind.PERCENT, "Van alle aanvaarde bijdragen.", Basis.COMPUTED), Column("least", "Minstens", Kind.PERCENT, "Uit de regels van de overeenkomst.", Basis.PUBLISHED),
        Column("state", "Stand"), CALL,
    )  # fmt: skip
    years = award_years(asked)
    sums, bounds, rows = _sums(asked), _least_cash(years), []
    for year in years:
        own = sums.get(year.pk, {})
        cash, income = own.get("cash", Decimal(0)), own.get("income", Decimal(0))
        if cash + income:
            least = bounds[year.network.pk]
            part = share(cash, cash + income)
            state = (
                "geen regel"
                if least is None
                else ("voldaan" if cash >= least * (cash + income) else "inkomsten tellen maar deels")
            )
            cells = _cells(year) | {"cash": cash, "income": income, "share": part, "least": least, "state": state}
            rows.append(Row(f"{year.network.code}-{year.project_year}", cells, (Behind("Aanvaarde bijdragen", formats.euro(cash + income), "Bijdragen in het portaal", reads.page_of(year.network)),)))  # fmt: skip
    if not rows:
        return none_of(columns, "Op die dag is nog geen bijdrage aanvaard.")
    totals = summed(rows, "cash", "income")
    return Answer(columns, tuple(rows), totals, coverage=f"{len(rows)} projectjaren met aanvaarde bijdragen.")


def counted_contributions(asked: Asked) -> Answer:
    """Each contribution that counts: company, invoice, project reference, services, dates, and why it may count."""
    columns = (
        NETWORK, YEAR, Column("payer", "Onderneming"), Column("invoice", "Factuur"), Column("amount", "Bedrag", Kind.EURO, "Zonder btw.", Basis.REPORTED),
        Column("kind", "Soort"), Column("invoiced", "Factuurdatum", Kind.DATE), Column("received", "Ontvangen", Kind.DATE), Column("services", "Diensten"), CALL,
    )  # fmt: skip
    counted = _contributions(asked, ContributionState.ACCEPTED)
    networks = {network.pk: network for network in asked.known_networks()}
    kinds = {str(value): str(label) for value, label in ContributionKind.choices}
    rows = [
        Row(
            f"bijdrage-{pk}",
            {
                "network": networks[network].name, "year": year, "payer": payer, "invoice": invoice, "amount": amount, "kind": kinds[kind],
                "invoiced": invoiced_on, "received": received_on, "services": services or None, "call": networks[network].call_code,
            },
            Late(1, partial(_counted, invoice, judged_at, networks[network], refers_to_project=refers_to_project)),
        )
        for pk, network, year, payer, invoice, amount, kind, invoiced_on, received_on, services, refers_to_project, judged_at
        in _in_order(counted).values_list(*_OF_INVOICE)[:MOST_LISTED]
    ]  # fmt: skip
    if not rows:
        return none_of(
            columns,
            "Op die dag is nog geen bijdrage aanvaard.",
            *since(asked, EVALUATED_ON, "Van vroegere oproepen zijn enkel de maten van tabel 8 gepubliceerd (QE-08)."),
        )
    whole = counted.aggregate(amount=Sum("amount"), number=Count("pk"))
    if whole["number"] == len(rows):
        return Answer(columns, tuple(rows), summed(rows, "amount"), coverage=f"{len(rows)} aanvaarde bijdragen.")
    note = f"De eerste {len(rows)} van {whole['number']} bijdragen; het totaal telt ze allemaal. Beperk tot een netwerk voor elke rij."
    return Answer(columns, tuple(rows), {"amount": whole["amount"]}, coverage=f"{whole['number']} aanvaarde bijdragen.", notes=(note,))  # fmt: skip


_OF_INVOICE = (
    "pk", "award_year__network_id", "award_year__project_year", "payer__name", "invoice_number", "amount", "kind", "invoiced_on", "received_on",
    "services", "refers_to_project", "judged_at",
)  # fmt: skip


def _counted(invoice: str, judged_at: datetime, network: NetworkLine, *, refers_to_project: bool) -> list[Behind]:
    """Why an invoice may count."""
    said = "verwijst naar het project" if refers_to_project else "verwijst niet"
    judged = f"Aanvaard op {reads.written(reads.day_of(judged_at))}"
    return [Behind(f"Factuur {invoice}", said, judged, reads.page_of(network))]


def refused_contributions(asked: Asked) -> Answer:
    """Contributions refused, by the rule that they broke."""
    columns = (
        Column("rule", "Regel"),
        Column("count", "Bijdragen", Kind.NUMBER, basis=Basis.COMPUTED),
        Column("amount", "Bedrag", Kind.EURO, basis=Basis.COMPUTED),
    )
    refused = _contributions(asked, ContributionState.REFUSED)
    sums = refused.order_by().values("refused_rule").annotate(number=Count("pk"), amount=Sum("amount"))
    rows = [
        Row(
            rule,
            {"rule": rule, "count": number, "amount": amount},
            _refused_on(rule, number, asked),
            f"Achter dit cijfer staan de eerste {MOST_BEHIND} bijdragen." if number > MOST_BEHIND else "",
        )
        for rule, number, amount in sums.order_by("refused_rule").values_list("refused_rule", "number", "amount")
    ]
    if not rows:
        return none_of(columns, "Op die dag is geen enkele bijdrage geweigerd.")
    return Answer(columns, tuple(rows), summed(rows, "count", "amount"))


def _refused_on(rule: str, number: int, asked: Asked) -> Sequence[Behind]:
    """The first invoices that were refused on a rule, read for all rules when somebody opens one of them."""

    def read() -> dict[str, list[Contribution]]:
        place = Window(
            RowNumber(), partition_by="refused_rule", order_by=("award_year__network__code", "invoiced_on", "pk")
        )
        refused = _contributions(asked, ContributionState.REFUSED).annotate(place=place)
        groups: dict[str, list[Contribution]] = defaultdict(list)
        listed = _in_order(refused.filter(place__lte=MOST_BEHIND))
        for one in listed.select_related("payer", "award_year__network"):
            groups[one.refused_rule].append(one)
        return groups

    first = Late(min(number, MOST_BEHIND), lambda: asked.once("refused", read)[rule])
    return Each(first, _behind_refusal)


def _behind_refusal(one: Contribution) -> Behind:
    what = f"{one.payer.name}, {one.invoice_number}"
    return Behind(what, formats.euro(one.amount), f"Geweigerd, {one.award_year.network.code}", note=one.refusal_reason)


def _contributions(asked: Asked, state: str) -> "QuerySet[Contribution]":
    rows = Contribution.objects.filter(
        award_year__network__in=Among(asked.known_networks()),
        state=state,
        judged_at__lte=asked.until,
    )
    return rows.filter(payer__enterprise_number=asked.company) if asked.company else rows


def _in_order(rows: "QuerySet[Contribution]") -> "QuerySet[Contribution]":
    """As an auditor goes through them."""
    return rows.order_by("award_year__network__code", "award_year__project_year", "invoiced_on", "pk")


def separate_accounts(asked: Asked) -> Answer:
    """Whether a network keeps its accounts apart from those of its host."""
    columns = (NETWORK, YEAR, Column("separate", "Gescheiden boekhouding"), Column("key", "Verdeelsleutel"), CALL)
    rows = []
    for report in _handed_in.all(asked):
        year, said = report.award_year, "ja" if report.keeps_separate_accounts else "nee"
        cells: dict[str, Value] = {"network": year.network.name, "year": year.project_year, "separate": said, "key": report.allocation_key or None, "call": year.network.call.code}  # fmt: skip
        rows.append(Row(f"{year.network.code}-{year.project_year}", cells, (Behind("Gescheiden boekhouding", said, "Jaarverslag", reads.page_of(year.network)),)))  # fmt: skip
    if not rows:
        return none_of(columns, "Op die dag is nog geen jaarverslag ingediend dat dit zegt.")
    return Answer(
        columns,
        tuple(rows),
        coverage=f"Verdeelsleutel gegeven in {sum(row.cells['key'] is not None for row in rows)} van {len(rows)} verslagen.",
    )


@Read
def _handed_in(asked: Asked) -> "QuerySet[Report]":
    reports = Report.objects.filter(award_year__network__in=asked.networks().order_by(), submitted_at__lte=asked.until)
    in_order = reports.order_by("award_year__network__code", "award_year__project_year")
    return in_order.select_related("award_year__network__call")


def staffing(asked: Asked) -> Answer:
    """Person-months planned and realised."""
    columns = (
        NETWORK, YEAR, Column("planned", "Gepland (hele project)", Kind.NUMBER, "Mensmaanden van de aanvraag, alle jaren samen.", Basis.REPORTED),
        Column("realised", "Gerealiseerd", Kind.NUMBER, "Mensmaanden van het jaarverslag.", Basis.REPORTED), CALL,
    )  # fmt: skip
    rows = []
    years = award_years(asked, "report__submitted_at")
    costs = _costs(years, asked)
    for year in years:
        months = sum((cost.person_months for cost in costs.get(year.pk, ())), Decimal(0))
        cells = _cells(year) | {"planned": None, "realised": months}
        rows.append(
            Row(
                f"{year.network.code}-{year.project_year}",
                cells,
                (Behind("Mensmaanden", reads.written(months), "Jaarverslag", reads.page_of(year.network)),),
            )
        )
    planned = [
        one for one in decision_reads.awards(asked, "network_code", "network_name", "months", "source", "call") if one[1] is not None and one[3] is not None
    ]  # fmt: skip

    def plan(line: tuple[Any, ...]) -> Row:
        _, code, name, months, source, call = line
        cells = {"network": name, "year": None, "planned": months, "realised": None, "call": call}
        return Row(f"{code}-plan", cells, (Behind("Mensmaanden", reads.written(months), source or "Aanvraag"),))

    return Answer(
        columns,
        joined(rows, Made(planned, plan)),
        sums(planned=[months for _, _, _, months, *_ in planned]) | summed(rows, "realised"),
        coverage="Realisatie enkel uit jaarverslagen in het portaal.",
    )


def state_aid(asked: Asked) -> Answer:
    """State aid per cluster organisation over the years of the ceiling, and the awards that have to be published."""
    columns = (
        Column("beneficiary", "Begunstigde"), Column("awards", "Toekenningen", Kind.NUMBER, basis=Basis.COMPUTED), Column("amount", "Steun", Kind.EURO, "Som van de toekenningen in de jaren van het plafond.", Basis.COMPUTED),
        Column("ceiling", "Plafond", Kind.EURO, "Uit de regels van de jongste oproep.", Basis.PUBLISHED), Column("publish", "Te publiceren", Kind.NUMBER, "Toekenningen boven de grens van hun oproep, binnen zes maanden.", Basis.COMPUTED),
    )  # fmt: skip
    with_ceiling = [line for line in reads.rules(asked, "state_aid_years", "state_aid_ceiling") if line[1] is not None]
    _, years, ceiling = with_ceiling[-1] if with_ceiling else (None, None, None)
    since = asked.as_of - timedelta(days=int((years or 10) * 365.25))
    groups: dict[str, list[tuple[int, Decimal | None, Decimal | None]]] = defaultdict(list)
    read = ("network_pk", "applicant", "amount", "published_above")
    for pk, network, applicant, amount, bound in decision_reads.decisions(
        asked, DecisionOutcome.AWARDED, *read, since=since
    ):
        if network is not None:
            groups[applicant].append((pk, amount, bound))

    def row(group: tuple[str, list[tuple[int, Decimal | None, Decimal | None]]]) -> Row:
        name, own = group
        amounts = [amount for _, amount, _ in own if amount is not None]
        cells = {
            "beneficiary": name, "awards": len(own), "amount": sum(amounts, Decimal(0)) if amounts else None,
            "ceiling": ceiling, "publish": sum(is_above_bound(amount, bound) for _, amount, bound in own),
        }  # fmt: skip
        return Row(name, cells, decision_reads.behind(asked, DecisionOutcome.AWARDED, *(pk for pk, *_ in own)))

    every = list(chain.from_iterable(groups.values()))
    known = [amount for _, amount, _ in every if amount is not None]
    publish = sum(is_above_bound(amount, bound) for _, amount, bound in every)
    return Answer(
        columns,
        Made(sorted(groups.items()), row),
        sums(awards=[len(every)], amount=known, publish=[publish]) if every else {},
        coverage=f"Bedrag gekend voor {len(known)} toekenningen.",
    )


def trail(asked: Asked) -> Answer:
    """What was done in the files, by kind of act; names stay in the trail itself."""
    columns = (
        Column("action", "Handeling"),
        Column("count", "Keer", Kind.NUMBER, basis=Basis.COMPUTED),
        Column("last", "Laatste keer", Kind.DATE),
    )
    rows = [
        Row(
            action,
            {"action": acts.in_words(action), "count": number, "last": reads.day_of(last)},
            (Behind(acts.in_words(action), str(number), "Auditspoor van het portaal"),),
        )
        for action, number, last in _acts.lines(asked)
    ]
    if not rows:
        return none_of(columns, "Op die dag was er nog geen auditspoor.")
    return Answer(
        columns,
        tuple(rows),
        summed(rows, "count"),
        notes=("Wie wat deed, leest een beheerder in het auditspoor van elk dossier.",),
    )


@Read
def _acts(asked: Asked) -> "QuerySet[Any]":
    """How often each act was done, and when last."""
    by_action = AuditEvent.objects.filter(at__lte=asked.until).order_by("action").values("action")
    return by_action.annotate(number=Count("pk"), last=Max("at")).values_list("action", "number", "last")


def rules_applied(asked: Asked) -> Answer:
    """Which version of the call's rules each decision was taken under."""
    columns = (Column("dossier", "Dossier"), Column("outcome", "Beslissing"), Column("rules", "Versie van de regels", Kind.NUMBER), Column("reason", "Reden van die versie"), CALL)  # fmt: skip
    decided = decision_reads.either(asked, "number", "rules", "rules_reason", "call")

    def row(one: tuple[DecisionOutcome, tuple[Any, ...]]) -> Row:
        outcome, (pk, number, version, reason, call) = one
        cells = {"dossier": number, "outcome": str(outcome.label), "rules": version, "reason": reason or None, "call": call}  # fmt: skip
        return Row(number, cells, decision_reads.behind(asked, outcome, pk))

    return Answer(columns, Made(decided, row), coverage=f"{len(decided)} beslissingen.")


def steering(asked: Asked) -> Answer:
    """Meetings of the steering group: invitation, attendance of the observer, minutes."""
    columns = (NETWORK, Column("held", "Vergadering", Kind.DATE), Column("invited", "Uitgenodigd", Kind.DATE), Column("observer", "Waarnemer aanwezig"), Column("minutes", "Verslag", Kind.DATE), CALL)  # fmt: skip
    rows = []
    for meeting in _meetings.all(asked):
        seen = {True: "ja", False: "nee", None: None}[meeting.observer_present]
        cells: dict[str, Value] = {
            "network": meeting.network.name, "held": reads.day_of(meeting.starts_at), "invited": reads.day_of(meeting.invited_at, until=asked.until),
            "observer": seen, "minutes": reads.day_of(meeting.minutes_at, until=asked.until), "call": meeting.network.call.code,
        }  # fmt: skip
        rows.append(Row(f"{meeting.network.code}-{meeting.pk}", cells, (Behind("Vergadering", reads.written(reads.day_of(meeting.starts_at)), "Stuurgroep in het portaal", reads.page_of(meeting.network)),)))  # fmt: skip
    if not rows:
        return none_of(columns, "Op die dag staat in het portaal nog geen vergadering van een stuurgroep.")
    return Answer(columns, tuple(rows), coverage=f"{len({row.cells['network'] for row in rows})} netwerken.")


@Read
def _meetings(asked: Asked) -> "QuerySet[SteeringMeeting]":
    held = SteeringMeeting.objects.filter(cancelled_at__isnull=True, starts_at__lte=asked.until)
    in_order = held.filter(network__in=asked.networks().order_by()).order_by("network__code", "starts_at")
    return in_order.select_related("network__call")
