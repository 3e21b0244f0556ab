"""QP-01 … QP-09: what parliament asked in 2017 about the first call, answered for any call and any date."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet

from applications.models import Submission
from calls.models import Call, Phase
from evaluation.enums import DecisionKind, DecisionOrigin, DecisionOutcome
from evaluation.models import Decision, RankingEntry
from ibnportal.core.ui import formats
from ibnportal.portal.answers import decision_reads, reads
from ibnportal.portal.answers.asking import Among, Asked, Read
from ibnportal.portal.answers.reads import CALL
from ibnportal.portal.answers.table import (
    Answer,
    Basis,
    Behind,
    Chart,
    Column,
    Kind,
    Made,
    Row,
    Value,
    joined,
    known_in,
    none_of,
    sums,
)
from monitoring.models import SteeringMeeting

TITLE = Column("title", "Titel")
APPLICANTS = Column("applicants", "Aanvrager", definition="Wie de aanvraag indiende; soms meer dan één.")
REQUESTED = Column(
    "requested", "Gevraagde steun", Kind.EURO, "De steun die in de volledige aanvraag gevraagd is.", Basis.REPORTED
)
FUNNEL = "weg-"
FULL = "weg-3"
REVIEWED, NEXT = "weg-5", "weg-6"
SUPPORTED = "gesteund-totaal"
"""How many were supported in the end: a step where some were only after a review."""
AWARDED = "toegekend"
CENT = Decimal("0.01")


def not_selected(asked: Asked) -> Answer:
    """Which projects got no support, with what they asked."""
    refused = decision_reads.refusals(asked, "dossier", "number", "title", "applicant", "requested", "call")
    others = decision_reads.co_applicants(asked)

    def row(line: tuple[Any, ...]) -> Row:
        pk, dossier, number, title, applicant, requested, call = line
        cells = {"title": title, "applicants": decision_reads.together(applicant, others.get(dossier)), "requested": requested, "call": call}  # fmt: skip
        return Row(number, cells, decision_reads.behind(asked, DecisionOutcome.REJECTED, pk))

    asked_for = [requested for *_, requested, _ in refused]
    return Answer(
        (TITLE, APPLICANTS, REQUESTED, CALL),
        Made(refused, row),
        sums(requested=asked_for),
        base="Projecten met een volledige aanvraag en een bekendgemaakte beslissing om niet te steunen.",
        coverage=f"Gevraagd bedrag gekend voor {known_in(asked_for, 'projecten')}.",
        notes=_unseen(asked),
    )


def not_selected_fields(asked: Asked) -> Answer:
    """The field of work of each project that got no support."""
    columns = (
        TITLE,
        Column("domain", "Werkgebied", definition="Sector, technologiedomein of kernwoorden van de aanvraag."),
        Column("summary", "Samenvatting"),
        CALL,
    )
    refused = decision_reads.refusals(
        asked, "number", "title", "sector", "technology_domain", "keywords", "summary", "call"
    )

    def row(line: tuple[Any, ...]) -> Row:
        pk, number, title, *domains, summary, call = line
        cells = {"title": title, "domain": "; ".join(filter(None, domains)) or None, "summary": summary or None, "call": call}  # fmt: skip
        return Row(number, cells, decision_reads.behind(asked, DecisionOutcome.REJECTED, pk))

    known = sum(any(domains) for _, _, _, *domains, _, _ in refused)
    answer = Answer(
        columns, Made(refused, row), coverage=f"Werkgebied gekend voor {known} van {len(refused)} projecten."
    )
    if refused and not known:
        return answer.with_notes(
            "Het antwoord van 2017 publiceert enkel titels; werkgebied en actieplan staan in geen bron."
        )
    return answer


def not_selected_budget(asked: Asked) -> Answer:
    """Support and whole budget that each project without support asked for."""
    columns = (
        TITLE,
        REQUESTED,
        Column("budget", "Totaal budget", Kind.EURO, "De gevraagde steun gedeeld door het steunpercentage van de oproep.", Basis.COMPUTED),
        Column("rate", "Steunpercentage", Kind.PERCENT, "Uit de regels van de oproep.", Basis.PUBLISHED),
        CALL,
    )  # fmt: skip
    refused = decision_reads.refusals(asked, "number", "title", "requested", "rate", "call")
    budgets = [
        None if requested is None or not rate else (requested / rate).quantize(CENT)
        for _, _, _, requested, rate, _ in refused
    ]

    def row(line: tuple[tuple[Any, ...], Decimal | None]) -> Row:
        (pk, number, title, requested, rate, call), budget = line
        cells = {"title": title, "requested": requested, "budget": budget, "rate": rate, "call": call}
        return Row(number, cells, decision_reads.behind(asked, DecisionOutcome.REJECTED, pk))

    asked_for = [requested for _, _, _, requested, *_ in refused]
    return Answer(
        columns,
        Made(list(zip(refused, budgets, strict=True)), row),
        sums(requested=asked_for, budget=budgets),
        base="Projecten met een volledige aanvraag en een bekendgemaakte beslissing om niet te steunen.",
        coverage=f"Gevraagd bedrag gekend voor {known_in(asked_for, 'projecten')}.",
    )


def not_selected_grounds(asked: Asked) -> Answer:
    """On which criteria each project was not selected."""
    columns = (TITLE, Column("ground", "Motivering van de beslissing"), Column("rules", "Uitsluitingsregels"), CALL)
    refused = decision_reads.refusals(asked, "dossier", "number", "title", "reason", "is_reconstructed", "call")
    ranked = RankingEntry.objects.filter(
        application__in=Among(dossier for _, dossier, *_ in refused), ranking__computed_at__lte=asked.until
    )
    knockouts = dict(ranked.order_by("ranking__version").values_list("application_id", "knockouts"))

    def row(line: tuple[Any, ...]) -> Row:
        pk, dossier, number, title, reason, _, call = line
        found = knockouts.get(dossier)
        cells = {"title": title, "ground": reason, "rules": "; ".join(map(str, found)) if found else None, "call": call}
        return Row(number, cells, decision_reads.behind(asked, DecisionOutcome.REJECTED, pk))

    scored = [knockouts.get(dossier) or None for _, dossier, *_ in refused]
    answer = Answer(
        columns, Made(refused, row), coverage=f"Scores per criterium gekend voor {known_in(scored, 'projecten')}."
    )
    if any(is_reconstructed for *_, is_reconstructed, _ in refused):
        return answer.with_notes(
            "Voor de eerste oproep is enkel de regel voor de hele groep gepubliceerd (H-07), niet welk deel voor welk project gold."
        )
    return answer


def funnel(asked: Asked) -> Answer:
    """From idea to support, step by step, per call."""
    columns = (
        CALL,
        Column("step", "Stap"),
        Column("count", "Aantal", Kind.NUMBER, "Initiatieven die deze stap bereikten."),
        Column("basis", "Soort"),
    )
    told = _when_decided(reads.published(asked, FUNNEL, SUPPORTED), asked)
    numbered = [fact for fact in told if fact.call is not None and fact.number is not None]
    said = [fact for fact in numbered if fact.subject.startswith(FUNNEL)]
    rows = [
        Row(
            f"{fact.call}-{fact.subject}",
            {"call": fact.call, "step": fact.label, "count": fact.number, "basis": Basis.REPORTED.value},
            tuple(
                reads.behind_published(one) for one in numbered if (one.call, one.subject) == (fact.call, fact.subject)
            ),
            note=fact.note,
        )
        for fact in _in_steps(numbered)
        if fact.is_reading
    ]
    rows += _decided(said, asked)
    with_facts = {fact.call_id for fact in said}
    rows += _counted_steps([call for call in asked.known_calls() if call.pk not in with_facts], asked)
    return Answer(
        columns,
        tuple(rows),
        base="Alle ingediende initiatieven van een oproep.",
        coverage="Van oproepen van voor het portaal zijn enkel de gepubliceerde aantallen gekend; de andere telt het portaal zelf.",
        chart=Chart("Van idee tot steun", "step", ("count",), group="call"),
    )


def _in_steps(numbered: list[reads.Printed]) -> list[reads.Printed]:
    """The steps of each call, and after a review how many were supported in all."""
    reviewed = {fact.call for fact in numbered if fact.subject.startswith(REVIEWED)}
    calls = list(dict.fromkeys(fact.call for fact in numbered))
    shown = [fact for fact in numbered if fact.subject != SUPPORTED or fact.call in reviewed]
    return sorted(shown, key=lambda fact: (calls.index(fact.call), NEXT if fact.subject == SUPPORTED else fact.subject, fact.subject != SUPPORTED))  # fmt: skip


def _when_decided(said: list[reads.Printed], asked: Asked) -> list[reads.Printed]:
    """What was said of how calls went; what a source says without a day counts from the first decision of its call, not before."""
    undated = {fact.call_id for fact in said if fact.stated_on is None and fact.call_id is not None}
    decided = decision_reads.decided_calls(asked, undated)
    return [fact for fact in said if fact.stated_on is not None or fact.call_id in decided]


def _decided(said: list[reads.Printed], asked: Asked) -> list[Row]:
    """Full proposals counted from their decisions, for a call of which no source had printed that step by then."""
    printed = {fact.call_id for fact in said if fact.subject.startswith(FULL)}
    spoken_of = {fact.call_id for fact in said if fact.call_id is not None} - printed
    counted: dict[str, dict[str, list[int]]] = {}
    for outcome in (DecisionOutcome.AWARDED, DecisionOutcome.REJECTED):
        for pk, code in decision_reads.decisions(asked, outcome, "call", calls=frozenset(spoken_of)):
            counted.setdefault(code, defaultdict(list))[outcome].append(pk)
    return [
        Row(
            f"{code}-{FULL}",
            {"call": code, "step": "Volledige aanvragen met een beslissing", "count": sum(map(len, found.values())), "basis": Basis.COMPUTED.value},
            joined(*(decision_reads.behind(asked, outcome, *keys) for outcome, keys in found.items())),
        )
        for code, found in counted.items()
    ]  # fmt: skip


def _counted_steps(calls: list[Call], asked: Asked) -> list[Row]:
    """The steps of the calls that ran in the portal, counted from its own rows as of the date; two queries."""
    handed_in: dict[tuple[int, int], int] = defaultdict(int)
    outcomes: dict[int, dict[tuple[str, str, str], int]] = defaultdict(lambda: defaultdict(int))
    for call_id, phase, number in _received.lines(asked) if calls else ():
        handed_in[call_id, phase] = number
    for call_id, kind, outcome, origin, number in _outcomes.lines(asked) if calls else ():
        outcomes[call_id][kind, outcome, origin] = number
    rows = []
    for call in calls:
        of_call = outcomes[call.pk]
        support = DecisionKind.SUPPORT
        steps: tuple[tuple[str, int], ...] = (
            ("Vooraanmeldingen ingediend", handed_in[call.pk, 1]),
            ("Gepreselecteerd", sum(n for (_, outcome, _), n in of_call.items() if outcome == "preselected")),
            ("Volledige aanvragen ingediend", handed_in[call.pk, 2]),
            ("Gesteund", sum(n for (kind, outcome, _), n in of_call.items() if (kind, outcome) == (support, "awarded"))),
            ("Waarvan na herziening", of_call[support, "awarded", DecisionOrigin.REVIEW]),
            ("Niet gesteund", sum(n for (kind, outcome, _), n in of_call.items() if (kind, outcome) == (support, "rejected"))),
        )  # fmt: skip
        is_decided = any(kind == support for kind, _, _ in of_call)
        if not handed_in[call.pk, 1]:  # of a call of the past only decisions are known: what was not counted is not 0
            steps = tuple((step, count) for step, count in steps if count)
        if any(count for _, count in steps) and (is_decided or not asked.is_public):
            rows += [
                Row(
                    f"{call.code}-{place}",
                    {"call": call.code, "step": step, "count": count, "basis": Basis.COMPUTED.value},
                    (
                        Behind(
                            step, str(count), f"Geteld in het portaal, oproep {call.code}", f"/oproepen/{call.code}/"
                        ),
                    ),
                )
                for place, (step, count) in enumerate(steps)
            ]
    return rows


@Read
def _received(asked: Asked) -> "QuerySet[Any]":
    """How many dossiers of each call were handed in, by phase."""
    rows = Submission.objects.filter(received_at__lte=asked.until).order_by()
    rows = rows if asked.call is None else rows.filter(application__call=asked.call)
    counted = rows.values("application__call_id", "phase").annotate(number=Count("application", distinct=True))
    return counted.values_list("application__call_id", "phase", "number")


@Read
def _outcomes(asked: Asked) -> "QuerySet[Any]":
    """How many decisions of each kind, outcome and origin stood in each call."""
    rows = Decision.objects.filter(released_at__lte=asked.until).order_by()
    rows = rows if asked.call is None else rows.filter(application__call=asked.call)
    standing = rows.exclude(Exists(Decision.objects.filter(supersedes=OuterRef("pk"), released_at__lte=asked.until)))
    kinds = ("application__call_id", "kind", "outcome", "origin")
    return standing.values(*kinds).annotate(number=Count("pk")).values_list(*kinds, "number")


def running(asked: Asked) -> Answer:
    """The state of play of the supported projects: who, how much, how many person-months, from when to when."""
    columns = (
        TITLE,
        APPLICANTS,
        Column("award", "Toegekende steun", Kind.EURO, "De steun van de beslissing die op die dag gold, over de hele looptijd.", Basis.REPORTED),
        Column("months", "Mensmaanden", Kind.NUMBER, "Twaalf mensmaanden is één voltijdse medewerker, een jaar lang.", Basis.REPORTED),
        Column("start", "Startdatum", Kind.DATE),
        Column("end", "Einde", Kind.DATE, "36 maanden na de start, of zoals gepubliceerd."),
        Column("state", "Stand"),
        Column("keywords", "Onderwerp"),
    )  # fmt: skip
    read = ("dossier", "number", "name", "applicant", "amount", "months", "start", "network_end_on", "subject", "network_pk", "network_code")  # fmt: skip
    awards, others, ends = (
        decision_reads.awards(asked, *read),
        decision_reads.co_applicants(asked),
        asked.earlier().ends,
    )
    stated = reads.facts((award[-2] for award in awards if award[-1]), asked, "steun", "mensmaanden", "start", "einde")

    def row(line: tuple[Any, ...]) -> Row:
        pk, dossier, number, name, applicant, amount, months, start, printed_end, subject, network, code = line
        end = ends.get(network, printed_end)
        cells = {
            "title": name, "applicants": decision_reads.together(applicant, others.get(dossier)), "award": amount, "months": months,
            "start": start, "end": end, "state": _standing(asked, start, end), "keywords": subject or None,
        }  # fmt: skip
        behind = decision_reads.behind(asked, DecisionOutcome.AWARDED, pk)
        if network in stated:
            behind = joined(behind, reads.behind_facts(stated[network]))
        return Row(number, cells, behind, url=reads.page(code) if code else "")

    amounts, months = [award[5] for award in awards], [award[6] for award in awards]
    return Answer(
        columns,
        Made(awards, row),
        sums(award=amounts, months=months),
        base="Projecten met een bekendgemaakte toekenning op die dag, gestart of nog niet.",
        coverage=f"Bedrag gekend voor {known_in(amounts, 'projecten')}, mensmaanden voor {known_in(months, 'projecten')}.",
        notes=("Het aantal personeelsleden is niet gepubliceerd; de bronnen geven mensmaanden.",),
        chart=Chart("Toegekende steun per project", "title", ("award",), unit="euro"),
    )


def _standing(asked: Asked, start: date | None, end: date | None) -> str:
    if end is not None and end < asked.as_of:
        return "afgelopen"
    if start is None:
        return "start niet gepubliceerd"
    return "lopend" if start <= asked.as_of else "start nog"


def follow_up(asked: Asked) -> Answer:
    """When the running projects are evaluated: reports due and in, steering meetings that the account manager attended."""
    columns = (
        Column("network", "Netwerk"),
        Column("year", "Projectjaar", Kind.NUMBER),
        Column("due", "Verslag uiterlijk", Kind.DATE, "Het jaarverslag is inhoudelijk en financieel."),
        Column("received", "Ingediend", Kind.DATE),
        Column("approved", "Goedgekeurd", Kind.DATE),
        Column("attended", "Vergaderingen bijgewoond", Kind.NUMBER, "Vergaderingen van de stuurgroep in dat projectjaar waar de accountmanager bij was.", Basis.COMPUTED),
        Column("required", "Minstens", Kind.NUMBER, "Hoe vaak de accountmanager er per jaar minstens bij is (H-14).", Basis.PUBLISHED),
    )  # fmt: skip
    by_call = asked.networks_by_call()
    required = {call: least for call, least in reads.rules(asked, "min_steering_meetings_attended") if call in by_call}
    years = sorted(reads.reporting_years(asked), key=lambda pair: (pair[0].network.code, pair[0].project_year))
    meetings = _attended_meetings.lines(asked)
    rows = []
    for year, due in years:
        report = getattr(year, "report", None)
        attended = sum(pk == year.network_id and year.starts_on <= day <= year.ends_on for pk, day in meetings)
        cells: dict[str, Value] = {
            "network": year.network.name,
            "year": year.project_year,
            "due": due,
            "received": reads.day_of(report.submitted_at, until=asked.until) if report is not None else None,
            "approved": reads.day_of(report.approved_at, until=asked.until) if report is not None else None,
            "attended": attended,
            "required": required.get(year.network.call_id),
        }
        behind = Behind(
            f"Jaarverslag {year.project_year}",
            report.get_state_display() if report is not None else "Nog niet begonnen",
            "Verslagen in het portaal",
            reads.page_of(year.network),
        )
        rows.append(Row(f"{year.network.code}-{year.project_year}", cells, (behind,)))
    with_reports = len({row.cells["network"] for row in rows})
    answer = Answer(
        columns,
        tuple(rows),
        coverage=f"Verslagen in het portaal of verwacht, van {with_reports} van {asked.count_networks()} netwerken.",
    )
    past = sum(number for _, number in by_call.values())
    if not rows:
        least = sorted({f"{value}" for value in required.values() if value is not None})
        return none_of(
            columns,
            "Van geen enkel netwerk staat op die dag een jaarverslag in het portaal.",
            f"Regel: elk jaar een verslag, en de accountmanager woont minstens {' of '.join(least)} keer per jaar de stuurgroep bij."
            if least
            else "",
            coverage=answer.coverage,
        )
    return answer.with_notes(
        f"Van {past} netwerken van vroegere oproepen zijn geen verslagen gepubliceerd." if past else ""
    )


@Read
def _attended_meetings(asked: Asked) -> "QuerySet[Any]":
    held = SteeringMeeting.objects.filter(observer_present=True, cancelled_at__isnull=True, starts_at__lte=asked.until)
    return asked.of_asked(held).values_list("network_id", "starts_at__date")


def calls(asked: Asked) -> Answer:
    """Which calls there are, when they open and close, and on which conditions."""
    columns = (
        Column("name", "Oproep"),
        Column("launched", "Lancering"),
        Column("closes", "Fase 1 sluit", Kind.DATE),
        Column("closes_2", "Fase 2 sluit", Kind.DATE),
        Column("state", "Stand"),
        Column("year_max", "Hoogste steun per jaar", Kind.EURO, "Per initiatief, uit de regels van de oproep.", Basis.PUBLISHED),
        Column("years", "Looptijd (jaar)", Kind.NUMBER),
        Column("rate", "Steunpercentage", Kind.PERCENT, basis=Basis.PUBLISHED),
        Column("budget", "Budget", Kind.EURO, "Het budget van de hele oproep, waar gepubliceerd.", Basis.PUBLISHED),
    )  # fmt: skip
    closings: dict[int, dict[int, datetime | None]] = defaultdict(dict)
    for call_id, number, closes_at in _phases.lines(asked):
        closings[call_id][number] = closes_at
    rules = {row[0]: row[1:] for row in reads.rules(asked, "max_grant_year", "project_years", "grant_fraction", "budget_available")}  # fmt: skip
    found = _listed_calls.lines(asked)

    def row(line: tuple[Any, ...]) -> Row:
        pk, code, name, launched_on, launched_text, source = line
        most, years, rate, budget = rules.get(pk, UNRULED)
        closes = closings.get(pk, {})
        first, second = closes.get(1), closes.get(2)
        cells = {
            "name": name,
            "launched": formats.short_date(launched_on) if launched_on else launched_text or None,
            "closes": reads.day_of(first),
            "closes_2": reads.day_of(second),
            "state": _state_of(first, second, asked),
            "year_max": most,
            "years": years,
            "rate": rate,
            "budget": budget,
        }
        address = f"/oproepen/{code}/"
        said = launched_text or formats.short_date(launched_on)
        behind = Behind(name, said, source or "Oproep in het portaal", address)
        return Row(code, cells, (behind,), url=address)

    known = known_in([rules.get(pk, UNRULED)[-1] for pk, *_ in found], "oproepen")
    return Answer(
        columns, Made(found, row), base="Oproepen die op die dag bekend waren.", coverage=f"Budget gekend voor {known}."
    )


UNRULED = (None, None, None, None)


@Read
def _listed_calls(asked: Asked) -> "QuerySet[Any]":
    return asked.calls().values_list("pk", "code", "name", "launched_on", "launched_text", "source")


@Read
def _phases(asked: Asked) -> "QuerySet[Any]":
    rows = Phase.objects.filter(call__in=asked.calls().order_by().values("pk"))
    return rows.values_list("call_id", "number", "closes_at")


def _state_of(first: datetime | None, second: datetime | None, asked: Asked) -> str:
    last = second or first
    if last is None:
        return "data niet gepubliceerd"
    return "open" if last > asked.until else "afgesloten"


def total_support(asked: Asked) -> Answer:
    """The support decided in a call: as printed by each source, and the sum of the amounts."""
    columns = (
        CALL,
        Column("what", "Bron zegt"),
        Column("amount", "Bedrag", Kind.EURO, "Gepubliceerd: zoals gedrukt, dikwijls afgerond. Berekend: de som van de toekenningen."),
        Column("basis", "Soort"),
    )  # fmt: skip
    rows = []
    awards = {one.of: one for one in decision_reads.awarded_by(asked, "call_key")}
    said = [fact for fact in _when_decided(reads.published(asked, AWARDED), asked) if fact.subject == AWARDED]
    for call in asked.known_calls():
        of_call = awards.get(call.pk)
        if of_call is not None and of_call.known:
            what = f"Som van {of_call.known} van {of_call.number} toekenningen"
            cells: dict[str, Value] = {"call": call.code, "what": what, "amount": of_call.amount, "basis": Basis.COMPUTED.value}  # fmt: skip
            rows.append(Row(f"{call.code}-som", cells, decision_reads.behind_together(asked, "call_key", of_call)))
        rows += [
            Row(
                f"{call.code}-{fact.pk}",
                {"call": call.code, "what": fact.value, "amount": fact.number, "basis": Basis.PUBLISHED.value},
                (reads.behind_published(fact),),
                note=fact.note,
            )
            for fact in said
            if fact.call_id == call.pk
        ]
    return Answer(
        columns,
        tuple(rows),
        base="Toekenningen die op die dag bekendgemaakt waren.",
        coverage=f"Bedrag gekend voor {sum(one.known for one in awards.values())} van {sum(one.number for one in awards.values())} toekenningen.",
        notes=("Waar bronnen verschillen, geldt de som van de toekenningen; geen enkel bedrag is verbeterd.",),
    )


def _unseen(asked: Asked) -> tuple[str, ...]:
    """Say that dossiers are left out of the list, without saying which."""
    if asked.reader is None:
        return ()
    return ("Dossiers van lopende oproepen staan enkel in de lijst wanneer u ze mag inzien.",)
