"""QM-01 … QM-10: what management and the committee ask of the dossiers that the reader may see."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import QuerySet

from applications.enums import ApplicationState
from applications.models import AdmissibilityCheck, Letter, SpearheadMember
from calls.models import Dimension
from evaluation.enums import DecisionKind, DecisionOutcome
from evaluation.models import CallCeiling, Decision, RankingEntry
from ibnportal.core import enterprise_numbers, places
from ibnportal.core.ui import formats
from ibnportal.portal.answers import companies, decision_reads, reads
from ibnportal.portal.answers.asking import Among, Asked, Read
from ibnportal.portal.answers.reads import CALL, NETWORK
from ibnportal.portal.answers.table import (
    Answer,
    Basis,
    Behind,
    Chart,
    Column,
    Kind,
    Late,
    Made,
    Row,
    Value,
    none_of,
    summed,
    sums,
)
from monitoring.models import AgreementCondition

DOSSIER = Column("dossier", "Dossier")
TITLE = Column("title", "Titel")
NOT_PUBLISHED = "Van vroegere oproepen is dit niet gepubliceerd; van lopende oproepen staan hier enkel de dossiers die u mag inzien."


def admissibility(asked: Asked) -> Answer:
    """Every criterion of admissibility of each dossier: what was found, who judged, when, on which evidence."""
    columns = (
        DOSSIER, Column("phase", "Fase", Kind.NUMBER), Column("criterion", "Criterium"), Column("found", "Vaststelling"),
        Column("verdict", "Oordeel", definition="Het oordeel van een mens; zonder oordeel geldt de vaststelling niet."),
        Column("by", "Door"), Column("on", "Op", Kind.DATE), CALL,
    )  # fmt: skip
    rows = []
    for check in _checks.all(asked):
        application = check.submission.application
        judged = check.verdict_at is not None and check.verdict_at <= asked.until
        cells: dict[str, Value] = {
            "dossier": application.number, "phase": check.submission.phase, "criterion": check.label,
            "found": check.get_machine_outcome_display(), "verdict": check.get_verdict_display() or None if judged else None,
            "by": str(check.verdict_by) if judged and check.verdict_by else None,
            "on": reads.day_of(check.verdict_at, until=asked.until), "call": application.call.code,
        }  # fmt: skip
        behind = Behind(check.label, check.evidence or "geen bewijs genoteerd", f"Indiening {check.submission.version} van fase {check.submission.phase}", note=check.verdict_reason)  # fmt: skip
        rows.append(Row(f"{application.number}-{check.pk}", cells, (behind,)))
    if not rows:
        return none_of(columns, f"Er zijn op die dag geen nagekeken indieningen. {NOT_PUBLISHED}")
    return Answer(columns, tuple(rows), coverage=f"{len({row.cells['dossier'] for row in rows})} dossiers.")


@Read
def _checks(asked: Asked) -> "QuerySet[AdmissibilityCheck]":
    received = AdmissibilityCheck.objects.filter(submission__received_at__lte=asked.until)
    rows = received.filter(submission__application__in=asked.applications().order_by())
    in_order = ("submission__application__number", "submission__phase", "submission__version", "position")
    return rows.order_by(*in_order).select_related("submission__application__call", "verdict_by")


def letters(asked: Asked) -> Answer:
    """Letters of intent per dossier: how many, valid number, in Flanders, unique, signed; and what is wrong with the others."""
    columns = (
        DOSSIER, Column("phase", "Fase", Kind.NUMBER), Column("letters", "Brieven", Kind.NUMBER, basis=Basis.COMPUTED),
        Column("valid", "Geldig nummer", Kind.NUMBER, "Het controlegetal van het ondernemingsnummer klopt.", Basis.COMPUTED),
        Column("flemish", "In Vlaanderen", Kind.NUMBER, "Volgens de postcode.", Basis.COMPUTED),
        Column("unique", "Verschillende ondernemingen", Kind.NUMBER, basis=Basis.COMPUTED),
        Column("signed", "Ondertekend", Kind.NUMBER, "Bestand of ondertekening via de link.", Basis.COMPUTED),
        CALL,
    )  # fmt: skip
    groups: dict[tuple[str, int], list[Letter]] = defaultdict(list)
    for letter in _letters.all(asked):
        groups[letter.application.number, letter.phase].append(letter)
    rows = []
    for (number, phase), own in groups.items():
        valid = [letter for letter in own if enterprise_numbers.is_valid(letter.enterprise_number)]
        cells: dict[str, Value] = {
            "dossier": number, "phase": phase, "letters": len(own), "valid": len(valid),
            "flemish": sum(places.is_flemish(letter.postcode) for letter in own),
            "unique": len({letter.enterprise_number for letter in valid}), "signed": sum(_is_signed(letter) for letter in own),
            "call": own[0].application.call.code,
        }  # fmt: skip
        behind = tuple(Behind(letter.company_name, _fault(letter), f"Brieven van {number}") for letter in own)
        rows.append(Row(f"{number}-{phase}", cells, behind))
    if not rows:
        return none_of(columns, f"Er zijn op die dag geen brieven. {NOT_PUBLISHED}")
    return Answer(columns, tuple(rows), summed(rows, "letters", "valid", "flemish", "unique", "signed"), coverage=f"{len(rows)} keer een fase van een dossier.")  # fmt: skip


@Read
def _letters(asked: Asked) -> "QuerySet[Letter]":
    rows = Letter.objects.filter(application__in=asked.applications().order_by(), added_at__lte=asked.until)
    return rows.order_by("application__number", "phase", "pk").select_related("application__call")


def _is_signed(letter: Letter) -> bool:
    return letter.signed_file_id is not None or letter.signed_online_at is not None


def _fault(letter: Letter) -> str:
    faults = [
        enterprise_numbers.explain(letter.enterprise_number),
        "" if places.is_flemish(letter.postcode) else "niet in Vlaanderen",
        "" if _is_signed(letter) else "niet ondertekend",
    ]
    return "; ".join(filter(None, faults)) or "in orde"


def spearhead_overlap(asked: Asked) -> Answer:
    """Members of networks that are members of a spearhead cluster too, by enterprise number."""
    columns = (NETWORK, Column("cluster", "Speerpuntcluster"), Column("shared", "Gedeelde leden", Kind.NUMBER, basis=Basis.COMPUTED), Column("as_of", "Ledenlijst van", Kind.DATE))  # fmt: skip
    networks = asked.known_networks()
    newest: dict[str, int] = {}
    lists = SpearheadMember.objects.filter(member_list__as_of__lte=asked.as_of).select_related("member_list")
    spearhead = list(lists.order_by("member_list__as_of"))
    for one in spearhead:
        newest[one.member_list.cluster] = one.member_list_id
    numbers: dict[str, set[str]] = defaultdict(set)
    dated = {}
    for one in spearhead:
        if newest[one.member_list.cluster] == one.member_list_id:
            numbers[one.member_list.cluster].add(one.enterprise_number)
            dated[one.member_list.cluster] = one.member_list
    members = companies.counted(networks, asked, numbers=set().union(*numbers.values()))
    rows = []
    for network in networks if members else ():
        for cluster, known in sorted(numbers.items()):
            shared = [member for member in members.get(network.pk, ()) if member.company.enterprise_number in known]
            if shared:
                cells: dict[str, Value] = {
                    "network": network.name,
                    "cluster": cluster,
                    "shared": len(shared),
                    "as_of": dated[cluster].as_of,
                }
                rows.append(Row(f"{network.code}-{cluster}", cells, companies.opened(shared)))
    coverage = f"Ledenlijst van {companies.listing(networks, asked)} van {len(networks)} netwerken en van {len(numbers)} {'speerpuntcluster' if len(numbers) == 1 else 'speerpuntclusters'}."
    if not rows:
        return none_of(columns, "Op die dag is er geen gedeeld lid vast te stellen.", coverage=coverage)
    return Answer(columns, tuple(rows), coverage=coverage)


def ranking(asked: Asked) -> Answer:
    """Scores, place and decision of each dossier, with the reason wherever the decision left the ranking."""
    columns = (
        DOSSIER, TITLE, Column("rank", "Plaats", Kind.NUMBER), Column("total", "Score", Kind.NUMBER, "Som van de scores van het panel, gewogen volgens de oproep.", Basis.COMPUTED),
        Column("dimensions", "Per dimensie"), Column("outcome", "Beslissing"), Column("deviation", "Reden van afwijking"), CALL,
    )  # fmt: skip
    entries = {entry.application_id: entry for entry in _entries.all(asked)}
    if not entries:
        return none_of(columns, f"Er is op die dag geen rangschikking te tonen. {NOT_PUBLISHED}")
    decided = {
        decision.application_id: decision
        for decision in Decision.objects.filter(
            application__in=Among(entries), kind=DecisionKind.SUPPORT, released_at__lte=asked.until
        ).order_by("released_at")
    }
    names = {
        (one.call_id, one.code): one.label
        for one in Dimension.objects.filter(call__in={entry.application.call_id for entry in entries.values()})
    }
    rows = []
    for entry in sorted(entries.values(), key=lambda one: (one.application.call.year, one.rank)):
        decision = decided.get(entry.application_id)
        cells: dict[str, Value] = {
            "dossier": entry.application.number, "title": entry.application.title, "rank": entry.rank, "total": entry.total,
            "dimensions": ", ".join(f"{names.get((entry.application.call_id, code), code)} {total}" for code, total in entry.dimension_totals.items()) or None,
            "outcome": DecisionOutcome(decision.outcome).label if decision else None,
            "deviation": decision.deviation_reason or None if decision else None, "call": entry.application.call.code,
        }  # fmt: skip
        behind = Behind(
            f"Plaats {entry.rank}",
            str(entry.total),
            f"Rangschikking {entry.ranking.version} van oproep {entry.application.call.code}",
        )
        rows.append(Row(entry.application.number, cells, (behind,)))
    return Answer(
        columns,
        tuple(rows),
        coverage=f"{len(rows)} gerangschikte dossiers.",
        notes=("Namen van deskundigen staan hier niet.",),
    )


@Read
def _entries(asked: Asked) -> "QuerySet[RankingEntry]":
    rows = RankingEntry.objects.filter(ranking__computed_at__lte=asked.until)
    in_order = rows.filter(application__in=asked.applications().order_by()).order_by("ranking__version")
    return in_order.select_related("application__call", "ranking")


def remaining_budget(asked: Asked) -> Answer:
    """What is left of the budget of a call after each award."""
    columns = (
        CALL, DOSSIER, Column("amount", "Toegekend", Kind.EURO, basis=Basis.REPORTED), Column("spent", "Samen", Kind.EURO, basis=Basis.COMPUTED),
        Column("left", "Rest", Kind.EURO, "Budget van de oproep min de toekenningen tot dan.", Basis.COMPUTED), Column("places", "Plaatsen over", Kind.NUMBER, "Hoogste aantal van de oproep min de toekenningen tot dan.", Basis.COMPUTED),
    )  # fmt: skip
    ceilings = {ceiling.call_id: ceiling for ceiling in CallCeiling.objects.filter(call__in=asked.known_calls())}
    lines = []
    spent: dict[int, Decimal] = defaultdict(Decimal)
    count: dict[int, int] = defaultdict(int)
    for pk, call, code, number, amount in decision_reads.awards(asked, "call_key", "call", "number", "amount"):
        ceiling = ceilings.get(call)
        if ceiling is None or amount is None:
            continue
        spent[call] += amount
        count[call] += 1
        lines.append((pk, code, number, amount, spent[call], ceiling, count[call]))

    def row(line: tuple[int, str, str, Decimal, Decimal, CallCeiling, int]) -> Row:
        pk, code, number, amount, so_far, ceiling, place = line
        cells: dict[str, Value] = {
            "call": code, "dossier": number, "amount": amount, "spent": so_far,
            "left": ceiling.budget - so_far, "places": ceiling.max_awards - place,
        }  # fmt: skip
        return Row(number, cells, decision_reads.behind(asked, DecisionOutcome.AWARDED, pk))

    if not lines:
        return none_of(columns, "Op die dag is uit geen enkele oproep met een gepubliceerd budget steun toegekend.")
    total = sums(amount=[amount for _, _, _, amount, *_ in lines])
    return Answer(columns, Made(lines, row), total, coverage=f"{len(ceilings)} oproepen met een budget.")


def portfolio(asked: Asked) -> Answer:
    """How the awards are spread over sectors and domains."""
    columns = (Column("domain", "Sector of domein"), Column("networks", "Netwerken", Kind.NUMBER, basis=Basis.COMPUTED), Column("amount", "Toegekende steun", Kind.EURO, basis=Basis.COMPUTED))  # fmt: skip
    groups: dict[str, list[tuple[int, Decimal | None]]] = defaultdict(list)
    decisions = decision_reads.awards(asked, "sector", "technology_domain", "amount")
    for pk, sector, domain, amount in decisions:
        groups[sector or domain or "Niet ingevuld"].append((pk, amount))
    rows = []
    for name, own in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        amounts = [amount for _, amount in own if amount is not None]
        cells: dict[str, Value] = {
            "domain": name,
            "networks": len(own),
            "amount": sum(amounts, Decimal(0)) if amounts else None,
        }
        rows.append(Row(name, cells, decision_reads.behind(asked, DecisionOutcome.AWARDED, *(pk for pk, _ in own))))
    known = sum(row.cells["networks"] for row in rows if row.key != "Niet ingevuld")  # type: ignore[misc]
    return Answer(columns, tuple(rows), summed(rows, "networks", "amount"), coverage=f"Sector of domein gekend voor {known} van {len(decisions)} netwerken; van vroegere oproepen zijn enkel kernwoorden gepubliceerd (QE-04).", chart=Chart("Toegekende steun per sector", "domain", ("amount",), unit="euro"))  # fmt: skip


def conditions(asked: Asked) -> Answer:
    """The conditions of each award: open or met, since when."""
    columns = (
        NETWORK,
        Column("condition", "Voorwaarde"),
        Column("state", "Stand"),
        Column("on", "Vervuld op", Kind.DATE),
        CALL,
    )
    drafted: list[AgreementCondition] = _drafted_conditions.all(asked)
    networks = asked.networks_of(one.agreement.network_id for one in drafted)
    rows, followed = [], set()
    for one in drafted:
        network = networks.get(one.agreement.network_id)
        if network is None:
            continue
        followed.add(network.pk)
        met = reads.day_of(one.met_at, until=asked.until)
        cells: dict[str, Value] = {
            "network": network.name,
            "condition": one.text,
            "state": "vervuld" if met else "open",
            "on": met,
            "call": network.call_code,
        }
        rows.append(
            Row(
                f"overeenkomst-{one.pk}",
                cells,
                (Behind("Voorwaarde", one.met_note or "open", "Overeenkomst", reads.page_of(network)),),
            )
        )
    said = decision_reads.conditions(asked)
    for pk, followed_up, title, call in decision_reads.awards_among(asked, said, "network_pk", "title", "call"):
        for condition, _, text in said.get(pk, ()) if followed_up not in followed else ():
            cells = {"network": title, "condition": text, "state": "niet opgevolgd in het portaal", "call": call}
            rows.append(
                Row(f"beslissing-{condition}", cells, decision_reads.behind(asked, DecisionOutcome.AWARDED, pk))
            )
    return Answer(
        columns, tuple(rows), base="Voorwaarden van bekendgemaakte toekenningen.", coverage=f"{len(rows)} voorwaarden."
    )


@Read
def _drafted_conditions(asked: Asked) -> "QuerySet[AgreementCondition]":
    rows = AgreementCondition.objects.filter(agreement__drafted_at__lte=asked.until)
    return asked.of_asked(rows, "agreement__network").select_related("agreement")


def deadlines(asked: Asked) -> Answer:
    """Reports that are expected, in, or late on the date, also those that nobody began."""
    columns = (NETWORK, Column("what", "Wat"), Column("due", "Uiterlijk", Kind.DATE), Column("state", "Stand"), CALL)
    rows = []
    for year, due in reads.reporting_years(asked):
        network, report = year.network, getattr(year, "report", None)
        received = reads.day_of(report.submitted_at, until=asked.until) if report is not None else None
        state = "ingediend" if received else ("te laat" if due < asked.as_of else "lopend")
        cells: dict[str, Value] = {
            "network": network.name,
            "what": f"Jaarverslag {year.project_year}",
            "due": due,
            "state": state,
            "call": network.call.code,
        }
        rows.append(
            Row(
                f"verslag-{network.code}-{year.project_year}",
                cells,
                (Behind("Jaarverslag", reads.written(received), "Verslagen in het portaal", reads.page_of(network)),),
            )
        )
    if not rows:
        return none_of(columns, "Op die dag loopt in het portaal geen enkele termijn van een verslag.")
    return Answer(columns, tuple(rows), coverage=f"{len(rows)} verslagen.")


def past_files(asked: Asked) -> Answer:
    """Earlier dossiers of an applicant, by enterprise number; without one: whoever has more than one dossier."""
    columns = (
        Column("organisation", "Aanvrager"),
        Column("number", "Ondernemingsnummer"),
        DOSSIER,
        TITLE,
        Column("state", "Stand vandaag"),
        CALL,
    )
    groups: dict[tuple[str, str], list[list[str]]] = defaultdict(list)
    beside = decision_reads.co_applicants(asked)
    for pk, name, number, *dossier in _dossiers.lines(asked):
        groups[name, number].append(dossier)
        for other in beside.get(pk, ()):
            groups[other].append(dossier)
    lines = [
        (name, number, dossier)
        for (name, number), own in sorted(groups.items())
        if (asked.company and number == asked.company) or (not asked.company and len(own) > 1)
        for dossier in own
    ]

    def row(line: tuple[str, str, list[str]]) -> Row:
        name, number, (dossier, title, kept, call) = line
        state = ApplicationState(kept).label
        cells = {
            "organisation": name, "number": enterprise_numbers.format(number) if number else None, "dossier": dossier,
            "title": title, "state": state, "call": call,
        }  # fmt: skip
        return Row(f"{name}-{dossier}", cells, (Behind(title, state, f"Dossier {dossier}"),))

    if not lines:
        return none_of(columns, "Er is geen vroeger dossier van deze aanvrager, of u mag het niet inzien.")
    return Answer(
        columns,
        Made(lines, row),
        coverage="Aanvragers van oproepen van voor het portaal zijn zonder ondernemingsnummer gepubliceerd.",
    )


@Read
def _dossiers(asked: Asked) -> "QuerySet[Any]":
    known = asked.applications().filter(created_at__lte=asked.until)
    return known.values_list("pk", "applicant__name", "applicant__enterprise_number", "number", "title", "state", "call__code")  # fmt: skip


def sheets(asked: Asked) -> Answer:
    """One line a decision with all that was decided."""
    columns = (
        DOSSIER, TITLE, Column("applicants", "Aanvrager"), Column("outcome", "Beslissing"), Column("on", "Beslist op", Kind.DATE),
        Column("requested", "Gevraagd", Kind.EURO, basis=Basis.REPORTED), Column("amount", "Toegekend", Kind.EURO, basis=Basis.REPORTED),
        Column("rules", "Versie van de regels", Kind.NUMBER), Column("conditions", "Voorwaarden", Kind.NUMBER), CALL,
    )  # fmt: skip
    read = ("dossier", "number", "title", "applicant", "decided_on", "requested", "amount", "rules", "call")
    others, said = decision_reads.co_applicants(asked), decision_reads.conditions(asked)
    decided = decision_reads.either(asked, *read)

    def row(one: tuple[DecisionOutcome, tuple[Any, ...]]) -> Row:
        outcome, (pk, dossier, number, title, applicant, decided_on, requested, amount, rules, call) = one
        cells = {
            "dossier": number, "title": title, "applicants": decision_reads.together(applicant, others.get(dossier)), "outcome": str(outcome.label), "on": decided_on,
            "requested": requested, "amount": amount, "rules": rules, "conditions": len(said.get(pk, ())), "call": call,
        }  # fmt: skip
        return Row(number, cells, Late(2, partial(_behind_sheet, asked, outcome, pk)))

    total = sums(requested=[line[6] for _, line in decided], amount=[line[7] for _, line in decided])
    return Answer(columns, Made(decided, row), total, coverage=f"{len(decided)} beslissingen.")


def _behind_sheet(asked: Asked, outcome: str, decided: int) -> list[Behind]:
    """A decision and why it was taken, read of all of them when somebody opens one."""
    every: dict[int, tuple[date | None, str]] = asked.once(
        f"motivations {outcome}",
        lambda: {
            pk: (day, reason) for pk, day, reason in decision_reads.decisions(asked, outcome, "decided_on", "reason")
        },
    )
    day, reason = every[decided]
    when = formats.short_date(day) if day else "dag niet gepubliceerd"
    return [*decision_reads.behind(asked, outcome, decided), Behind("Motivering", when, "Beslissing", note=reason)]
