"""How dossiers are written: the work plan, the team and the declarations of each.

In the demo's own drafts somebody from outside writes along too, somebody else was asked, and a text changed hands.
"""

from decimal import Decimal

from applications.domain import authors, conditions, drafts, team, workplan
from applications.enums import AuthorRole
from applications.models import Answer
from calls.enums import AnswerType
from ibnportal.core import clock
from ibnportal.core.accounts.domain import people
from ibnportal.core.accounts.models import User
from ibnportal.core.demo.people import enrol
from ibnportal.portal.story.cast import Cast, Role
from ibnportal.portal.story.initiatives import Stage

# Title, lead, months, person-months (90 in all, as in the budget), what comes out.
_PACKAGES = (
    (
        "Ecosysteem opbouwen",
        "Veerle Goossens",
        (1, 36),
        30,
        "Ledenlijst en kaart van de waardeketen, elk jaar bijgewerkt",
    ),
    ("Samenwerking op gang brengen", "Veerle Goossens", (4, 33), 35, "Twaalf samenwerkingsinitiatieven"),
    ("Start-ups en scale-ups begeleiden", "Joris Peeters", (7, 36), 15, "Zes begeleide start-ups"),
    ("Beheer en opvolging", "Veerle Goossens", (1, 36), 10, "Jaarverslagen en verslagen van de stuurgroep"),
)
_MILESTONES = (
    (6, 0, "Stuurgroep aan het werk", "Goedgekeurd huishoudelijk reglement"),
    (18, 1, "Zes initiatieven lopen", "Ondertekende samenwerkingsovereenkomsten"),
    (36, 1, "Twaalf initiatieven opgestart", "Lijst met partners en budget per initiatief"),
)
AUTHOR = ("meeschrijver@demo.example", "Nele Meeschrijver")
_OPEN = {Stage.DRAFT_1: "2026-01-15T19:40", Stage.DRAFT_2: "2026-04-15T20:05"}


def plan_work(role: Role, *, is_open: bool) -> None:
    """Four packages over three years (two, half described, in a draft that stays open), milestones, a team, what is declared."""
    dossier, by = role.dossier, role.representative
    packages = []
    for title, lead, (start, end), months, outcome in _PACKAGES[:2] if is_open else _PACKAGES:
        packages.append(
            workplan.save_package(
                dossier, title=title, lead=lead, start_month=start, end_month=end, person_months=Decimal(months),
                goal="" if is_open else "Bedrijven vinden elkaar rond een gedeelde nood.",
                activities="Werkgroepen, bedrijfsbezoeken en een jaarlijkse netwerkdag.", deliverables=outcome, by=by,
            )
        )  # fmt: skip
    for month, position, title, result in _MILESTONES[:1] if is_open else _MILESTONES:
        workplan.save_milestone(dossier, title=title, month=month, package=packages[position], result=result, by=by)
    team.save_member(
        dossier, name="Veerle Goossens", function="Clustermanager", fte=Decimal(1), is_cluster_manager=True, is_main_task=True,
        experience="Leidde acht jaar een sectornetwerk.", by=by,
    )  # fmt: skip
    if is_open:
        return
    team.save_member(dossier, name="Joris Peeters", function="Projectmedewerker", fte=Decimal(1), by=by)
    team.save_member(dossier, name="Aan te werven", function="Communicatie", fte=Decimal("0.5"), by=by)
    applying = conditions.applying(dossier, dossier.phase)
    conditions.state(dossier, circumstances={}, statements={item.code.value: (True, "") for item in applying}, by=by)


def write_together(cast: Cast) -> None:
    """In the drafts that stay open: somebody from outside writes along, somebody else was asked, a colleague changed a text."""
    for stage, at in _OPEN.items():
        for role in cast.roles:
            if role.initiative.stage == stage and role.initiative.is_demo:
                with clock.fixed(at):
                    _invite(role)
                    _rewrite(role, cast.user("collega"))


def _invite(role: Role) -> None:
    author = _author()
    dossier = role.dossier
    invitation = authors.invite(
        dossier, email=author.email, full_name=author.full_name, role=AuthorRole.AUTHOR, by=role.representative
    )
    authors.accept(invitation, by=author)
    authors.invite(
        dossier, email="gert@trekker.example", full_name="Gert Trekker", role=AuthorRole.READER, by=role.representative
    )


def _author() -> User:
    email, name = AUTHOR
    user = User.objects.filter(email=email).first() or people.register_user(email=email, full_name=name, by=None)
    enrol(user)
    return user


def _rewrite(role: Role, colleague: User) -> None:
    dossier = role.dossier
    answer = (
        Answer.objects.filter(
            application=dossier, question__section__phase=dossier.phase, question__answer_type=AnswerType.LONG_TEXT
        )
        .exclude(value="")
        .select_related("question__section")
        .order_by("pk")
        .first()
    )
    if answer is not None:
        text = f"{answer.value} De eerste stap zetten we met de trekkers van het netwerk."
        drafts.save_answer(dossier, answer.question, text, version=answer.version, by=colleague)
