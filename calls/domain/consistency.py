"""Whether a call's own figures agree with each other; shown in the admin, refused at publication.

One function a check, each yielding findings; an ERROR stands in the way of publishing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from calls.enums import TEXT_TYPES, AnswerType, CallState, MilestoneKind, PaperKind, PhaseNumber
from calls.models import Call, CallRules, Criterion, KnockoutRule, Milestone, Phase, Question
from calls.ruleset import Rules
from ibnportal.core import clock
from ibnportal.core.findings import Finding, Severity
from ibnportal.core.money import format_euros

WHOLE = Decimal(1)
EXPECTED_DAYS = (
    ("DAT-01", MilestoneKind.INFO_SESSION), ("DAT-02", MilestoneKind.PREDISCUSSION), ("DAT-04", MilestoneKind.PITCH),
    ("DAT-06", MilestoneKind.PHASE1_FEEDBACK), ("DAT-09", MilestoneKind.DECISION),
)  # fmt: skip
EXPECTED_FIGURES = (
    ("PRG-02", "budget_available", "beschikbaar budget"), ("PRG-04", "max_awards", "hoogste aantal initiatieven"),
    ("PRG-08", "min_fte", "minimale omvang"), ("PRG-09", "max_budget_year", "hoogste begroting per jaar"),
    ("PRG-10", "max_budget_total", "hoogste begroting"), ("PRG-11", "max_grant_year", "hoogste steun per jaar"),
    ("PRG-12", "max_grant_total", "hoogste steun"), ("PRG-15", "min_cash_fraction", "minimum cash"),
    ("PRG-16", "max_income_fraction", "maximum inkomsten"), ("PRG-17", "min_companies", "minimum aantal ondernemingen"),
    ("PRG-18", "min_letters_phase1", "aantal intentiebrieven in fase 1"),
    ("PRG-19", "min_letters_phase2", "aantal intentiebrieven in fase 2"), ("DAT-08", "supplement_working_days", "termijn van vervollediging"),
    ("DAT-10", "latest_start_on", "uiterste start"), ("PRG-21", "state_aid_ceiling", "plafond van de staatssteun"),
)  # fmt: skip


def figures(rules: Rules) -> list[Finding]:
    """What is wrong between the figures of the rules themselves; pure."""
    return [finding for check in FIGURE_CHECKS for finding in check(rules)]


def examine(call: Call) -> list[Finding]:
    """Everything that is wrong with the call as it stands; empty when it can be published."""
    try:
        rules = call.rules()
    except CallRules.DoesNotExist:
        return [Finding("PRG-22", "Regels", "Deze oproep heeft nog geen regels. Voeg een versie toe met alle cijfers.")]
    return [*figures(rules), *(finding for check in CONTENT_CHECKS for finding in check(call, rules))]


def _budget_covers_the_awards(rules: Rules) -> Iterator[Finding]:
    if rules.max_awards is None or rules.max_grant_total is None or rules.budget_available is None:
        return
    needed = rules.max_awards * rules.max_grant_total
    if needed != rules.budget_available:
        yield Finding(
            "PRG-05",
            "Regels, beschikbaar budget",
            f"{rules.max_awards} initiatieven aan {format_euros(rules.max_grant_total, cents=False)} is "
            f"{format_euros(needed, cents=False)}, maar het budget is {format_euros(rules.budget_available, cents=False)}. "
            "Pas één van de drie cijfers aan.",
        )


def _years_add_up(rules: Rules) -> Iterator[Finding]:
    pairs = (
        ("PRG-12", "steun", rules.max_grant_year, rules.max_grant_total),
        ("PRG-10", "begroting", rules.max_budget_year, rules.max_budget_total),
    )
    for rule_id, what, year, total in pairs:
        if year is not None and total is not None and year * rules.project_years != total:
            yield Finding(
                rule_id,
                f"Regels, hoogste {what}",
                f"{rules.project_years} jaren aan {format_euros(year, cents=False)} is niet "
                f"{format_euros(total, cents=False)}. Pas het bedrag per jaar of het totaal aan.",
            )
    if rules.duration_months != rules.project_years * rules.months_per_year:
        yield Finding(
            "PRG-07",
            "Regels, duur",
            f"{rules.duration_months} maanden is niet gelijk aan {rules.project_years} projectjaren. Pas één van beide aan.",
        )


def _grant_is_its_share_of_the_budget(rules: Rules) -> Iterator[Finding]:
    pairs = ((rules.max_budget_year, rules.max_grant_year), (rules.max_budget_total, rules.max_grant_total))
    for budget, grant in pairs:
        if budget is not None and grant is not None and budget * rules.grant_fraction != grant:
            yield Finding(
                "PRG-13",
                "Regels, steunpercentage",
                f"{rules.grant_fraction:.0%} van {format_euros(budget, cents=False)} is niet {format_euros(grant, cents=False)}.",
            )


def _shares_make_a_whole(rules: Rules) -> Iterator[Finding]:
    if rules.grant_fraction + rules.cofinancing_fraction != WHOLE:
        yield Finding(
            "PRG-14", "Regels, cofinanciering", "Steun en cofinanciering zijn samen niet 100 %. Pas één van beide aan."
        )
    cash, income = rules.min_cash_fraction, rules.max_income_fraction
    if cash is not None and income is not None and cash + income != WHOLE:
        yield Finding("PRG-16", "Regels, cash en inkomsten", "Minimum cash en maximum inkomsten zijn samen niet 100 %.")


def _letters_grow(rules: Rules) -> Iterator[Finding]:
    first, second = rules.min_letters_phase1, rules.min_letters_phase2
    if first is not None and second is not None and first > second:
        yield Finding(
            "PRG-19", "Regels, intentiebrieven", "Fase 2 vraagt minder intentiebrieven dan fase 1.", Severity.WARNING
        )
    if second is not None and rules.min_companies is not None and second != rules.min_companies:
        yield Finding(
            "PRG-17",
            "Regels, intentiebrieven",
            f"{rules.min_companies} ondernemingen moeten de aanvrager mandateren, maar fase 2 vraagt {second} brieven. "
            "Maak beide gelijk.",
        )


def calendar(phases: Iterable[Phase], milestones: Iterable[Milestone], rules: Rules) -> list[Finding]:
    """What is wrong between the phases, the calendar that visitors read, and the latest start; pure."""
    windows = {phase.number: phase for phase in phases}
    days = list(milestones)
    return [finding for check in CALENDAR_CHECKS for finding in check(windows, days, rules)]


def _phases_follow_each_other(
    windows: Mapping[int, Phase], _days: Sequence[Milestone], rules: Rules
) -> Iterator[Finding]:
    for number in PhaseNumber:
        window = windows.get(number)
        if window is None or window.opens_at is None or window.closes_at is None:
            yield Finding("PRG-06", f"Fase {number}", "Deze fase heeft nog geen begin en einde. Vul beide momenten in.")
        elif window.opens_at >= window.closes_at:
            yield Finding("PRG-06", f"Fase {number}", "Het begin valt niet voor het einde. Kijk beide momenten na.")
    first, second = windows.get(PhaseNumber.PRE_REGISTRATION), windows.get(PhaseNumber.FULL_DOSSIER)
    if first and second and first.closes_at and second.opens_at and second.opens_at < first.closes_at:
        yield Finding("DAT-07", "Fase 2", "Fase 2 opent voor fase 1 gesloten is.")
    if second and second.closes_at and rules.latest_start_on and rules.latest_start_on <= _day(second.closes_at):
        yield Finding("DAT-10", "Regels, uiterste start", "De uiterste start valt voor het einde van fase 2.")


def _deadlines_say_the_same(
    windows: Mapping[int, Phase], days: Sequence[Milestone], _rules: Rules
) -> Iterator[Finding]:
    pairs = (
        ("DAT-03", PhaseNumber.PRE_REGISTRATION, MilestoneKind.PHASE1_DEADLINE),
        ("DAT-07", PhaseNumber.FULL_DOSSIER, MilestoneKind.PHASE2_DEADLINE),
    )
    for rule_id, number, kind in pairs:
        window = windows.get(number)
        if window is None or window.closes_at is None:
            continue
        local = clock.local(window.closes_at)
        for day in days:
            if day.kind == kind and day.starts_on and (day.starts_on, day.at_time) != (local.date(), local.time()):
                yield Finding(
                    rule_id,
                    f"Tijdlijn, {kind.label}",
                    f"De tijdlijn zegt iets anders dan de fase, die sluit op {local:%d/%m/%Y om %H.%M} uur. Maak ze gelijk.",
                )


def _days_come_in_order(windows: Mapping[int, Phase], days: Sequence[Milestone], rules: Rules) -> Iterator[Finding]:
    """The order in which the manual tells the call; each pair names the rule of the later moment."""
    ends = {number: _day(window.closes_at) for number, window in windows.items() if window.closes_at}
    first, second = ends.get(PhaseNumber.PRE_REGISTRATION), ends.get(PhaseNumber.FULL_DOSSIER)
    pitch = max(
        (day.ends_on or day.starts_on for day in days if day.kind == MilestoneKind.PITCH and day.starts_on),
        default=None,
    )
    limits: dict[str, tuple[str, date | None, date | None, str]] = {
        MilestoneKind.INFO_SESSION: ("DAT-01", None, first, "voor het einde van fase 1"),
        MilestoneKind.PREDISCUSSION: ("DAT-02", None, first, "voor het einde van fase 1"),
        MilestoneKind.PITCH: ("DAT-04", first, second, "na het einde van fase 1 en voor dat van fase 2"),
        MilestoneKind.PHASE1_FEEDBACK: ("DAT-06", pitch or first, second, "na de pitches en voor het einde van fase 2"),
        MilestoneKind.DECISION: ("DAT-09", second, rules.latest_start_on, "na het einde van fase 2 en voor de uiterste start"),
    }  # fmt: skip
    for day in days:
        if day.starts_on is None or day.kind not in limits:
            continue
        rule_id, after, before, words = limits[day.kind]
        last = day.ends_on or day.starts_on
        if last < day.starts_on or (after and day.starts_on <= after) or (before and last >= before):
            yield Finding(
                rule_id,
                f"Tijdlijn, {day.get_kind_display()}",
                f"{day.get_kind_display()} op {day.starts_on:%d/%m/%Y} klopt niet: dat hoort {words}. Pas de datum aan.",
            )


def _latest_start_is_that_of_the_rules(
    _windows: Mapping[int, Phase], days: Sequence[Milestone], rules: Rules
) -> Iterator[Finding]:
    for day in days:
        if day.kind == MilestoneKind.LATEST_START and day.starts_on and day.starts_on != rules.latest_start_on:
            yield Finding(
                "DAT-10",
                "Tijdlijn, uiterste start",
                "De tijdlijn noemt een andere uiterste start dan de regels. Maak ze gelijk.",
            )


def _day(moment: datetime) -> date:
    return clock.local(moment).date()


def _calendar_is_whole(call: Call, rules: Rules) -> Iterator[Finding]:
    milestones = list(call.milestones.all())
    yield from calendar(call.phases.all(), milestones, rules)
    dated = {day.kind for day in milestones if day.starts_on}
    if call.state != CallState.DRAFT:
        return
    for rule_id, kind in EXPECTED_DAYS:
        if kind not in dated:
            yield Finding(
                rule_id, f"Tijdlijn, {kind.label}", "Dit moment heeft nog geen datum op de tijdlijn.", Severity.WARNING
            )
    closes_at = next(
        (phase.closes_at for phase in call.phases.all() if phase.number == PhaseNumber.PRE_REGISTRATION), None
    )
    if closes_at is not None and closes_at < clock.now():
        yield Finding(
            "DAT-03",
            "Fase 1",
            "Deze fase is al voorbij: niemand zal een vooraanmelding kunnen indienen.",
            Severity.WARNING,
        )


def _visitors_read_who_and_what(call: Call, _rules: Rules) -> Iterator[Finding]:
    """What the public page owes its reader: the fund, who decides, for what, on what ground, and whom to ask."""
    owed = (
        ("PRG-03", "Fonds", call.fund, Severity.ERROR),
        ("PRG-01", "Samenvatting", call.summary, Severity.ERROR),
        ("PRG-27", "Doelstellingen", call.objectives, Severity.ERROR),
        ("ROL-18", "Contact", call.contact_email, Severity.ERROR),
        ("PRG-20", "Rechtsgrond", call.legal_basis, Severity.ERROR),
        ("PRG-25", "Documenten", call.documents_url, Severity.WARNING),
    )
    for rule_id, where, text, severity in owed:
        if not text.strip():
            yield Finding(
                rule_id, where, "Dit is nog leeg; het staat op de publieke bladzijde van de oproep.", severity
            )


def _ceilings_are_there(_call: Call, rules: Rules) -> Iterator[Finding]:
    """A figure that is not set is a rule that does not apply: that has to be meant."""
    for rule_id, name, words in EXPECTED_FIGURES:
        if getattr(rules, name) is None:
            yield Finding(
                rule_id,
                f"Regels, {words}",
                f"Er is geen {words}; deze regel geldt dan niet in deze oproep. Laat leeg als dat de bedoeling is.",
                Severity.WARNING,
            )


def _language_is_known(_call: Call, rules: Rules) -> Iterator[Finding]:
    if rules.language != "nl":
        yield Finding("PRG-23", "Regels, taal", "Een voorstel wordt in het Nederlands ingediend. Vul “nl” in.")


def _templates_are_handed_out(call: Call, _rules: Rules) -> Iterator[Finding]:
    kinds = set(call.papers.values_list("kind", flat=True))
    owed = [("DOC-03", PaperKind.PITCH)]
    if call.prediscussion_intro:
        owed.append(("DOC-01", PaperKind.PREDISCUSSION))
    for rule_id, kind in owed:
        if kind not in kinds:
            yield Finding(
                rule_id,
                f"Sjablonen, {kind.label}",
                "Er is geen sjabloon om te downloaden. Voeg het toe, of zeg aanvragers hoe het zonder kan.",
                Severity.WARNING,
            )


def _questions_can_be_answered(call: Call, _rules: Rules) -> Iterator[Finding]:
    rule_ids = {PhaseNumber.PRE_REGISTRATION: "P1-SUB-04", PhaseNumber.FULL_DOSSIER: "P2-SUB-01"}
    for section in call.sections.prefetch_related("questions"):
        for question in section.questions.all():
            problem = question_problem(question)
            if problem:
                rule_id = rule_ids[PhaseNumber(section.phase)]
                yield Finding(rule_id, f"Vraag “{question.label}” ({section.title})", problem)


def question_problem(question: Question) -> str:
    """What keeps people from answering this question, in a sentence; "" when nothing does."""
    if question.answer_type == AnswerType.CHOICE:
        choices = question.choices if isinstance(question.choices, list) else []
        pairs = [tuple(choice) for choice in choices if isinstance(choice, list | tuple) and len(choice) == 2]
        if len(pairs) < 2 or len(pairs) != len(choices):
            return "Een keuzevraag heeft minstens twee keuzes nodig, elk met een code en een label."
        if len({code for code, _label in pairs}) != len(pairs):
            return "Twee keuzes hebben dezelfde code. Geef elke keuze een eigen code."
    if question.word_limit and question.answer_type not in TEXT_TYPES:
        return "Een hoogste aantal woorden hoort enkel bij een tekst. Maak het leeg of kies een tekst."
    if question.page_limit and question.answer_type != AnswerType.UPLOAD:
        return "Een hoogste aantal bladzijden hoort enkel bij een bestand. Maak het leeg of kies een bestand."
    return ""


def _scale_has_values(call: Call, _rules: Rules) -> Iterator[Finding]:
    if len(call.scale.all()) < 2:
        yield Finding("P2-CRI-21", "Schaal", "De schaal heeft minstens twee scores nodig, elk met een waarde.")


def _tree_can_be_scored(call: Call, _rules: Rules) -> Iterator[Finding]:
    dimensions = list(call.dimensions.all())
    leaves = list(Criterion.objects.filter(dimension__call=call).select_related("dimension"))
    if not leaves:
        yield Finding("P2-CRI-01", "Criteria", "Deze oproep heeft nog geen criteria.")
    filled = {leaf.dimension_id for leaf in leaves}
    for dimension in dimensions:
        if dimension.pk not in filled:
            yield Finding("P2-CRI-01", f"Dimensie {dimension}", "Deze dimensie heeft geen criteria.")
    weights = [(str(item), item.weight) for item in dimensions] + [(str(leaf), leaf.weight) for leaf in leaves]
    for item, weight in weights:
        if weight <= 0:
            yield Finding("P2-CRI-21", f"Gewicht van {item}", "Een gewicht is minstens 1; met 0 telt dit niet mee.")


def _knockouts_are_of_this_call(call: Call, _rules: Rules) -> Iterator[Finding]:
    strangers = KnockoutRule.objects.filter(call=call).select_related("dimension", "step")
    for rule in strangers:
        if rule.dimension.call_id != call.pk or rule.step.call_id != call.pk:
            yield Finding(
                "P2-CRI-21", f"Uitsluitingsregel {rule}", "De dimensie of de score hoort bij een andere oproep."
            )


def _mandatory_indicators_are_there(call: Call, _rules: Rules) -> Iterator[Finding]:
    if not any(kpi.is_mandatory for kpi in call.kpi_definitions.all()):
        yield Finding(
            "KPI-12",
            "Indicatoren",
            "Er is geen verplichte indicator; netwerken kunnen dan niets vergelijkbaars melden.",
        )


def _templates_have_questions(call: Call, _rules: Rules) -> Iterator[Finding]:
    phases = set(call.sections.filter(questions__isnull=False).values_list("phase", flat=True))
    for number in PhaseNumber:
        if number not in phases:
            yield Finding("P1-SUB-04", f"Sjabloon fase {number}", "Dit sjabloon heeft nog geen vragen.")


FIGURE_CHECKS: tuple[Callable[[Rules], Iterator[Finding]], ...] = (
    _budget_covers_the_awards,
    _years_add_up,
    _grant_is_its_share_of_the_budget,
    _shares_make_a_whole,
    _letters_grow,
)
CALENDAR_CHECKS: tuple[Callable[[Mapping[int, Phase], Sequence[Milestone], Rules], Iterator[Finding]], ...] = (
    _phases_follow_each_other,
    _deadlines_say_the_same,
    _days_come_in_order,
    _latest_start_is_that_of_the_rules,
)
CONTENT_CHECKS: tuple[Callable[[Call, Rules], Iterator[Finding]], ...] = (
    _visitors_read_who_and_what,
    _language_is_known,
    _ceilings_are_there,
    _calendar_is_whole,
    _scale_has_values,
    _tree_can_be_scored,
    _knockouts_are_of_this_call,
    _mandatory_indicators_are_there,
    _templates_have_questions,
    _questions_can_be_answered,
    _templates_are_handed_out,
)
