"""The admissibility criteria of both phases, one function a rule (manual 5.2.2 and 5.3.2).

A check reads a dossier (a draft as it would be handed in, or a frozen submission) and says what the machine sees, with
the figures. It never rejects anything: a person gives the verdict. Only lateness is refused when submitting.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.utils import formats

from applications.domain import budget, completeness, letters
from applications.domain.drafts import moment
from applications.domain.freezing import take
from applications.domain.snapshot import Dossier, parse, read
from applications.enums import CheckOutcome, DocumentKind
from applications.models import Application
from calls.enums import PhaseNumber
from calls.ruleset import Rules
from ibnportal.core.money import CENT, format_euros


@dataclass(frozen=True, slots=True)
class Seen:
    """What one check saw: the outcome and a sentence with the figures."""

    outcome: CheckOutcome
    evidence: str
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One criterion with the machine's outcome; `where` is the part of the dossier to look at, `gaps` each thing missing."""

    rule_id: str
    label: str
    outcome: CheckOutcome
    evidence: str
    where: str
    gaps: tuple[str, ...] = ()

    @property
    def is_met(self) -> bool:
        """Whether the machine sees it met."""
        return self.outcome == CheckOutcome.YES


@dataclass(frozen=True, slots=True)
class Check:
    """A criterion of the manual and the function that looks at it."""

    rule_id: str
    label: str
    where: str
    look: Callable[[Dossier, Rules, dt.datetime], Seen]


def _yes(evidence: str) -> Seen:
    return Seen(CheckOutcome.YES, evidence)


def _no(evidence: str, *gaps: str) -> Seen:
    return Seen(CheckOutcome.NO, evidence, gaps)


def _unclear(evidence: str, *gaps: str) -> Seen:
    return Seen(CheckOutcome.UNCLEAR, evidence, gaps)


# ---------------------------------------------------------------- both phases


def in_time(dossier: Dossier, rules: Rules, at: dt.datetime) -> Seen:  # noqa: ARG001 - one signature for all checks
    """P1-ADM-01, P2-ADM-02: by the server's clock, twelve o'clock sharp included (AMB-01)."""
    if dossier.deadline_at is None:
        return _unclear("De oproep heeft geen uiterste moment voor deze fase.")
    stamp = dossier.received_at or at
    if stamp > dossier.deadline_at:
        return _no(f"Het uiterste moment was {moment(dossier.deadline_at)}; het was toen {moment(stamp)}.")
    if dossier.received_at is None:
        return _yes(f"Indienen kan tot en met {moment(dossier.deadline_at)}.")
    return _yes(f"Ontvangen op {moment(stamp)}; het uiterste moment was {moment(dossier.deadline_at)}.")


def _register(dossier: Dossier, rules: Rules, whose: str) -> Seen:
    """How many letters count, what the others lack, and which only a person can decide."""
    tally = letters.count(dossier.letters, needed=rules.min_letters(dossier.phase), earlier=dossier.earlier_letters)
    figures = f"{tally.valid} van {tally.needed} geldige brieven {whose}"
    rest = []
    if tally.incomplete:
        rest.append(f"{tally.incomplete} {_verb(tally.incomplete, 'andere mist', 'andere missen')} iets")
    if tally.awaiting:
        rest.append(f"van {tally.awaiting} moet een persoon het adres beoordelen")
    if tally.not_renewed:
        count = len(tally.not_renewed)
        rest.append(
            f"{count} {_verb(count, 'onderneming', 'ondernemingen')} uit de vooraanmelding tekende niet opnieuw"
            if count == 1
            else f"{count} ondernemingen uit de vooraanmelding tekenden niet opnieuw"
        )
    evidence = "; ".join([figures, *rest]) + "."
    gaps = tuple(
        f"{judged.letter.company_name or 'Brief zonder naam'}: {' '.join(finding.message for finding in judged.findings)}"
        for judged in tally.judged
        if not judged.counts
    )
    if tally.is_enough:
        return Seen(CheckOutcome.YES, evidence, gaps)
    if tally.valid + tally.awaiting >= tally.needed:
        return Seen(CheckOutcome.UNCLEAR, evidence, gaps)
    return Seen(CheckOutcome.NO, evidence, gaps)


# ---------------------------------------------------------------- phase 1


def on_templates(dossier: Dossier, rules: Rules, at: dt.datetime) -> Seen:  # noqa: ARG001
    """P1-ADM-02: every question of the template answered, within its limits, and the pitch deck there (P1-SUB-05)."""
    gaps = tuple(gap.message for gap in completeness.gaps(dossier, rules))
    total = sum(len(section.answers) for section in dossier.sections)
    if gaps:
        return _no(
            f"{len(gaps)} {_verb(len(gaps), 'punt is', 'punten zijn')} niet in orde in de {total} vragen en bijlagen.",
            *gaps,
        )
    deck = dossier.document(DocumentKind.PITCH_DECK)
    name = f" “{deck.file.name}”" if deck else ""
    return _yes(f"Alle verplichte vragen ({total} in totaal) zijn beantwoord en de presentatie{name} is er.")


def enough_letters_phase1(dossier: Dossier, rules: Rules, at: dt.datetime) -> Seen:  # noqa: ARG001
    """P1-ADM-03: at least ten letters signed by Flemish companies, each with the minimum (P1-LET-01 ... 07)."""
    return _register(dossier, rules, "van Vlaamse ondernemingen")


# ---------------------------------------------------------------- phase 2


def was_preselected(dossier: Dossier, rules: Rules, at: dt.datetime) -> Seen:  # noqa: ARG001
    """P2-ADM-01: the pre-registration was judged positively."""
    if dossier.preselected_at is None:
        return _no("Er is geen positieve beslissing over de vooraanmelding gevonden.")
    return _yes(f"De vooraanmelding kreeg een positieve beslissing op {moment(dossier.preselected_at)}.")


def complete_on_templates(dossier: Dossier, rules: Rules, at: dt.datetime) -> Seen:  # noqa: ARG001
    """P2-ADM-03: questions, work plan, team, conditions, annexes, budget on the call's workbook, plan, indicators and facts."""
    gaps = [gap.message for gap in completeness.gaps(dossier, rules)]
    if gaps:
        return _no(
            f"{len(gaps)} {_verb(len(gaps), 'onderdeel ontbreekt of is', 'onderdelen ontbreken of zijn')} niet in orde.",
            *gaps,
        )
    return _yes(
        "Alle verplichte vragen en bijlagen, het werkplan, het team, de begroting, het cofinancieringsplan en de indicatoren zijn er."
    )


def has_legal_personality(dossier: Dossier, rules: Rules, at: dt.datetime) -> Seen:  # noqa: ARG001
    """P2-ADM-04: the applicant; the beneficiary may still be founded (AMB-23)."""
    form = f" ({dossier.applicant.legal_form})" if dossier.applicant.legal_form else ""
    if not dossier.applicant.has_legal_personality:
        return _no(f"{dossier.applicant.name} staat geregistreerd zonder rechtspersoonlijkheid.")
    if not dossier.applicant.enterprise_number:
        return _unclear(
            f"{dossier.applicant.name}{form} heeft geen ondernemingsnummer in het portaal; kijk na in de Kruispuntbank."
        )
    return _yes(f"{dossier.applicant.name}{form} heeft rechtspersoonlijkheid volgens de registratie.")


def signed_by_representative(dossier: Dossier, rules: Rules, at: dt.datetime) -> Seen:  # noqa: ARG001
    """P2-ADM-05: handing in through the portal is signing; only a legal representative can."""
    if dossier.submitted_by is None:
        if not dossier.representatives:
            return _no(f"{dossier.applicant.name} heeft nog geen rechtsgeldig vertegenwoordiger in het portaal.")
        return _yes(f"Wordt getekend door wie indient: {_enumerate(dossier.representatives)}.")
    if not dossier.submitted_by.is_legal_representative:
        return _no(
            f"{dossier.submitted_by.name} diende in en stond niet als rechtsgeldig vertegenwoordiger geregistreerd."
        )
    return _yes(
        f"Ingediend door {dossier.submitted_by.name}, rechtsgeldig vertegenwoordiger van {dossier.applicant.name}."
    )


def starts_in_time(dossier: Dossier, rules: Rules, at: dt.datetime) -> Seen:  # noqa: ARG001
    """P2-ADM-06: at the latest on the date of the call (AMB-03)."""
    if dossier.start_on is None:
        return _no("De startdatum is niet ingevuld.")
    if rules.latest_start_on is None:
        return _unclear(f"Start op {_day(dossier.start_on)}; de oproep legt geen uiterste startdatum vast.")
    if dossier.start_on > rules.latest_start_on:
        return _no(f"Start op {_day(dossier.start_on)}, na de uiterste startdatum {_day(rules.latest_start_on)}.")
    return _yes(f"Start op {_day(dossier.start_on)}; uiterlijk {_day(rules.latest_start_on)}.")


def lasts_three_years(dossier: Dossier, rules: Rules, at: dt.datetime) -> Seen:  # noqa: ARG001
    """P2-ADM-07: the duration of the call."""
    if dossier.duration_months is None:
        return _no("De duur is niet ingevuld.")
    figures = f"De duur is {dossier.duration_months} maanden; de oproep vraagt {rules.duration_months}."
    return _yes(figures) if dossier.duration_months == rules.duration_months else _no(figures)


def staffed_by_two(dossier: Dossier, rules: Rules, at: dt.datetime) -> Seen:  # noqa: ARG001
    """P2-ADM-08: the mean over the whole duration counts; a year below it is for a person to weigh (AMB-07)."""
    if rules.min_fte is None or rules.min_person_months is None:
        return _unclear("De oproep legt geen minimale omvang vast.")
    if dossier.budget is None:
        return _no("Zonder begroting zijn er geen mensmaanden te tellen.")
    sums = budget.figures(dossier.budget.lines, rules)
    figures = (
        f"{_number(sums.person_months)} mensmaanden, {_number(sums.mean_fte)} VTE gemiddeld; "
        f"nodig: {_number(rules.min_person_months)} mensmaanden ({_number(rules.min_fte)} VTE)."
    )
    if sums.person_months < rules.min_person_months:
        return _no(figures)
    low = [year for year in sums.years if sums.year_months[year] < rules.min_fte * rules.months_per_year]
    warnings = tuple(
        f"Let op: jaar {year} telt {_number(sums.year_fte[year])} VTE, minder dan {_number(rules.min_fte)}."
        for year in low
    )
    return Seen(CheckOutcome.YES, " ".join([figures, *warnings]), warnings)


def grant_within_cap(dossier: Dossier, rules: Rules, at: dt.datetime) -> Seen:  # noqa: ARG001
    """P2-ADM-09: what the budget asks, recomputed from its lines."""
    if dossier.budget is None:
        return _no("Zonder begroting is er geen gevraagde steun.")
    asked = budget.figures(dossier.budget.lines, rules).requested_grant
    if rules.max_grant_total is None:
        return _unclear(f"Gevraagd: {format_euros(asked)}; de oproep legt geen maximum vast.")
    figures = f"Gevraagd: {format_euros(asked)}; ten hoogste {format_euros(rules.max_grant_total)}."
    return _yes(figures) if asked <= rules.max_grant_total else _no(figures)


def enough_letters_phase2(dossier: Dossier, rules: Rules, at: dt.datetime) -> Seen:  # noqa: ARG001
    """P2-ADM-10: at least thirty new letters of individual Flemish companies (P2-SUB-03)."""
    return _register(dossier, rules, "van individuele Vlaamse ondernemingen")


PHASE_1: tuple[Check, ...] = (
    Check("P1-ADM-01", "Tijdig ingediend via het portaal", "deadline", in_time),
    Check("P1-ADM-02", "Op de voorziene sjablonen, met de presentatie", "sections", on_templates),
    Check("P1-ADM-03", "Voldoende geldige intentiebrieven", "letters", enough_letters_phase1),
)
PHASE_2: tuple[Check, ...] = (
    Check("P2-ADM-01", "Vooraanmelding positief beoordeeld", "preselection", was_preselected),
    Check("P2-ADM-02", "Tijdig ingediend via het portaal", "deadline", in_time),
    Check("P2-ADM-03", "Op de voorziene sjablonen en volledig", "sections", complete_on_templates),
    Check("P2-ADM-04", "Organisatie met rechtspersoonlijkheid", "applicant", has_legal_personality),
    Check(
        "P2-ADM-05", "Ondertekend door de rechtsgeldig vertegenwoordiger", "representative", signed_by_representative
    ),
    Check("P2-ADM-06", "Start uiterlijk op de uiterste startdatum", "facts", starts_in_time),
    Check("P2-ADM-07", "Duur van het project", "facts", lasts_three_years),
    Check("P2-ADM-08", "Minimale omvang in VTE", "budget", staffed_by_two),
    Check("P2-ADM-09", "Gevraagde steun binnen het maximum", "budget", grant_within_cap),
    Check("P2-ADM-10", "Voldoende geldige intentiebrieven", "letters", enough_letters_phase2),
)
FOR_PEOPLE = {
    PhaseNumber.PRE_REGISTRATION: (
        "of de handtekeningen op de brieven echt zijn",
        "of de ondernemingen representatief zijn voor de doelgroep",
        "of de antwoorden en de presentatie inhoudelijk de sjablonen volgen",
    ),
    PhaseNumber.FULL_DOSSIER: (
        "of de handtekeningen op de brieven echt zijn",
        "of de ondernemingen representatief zijn voor de doelgroep",
        "of werkplan en bijlagen inhoudelijk volledig zijn",
        "of de externe prestaties voldoende gemotiveerd zijn",
    ),
}


def checks(phase: int) -> tuple[Check, ...]:
    """The criteria of a phase, in the order of the manual."""
    return PHASE_1 if phase == PhaseNumber.PRE_REGISTRATION else PHASE_2


def judge(dossier: Dossier, rules: Rules, *, at: dt.datetime) -> list[CheckResult]:
    """Every criterion of the dossier's phase, looked at. Pure."""
    results = []
    for check in checks(dossier.phase):
        seen = check.look(dossier, rules, at)
        results.append(CheckResult(check.rule_id, check.label, seen.outcome, seen.evidence, check.where, seen.gaps))
    return results


def examine(application: Application, phase: int, *, at: dt.datetime) -> list[CheckResult]:
    """What the machine sees: of what was handed in once there is a submission of that phase, else of the draft as it is now."""
    submission = application.latest_submission(phase)
    if submission is not None:
        return judge(read(submission), submission.rules.frozen(), at=at)
    return judge(parse(take(application, phase)), application.call.rules(), at=at)


def _verb(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


def _day(day: dt.date) -> str:
    return str(formats.date_format(day, "j F Y"))


def _number(value: Decimal | int) -> str:
    text = f"{Decimal(value).quantize(CENT):f}".rstrip("0").rstrip(".")
    return text.replace(".", ",")


def _enumerate(parts: tuple[str, ...]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} of {parts[-1]}"
