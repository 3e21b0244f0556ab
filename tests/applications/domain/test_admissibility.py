"""The admissibility criteria of both phases, as the manual lists them (5.2.2 and 5.3.2)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from applications.domain import admissibility
from applications.domain.conditions import CONDITIONS
from applications.domain.snapshot import Party, Person, SectionItem
from ibnportal.core import clock
from tests.applications.domain.sample import (
    AT,
    RULES,
    answer,
    budget,
    cost,
    dossier,
    letter,
    letters,
    member,
    statement,
)


def look(rule_id, given, rules=RULES, at=AT):
    return next(result for result in admissibility.judge(given, rules, at=at) if result.rule_id == rule_id)


@pytest.mark.parametrize("phase", [1, 2])
def test_a_complete_dossier_meets_every_criterion(phase):
    results = admissibility.judge(dossier(phase), RULES, at=AT)
    assert [result.rule_id for result in results if result.outcome != "yes"] == []
    assert len(results) == {1: 3, 2: 10}[phase]


@pytest.mark.rule("P1-ADM-01")
@pytest.mark.parametrize(
    ("received", "outcome"),
    [("2026-01-23T11:59:59", "yes"), ("2026-01-23T12:00:00", "yes"), ("2026-01-23T12:00:01", "no")],
)
def test_a_pre_registration_is_in_time_until_twelve_sharp(received, outcome):
    given = dossier(1, received_at=clock.moment(received), deadline_at=clock.moment("2026-01-23T12:00"))
    assert look("P1-ADM-01", given).outcome == outcome


@pytest.mark.rule("P1-ADM-01")
def test_a_late_one_is_told_both_times():
    given = dossier(1, received_at=clock.moment("2026-01-23T12:00:01"), deadline_at=clock.moment("2026-01-23T12:00"))
    assert look("P1-ADM-01", given).evidence == (
        "Het uiterste moment was 23/01/2026 om 12:00:00; het was toen 23/01/2026 om 12:00:01."
    )


@pytest.mark.rule("P1-ADM-02")
def test_the_pitch_deck_is_part_of_the_templates():
    result = look("P1-ADM-02", dossier(1, documents=()))
    assert result.outcome == "no"
    assert result.gaps == ("“Presentatie voor de pitch” ontbreekt (altijd bij een vooraanmelding).",)


@pytest.mark.rule("P1-ADM-02")
def test_an_unanswered_and_a_too_long_answer_are_named():
    section = SectionItem("s", "Samenvatting", (answer("", words=0), answer("lang", words=251, limit=250)))
    result = look("P1-ADM-02", dossier(1, sections=(section,)))
    assert result.evidence == "2 punten zijn niet in orde in de 2 vragen en bijlagen."
    assert result.gaps[1].endswith("telt 251 woorden, 1 te veel (ten hoogste 250).")


@pytest.mark.rule("P1-ADM-03")
@pytest.mark.rule("PRG-18")
@pytest.mark.parametrize(("count", "outcome"), [(9, "no"), (10, "yes"), (11, "yes")])
def test_a_pre_registration_holds_at_least_ten_valid_letters(count, outcome):
    result = look("P1-ADM-03", dossier(1, letters=letters(count, phase=1)))
    assert (result.outcome, result.evidence) == (outcome, f"{count} van 10 geldige brieven van Vlaamse ondernemingen.")


@pytest.mark.rule("P1-ADM-03")
def test_letters_that_lack_something_are_counted_and_named():
    given = (*letters(9, phase=1), letter(20, phase=1, file=None), letter(21, phase=1, declares_support=False))
    result = look("P1-ADM-03", dossier(1, letters=given))
    assert result.outcome == "no"
    assert result.evidence == "9 van 10 geldige brieven van Vlaamse ondernemingen; 2 andere missen iets."
    assert result.gaps[0] == "Onderneming 20: De ondertekende brief (PDF) ontbreekt nog."


@pytest.mark.rule("P1-ADM-03")
@pytest.mark.rule("TGT-03")
def test_a_tenth_letter_from_brussels_is_for_a_person_to_decide():
    given = (*letters(9, phase=1), letter(20, phase=1, postcode="1000", municipality="Brussel"))
    result = look("P1-ADM-03", dossier(1, letters=given))
    assert result.outcome == "unclear"
    assert "van 1 moet een persoon het adres beoordelen" in result.evidence


@pytest.mark.rule("P2-ADM-01")
def test_the_pre_registration_was_judged_positively():
    assert look("P2-ADM-01", dossier()).outcome == "yes"
    assert look("P2-ADM-01", dossier(preselected_at=None)).outcome == "no"


@pytest.mark.rule("P2-ADM-02")
@pytest.mark.parametrize(("received", "outcome"), [("2026-05-11T12:00:00", "yes"), ("2026-05-11T12:00:01", "no")])
def test_a_full_dossier_is_in_time_until_twelve_sharp(received, outcome):
    assert look("P2-ADM-02", dossier(received_at=clock.moment(received))).outcome == outcome


@pytest.mark.rule("P2-ADM-03")
@pytest.mark.parametrize(
    ("missing", "gap"),
    [
        ({"budget": None}, "De begroting op het rekenblad van de oproep ontbreekt."),
        ({"cofinancing": ()}, "Het cofinancieringsplan is leeg."),
        ({"packages": ()}, "Het werkplan heeft nog geen werkpakketten."),
        ({"milestones": ()}, "Het werkplan heeft nog geen mijlpalen."),
        ({"team": ()}, "Het team is nog leeg: noem wie het project uitvoert."),
        ({"kpis": ()}, "Vul een streefwaarde in voor “Actieve ondernemingen”."),
        ({"beneficiary": None}, "De begunstigde clusterorganisatie is niet bekend."),
        (
            {"team": (member(is_cluster_manager=False, is_main_task=False),)},
            "De clustermanager is niet genoemd: duid aan wie het project leidt.",
        ),
    ],
)
def test_a_full_dossier_is_complete_on_its_templates(missing, gap):
    result = look("P2-ADM-03", dossier(**missing))
    assert (result.outcome, result.gaps) == ("no", (gap,))


@pytest.mark.rule("P2-ADM-03")
@pytest.mark.rule("DOC-10")
@pytest.mark.rule("DOC-11")
@pytest.mark.rule("DOC-12")
@pytest.mark.parametrize(("fact", "count"), [("uses_host", 4), ("uses_secondment", 1), ("has_spc_link", 1)])
def test_host_secondment_and_spearhead_link_ask_their_annexes(fact, count):
    everything = tuple(statement(condition.code) for condition in CONDITIONS)
    assert len(look("P2-ADM-03", dossier(**{fact: True}, conditions=everything)).gaps) == count
    assert look("P2-ADM-03", dossier(conditions=everything)).gaps == ()


@pytest.mark.rule("P2-ADM-03")
@pytest.mark.rule("APL-05")
def test_a_beneficiary_to_be_founded_is_known_by_its_name():
    given = dossier(
        beneficiary=None, is_beneficiary_to_be_founded=True, beneficiary_name="CIRMA vzw i.o.", founding_planned_on=date(2026, 11, 1)
    )  # fmt: skip
    assert look("P2-ADM-03", given).outcome == "yes"


@pytest.mark.rule("P2-ADM-04")
@pytest.mark.parametrize(
    ("personality", "number", "outcome"),
    [(True, "0400000986", "yes"), (True, "", "unclear"), (False, "0400000986", "no")],
)
def test_the_applicant_has_legal_personality(personality, number, outcome):
    applicant = Party(1, "Flux", number, "vzw", personality, "", "9000", "Gent")
    assert look("P2-ADM-04", dossier(applicant=applicant)).outcome == outcome


@pytest.mark.rule("P2-ADM-05")
def test_handing_in_is_signing_and_only_a_representative_can():
    assert (
        look("P2-ADM-05", dossier()).evidence
        == "Ingediend door Griet Claes, rechtsgeldig vertegenwoordiger van Flux vzw."
    )
    assert look("P2-ADM-05", dossier(submitted_by=Person(2, "Jan Maes", "j@flux.be", False))).outcome == "no"
    assert look("P2-ADM-05", dossier(submitted_by=None, representatives=())).outcome == "no"


@pytest.mark.rule("P2-ADM-06")
@pytest.mark.rule("DAT-10")
@pytest.mark.parametrize(("start", "outcome"), [(date(2027, 1, 1), "yes"), (date(2027, 1, 2), "no"), (None, "no")])
def test_the_project_starts_at_the_latest_on_1_january_2027(start, outcome):
    assert look("P2-ADM-06", dossier(start_on=start)).outcome == outcome


@pytest.mark.rule("P2-ADM-07")
@pytest.mark.rule("PRG-07")
@pytest.mark.parametrize(("months", "outcome"), [(36, "yes"), (35, "no"), (37, "no"), (None, "no")])
def test_the_project_lasts_36_months(months, outcome):
    assert look("P2-ADM-07", dossier(duration_months=months)).outcome == outcome


@pytest.mark.rule("P2-ADM-08")
@pytest.mark.rule("DUR-06")
@pytest.mark.parametrize(
    ("months", "outcome", "evidence"),
    [
        ((24, 24, 24), "yes", "72 mensmaanden, 2 VTE gemiddeld; nodig: 72 mensmaanden (2 VTE)."),
        ((24, 24, 22.5), "no", "70,5 mensmaanden, 1,96 VTE gemiddeld; nodig: 72 mensmaanden (2 VTE)."),
        (
            (18, 24, 30),
            "yes",
            "72 mensmaanden, 2 VTE gemiddeld; nodig: 72 mensmaanden (2 VTE). Let op: jaar 1 telt 1,5 VTE, minder dan 2.",
        ),
    ],
)
def test_at_least_two_fte_on_average_and_a_lean_year_is_a_warning(months, outcome, evidence):
    lines = [cost(year, 100000, months=count) for year, count in enumerate(months, start=1)]
    result = look("P2-ADM-08", dossier(budget=budget(*lines)))
    assert (result.outcome, result.evidence) == (outcome, evidence)


@pytest.mark.rule("P2-ADM-09")
@pytest.mark.rule("PRG-12")
@pytest.mark.parametrize(("year", "outcome"), [(450000, "yes"), (Decimal("450000.02"), "no")])
def test_the_support_asked_is_at_most_675_000_euro(year, outcome):
    result = look("P2-ADM-09", dossier(budget=budget(*(cost(y, year, months=24) for y in (1, 2, 3)))))
    assert result.outcome == outcome


@pytest.mark.rule("P2-ADM-10")
@pytest.mark.rule("PRG-19")
@pytest.mark.parametrize(("count", "outcome"), [(29, "no"), (30, "yes")])
def test_a_full_dossier_holds_at_least_thirty_letters(count, outcome):
    result = look("P2-ADM-10", dossier(letters=letters(count)))
    assert result.outcome == outcome
    assert result.evidence.startswith(f"{count} van 30 geldige brieven van individuele Vlaamse ondernemingen")


@pytest.mark.rule("P2-SUB-03")
def test_who_signed_in_phase_1_and_not_again_is_told():
    result = look("P2-ADM-10", dossier(letters=letters(30), earlier_letters=(letter(50, phase=1), letter(1, phase=1))))
    assert result.evidence.endswith("1 onderneming uit de vooraanmelding tekende niet opnieuw.")


@pytest.mark.rule("PRG-22")
def test_another_call_asks_another_number():
    assert (
        look("P1-ADM-03", dossier(1, letters=letters(5, phase=1)), replace(RULES, min_letters_phase1=5)).outcome
        == "yes"
    )
