"""Member lists of spearhead clusters, kept by date: read, looked at, and then kept as a whole (POS-08)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from applications.domain import words
from applications.models import SpearheadMember, SpearheadMemberList
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed
from ibnportal.core.files.models import StoredFile
from ibnportal.core.findings import Finding, has_errors


@dataclass(frozen=True, slots=True)
class Company:
    """One member: its name and ten digits."""

    name: str
    enterprise_number: str


@dataclass(frozen=True, slots=True)
class MemberReading:
    """A list as it was read, with what is wrong by cell."""

    members: tuple[Company, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether it may be kept."""
        return bool(self.members) and not has_errors(self.findings)


@dataclass(frozen=True, slots=True)
class Difference:
    """Against the list of the same cluster before it: who came, who went."""

    before: SpearheadMemberList | None
    came: int
    went: int


def difference(cluster: str, as_of: dt.date, members: Sequence[Company]) -> Difference:
    """What is new since the latest list of that cluster before this date."""
    before = SpearheadMemberList.objects.filter(cluster=cluster, as_of__lt=as_of).order_by("-as_of").first()
    numbers = {member.enterprise_number for member in members}
    known = set(before.members.values_list("enterprise_number", flat=True)) if before is not None else set()
    return Difference(before, len(numbers - known), len(known - numbers))


def keep(
    *,
    cluster: str,
    as_of: dt.date,
    source: str,
    reading: MemberReading,
    file: StoredFile,
    by: User,
    at: dt.datetime | None = None,
) -> SpearheadMemberList:
    """The list with all its members, or nothing. A list of that cluster and date that is there already is not replaced."""
    at = at or clock.now()
    if not by.has_role(Role.CASE_HANDLER, Role.ADMINISTRATOR):
        raise NotAllowed("Alleen dossierbehandelaars en beheerders houden ledenlijsten bij.")
    if not reading.is_good:
        raise DomainError("Deze lijst bevat nog fouten. Verbeter ze in uw bestand en laad het opnieuw op.")
    cluster, source = words.clean(cluster), words.clean(source)
    if not cluster or not source:
        raise DomainError("Vul de naam van de cluster en de bron van de lijst in.", rule_id="POS-08")
    if as_of > clock.today():
        raise DomainError("De datum van de lijst ligt in de toekomst.", rule_id="POS-08")
    try:
        with transaction.atomic():
            found = SpearheadMemberList.objects.create(
                cluster=cluster, as_of=as_of, source=source, file=file, uploaded_at=at, uploaded_by=by
            )
            SpearheadMember.objects.bulk_create(
                SpearheadMember(member_list=found, name=member.name, enterprise_number=member.enterprise_number)
                for member in reading.members
            )
            changes = {"cluster": cluster, "as_of": as_of, "source": source, "members": len(reading.members)}
            trail.record("spearheadmemberlist.kept", found, by=by, changes=changes, at=at)
    except IntegrityError as error:
        raise DomainError(
            f"Van {cluster} is er al een lijst van {as_of:%d/%m/%Y}. Die blijft; kies een andere datum.",
            rule_id="POS-08",
        ) from error
    return found
