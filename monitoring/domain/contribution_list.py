"""A list of contributions against the ledger of a year: every line with its rule, taken over once, at constant queries.

A line that can't be read, that stands twice or that names a payer whom nobody knows stays out; a line that breaks a rule
of counting comes in and says which, as one that is entered by hand would.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from django.core.files.base import File
from django.db import transaction

from calls.enums import PayerKind
from ibnportal.core import clock
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.store import store
from ibnportal.core.findings import Finding, has_errors
from ibnportal.core.lifecycle import lock
from monitoring.domain import contribution_checks, contributions
from monitoring.domain.contribution_checks import PAYER_KIND_OF
from monitoring.domain.queries import rules_row
from monitoring.enums import ListKind
from monitoring.models import AwardYear, Contribution, ListImport

BATCH = 100


@dataclass(frozen=True, slots=True)
class ContributionLine:
    """One line as it was read; `number` is empty where it is wrong, amounts are euros without VAT."""

    row: int
    name: str
    number: str
    number_at: str
    invoice_at: str
    kind: str
    amount: Decimal | None
    vat_amount: Decimal | None
    invoice_number: str
    invoiced_on: date | None
    received_on: date | None
    services: str
    refers_to_project: bool
    is_individual_service: bool
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A line, what it would become (None when it stays out), and by which rules that would not count."""

    line: ContributionLine
    contribution: Contribution | None = None
    rules_broken: tuple[Finding, ...] = field(default=())


def upload(award_year: AwardYear, file: "File[bytes]", *, by: User) -> ListImport:
    """Keep a list to look at; nothing of it is taken over yet."""
    with transaction.atomic():
        contributions.open_year(award_year)
        kept = store(file, by=by, kind=FileKind.IMPORT_XLSX)
        made = ListImport.objects.create(
            kind=ListKind.CONTRIBUTIONS, network=award_year.network, award_year=award_year, file=kept,
            uploaded_at=clock.now(), uploaded_by=by,
        )  # fmt: skip
        trail.record("listimport.uploaded", made, by=by, changes={"file": kept.pk, "kind": made.kind})
    return made


def plan(award_year: AwardYear, lines: Sequence[ContributionLine], *, by: User) -> list[PlannedLine]:
    """What each line would do and whether it would count: the same few queries for ten lines and for five thousand."""
    numbers = {line.number for line in lines if line.number}
    payers = {one.enterprise_number: one for one in Organisation.objects.filter(enterprise_number__in=numbers)}
    standing = contribution_checks.standing_numbers(award_year)
    times = Counter(line.invoice_number.upper() for line in lines if line.invoice_number)
    planned = [_planned(award_year, line, payers, standing, times, by) for line in lines]
    made = [one.contribution for one in planned if one.contribution is not None]
    rules = rules_row(award_year.network).frozen()
    evidence = contribution_checks.evidence_for(award_year, made)
    return [
        one
        if one.contribution is None
        else replace(one, rules_broken=tuple(contribution_checks.findings(one.contribution, rules, evidence=evidence)))
        for one in planned
    ]


def _planned(  # noqa: PLR0917 - what every line is held against
    year: AwardYear,
    line: ContributionLine,
    payers: dict[str, Organisation],
    standing: set[str],
    times: Counter[str],
    by: User,
) -> PlannedLine:
    found = list(line.findings)
    payer = payers.get(line.number)
    if line.number and payer is None:
        message = "Dit nummer kent het portaal nog niet. Schrijf de onderneming eerst in als lid, of voer deze bijdrage apart in."
        found.append(Finding("COF-02", line.number_at, message))
    key = line.invoice_number.upper()
    if key and times[key] > 1:
        found.append(Finding("COF-12", line.invoice_at, "Dit factuurnummer staat meer dan één keer in de lijst."))
    if key in standing:
        found.append(Finding("COF-12", line.invoice_at, "Deze factuur staat al bij dit projectjaar."))
    line = replace(line, findings=tuple(found))
    if has_errors(found) or payer is None or line.amount is None or line.invoiced_on is None:
        return PlannedLine(line)
    contribution = Contribution(
        award_year=year, payer=payer, payer_kind=PAYER_KIND_OF.get(payer.kind, PayerKind.COMPANY), kind=line.kind,
        amount=line.amount, vat_amount=line.vat_amount, invoice_number=line.invoice_number, invoiced_on=line.invoiced_on,
        refers_to_project=line.refers_to_project, services=line.services, received_on=line.received_on,
        is_individual_service=line.is_individual_service, entered_at=clock.now(), entered_by=by,
    )  # fmt: skip
    return PlannedLine(line, contribution)


@transaction.atomic
def take_over(found: ListImport, lines: Sequence[ContributionLine], *, by: User) -> dict[str, int]:
    """Enter every line that can be, in batches; the trail holds the list once. Returns the counts. Once a list."""
    fresh = lock(found)
    if fresh.taken_over_at is not None:
        raise WrongState(f"Deze lijst is al overgenomen op {clock.local(fresh.taken_over_at):%d/%m/%Y}.")
    if fresh.award_year is None:
        raise WrongState("Deze lijst hoort niet bij een projectjaar.")
    year = contributions.open_year(fresh.award_year)
    planned = plan(year, lines, by=by)
    made = [one.contribution for one in planned if one.contribution is not None]
    if not made:
        raise DomainError("Er is niets over te nemen: geen enkele lijn is zonder fout.")
    for contribution in made:
        contribution.source_list = fresh
    Contribution.objects.bulk_create(made, batch_size=BATCH)
    counts = count(planned)
    for row in (fresh, found):
        row.taken_over_at, row.taken_over_by, row.counts = clock.now(), by, counts
    fresh.save(update_fields=["taken_over_at", "taken_over_by", "counts"])
    trail.record("listimport.taken_over", fresh, by=by, changes={**counts, "ids": [made[0].pk, made[-1].pk]})
    return counts


def count(planned: Sequence[PlannedLine]) -> dict[str, int]:
    """How many lines come in, how many of these count as they stand, and how many stay out."""
    entered = [one for one in planned if one.contribution is not None]
    return {
        "new": len(entered),
        "clean": sum(not has_errors(one.rules_broken) for one in entered),
        "error": len(planned) - len(entered),
    }
