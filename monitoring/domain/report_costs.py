"""The costs of a project year line by line: per person with hours and person-months, per invoice with its motivation (BUD-04 ... 12, MON-03).

The lines come from the year's cost workbook. Each upload is kept; the newest carries the costs of the report, and what changed
against the one before is shown. Amounts are euros as text, as they stood in the workbook.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.base import File
from django.db import transaction

from calls.enums import CostType
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.store import store
from ibnportal.core.findings import Finding, Severity, has_errors
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import ZERO, euros, format_euros
from monitoring.enums import ReportState
from monitoring.models import AwardYear, Report, ReportCost, ReportWorkbook

EDITABLE = (ReportState.DRAFT, ReportState.RETURNED)


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of the workbook. `amount` in euros; hours by the timesheets and person-months only for people."""

    cost_type: str
    row: int
    description: str
    amount: Decimal
    role: str = ""
    hours: Decimal | None = None
    person_months: Decimal | None = None
    supplier: str = ""
    invoice_number: str = ""
    invoiced_on: date | None = None
    motivation: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same line in two uploads."""
        return self.cost_type, self.description.casefold(), self.invoice_number.casefold()

    def as_dict(self) -> dict[str, Any]:
        """As JSON; `from_dict` reads it back."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "CostLine":
        """The line that `as_dict` wrote."""
        return cls(
            **{
                **data,
                "amount": Decimal(data["amount"]),
                "hours": _decimal(data["hours"]),
                "person_months": _decimal(data["person_months"]),
                "invoiced_on": date.fromisoformat(data["invoiced_on"]) if data["invoiced_on"] else None,
            }
        )


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value}"
    return value.isoformat() if isinstance(value, date) else value


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


@transaction.atomic
def take_over(
    report: Report, upload: "File[bytes]", lines: Sequence[CostLine], findings: Sequence[Finding], *, by: User
) -> ReportWorkbook:
    """Keep an upload that was read without errors; the costs of the report are its sums. Raises DomainError with every finding."""
    if has_errors(findings):
        raise DomainError(
            "Het kostenrekenblad is niet bewaard: er staan fouten in.", rule_id="MON-03", findings=list(findings)
        )
    fresh = lock(report)
    if fresh.state not in EDITABLE:
        raise WrongState("Dit jaarverslag is ingediend: de kosten liggen vast.", rule_id="MON-03")
    newest = fresh.workbooks.first()
    now = clock.now()
    kept = ReportWorkbook.objects.create(
        report=fresh,
        version=newest.version + 1 if newest is not None else 1,
        file=store(upload, by=by, kind=FileKind.IMPORT_XLSX),
        lines=[line.as_dict() for line in lines],
        uploaded_at=now,
        uploaded_by=by,
    )
    for cost_type in CostType:
        amount, months = sums(lines, cost_type)
        ReportCost.objects.update_or_create(
            report=fresh,
            cost_type=cost_type,
            defaults={
                "submitted_amount": amount,
                "person_months": months,
                "accepted_amount": None,
                "correction_reason": "",
            },
        )
    changes = {"version": kept.version, "total": total(lines), "sha256": kept.file.sha256}
    trail.record("report.costs_uploaded", fresh, by=by, changes=changes)
    return kept


def lines_of(workbook: ReportWorkbook | None) -> list[CostLine]:
    """The lines of an upload; none without one."""
    return [] if workbook is None else [CostLine.from_dict(line) for line in workbook.lines]


def sums(lines: Iterable[CostLine], cost_type: str) -> tuple[Decimal, Decimal]:
    """(euros, person-months) of one type."""
    own = [line for line in lines if line.cost_type == cost_type]
    months = sum((line.person_months or ZERO for line in own), ZERO)
    return euros(sum((line.amount for line in own), ZERO)), months


def total(lines: Iterable[CostLine]) -> Decimal:
    """Euros of all lines."""
    return euros(sum((line.amount for line in lines), ZERO))


@dataclass(frozen=True, slots=True)
class Change:
    """One line that differs between two uploads; None where it was not, or is no longer."""

    cost_type: str
    description: str
    old: Decimal | None
    new: Decimal | None

    @property
    def by(self) -> Decimal:
        """By how many euros."""
        return (self.new or ZERO) - (self.old or ZERO)


def difference(old: Iterable[CostLine], new: Iterable[CostLine]) -> list[Change]:
    """What changed line by line, in the order of the types; lines of one name add up."""
    before, after = _by_key(old), _by_key(new)
    order = {value: position for position, value in enumerate(CostType.values)}
    found = []
    for key in sorted({*before, *after}, key=lambda key: (order.get(key[0], 0), key)):
        was, becomes = before.get(key), after.get(key)
        if (was and was[1]) != (becomes and becomes[1]):
            name = (becomes or was or ("", ZERO))[0]
            found.append(Change(key[0], name, was[1] if was else None, becomes[1] if becomes else None))
    return found


def _by_key(lines: Iterable[CostLine]) -> dict[tuple[str, str, str], tuple[str, Decimal]]:
    found: dict[tuple[str, str, str], tuple[str, Decimal]] = {}
    for line in lines:
        name = f"{line.description} ({line.invoice_number})" if line.invoice_number else line.description
        _, amount = found.get(line.key, (name, ZERO))
        found[line.key] = name, amount + line.amount
    return found


def remarks(lines: Iterable[CostLine], year: AwardYear) -> list[Finding]:
    """What a reviewer should look at: invoices of a day outside the project year (BUD-01)."""
    return [
        Finding(
            "BUD-01",
            f"{CostType(line.cost_type).label}, factuur {line.invoice_number}",
            f"De factuur van {line.invoiced_on:%d/%m/%Y} ligt buiten het projectjaar.",
            Severity.WARNING,
        )
        for line in lines
        if line.invoiced_on is not None and not year.starts_on <= line.invoiced_on <= year.ends_on
    ]


def to_weigh(costs: Iterable[ReportCost], workbook: ReportWorkbook | None) -> dict[str, str]:
    """By cost type, what the account manager has to weigh before accepting its amount (BUD-04, BUD-13)."""
    if workbook is not None or not any(one.cost_type == CostType.PERSONNEL and one.submitted_amount for one in costs):
        return {}
    return {
        CostType.PERSONNEL: "Hierachter staat geen enkele lijn per persoon: geen uren, geen mensmaanden, geen kost. U aanvaardt een totaal. Vraag de lijnen op, of weeg zelf of het totaal aannemelijk is."
    }


def findings(report: Report, costs: Iterable[ReportCost], workbook: ReportWorkbook | None) -> list[Finding]:
    """What the costs of a report still lack: the key of the overhead, invoices, and the lines behind the sums.

    A sum of personnel without a line a person is shown to network and reviewer and refused by neither: the manual asks real costs,
    pro rata for who works part-time on the project (4.2.2), but leaves the form of the yearly account to a document that is not
    public (BUD-13), so a person weighs it (BUD-04). External services are to be motivated each (BUD-08): without lines they stop.
    """
    amounts = {cost.cost_type: cost.submitted_amount for cost in costs}
    found = []
    if amounts.get(CostType.OVERHEAD) and not report.allocation_key.strip():
        found.append(
            Finding("BUD-12", "Verdeelsleutel", "Schrijf op hoe u het deel van de overhead voor het project bepaalde.")
        )
    if workbook is None:
        if amounts.get(CostType.EXTERNAL):
            found.append(
                Finding(
                    "BUD-08",
                    "Externe prestaties",
                    "Verantwoord externe prestaties per factuur, met motivering, in het kostenrekenblad.",
                )
            )
        if amounts.get(CostType.PERSONNEL):
            found.append(
                Finding(
                    "BUD-04",
                    "Personeelskosten",
                    "Zet uren, mensmaanden en kost per persoon in het kostenrekenblad; nu ziet de accountmanager alleen het totaal.",
                    Severity.WARNING,
                )
            )
        return found
    for cost_type, amount in amounts.items():
        expected = sums(lines_of(workbook), cost_type)[0]
        if amount != expected:
            found.append(
                Finding(
                    "MON-03",
                    CostType(cost_type).label,
                    f"Het rekenblad geeft {format_euros(expected)}, het verslag {format_euros(amount)}. Laad het rekenblad opnieuw op.",
                )
            )
    return found
