"""Pitch days: laid out per day and room, no two pitches at once in one room, planned in silence, told afterwards."""

from datetime import date, time

import pytest
from django.db import IntegrityError, transaction

from applications.enums import ApplicationState as S
from applications.models import Application, SentNotice
from calls.models import Call, PitchSlot
from evaluation.domain import pitch_days, pitches
from evaluation.domain.pitch_days import Layout
from evaluation.models import Pitch
from ibnportal.core import clock as portal_clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.files import store
from ibnportal.core.outbox.models import MailRecord
from tests.factories.applications import ApplicationFactory

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY = date(2026, 2, 2), date(2026, 2, 3)
DAY = Layout(time(9), time(12), minutes=30, pause=10)


@pytest.fixture
def handler(make_user, clock):
    clock.set("2026-01-26T10:00")
    return make_user(Role.CASE_HANDLER)


@pytest.fixture
def pair(handler):
    """Two admissible dossiers with the first two slots of the call; nobody was told yet."""
    dossiers = [ApplicationFactory(state=S.P1_ADMISSIBLE) for _ in range(2)]
    slots = list(PitchSlot.objects.filter(call=dossiers[0].call).order_by("starts_at")[:2])
    return [pitches.plan(dossier, slot, by=handler) for dossier, slot in zip(dossiers, slots, strict=True)]


def hours(found):
    return [f"{portal_clock.local(start):%H.%M}" for start, _ in found]


@pytest.mark.rule("DAT-04")
def test_a_day_is_cut_into_pitches_with_pauses_and_a_break():
    layout = Layout(time(9), time(14), minutes=30, pause=10, break_from=time(11), break_to=time(12, 30))
    assert hours(pitch_days.moments(MONDAY, layout)) == ["09.00", "09.40", "10.20", "12.30", "13.10"]
    assert hours(pitch_days.moments(MONDAY, Layout(time(9), time(9, 20), minutes=30))) == []


@pytest.mark.rule("DAT-04")
def test_the_pitch_days_of_the_call_are_2_and_3_february_2026(handler):
    assert pitch_days.days_of(ApplicationFactory().call) == [MONDAY, TUESDAY]


@pytest.mark.rule("DAT-04")
def test_every_room_gets_the_same_day(handler):
    call = ApplicationFactory().call
    made = pitch_days.lay_out(
        call, days=[TUESDAY, MONDAY], rooms=["Zaal 2", "Zaal 3", "Zaal 2"], layout=DAY, by=handler
    )
    assert len(made) == 2 * 2 * 4
    assert {slot.room for slot in made} == {"Zaal 2", "Zaal 3"}


@pytest.mark.rule("DAT-04")
def test_an_overlap_in_one_room_is_refused_and_nothing_is_added(handler):
    call = ApplicationFactory().call
    before = PitchSlot.objects.filter(call=call).count()
    taken = PitchSlot.objects.filter(call=call).order_by("starts_at").first()
    layout = Layout(time(8, 45), time(10), minutes=25)
    with pytest.raises(DomainError, match=r"is er op .* al een pitchmoment") as refused:
        pitch_days.lay_out(call, days=[MONDAY], rooms=["Zaal 9", taken.room], layout=layout, by=handler)
    assert refused.value.rule_id == "DAT-04"
    assert PitchSlot.objects.filter(call=call).count() == before


@pytest.mark.rule("P1-PIT-03")
def test_the_database_refuses_two_pitches_at_once_in_one_room(handler):
    call = ApplicationFactory().call
    at = portal_clock.moment("2026-02-04T09:00")
    half_past = portal_clock.moment("2026-02-04T09:30")
    ten = portal_clock.moment("2026-02-04T10:00")
    PitchSlot.objects.create(call=call, starts_at=at, ends_at=half_past, room="A")
    PitchSlot.objects.create(call=call, starts_at=at, ends_at=half_past, room="B")
    PitchSlot.objects.create(call=call, starts_at=half_past, ends_at=ten, room="A")
    with pytest.raises(IntegrityError, match="pitch_slots_do_not_overlap"), transaction.atomic():
        PitchSlot.objects.create(call=call, starts_at=portal_clock.moment("2026-02-04T09:29"), ends_at=ten, room="B")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"days": []}, "days"),
        ({"rooms": [" "]}, "rooms"),
        ({"layout": Layout(time(12), time(9), minutes=30)}, "ends"),
        ({"layout": Layout(time(9), time(12), minutes=0)}, "minutes"),
        ({"layout": Layout(time(9), time(12), minutes=30, break_from=time(11))}, "break_to"),
    ],
)
def test_a_layout_that_makes_no_sense_names_its_field(handler, changes, field):
    values = {"days": [MONDAY], "rooms": ["Zaal 2"], "layout": DAY, **changes}
    with pytest.raises(DomainError) as refused:
        pitch_days.lay_out(ApplicationFactory().call, by=handler, **values)
    assert field in [finding.where for finding in refused.value.findings]


def test_clearing_a_day_leaves_what_somebody_has(pair, handler):
    call = Call.objects.get(code="2025")
    pitch_days.clear(call, day=MONDAY, by=handler)
    left = PitchSlot.objects.filter(call=call, starts_at__lt=portal_clock.moment("2026-02-03T00:00"))
    assert set(left) == {pitch.slot for pitch in pair}


# ---------------------------------------------------------------- planned, then told


@pytest.mark.rule("P1-PIT-01", "NOT-03")
def test_planning_tells_nobody_and_inviting_tells_the_exact_time(pair, handler):
    assert MailRecord.objects.filter(key__startswith="pitch:").count() == 0
    call = pair[0].application.call
    assert pitches.to_tell(call, among=Application.objects.all()) == pair
    pitches.invite(pair[0], by=handler)
    told = SentNotice.objects.get(template="pitch_invitation", application=pair[0].application)
    assert "maandag 2\N{NO-BREAK SPACE}februari 2026" in told.text
    assert "van 09.00\N{NO-BREAK SPACE}uur tot 09.30\N{NO-BREAK SPACE}uur" in told.text
    [attached] = told.mails.get().attachments.all()
    assert b"DTSTART:20260202T080000Z" in store.read_bytes(attached)
    assert pitches.to_tell(call, among=Application.objects.all()) == [pair[1]]
    pitches.invite(pair[0], by=handler)
    assert SentNotice.objects.filter(template="pitch_invitation").count() == 1


@pytest.mark.rule("P1-PIT-03")
def test_two_initiatives_trade_places_and_both_are_told_anew(pair, handler):
    first, second = (pitch.slot for pitch in pair)
    for pitch in pair:
        pitches.invite(pitch, by=handler)
    pitches.swap(*pair, by=handler)
    assert [Pitch.objects.get(pk=pitch.pk).slot for pitch in pair] == [second, first]
    call = pair[0].application.call
    assert {pitch.pk for pitch in pitches.to_tell(call, among=Application.objects.all())} == {p.pk for p in pair}
    for pitch in pair:
        pitches.invite(pitch, by=handler)
    newest = SentNotice.objects.filter(application=pair[0].application, template="pitch_invitation").first()
    content = store.read_bytes(newest.mails.get().attachments.get())
    assert b"SEQUENCE:2" in content
    assert b"DTSTART:20260202T083000Z" in content


def test_what_is_over_or_went_another_way_does_not_move(pair, handler, clock):
    with pytest.raises(DomainError, match="twee verschillende"):
        pitches.swap(pair[0], pair[0], by=handler)
    clock.set("2026-02-02T09:10")
    with pytest.raises(WrongState, match="begon al"):
        pitches.swap(*pair, by=handler)


@pytest.mark.rule("NOT-03")
def test_a_cancelled_pitch_frees_its_slot_and_leaves_the_agenda(pair, handler):
    pitch, slot = pair[0], pair[0].slot
    pitches.invite(pitch, by=handler)
    with pytest.raises(DomainError, match="Schrijf waarom"):
        pitches.cancel(pitch, reason=" ", by=handler)
    pitches.cancel(pitch, reason="De aanvrager trok zich terug.", by=handler)
    told = SentNotice.objects.get(template="pitch_cancelled")
    content = store.read_bytes(told.mails.get().attachments.get())
    assert b"METHOD:CANCEL" in content
    assert b"SEQUENCE:2" in content
    assert slot in pitches.free_slots(pitch.application.call)
    again = pitches.plan(pitch.application, slot, by=handler)
    assert (again.pk, again.is_cancelled) == (pitch.pk, False)


def test_a_cancelled_pitch_that_nobody_knew_of_mails_nobody(pair, handler):
    pitches.cancel(pair[0], reason="Dubbel gepland.", by=handler)
    assert not SentNotice.objects.filter(template="pitch_cancelled").exists()


@pytest.mark.rule("P1-PIT-01")
def test_everybody_who_waits_gets_the_next_free_moment(handler):
    dossiers = [ApplicationFactory(state=S.P1_ADMISSIBLE) for _ in range(3)]
    ApplicationFactory(state=S.P1_SUBMITTED)
    planned = pitches.plan_all(dossiers[0].call, among=Application.objects.all(), by=handler)
    assert [pitch.application for pitch in planned] == dossiers
    assert [f"{portal_clock.local(pitch.slot.starts_at):%H.%M}" for pitch in planned] == ["09.00", "09.30", "10.00"]


def test_nobody_plans_the_pitch_of_their_own_organisation(pair, make_user):
    own = make_user(Role.CASE_HANDLER, organisation=pair[0].application.applicant)
    with pytest.raises(NotAllowed, match="Laat een collega"):
        pitches.swap(*pair, by=own)


# ---------------------------------------------------------------- notes


@pytest.mark.rule("P1-PIT-02")
def test_notes_are_kept_while_the_talk_goes_on_and_two_writers_lose_nothing(pair, handler, make_user, clock):
    clock.set("2026-02-02T09:10")
    pitch, colleague = pair[0], make_user(Role.CASE_HANDLER)
    pitches.note(pitch, notes={"notes_fit": "Past bij de oproep."}, version=0, by=handler)
    with pytest.raises(pitches.NotesConflict) as conflict:
        pitches.note(pitch, notes={"notes_fit": "Past niet."}, version=0, by=colleague)
    assert conflict.value.current.notes_fit == "Past bij de oproep."
    pitches.note(pitch, notes={"notes_fit": "Past, met een vraag."}, version=1, by=colleague)
    assert Pitch.objects.get(pk=pitch.pk).notes_fit == "Past, met een vraag."
