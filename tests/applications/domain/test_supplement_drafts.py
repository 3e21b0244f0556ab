"""Writing the answer to a request: by several people, only what was opened, and nothing typed is lost (manual 5.3.2)."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from applications.domain import snapshot, supplement_drafts, supplements, versions
from applications.domain.supplement_drafts import DraftConflict
from applications.domain.supplements import Item
from applications.enums import ApplicationState as S
from applications.models import Supplement
from calls.models import Call, CallRules
from ibnportal.core import clock as portal_clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError, NotAllowed, TooLate, WrongState
from ibnportal.core.outbox.models import MailRecord
from ibnportal.core.workdays import add_working_days, deadline_after
from ibnportal.core.workdays.models import ClosingDay
from tests.factories.applications import COSTS, ApplicationFactory, budget_upload
from tests.factories.core import pdf_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler(make_user):
    return make_user(Role.CASE_HANDLER)


@pytest.fixture
def application(clock):
    clock.set("2026-05-13T09:00")
    return ApplicationFactory(state=S.P2_SUBMITTED)


def pdf(pages=1, name="bijlage.pdf"):
    return SimpleUploadedFile(name, pdf_bytes(pages), content_type="application/pdf")


def asked(application, handler, *items, **options):
    return supplements.ask(application, items=items or ("Een taakverdeling",), by=handler, **options)


# ---------------------------------------------------------------- the term


@pytest.mark.rule("P2-COM-02", "DAT-08")
def test_asked_on_13_may_2026_the_last_day_is_2_june(application, handler):
    """Not counted: 13 May itself, Ascension (Thursday 14) and Whit Monday (25), and the weekends."""
    supplement = asked(application, handler)
    assert portal_clock.local(supplement.due_at).isoformat() == "2026-06-02T23:59:59.999999+02:00"


@pytest.mark.rule("P2-COM-02", "DAT-08")
@pytest.mark.parametrize(
    ("asked_on", "last_day"),
    [
        (date(2026, 7, 3), date(2026, 7, 22)),  # 21 July is no working day; 11 July is a Saturday this year
        (date(2027, 7, 1), date(2027, 7, 19)),  # 11 July on a Sunday
        (date(2025, 7, 4), date(2025, 7, 24)),  # the Flemish holiday on Friday 11 July and 21 July both in the way
        (date(2026, 12, 18), date(2027, 1, 13)),  # the week between Christmas and New Year is closed
        (date(2026, 5, 12), date(2026, 6, 1)),
    ],
)
def test_the_closing_days_of_the_agency_do_not_count(asked_on, last_day, db):
    from ibnportal.core.workdays.seed import seed_closing_days

    seed_closing_days(range(2025, 2029))
    assert portal_clock.local(deadline_after(asked_on, 12)).date() == last_day


@pytest.mark.rule("DAT-08")
def test_a_closing_day_that_the_agency_adds_moves_the_end(application, handler):
    ClosingDay.objects.create(date=date(2026, 5, 15), name="Brugdag")
    assert portal_clock.local(asked(application, handler).due_at).date() == date(2026, 6, 3)
    assert add_working_days(date(2026, 5, 13), 1, {date(2026, 5, 15)}) == date(2026, 5, 18)


@pytest.mark.rule("NOT-05")
def test_the_reminder_goes_once_three_working_days_before_the_end(application, handler, clock):
    supplement = asked(application, handler)
    assert supplement.remind_on == date(2026, 5, 28)
    clock.set("2026-05-27T23:59")
    assert supplements.remind_due() == 0
    clock.set("2026-05-28T06:00")
    assert (supplements.remind_due(), supplements.remind_due()) == (1, 0)
    mail = MailRecord.objects.get(key__startswith="supplement-reminder")
    assert "1. Een taakverdeling" in mail.text
    assert "2\N{NO-BREAK SPACE}juni 2026 om 23.59" in mail.text


def test_who_answered_is_not_reminded(application, handler, clock):
    asked(application, handler)
    supplements.answer(application, text="Hier.", by=application.representative, received_at=clock.now())
    clock.set("2026-05-28T06:00")
    assert supplements.remind_due() == 0


# ---------------------------------------------------------------- only what was opened


@pytest.mark.rule("P2-COM-01")
def test_a_section_that_was_opened_comes_back_with_the_new_answers_and_nothing_else_changes(
    application, handler, clock
):
    before = snapshot.read(application.latest_submission(2))
    part = before.sections[0]
    supplement = asked(application, handler, Item("Maak dit concreter.", "section", part.code))
    item, question = supplement.items.get(), part.answers[0]
    supplement_drafts.save_item(
        item, answer="Aangepast.", answers={question.code: "Een concreter antwoord."}, version=0,
        by=application.colleague,
    )  # fmt: skip
    version = supplements.answer(application, by=application.representative, received_at=clock.now())
    after = snapshot.read(version)
    assert after.sections[0].answers[0].value == "Een concreter antwoord."
    assert after.sections[0].answers[0].words == 3
    assert after.sections[0].answers[1:] == part.answers[1:]
    assert after.sections[1:] == before.sections[1:]
    assert after.supplement.items == (("Maak dit concreter.", "Aangepast."),)
    [change] = versions.compare(before, after, version.rules.frozen())
    assert (change.old, change.new) == (question.display, "Een concreter antwoord.")


@pytest.mark.rule("P2-COM-01")
def test_what_was_not_opened_stays_closed(application, handler):
    sections = snapshot.read(application.latest_submission(2)).sections
    supplement = asked(application, handler, "In woorden.", Item("Dit.", "section", sections[0].code))
    in_words, opened = supplement.items.all()
    other = sections[1].answers[0].code
    with pytest.raises(DomainError, match="hoort niet bij wat gevraagd is"):
        supplement_drafts.save_item(opened, answers={f"{other}-x": "Sluiks"}, version=0, by=application.representative)
    with pytest.raises(DomainError, match="staat geen onderdeel open"):
        supplement_drafts.save_item(in_words, answers={other: "Sluiks"}, version=0, by=application.representative)
    with pytest.raises(DomainError, match="geen bestand gevraagd"):
        supplement_drafts.attach_document(in_words, pdf(), by=application.representative)


@pytest.mark.rule("P2-COM-01")
def test_an_annex_that_was_asked_takes_its_place_in_the_dossier(application, handler, clock):
    supplement = asked(application, handler, Item("Het werkplan, volledig.", "document", "work_plan"))
    supplement_drafts.attach_document(supplement.items.get(), pdf(name="werkplan-2.pdf"), by=application.colleague)
    version = supplements.answer(application, by=application.representative, received_at=clock.now())
    assert [item.file.name for item in snapshot.read(version).documents] == ["werkplan-2.pdf"]


@pytest.mark.rule("P2-COM-01")
def test_a_part_that_the_dossier_does_not_have_is_refused(application, handler):
    with pytest.raises(DomainError, match="zit niet in dit dossier"):
        asked(application, handler, Item("Iets.", "section", "bestaat-niet"))
    assert not Supplement.objects.exists()


# ---------------------------------------------------------------- the draft


def test_two_people_in_one_answer_lose_nothing(application, handler):
    item = asked(application, handler).items.get()
    supplement_drafts.save_item(item, answer="Van An.", version=0, by=application.representative)
    with pytest.raises(DraftConflict) as conflict:
        supplement_drafts.save_item(item, answer="Van Bram.", version=0, by=application.colleague)
    assert conflict.value.current.answer == "Van An."
    assert supplement_drafts.save_item(item, answer="Van beiden.", version=1, by=application.colleague).version == 2


@pytest.mark.rule("P2-COM-06")
def test_one_second_late_is_refused_with_both_times_and_the_draft_is_kept(application, handler, clock):
    supplement = asked(application, handler)
    supplement_drafts.save_item(
        supplement.items.get(), answer="Op tijd geschreven.", version=0, by=application.representative
    )
    clock.set("2026-06-03T00:00:00")
    with pytest.raises(TooLate) as refused:
        supplements.answer(application, by=application.representative, received_at=clock.now())
    said = refused.value.message.replace("\N{NO-BREAK SPACE}", " ")
    assert "3 juni 2026 om 00.00.00 uur" in said
    assert "2 juni 2026 om 23.59.59 uur" in said
    assert supplement.items.get().answer == "Op tijd geschreven."
    assert application.latest_submission(2).version == 1


def test_a_stranger_and_a_handed_in_answer_are_closed(application, handler, make_user, clock):
    supplement = asked(application, handler)
    with pytest.raises(NotAllowed):
        supplement_drafts.save_text(supplement, "Van een vreemde", version=0, by=make_user())
    supplements.answer(application, text="Klaar.", by=application.representative, received_at=clock.now())
    with pytest.raises(WrongState, match="Aanvullen kan nu niet"):
        supplement_drafts.save_text(supplement, "Nog iets", version=1, by=application.representative)


@pytest.mark.rule("P2-COM-03")
@pytest.mark.parametrize(("most", "pages", "fits"), [(5, 5, True), (5, 6, False), (8, 8, True), (2, 3, False)])
def test_the_call_says_how_many_pages_an_annex_may_have(application, handler, most, pages, fits):
    import pgtrigger

    with pgtrigger.ignore("calls.CallRules:frozen_rules_are_kept"):
        CallRules.objects.filter(call=application.call).update(supplement_max_pages=most)
    supplement = asked(application, handler)
    if fits:
        assert supplement_drafts.attach_annex(supplement, pdf(pages), by=application.colleague).pages == pages
        return
    with pytest.raises(DomainError, match=f"telt {pages} bladzijden; er mogen er hoogstens {most}"):
        supplement_drafts.attach_annex(supplement, pdf(pages), by=application.colleague)


@pytest.mark.rule("P2-COM-05", "BUD-17")
def test_the_corrected_budget_shows_what_it_changes_before_it_is_sent(application, handler, clock):
    supplement = asked(application, handler, asks_budget=True)
    description, kind, amounts, months, motivation = COSTS[0]
    raised = [(description, kind, [amounts[0] + 1000, *amounts[1:]], months, motivation), *COSTS[1:]]
    supplement_drafts.attach_budget(supplement, budget_upload(application, raised), by=application.colleague)
    before = snapshot.read(application.latest_submission(2))
    version = supplements.answer(
        application, text="Zie begroting.", by=application.representative, received_at=clock.now()
    )
    changes = {
        change.label: (change.old, change.new)
        for change in versions.compare(before, snapshot.read(version), version.rules.frozen())
    }
    assert changes["Totale kosten"][0] != changes["Totale kosten"][1]
    assert set(changes) >= {"Projectjaar 1", "Totale kosten", "Gevraagde steun"}
    assert "Projectjaar 2" not in changes


# ---------------------------------------------------------------- phase 1


@pytest.mark.rule("P1-ADM-07")
def test_phase_1_has_a_completion_only_where_the_call_allows_it(handler, clock):
    import pgtrigger

    clock.set("2026-01-26T10:00")
    application = ApplicationFactory(state=S.P1_SUBMITTED, letters=9)
    assert not supplements.may_ask(application)
    with pytest.raises(WrongState):
        asked(application, handler)
    with pgtrigger.ignore("calls.CallRules:frozen_rules_are_kept"):
        CallRules.objects.filter(call=Call.objects.get(code="2025")).update(supplement_allowed_phase1=True)
    application.refresh_from_db()
    assert supplements.may_ask(application)
    supplement = asked(application, handler, "De tiende brief")
    assert (supplement.phase, application.state) == (1, S.P1_SUPPLEMENT_ASKED)
    clock.set("2026-02-12T08:00")
    assert supplements.expire_due() == 1
    application.refresh_from_db()
    assert application.state == S.P1_SUPPLEMENT_EXPIRED
