"""Pitch days in the browser: preview, book, note, advise; and the applicant's calendar file."""

import pytest
from django.urls import reverse

from applications.enums import ApplicationState as S
from calls.models import PitchSlot
from evaluation.domain import pitches
from evaluation.models import Pitch
from ibnportal.core.accounts.enums import Role
from ibnportal.core.outbox.models import MailRecord
from tests.applications.domain.test_screening import judged
from tests.evaluation.domain.test_pitches import NOTES
from tests.factories.applications import ApplicationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_role, clock):
    clock.set("2026-01-26T10:00")
    return as_role(Role.CASE_HANDLER)


def url(name, application):
    return reverse(f"evaluation:{name}", args=[application.number])


@pytest.mark.rule("P1-PIT-03", "NOT-03")
def test_admission_with_a_slot_shows_the_mail_first(client):
    application = ApplicationFactory(state=S.P1_SUBMITTED)
    judged(application, client.user)
    slot = PitchSlot.objects.filter(call=application.call)[0]
    preview = client.post(url("admit", application), {"slot": slot.pk, "stap": "voorbeeld"})
    assert "2 februari" in preview.content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert not Pitch.objects.exists()
    response = client.post(url("admit", application), {"slot": slot.pk, "stap": "verstuur", "message": "Tot dan."})
    assert response.status_code == 302
    assert Pitch.objects.get().slot == slot
    assert "Tot dan." in MailRecord.objects.get(key__startswith="screening:").text


def test_admission_can_leave_the_slot_for_later(client):
    application = ApplicationFactory(state=S.P1_SUBMITTED)
    judged(application, client.user)
    client.post(url("admit", application), {"slot": "", "stap": "verstuur", "message": ""})
    application.refresh_from_db()
    assert application.state == S.P1_ADMISSIBLE
    assert not Pitch.objects.exists()


def test_a_taken_slot_is_no_choice(client):
    taken, application = ApplicationFactory(state=S.P1_ADMISSIBLE), ApplicationFactory(state=S.P1_ADMISSIBLE)
    slot = PitchSlot.objects.filter(call=application.call)[0]
    pitches.book(taken, slot, by=client.user)
    response = client.post(url("pitch_book", application), {"slot": slot.pk, "stap": "verstuur"})
    assert response.status_code == 422
    assert "intussen bezet" in response.content.decode()


@pytest.mark.rule("P1-PIT-02", "P1-DEC-01")
def test_book_note_and_advise(client, clock):
    application = ApplicationFactory(state=S.P1_ADMISSIBLE)
    slot = PitchSlot.objects.filter(call=application.call)[0]
    assert "Bekijk de uitnodiging" in client.get(url("pitch", application)).content.decode()
    client.post(url("pitch_book", application), {"slot": slot.pk, "stap": "verstuur", "message": ""})
    clock.set("2026-02-03T18:00")
    incomplete = client.post(url("pitch_hold", application), {**NOTES, "notes_fit": ""})
    assert incomplete.status_code == 422
    assert NOTES["notes_objectives"] in incomplete.content.decode()
    client.post(url("pitch_hold", application), NOTES)
    response = client.post(
        url("advise", application), {"recommendation": "positive", "text": "Sterk.", "merge_with": ""}
    )
    assert response.status_code == 302
    application.refresh_from_db()
    assert application.state == S.P1_ADVISED
    assert "Sterk." in client.get(url("advise", application)).content.decode()


def test_advice_without_a_recommendation_keeps_the_text(client):
    application = ApplicationFactory(state=S.P1_PITCHED)
    response = client.post(url("advise", application), {"text": "Mijn motivering"})
    assert response.status_code == 422
    assert "Mijn motivering" in response.content.decode()


def test_what_can_be_dragged_says_where_it_goes(client):
    application = ApplicationFactory(state=S.P1_ADMISSIBLE)
    taken, free = PitchSlot.objects.filter(call=application.call)[:2]
    pitches.plan(application, taken, by=client.user)
    page = client.get(reverse("evaluation:pitches")).content.decode()
    assert f'data-pitch="{application.pitch.pk}" data-book="{url("pitch_book", application)}"' in page
    assert f'data-slot="{free.pk}"' in page
    assert f'data-slot="{taken.pk}"' not in page


def test_the_overview_costs_the_same_for_any_number_of_bookings(client, django_assert_num_queries):
    slots = None
    for count in (1, 3):
        while Pitch.objects.count() < count:
            application = ApplicationFactory(state=S.P1_ADMISSIBLE)
            slots = slots or list(PitchSlot.objects.filter(call=application.call))
            pitches.book(application, slots[Pitch.objects.count()], by=client.user)
        with django_assert_num_queries(6):
            client.get(reverse("evaluation:pitches"))


@pytest.mark.rule("NOT-03")
def test_the_applicant_gets_the_calendar_file_and_a_stranger_does_not(client, as_user, as_applicant):
    application = ApplicationFactory(state=S.P1_ADMISSIBLE)
    pitches.book(application, PitchSlot.objects.filter(call=application.call)[0], by=client.user)
    response = as_user(application.representative).get(url("pitch_calendar", application))
    assert response.headers["Content-Type"].startswith("text/calendar")
    assert b"BEGIN:VEVENT" in response.content
    assert as_applicant().get(url("pitch_calendar", application)).status_code == 404
