"""The project budget: its figures, recomputed from its lines, and the door through which a workbook comes in (BUD, DUR-06).

The workbook itself is read in `applications.documents.budget_reading`, which registers itself here as the reader: a domain
knows no file formats. What single lines must say is in `budget_lines`.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from django.core.files.base import File
from django.db import transaction

from applications.domain import budget_lines, lifecycle
from applications.domain.budget_lines import Expected, Reading
from applications.models import Application, BudgetLine, BudgetUpload, MoneyDeclaration
from calls.enums import CostType, PhaseNumber
from calls.models import CallRules
from calls.ruleset import Rules
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.files import store
from ibnportal.core.files.checks import check, too_large
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.findings import Finding, Severity, has_errors
from ibnportal.core.money import CENT, ZERO, euros, format_euros


class Cost(Protocol):
    """One line: a draft's row, a line read from a workbook, or one of a snapshot."""

    @property
    def project_year(self) -> int:
        """1 for the first year."""

    @property
    def cost_type(self) -> str:
        """One of the four of the cost model."""

    @property
    def person_months(self) -> Decimal:
        """0 except for people."""

    @property
    def amount(self) -> Decimal:
        """Euros."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Every figure of a budget, computed from its lines. Keys of years are 1 to `rules.project_years`."""

    years: tuple[int, ...]
    by_year_and_type: dict[tuple[int, str], Decimal]
    year_totals: dict[int, Decimal]
    type_totals: dict[str, Decimal]
    total: Decimal
    year_months: dict[int, Decimal]
    person_months: Decimal
    year_fte: dict[int, Decimal]
    mean_fte: Decimal
    year_grants: dict[int, Decimal]
    requested_grant: Decimal
    findings: tuple[Finding, ...] = field(default=())


def figures(lines: Iterable[Cost], rules: Rules) -> Figures:
    """Totals per year and type, full-time equivalents (person-months / 12) and the grant (half of each year's costs)."""
    years = tuple(range(1, rules.project_years + 1))
    cells: dict[tuple[int, str], Decimal] = defaultdict(lambda: ZERO)
    months: dict[int, Decimal] = dict.fromkeys(years, ZERO)
    for line in lines:
        cells[line.project_year, str(line.cost_type)] += line.amount
        months[line.project_year] = months.get(line.project_year, ZERO) + line.person_months
    by_year_and_type = {(year, kind): euros(cells[year, kind]) for year in years for kind in CostType.values}
    year_totals = {year: sum((by_year_and_type[year, kind] for kind in CostType.values), ZERO) for year in years}
    type_totals = {kind: sum((by_year_and_type[year, kind] for year in years), ZERO) for kind in CostType.values}
    per_year = Decimal(rules.months_per_year)
    person_months = sum(months.values(), ZERO)
    grants = {year: euros(year_totals[year] * rules.grant_fraction) for year in years}
    return Figures(
        years=years,
        by_year_and_type=by_year_and_type,
        year_totals=year_totals,
        type_totals=type_totals,
        total=sum(year_totals.values(), ZERO),
        year_months=months,
        person_months=person_months,
        year_fte={year: (months[year] / per_year).quantize(CENT) for year in years},
        mean_fte=(person_months / Decimal(rules.duration_months)).quantize(CENT),
        year_grants=grants,
        requested_grant=sum(grants.values(), ZERO),
    )


# ---------------------------------------------------------------- caps and warnings, one check a rule


def within_yearly_cap(sums: Figures, rules: Rules) -> list[Finding]:
    """PRG-09, BUD-14: a year's costs; hard, because co-financing and settlement are yearly (AMB-09)."""
    cap = rules.max_budget_year
    if cap is None:
        return []
    return [
        Finding(
            "BUD-14",
            f"Projectjaar {year}",
            f"De begroting van jaar {year} is {format_euros(total)}; ten hoogste {format_euros(cap)} per jaar mag. "
            f"Verlaag jaar {year} met {format_euros(total - cap)}.",
        )
        for year, total in sums.year_totals.items()
        if total > cap
    ]


def within_total_cap(sums: Figures, rules: Rules) -> list[Finding]:
    """PRG-10, BUD-14: the costs of the whole project."""
    cap = rules.max_budget_total
    if cap is None or sums.total <= cap:
        return []
    return [
        Finding(
            "BUD-14",
            "Hele project",
            f"De begroting is samen {format_euros(sums.total)}; ten hoogste {format_euros(cap)} over het project mag. "
            f"Verlaag ze met {format_euros(sums.total - cap)}.",
        )
    ]


def within_grant_caps(sums: Figures, rules: Rules) -> list[Finding]:
    """BUD-15: the support that follows, a year and in all."""
    found = []
    if rules.max_grant_year is not None:
        found += [
            Finding(
                "BUD-15",
                f"Projectjaar {year}",
                f"De steun die volgt uit jaar {year} is {format_euros(grant)}; ten hoogste {format_euros(rules.max_grant_year)} per jaar kan.",
            )
            for year, grant in sums.year_grants.items()
            if grant > rules.max_grant_year
        ]
    if rules.max_grant_total is not None and sums.requested_grant > rules.max_grant_total:
        found.append(
            Finding(
                "BUD-15",
                "Hele project",
                f"De gevraagde steun is {format_euros(sums.requested_grant)}; ten hoogste {format_euros(rules.max_grant_total)} kan.",
            )
        )
    return found


def reaches_two_fte(sums: Figures, rules: Rules) -> list[Finding]:
    """DUR-04, AMB-07: below the minimum in a year, or over the project, is a warning; admissibility looks at the mean."""
    if rules.min_fte is None or rules.min_person_months is None:
        return []
    found = [
        Finding(
            "DUR-04",
            f"Projectjaar {year}",
            f"Jaar {year} telt {_number(fte)} VTE, minder dan {_number(rules.min_fte)}. Dat mag als de andere jaren het goedmaken.",
            Severity.WARNING,
        )
        for year, fte in sums.year_fte.items()
        if sums.year_months[year] < rules.min_fte * rules.months_per_year
    ]
    if sums.person_months < rules.min_person_months:
        found.append(
            Finding(
                "P2-ADM-08",
                "Hele project",
                f"De begroting telt {_number(sums.person_months)} mensmaanden; er zijn er {_number(rules.min_person_months)} nodig "
                f"({_number(rules.min_fte)} VTE over {rules.duration_months} maanden).",
                Severity.WARNING,
            )
        )
    return found


def within_cost_model(sums: Figures, rules: Rules) -> list[Finding]:
    """BUD-16: rates of the cost model, where the call sets them."""
    found = []
    for rate, kind, what in (
        (rules.overhead_per_fte, CostType.OVERHEAD, "overhead"),
        (rules.operating_ceiling_per_fte, CostType.OPERATING, "werking"),
    ):
        if rate is None:
            continue
        for year in sums.years:
            ceiling = euros(rate * sums.year_months[year] / Decimal(rules.months_per_year))
            amount = sums.by_year_and_type[year, kind]
            if amount > ceiling:
                found.append(
                    Finding(
                        "BUD-16",
                        f"Projectjaar {year}",
                        f"Voor {what} staat {format_euros(amount)}; bij {_number(sums.year_fte[year])} VTE hoort ten hoogste {format_euros(ceiling)}.",
                        Severity.WARNING,
                    )
                )
    return found


CHECKS: tuple[Callable[[Figures, Rules], list[Finding]], ...] = (
    within_yearly_cap,
    within_total_cap,
    within_grant_caps,
    reaches_two_fte,
    within_cost_model,
)


def examine(sums: Figures, rules: Rules) -> list[Finding]:
    """Everything the rules of the call say about these figures."""
    return [finding for check in CHECKS for finding in check(sums, rules)]


# ---------------------------------------------------------------- taking a workbook in

Reader = Callable[[bytes, Expected], Reading]
_readers: list[Reader] = []


def reads_workbooks(reader: Reader) -> Reader:
    """Register the function that reads the call's workbook."""
    _readers[:] = [reader]
    return reader


class Refused(DomainError):  # noqa: N818 - reads as a sentence where it is raised
    """The workbook has errors: nothing changed, the previous budget stays. `findings` hold all of them."""


def expected(application: Application) -> Expected:
    """What a workbook of this dossier must be now: its call, its number, the rules it falls under and what was declared about VAT."""
    last = application.budget_uploads.order_by("-version").values_list("version", flat=True).first()
    return Expected(
        call_code=application.call.code,
        number=application.number,
        rules=rules_of(application).frozen(),
        recoverable_vat_fraction=declared_vat(application),
        base_version=last or 0,
    )


def rules_of(application: Application) -> CallRules:
    """The version its budget falls under: that of the full dossier once it is handed in (BUD-17), the call's newest until then."""
    handed_in = (
        application.submissions.filter(phase=PhaseNumber.FULL_DOSSIER)
        .select_related("rules__call")
        .order_by("-version")
        .first()
    )
    return handed_in.rules if handed_in is not None else application.call.current_rules()


def accept(application: Application, upload: "File[bytes]", *, by: User, at: dt.datetime | None = None) -> BudgetUpload:
    """Read a filled workbook and keep it as the dossier's budget; raises Refused with every finding, and then nothing changed.

    The workbook is read before the dossier is locked: reading takes time.
    """
    at = at or clock.now()
    taken = _read(application, upload)
    if has_errors(taken.findings):
        raise Refused(
            "De begroting is niet bewaard: er staan fouten in het rekenblad.",
            rule_id="BUD-09",
            findings=taken.findings,
        )
    sums = taken.sums
    with transaction.atomic():
        fresh = lifecycle.open_draft(application, by=by)
        if fresh.phase != PhaseNumber.FULL_DOSSIER:
            raise DomainError("In de vooraanmelding wordt nog geen begroting gevraagd.", rule_id="P1-SUB-03")
        kept = _keep(fresh, upload, taken, by=by, at=at)
        fresh.person_months, fresh.requested_grant = sums.person_months, sums.requested_grant
        fresh.save(update_fields=["person_months", "requested_grant"])
        application.person_months, application.requested_grant = sums.person_months, sums.requested_grant
        changes = {"version": kept.version, "total": sums.total, "requested_grant": sums.requested_grant}
        trail.record("budget.accepted", fresh, by=by, changes={**changes, "sha256": kept.file.sha256}, at=at)
    return kept


def read_corrected(application: Application, upload: "File[bytes]") -> "_Taken":
    """What a corrected workbook says, before anything is kept; raises Refused with every finding (BUD-17)."""
    taken = _read(application, upload)
    if has_errors(taken.findings):
        raise Refused(
            "De gecorrigeerde begroting is niet bewaard: er staan fouten in het rekenblad.",
            rule_id="BUD-17",
            findings=taken.findings,
        )
    return taken


def keep_corrected(application: Application, upload: "File[bytes]", *, by: User, at: dt.datetime) -> BudgetUpload:
    """A corrected budget in answer to a request to complete the dossier (BUD-17); the caller locked the dossier."""
    taken = read_corrected(application, upload)
    kept = _keep(application, upload, taken, by=by, at=at)
    application.person_months, application.requested_grant = taken.sums.person_months, taken.sums.requested_grant
    application.save(update_fields=["person_months", "requested_grant"])
    return kept


def latest(application: Application) -> BudgetUpload | None:
    """The budget that counts, or None."""
    return application.budget_uploads.select_related("file__blob", "uploaded_by").order_by("-version").first()


@dataclass(frozen=True, slots=True)
class _Taken:
    """A workbook that was read: what it had to be, what it holds, its figures and all that is wrong."""

    wanted: Expected
    reading: Reading
    sums: Figures
    findings: list[Finding]


def _read(application: Application, upload: "File[bytes]") -> _Taken:
    """Everything is looked at, file and lines; the sums only once those are sound, for else they say nothing."""
    wanted = expected(application)
    reading = _readers[0](_content(upload), wanted)
    sums = figures(reading.lines, wanted.rules)
    findings = [*reading.findings, *budget_lines.examine(reading.lines, wanted)]
    if not has_errors(findings):
        findings += (
            examine(sums, wanted.rules)
            if reading.lines
            else [Finding("BUD-09", "Hele werkmap", "De begroting is nog leeg: er staat geen enkele kost in.")]
        )
    return _Taken(wanted, reading, sums, findings)


def _keep(application: Application, upload: "File[bytes]", taken: _Taken, *, by: User, at: dt.datetime) -> BudgetUpload:
    stored = store.store(upload, by=by, kind=FileKind.BUDGET_XLSX)
    last = application.budget_uploads.select_related("uploaded_by").order_by("-version").first()
    # What the figures themselves say is computed again whenever they are shown; only what the file said is kept.
    again = examine(taken.sums, taken.wanted.rules)
    remarks = [finding for finding in taken.findings if finding not in again]
    if last is not None and taken.reading.base_version < last.version:
        remarks.append(_overtaken(taken.reading.base_version, last))
    kept = BudgetUpload.objects.create(
        application=application,
        version=(last.version if last else 0) + 1,
        file=stored,
        rules=rules_of(application),
        uploaded_at=at,
        uploaded_by=by,
        total=taken.sums.total,
        person_months=taken.sums.person_months,
        requested_grant=taken.sums.requested_grant,
        recoverable_vat_fraction=taken.wanted.recoverable_vat_fraction,
        remarks=[finding.as_dict() for finding in remarks],
    )
    copied = (
        "project_year", "cost_type", "description", "person_months", "amount", "motivation", "vat", "supplier",
        "is_long_engagement", "cell",
    )  # fmt: skip
    BudgetLine.objects.bulk_create(
        BudgetLine(upload=kept, **{name: getattr(line, name) for name in copied}) for line in taken.reading.lines
    )
    return kept


def _overtaken(base: int, last: BudgetUpload) -> Finding:
    """Two people who fill in the same budget: the later upload replaces the earlier one, and says so."""
    origin = f"vertrok van versie {base}" if base else "vertrok van een leeg rekenblad"
    return Finding(
        "BUD-09",
        "Hele werkmap",
        f"Dit bestand {origin}, terwijl {last.uploaded_by.full_name} intussen versie {last.version} bewaarde. "
        "Kijk bij de verschillen na of er niets verloren ging; elke versie blijft te downloaden.",
        Severity.WARNING,
    )


# ---------------------------------------------------------------- what was declared about VAT


def declared_vat(application: Application) -> Decimal | None:
    """The part of its VAT that the applicant recovers, from 0 to 1; None while not declared (BUD-10)."""
    declared: MoneyDeclaration | None = getattr(application, "money_declaration", None)
    return None if declared is None else declared.recoverable_vat_fraction


def declare_vat(
    application: Application, *, recoverable_fraction: Decimal, by: User, at: dt.datetime | None = None
) -> MoneyDeclaration:
    """Say which part of the VAT the applicant recovers (BUD-10).

    Refused while the budget that counts holds VAT that the new declaration does not allow: that is corrected first.
    """
    at = at or clock.now()
    if not 0 <= recoverable_fraction <= 1:
        raise DomainError("Een deel van de btw ligt tussen 0 en 100 procent.", rule_id="BUD-10")
    with transaction.atomic():
        fresh = lifecycle.open_draft(application, by=by)
        if fresh.phase != PhaseNumber.FULL_DOSSIER:
            raise DomainError("In de vooraanmelding wordt nog geen begroting gevraagd.", rule_id="P1-SUB-03")
        current = latest(fresh)
        claimed = sum((line.vat for line in current.lines.all()), ZERO) if current else ZERO
        if recoverable_fraction == 1 and claimed:
            raise DomainError(
                f"In de begroting staat {format_euros(claimed)} niet-recupereerbare btw. Laad eerst een begroting zonder btw op.",
                rule_id="BUD-10",
            )
        declaration, _ = MoneyDeclaration.objects.update_or_create(
            application=fresh,
            defaults={"recoverable_vat_fraction": recoverable_fraction, "declared_at": at, "declared_by": by},
        )
        application.money_declaration = declaration
        trail.record("budget.vat_declared", fresh, by=by, changes={"recoverable_fraction": recoverable_fraction}, at=at)
    return declaration


def _content(upload: "File[bytes]") -> bytes:
    """The bytes, after the store's own checks of what the file is and how large."""
    name, limit = upload.name or "begroting.xlsx", FileKind.BUDGET_XLSX.rule.max_bytes
    size = getattr(upload, "size", None) or 0
    if size > limit:
        raise DomainError(too_large(name, size, limit))
    upload.seek(0)
    content: bytes = upload.read(limit + 1)
    check(content, name=name, kind=FileKind.BUDGET_XLSX)
    return content


def _number(value: Decimal | int) -> str:
    text = f"{Decimal(value).quantize(CENT):f}".rstrip("0").rstrip(".")
    return text.replace(".", ",")
