"""A survey among members: questions as rows, personal links, completeness, response and results by group (HE-06 ... 10, HK-12)."""

from datetime import date
from decimal import Decimal

import pytest
from django.core import mail
from django.db import DatabaseError

from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError, NotAllowed, TooLate, WrongState
from ibnportal.core.outbox.models import MailRecord
from monitoring.documents import questionnaire
from monitoring.domain import survey_results, surveys
from monitoring.models import MemberSurvey, SurveyInvitation
from tests.factories.monitoring import member, staff, team

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    crew = team()
    for number in range(6):
        member(crew.network, contact_email=f"lid{number}@bedrijf{number}.be")
    member(crew.network)
    return crew


@pytest.fixture
def draft(crew):
    read = questionnaire.read()
    return surveys.draft("Bevraging 2027", read.questions, min_group=2, by=crew.manager)


@pytest.fixture
def running(crew, draft):
    surveys.open(draft, closes_on=date(2027, 3, 31), by=crew.manager)
    return draft


def full(survey, *, active=1, wanted=("e1",), relevance=3, contribution=75):
    """A complete answer: some effects wanted, all else with its first option."""
    given = {}
    for question in survey.questions.all():
        value = question.options[0]["value"]
        given[str(question.number)] = {item["code"]: value for item in question.items}
    given["1"] = {"0": active}
    given["2"] = {"0": relevance}
    given["3"] = {code: int(code in wanted) for code in given["3"]}
    given["4"] = dict.fromkeys(wanted, 2)
    given["5"] = dict.fromkeys(wanted, 1)
    given["6"] = dict.fromkeys(wanted, contribution)
    return given


@pytest.mark.rule("HE-09")
def test_the_ten_questions_are_rows_with_eleven_effects_in_three_groups(draft):
    questions = list(draft.questions.all())
    assert [question.number for question in questions] == list(range(1, 11))
    effects = questions[2].items
    assert (len(effects), len({item["group"] for item in effects})) == (11, 3)
    assert [option["value"] for option in questions[5].options] == [100, 75, 50, 25, 0]
    draft.questions.filter(number=2).update(text="Anders gevraagd?")
    assert draft.questions.get(number=2).text == "Anders gevraagd?"


def test_every_member_with_an_address_gets_a_link_that_the_record_does_not_keep(crew, running, drain_outbox):
    assert running.invitations.count() == 6
    drain_outbox()
    sent = [message for message in mail.outbox if "bevraging/" in message.body]
    assert len(sent) == 6
    for invitation in running.invitations.all():
        token = surveys.token_of(invitation)
        assert any(f"/bevraging/{token}/" in message.body for message in sent)
        assert surveys.find(token) == invitation
        assert not MailRecord.objects.filter(text__contains=token).exists()
        assert token not in invitation.token_hash
    assert surveys.find("geraden") is None


def test_a_round_opens_once_in_time_and_by_an_account_manager(crew, draft):
    with pytest.raises(DomainError, match="te vroeg"):
        surveys.open(draft, closes_on=date(2027, 3, 1), by=crew.manager)
    with pytest.raises(NotAllowed):
        surveys.open(draft, closes_on=date(2027, 3, 31), by=crew.officer)
    surveys.open(draft, closes_on=date(2027, 3, 31), by=crew.manager)
    with pytest.raises(WrongState):
        surveys.open(draft, closes_on=date(2027, 3, 31), by=crew.manager)


@pytest.mark.rule("HE-10")
def test_only_a_complete_answer_counts_and_then_it_stays(running):
    invitation = running.invitations.first()
    part = full(running)
    del part["9"]
    surveys.answer(invitation, part)
    assert invitation.completed_at is None
    questions = list(running.questions.all())
    assert [question.number for question, _ in surveys.missing(questions, invitation.answers)] == [9]
    assert survey_results.response([invitation]).complete == 0
    surveys.answer(invitation, full(running))
    assert invitation.completed_at is not None
    with pytest.raises(WrongState):
        surveys.answer(invitation, full(running))
    with pytest.raises(DatabaseError):
        SurveyInvitation.objects.filter(pk=invitation.pk).update(answers={})


def test_what_is_not_wanted_is_not_asked_further(running):
    invitation = running.invitations.first()
    given = full(running, wanted=())
    given["6"] = {"e1": 50}
    surveys.answer(invitation, given)
    assert invitation.completed_at is not None
    assert invitation.answers["6"] == {}


@pytest.mark.parametrize("value", [5, -1, 101])
def test_a_value_that_is_no_answer_is_refused(running, value):
    with pytest.raises(DomainError, match="vraag 2"):
        surveys.answer(running.invitations.first(), {**full(running), "2": {"0": value}})


def test_the_last_day_counts_whole_and_then_it_is_over(running, clock):
    first, second = running.invitations.all()[:2]
    clock.set("2027-03-31T23:59:59")
    surveys.answer(first, full(running))
    clock.set("2027-04-01T00:00:00")
    with pytest.raises(TooLate):
        surveys.answer(second, full(running))


def test_reminders_go_to_who_did_not_finish_at_most_once_a_day(crew, running, clock):
    with pytest.raises(WrongState):
        surveys.remind(running, by=crew.manager)
    clock.advance(days=2)
    surveys.answer(running.invitations.first(), full(running))
    assert surveys.remind(running, by=crew.manager) == 5
    with pytest.raises(WrongState):
        surveys.remind(running, by=crew.manager)
    clock.advance(days=2)
    assert surveys.remind(running, by=crew.manager) == 5
    assert MailRecord.objects.filter(subject__startswith="Nog even").count() == 10


@pytest.mark.rule("HE-06")
@pytest.mark.rule("HK-12")
def test_results_are_crossed_by_profile_and_small_groups_are_not_shown(running):
    invitations = list(running.invitations.order_by("pk"))
    for invitation, active, relevance in zip(invitations, (1, 1, 1, 0, 0), (4, 3, 3, 1, 2), strict=False):
        surveys.answer(invitation, full(running, active=active, relevance=relevance))
    questions = list(running.questions.all())
    groups = survey_results.groups_of(invitations, questions, "participation")
    assert {name: len(rows) for name, rows in groups.items()} == {"Alle leden": 5, "Actief": 3, "Niet actief": 2}
    line = next(one for one in survey_results.lines(questions, groups, min_group=3) if one.question.number == 2)
    assert [mean.value for mean in line.means] == [Decimal("2.60"), Decimal("3.33"), None]
    for dimension, name in (("call", "Oproep"), ("size", "Grootte onbekend"), ("embedding", "Inbedding onbekend")):
        assert any(group.startswith(name) for group in survey_results.groups_of(invitations, questions, dimension))


@pytest.mark.rule("HE-09")
def test_the_matrices_follow_from_the_answers(running):
    invitations = list(running.invitations.order_by("pk"))
    surveys.answer(invitations[0], full(running, wanted=("e1", "e2"), contribution=100))
    surveys.answer(invitations[1], full(running, wanted=("e1",), contribution=50))
    surveys.answer(invitations[2], full(running, wanted=()))
    done = [one for one in invitations if one.completed_at]
    first, second, *_ = survey_results.effects(list(running.questions.all()), done, min_group=1)
    assert (first.wanted.value, first.realised.value, first.contribution.value) == (
        Decimal("1.33"), Decimal("1.00"), Decimal("75.00")
    )  # fmt: skip
    assert (second.wanted.value, second.wanted.base, second.contribution.base) == (Decimal("0.67"), 3, 1)


def test_a_company_answers_without_an_account(running, client, clock):
    invitation = running.invitations.first()
    address = f"/bevraging/{surveys.token_of(invitation)}/"
    page = client.get(address).content.decode()
    assert "Tien vragen" in page
    for other in running.invitations.all()[1:]:
        assert other.organisation.name not in page
    posted = {f"v{number}-{code}": value for number, values in full(running).items() for code, value in values.items()}
    part = client.post(address, {name: value for name, value in posted.items() if not name.startswith("v9")})
    assert part.status_code == 422
    assert "Concurrentiekracht" in part.content.decode()
    assert "checked" in client.get(address).content.decode()
    for garbage in ("x", "9" * 40, "-1", "٣", ""):
        assert client.post(address, {**posted, "v2-0": garbage}).status_code == 422
    assert client.post(address, posted).status_code == 302
    assert "Bedankt" in client.get(address).content.decode()
    assert client.post(address, posted).status_code == 409
    assert client.get("/bevraging/verkeerd/").status_code == 404


def test_the_pages_of_staff(crew, as_user, as_role):
    manager = as_user(crew.manager)
    assert manager.post("/bevragingen/", {"title": ""}).status_code == 422
    assert manager.post("/bevragingen/", {"title": "Ronde 1"}).status_code == 302
    survey = MemberSurvey.objects.get()
    page = f"/bevragingen/{survey.pk}/"
    assert "6 leden van lopende netwerken" in manager.get(page).content.decode()
    assert manager.post(f"{page}openen/", {"closes_on": "gisteren"}).status_code == 422
    assert manager.post(f"{page}openen/", {"closes_on": "2027-04-30"}).status_code == 302
    reader = as_role(Role.POLICY_READER)
    assert reader.post("/bevragingen/", {"title": "x"}).status_code == 404
    for profile in ("all", "call", "size", "embedding", "participation", "onzin"):
        assert reader.get(f"{page}?profiel={profile}").status_code == 200
    assert reader.get(f"{page}?formaat=csv").status_code == 200
    assert reader.post(f"{page}herinneren/").status_code == 404
    assert manager.post(f"{page}herinneren/").status_code == 302
    assert as_user(crew.worker).get(page).status_code == 404
    assert staff(Role.EXPERT)
    assert as_role(Role.EXPERT).get("/bevragingen/").status_code == 404


def test_a_result_page_costs_the_same_for_six_answers_and_for_none(crew, running, as_user, django_assert_num_queries):
    client = as_user(crew.manager)
    client.get(f"/bevragingen/{running.pk}/")
    for _ in range(2):
        with django_assert_num_queries(5):
            assert "Respons" in client.get(f"/bevragingen/{running.pk}/").content.decode()
        for invitation in running.invitations.filter(completed_at=None):
            surveys.answer(invitation, full(running))


# ---------------------------------------------------------------- the words of the questions


@pytest.mark.rule("HE-09")
def test_a_question_can_be_reworded_until_it_is_asked(crew, draft):
    question = draft.questions.get(number=2)
    officer, administrator = crew.officer, staff(Role.ADMINISTRATOR)
    surveys.reword(question, theme=" Nut ", text="Hoe nuttig  is het aanbod?", by=administrator)
    question.refresh_from_db()
    assert (question.theme, question.text) == ("Nut", "Hoe nuttig is het aanbod?")
    with pytest.raises(DomainError, match="Vul het thema en de vraag in"):
        surveys.reword(question, theme="Nut", text=" ", by=administrator)
    with pytest.raises(NotAllowed):
        surveys.reword(question, theme="Nut", text="Anders?", by=officer)
    surveys.open(draft, closes_on=date(2027, 3, 31), by=crew.manager)
    with pytest.raises(WrongState, match="liggen vast"):
        surveys.reword(question, theme="Nut", text="Te laat?", by=administrator)
    with pytest.raises(DatabaseError, match="questions that were asked do not change"):
        draft.questions.filter(number=2).update(text="Buiten het domein om")


def test_the_admin_changes_words_of_a_draft_and_nothing_else(crew, draft, as_role):
    client = as_role(Role.ADMINISTRATOR)
    client.user.is_staff = True
    client.user.save()
    question = draft.questions.get(number=2)
    address = f"/beheer/monitoring/surveyquestion/{question.pk}/change/"
    assert client.get(address).status_code == 200
    client.post(address, {"theme": "Nut", "text": "Hoe nuttig is het aanbod?", "role": "active"})
    question.refresh_from_db()
    assert (question.text, question.role) == ("Hoe nuttig is het aanbod?", draft.questions.get(number=2).role)
    assert question.role != "active"
    surveys.open(draft, closes_on=date(2027, 3, 31), by=crew.manager)
    client.post(address, {"theme": "Nut", "text": "Te laat?"})
    question.refresh_from_db()
    assert question.text == "Hoe nuttig is het aanbod?"
