"""Users log in with their e-mail address; what they may see follows from open role grants and current memberships."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, ClassVar

from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.functional import cached_property

from ibnportal.core import clock, enterprise_numbers, places
from ibnportal.core.accounts.enums import OrganisationKind, Role
from ibnportal.core.fields import WebsiteField


class UserManager(BaseUserManager["User"]):
    """Creates users with a lower-case address; the database refuses any other."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A user who can log in with this password, or with none yet."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """For `manage.py createsuperuser`."""
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Lower case throughout: nobody has two accounts by capitals."""
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str | None) -> User:
        """Log in with any capitals."""
        return self.get(email=self.normalize_email(username))

    def with_access(self, pk: int) -> User | None:
        """That person with what decides what they may open: roles, organisations and second factor in the same query."""
        sql, params = _with_access(clock.today())
        return next(iter(self.raw(sql, [*params, pk])), None)

    def as_read(self, pk: int, *, roles: Iterable[Role], organisations: Iterable[int]) -> User:
        """An active person with that key, these roles and organisations, as `with_access` would read them; nothing is asked and nothing kept.

        For a read whose text is made once: who may see what is written with the same rules as for a person who is there.
        """
        person = self.model(pk=pk)
        person.__dict__ |= {
            "open_roles": list(roles),
            "current_organisations": list(organisations),
            "has_factor": False,
        }
        return person


@lru_cache(maxsize=2)
def _with_access(today: dt.date) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG001 - memberships depend on the day
    """That query, for any person: the last parameter is the key. Every page asks it, and making its text costs more than asking."""
    of_person = {"user": OuterRef("pk")}
    factors = apps.get_model("mfa", "Authenticator").objects.filter(**of_person)
    found = User.objects.order_by().annotate(
        open_roles=ArraySubquery(RoleGrant.objects.open().filter(**of_person).order_by().values("role")),
        current_organisations=ArraySubquery(
            OrganisationMembership.objects.current().filter(**of_person).order_by().values("organisation_id")
        ),
        has_factor=Exists(factors),
    )
    sql, params = found.query.sql_with_params()
    return f"SELECT * FROM ({sql}) AS person WHERE person.id = %s", tuple(params)  # noqa: S608 - made by the ORM


class User(AbstractBaseUser, PermissionsMixin):
    """A person. `roles`, `organisation_ids` and `has_second_factor` cost one query per instance, and none for who is signed in."""

    email = models.EmailField("e-mailadres", unique=True)
    full_name = models.CharField("naam", max_length=150)
    is_active = models.BooleanField("actief", default=True)
    is_staff = models.BooleanField("toegang tot beheer", default=False, help_text="volgt de rol beheerder")
    date_joined = models.DateTimeField("sinds", default=clock.real_now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = "gebruiker"
        verbose_name_plural = "gebruikers"
        ordering = ["full_name", "email"]
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower_case")]

    def __str__(self) -> str:
        return self.full_name or self.email

    def clean(self) -> None:
        """Lower the address before a form compares it."""
        self.email = type(self).objects.normalize_email(self.email)

    def get_full_name(self) -> str:
        """The name as people know it."""
        return str(self)

    def get_short_name(self) -> str:
        """The first name, to greet with."""
        return str(self).split(" ", maxsplit=1)[0]

    @cached_property
    def _access(self) -> tuple[frozenset[Role], frozenset[int], bool]:
        """(roles, organisations, second factor); as `SessionBackend` read them, or asked now."""
        found = self if "open_roles" in self.__dict__ else type(self).objects.with_access(self.pk)
        if found is None:
            return frozenset(), frozenset(), False
        read = found.__dict__
        return frozenset(map(Role, read["open_roles"])), frozenset(read["current_organisations"]), read["has_factor"]

    @property
    def roles(self) -> frozenset[Role]:
        """The roles held now; empty for who is deactivated."""
        return self._access[0] if self.is_active else frozenset()

    @property
    def organisation_ids(self) -> frozenset[int]:
        """The organisations this person belongs to today."""
        return self._access[1] if self.is_active else frozenset()

    @property
    def has_second_factor(self) -> bool:
        """Whether a second step was set up, at the moment this person was read."""
        return self._access[2]

    def has_role(self, *roles: Role) -> bool:
        """Whether at least one of these roles is held now."""
        return not self.roles.isdisjoint(roles)

    def belongs_to(self, organisation: Organisation | int) -> bool:
        """Whether this person belongs to the organisation today."""
        return (organisation if isinstance(organisation, int) else organisation.pk) in self.organisation_ids

    def represents(self, organisation: Organisation | int) -> bool:
        """Whether this person is today a legal representative of the organisation: who alone submits."""
        organisation_id = organisation if isinstance(organisation, int) else organisation.pk
        if not self.is_active:
            return False
        return self.memberships.current().filter(organisation_id=organisation_id, is_legal_representative=True).exists()

    @property
    def is_staff_side(self) -> bool:
        """Whether this person works for the programme (any role, or the admin): MFA is required of them."""
        return self.is_staff or self.is_superuser or bool(self.roles)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django's admin: all of it for administrators; what is not theirs to change is read-only for everybody."""
        return (self.is_active and (self.is_superuser or self.has_role(Role.ADMINISTRATOR))) or super().has_perm(
            perm, obj
        )

    def has_module_perms(self, app_label: str) -> bool:
        """As `has_perm`."""
        return self.has_perm(app_label)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Roles and memberships are read again too."""
        self.forget_access()
        super().refresh_from_db(*args, **kwargs)

    def forget_access(self) -> None:
        """Read roles, organisations and second factor again at the next question."""
        for name in ("_access", "open_roles"):
            self.__dict__.pop(name, None)


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    """Grants by whether they still hold."""

    def open(self) -> RoleGrantQuerySet:
        """Not revoked."""
        return self.filter(revoked_at__isnull=True)


class RoleGrant(models.Model):
    """That somebody was given a role, by whom, and when it ended: written by `domain.people` alone."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_grants", verbose_name="gebruiker")
    role = models.CharField("rol", max_length=30, choices=Role.choices)
    granted_at = models.DateTimeField("toegekend op")
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="toegekend door")
    revoked_at = models.DateTimeField("ingetrokken op", null=True, blank=True)
    revoked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="ingetrokken door"
    )

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = "rol"
        verbose_name_plural = "rollen"
        ordering = ["user", "role", "granted_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(revoked_at__isnull=True),
                name="rolegrant_one_open_per_user_and_role",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="rolegrant_revoked_at_with_by",
            ),
            models.CheckConstraint(
                condition=Q(granted_at__isnull=False, granted_by__isnull=False), name="rolegrant_granted_at_with_by"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="rolegrant_known_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {Role(self.role).label}"


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Organisations by who may see them."""

    def visible_to(self, user: User | Any) -> OrganisationQuerySet:
        """All of them for who works for the programme, one's own for others, none for anonymous."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self if user.roles else self.filter(pk__in=user.organisation_ids)


class Organisation(models.Model):
    """An applicant, a beneficiary, a company: whoever takes part as a body. The number identifies it when present."""

    name = models.CharField("naam", max_length=200)
    enterprise_number = models.CharField("ondernemingsnummer", max_length=10, blank=True, help_text="tien cijfers")
    kind = models.CharField("soort", max_length=20, choices=OrganisationKind.choices, default=OrganisationKind.COMPANY)
    legal_form = models.CharField("rechtsvorm", max_length=60, blank=True)
    has_legal_personality = models.BooleanField("heeft rechtspersoonlijkheid", default=True)
    street = models.CharField("straat en nummer", max_length=200, blank=True)
    postcode = models.CharField("postcode", max_length=10, blank=True)
    municipality = models.CharField("gemeente", max_length=100, blank=True)
    website = WebsiteField("website", blank=True)
    email_domain = models.CharField("e-maildomein", max_length=100, blank=True, help_text="bv. voorbeeld.be")

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "organisatie"
        verbose_name_plural = "organisaties"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise_number"], condition=~Q(enterprise_number=""), name="organisation_number_once"
            ),
            models.CheckConstraint(
                condition=Q(enterprise_number="") | Q(enterprise_number__regex=r"^[01][0-9]{9}$"),
                name="organisation_number_of_ten_digits",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="organisation_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """A form may hold the number in any notation; wrong check digits come back as that field's error (P1-LET-03)."""
        if self.enterprise_number:
            problem = enterprise_numbers.explain(self.enterprise_number)
            if problem:
                raise ValidationError({"enterprise_number": problem})
            self.enterprise_number = enterprise_numbers.normalise(self.enterprise_number)

    @property
    def is_flemish(self) -> bool:
        """Whether the postcode lies in the Flemish Region; a pre-check (AMB-06)."""
        return places.is_flemish(self.postcode)

    @property
    def province(self) -> places.Province | None:
        """The province the postcode lies in."""
        return places.province_of(self.postcode)

    @property
    def formatted_number(self) -> str:
        """`0566.988.259`, or nothing."""
        return enterprise_numbers.format(self.enterprise_number)

    @property
    def address(self) -> str:
        """The address on one line."""
        place = " ".join(part for part in (self.postcode, self.municipality) if part)
        return ", ".join(part for part in (self.street, place) if part)

    def legal_representatives(self) -> models.QuerySet[User]:
        """Who may submit for this organisation today."""
        current = self.memberships.current().filter(is_legal_representative=True)
        return User.objects.filter(is_active=True, pk__in=current.values("user_id"))


class OrganisationMembershipQuerySet(models.QuerySet["OrganisationMembership"]):
    """Memberships by whether they hold."""

    def current(self) -> OrganisationMembershipQuerySet:
        """Begun, and not ended."""
        today = clock.today()
        return self.filter(Q(until__isnull=True) | Q(until__gt=today), since__lte=today)


class OrganisationMembership(models.Model):
    """That somebody works for an organisation, and whether they may bind it; `until` is the first day without."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships", verbose_name="gebruiker")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships", verbose_name="organisatie"
    )
    is_legal_representative = models.BooleanField("rechtsgeldig vertegenwoordiger", default=False)
    since = models.DateField("sinds")
    until = models.DateField("tot", null=True, blank=True, help_text="vanaf deze dag niet meer")

    objects = OrganisationMembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "lidmaatschap"
        verbose_name_plural = "lidmaatschappen"
        ordering = ["organisation", "user", "since"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation"], condition=Q(until__isnull=True), name="membership_one_open"
            ),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="membership_order"),
        ]

    def __str__(self) -> str:
        return f"{self.user} bij {self.organisation}"
