"""The pages around a call: what visitors read and ask, a longer deadline, pre-discussions."""

import pytest
from django.urls import reverse

from calls.domain import amending, enquiries, opening, papers, prediscussions
from calls.enums import PrediscussionState
from calls.models import Enquiry, Prediscussion, PrediscussionSlot
from ibnportal.core import clock as portal_clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.outbox.models import MailRecord
from tests.calls.domain.test_prediscussions import slots
from tests.factories.applications import ApplicationFactory, small_pdf
from tests.factories.calls import install_call
from tests.factories.core import MembershipFactory, OrganisationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TEXT = {"title": "Slimme bouw", "idea": "Een keten van bouwers.", "doubts": "Past dit?"}


@pytest.fixture
def call():
    return install_call()


@pytest.fixture
def handler(as_role):
    return as_role(Role.CASE_HANDLER)


def detail(call):
    return reverse("calls:detail", args=[call.code])


def text(response):
    return response.content.decode().replace("\xa0", " ")


# ---------------------------------------------------------------- the public page


@pytest.mark.rule("DAT-01")
@pytest.mark.rule("DAT-04")
@pytest.mark.rule("DAT-06")
@pytest.mark.rule("PRG-25")
def test_a_visitor_reads_where_the_call_stands_today(client, call):
    page = text(client.get(detail(call)))
    assert "Vandaag is het dinsdag 20 januari 2026." in page
    for told in ("4 december 2025", "2 en 3 februari 2026", "23 tot 27 februari 2026", "Belpairegebouw, Brussel"):
        assert told in page
    assert "Officiële documenten op" in page
    assert "Verleng de termijn" not in page


@pytest.mark.rule("DOC-03")
def test_templates_are_there_to_download_with_their_version(client, call):
    page = text(client.get(detail(call)))
    pitch = papers.in_force(call).get(kind="pitch")
    url = reverse("calls:paper", args=[call.code, pitch.pk])
    assert url in page
    assert "pitch-2025.pptx" in page
    assert b"".join(client.get(url).streaming_content).startswith(b"PK")
    assert client.get(reverse("calls:paper", args=["2017", pitch.pk])).status_code == 404


def test_a_template_of_a_draft_is_not_for_visitors(client, call, make_user):
    from calls.domain import copying

    copy = copying.copy_call(call, code="2027", year=2027, by=make_user(Role.ADMINISTRATOR))
    paper = copy.papers.first()
    assert client.get(reverse("calls:paper", args=["2027", paper.pk])).status_code == 404


def test_a_closed_call_leads_on_and_takes_no_questions(client, call, make_user):
    opening.close(call, by=make_user(Role.ADMINISTRATOR))
    install_call("2015")
    page = text(client.get(detail(call)))
    assert "Stel een vraag" not in page
    assert reverse("calls:detail", args=["2015"]) in page
    assert client.get(reverse("calls:enquiry_ask", args=[call.code])).status_code == 302


def test_the_page_costs_the_same_with_more_on_it(client, call, make_user, django_assert_num_queries):
    admin = make_user(Role.ADMINISTRATOR)

    def count():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(detail(call))
        return len(captured)

    def add(n):
        enquiry = enquiries.ask(call, question=f"Vraag {n}?", email="an@bedrijf.example")
        enquiries.answer(enquiry, text="Ja.", by=admin)
        enquiries.publish(enquiry, question=f"Vraag {n}?", by=admin)
        amending.amend_texts(call, reason="Beter", summary=f"Tekst {n}", by=admin)

    add(1)
    one = count()
    add(2)
    add(3)
    assert count() == one


# ---------------------------------------------------------------- questions


def ask_url(call):
    return reverse("calls:enquiry_ask", args=[call.code])


def test_a_visitor_asks_and_is_thanked(client, call):
    page = client.post(ask_url(call), {"question": "Telt een vzw?", "email": "an@bedrijf.example"}, follow=True)
    assert "Het antwoord komt per mail" in text(page)
    assert Enquiry.objects.get().question == "Telt een vzw?"


def test_an_answer_reaches_the_page_without_its_asker(client, handler, call):
    enquiry = enquiries.ask(call, question="Telt een vzw? Groet, An", email="an@bedrijf.example", name="An")
    handler.post(reverse("calls:enquiry_answer", args=[enquiry.pk]), {"text": "Neen."})
    url = reverse("calls:enquiry_publish", args=[enquiry.pk])
    refused = handler.post(url, {"question": "Telt een vzw? Groet, An"})
    assert refused.status_code == 422
    assert "Haal dat weg" in text(refused)
    handler.post(url, {"question": "Telt een vzw?"})
    page = text(client.get(detail(call)))
    assert "Telt een vzw?" in page
    assert "Neen." in page
    assert "an@bedrijf.example" not in page


def test_the_sixth_question_in_an_hour_waits_and_nothing_typed_is_lost(client, call):
    for n in range(5):
        client.post(ask_url(call), {"question": f"Vraag {n}", "email": "an@bedrijf.example"})
    page = client.post(ask_url(call), {"question": "Nog een vraag", "email": "an@bedrijf.example"})
    assert page.status_code == 429
    assert "Nog een vraag" in text(page)
    assert Enquiry.objects.count() == 5


def test_a_program_that_fills_in_everything_leaves_nothing(client, call):
    client.post(ask_url(call), {"question": "Koop", "email": "bot@spam.example", "website": "http://spam.example"})
    assert not Enquiry.objects.exists()


@pytest.mark.parametrize(
    "data", [{"question": "", "email": "an@b.example"}, {"question": "Wat?", "email": "geen adres"}]
)
def test_an_incomplete_question_is_said_beside_its_field(client, call, data):
    page = client.post(ask_url(call), data)
    assert page.status_code == 422
    assert not Enquiry.objects.exists()


def test_questions_are_set_aside_with_a_reason(handler, call):
    enquiry = enquiries.ask(call, question="Koop goedkoop", email="bot@spam.example")
    assert "1 te beantwoorden" in text(handler.get(reverse("calls:enquiries")))
    handler.post(reverse("calls:enquiry_set_aside", args=[enquiry.pk]), {"reason": "Reclame"})
    assert "0 te beantwoorden" in text(handler.get(reverse("calls:enquiries")))


# ---------------------------------------------------------------- a longer deadline


def extend_url(call, phase=1):
    return reverse("calls:extend", args=[call.code, phase])


@pytest.mark.rule("DAT-03")
def test_a_case_handler_extends_for_everybody_with_both_times(client, handler, call):
    assert extend_url(call) in text(handler.get(detail(call)))
    data = {"closes_at": "2026-01-30T12:00", "reason": "Storing bij de provider", "confirm": "on"}
    unread = handler.post(extend_url(call), data)
    assert "Er is nog niets verlengd" in text(unread)
    assert not call.amendments.exists()
    page = handler.post(extend_url(call), read_mail(unread), follow=True)
    assert "tot en met 30/01/2026 om 12:00:00" in text(page)
    public = text(client.get(detail(call)))
    assert "was: 23/01/2026 om 12:00:00" in public
    assert "Storing bij de provider" in public
    assert "Eerder verlengd" in text(handler.get(extend_url(call)))


def read_mail(page):
    """What the page asks back: the form as it was filled in, with the mail in it."""
    form = page.context["form"]
    return {name: form[name].value() for name in form.fields}


def test_the_mail_about_an_extension_is_read_and_changed_before_it_goes(handler, call, drain_outbox):
    draft = ApplicationFactory(call=call)
    data = {"closes_at": "2026-01-30T12:00", "reason": "Storing bij de provider", "confirm": "on"}
    page = handler.post(extend_url(call), data | {"stap": "voorbeeld"})
    assert "Er is nog niets verlengd" in text(page)
    assert "wordt: 30/01/2026 om 12:00:00" in page.context["form"]["message"].value()
    assert not call.amendments.exists()
    sent = read_mail(page)
    later = handler.post(extend_url(call), sent | {"closes_at": "2026-01-31T12:00", "stap": "verstuur"})
    assert later.status_code == 422
    assert "is niet meer wat het was toen u deze mail las" in text(later)
    assert not call.amendments.exists()
    own = "Beste\n\nU krijgt een week langer, na de storing van maandag.\n\n{dossiers}"
    assert handler.post(extend_url(call), sent | {"message": own, "stap": "verstuur"}).status_code == 302
    drain_outbox()
    mail = MailRecord.objects.get(key__startswith="amendment:", to=draft.representative.email)
    assert mail.text.startswith("Beste\n\nU krijgt een week langer, na de storing van maandag.\n\n- " + draft.number)
    assert mail.subject.startswith("Meer tijd voor")
    assert trail.history(call).last().changes["message"] == own


def test_a_mail_that_was_read_and_left_as_it_is_goes_in_the_words_of_the_portal(handler, call, drain_outbox):
    draft = ApplicationFactory(call=call)
    data = {"closes_at": "2026-01-30T12:00", "reason": "Storing\r\nbij de provider", "confirm": "on"}
    sent = read_mail(handler.post(extend_url(call), data | {"stap": "voorbeeld"}))
    as_a_browser = {name: str(value).replace("\r", "").replace("\n", "\r\n") for name, value in sent.items()}
    assert handler.post(extend_url(call), as_a_browser | {"stap": "verstuur"}).status_code == 302
    drain_outbox()
    assert "message" not in trail.history(call).last().changes
    assert f"- {draft.number} {draft.title}" in MailRecord.objects.filter(key__startswith="amendment:")[0].text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"closes_at": "2026-01-22T12:00"}, "Een termijn wordt alleen langer"),
        ({"closes_at": "morgen"}, "Dit is geen moment"),
        ({"reason": ""}, "Dit veld is verplicht"),
        ({"confirm": ""}, "Bevestig dit eerst"),
    ],
)
def test_an_extension_that_is_none_is_said_and_kept_in_the_form(handler, call, changes, message):
    data = {"closes_at": "2026-01-30T12:00", "reason": "Storing", "confirm": "on"} | changes
    page = handler.post(extend_url(call), data)
    assert page.status_code == 422
    assert message in text(page)
    assert call.phase(1).closes_at == portal_clock.moment("2026-01-23T12:00")


def test_after_the_deadline_there_is_no_form_left(handler, call, clock):
    clock.set("2026-01-23T12:00:01")
    assert "Deze fase is voorbij" in text(handler.get(extend_url(call)))
    data = {"closes_at": "2026-01-30T12:00", "reason": "Storing", "confirm": "on"}
    assert "sloot op 23/01/2026 om 12:00:00" in text(handler.post(extend_url(call), data))


def test_applicants_and_experts_extend_nothing(as_role, as_applicant, call):
    for client in (as_role(Role.EXPERT), as_role(Role.COMMITTEE_MEMBER), as_applicant(OrganisationFactory())):
        assert client.get(extend_url(call)).status_code == 404


# ---------------------------------------------------------------- pre-discussions


@pytest.fixture
def early(clock):
    clock.set("2025-12-02T10:00")


@pytest.mark.rule("PRE-01")
@pytest.mark.rule("PRE-02")
@pytest.mark.rule("DOC-01")
def test_an_idea_goes_from_the_call_s_page_to_advice(early, as_applicant, handler, call, clock):
    asker = as_applicant(OrganisationFactory())
    url = reverse("calls:prediscussion_ask", args=[call.code])
    assert url in text(asker.get(detail(call)))
    assert "voorbespreking-2025.docx" in text(asker.get(url))
    page = asker.post(url, {**TEXT, "organisation": asker.organisation.pk, "file": small_pdf("idee.pdf")}, follow=True)
    assert "Nog geen tijdstip" in text(page)
    idea = Prediscussion.objects.get()

    assert "Voeg momenten toe" in text(handler.get(reverse("calls:prediscussion", args=[idea.pk])))
    data = {"day": "2025-12-08", "starts": "09:00", "ends": "10:00", "minutes": 30, "place": "online"}
    handler.post(reverse("calls:prediscussion_slots", args=[call.code]), data)
    slot = PrediscussionSlot.objects.first()
    handler.post(reverse("calls:prediscussion_plan", args=[idea.pk]), {"slot": slot.pk})
    ics = asker.get(reverse("calls:prediscussion_appointment", args=[idea.pk]))
    assert b"DTSTART:20251208T080000Z" in ics.content
    assert b"".join(asker.get(reverse("calls:prediscussion_file", args=[idea.pk])).streaming_content)[:4] == b"%PDF"

    clock.set("2025-12-08T09:40")
    handler.post(reverse("calls:prediscussion_advise", args=[idea.pk]), {"advice": "Zoek aansluiting bij de bouw."})
    assert "Zoek aansluiting bij de bouw." in text(asker.get(reverse("calls:prediscussion", args=[idea.pk])))
    assert Prediscussion.objects.get().state == PrediscussionState.ADVISED


@pytest.mark.rule("PRE-01")
def test_after_the_pre_registrations_the_form_says_that_it_is_too_late(as_applicant, call, clock):
    clock.set("2026-01-24T10:00")
    asker = as_applicant(OrganisationFactory())
    url = reverse("calls:prediscussion_ask", args=[call.code])
    assert "sloot op 23/01/2026" in text(asker.get(url))
    late = asker.post(url, {**TEXT, "organisation": asker.organisation.pk})
    assert late.status_code == 422
    assert "Een keten van bouwers." in text(late)
    assert not Prediscussion.objects.exists()


def test_a_slot_that_was_taken_meanwhile_is_said(early, handler, call):
    asker = MembershipFactory().user
    organisation = asker.memberships.get().organisation
    first, second = (prediscussions.ask(call, organisation, by=asker, **TEXT) for _ in range(2))
    slot, _other = slots(call, handler.user)
    handler.post(reverse("calls:prediscussion_plan", args=[first.pk]), {"slot": slot.pk})
    page = handler.post(reverse("calls:prediscussion_plan", args=[second.pk]), {"slot": slot.pk})
    assert page.status_code == 422
    assert "intussen bezet" in text(page)


def test_an_idea_is_a_404_for_everybody_else(early, as_role, as_applicant, call):
    asker = MembershipFactory().user
    idea = prediscussions.ask(call, asker.memberships.get().organisation, by=asker, **TEXT)
    names = ("prediscussion", "prediscussion_file", "prediscussion_appointment")
    for stranger in (as_applicant(OrganisationFactory()), as_role(Role.EXPERT), as_role(Role.SECRETARY)):
        for name in names:
            assert stranger.get(reverse(f"calls:{name}", args=[idea.pk])).status_code == 404
        assert stranger.post(reverse("calls:prediscussion_withdraw", args=[idea.pk])).status_code == 404
