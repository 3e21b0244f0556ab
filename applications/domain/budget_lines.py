"""A budget as it comes out of a workbook, in a form that knows no file, and what each of its lines must say for itself (manual 4.2.2).

One function a rule, in a visible list. Pure.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from calls.enums import CostType
from calls.ruleset import Rules
from ibnportal.core.findings import Finding, Severity
from ibnportal.core.money import ZERO, format_euros


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line as the workbook holds it. `amount` includes the non-recoverable `vat`; both in euro.

    `cell` is where the amount stands, `places` where each other thing does, in words.
    """

    project_year: int
    cost_type: str
    description: str
    amount: Decimal
    person_months: Decimal = ZERO
    motivation: str = ""
    cell: str = ""
    vat: Decimal = ZERO
    supplier: str = ""
    is_long_engagement: bool = False
    places: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def place(self, what: str) -> str:
        """Where to look for `what`, in the user's words."""
        return self.places.get(what) or self.cell or f"Projectjaar {self.project_year}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a workbook turned out to hold; with an error among the findings none of it is kept.

    `base_version` is the budget that it was filled from when it was made, 0 for an empty one.
    """

    lines: tuple[ReadLine, ...] = ()
    findings: tuple[Finding, ...] = ()
    base_version: int = 0


@dataclass(frozen=True, slots=True)
class Expected:
    """Of which dossier the workbook must be, and under which rules.

    `recoverable_vat_fraction` is what the applicant declared, None while nothing; `base_version` the budget it is filled from.
    """

    call_code: str
    number: str
    rules: Rules
    recoverable_vat_fraction: Decimal | None = None
    base_version: int = 0

    @property
    def may_claim_vat(self) -> bool:
        """BUD-10: only who declared not to recover all of its VAT may put the rest into the budget."""
        return self.recoverable_vat_fraction is not None and self.recoverable_vat_fraction < 1


Check = Callable[[ReadLine, Expected], Finding | None]


def says_what_it_is(line: ReadLine, _: Expected) -> Finding | None:
    """BUD-03: a real cost has a name."""
    if line.description:
        return None
    return Finding("BUD-03", line.place("description"), "Schrijf in woorden wat deze kost is.")


def has_an_amount(line: ReadLine, _: Expected) -> Finding | None:
    """BUD-03: a line without any figure is unfinished; person-months that cost nothing may be, but are worth a look."""
    if line.amount:
        return None
    if line.person_months:
        return Finding(
            "BUD-03",
            line.place("cost"),
            f"“{line.description[:40]}” kost niets. De begroting bevat reële kosten: klopt dat?",
            Severity.WARNING,
        )
    return Finding(
        "BUD-03",
        line.place("cost"),
        f"“{line.description[:40]}” heeft geen enkel bedrag. Vul het aan of wis de lijn.",
    )


def staff_is_counted_in_months(line: ReadLine, _: Expected) -> Finding | None:
    """BUD-04: staff is charged pro rata, so the cost needs the time it pays for."""
    if line.cost_type != CostType.PERSONNEL or line.person_months or not line.amount:
        return None
    return Finding(
        "BUD-04",
        line.place("months"),
        "Vul in hoeveel mensmaanden op het project deze kost betaalt. Personeel telt mee voor zijn tijd op het project.",
    )


def overhead_is_shared_out(line: ReadLine, _: Expected) -> Finding | None:
    """BUD-05: overhead is never wholly the project's, so it needs a key."""
    if line.cost_type != CostType.OVERHEAD or line.motivation:
        return None
    return Finding(
        "BUD-05",
        line.place("motivation"),
        "Schrijf hoe u het deel van het project bepaalt: overhead is nooit volledig aan het project toe te wijzen.",
    )


def external_is_motivated(line: ReadLine, _: Expected) -> Finding | None:
    """BUD-08: exceptional, so with its reason."""
    if line.cost_type != CostType.EXTERNAL or line.motivation:
        return None
    return Finding(
        "BUD-08", line.place("motivation"), "Een externe prestatie is uitzonderlijk: motiveer waarom ze nodig is."
    )


def external_is_invoiced(line: ReadLine, _: Expected) -> Finding | None:
    """BUD-11: what the applicant does not do itself is invoiced, by somebody."""
    if line.cost_type != CostType.EXTERNAL or line.supplier:
        return None
    return Finding(
        "BUD-11",
        line.place("supplier"),
        "Schrijf wie de prestatie uitvoert en factureert. Is dat nog niet bekend, schrijf dan “nog te kiezen”.",
    )


def freelancers_are_engaged_for_long(line: ReadLine, _: Expected) -> Finding | None:
    """BUD-06, AMB-08: months of outsiders count (for FTE and overhead) only with a long formal engagement, and the other way round."""
    if line.cost_type != CostType.EXTERNAL:
        return None
    if line.person_months and not line.is_long_engagement:
        return Finding(
            "BUD-06",
            line.place("engagement"),
            "Mensmaanden tellen hier alleen bij een langdurig formeel engagement. Zet “ja”, of wis de mensmaanden.",
        )
    if line.is_long_engagement and not line.person_months:
        return Finding(
            "BUD-06",
            line.place("months"),
            "Bij een langdurig formeel engagement horen mensmaanden: vul ze in, of zet “nee”.",
        )
    return None


def vat_may_be_claimed(line: ReadLine, expected: Expected) -> Finding | None:
    """BUD-10: non-recoverable VAT, only of who declared not to be wholly liable; never more than the cost itself."""
    if not line.vat:
        return None
    if expected.recoverable_vat_fraction is None:
        return Finding(
            "BUD-10",
            line.place("vat"),
            f"Hier staat {format_euros(line.vat)} btw, maar het btw-statuut van de aanvrager is nog niet verklaard. Verklaar het op de pagina Begroting, of wis de btw.",
        )
    if not expected.may_claim_vat:
        return Finding(
            "BUD-10",
            line.place("vat"),
            f"Hier staat {format_euros(line.vat)} btw, maar de aanvrager verklaarde alle btw te recupereren. Wis de btw, of pas de verklaring aan.",
        )
    if line.vat > line.amount - line.vat:
        return Finding(
            "BUD-10",
            line.place("vat"),
            f"De btw ({format_euros(line.vat)}) is hoger dan de kost zelf ({format_euros(line.amount - line.vat)}). Kijk beide bedragen na.",
        )
    return None


CHECKS: tuple[Check, ...] = (
    says_what_it_is,
    has_an_amount,
    staff_is_counted_in_months,
    overhead_is_shared_out,
    external_is_motivated,
    external_is_invoiced,
    freelancers_are_engaged_for_long,
    vat_may_be_claimed,
)


def examine(lines: Iterable[ReadLine], expected: Expected) -> list[Finding]:
    """Everything that single lines lack, in the order of the lines."""
    found = (check(line, expected) for line in lines for check in CHECKS)
    return [finding for finding in found if finding is not None]
