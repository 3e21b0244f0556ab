"""What is known of a company, whoever told it and in whatever network it is: founding, sector, size (TGT-10)."""

from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from calls.ruleset import Rules
from ibnportal.core import clock, nace
from ibnportal.core.accounts.domain.people import change_organisation
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import ZERO
from monitoring.domain.company_size import Figures, Outcome, Tie, size_of
from monitoring.enums import SizeClass
from monitoring.models import CompanyProfile, CompanyTie

FIELDS = ("founded_on", "nace", "figures_year", "staff", "turnover", "balance_total", "independence")
NOTHING_KNOWN = Outcome(SizeClass.UNKNOWN, "Er zijn nog geen cijfers van deze onderneming.")


def profile_of(organisation: Organisation) -> CompanyProfile | None:
    """What is known; None where nobody told anything."""
    return getattr(organisation, "profile", None)


def size(organisation: Organisation, rules: Rules) -> Outcome:
    """The size class with its reason; prefetch `profile__ties` for many."""
    profile = profile_of(organisation)
    if profile is None:
        return NOTHING_KNOWN
    ties = [Tie(tie.fraction, Figures(tie.staff, tie.turnover, tie.balance_total)) for tie in profile.ties.all()]
    own = Figures(profile.staff, profile.turnover, profile.balance_total)
    return size_of(own, profile.independence, ties, rules)


@transaction.atomic
def describe(organisation: Organisation, *, by: User, **fields: Any) -> CompanyProfile:
    """Write down what is known; what is not given stays. Raises DomainError with what is wrong."""
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(f"A company's profile has no {', '.join(sorted(unknown))}")
    if "nace" in fields:
        problem = nace.explain(fields["nace"])
        if problem:
            raise DomainError(problem)
        fields["nace"] = nace.normalise(fields["nace"])
    _check(fields)
    locked = lock(organisation)
    profile = CompanyProfile.objects.filter(organisation=locked).first() or CompanyProfile(organisation=locked)
    changes = {
        name: [getattr(profile, name), value] for name, value in fields.items() if getattr(profile, name) != value
    }
    if not changes and profile.pk is not None:
        return profile
    for name, value in fields.items():
        setattr(profile, name, value)
    profile.changed_at, profile.changed_by = clock.now(), by
    profile.save()
    trail.record("company.described", locked, by=by, changes=changes)
    return profile


def _check(fields: dict[str, Any]) -> None:
    founded_on, year = fields.get("founded_on"), fields.get("figures_year")
    if founded_on is not None and founded_on > clock.today():
        raise DomainError(f"De oprichting op {founded_on:%d/%m/%Y} ligt in de toekomst.")
    if year is not None and year > clock.today().year:
        raise DomainError(f"Boekjaar {year} is nog niet begonnen.")
    for name, label in (("staff", "werkzame personen"), ("turnover", "omzet"), ("balance_total", "balanstotaal")):
        value = fields.get(name)
        if value is not None and value < ZERO:
            raise DomainError(f"Het cijfer voor {label} kan niet negatief zijn.")


@transaction.atomic
def tie(
    organisation: Organisation,
    *,
    name: str,
    fraction: Decimal,
    by: User,
    staff: Decimal | None = None,
    turnover: Decimal | None = None,
    balance_total: Decimal | None = None,
) -> CompanyTie:
    """A linked company or a partner, with its figures and the share (0 to 1) between the two."""
    if not ZERO < fraction <= 1:
        raise DomainError("Het aandeel ligt tussen 0 en 100 %.")
    values = {"staff": staff, "turnover": turnover, "balance_total": balance_total}
    _check(values)
    profile = profile_of(organisation) or describe(organisation, by=by)
    try:
        with transaction.atomic():
            made = CompanyTie.objects.create(profile=profile, name=" ".join(name.split()), fraction=fraction, **values)
    except IntegrityError as error:
        raise DomainError(f"{name} staat al bij deze onderneming.") from error
    trail.record("company.tied", organisation, by=by, changes={"name": made.name, "fraction": fraction, **values})
    return made


@transaction.atomic
def untie(found: CompanyTie, *, by: User) -> None:
    """Take out a linked company or partner."""
    organisation = found.profile.organisation
    trail.record("company.untied", organisation, by=by, changes={"name": found.name, "fraction": found.fraction})
    found.delete()


@transaction.atomic
def complete_address(organisation: Organisation, *, by: User, **details: str) -> Organisation:
    """Fill in what is empty of the name and address that the portal has; what stands there stays."""
    missing = {name: value for name, value in details.items() if value and not getattr(organisation, name)}
    return change_organisation(organisation, by=by, **missing) if missing else organisation
