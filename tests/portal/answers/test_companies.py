"""Members as they were on a day: size, age, place, networks; what is not known is never counted as something."""

from datetime import date
from decimal import Decimal
from typing import Any

import pgtrigger
import pytest

from calls.models import CallRules
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import Organisation
from ibnportal.portal.answers import asking, companies, profile
from ibnportal.portal.answers.profile import age_class
from ibnportal.portal.answers.table import sources
from monitoring.domain import companies as company_data
from monitoring.enums import Independence, SizeClass
from monitoring.models import Membership, Network
from tests.factories.core import OrganisationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(make_user):
    return make_user(Role.ACCOUNT_MANAGER)


@pytest.fixture
def member(programme, officer):
    def make(
        code: str = "IBN1-01",
        joined_on: date = date(2017, 1, 1),
        *,
        organisation: Organisation | None = None,
        **told: Any,
    ):
        organisation = organisation or OrganisationFactory(postcode=told.pop("postcode", "9000"))
        if told:
            company_data.describe(organisation, by=officer, **told)
        network = Network.objects.get(code=code)
        return Membership.objects.create(
            network=network, organisation=organisation, joined_on=joined_on, yearly_fee=Decimal(500)
        )

    return make


def asked(as_of: str = "2019-11-07", **given: str):
    return asking.read({"stand": as_of, **given})


def found(as_of: str = "2019-11-07", **given: str):
    one = asked(as_of, **given)
    return companies.current(one.networks(), one)


SMALL = {"staff": Decimal(20), "turnover": Decimal(2_000_000), "balance_total": Decimal(1_000_000), "independence": Independence.AUTONOMOUS}  # fmt: skip


@pytest.mark.rule("HE-01", "H-33")
@pytest.mark.parametrize(
    ("staff", "money", "size"),
    [(9, 1_000_000, "micro"), (10, 1_000_000, "small"), (49, 9_000_000, "small"), (50, 9_000_000, "medium"), (250, 9_000_000, "large")],
)  # fmt: skip
def test_size_class_of_a_member(member, staff, money, size):
    member(
        staff=Decimal(staff),
        turnover=Decimal(money),
        balance_total=Decimal(money),
        independence=Independence.AUTONOMOUS,
    )
    assert [one.size for one in found()] == [size]


@pytest.mark.rule("H-33")
def test_a_company_without_figures_is_unknown_and_never_an_sme(member, answer):
    member()
    member(**SMALL)
    row = answer("QP-20", "2019-11-07").rows[0]
    assert (row.cells["members"], row.cells["sme"], row.cells["large"], row.cells["unknown"]) == (2, 1, 0, 1)
    assert row.cells["share"] == 1


@pytest.mark.rule("HE-02", "HE-03")
@pytest.mark.parametrize(
    ("founded", "age", "label"),
    [
        (date(2014, 11, 8), 4, "Jonger dan 5 jaar (start-up)"),
        (date(2014, 11, 7), 5, "5 tot en met 10 jaar"),
        (date(2008, 11, 8), 10, "5 tot en met 10 jaar"),
        (date(1960, 1, 1), 59, "Ouder dan 50 jaar"),
        (None, None, "Onbekend"),
    ],
)
def test_age_on_the_day(member, founded, age, label):
    member(founded_on=founded)
    one = found()[0]
    assert (one.age, age_class(one.age)) == (age, label)


@pytest.mark.rule("HE-03")
def test_mean_age_over_those_that_are_known(member, answer):
    member(founded_on=date(2000, 1, 1))
    member(founded_on=date(2010, 1, 1))
    member()
    assert answer("QE-13", "2019-11-07").notes[0] == "Gemiddelde leeftijd: 14 jaar."


@pytest.mark.rule("HE-04")
def test_place_is_that_of_the_registered_office(member, answer):
    member(postcode="9000")
    member(postcode="2000")
    member(postcode="1000")
    counted = {row.cells["province"]: row.cells["companies"] for row in answer("QE-14", "2019-11-07").rows}
    assert counted == {
        "Antwerpen": 1, "Oost-Vlaanderen": 1, "Vlaams-Brabant": 0, "Limburg": 0, "West-Vlaanderen": 0, "Brussels Hoofdstedelijk Gewest": 1,
    }  # fmt: skip
    assert list(counted)[:5] == ["Antwerpen", "Limburg", "Oost-Vlaanderen", "Vlaams-Brabant", "West-Vlaanderen"]


@pytest.mark.rule("HE-05")
def test_memberships_of_one_company_by_its_number(member, answer):
    both = member().organisation
    member("IBN1-02", organisation=both)
    member("IBN1-02")
    counted = {row.cells["count"]: row.cells["companies"] for row in answer("QE-15", "2019-11-07").rows}
    assert counted == {"1 netwerk": 1, "2 netwerken": 1}
    assert answer("QR-14", "2019-11-07").rows[0].cells["companies"] == 1


def test_who_left_before_the_day_is_no_member_any_more(member):
    gone = member()
    Membership.objects.filter(pk=gone.pk).update(left_on=date(2018, 6, 30))
    assert [len(found(day)) for day in ("2016-12-31", "2018-06-30", "2018-07-01")] == [0, 1, 0]


def test_what_was_known_of_a_company_on_a_day_is_read_back_from_the_trail(member, officer, clock):
    """A correction never erases: as of before it, the answer is what it was."""
    clock.set("2025-03-01T10:00")
    organisation = member(**SMALL).organisation
    clock.set("2025-09-01T10:00")
    company_data.describe(organisation, by=officer, staff=Decimal(400))
    sizes = [[one.size for one in found(day)] for day in ("2019-11-07", "2025-08-31", "2025-09-01")]
    assert sizes == [[SizeClass.SMALL], [SizeClass.SMALL], [SizeClass.LARGE]]


@pytest.mark.parametrize("spelling", ["{0}", "BE {0}", "{1}"])
def test_one_company_in_three_spellings_of_its_number(member, spelling):
    one, _other = member().organisation, member()
    given = spelling.format(one.formatted_number, one.enterprise_number)
    assert [row.company.pk for row in found(onderneming=given)] == [one.pk]


@pytest.mark.parametrize(
    ("given", "count"), [({"provincie": "Antwerpen"}, 1), ({"grootte": "klein"}, 1), ({"sector": "62.01"}, 1), ({}, 2)]
)
def test_filters_on_companies(member, given, count):
    member(postcode="2000", nace="62.01", **SMALL)
    member(postcode="9000")
    assert len(found(**given)) == count


@pytest.mark.parametrize("amount", [1, 3])
def test_members_take_a_fixed_number_of_queries(member, amount, django_assert_num_queries):
    for _ in range(amount):
        member(founded_on=date(2000, 1, 1))
    one = asked()
    with django_assert_num_queries(5):
        profile.sizes(one)


@pytest.mark.parametrize("networks", [2, 4])
def test_a_file_reads_no_list_and_who_opens_all_reads_them_at_once(member, answer, networks, django_assert_num_queries):
    """A page opens the list of one network, who opens them all reads them once, and a file names their source without reading any."""
    for place in range(networks):
        member(f"IBN1-{place + 1:02}")
    found = answer("QP-20", "2019-11-07")
    with django_assert_num_queries(0):
        assert [sources(row) for row in found.rows] == [companies.SOURCE] * networks
    with django_assert_num_queries(4):
        assert [[one.source for one in row.behind] for row in found.rows] == [[companies.SOURCE]] * networks


@pytest.mark.parametrize("question", ["QP-19", "QP-20", "QE-12", "QE-13", "QE-14", "QE-15", "QR-04", "QR-14"])
@pytest.mark.parametrize("given", [{}, {"provincie": "Antwerpen"}, {"grootte": "klein"}])
def test_behind_each_number_stand_as_many_members(member, answer, question, given):
    """Numbers are counted and members read only when somebody opens them; whoever rejoined on the day counts once."""
    both = member(nace="62.01", postcode="2000", founded_on=date(2000, 1, 1), **SMALL).organisation
    member("IBN1-02", organisation=both)
    member("IBN1-02", date(2016, 1, 1))
    Membership.objects.filter(organisation=both, network__code="IBN1-02").update(left_on=date(2019, 11, 7))
    member("IBN1-02", date(2019, 11, 7), organisation=both)
    found = answer(question, "2019-11-07", **given)
    counts = {"QP-19": "members", "QP-20": "members"}
    opened = [
        (row.cells[counts.get(question, "companies")], [one for one in row.behind if one.source == "Ledenlijst in het portaal" and one.url.startswith("/organisaties/") and one.value != "0"])
        for row in found.rows if question != "QP-19" or row.cells["basis"] == "berekend"
    ]  # fmt: skip
    assert [number for number, _ in opened] == [len(behind) for _, behind in opened]
    assert any(number for number, _ in opened) or (
        question == "QP-19" and not given
    )  # reported for all of them by then


@pytest.mark.rule("HE-01")
def test_calls_with_other_bounds_of_size(member, answer):
    """A company has the size that the call of its network gives it; over the whole programme that of its first network."""
    second = Network.objects.get(code="IBN2-01").call_id
    with pgtrigger.ignore("calls.CallRules:frozen_rules_are_kept"):  # the rules of a published call are frozen
        CallRules.objects.filter(call=second).update(size_small_staff=12, size_medium_staff=15)
    both = member("IBN2-01", date(2019, 1, 1), **SMALL).organisation
    member("IBN1-01", organisation=both)
    member("IBN2-01", date(2019, 1, 1), **SMALL)
    sizes = {row.key: (row.cells["companies"], [one.value[:5] for one in row.behind]) for row in answer("QE-12", "2019-11-07").rows}  # fmt: skip
    assert (sizes["small"], sizes["large"]) == ((1, ["Klein"]), (1, ["Groot"]))
    assert {row.key: (row.cells["sme"], row.cells["large"]) for row in answer("QP-20", "2019-11-07").rows} == {"IBN1-01": (1, 0), "IBN2-01": (0, 2)}  # fmt: skip
    only_large = {row.key: row.cells["companies"] for row in answer("QE-12", "2019-11-07", grootte="groot").rows}
    assert (only_large["small"], only_large["large"]) == (0, 2)


def test_behind_a_number_each_company_leads_to_its_page(member, answer, as_role):
    made = member(**SMALL)
    [behind] = [one for row in answer("QE-12", "2019-11-07").rows for one in row.behind if one.value != "0"]
    page = as_role(Role.POLICY_READER).get(behind.url)
    assert (page.status_code, page.context["organisation"]) == (200, made.organisation)


def test_everybody_reads_rounded_counts_by_size_and_the_agency_exact_ones(member, answer, client):
    for _ in range(7):
        member(**SMALL)
    member(staff=Decimal(400), turnover=Decimal(90_000_000), balance_total=Decimal(90_000_000), independence=Independence.AUTONOMOUS)  # fmt: skip
    exact = {row.key: row.cells["companies"] for row in answer("QE-12", "2019-11-07").rows}
    told = client.get("/open-data/v1/qe-12.json?stand=2019-11-07&netwerk=IBN1-01").json()
    assert (exact["small"], exact["large"]) == (7, 1)
    assert {row["key"]: row["cells"]["companies"] for row in told["rows"]} == {"micro": 0, "small": 5, "medium": 0, "large": None, "unknown": 0}  # fmt: skip
