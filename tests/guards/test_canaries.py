"""No answer, in any format, holds a text of a row that the person may not see; nor does any mail.

Two kinds of canaries: the words of `canaries.py` in every confidential text, and the number and title of every dossier
whose very existence is nobody else's business.
"""

import re
from datetime import datetime

import pytest
from django.db.models import Q, QuerySet

from applications.models import Application, Merger
from evaluation.domain import committee
from evaluation.models import Advice, Assignment, Decision
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.outbox.models import MailRecord
from monitoring.models import Network
from tests.guards import routes
from tests.guards.crawl import Answer, Visitor
from tests.guards.routes import Unresolved
from tests.guards.world import BY_NAME, PERSONAS, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world_media")]

WALKERS = [persona.name for persona in PERSONAS if persona.name != "deactivated"]
WORD = re.compile(r"kanarie\d{5}x")
BY_LINK = ("/expert/uitnodiging/",)
"""Pages that the holder of a personal link opens without signing in; the link itself is the permission to read the number."""
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


def answers_of(visitor: Visitor) -> list[Answer]:
    """Every page, export and file that this person can open, and the pages that those link to."""
    found: dict[str, Answer] = {}
    exports: list[routes.Sample] = []
    for route in routes.own_routes():
        try:
            samples = routes.samples(route)
        except Unresolved:
            continue
        if visitor.is_admitted(route):
            visible, hidden = visitor.split(samples)
            for sample in visible[: routes.MOST_SAMPLES] + hidden[:1]:
                answer = found[sample.url] = visitor.ask(sample)
                exports += [
                    routes.Sample(f"{sample.url}?formaat={kind}", sample.subject, sample.application)
                    for kind in ("xlsx", "csv")
                    if f"formaat={kind}".encode() in answer.body
                ]
    for sample in exports:
        found[sample.url] = visitor.ask(sample)
    return list(found.values())


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


@pytest.mark.parametrize("name", WALKERS)
def test_nobody_reads_what_is_not_theirs(name, world: World):
    visitor, wrong = Visitor(BY_NAME[name]), []
    answers, secrets = answers_of(visitor), Secrets(visitor.user, world)
    for answer in answers:
        if answer.status >= 400 and answer.status != 404:
            continue
        words, dossiers = secrets.at(answer.at)
        secret = without_invited(dossiers, visitor.user) if answer.url.startswith(BY_LINK) else dossiers
        wrong += [f"{answer.url} shows {what}" for what in leaks(answer.text, words, secret)]
    wrong += broken_links(visitor, answers)
    assert not wrong, "\n".join(wrong)


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


def test_no_mail_tells_what_its_reader_may_not_know(world: World):
    wrong = []
    people = {user.email: user for user in User.objects.all()}
    known: dict[str, tuple[dict[str, str], dict[str, str]]] = {}
    for mail in MailRecord.objects.all():
        user = people.get(mail.to)
        if mail.to not in known:
            known[mail.to] = (world.aviary.forbidden_to(user), hidden_dossiers(user))
        words, dossiers = known[mail.to]
        if user is None:
            dossiers = {}  # a company writes a letter for a dossier: it knows which
        elif mail.key.startswith("expert-"):
            # The invitation came before the bar, and names the number alone.
            dossiers = without_invited(dossiers, user)
        wrong += [
            f"mail {mail.key} to {mail.to} shows {what}"
            for what in leaks(f"{mail.subject} {mail.text} {mail.html}", words, dossiers)
        ]
    assert not wrong, "\n".join(wrong)


def test_the_canaries_are_alive(world: World):
    """A guard that finds nothing because nothing was planted is no guard: the owner reads her own words."""
    assert len(world.canaries) > 300
    labels = {label for label, _field, _pk in world.canaries.values()}
    assert {"applications.Answer", "evaluation.Score", "evaluation.Decision", "evaluation.Advice"} <= labels
    visitor = Visitor(BY_NAME["case_handler"])
    assert any(WORD.search(answer.text) for answer in answers_of(visitor))
