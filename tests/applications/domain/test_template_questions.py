"""What the manual asks an applicant to tell is a required question of the call's template, and missed when it is not answered."""

from dataclasses import replace

import pytest

from applications.domain import admissibility, completeness
from applications.domain.snapshot import AnswerItem, SectionItem
from calls.models import Question
from tests.applications.domain.sample import AT, RULES, dossier, letters
from tests.factories.calls import install_call


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("phase", "section", "code"),
    [
        pytest.param(1, "beleid", "beleidsdocument", marks=pytest.mark.rule("POS-02")),
        pytest.param(1, "doelgroep", "startups", marks=pytest.mark.rule("TGT-07")),
        pytest.param(2, "aanpak", "startups", marks=pytest.mark.rule("TGT-07")),
        pytest.param(
            2, "gedragenheid", "representativiteit", marks=[pytest.mark.rule("TGT-05"), pytest.mark.rule("TGT-10")]
        ),
        pytest.param(2, "organisatie", "niet-bedrijven", marks=pytest.mark.rule("ROL-17")),
        pytest.param(2, "organisatie", "nieuwe-leden", marks=[pytest.mark.rule("NET-05"), pytest.mark.rule("DOC-18")]),
    ],
)
def test_the_template_asks_it_and_an_empty_answer_is_a_gap(phase, section, code):
    call = install_call("2025")
    question = Question.objects.get(section__call=call, section__phase=phase, section__code=section, code=code)
    empty = AnswerItem(code, question.label, question.answer_type, question.is_required, question.word_limit, "", "", 0)
    given = dossier(phase, sections=(SectionItem(section, "Onderdeel", (empty,)),))
    assert [gap.message for gap in completeness.gaps(given, RULES)] == [
        f"Onderdeel: “{question.label}” is niet beantwoord."
    ]
    filled = replace(empty, value="x", display="x", words=1)
    assert completeness.gaps(replace(given, sections=(SectionItem(section, "Onderdeel", (filled,)),)), RULES) == []


@pytest.mark.rule("DOC-03")
@pytest.mark.rule("P1-SUB-05")
def test_a_pre_registration_has_its_deck():
    assert [gap.rule_id for gap in completeness.gaps(dossier(1, documents=()), RULES)] == ["DOC-03"]


@pytest.mark.rule("P1-SUB-06")
@pytest.mark.rule("APL-02")
@pytest.mark.rule("ROL-01")
def test_the_support_and_the_mandate_are_the_letters():
    def outcome(phase, count):
        results = admissibility.judge(dossier(phase, letters=letters(count, phase=phase)), RULES, at=AT)
        return next(item.outcome for item in results if item.where == "letters")

    assert (outcome(1, 10), outcome(1, 9)) == ("yes", "no")
    assert (outcome(2, 30), outcome(2, 29)) == ("yes", "no")


@pytest.mark.rule("ROL-02")
@pytest.mark.rule("ROL-03")
@pytest.mark.rule("APL-05")
def test_one_beneficiary_that_carries_it_out_is_known():
    assert [gap.rule_id for gap in completeness.gaps(dossier(beneficiary=None), RULES)] == ["APL-05"]
    assert completeness.gaps(dossier(), RULES) == []


@pytest.mark.rule("APL-01")
def test_an_applicant_without_legal_personality_is_seen():
    given = dossier()
    without = replace(given, applicant=replace(given.applicant, has_legal_personality=False))
    found = {item.rule_id: item.outcome for item in admissibility.judge(without, RULES, at=AT)}
    assert found["P2-ADM-04"] == "no"


@pytest.mark.rule("DOC-06")
@pytest.mark.rule("DOC-07")
@pytest.mark.rule("DOC-09")
@pytest.mark.rule("KPI-01")
@pytest.mark.rule("P2-SUB-01")
@pytest.mark.parametrize(
    ("missing", "rule_id"), [({"budget": None}, "DOC-06"), ({"cofinancing": ()}, "DOC-07"), ({"kpis": ()}, "KPI-12")]
)
def test_a_full_proposal_has_budget_plan_and_targets(missing, rule_id):
    assert rule_id in [gap.rule_id for gap in completeness.gaps(dossier(**missing), RULES)]
