"""No mail holds a text of a row that its reader may not see, and the words that say so are really there.

What the pages, exports and files hold is looked at in `test_walks.py`.
"""

import pytest

from ibnportal.core.accounts.models import User
from ibnportal.core.outbox.models import MailRecord
from tests.guards.crawl import Visitor
from tests.guards.leaks import WORD, hidden_dossiers, leaks, without_invited
from tests.guards.walk import walk
from tests.guards.world import BY_NAME, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world_media")]


def test_no_mail_tells_what_its_reader_may_not_know(world: World):
    wrong = []
    people = {user.email: user for user in User.objects.all()}
    known: dict[int | None, tuple[dict[str, str], dict[str, str]]] = {}
    for mail in MailRecord.objects.all():
        user = people.get(mail.to)
        key = user and user.pk
        if key not in known:
            known[key] = (world.aviary.forbidden_to(user), hidden_dossiers(user))
        words, dossiers = known[key]
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
    assert any(WORD.search(seen.answer.text) for seen in walk(visitor))
