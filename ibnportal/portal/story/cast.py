"""Who plays in the story: the demo accounts, the other applicants, and the moments at which things happen."""

from collections.abc import Collection
from dataclasses import dataclass, field

from applications.models import Application
from calls.models import Call
from ibnportal.core.accounts.domain import people
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.demo.people import MEMBER_SINCE, create_demo_people, enrol
from ibnportal.portal.story import companies
from ibnportal.portal.story.initiatives import INITIATIVES, Initiative, Stage

_FIRST_APPLICANT = 900


@dataclass(slots=True)
class Role:
    """One initiative in the story: what it is, who stands behind it and, once started, its dossier."""

    initiative: Initiative
    organisation: Organisation
    representative: User
    serial: int
    application: Application | None = None

    @property
    def dossier(self) -> Application:
        """Its dossier as the database has it now; only after it was started."""
        if self.application is None:
            raise LookupError(f"{self.initiative.key} was not started yet")
        self.application.refresh_from_db()
        return self.application

    def reaches(self, stage: Stage) -> bool:
        """Whether it gets as far as that stage."""
        return self.initiative.stage >= stage


@dataclass(slots=True)
class Cast:
    """Everyone in the story, by what they do."""

    call: Call
    users: dict[str, User]
    roles: list[Role] = field(default_factory=list)

    def user(self, name: str) -> User:
        """A demo account by the part of its address before the @."""
        return self.users[f"{name}@demo.example"]

    def reaching(self, stage: Stage, *, without: tuple[str, ...] = ()) -> list[Role]:
        """The initiatives that get as far as that stage, apart from those whose road turns off by one of these turns."""
        return [role for role in self.roles if role.reaches(stage) and role.initiative.turn not in without]

    def turning(self, turn: str, *, at: Stage) -> list[Role]:
        """The initiatives that stop at that stage by that turn."""
        return [role for role in self.roles if role.initiative.turn == turn and role.initiative.stage == at]


def assemble(call: Call, *, only: Collection[str] | None = None) -> Cast:
    """The cast on that call, with an organisation and a legal representative behind every initiative.

    `only`: the keys of the initiatives that play, by default all of them.
    """
    users = create_demo_people()
    cast = Cast(call=call, users=users)
    demo_organisation = users["aanvrager@demo.example"].memberships.current().get().organisation
    for serial, initiative in enumerate(INITIATIVES):
        if only is not None and initiative.key not in only:
            continue
        if initiative.is_demo:
            cast.roles.append(Role(initiative, demo_organisation, users["aanvrager@demo.example"], serial))
            continue
        organisation, _ = people.find_or_register_organisation(
            name=f"Netwerk {initiative.title} vzw",
            enterprise_number=companies.enterprise_number(_FIRST_APPLICANT + 1 + serial),
            by=None,
            kind="network",
            legal_form="vzw",
            has_legal_personality=True,
            street="Havenlaan 1",
            postcode="9000",
            municipality="Gent",
            email_domain=f"{initiative.key}.example",
        )
        cast.roles.append(Role(initiative, organisation, _representative(organisation, initiative), serial))
    return cast


def _representative(organisation: Organisation, initiative: Initiative) -> User:
    email = f"directie@{initiative.key}.example"
    user = User.objects.filter(email=email).first()
    if user is None:
        user = people.register_user(email=email, full_name=f"Directie {initiative.title}"[:150], by=None)
    people.add_member(organisation, user, by=None, is_legal_representative=True, since=MEMBER_SINCE)
    enrol(user)
    return user
