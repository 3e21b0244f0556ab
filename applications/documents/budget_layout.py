"""Where everything stands in the call's budget workbook: what its writer and its reader agree on (BUD-01, BUD-09).

One sheet for each cost type and project year, a summary, and the instructions with the marks of the dossier. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from openpyxl.utils import get_column_letter

from applications.domain.budget_lines import Expected
from calls.enums import CostType
from calls.ruleset import Rules
from ibnportal.core.money import ZERO, euros
from ibnportal.core.workbooks import address

TEMPLATE_VERSION = 2
INSTRUCTIONS, SUMMARY = "Uitleg", "Samenvatting"

HEAD_ROW = 4
FIRST_ROW = HEAD_ROW + 1
INPUT_ROWS = 30
LAST_ROW = FIRST_ROW + INPUT_ROWS - 1
TOTAL_ROW = LAST_ROW + 1

MAX_AMOUNT = Decimal("99999999.99")
MAX_MONTHS = Decimal("9999.99")
MAX_TEXT = 300
MAX_LONG_TEXT = 4_000

YES, NO = "ja", "nee"

FieldKind = Literal["text", "long_text", "yes_no", "months", "euro", "vat", "total", "rate"]


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a cost sheet: the name of what it holds, its head, and how it is filled in or computed."""

    name: str
    head: str
    kind: FieldKind
    width: int = 16

    @property
    def is_computed(self) -> bool:
        """Whether the sheet computes it: locked, and recomputed by the portal."""
        return self.kind in {"total", "rate"}

    @property
    def is_number(self) -> bool:
        """Whether people fill in a number."""
        return self.kind in {"months", "euro", "vat"}


@dataclass(frozen=True, slots=True)
class Layout:
    """The sheets of one cost type; every year's is the same."""

    cost_type: CostType
    label: str
    explanation: str
    fields: tuple[Field, ...]

    def title(self, year: int) -> str:
        """The name of the sheet of that project year."""
        return f"{self.label} jaar {year}"

    def column(self, name: str) -> int:
        """The column that holds it, from 1; 0 when this type has none."""
        return next((at for at, field in enumerate(self.fields, start=1) if field.name == name), 0)

    def cell(self, name: str, row: int) -> str:
        """Its address in a row."""
        return address(row, self.column(name))

    def formula(self, field: Field, row: int) -> str:
        """The formula of a computed column in a row."""
        if field.kind == "total":
            return f"={self.cell('cost', row)}+{self.cell('vat', row)}"
        months, cost = self.cell("months", row), self.cell("cost", row)
        return f"=IF({months}>0,ROUND({cost}/{months},2),0)"

    @property
    def amount(self) -> str:
        """The column whose sum is the cost of the sheet."""
        return "total" if self.column("total") else "cost"

    @property
    def summed(self) -> tuple[str, ...]:
        """The columns that the last row adds up."""
        return tuple(field.name for field in self.fields if field.is_number or field.kind == "total")


_VAT = (
    Field("cost", "Kost zonder btw (euro)", "euro"),
    Field("vat", "Niet-recupereerbare btw (euro)", "vat"),
    Field("total", "Totaal (euro)", "total"),
)
LAYOUTS = (
    Layout(
        CostType.PERSONNEL,
        "Personeel",
        "Medewerkers die rechtstreeks aan het project werken, alleen voor hun tijd op het project. Een lijn per functie of persoon.",
        (
            Field("description", "Functie of persoon", "text", 44),
            Field("months", "Mensmaanden op het project", "months"),
            Field("cost", "Personeelskost (euro)", "euro"),
            Field("rate", "Kost per mensmaand (euro)", "rate"),
            Field("motivation", "Toelichting", "long_text", 50),
        ),
    ),
    Layout(
        CostType.OVERHEAD,
        "Overhead",
        "Kosten die maar deels aan het project toe te wijzen zijn. Schrijf bij elke lijn hoe u het deel van het project bepaalt.",
        (
            Field("description", "Omschrijving", "text", 44),
            *_VAT,
            Field("motivation", "Verdeelsleutel (verplicht)", "long_text", 50),
        ),
    ),
    Layout(
        CostType.OPERATING,
        "Werking",
        "Reële kosten van de uitvoering, zoals zalen, communicatie en verplaatsingen.",
        (Field("description", "Omschrijving", "text", 44), *_VAT, Field("motivation", "Toelichting", "long_text", 50)),
    ),
    Layout(
        CostType.EXTERNAL,
        "Externe prestaties",
        "Uitzonderlijk en te motiveren; altijd op factuur. Mensmaanden alleen voor zelfstandigen met een langdurig formeel engagement.",
        (
            Field("description", "Prestatie", "text", 44),
            Field("supplier", "Wie voert uit en factureert (verplicht)", "text", 30),
            Field("engagement", "Langdurig formeel engagement? (ja of nee)", "yes_no"),
            Field("months", "Mensmaanden", "months"),
            *_VAT,
            Field("motivation", "Motivering (verplicht)", "long_text", 50),
        ),
    ),
)


def sheets(rules: Rules) -> Iterator[tuple[Layout, int]]:
    """Every cost sheet in the order of the workbook: by project year, then by type."""
    for year in range(1, rules.project_years + 1):
        for layout in LAYOUTS:
            yield layout, year


def titles(rules: Rules) -> list[str]:
    """Every sheet of the workbook, in order."""
    return [INSTRUCTIONS, *(layout.title(year) for layout, year in sheets(rules)), SUMMARY]


def formulas(layout: Layout) -> dict[tuple[int, int], str]:
    """The formulas of a cost sheet by row and column."""
    found: dict[tuple[int, int], str] = {}
    for column, field in enumerate(layout.fields, start=1):
        if field.is_computed:
            found |= {(row, column): layout.formula(field, row) for row in range(FIRST_ROW, LAST_ROW + 1)}
        if field.name in layout.summed:
            found[TOTAL_ROW, column] = f"=SUM({address(FIRST_ROW, column)}:{address(LAST_ROW, column)})"
    return found


# ---------------------------------------------------------------- the marks of the dossier

MARKS = ("IBN oproep", "IBN dossier", "IBN rekenblad", "IBN regels", "IBN vertrekt van", "IBN zegel")
"""Names of the hidden properties; the same values stand, locked, in the instructions from MARKS_ROW on."""
MARKS_ROW = 4
LABELS = ("Oproep", "Dossier", "Versie van het rekenblad", "Versie van de regels", "Vertrekt van begroting", "Zegel")


def marks_of(expected: Expected) -> tuple[str, ...]:
    """What binds a workbook to its call, dossier and rules, and which budget it was filled from; without the seal."""
    return (
        expected.call_code,
        expected.number,
        str(TEMPLATE_VERSION),
        str(expected.rules.version),
        str(expected.base_version),
    )


# ---------------------------------------------------------------- the summary

TYPE_ROWS = {layout.cost_type: FIRST_ROW + offset for offset, layout in enumerate(LAYOUTS)}
BUDGET_ROW = FIRST_ROW + len(LAYOUTS)


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One row of the summary: label, the cell of each year and of the whole (a formula or a fixed figure), and how it is shown."""

    label: str
    years: tuple[str | Decimal, ...]
    total: str | Decimal | None
    is_months: bool = False


def summary_rows(rules: Rules) -> list[SummaryRow]:
    """The rows of the summary from FIRST_ROW on: costs by type, caps, support, person-months, FTE, and what the cost model allows."""
    years = range(1, rules.project_years + 1)
    last = get_column_letter(rules.project_years + 1)

    def letter(year: int) -> str:
        return str(get_column_letter(year + 1))

    def across(row: int) -> str:
        return f"=SUM(B{row}:{last}{row})"

    rows = [
        SummaryRow(
            str(layout.cost_type.label),
            tuple(f"='{layout.title(year)}'!{layout.cell(layout.amount, TOTAL_ROW)}" for year in years),
            across(TYPE_ROWS[layout.cost_type]),
        )
        for layout in LAYOUTS
    ]
    rows.append(
        SummaryRow(
            "Totale begroting",
            tuple(f"=SUM({letter(year)}{FIRST_ROW}:{letter(year)}{BUDGET_ROW - 1})" for year in years),
            across(BUDGET_ROW),
        )
    )
    at = BUDGET_ROW + 1
    rows.append(
        SummaryRow(
            f"Gevraagde steun ({percent(rules.grant_fraction)})",
            tuple(f"=ROUND({letter(year)}{BUDGET_ROW}*{plain(rules.grant_fraction)},2)" for year in years),
            across(at),
        )
    )
    months = at + 1
    staffed = [layout for layout in LAYOUTS if layout.column("months")]
    rows.append(
        SummaryRow(
            "Mensmaanden",
            tuple(
                "=" + "+".join(f"'{layout.title(year)}'!{layout.cell('months', TOTAL_ROW)}" for layout in staffed)
                for year in years
            ),
            across(months),
            is_months=True,
        )
    )
    rows.append(
        SummaryRow(
            "VTE",
            tuple(f"={letter(year)}{months}/{rules.months_per_year}" for year in years),
            f"={address(months, rules.project_years + 2)}/{rules.duration_months}",
            is_months=True,
        )
    )
    if rules.max_budget_year is not None:
        rows.append(
            SummaryRow("Ten hoogste (begroting)", (rules.max_budget_year,) * len(years), rules.max_budget_total)
        )
    for rate, label in (
        (rules.overhead_per_fte, "Ten hoogste (overhead)"),
        (rules.operating_ceiling_per_fte, "Ten hoogste (werking)"),
    ):
        if rate is not None:
            per_year = tuple(
                f"=ROUND({letter(year)}{months}*{plain(rate)}/{rules.months_per_year},2)" for year in years
            )
            rows.append(SummaryRow(label, per_year, None))
    return rows


def summary_formulas(rules: Rules) -> dict[tuple[int, int], str]:
    """The formulas of the summary by row and column."""
    found = {}
    for row, line in enumerate(summary_rows(rules), start=FIRST_ROW):
        for column, value in enumerate((*line.years, line.total), start=2):
            if isinstance(value, str):
                found[row, column] = value
    return found


def summary_heads(rules: Rules) -> list[str]:
    """The head of the summary."""
    return ["Kostentype", *(f"Jaar {year}" for year in range(1, rules.project_years + 1)), "Hele project"]


def plain(value: Decimal) -> str:
    """The number as a formula writes it."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(fraction: Decimal) -> str:
    """`50 %`."""
    return f"{plain(fraction * 100)} %".replace(".", ",")


def computed(values: dict[str, Decimal], field: Field) -> Decimal:
    """What a computed column must hold, from the numbers of its row."""
    cost = values.get("cost", ZERO)
    if field.kind == "total":
        return cost + values.get("vat", ZERO)
    months = values.get("months", ZERO)
    return euros(cost / months) if months else ZERO
