"""Ties between a person and a dossier, found by comparing what the portal knows of both (P2-EVA-03).

Of the person: address, name, employer, organisations now and before, and what she declared herself (work, board, money, family,
earlier networks). Of the dossier: applicant and co-applicants, beneficiary, cluster manager, everyone who signed a letter in
either phase, the external services in the budget, and the partners of earlier networks of the same applicants.
"""

import re
import textwrap
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from applications.models import Application, BudgetLine, Letter
from calls.enums import CostType
from evaluation.enums import TieKind
from evaluation.models import ConflictFinding, DeclaredTie, ExpertProfile
from ibnportal.core import enterprise_numbers
from ibnportal.core.accounts.models import Organisation, OrganisationMembership, User

SAME_ORGANISATION = "Zelfde organisatie"
SAME_NUMBER = "Zelfde ondernemingsnummer"
SAME_BODY = "Zelfde naam van organisatie"
SAME_DOMAIN = "Zelfde e-maildomein"
SAME_ADDRESS = "Zelfde e-mailadres"
SAME_NAME = "Zelfde naam"
IN_BUDGET = "Genoemd bij externe prestaties"
DECLARED = "Gemeld"

LONGEST: int = ConflictFinding._meta.get_field("evidence").max_length or 0  # noqa: SLF001 - Django's documented Meta API

LONGEST_GROUND: int = ConflictFinding._meta.get_field("ground").max_length or 0  # noqa: SLF001

GENERIC_DOMAINS = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "outlook.be", "hotmail.com", "hotmail.be", "live.com", "live.be", "msn.com",
    "yahoo.com", "yahoo.fr", "icloud.com", "me.com", "proton.me", "protonmail.com", "gmx.com", "gmx.net", "mail.com",
    "telenet.be", "skynet.be", "proximus.be", "scarlet.be", "pandora.be", "belgacom.net",
    "voorbeeld.be", "demo.example",
})  # fmt: skip
"""Providers where everyone can have an address: the domain says nothing about who somebody works for."""

LEGAL_FORMS = frozenset(
    {"nv", "sa", "bv", "bvba", "srl", "sprl", "cv", "cvba", "scrl", "vzw", "asbl", "ivzw", "aisbl", "commv", "vof", "se", "gmbh", "ltd"}
)  # fmt: skip
"""What people write behind a name or leave out: `Bakkerij Zuid` and `Bakkerij Zuid NV` are one body."""


@dataclass(frozen=True, slots=True)
class Tie:
    """One tie: on what ground, and the evidence as a sentence."""

    ground: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody with a stake in the dossier; `aliases` are other names of the same."""

    role: str
    name: str
    organisation_id: int | None = None
    number: str = ""
    domains: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    aliases: frozenset[str] = frozenset()

    @property
    def who(self) -> str:
        """As it stands in a sentence."""
        return f"{self.role} {self.name}".strip()


@dataclass(frozen=True, slots=True)
class Dossier:
    """The parties of a dossier, and what its budget says about external services."""

    parties: tuple[Party, ...]
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """A body that a person is or was tied to; `kind` is what she declared, nothing for what the portal knew itself."""

    name: str
    number: str = ""
    kind: str = ""
    until: date | None = None

    def ground(self, found: str) -> str:
        """A declared tie says of what kind it is; another how it was found."""
        return f"{DECLARED}: {TieKind(self.kind).label.lower()}"[:LONGEST_GROUND] if self.kind else found

    @property
    def period(self) -> str:
        """` (tot 31/12/2023)` for what ended."""
        return f" (tot {self.until:%d/%m/%Y})" if self.until else ""


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a person."""

    full_name: str
    email: str
    organisation_ids: frozenset[int] = frozenset()
    bodies: tuple[Body, ...] = ()
    domains: frozenset[str] = field(default_factory=frozenset)


def match(dossier: Dossier, person: Person) -> list[Tie]:
    """Every tie between the two, each once; pure."""
    ties = [tie for party in dossier.parties for tie in _with_party(party, person)]
    ties += [tie for service in dossier.services for tie in _in_service(service, person)]
    return list(dict.fromkeys(ties))


def _with_party(party: Party, person: Person) -> Iterable[Tie]:
    by_number = [body for body in person.bodies if party.number and body.number == party.number]
    if by_number:
        number = enterprise_numbers.format(party.number)
        for body in by_number:
            yield Tie(body.ground(SAME_NUMBER), f"{body.name} ({number}) is {party.who}.{body.period}")
    elif party.organisation_id is not None and party.organisation_id in person.organisation_ids:
        yield Tie(SAME_ORGANISATION, f"Werkt voor {party.who}.")
        return
    else:
        names = {bare(name) for name in (party.name, *party.aliases)} - {""}
        for body in person.bodies:
            if bare(body.name) in names and not _numbers_differ(body.number, party.number):
                yield Tie(body.ground(SAME_BODY), f"{body.name} is {party.who}.{body.period}")
    if person.email in party.emails:
        yield Tie(SAME_ADDRESS, f"{person.email} is ook het adres van {party.who}.")
    else:
        shared = sorted(own for own in person.domains if any(_same_domain(own, other) for other in party.domains))
        if shared:
            yield Tie(SAME_DOMAIN, f"{shared[0]} is ook het domein van {party.who}.")
    own_name = _name(person.full_name)
    if own_name and own_name in {_name(name) for name in party.people}:
        yield Tie(SAME_NAME, f"{person.full_name} is ook de contactpersoon van {party.who}.")


def _in_service(service: str, person: Person) -> Iterable[Tie]:
    digits, text = re.sub(r"\D", "", service), f" {plain(service)} "
    for body in person.bodies:
        if body.number and body.number in digits:
            yield Tie(body.ground(IN_BUDGET), f"Nummer van {body.name} bij “{_short(service)}”.{body.period}")
        elif len(bare(body.name)) > 2 and f" {bare(body.name)} " in text:
            yield Tie(body.ground(IN_BUDGET), f"{body.name} staat bij “{_short(service)}”.{body.period}")


def _numbers_differ(one: str, other: str) -> bool:
    """Two bodies of one name with two numbers are two bodies."""
    return bool(one and other and one != other)


def _same_domain(one: str, other: str) -> bool:
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def plain(text: str) -> str:
    """Lower case without accents and marks, one space between words; the full stops in N.V. go without leaving a space."""
    folded = "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^\w]+", " ", folded.replace(".", "")).split())


def bare(name: str) -> str:
    """The name of a body without its legal form, to compare by."""
    return " ".join(word for word in plain(name).split() if word not in LEGAL_FORMS)


def _name(full_name: str) -> frozenset[str]:
    """The words of a person's name, whatever their order; one word says too little."""
    words = frozenset(plain(full_name).split())
    return words if len(words) > 1 else frozenset()


def _short(text: str) -> str:
    return textwrap.shorten(text, LONGEST // 2, placeholder="…")


def domain_of(email: str) -> str:
    """The domain of an address in lower case; empty for a provider where everyone can have one."""
    domain = email.rpartition("@")[2].strip().lower()
    return "" if domain in GENERIC_DOMAINS else domain


# ---------------------------------------------------------------- reading both sides


def search(application: Application, person: User) -> list[Tie]:
    """Every tie between this dossier and this person; eight queries, whatever the number of letters."""
    return search_many(application, [person])[person.pk]


def search_many(application: Application, people: Sequence[User]) -> dict[int, list[Tie]]:
    """The ties of several people with one dossier, in the same eight queries."""
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
    parties.append(Party("dit initiatief,", application.title, aliases=frozenset({application.acronym} - {""})))
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
    parties += _earlier_networks(application, [body.pk for _, body in bodies])
    lines = BudgetLine.objects.filter(upload__application=application, cost_type=CostType.EXTERNAL).order_by("pk")
    said = lines.values_list("supplier", "description", "motivation")
    services = tuple(dict.fromkeys(" ".join(filter(None, texts)) for texts in said))
    return Dossier(tuple(parties), services)


def _earlier_networks(application: Application, bodies: Sequence[int]) -> list[Party]:
    """Networks of earlier calls behind which the same bodies stood, and who else stood behind them."""
    earlier = (
        Application.objects.filter(
            Q(applicant__in=bodies) | Q(co_applicants__in=bodies) | Q(beneficiary__in=bodies),
            call__year__lt=application.call.year,
        )
        .select_related("applicant", "beneficiary", "call")
        .prefetch_related("co_applicants")
        .distinct()
        .order_by("pk")
    )
    parties = []
    for network in earlier:
        name = network.acronym or network.title
        parties.append(
            Party(
                f"een eerder netwerk ({network.call.year}) van de aanvrager,", name, aliases=frozenset({network.title})
            )
        )
        partners = [
            network.applicant,
            *network.co_applicants.all(),
            *([network.beneficiary] if network.beneficiary else []),
        ]
        parties += [
            _body(f"partner in het eerdere netwerk {name},", body, frozenset())
            for body in {body.pk: body for body in partners}.values()
            if body.pk not in bodies
        ]
    return parties


def _body(role: str, body: Organisation, emails: frozenset[str]) -> Party:
    domains = _domains(*emails) | (frozenset({body.email_domain.lower()}) - {""} - GENERIC_DOMAINS)
    return Party(role, body.name, body.pk, body.enterprise_number, domains, emails)


def _domains(*emails: str) -> frozenset[str]:
    return frozenset(domain_of(email) for email in emails) - {""}


def _people(people: Sequence[User]) -> dict[int, Person]:
    memberships: dict[int, list[OrganisationMembership]] = defaultdict(list)
    for membership in OrganisationMembership.objects.filter(user__in=people).select_related("organisation"):
        memberships[membership.user_id].append(membership)
    profiles = {profile.user_id: profile for profile in ExpertProfile.objects.filter(user__in=people)}
    declared: dict[int, list[DeclaredTie]] = defaultdict(list)
    for tie in DeclaredTie.objects.standing().filter(person__in=people).order_by("pk"):
        declared[tie.person_id].append(tie)
    return {
        person.pk: _person(person, memberships[person.pk], profiles.get(person.pk), declared[person.pk])
        for person in people
    }


def _person(
    user: User,
    memberships: Sequence[OrganisationMembership],
    profile: ExpertProfile | None,
    declared: Iterable[DeclaredTie],
) -> Person:
    organisations = [membership.organisation for membership in memberships]
    bodies = [Body(row.organisation.name, row.organisation.enterprise_number, until=row.until) for row in memberships]
    known = {body.number for body in bodies} - {""}
    if profile is not None and (profile.employer or profile.employer_number) and profile.employer_number not in known:
        bodies.append(Body(profile.employer or "De werkgever", profile.employer_number))
    bodies += [Body(tie.body, tie.enterprise_number, kind=tie.kind, until=tie.until) for tie in declared]
    return Person(
        full_name=user.full_name,
        email=user.email.lower(),
        organisation_ids=frozenset(body.pk for body in organisations),
        bodies=tuple(bodies),
        domains=_domains(user.email)
        | (frozenset(body.email_domain.lower() for body in organisations) - {""} - GENERIC_DOMAINS),
    )
