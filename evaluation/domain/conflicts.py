"""Ties between a person and a dossier, found by the portal itself (P2-EVA-03, CONF-02).

Looked at: the enterprise numbers, e-mail domains and names of the person's employer and organisations, against the applicant, the co-applicants,
the beneficiary, everyone who signed a letter of intent in either phase, and the external services in the budget. What is found stands, and keeps the
person out of the dossier, until a case handler waives it with a reason.
"""

import re
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from applications.models import Application, BudgetLine, DossierBar, Letter
from calls.enums import CostType
from evaluation.models import ConflictFinding, ExpertProfile
from ibnportal.core import clock, enterprise_numbers
from ibnportal.core.accounts.domain.people import system_user
from ibnportal.core.accounts.models import Organisation, OrganisationMembership, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState

SAME_ORGANISATION = "Zelfde organisatie"
SAME_NUMBER = "Zelfde ondernemingsnummer"
SAME_DOMAIN = "Zelfde e-maildomein"
SAME_ADDRESS = "Zelfde e-mailadres"
SAME_NAME = "Zelfde naam"
IN_BUDGET = "Genoemd bij externe prestaties"

FOUND = "Het portaal vond een mogelijk belangenconflict."
"""The reason of a bar that follows from findings; waiving the last of them lifts it, and no other bar."""

LONGEST: int = ConflictFinding._meta.get_field("evidence").max_length or 0  # noqa: SLF001 - Django's documented Meta API

GENERIC_DOMAINS = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "outlook.be", "hotmail.com", "hotmail.be", "live.com", "live.be", "msn.com",
    "yahoo.com", "yahoo.fr", "icloud.com", "me.com", "proton.me", "protonmail.com", "gmx.com", "gmx.net", "mail.com",
    "telenet.be", "skynet.be", "proximus.be", "scarlet.be", "pandora.be", "belgacom.net",
    "voorbeeld.be", "demo.example",
})  # fmt: skip
"""Providers where everyone can have an address: the domain says nothing about who somebody works for."""


@dataclass(frozen=True, slots=True)
class Tie:
    """One tie: on what ground, and the evidence as a sentence."""

    ground: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody with a stake in the dossier."""

    role: str
    name: str
    organisation_id: int | None = None
    number: str = ""
    domains: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Dossier:
    """The parties of a dossier, and what its budget says about external services."""

    parties: tuple[Party, ...]
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a person: address, own name, and the bodies this person works for (name by number or id)."""

    full_name: str
    email: str
    organisation_ids: frozenset[int] = frozenset()
    numbers: Mapping[str, str] = field(default_factory=dict)
    employers: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()


def match(dossier: Dossier, person: Person) -> list[Tie]:
    """Every tie between the two, each once; pure."""
    ties = [tie for party in dossier.parties for tie in _with_party(party, person)]
    ties += [tie for service in dossier.services for tie in _in_service(service, person)]
    return list(dict.fromkeys(ties))


def _with_party(party: Party, person: Person) -> Iterable[Tie]:
    who = f"{party.role} {party.name}".strip()
    if party.number and party.number in person.numbers:
        number = enterprise_numbers.format(party.number)
        yield Tie(SAME_NUMBER, f"{person.numbers[party.number]} ({number}) is {who}.")
    elif party.organisation_id is not None and party.organisation_id in person.organisation_ids:
        yield Tie(SAME_ORGANISATION, f"Werkt voor {who}.")
        return
    if person.email in party.emails:
        yield Tie(SAME_ADDRESS, f"{person.email} is ook het adres van {who}.")
    else:
        shared = sorted(own for own in person.domains if any(_same_domain(own, other) for other in party.domains))
        if shared:
            yield Tie(SAME_DOMAIN, f"{shared[0]} is ook het domein van {who}.")
    if person.full_name and _plain(person.full_name) in {_plain(name) for name in party.people}:
        yield Tie(SAME_NAME, f"{person.full_name} is ook de contactpersoon van {who}.")


def _in_service(service: str, person: Person) -> Iterable[Tie]:
    digits, text = re.sub(r"\D", "", service), f" {_plain(service)} "
    for number, name in person.numbers.items():
        if number in digits:
            yield Tie(IN_BUDGET, f"Nummer van {name} bij “{_short(service)}”.")
    for name in sorted(person.employers):
        if name and f" {_plain(name)} " in text:
            yield Tie(IN_BUDGET, f"{name} staat bij “{_short(service)}”.")


def _same_domain(one: str, other: str) -> bool:
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w]+", " ", text.casefold()).split())


def _short(text: str) -> str:
    return textwrap.shorten(text, LONGEST // 2, placeholder="…")


def domain_of(email: str) -> str:
    """The domain of an address in lower case; empty for a provider where everyone can have one."""
    domain = email.rpartition("@")[2].strip().lower()
    return "" if domain in GENERIC_DOMAINS else domain


# ---------------------------------------------------------------- reading both sides


def search(application: Application, person: User) -> list[Tie]:
    """Every tie between this dossier and this person; seven queries, whatever the number of letters."""
    return search_many(application, [person])[person.pk]


def search_many(application: Application, people: Sequence[User]) -> dict[int, list[Tie]]:
    """The ties of several people with one dossier, in the same seven queries."""
    dossier = _dossier(application)
    return {pk: match(dossier, person) for pk, person in _people(people).items()}


def _dossier(application: Application) -> Dossier:
    bodies: list[tuple[str, Organisation]] = [("de aanvrager", application.applicant)]
    bodies += [("de medeaanvrager", body) for body in application.co_applicants.all()]
    if application.beneficiary_id and application.beneficiary is not None:
        bodies.append(("de begunstigde", application.beneficiary))
    addresses: dict[int, set[str]] = defaultdict(set)
    members = OrganisationMembership.objects.current().filter(organisation__in=[body for _, body in bodies])
    for organisation_id, email in members.values_list("organisation_id", "user__email"):
        addresses[organisation_id].add(email.lower())
    parties = [_body(role, body, frozenset(addresses[body.pk])) for role, body in bodies]
    if application.cluster_manager_name:
        parties.append(Party("de clustermanager", "", people=frozenset({application.cluster_manager_name})))
    parties += [
        Party(
            role="een ondertekenaar van een intentiebrief,",
            name=letter.company_name,
            number=letter.enterprise_number,
            domains=_domains(letter.contact_email),
            emails=frozenset({letter.contact_email.lower()} - {""}),
            people=frozenset({letter.contact_name} - {""}),
        )
        for letter in Letter.objects.filter(application=application).order_by("company_name", "pk")
    ]
    lines = BudgetLine.objects.filter(upload__application=application, cost_type=CostType.EXTERNAL).order_by("pk")
    services = tuple(dict.fromkeys(" ".join(texts).strip() for texts in lines.values_list("description", "motivation")))
    return Dossier(tuple(parties), services)


def _body(role: str, body: Organisation, emails: frozenset[str]) -> Party:
    domains = _domains(*emails) | (frozenset({body.email_domain.lower()}) - {""} - GENERIC_DOMAINS)
    return Party(role, body.name, body.pk, body.enterprise_number, domains, emails)


def _domains(*emails: str) -> frozenset[str]:
    return frozenset(domain_of(email) for email in emails) - {""}


def _people(people: Sequence[User]) -> dict[int, Person]:
    bodies: dict[int, list[Organisation]] = defaultdict(list)
    for membership in OrganisationMembership.objects.filter(user__in=people).select_related("organisation"):
        bodies[membership.user_id].append(membership.organisation)
    profiles = {profile.user_id: profile for profile in ExpertProfile.objects.filter(user__in=people)}
    return {person.pk: _person(person, bodies[person.pk], profiles.get(person.pk)) for person in people}


def _person(user: User, bodies: Iterable[Organisation], profile: ExpertProfile | None) -> Person:
    bodies = list(bodies)
    numbers = {body.enterprise_number: body.name for body in bodies if body.enterprise_number}
    if profile is not None and profile.employer_number:
        numbers.setdefault(profile.employer_number, profile.employer or "De werkgever")
    return Person(
        full_name=user.full_name,
        email=user.email.lower(),
        organisation_ids=frozenset(body.pk for body in bodies),
        numbers=numbers,
        employers=frozenset(
            {body.name for body in bodies} | ({profile.employer} if profile and profile.employer else set())
        ),
        domains=_domains(user.email)
        | (frozenset(body.email_domain.lower() for body in bodies) - {""} - GENERIC_DOMAINS),
    )


# ---------------------------------------------------------------- what follows from it


def look(application: Application, person: User, *, by: User | None) -> list[ConflictFinding]:
    """Search now, keep what is new, and bar the person when anything stands; returns what stands.

    A finding that was waived stays waived as long as its evidence is the same.
    """
    return look_at_all(application, [person], by=by)[person.pk]


def look_at_all(
    application: Application, people: Sequence[User], *, by: User | None
) -> dict[int, list[ConflictFinding]]:
    """As `look`, for several people in one search; what stands, by person."""
    ties = search_many(application, people)
    standing: dict[int, list[ConflictFinding]] = {person.pk: [] for person in people}
    with transaction.atomic():
        own = ConflictFinding.objects.filter(application=application, person__in=people)
        known = set(own.values_list("person_id", "ground", "evidence"))
        fresh = [
            (person, tie)
            for person in people
            for tie in ties[person.pk]
            if (person.pk, tie.ground, tie.evidence[:LONGEST]) not in known
        ]
        ConflictFinding.objects.bulk_create(
            (
                ConflictFinding(
                    application=application,
                    person=person,
                    ground=tie.ground,
                    evidence=tie.evidence[:LONGEST],
                    found_at=clock.now(),
                )
                for person, tie in fresh
            ),
            ignore_conflicts=True,
        )
        for person, tie in fresh:
            trail.record("conflict.found", application, by=by, changes={"person": person, "ground": tie.ground})
        for finding in own.standing().select_related("person").order_by("pk"):
            standing[finding.person_id].append(finding)
        for findings in standing.values():
            if findings:
                bar(application, findings[0].person, reason=FOUND, by=by)
    return standing


def bar(application: Application, person: User, *, reason: str, by: User | None) -> DossierBar:
    """Keep the person out of the dossier and of its place in any list; a bar that stands already stays as it is."""
    with transaction.atomic():
        standing = DossierBar.objects.filter(application=application, user=person, lifted_at__isnull=True).first()
        if standing is not None:
            return standing
        made = DossierBar.objects.create(
            application=application, user=person, reason=reason, barred_at=clock.now(), barred_by=by or system_user()
        )
        trail.record("dossier.barred", application, by=by, changes={"person": person}, reason=reason)
    return made


def waive(finding: ConflictFinding, *, reason: str, by: User) -> ConflictFinding:
    """Judge that what was found is no conflict, with a reason; the last one waived lifts the bar that came from the search.

    A bar of another origin (an interest that was declared, a recusal) stays. Raises NotAllowed when somebody judges about
    themselves, and WrongState when it was waived before.
    """
    reason = reason.strip()
    if not reason:
        raise DomainError("Schrijf waarom dit geen belangenconflict is.", rule_id="P2-EVA-03")
    if finding.person_id == by.pk:
        raise NotAllowed("Over een eigen belang beslist iemand anders.", rule_id="P2-EVA-03")
    with transaction.atomic():
        fresh = ConflictFinding.objects.select_for_update(of=("self",)).get(pk=finding.pk)
        if fresh.waived_at is not None:
            raise WrongState("Deze vaststelling is al opgeheven. Laad de pagina opnieuw.")
        fresh.waived_at, fresh.waived_by, fresh.waive_reason = clock.now(), by, reason
        fresh.save(update_fields=["waived_at", "waived_by", "waive_reason"])
        changes = {"person": fresh.person_id, "ground": fresh.ground, "evidence": fresh.evidence}
        trail.record("conflict.waived", fresh.application, by=by, changes=changes, reason=reason)
        others = ConflictFinding.objects.standing().filter(application=fresh.application_id, person=fresh.person_id)
        if not others.exists():
            _lift_found(fresh, reason=reason, by=by)
    return fresh


def _lift_found(finding: ConflictFinding, *, reason: str, by: User) -> None:
    bars = DossierBar.objects.select_for_update(of=("self",)).filter(
        application=finding.application_id, user=finding.person_id, reason=FOUND, lifted_at__isnull=True
    )
    for standing in bars:
        standing.lifted_at, standing.lifted_by, standing.lift_reason = clock.now(), by, reason
        standing.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
        trail.record(
            "dossier.bar_lifted", finding.application, by=by, changes={"person": finding.person_id}, reason=reason
        )


def is_kept_out(application: Application, person: User) -> bool:
    """Whether a bar or a finding stands between this person and this dossier."""
    if DossierBar.objects.filter(application=application, user=person, lifted_at__isnull=True).exists():
        return True
    return ConflictFinding.objects.standing().filter(application=application, person=person).exists()
