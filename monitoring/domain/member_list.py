"""A list of members against the register: what each line would do, and taking it over (H-34).

Looked at first (`plan`, no write), taken over afterwards (`take_over`): a line with an error is left out and named, a
company that is a member already is changed where the list says otherwise, an empty cell changes nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.core.files.base import File
from django.db import transaction

from ibnportal.core import clock
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.store import store
from ibnportal.core.findings import Finding, Severity, has_errors
from ibnportal.core.lifecycle import lock
from monitoring.domain import companies, members
from monitoring.enums import ListKind
from monitoring.models import ListImport, Membership, Network


class Deed(StrEnum):
    """What a line does."""

    NEW = "new"
    CHANGE = "change"
    SAME = "same"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class MemberLine:
    """One line as it was read; `number` is empty where it is wrong."""

    row: int
    name: str
    number: str
    number_at: str
    joined_on: date | None
    left_on: date | None
    yearly_fee: Decimal | None
    role: str
    fee_includes: str
    is_involved: bool
    address: dict[str, str] = field(default_factory=dict)
    company: dict[str, Any] = field(default_factory=dict)
    contact: dict[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """A line with what it would do; `changes` names what becomes different, in words."""

    line: MemberLine
    deed: Deed
    membership: Membership | None = None
    changes: tuple[str, ...] = ()


LABELS = {
    "joined_on": "lid sinds", "left_on": "lid tot", "yearly_fee": "lidgeld", "role": "rol", "fee_includes": "inbegrepen",
    "is_involved": "betrokken", "contact_name": "contactpersoon", "contact_email": "e-mail",
}  # fmt: skip


def upload(network: Network, file: "File[bytes]", *, by: User) -> ListImport:
    """Keep a list to look at; nothing of it is taken over yet. Raises DomainError for what is no workbook."""
    with transaction.atomic():
        kept = store(file, by=by, kind=FileKind.IMPORT_XLSX)
        made = ListImport.objects.create(
            kind=ListKind.MEMBERS, network=network, file=kept, uploaded_at=clock.now(), uploaded_by=by
        )
        trail.record("listimport.uploaded", made, by=by, changes={"file": kept.pk, "kind": made.kind})
    return made


def plan(network: Network, lines: Sequence[MemberLine]) -> list[Planned]:
    """What each line would do, in two queries however many there are."""
    numbers = {line.number for line in lines if line.number}
    known = {
        organisation.enterprise_number: organisation
        for organisation in Organisation.objects.filter(enterprise_number__in=numbers)
    }
    open_ones: dict[str, Membership] = {}
    past: dict[str, date] = {}
    rows = Membership.objects.filter(network=network, organisation__enterprise_number__in=numbers)
    for membership in rows.select_related("organisation__profile"):
        number = membership.organisation.enterprise_number
        if membership.left_on is None:
            open_ones[number] = membership
        else:
            past[number] = max(past.get(number, membership.left_on), membership.left_on)
    twice = {number for number, count in Counter(line.number for line in lines if line.number).items() if count > 1}
    return [_planned(network, line, known, open_ones, past, twice) for line in lines]


def _planned(  # noqa: PLR0917 - what every line is held against
    network: Network,
    line: MemberLine,
    known: dict[str, Organisation],
    open_ones: dict[str, Membership],
    past: dict[str, date],
    twice: set[str],
) -> Planned:
    found = list(line.findings)
    organisation = known.get(line.number)
    membership = open_ones.get(line.number)
    if line.number in twice:
        found.append(
            Finding("H-34", line.number_at, "Dit nummer staat meer dan één keer in de lijst. Hou één lijn over.")
        )
    if organisation is not None and organisation.pk == network.beneficiary_id:
        found.append(
            Finding("H-34", line.number_at, "Dit is de clusterorganisatie zelf; zij is geen lid van haar netwerk.")
        )
    if organisation is not None and line.name and organisation.name.casefold() != line.name.casefold():
        message = f"Dit nummer staat in het portaal op naam van {organisation.name}; die naam blijft."
        found.append(Finding("H-34", line.number_at, message, Severity.WARNING))
    ended = past.get(line.number)
    if membership is None and ended is not None and line.joined_on is not None and line.joined_on <= ended:
        message = f"Deze onderneming was al lid tot {ended:%d/%m/%Y}. Vul een latere toetreding in."
        found.append(Finding("H-34", line.number_at, message))
    line = replace(line, findings=tuple(found))
    if has_errors(found):
        return Planned(line, Deed.ERROR, membership)
    if membership is None:
        return Planned(line, Deed.NEW)
    changes = tuple(LABELS[name] for name in _differences(line, membership))
    profile = companies.profile_of(membership.organisation)
    if any(getattr(profile, name, None) != value for name, value in line.company.items()):
        changes += ("gegevens van de onderneming",)
    return Planned(line, Deed.CHANGE if changes else Deed.SAME, membership, changes)


def _differences(line: MemberLine, membership: Membership) -> dict[str, Any]:
    told: dict[str, Any] = {
        "joined_on": line.joined_on, "left_on": line.left_on, "yearly_fee": line.yearly_fee, "role": line.role,
        "fee_includes": line.fee_includes, "is_involved": line.is_involved, **line.contact,
    }  # fmt: skip
    return {
        name: value for name, value in told.items() if value not in (None, "") and getattr(membership, name) != value
    }


@transaction.atomic
def take_over(found: ListImport, lines: Sequence[MemberLine], *, by: User) -> dict[str, int]:
    """Carry out what `plan` says now; returns how many lines did what. Once a list."""
    fresh = lock(found)
    if fresh.taken_over_at is not None:
        raise WrongState(f"Deze lijst is al overgenomen op {clock.local(fresh.taken_over_at):%d/%m/%Y}.")
    network = fresh.network
    lock(network)
    planned = plan(network, lines)
    counts = {str(deed): sum(one.deed == deed for one in planned) for deed in Deed}
    if not counts[Deed.NEW] and not counts[Deed.CHANGE]:
        raise DomainError("Er is niets over te nemen: geen enkele lijn zonder fout verandert iets.")
    for one in planned:
        if one.deed == Deed.NEW:
            _register(network, one.line, by=by)
        elif one.deed == Deed.CHANGE and one.membership is not None:
            _change(one.line, one.membership, by=by)
    for row in (fresh, found):
        row.taken_over_at, row.taken_over_by, row.counts = clock.now(), by, counts
    fresh.save(update_fields=["taken_over_at", "taken_over_by", "counts"])
    trail.record("listimport.taken_over", fresh, by=by, changes=counts)
    return counts


def _register(network: Network, line: MemberLine, *, by: User) -> None:
    assert line.joined_on is not None  # noqa: S101 - a line without it is an error
    membership = members.register(
        network, name=line.name, enterprise_number=line.number, joined_on=line.joined_on, by=by, yearly_fee=line.yearly_fee,
        is_involved=line.is_involved, role=line.role, fee_includes=line.fee_includes, **line.contact, **line.address,
    )  # fmt: skip
    _company(membership, line, by=by)
    if line.left_on is not None:
        members.leave(membership, left_on=line.left_on, by=by)


def _change(line: MemberLine, membership: Membership, *, by: User) -> None:
    different = _differences(line, membership)
    left_on = different.pop("left_on", None)
    if different:
        members.change(membership, by=by, **different)
    _company(membership, line, by=by)
    if left_on is not None:
        members.leave(membership, left_on=left_on, by=by)


def _company(membership: Membership, line: MemberLine, *, by: User) -> None:
    organisation = membership.organisation
    companies.complete_address(organisation, by=by, **line.address)
    if line.company:
        companies.describe(organisation, by=by, **line.company)
