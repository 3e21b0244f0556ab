"""What an answer holds that its reader may not see.

Two kinds of canaries: the words of `canaries.py` in every confidential text, and the number and title of every dossier
whose very existence is nobody else's business.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from applications.models import Application, Invitation, Merger
from evaluation.domain import committee
from evaluation.models import Advice, Assignment, Decision
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from monitoring.models import Network
from tests.guards.crawl import Answer, Visitor
from tests.guards.routes import Sample
from tests.guards.walk import Seen
from tests.guards.world import World

WORD = re.compile(r"kanarie\d{5}x")
BY_EXPERT_LINK = "/expert/uitnodiging/"
BY_AUTHOR_LINK = "/uitnodiging/"
"""Pages that the holder of a personal link opens without signing in; the link itself is the permission to read of which dossier."""
LINK = re.compile(r"""href=["'](/[^"'#]*)""")
MOST_LINKS = 3


def hidden_dossiers(user: User | None) -> dict[str, str]:
    """number and title → dossier, of every dossier that does not exist for this person."""
    visible = Application.objects.visible_to(user) if user is not None else Application.objects.none()
    hidden = Application.objects.filter(is_reconstructed=False).exclude(pk__in=visible.values("pk"))
    # What is awarded and released is on the public programme page.
    hidden = hidden.exclude(pk__in=Network.objects.published().values("application_id"))
    # Whom to merge with is part of what a dossier is told.
    mentioned = (
        {decision.merge_with_id for decision in Decision.objects.visible_to(user)} if user is not None else set()
    )
    if user is not None:
        mentioned |= going_on_together(visible)
        mentioned |= {advice.merge_with_id for advice in Advice.objects.filter(application__in=visible)}
    hidden = hidden.exclude(pk__in=mentioned - {None})
    if user is not None:
        # Who is asked for an interest has to know in what (CONF-02); a meeting knows what it decided on.
        known = Assignment.objects.visible_to(user).values("application_id")
        hidden = hidden.exclude(pk__in=known)
        on_agenda = {row.pk for meeting in user.meetings.all() for row in committee.agenda(meeting, user=user)}
        hidden = hidden.exclude(pk__in=on_agenda)
    return {text: str(row) for row in hidden for text in (row.number, row.title) if text}


def going_on_together(visible: QuerySet[Application]) -> set[int]:
    """The other side of each merger of these dossiers: both were asked, and both are told."""
    mergers = Merger.objects.filter(Q(lead__in=visible) | Q(joining__in=visible))
    return {pk for pair in mergers.values_list("lead_id", "joining_id") for pk in pair}


def without_invited(dossiers: dict[str, str], user: User | None) -> dict[str, str]:
    """Less the numbers in the invitations to this expert; a visitor with a link is the expert it was sent to."""
    invitations = Assignment.objects.all() if user is None else Assignment.objects.filter(expert=user)
    numbers = set(invitations.values_list("application__number", flat=True))
    return {text: row for text, row in dossiers.items() if text not in numbers}


def without_asked(dossiers: dict[str, str]) -> dict[str, str]:
    """Less the dossiers for which an author was asked."""
    asked = Application.objects.filter(pk__in=Invitation.objects.values("application_id"))
    texts = {text for row in asked.values_list("number", "title") for text in row}
    return {text: row for text, row in dossiers.items() if text not in texts}


class Secrets:
    """(words, dossiers) that this person may not read. A committee member may for a while: asked at the moment of the answer."""

    def __init__(self, user: User | None, world: World) -> None:
        self.user, self.world = user, world
        self._ends = user is not None and user.has_role(Role.COMMITTEE_MEMBER)
        self._known: dict[datetime | None, tuple[dict[str, str], dict[str, str]]] = {}

    def at(self, moment: datetime | None) -> tuple[dict[str, str], dict[str, str]]:
        """What is secret for this person at that moment."""
        key = moment if self._ends else None
        if key not in self._known:
            if moment is not None:
                clock.freeze(moment)
            self._known[key] = (self.world.aviary.forbidden_to(self.user), hidden_dossiers(self.user))
        return self._known[key]


def exports_of(visitor: Visitor, walked: Iterable[Seen]) -> list[Answer]:
    """The files that these pages offer of their own table."""
    return [
        visitor.ask(Sample(f"{seen.sample.url}?formaat={kind}", seen.sample.subject, seen.sample.application))
        for seen in walked
        for kind in ("xlsx", "csv")
        if f"formaat={kind}".encode() in seen.answer.body
    ]


def found_in(visitor: Visitor, answers: Iterable[Answer], world: World) -> list[str]:
    """One line for each text in these answers that is not this person's."""
    secrets, wrong = Secrets(visitor.user, world), []
    for answer in answers:
        if answer.status >= 400 and answer.status != 404:
            continue
        words, dossiers = secrets.at(answer.at)
        secret = dossiers
        if answer.url.startswith(BY_EXPERT_LINK):
            # An account that was closed is nobody: what is left is the link.
            reader = visitor.user if visitor.user is not None and visitor.user.is_active else None
            secret = without_invited(dossiers, reader)
        elif answer.url.startswith(BY_AUTHOR_LINK):
            secret = without_asked(dossiers)
        wrong += [f"{answer.url} shows {what}" for what in leaks(answer.text, words, secret)]
    return wrong


def leaks(text: str, words: dict[str, str], dossiers: dict[str, str]) -> list[str]:
    found = [words[word] for word in sorted(set(WORD.findall(text)) & words.keys())]
    return found + [
        f"{needle!r} of {row}"
        for needle, row in dossiers.items()
        if needle in text and re.search(rf"{re.escape(needle)}(?![-\w])", text)
    ]


def broken_links(visitor: Visitor, answers: list[Answer]) -> list[str]:
    """A page never leads to a page that does not exist for the same person."""
    known = {answer.url for answer in answers}
    tried: dict[str, int] = {}
    wrong = []
    for answer in answers:
        if "html" not in answer.content_type or answer.status != 200:
            continue
        for link in dict.fromkeys(LINK.findall(answer.text)):
            shape = re.sub(r"\d+", "#", link.split("?")[0])
            if (
                link in known
                or link.startswith(("/static/", "/beheer/", "/account/"))
                or tried.get(shape, 0) >= MOST_LINKS
            ):
                continue
            tried[shape] = tried.get(shape, 0) + 1
            clock.freeze(answer.at)
            reply = visitor.request(link)
            if reply.status >= 400 and reply.status != 405:
                wrong.append(f"{answer.url} links to {reply}")
    return wrong
