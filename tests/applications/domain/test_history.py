"""The history of an answer: nothing that was left is ever gone, and the keystrokes of one sitting are one version."""

import pytest

from applications.domain import drafts
from applications.models import Answer, AnswerVersion
from ibnportal.core.errors import DomainError
from tests.factories.applications import ApplicationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(clock):
    return ApplicationFactory()


@pytest.fixture
def question(draft):
    return draft.call.sections.get(phase=1, code="initiatief").questions.get(code="samenvatting")


@pytest.fixture
def save(draft, question, clock):
    def keep(text, *, by=None, **options):
        answer = Answer.objects.filter(application=draft, question=question).first()
        clock.advance(minutes=1)
        return drafts.save_answer(
            draft, question, text, version=answer.version if answer else 0, by=by or draft.representative, **options
        )

    return keep


def texts(answer):
    return list(answer.versions.values_list("value", flat=True))


def test_every_saved_text_stays_with_who_and_when(draft, save):
    save("Eerste tekst.")
    answer = save("Tweede tekst.", by=draft.colleague)
    assert texts(answer) == ["Tweede tekst.", "Eerste tekst."]
    assert [version.saved_by for version in answer.versions.all()] == [draft.colleague, draft.representative]


def test_keystrokes_of_one_sitting_are_one_version(save):
    for text in ("Wij", "Wij bouwen", "Wij bouwen samen aan hergebruik"):
        answer = save(text, is_autosaved=True)
    assert texts(answer) == ["Wij bouwen samen aan hergebruik"]
    assert answer.versions.get().version == answer.version == 3


def test_a_new_sitting_is_a_new_version(save, clock):
    save("Wij bouwen", is_autosaved=True)
    clock.advance(minutes=10)
    answer = save("Wij bouwen samen", is_autosaved=True)
    assert texts(answer) == ["Wij bouwen samen", "Wij bouwen"]


def test_the_keystrokes_of_a_colleague_never_hide_mine(draft, save):
    save("Wij bouwen samen", is_autosaved=True)
    answer = save("Wij bouwen samen aan hergebruik", is_autosaved=True, by=draft.colleague)
    assert texts(answer) == ["Wij bouwen samen aan hergebruik", "Wij bouwen samen"]


def test_a_text_wiped_by_a_slip_of_the_hand_can_be_found_again(save):
    save("Een lange tekst waaraan een avond geschreven is", is_autosaved=True)
    answer = save("", is_autosaved=True)
    assert texts(answer) == ["", "Een lange tekst waaraan een avond geschreven is"]


def test_what_is_saved_by_the_button_is_not_swallowed_by_later_keystrokes(save):
    save("Afgewerkt.")
    answer = save("Afgewerkt. Toch niet.", is_autosaved=True)
    assert texts(answer) == ["Afgewerkt. Toch niet.", "Afgewerkt."]


def test_an_answer_from_before_there_was_a_history_keeps_its_text(draft, question, save):
    answer = save("Van vroeger.")
    AnswerVersion.objects.all().delete()
    answer = save("Van nu.")
    assert texts(answer) == ["Van nu.", "Van vroeger."]


def test_an_earlier_text_comes_back_as_a_new_version(draft, question, save):
    save("Eerste tekst.")
    save("Tweede tekst.")
    answer = drafts.restore(draft, question, 1, over=2, by=draft.colleague)
    assert (answer.value, answer.version) == ("Eerste tekst.", 3)
    assert texts(answer) == ["Eerste tekst.", "Tweede tekst.", "Eerste tekst."]
    assert answer.versions.first().restored_from == 1


def test_putting_back_over_a_text_one_did_not_see_is_a_conflict(draft, question, save):
    save("Eerste tekst.")
    save("Tweede tekst.")
    save("Derde tekst van een collega.", by=draft.colleague)
    with pytest.raises(drafts.AnswerConflict) as caught:
        drafts.restore(draft, question, 1, over=2, by=draft.representative)
    assert caught.value.current.value == "Derde tekst van een collega."
    assert Answer.objects.get(question=question).version == 3


def test_a_version_that_does_not_exist_is_said_so(draft, question, save):
    save("Eerste tekst.")
    with pytest.raises(DomainError, match="bestaat niet"):
        drafts.restore(draft, question, 7, over=1, by=draft.representative)
