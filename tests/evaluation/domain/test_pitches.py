"""Pitch days: a slot each, an invitation with the exact time, notes on four topics (manual 5.2.3)."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from applications.enums import ApplicationState as S
from calls.models import PitchSlot
from evaluation.documents.calendars import calendar_file
from evaluation.domain import pitches
from evaluation.models import Pitch
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.outbox.models import MailRecord
from tests.applications.domain.test_screening import judged
from tests.factories.applications import ApplicationFactory
from tests.factories.calls import CallFactory, PitchSlotFactory

pytestmark = pytest.mark.django_db
NOTES = {
    "notes_support": "Twaalf ondernemingen aan tafel.",
    "notes_objectives": "Scherp.",
    "notes_positioning": "Vult de speerpuntcluster aan.",
    "notes_fit": "Past.",
}


@pytest.fixture
def handler(make_user, clock):
    return make_user(Role.CASE_HANDLER)


@pytest.fixture
def slots(handler):
    application = ApplicationFactory(state=S.P1_DRAFT)
    return list(PitchSlot.objects.filter(call=application.call)[:3])


@pytest.mark.rule("P1-PIT-01")
def test_an_admissible_pre_registration_gets_a_slot(handler, slots):
    application = ApplicationFactory(state=S.P1_ADMISSIBLE)
    pitch = pitches.book(application, slots[0], by=handler)
    assert (pitch.slot, pitch.booked_by) == (slots[0], handler)


@pytest.mark.rule("P1-PIT-01")
@pytest.mark.parametrize("state", [S.P1_SUBMITTED, S.P1_INADMISSIBLE, S.P1_ADVISED, S.WITHDRAWN])
def test_nobody_else_does(handler, slots, state):
    with pytest.raises(WrongState, match="ontvankelijke vooraanmelding") as refused:
        pitches.book(ApplicationFactory(state=state), slots[0], by=handler)
    assert refused.value.rule_id == "P1-PIT-01"


@pytest.mark.rule("P1-PIT-03", "NOT-03")
def test_the_invitation_gives_the_exact_time_and_a_calendar_file(handler, slots):
    application = ApplicationFactory(state=S.P1_ADMISSIBLE)
    pitches.book(application, slots[0], by=handler)
    mail = MailRecord.objects.get(key__startswith=f"pitch:{application.pk}")
    text = mail.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "maandag 2 februari 2026, van 9.00 uur tot" in text.replace("09.00", "9.00")
    assert f"/dossiers/{application.number}/pitch.ics" in text
    assert mail.to == application.representative.email


@pytest.mark.rule("P1-PIT-03", "NOT-03", "NOT-07")
def test_admission_with_a_slot_is_one_mail(handler, slots):
    """Two things said at once (AMB-27)."""
    application = ApplicationFactory(state=S.P1_SUBMITTED)
    judged(application, handler)
    before = MailRecord.objects.count()
    pitches.admit(application, slots[1], by=handler)
    assert application.state == S.P1_ADMISSIBLE
    mail = MailRecord.objects.exclude(key__startswith="receipt").latest("id")
    assert MailRecord.objects.count() == before + 1
    assert "is ontvankelijk" in mail.subject
    assert "Belpaire" in mail.text


def test_a_taken_slot_leaves_the_dossier_unadmitted(handler, slots):
    pitches.book(ApplicationFactory(state=S.P1_ADMISSIBLE), slots[0], by=handler)
    application = ApplicationFactory(state=S.P1_SUBMITTED)
    judged(application, handler)
    with pytest.raises(DomainError, match="aan een ander initiatief gegeven"):
        pitches.admit(application, slots[0], by=handler)
    application.refresh_from_db()
    assert application.state == S.P1_SUBMITTED


def test_no_slot_twice(handler, slots):
    pitches.book(ApplicationFactory(state=S.P1_ADMISSIBLE), slots[0], by=handler)
    with pytest.raises(DomainError, match="Kies een ander"):
        pitches.book(ApplicationFactory(state=S.P1_ADMISSIBLE), slots[0], by=handler)


def test_moving_frees_the_old_slot_and_invites_again(handler, slots):
    application = ApplicationFactory(state=S.P1_ADMISSIBLE)
    pitches.book(application, slots[0], by=handler)
    pitches.book(application, slots[1], by=handler)
    pitches.book(application, slots[1], by=handler)
    assert Pitch.objects.get(application=application).slot == slots[1]
    assert MailRecord.objects.filter(key__startswith=f"pitch:{application.pk}").count() == 2
    pitches.book(ApplicationFactory(state=S.P1_ADMISSIBLE), slots[0], by=handler)


def test_the_database_holds_one_initiative_to_one_slot(handler, slots):
    application = ApplicationFactory(state=S.P1_ADMISSIBLE)
    pitch = pitches.book(application, slots[0], by=handler)
    with pytest.raises(IntegrityError), transaction.atomic():
        Pitch.objects.create(application=application, slot=slots[1], booked_at=pitch.booked_at, booked_by=handler)


def test_a_slot_of_another_call_or_in_the_past_is_refused(handler, slots, clock):
    application = ApplicationFactory(state=S.P1_ADMISSIBLE)
    with pytest.raises(DomainError, match="andere oproep"):
        pitches.book(application, PitchSlotFactory(call=CallFactory()), by=handler)
    clock.set("2026-02-20T10:00")
    with pytest.raises(DomainError, match="al voorbij"):
        pitches.book(application, slots[0], by=handler)


@pytest.mark.rule("P1-PIT-02")
def test_notes_cover_the_four_topics(handler, slots, clock):
    application = ApplicationFactory(state=S.P1_ADMISSIBLE)
    pitch = pitches.book(application, slots[0], by=handler)
    clock.set("2026-02-02T18:00")
    with pytest.raises(DomainError) as refused:
        pitches.hold(pitch, notes={**NOTES, "notes_fit": " "}, by=handler)
    assert [finding.where for finding in refused.value.findings] == ["notes_fit"]
    pitches.hold(pitch, notes=NOTES, by=handler)
    application.refresh_from_db()
    assert (application.state, pitch.notes_fit) == (S.P1_PITCHED, "Past.")
    with pytest.raises(WrongState):
        pitches.hold(pitch, notes=NOTES, by=handler)


def test_a_pitch_is_not_noted_before_it_began(handler, slots):
    pitch = pitches.book(ApplicationFactory(state=S.P1_ADMISSIBLE), slots[0], by=handler)
    with pytest.raises(WrongState, match="begint pas"):
        pitches.hold(pitch, notes=NOTES, by=handler)


@pytest.mark.rule("P1-PIT-04")
def test_the_deck_is_asked_at_the_submission(handler):
    application = ApplicationFactory(state=S.P1_SUBMITTED)
    kinds = [item["kind"] for item in application.latest_submission(1).snapshot["documents"]]
    assert kinds == ["pitch_deck"]


@pytest.mark.rule("NOT-03")
def test_the_calendar_file_is_in_utc_and_folded(handler, slots):
    application = ApplicationFactory(state=S.P1_ADMISSIBLE, title="Lijm, verf; en “é” " + "x" * 120)
    pitch = pitches.book(application, slots[0], by=handler)
    content = calendar_file(pitch).decode()
    assert f"DTSTART:{slots[0].starts_at:%Y%m%dT%H%M%SZ}" in content
    assert "Lijm\\, verf\\; en" in content.replace("\r\n ", "")
    assert all(len(line.encode()) <= 75 for line in content.split("\r\n"))
    assert content.startswith("BEGIN:VCALENDAR\r\n")
    assert content.endswith("END:VCALENDAR\r\n")


@pytest.mark.django_db(transaction=True)
def test_two_handlers_at_one_slot(handler, slots):
    """Both at once: one has it, the other hears so, and nobody has half a booking."""
    applications = [ApplicationFactory(state=S.P1_ADMISSIBLE) for _ in range(2)]
    barrier, outcomes = threading.Barrier(2), []

    def book(application):
        try:
            barrier.wait()
            pitches.book(application, slots[0], by=handler)
            outcomes.append("booked")
        except DomainError as error:
            outcomes.append(error.rule_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=book, args=(application,)) for application in applications]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["P1-PIT-03", "booked"]
    assert Pitch.objects.filter(slot=slots[0]).count() == 1
    assert MailRecord.objects.filter(key__startswith="pitch:").count() == 1
