"""The rules of a call in plain words, each with its figure from the row and the clause it comes from.

What a call does not set (`None`) gives no line: the earlier calls published only part of their rules.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from calls.models import CallRules
from calls.ruleset import Rules
from ibnportal.core.ui.formats import euro, number, percent, plain_date


@dataclass(frozen=True, slots=True)
class PlainRule:
    """One rule: what it is about, the figure, what it means, and its clause."""

    topic: str
    label: str
    figure: str
    meaning: str
    clause: str


@dataclass(frozen=True, slots=True)
class Topic:
    """The rules on one subject."""

    label: str
    rules: tuple[PlainRule, ...]


def _clause(column: str) -> str:
    """`Handleiding 4.2.3` out of a column's help text; "" where the manual gives no clause."""
    help_text = str(getattr(CallRules._meta.get_field(column), "help_text", ""))  # noqa: SLF001 - documented Meta API
    named = [part.strip() for part in help_text.rpartition(";")[2].split(",")]
    return ", ".join(part for part in named if part.startswith(("handleiding", "samenvattende"))).capitalize()


CLAUSES = {field.name: _clause(field.name) for field in fields(Rules) if field.name not in {"call_code", "version"}}


def in_words(rules: Rules) -> tuple[Topic, ...]:
    """All topics that have at least one rule, in the order in which an applicant meets them."""
    topics = (
        Topic("Wie kan indienen", tuple(_who(rules))),
        Topic("Hoeveel steun", tuple(_money(rules))),
        Topic("Cofinanciering door ondernemingen", tuple(_cofinancing(rules))),
        Topic("Omvang en duur", tuple(_size(rules))),
        Topic("Verloop", tuple(_course(rules))),
        Topic("Uitbetaling", tuple(_payment(rules))),
    )
    return tuple(topic for topic in topics if topic.rules)


def _rule(topic: str, name: str, label: str, figure: str, meaning: str) -> PlainRule:
    return PlainRule(topic, label, figure, meaning, CLAUSES[name])


def _who(rules: Rules) -> Iterator[PlainRule]:
    if rules.min_companies is not None:
        yield _rule(
            "who", "min_companies", "Mandaat", f"{rules.min_companies} ondernemingen",
            "Zoveel Vlaamse ondernemingen moeten de aanvrager minstens mandateren.",
        )  # fmt: skip
    if rules.min_letters_phase1 is not None:
        yield _rule(
            "who", "min_letters_phase1", "Intentiebrieven bij de vooraanmelding", f"minstens {rules.min_letters_phase1}",
            "Ondertekend door ondernemingen met een vestiging in Vlaanderen; elke onderneming telt één keer.",
        )  # fmt: skip
    if rules.min_letters_phase2 is not None:
        yield _rule(
            "who", "min_letters_phase2", "Intentiebrieven bij de volledige aanvraag", f"minstens {rules.min_letters_phase2}",
            "Nieuwe brieven: die van de vooraanmelding tellen niet opnieuw mee.",
        )  # fmt: skip


def _money(rules: Rules) -> Iterator[PlainRule]:
    yield _rule(
        "money",
        "grant_fraction",
        "Steunpercentage",
        percent(rules.grant_fraction),
        "Dit deel van de aanvaarde kosten wordt betaald.",
    )
    amounts = (
        ("max_grant_year", "Hoogste steun per jaar", rules.max_grant_year, "Per projectjaar van twaalf maanden."),
        ("max_grant_total", "Hoogste steun over het project", rules.max_grant_total, "Alle projectjaren samen."),
        ("max_budget_year", "Hoogste begroting per jaar", rules.max_budget_year, "Meer mag u niet begroten."),
        ("max_budget_total", "Hoogste begroting over het project", rules.max_budget_total, "Alle projectjaren samen."),
        ("budget_available", "Budget van de oproep", rules.budget_available, "Voor alle gesteunde initiatieven samen."),
    )
    for name, label, amount, meaning in amounts:
        if amount is not None:
            yield _rule("money", name, label, euro(amount, cents=False), meaning)
    if rules.max_awards is not None:
        yield _rule(
            "money", "max_awards", "Gesteunde initiatieven", f"hoogstens {rules.max_awards}", "Het comité kiest."
        )
    if rules.state_aid_ceiling is not None and rules.state_aid_years is not None:
        yield _rule(
            "money", "state_aid_ceiling", "Plafond van de staatssteun", euro(rules.state_aid_ceiling, cents=False),
            f"Per innovatiecluster, over {rules.state_aid_years} jaar.",
        )  # fmt: skip


def _cofinancing(rules: Rules) -> Iterator[PlainRule]:
    yield _rule(
        "cofinancing", "cofinancing_fraction", "Cofinanciering", percent(rules.cofinancing_fraction),
        "Elk jaar leggen ondernemingen samen evenveel in als de steun van dat jaar.",
    )  # fmt: skip
    if rules.min_cash_fraction is not None:
        yield _rule(
            "cofinancing", "min_cash_fraction", "In cash", f"minstens {percent(rules.min_cash_fraction)}",
            "Lidgeld en sponsoring van ondernemingen die lid zijn.",
        )  # fmt: skip
    if rules.max_income_fraction is not None:
        yield _rule(
            "cofinancing", "max_income_fraction", "Uit activiteiten", f"hoogstens {percent(rules.max_income_fraction)}",
            "Wat ondernemingen betalen om aan activiteiten mee te doen.",
        )  # fmt: skip
    yield _rule(
        "cofinancing", "cofinancing_carries_over", "Overschot", "gaat mee" if rules.cofinancing_carries_over else "gaat niet mee",
        "Of een overschot aan cofinanciering telt voor het volgende projectjaar.",
    )  # fmt: skip


def _size(rules: Rules) -> Iterator[PlainRule]:
    yield _rule(
        "size", "duration_months", "Duur", f"{rules.duration_months} maanden", f"In {rules.project_years} projectjaren."
    )
    if rules.min_fte is not None:
        yield _rule(
            "size", "min_fte", "Personeel", f"minstens {number(rules.min_fte)} voltijds",
            f"Gemiddeld over het project: {number(rules.min_person_months)} mensmaanden in totaal.",
        )  # fmt: skip
    if rules.latest_start_on is not None:
        yield _rule(
            "size", "latest_start_on", "Uiterste start", plain_date(rules.latest_start_on), "Later starten kan niet."
        )


def _course(rules: Rules) -> Iterator[PlainRule]:
    if rules.supplement_working_days is not None:
        pages = (
            f" Een bijlage telt hoogstens {rules.supplement_max_pages} bladzijden."
            if rules.supplement_max_pages
            else ""
        )
        yield _rule(
            "course", "supplement_working_days", "Vervollediging", f"{rules.supplement_working_days} werkdagen",
            f"Zo lang krijgt u om ontbrekende informatie bij de volledige aanvraag te geven.{pages}",
        )  # fmt: skip
    if rules.review_working_days is not None:
        yield _rule(
            "course", "review_working_days", "Herziening vragen", f"{rules.review_working_days} werkdagen",
            f"Na een negatieve beslissing over {_reviewed(rules)}, met argumenten die na te gaan zijn.",
        )  # fmt: skip
    yield _rule(
        "course", "extension_allowed", "Verlenging", "mogelijk" if rules.extension_allowed else "niet mogelijk",
        "Na de eindevaluatie.",
    )  # fmt: skip


def _reviewed(rules: Rules) -> str:
    """Which decisions can be reviewed, as words in a sentence (REV-06)."""
    before = [
        words
        for words, covers in (
            ("de ontvankelijkheid", rules.review_covers_admissibility),
            ("de preselectie", rules.review_covers_preselection),
        )
        if covers
    ]
    return f"{', '.join(before)} of de steun" if before else "de steun"


def _payment(rules: Rules) -> Iterator[PlainRule]:
    if rules.first_tranche_threshold_fraction is not None:
        yield _rule(
            "payment", "first_tranche_threshold_fraction", "Eerste schijf",
            f"vanaf {percent(rules.first_tranche_threshold_fraction)}",
            "Zodra dit deel van de cofinanciering van het jaar er is. De tweede schijf volgt na het jaarverslag.",
        )  # fmt: skip
    yield _rule(
        "payment", "support_carries_over", "Onbenutte steun", "gaat mee" if rules.support_carries_over else "vervalt",
        "Steun die in een jaar niet gebruikt wordt.",
    )  # fmt: skip
