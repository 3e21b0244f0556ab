"""Who waits on whom, and until when: what the database says is what one would reckon dossier by dossier."""

from datetime import date, timedelta
from functools import partial
from itertools import product

import pytest
from django.urls import reverse

from applications.enums import PHASE1_STATES
from applications.enums import ApplicationState as S
from applications.models import Application, Supplement
from calls.models import PitchSlot
from evaluation.domain import waiting
from evaluation.domain.waiting import STEPS, listed, with_waiting
from evaluation.models import Assignment, Pitch
from evaluation.views.worklist_table import end_of_week, how_soon
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from tests.evaluation.reckoned import assert_stands_as_reckoned
from tests.factories.applications import ApplicationFactory
from tests.factories.evaluation import ExpertFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(clock, make_user):
    """A dossier in every state (its row only), pitches before and after now, a term of each phase, scores awaited."""
    handler, first = make_user(Role.CASE_HANDLER), ApplicationFactory()
    call = first.call
    made = {S.P1_DRAFT: first}
    for position, state in enumerate(state for state in S if state != S.P1_DRAFT):
        made[state] = Application.objects.create(
            number=f"IBN-2025-9{40 - position}", title=state.label, call=call, applicant=first.applicant, state=state,
            created_at=first.created_at, created_by=handler, state_changed_at=first.created_at,
        )  # fmt: skip
    clock.set("2026-02-04T10:00")
    now = clock.now()
    slots = [
        PitchSlot.objects.create(
            call=call,
            room="Wachtzaal",
            starts_at=now + timedelta(hours=hours),
            ends_at=now + timedelta(hours=hours + 1),
        )
        for hours in (-2, 30)
    ]
    for number, slot in enumerate(slots):
        pitched = Application.objects.create(
            number=f"IBN-2025-98{number}", title="Pitch", call=call, applicant=first.applicant, state=S.P1_ADMISSIBLE,
            created_at=first.created_at, created_by=handler,
        )  # fmt: skip
        Pitch.objects.create(application=pitched, slot=slot, booked_at=now, booked_by=handler)
    for state, phases in {S.P1_SUPPLEMENT_ASKED: (1,), S.P2_SUPPLEMENT_ASKED: (1, 2)}.items():
        for phase in phases:
            Supplement.objects.create(
                application=made[state],
                phase=phase,
                asked_at=now,
                asked_by=handler,
                due_at=now + timedelta(days=phase * 3),
            )
    for days, state in ((9, "invited"), (2, "declined"), (None, "invited")):
        Assignment.objects.create(
            application=made[S.P2_EVALUATION], expert=ExpertFactory(), invited_at=now, invited_by=handler, state=state,
            due_on=None if days is None else date(2026, 2, 4) + timedelta(days=days),
        )  # fmt: skip
    return made


def test_the_list_stands_as_reckoned_one_by_one(told):
    found = assert_stands_as_reckoned()
    assert {each.state for each in found} == set(S)
    assert {each.state for each in found if each.due_at is None} == {
        state for state in S if not (state in STEPS and STEPS[state].due)
    }
    moments = dict(with_waiting(Application.objects.all()).values_list("number", "due_at"))
    assert moments == {each.number: each.due_at for each in found}
    for party in waiting.PARTIES:
        counts, theirs = listed(Application.objects.all(), at=clock.now(), soon_until=clock.now(), waits_on=party)
        assert theirs == [each for each in found if each.step.waits_on == party]
        assert counts.total == len(theirs) > 0


@pytest.mark.rule("P2-COM-06")
def test_a_term_of_phase_1_that_nobody_answered_does_not_stand_for_that_of_phase_2(told):
    [asked] = with_waiting(Application.objects.filter(pk=told[S.P2_SUPPLEMENT_ASKED].pk))
    assert asked.due_at == clock.now() + timedelta(days=6)


def test_they_are_counted_by_their_moment_whatever_is_shown_of_them(told):
    now = clock.now()
    ask = partial(listed, at=now, soon_until=now + timedelta(days=3))
    counts, found = ask(Application.objects.all())
    assert counts == waiting.Counts(
        total=len(found),
        overdue=sum(each.due_at is not None and each.due_at < now for each in found),
        soon=sum(each.due_at is not None and now <= each.due_at <= now + timedelta(days=3) for each in found),
        ours=sum(each.step.waits_on == waiting.US for each in found),
    )
    assert min(counts) > 0
    assert ask(Application.objects.all(), first=2, size=3) == (counts, found[2:5])
    assert ask(Application.objects.all(), first=100, size=3) == (counts, [])
    assert ask(Application.objects.none()) == (waiting.Counts(), [])


def test_a_date_counts_to_its_end_on_either_side_of_the_hour_that_summer_takes(told):
    told[S.P2_EVALUATION].assignments.filter(due_on__isnull=False).update(due_on=date(2026, 3, 29))
    [scored] = with_waiting(Application.objects.filter(pk=told[S.P2_EVALUATION].pk))
    assert scored.due_at == clock.end_of_day(date(2026, 3, 29))


_COLUMNS = {
    "nummer": lambda row: row.number,
    "titel": lambda row: row.title.casefold(),
    "aanvrager": lambda row: row.applicant.casefold(),
    "status": lambda row: S(row.state).label,
    "wacht": lambda row: row.step.waits_on,
    "tegen": lambda row: (row.due_at is None, row.due_at or clock.now()),
}


def test_each_column_of_the_worklist_sorts_what_is_alike_by_urgency(told, as_role):
    client, url = as_role(Role.CASE_HANDLER), reverse("evaluation:worklist")
    urgent = client.get(url, {"toon": "alle"}).context["rows"]
    assert len(urgent) == len(S) + 1  # all but the draft, and two more with a pitch
    for name, column in _COLUMNS.items():
        for wanted in (name, f"-{name}"):
            found = client.get(url, {"toon": "alle", "sorteer": wanted}).context["rows"]
            assert found == sorted(urgent, key=column, reverse=wanted.startswith("-")), wanted


def test_each_filter_of_the_worklist_counts_what_it_shows(told, as_role):
    client, url = as_role(Role.CASE_HANDLER), reverse("evaluation:worklist")
    everything = client.get(url, {"toon": "alle"}).context["rows"]
    for party, phase in product([*waiting.PARTIES, "Iemand"], ["", "1", "2", "3"]):
        shown = client.get(url, {"toon": "alle", "wacht": party, "fase": phase}).context
        rows = [row for row in everything if row.step.waits_on == party]
        if phase in {"1", "2"}:
            rows = [row for row in rows if (row.state in PHASE1_STATES) == (phase == "1")]
        assert shown["rows"] == rows
        assert shown["page"].paginator.count == len(rows)
        soons = [how_soon(row.due_at, at=clock.now(), until=end_of_week()) for row in rows]
        assert (shown["overdue"], shown["this_week"]) == (soons.count("late"), soons.count("soon"))
        assert shown["ours"] == sum(row.step.waits_on == waiting.US for row in rows)
