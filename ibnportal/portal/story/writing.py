"""How the demo's own drafts are written: with an author from outside, an open invitation and texts that changed hands."""

from applications.domain import authors, drafts
from applications.enums import AuthorRole
from applications.models import Answer
from calls.enums import AnswerType
from ibnportal.core import clock
from ibnportal.core.accounts.domain import people
from ibnportal.core.accounts.models import User
from ibnportal.core.demo.people import enrol
from ibnportal.portal.story.cast import Cast, Role
from ibnportal.portal.story.initiatives import Stage

AUTHOR = ("meeschrijver@demo.example", "Nele Meeschrijver")
_OPEN = {Stage.DRAFT_1: "2026-01-15T19:40", Stage.DRAFT_2: "2026-04-15T20:05"}


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
