"""Hidden ties, with literal data: what the portal sees that nobody said (P2-EVA-03). Pure: no database."""

from datetime import date

import pytest

from evaluation.domain.ties import Body, Dossier, Party, Person, bare, domain_of, match

pytestmark = pytest.mark.rule("P2-EVA-03")

SIGNER = Party(
    "een ondertekenaar van een intentiebrief,",
    "Bakkerij Zuid NV",
    number="0403019261",
    domains=frozenset({"bakkerijzuid.be"}),
    emails=frozenset({"an@bakkerijzuid.be"}),
    people=frozenset({"Zoë De Backer"}),
)
DOSSIER = Dossier(
    (
        Party("de aanvrager", "Netwerk Brood vzw", 7, "0566988259"),
        Party("dit initiatief,", "Brood van morgen", aliases=frozenset({"BVM"})),
        SIGNER,
        Party("partner in het eerdere netwerk Graan,", "Molens Peeters bvba", 9),
    ),
    ("Studie door Adviesbureau Noord BV, nummer BE 0417.497.106",),
)


def person(**facts):
    return Person(**{"full_name": "Wim Ver Weg", "email": "wim@verweg.org", **facts})


def found(**facts):
    return [(tie.ground, tie.evidence) for tie in match(DOSSIER, person(**facts))]


def test_nobody_is_tied_without_anything_in_common():
    assert found(bodies=(Body("Universiteit Ver Weg", "0248015142"),), domains=frozenset({"verweg.org"})) == []


def test_an_employer_by_name_counts_with_and_without_its_legal_form_and_capitals():
    evidence = "bakkerij zuid is een ondertekenaar van een intentiebrief, Bakkerij Zuid NV."
    assert found(bodies=(Body("bakkerij zuid"),)) == [("Zelfde naam van organisatie", evidence)]
    assert found(bodies=(Body("Bakkerij Zuid N.V."),))[0][0] == "Zelfde naam van organisatie"


def test_two_numbers_under_one_name_are_two_companies():
    assert found(bodies=(Body("Bakkerij Zuid", "0248015142"),)) == []


def test_a_declared_family_tie_says_so_and_till_when():
    body = Body("Bakkerij Zuid", "0403019261", kind="family", until=date(2025, 6, 30))
    assert found(bodies=(body,)) == [
        (
            "Gemeld: familie of huisgenoot werkt er of bezit er aandelen",
            "Bakkerij Zuid (0403.019.261) is een ondertekenaar van een intentiebrief, Bakkerij Zuid NV. (tot 30/06/2025)",
        )
    ]


def test_shares_in_a_subcontractor_of_the_budget_are_found_by_number():
    body = Body("Noord", "0417497106", kind="financial")
    assert [ground for ground, _ in found(bodies=(body,))] == ["Gemeld: aandelen, lening of ander financieel belang"]


@pytest.mark.rule("ROL-16")
def test_a_subcontractor_is_found_by_name_without_its_legal_form():
    assert [ground for ground, _ in found(bodies=(Body("Adviesbureau Noord"),))] == ["Genoemd bij externe prestaties"]


def test_the_contact_person_of_a_letter_is_found_whatever_accents_and_order():
    assert found(full_name="De Backer Zoe") == [
        (
            "Zelfde naam",
            "De Backer Zoe is ook de contactpersoon van een ondertekenaar van een intentiebrief, Bakkerij Zuid NV.",
        )
    ]


def test_one_name_alone_says_too_little():
    assert found(full_name="Zoë") == []


def test_a_partner_of_an_earlier_network_is_a_tie():
    assert [evidence for _, evidence in found(bodies=(Body("Molens Peeters"),))] == [
        "Molens Peeters is partner in het eerdere netwerk Graan, Molens Peeters bvba."
    ]


def test_who_worked_for_the_network_itself_is_tied_by_its_short_name():
    assert [ground for ground, _ in found(bodies=(Body("BVM", kind="network"),))] == [
        "Gemeld: betrokken bij een eerder bedrijfsnetwerk"
    ]


def test_an_address_of_a_signer_and_a_subdomain():
    assert [ground for ground, _ in found(email="an@bakkerijzuid.be")] == ["Zelfde e-mailadres"]
    assert [ground for ground, _ in found(domains=frozenset({"labo.bakkerijzuid.be"}))] == ["Zelfde e-maildomein"]


def test_a_provider_where_everyone_is_says_nothing():
    assert (domain_of("an@GMAIL.com"), domain_of("an@zuid.be")) == ("", "zuid.be")


@pytest.mark.parametrize("name", ["Bakkerij Zuid", "BAKKERIJ ZUID bv", "Bakkerij-Zuid (nv)", "bakkérij zuid B.V."])
def test_one_body_has_one_bare_name(name):
    assert bare(name) == "bakkerij zuid"
