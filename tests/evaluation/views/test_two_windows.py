"""An expert with two windows open, a session that ended, a term that passed: nothing is lost, nothing is overwritten unseen."""

import re
from datetime import date

import pytest

from evaluation.models import Assignment, Score
from ibnportal.core.accounts.enums import Role
from tests.factories.evaluation import AssignmentFactory, evaluated

pytestmark = pytest.mark.django_db

FIRST, SECOND, THIRD = "Eerste venster schreef dit hier neer.", "Tweede venster schreef iets anders.", "Een derde zin."


@pytest.fixture(autouse=True)
def _in_june(clock):
    clock.set("2026-06-10T10:00")


@pytest.fixture
def assignment():
    return AssignmentFactory(application=evaluated(), state="declared", due_on=date(2026, 6, 24))


def opened(client, assignment):
    """The hidden marks of the page as one window has it."""
    page = client.get(f"/expert/dossier/{assignment.pk}/").content.decode()
    return dict(re.findall(r'name="(seen_\w+)" value="(\w+)"', page))


def kept(assignment, code):
    return Score.objects.get(assignment=assignment, criterion__code=code).motivation


def test_two_windows_on_two_criteria_disturb_nothing(as_user, assignment):
    client = as_user(assignment.expert)
    one, two = opened(client, assignment), opened(client, assignment)
    url = f"/expert/dossier/{assignment.pk}/bewaren/"
    assert client.post(url, one | {"motivation_POL_MENTION": FIRST}, headers={"X-Autosave": "1"}).status_code == 200
    # The second window still has the first criterion empty; it did not touch it.
    assert client.post(url, two | {"motivation_COMP_SIZE": SECOND}, headers={"X-Autosave": "1"}).status_code == 200
    assert (kept(assignment, "POL_MENTION"), kept(assignment, "COMP_SIZE")) == (FIRST, SECOND)


def test_two_windows_on_one_criterion_are_noticed_and_both_texts_are_shown(as_user, assignment):
    client = as_user(assignment.expert)
    one, two = opened(client, assignment), opened(client, assignment)
    url = f"/expert/dossier/{assignment.pk}/bewaren/"
    client.post(url, one | {"motivation_POL_MENTION": FIRST}, headers={"X-Autosave": "1"})
    typed = two | {"motivation_POL_MENTION": SECOND, "motivation_COMP_SIZE": THIRD}
    answer = client.post(url, typed, headers={"X-Autosave": "1"})
    assert answer.status_code == 409
    assert "Vermelding in beleidsdocumenten" in answer.json()["message"]
    assert (kept(assignment, "POL_MENTION"), kept(assignment, "COMP_SIZE")) == (FIRST, THIRD)

    shown = client.post(url, typed)
    page = shown.content.decode()
    assert shown.status_code == 409
    assert FIRST in page
    assert SECOND in page
    marks = dict(re.findall(r'name="(seen_\w+)" value="(\w+)"', page))
    saved = client.post(url, marks | {"motivation_POL_MENTION": SECOND, "motivation_COMP_SIZE": THIRD})
    assert saved.status_code == 302
    assert kept(assignment, "POL_MENTION") == SECOND


def test_handing_in_over_another_window_hands_in_nothing(as_user, assignment):
    client = as_user(assignment.expert)
    one, two = opened(client, assignment), opened(client, assignment)
    client.post(f"/expert/dossier/{assignment.pk}/bewaren/", one | {"motivation_POL_MENTION": FIRST})
    answer = client.post(f"/expert/dossier/{assignment.pk}/indienen/", two | {"motivation_POL_MENTION": SECOND})
    assert answer.status_code == 409
    assignment.refresh_from_db()
    assert assignment.state == "declared"


def test_a_page_saving_again_and_again_never_meets_itself(as_user, assignment):
    client = as_user(assignment.expert)
    marks, url = opened(client, assignment), f"/expert/dossier/{assignment.pk}/bewaren/"
    for text in (FIRST, SECOND, THIRD):
        answer = client.post(url, marks | {"motivation_POL_MENTION": text}, headers={"X-Autosave": "1"})
        assert answer.status_code == 200
        marks |= answer.json()["versions"]
    assert kept(assignment, "POL_MENTION") == THIRD


@pytest.mark.rule("CONF-01")
def test_past_the_term_nothing_of_the_dossier_is_shown_and_what_was_typed_comes_back(as_user, clock):
    assignment = AssignmentFactory(
        application=evaluated(title="Kanariegele kabels"), state="declared", due_on=date(2026, 6, 24)
    )
    client = as_user(assignment.expert)
    clock.set("2026-07-10T10:00")
    page = client.get(f"/expert/dossier/{assignment.pk}/").content.decode()
    assert "Kanariegele" not in page
    assert "Dit dossier is gesloten" in page
    for verb in ("bewaren", "indienen"):
        answer = client.post(f"/expert/dossier/{assignment.pk}/{verb}/", {"motivation_POL_MENTION": FIRST})
        assert "Kanariegele" not in answer.content.decode()
        assert FIRST in answer.content.decode()


@pytest.mark.rule("CONF-02")
def test_a_declaration_that_ran_out_is_asked_again_and_nothing_is_shown_before(as_user, clock):
    assignment = AssignmentFactory(
        application=evaluated(title="Kanariegele kabels"), state="declared", due_on=date(2026, 12, 24)
    )
    client = as_user(assignment.expert)
    clock.set("2026-08-20T10:00")
    answer = client.get(f"/expert/dossier/{assignment.pk}/", follow=True)
    assert "Uw verklaring, opnieuw" in answer.content.decode()
    assert "Kanariegele" not in answer.content.decode()
    answer = client.post(
        f"/expert/dossier/{assignment.pk}/verklaring/", {"has_interest": "no", "keeps_confidential": "on"}, follow=True
    )
    assert "Kanariegele kabels" in answer.content.decode()


def test_an_invitation_is_refused_without_signing_in_and_tells_nothing(client, as_role):
    from evaluation.domain import experts

    assignment = AssignmentFactory(application=evaluated(title="Kanariegele kabels"))
    url = f"/expert/uitnodiging/{experts.invitation_token(assignment)}/"
    page = client.get(url).content.decode()
    assert assignment.application.number in page
    assert "Kanariegele" not in page
    assert assignment.application.applicant.name not in page
    other = as_role(Role.EXPERT)
    assert assignment.application.number not in other.get(url).content.decode()
    assert "voor iemand anders" in other.post(url, {"kind": "no_time"}).content.decode()
    assert Assignment.objects.get(pk=assignment.pk).state == "invited"
    refused = client.post(url, {"kind": "interest", "text": ""})
    assert refused.status_code == 422
    assert client.post(url, {"kind": "no_time"}).status_code == 302
    assert "U neemt dit dossier niet aan" in client.get(url).content.decode()
    assignment.refresh_from_db()
    assert assignment.state == "declined"
    assert client.get("/expert/uitnodiging/123:onzin/").status_code == 404


def test_interests_are_told_on_ones_own_page(as_role):
    client = as_role(Role.COMMITTEE_MEMBER)
    wrong = client.post("/belangen/", {"kind": "board", "body": "Zuid", "enterprise_number": "123"})
    assert wrong.status_code == 422
    assert client.post("/belangen/", {"kind": "board", "body": "Bakkerij Zuid"}).status_code == 302
    page = client.get("/belangen/").content.decode()
    assert "Bakkerij Zuid" in page
    from evaluation.models import DeclaredTie

    tie = DeclaredTie.objects.get()
    assert as_role(Role.EXPERT).post(f"/belangen/{tie.pk}/intrekken/").status_code == 404
    assert client.post(f"/belangen/{tie.pk}/intrekken/").status_code == 302
    assert "Nog niets gemeld" in client.get("/belangen/").content.decode()
