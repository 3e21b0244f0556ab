"""Roles, organisations and memberships: every change has an actor and a row in the trail."""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from ibnportal.core import clock, enterprise_numbers
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import Organisation, OrganisationMembership, RoleGrant, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.lifecycle import lock

SYSTEM_EMAIL = "systeem@portaal.invalid"
FIELDS = (
    "name", "kind", "legal_form", "has_legal_personality", "street", "postcode", "municipality", "website", "email_domain",
)  # fmt: skip


def system_user() -> User:
    """The actor of what no person did (loading the programme, a worker); it cannot log in."""
    user, _ = User.objects.get_or_create(
        email=SYSTEM_EMAIL, defaults={"full_name": "Systeem", "is_active": False, "password": "!"}
    )
    return user


def register_user(*, email: str, full_name: str, by: User | None, password: str | None = None) -> User:
    """A new person who can log in once a password is set. Refused when the address is in use."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, password, full_name=full_name)
            trail.record("user.registered", user, by=by, changes={"email": user.email, "full_name": full_name})
    except IntegrityError as error:
        raise DomainError(f"Er is al een gebruiker met het e-mailadres {email}.") from error
    return user


def grant_role(user: User, role: Role, *, by: User | None, reason: str = "") -> RoleGrant:
    """Give a role; who holds it already keeps the grant they have. ADMINISTRATOR opens Django's admin too."""
    role = Role(role)
    with transaction.atomic():
        lock(user)
        grant = RoleGrant.objects.open().filter(user=user, role=role).first()
        if grant is None:
            grant = RoleGrant.objects.create(
                user=user, role=role, granted_at=clock.now(), granted_by=by or system_user()
            )
            trail.record("role.granted", user, by=by, changes={"role": role}, reason=reason)
            if role == Role.ADMINISTRATOR:
                _open_admin(user, is_open=True)
    user.forget_access()
    return grant


def revoke_role(user: User, role: Role, *, by: User | None, reason: str = "") -> None:
    """Take a role away, from now on; who does not hold it is left as they are. Nobody takes their own last key."""
    role = Role(role)
    if by is not None and by.pk == user.pk and role == Role.ADMINISTRATOR:
        raise DomainError("U kunt uw eigen rol van beheerder niet intrekken. Vraag het aan een andere beheerder.")
    with transaction.atomic():
        lock(user)
        grant = RoleGrant.objects.open().filter(user=user, role=role).first()
        if grant is not None:
            grant.revoked_at, grant.revoked_by = clock.now(), by or system_user()
            grant.save(update_fields=["revoked_at", "revoked_by"])
            trail.record("role.revoked", user, by=by, changes={"role": role}, reason=reason)
            if role == Role.ADMINISTRATOR:
                _open_admin(user, is_open=user.is_superuser)
    user.forget_access()


def _open_admin(user: User, *, is_open: bool) -> None:
    user.is_staff = is_open
    user.save(update_fields=["is_staff"])


def register_organisation(*, name: str, by: User | None, enterprise_number: str = "", **details: Any) -> Organisation:
    """A new organisation. A number is checked (P1-LET-03) and refused when another organisation has it.

    `details`: kind, legal_form, has_legal_personality, street, postcode, municipality, website, email_domain.
    """
    number = enterprise_numbers.parse(enterprise_number) if enterprise_number.strip() else ""
    if not name.strip():
        raise DomainError("Vul de naam van de organisatie in.")
    organisation = Organisation(name=name.strip(), enterprise_number=number, **_known(details))
    try:
        with transaction.atomic():
            organisation.save()
            trail.record(
                "organisation.registered",
                organisation,
                by=by,
                changes={"name": name, "enterprise_number": number, **details},
            )
    except IntegrityError as error:
        known = Organisation.objects.filter(enterprise_number=number).first() if number else None
        if known is None:
            raise
        raise DomainError(
            f"Het ondernemingsnummer {enterprise_numbers.format(number)} staat al op naam van {known.name}. "
            "Vraag een collega van die organisatie om u toe te voegen.",
        ) from error
    return organisation


def find_or_register_organisation(
    *, name: str, by: User | None, enterprise_number: str, **details: Any
) -> tuple[Organisation, bool]:
    """The organisation with this number (as it stands, nothing overwritten), or a new one; and whether it is new.

    Without a number there is nothing to find by: a new organisation is made.
    """
    if enterprise_number.strip():
        number = enterprise_numbers.parse(enterprise_number)
        known = Organisation.objects.filter(enterprise_number=number).first()
        if known is not None:
            return known, False
        try:
            return register_organisation(name=name, by=by, enterprise_number=number, **details), True
        except DomainError:
            # Somebody registered it between our look and our insert; without such a row the refusal stands.
            known = Organisation.objects.filter(enterprise_number=number).first()
            if known is None:
                raise
            return known, False
    return register_organisation(name=name, by=by, **details), True


def change_organisation(organisation: Organisation, *, by: User, **details: Any) -> Organisation:
    """Correct what is known of an organisation; its number stays what it is once it has one."""
    number = details.pop("enterprise_number", None)
    with transaction.atomic():
        fresh = lock(organisation)
        wanted = _known(details)
        if number:
            parsed = enterprise_numbers.parse(number)
            if fresh.enterprise_number and fresh.enterprise_number != parsed:
                raise DomainError(
                    "Het ondernemingsnummer staat vast. Registreer een nieuwe organisatie als het een andere is."
                )
            if Organisation.objects.filter(enterprise_number=parsed).exclude(pk=fresh.pk).exists():
                raise DomainError(
                    f"Het ondernemingsnummer {enterprise_numbers.format(parsed)} staat al op een andere naam."
                )
            wanted["enterprise_number"] = parsed
        changes = {key: [getattr(fresh, key), value] for key, value in wanted.items() if getattr(fresh, key) != value}
        if changes:
            for key, value in wanted.items():
                setattr(fresh, key, value)
                setattr(organisation, key, value)
            fresh.save(update_fields=list(wanted))
            trail.record("organisation.changed", fresh, by=by, changes=changes)
    return organisation


def add_member(
    organisation: Organisation,
    user: User,
    *,
    by: User | None,
    is_legal_representative: bool = False,
    since: date | None = None,
) -> OrganisationMembership:
    """Let somebody act for an organisation; who is a member already may gain or lose the power to bind it."""
    with transaction.atomic():
        lock(user)
        membership = OrganisationMembership.objects.filter(
            organisation=organisation, user=user, until__isnull=True
        ).first()
        if membership is None:
            membership = OrganisationMembership.objects.create(
                organisation=organisation,
                user=user,
                is_legal_representative=is_legal_representative,
                since=since or clock.today(),
            )
            action = "member.added"
        elif membership.is_legal_representative != is_legal_representative:
            membership.is_legal_representative = is_legal_representative
            membership.save(update_fields=["is_legal_representative"])
            action = "member.changed"
        else:
            return membership
        changes = {"user": user, "name": user.full_name, "is_legal_representative": is_legal_representative}
        trail.record(action, organisation, by=by, changes=changes)
    user.forget_access()
    return membership


def end_membership(membership: OrganisationMembership, *, by: User | None, until: date | None = None) -> None:
    """From `until` on (by default today, so at once) the person no longer acts for the organisation."""
    with transaction.atomic():
        fresh = lock(membership)
        until = max(fresh.since, until or clock.today())
        fresh.until = membership.until = until
        fresh.save(update_fields=["until"])
        trail.record(
            "member.ended",
            fresh.organisation,
            by=by,
            changes={"user": fresh.user, "name": fresh.user.full_name, "until": until},
        )
    membership.user.forget_access()


def _known(details: dict[str, Any]) -> dict[str, Any]:
    unknown = set(details) - set(FIELDS)
    if unknown:
        raise TypeError(f"An organisation has no {', '.join(sorted(unknown))}.")
    return details
