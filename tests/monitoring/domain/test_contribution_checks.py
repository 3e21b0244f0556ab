"""Each check in its two forms: what the database finds in a whole ledger is what is found line by line."""

from datetime import date

import pytest

from calls.enums import ContributionKind, PayerKind
from ibnportal.core.accounts.enums import OrganisationKind
from ibnportal.core.findings import Severity
from monitoring.domain import contribution_checks, contributions, ledger
from monitoring.models import Activity, Contribution
from tests.factories.core import OrganisationFactory
from tests.factories.monitoring import contribution, member, team
from tests.monitoring.rules import rules_2025

pytestmark = pytest.mark.django_db
RULES = rules_2025()


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team()


def activity(crew, **fields):
    values = {"title": "Atelier", "starts_on": date(2026, 10, 1), "kind": "event", "price_basis": "charged", **fields}
    return Activity.objects.create(
        network=crew.network, entered_at=crew.network.state_changed_at, entered_by=crew.worker, **values
    )


@pytest.fixture
def ledger_with_everything(crew):
    """Lines that are fine, and for each check lines that break it and lines that nearly do."""
    year, other_team = crew.year(), team()
    income = ContributionKind.ACTIVITY_INCOME
    late = member(crew.network, joined_on=date(2026, 12, 1)).organisation
    gone = member(crew.network).organisation
    crew.network.memberships.filter(organisation=gone).update(left_on=date(2026, 12, 31), is_involved=False)
    involved = member(crew.network).organisation
    for fields in (
        {},
        {"kind": ContributionKind.CASH_SPONSORING},
        {"kind": ContributionKind.CASH_SPONSORING, "payer": OrganisationFactory()},
        {"payer_kind": PayerKind.FEDERATION},
        {"payer": member(crew.network, organisation=OrganisationFactory(kind=OrganisationKind.PUBLIC)).organisation},
        {"payer": crew.network.beneficiary, "kind": income},
        {"payer": OrganisationFactory(enterprise_number=""), "kind": income},
        {"payer": late, "invoiced_on": date(2026, 11, 30)},
        {"payer": late, "invoiced_on": date(2026, 12, 1)},
        {"payer": gone, "invoiced_on": date(2026, 12, 31)},
        {"payer": gone, "invoiced_on": date(2027, 1, 1)},
        {"payer": involved},
        {"payer": OrganisationFactory(), "kind": income},
        {"refers_to_project": False},
        {"services": "  "},
        {"received_on": None},
        {"received_on": date(2027, 3, 1)},
        {"received_on": date(2027, 3, 2)},
        {"proof": None},
        {"is_individual_service": True, "kind": income},
        {"invoiced_on": date(2026, 8, 31)},
        {"invoiced_on": date(2027, 8, 31)},
        {"invoiced_on": date(2027, 9, 1)},
        {"kind": income, "activity": activity(crew)},
        {"kind": income, "activity": activity(crew, executor="other")},
        {"kind": income, "activity": activity(crew, is_under_other_article=True)},
        {"payer": member(crew.network, organisation=OrganisationFactory(postcode="1000")).organisation},
        {"payer": member(crew.network, organisation=OrganisationFactory(postcode="1500")).organisation},
        {"payer": member(crew.network, organisation=OrganisationFactory(postcode="B-6600")).organisation},
        {"payer": member(crew.network, organisation=OrganisationFactory(postcode="B-8000")).organisation},
        {"payer": member(crew.network, organisation=OrganisationFactory(postcode="")).organisation},
    ):
        contribution(year, **fields)
    payer = involved
    # The same number: of our own organisation in another year, of another one on the same paper, on another paper, refused.
    contribution(year, payer=payer, invoice_number="A-1")
    contribution(crew.year(2), payer=payer, invoice_number="a-1")
    contribution(year, payer=payer, invoice_number="B-1")
    contribution(other_team.year(), payer=payer, invoice_number="B-1")
    contribution(year, payer=payer, invoice_number="C-1")
    contribution(other_team.year(), "999.00", payer=payer, invoice_number="C-1")
    contribution(year, payer=payer, invoice_number="D-1")
    again = contribution(crew.year(2), payer=payer, invoice_number="D-1")
    contributions.refuse(again, rule_id="COF-20", reason="Verkeerd jaar.", by=crew.manager)
    return year


@pytest.mark.parametrize("is_broad", [False, True])
def test_the_database_finds_the_lines_that_each_check_finds_one_by_one(ledger_with_everything, is_broad):
    year = ledger_with_everything
    year.network.is_broad_member_organisation = is_broad
    rows = list(Contribution.objects.filter(award_year=year).select_related("payer", "activity"))
    evidence = contribution_checks.evidence_for(year, rows)
    one_by_one, by_set = {}, {}
    for one in contribution_checks.CHECKS:
        name = one.check.__name__
        one_by_one[name] = {row.invoice_number for row in rows if one.check(row, RULES, evidence)}
        found = Contribution.objects.filter(one.condition(year), award_year=year)
        by_set[name] = {row.invoice_number for row in found}
    assert by_set == one_by_one
    never = {name for name, found in one_by_one.items() if not found}
    assert never <= {contribution_checks.member_takes_part_in_the_project.__name__}
    assert max(map(len, one_by_one.values())) < len(rows)


def test_a_page_of_the_ledger_says_what_its_lines_say_alone(ledger_with_everything, django_assert_num_queries):
    year = ledger_with_everything
    rows = list(Contribution.objects.filter(award_year=year).order_by("pk"))
    alone = [(row.pk, contribution_checks.findings(row, RULES)) for row in rows]
    with django_assert_num_queries(3):
        found = contribution_checks.with_findings(
            Contribution.objects.filter(award_year=year).order_by("pk"), year, RULES
        )
    assert [(row.pk, findings) for row, findings in found] == alone
    refused = [pk for pk, findings in alone if any(finding.severity == Severity.ERROR for finding in findings)]
    remarked = [pk for pk, findings in alone if findings]
    assert 10 < len(refused) < len(remarked) < len(alone)
    problems = ledger.chosen(year, ledger.Choice.PROBLEMS)
    assert sorted(problems.values_list("pk", flat=True)) == remarked
    counts = ledger.counts(year)
    assert (counts.all, counts.clean, counts.broken) == (len(alone), len(alone) - len(refused), 0)
    assert {choice: ledger.counts(year, choice).shown for choice in ledger.Choice} == {
        choice: ledger.chosen(year, choice).count() for choice in ledger.Choice
    }
