"""Which contributions count, by the rule (COF-02 ... 04, COF-09 ... 13, COF-19 ... 21)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from calls.enums import ContributionKind, PayerKind
from ibnportal.core.accounts.enums import OrganisationKind
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from monitoring.domain import contribution_checks, contributions, settlements
from monitoring.domain.queries import cofinancing_of, rules_row
from monitoring.enums import ContributionState
from monitoring.models import Contribution, Network
from tests.factories.core import OrganisationFactory
from tests.factories.monitoring import contribution, member, team
from tests.monitoring.rules import rules_2025

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team()


def rules_broken(entered):
    return [finding.rule_id for finding in contribution_checks.findings(entered, rules_2025())]


def test_a_paid_fee_of_a_member_breaks_no_rule(crew):
    assert rules_broken(contribution(crew.year())) == []


@pytest.mark.rule("COF-19")
@pytest.mark.parametrize(
    "kind",
    [
        PayerKind.RESEARCH_ORGANISATION, PayerKind.COLLECTIVE_CENTRE, PayerKind.FEDERATION, PayerKind.GENERAL_INTEREST,
        PayerKind.PUBLIC,
    ],
)  # fmt: skip
def test_five_kinds_of_payer_never_count(crew, kind):
    entered = contribution(crew.year(), payer_kind=kind)
    assert rules_broken(entered) == ["COF-19"]
    with pytest.raises(DomainError, match="kan niet aanvaard worden") as error:
        contributions.accept(entered, by=crew.manager)
    assert error.value.rule_id == "COF-19"
    with pytest.raises(IntegrityError, match="accepted_contribution_may_count"), transaction.atomic():
        Contribution.objects.filter(pk=entered.pk).update(
            state="accepted", judged_at=entered.entered_at, judged_by=crew.manager
        )


@pytest.mark.rule("COF-19")
@pytest.mark.rule("NET-08")
@pytest.mark.parametrize("kind", [OrganisationKind.RESEARCH, OrganisationKind.FEDERATION, OrganisationKind.PUBLIC])
def test_what_the_register_knows_of_a_payer_weighs_more_than_what_is_typed(crew, kind):
    payer = member(crew.network, organisation=OrganisationFactory(kind=kind)).organisation
    entered = contribution(crew.year(), payer=payer, payer_kind=PayerKind.COMPANY)
    assert rules_broken(entered) == ["COF-19"]


@pytest.mark.rule("COF-02")
def test_only_a_company_pays_not_the_network_itself(crew):
    assert "COF-02" in rules_broken(contribution(crew.year(), payer=crew.network.beneficiary, kind="activity_income"))
    nameless = OrganisationFactory(enterprise_number="")
    assert rules_broken(contribution(crew.year(), payer=nameless, kind="activity_income")) == ["COF-02"]


@pytest.mark.rule("COF-03")
@pytest.mark.rule("COF-21")
@pytest.mark.rule("COF-11")
@pytest.mark.rule("COF-04")
@pytest.mark.parametrize(
    ("kind", "broken"),
    [
        (ContributionKind.CASH_FEE, ["COF-03"]),
        (ContributionKind.CASH_SPONSORING, ["COF-21"]),
        (ContributionKind.ACTIVITY_INCOME, []),
    ],
)
def test_cash_comes_from_members_and_income_from_any_company(crew, kind, broken):
    assert rules_broken(contribution(crew.year(), payer=OrganisationFactory(), kind=kind)) == broken


@pytest.mark.rule("COF-03")
def test_a_member_is_one_on_the_day_of_the_invoice(crew):
    late = member(crew.network, joined_on=date(2026, 12, 1)).organisation
    assert rules_broken(contribution(crew.year(), payer=late, invoiced_on=date(2026, 11, 30))) == ["COF-03"]
    assert rules_broken(contribution(crew.year(), payer=late, invoiced_on=date(2026, 12, 1))) == []


@pytest.mark.rule("COF-09")
@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"refers_to_project": False}, "de verwijzing naar het clusterproject"),
        ({"services": "  "}, "de ontvangen diensten"),
    ],
)
def test_an_invoice_names_the_project_and_the_services(crew, fields, says):
    found = contribution_checks.findings(contribution(crew.year(), **fields), rules_2025())
    assert [f.rule_id for f in found] == ["COF-09"]
    assert says in found[0].message


@pytest.mark.rule("SUB-02")
@pytest.mark.parametrize(
    ("received_on", "broken"), [(None, ["SUB-02"]), (date(2027, 3, 2), ["SUB-02"]), (date(2027, 3, 1), [])]
)
def test_only_received_money_counts(crew, received_on, broken):
    assert rules_broken(contribution(crew.year(), received_on=received_on)) == broken


@pytest.mark.rule("COF-12")
def test_a_contribution_is_traceable_by_its_invoice(crew):
    assert rules_broken(contribution(crew.year(), proof=None)) == ["COF-12"]


@pytest.mark.rule("COF-13")
def test_individual_services_do_not_count(crew):
    entered = contribution(crew.year(), kind=ContributionKind.ACTIVITY_INCOME, is_individual_service=True)
    assert rules_broken(entered) == ["COF-13"]


@pytest.mark.rule("COF-10")
def test_of_a_broad_member_organisation_only_involved_members_count(crew):
    bystander = member(crew.network, is_involved=False).organisation
    assert rules_broken(contribution(crew.year(), payer=bystander)) == []
    Network.objects.update(is_broad_member_organisation=True)
    entered = contribution(crew.year(), payer=bystander)
    assert rules_broken(entered) == ["COF-10"]


@pytest.mark.rule("COF-20")
@pytest.mark.parametrize(
    ("invoiced_on", "broken"),
    [
        (date(2026, 8, 31), ["COF-20"]),
        (date(2026, 9, 1), []),
        (date(2027, 8, 31), []),
        (date(2027, 9, 1), ["COF-20"]),
    ],
)
def test_an_invoice_belongs_to_the_year_of_its_date(crew, invoiced_on, broken):
    payer = member(crew.network, joined_on=date(2026, 1, 1)).organisation
    assert rules_broken(contribution(crew.year(), payer=payer, invoiced_on=invoiced_on)) == broken


@pytest.mark.rule("COF-12")
def test_one_invoice_counts_once_in_whatever_year_or_network(crew):
    first = contribution(crew.year(1), invoice_number="2026/001", accepted_by=crew.manager)
    other_year = contribution(
        crew.year(2),
        payer=first.payer,
        invoice_number=" 2026/001 ",
        invoiced_on=date(2027, 9, 1),
        received_on=date(2026, 9, 1),
    )
    assert rules_broken(other_year) == ["COF-12"]
    other_network = team()
    member(other_network.network, organisation=first.payer)
    elsewhere = contribution(other_network.year(), payer=first.payer, invoice_number="2026/001")
    assert rules_broken(elsewhere) == ["COF-12"]
    same_issuer = contribution(other_network.year(2), invoice_number="2026/001", received_on=date(2026, 9, 1))
    assert rules_broken(same_issuer) == ["COF-12"]
    third = team()
    stranger = contribution(third.year(), invoice_number="2026/001")  # another issuer, another payer
    assert rules_broken(stranger) == []
    member(third.network, organisation=elsewhere.payer)
    other_amount = contribution(
        third.year(2), "5.00", payer=elsewhere.payer, invoice_number="2026/001", received_on=date(2026, 9, 1)
    )
    assert "COF-12" in rules_broken(other_amount)  # the same issuer as the stranger's
    assert (
        rules_broken(
            contribution(
                team().year(), "7.00", payer=elsewhere.payer, kind="activity_income", invoice_number="2026/001"
            )
        )
        == []
    )


def test_the_same_invoice_in_one_year_is_refused_at_entry(crew):
    contribution(crew.year(), invoice_number="A-1")
    with pytest.raises(DomainError, match="Factuur A-1 staat al bij dit projectjaar"):
        contribution(crew.year(), invoice_number="A-1")


def test_a_refused_invoice_can_be_entered_again(crew):
    refused = contribution(crew.year(), invoice_number="A-1")
    contributions.refuse(refused, rule_id="COF-09", reason="Geen verwijzing.", by=crew.manager)
    again = contribution(crew.year(), invoice_number="A-1", payer=refused.payer, accepted_by=crew.manager)
    assert again.state == ContributionState.ACCEPTED
    with pytest.raises(DomainError):
        contributions.accept(refused, by=crew.manager)


@pytest.mark.parametrize("amount", ["0.00", "-0.01", "-1000.00"])
def test_an_amount_is_positive(crew, amount):
    with pytest.raises(DomainError, match="meer dan nul"):
        contribution(crew.year(), amount)


def test_the_database_refuses_an_amount_of_nothing(crew):
    entered = contribution(crew.year())
    with pytest.raises(IntegrityError, match="contribution_positive"), transaction.atomic():
        Contribution.objects.filter(pk=entered.pk).update(amount=0)


def test_a_refusal_names_its_rule_and_reason(crew):
    entered = contribution(crew.year())
    with pytest.raises(DomainError, match="Kies de regel"):
        contributions.refuse(entered, rule_id="PAY-01", reason="Zomaar.", by=crew.manager)
    with pytest.raises(DomainError, match="Schrijf op waarom"):
        contributions.refuse(entered, rule_id="COF-13", reason=" ", by=crew.manager)
    contributions.refuse(entered, rule_id="COF-13", reason="Advies voor één bedrijf.", by=crew.manager)
    entered.refresh_from_db()
    assert (entered.state, entered.refused_rule, entered.judged_by) == ("refused", "COF-13", crew.manager)
    with pytest.raises(IntegrityError, match="refused_contribution_names_its_rule"), transaction.atomic():
        Contribution.objects.filter(pk=entered.pk).update(refused_rule="")


def test_nobody_judges_their_own_network(crew):
    entered = contribution(crew.year())
    for verb in (
        lambda: contributions.accept(entered, by=crew.worker),
        lambda: contributions.refuse(entered, rule_id="COF-13", reason="Nee.", by=crew.worker),
        lambda: contributions.accept_clean(crew.year(), by=crew.worker),
    ):
        with pytest.raises(NotAllowed, match="U werkt voor dit netwerk"):
            verb()


def test_all_without_findings_are_accepted_at_once(crew):
    for _ in range(2):
        contribution(crew.year())
    contribution(crew.year(), proof=None)
    assert contributions.accept_clean(crew.year(), by=crew.manager) == (2, 1)
    assert cofinancing_of(crew.year(), rules_2025()).total == Decimal("2000.00")


@pytest.mark.rule("COF-06")
def test_the_income_of_a_year_is_capped_by_its_accepted_cash(crew):
    contribution(crew.year(), "700.00", accepted_by=crew.manager)
    contribution(crew.year(), "500.00", kind="activity_income", accepted_by=crew.manager)
    contribution(crew.year(), "9000.00")  # not judged: counts for nothing
    year = cofinancing_of(crew.year(), rules_row(crew.network).frozen())
    assert (year.cash, year.income, year.counted_income, year.total) == (
        Decimal("700.00"),
        Decimal("500.00"),
        Decimal("300.00"),
        Decimal("1000.00"),
    )


def test_a_judged_contribution_is_not_changed_or_removed(crew):
    accepted = contribution(crew.year(), accepted_by=crew.manager)
    with pytest.raises(WrongState, match="al beoordeeld"):
        contributions.change(accepted, by=crew.worker, amount=Decimal("5.00"))
    with pytest.raises(WrongState, match="al beoordeeld"):
        contributions.remove(accepted, by=crew.worker)


def test_a_waiting_contribution_is_corrected_and_the_trail_keeps_both(crew):
    entered = contribution(crew.year(), "10.00")
    contributions.change(entered, by=crew.worker, amount=Decimal("12.50"))
    assert Contribution.objects.get().amount == Decimal("12.50")
    assert trail.history(entered).last().changes["amount"] == ["10.00", "12.50"]
    contributions.remove(entered, by=crew.worker)
    assert not Contribution.objects.exists()


@pytest.mark.rule("PAY-05")
def test_after_closing_nothing_of_the_year_changes(crew, clock):
    accepted = contribution(crew.year(), accepted_by=crew.manager)
    clock.set("2027-09-01T10:00")
    settlements.close_claims(crew.year(), by=crew.manager)
    for verb in (
        lambda: contribution(crew.year(), payer=accepted.payer),
        lambda: contributions.accept(accepted, by=crew.manager),
        lambda: contributions.refuse(accepted, rule_id="COF-13", reason="Nee.", by=crew.manager),
        lambda: contributions.remove(accepted, by=crew.worker),
        lambda: contributions.accept_clean(crew.year(), by=crew.manager),
    ):
        with pytest.raises(WrongState, match="afgesloten voor bijdragen"):
            verb()


@pytest.mark.parametrize(
    "deed",
    [
        lambda c: Contribution.objects.filter(pk=c.pk).update(amount=1),
        lambda c: Contribution.objects.filter(pk=c.pk).delete(),
        lambda c: Contribution.objects.bulk_create([Contribution(award_year=c.award_year, payer=c.payer, kind="cash_fee", amount=1, invoice_number="x", invoiced_on=c.invoiced_on, entered_at=c.entered_at, entered_by=c.entered_by)]),
    ],
)  # fmt: skip
def test_the_database_holds_a_closed_year(crew, clock, deed):
    accepted = contribution(crew.year(), accepted_by=crew.manager)
    clock.set("2027-09-01T10:00")
    settlements.close_claims(crew.year(), by=crew.manager)
    with pytest.raises(DatabaseError, match="closed year"), transaction.atomic():
        deed(accepted)


@pytest.mark.rule("NOT-10")
def test_the_threshold_is_told_once(crew, drain_outbox, mailoutbox):
    contribution(crew.year(), "179999.99", accepted_by=crew.manager)
    drain_outbox()
    assert mailoutbox == []
    contribution(crew.year(), "0.01", accepted_by=crew.manager)
    contribution(crew.year(), "5.00", accepted_by=crew.manager)
    drain_outbox()
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted([crew.worker.email, crew.manager.email])
    assert "Eerste schijf mogelijk" in mailoutbox[0].subject


def test_contributions_belong_to_a_running_network(crew):
    Network.objects.update(state="closed")
    with pytest.raises(WrongState, match="lopend netwerk"):
        contribution(crew.year(), payer=OrganisationFactory())
