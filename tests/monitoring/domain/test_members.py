"""The register of members (H-34, HK-01, HK-02, KPI-07, KPI-08)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from calls.enums import PayerKind
from ibnportal.core import clock as portal_clock
from ibnportal.core.accounts.enums import OrganisationKind
from ibnportal.core.accounts.models import Organisation
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.findings import Severity
from monitoring.domain import contribution_checks, members, steering
from monitoring.models import Membership
from tests.factories.core import OrganisationFactory
from tests.factories.monitoring import contribution, member, team
from tests.monitoring.rules import rules_2025

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team()


@pytest.mark.rule("H-34")
@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("", "Vul het ondernemingsnummer in"),
        ("0566988258", "controlegetal"),
        ("123", "tien cijfers"),
        ("x" * 10, "alleen cijfers"),
    ],
)
def test_a_member_has_a_right_enterprise_number(crew, number, message):
    with pytest.raises(DomainError, match=message) as error:
        members.register(
            crew.network, name="Bedrijf", enterprise_number=number, joined_on=date(2026, 9, 1), by=crew.worker
        )
    assert error.value.rule_id == "H-34"
    assert not Membership.objects.exists()


def test_one_company_in_two_networks_is_one_organisation(crew):
    other = team().network
    for network, name in ((crew.network, "Weverij bv"), (other, "WEVERIJ")):
        members.register(
            network, name=name, enterprise_number="0566.988.259", joined_on=date(2026, 9, 1), by=crew.worker
        )
    assert Organisation.objects.get(enterprise_number="0566988259").network_memberships.count() == 2


def test_a_company_is_a_member_once_at_a_time(crew):
    membership = member(crew.network)
    company = membership.organisation
    with pytest.raises(DomainError, match="is al lid"):
        members.join(crew.network, company, joined_on=date(2027, 1, 1), yearly_fee=None, by=crew.worker)
    members.leave(membership, left_on=date(2026, 12, 31), by=crew.worker)
    with pytest.raises(DomainError, match="was al lid tot 31/12/2026"):
        members.join(crew.network, company, joined_on=date(2026, 12, 31), yearly_fee=None, by=crew.worker)
    members.join(crew.network, company, joined_on=date(2027, 1, 1), yearly_fee=None, by=crew.worker)
    with pytest.raises(IntegrityError, match="one_open_membership"), transaction.atomic():
        Membership.objects.create(network=crew.network, organisation=company, joined_on=date(2027, 2, 1))


def test_a_membership_ends_after_it_began_and_once(crew):
    membership = member(crew.network)
    with pytest.raises(DomainError, match="vóór de toetreding"):
        members.leave(membership, left_on=date(2026, 8, 31), by=crew.worker)
    members.leave(membership, left_on=date(2026, 9, 1), by=crew.worker)
    with pytest.raises(WrongState, match="eindigde al"):
        members.leave(membership, left_on=date(2026, 9, 2), by=crew.worker)


def test_a_negative_fee_is_refused(crew):
    with pytest.raises(DomainError, match="kan niet negatief"):
        member(crew.network, fee="-1.00")
    membership = member(crew.network)
    with pytest.raises(DomainError, match="kan niet negatief"):
        members.change(membership, by=crew.worker, yearly_fee=Decimal("-0.01"))


def test_the_cluster_organisation_is_no_member_of_itself(crew):
    with pytest.raises(DomainError, match="zelf is geen lid"):
        member(crew.network, organisation=crew.network.beneficiary)


@pytest.mark.rule("KPI-07")
@pytest.mark.rule("KPI-08")
@pytest.mark.rule("HK-01")
@pytest.mark.rule("HK-02")
def test_the_register_counts_active_and_new_companies(crew):
    network = crew.network
    member(network, joined_on=date(2025, 1, 1))  # was there before the project
    gone = member(network, joined_on=date(2026, 10, 1))
    members.leave(gone, left_on=date(2027, 1, 31), by=crew.worker)
    member(network, joined_on=date(2027, 2, 1))
    member(network, joined_on=date(2027, 6, 1))  # later
    member(network, organisation=OrganisationFactory(kind=OrganisationKind.RESEARCH))  # no company
    back = member(network, joined_on=date(2024, 1, 1))
    members.leave(back, left_on=date(2025, 1, 1), by=crew.worker)
    member(network, joined_on=date(2026, 9, 15), organisation=back.organisation)  # came back: active, not new

    on = date(2027, 3, 1)
    assert members.active_companies(network, on=on) == 3
    assert members.new_active_companies(network, on=on) == 2
    at_hand = list(network.memberships.select_related("organisation"))
    assert members.computed(at_hand, start_on=network.start_on, on=on) == (3, 2)


@pytest.mark.rule("ROL-13")
def test_a_member_company_pays_the_cofinancing_and_steers(crew):
    """The companies of the target group carry the network; what a stranger or their federation pays is not theirs."""
    company, year = member(crew.network, joined_on=date(2026, 9, 1)).organisation, crew.year()

    def refused(**payment):
        findings = contribution_checks.findings(contribution(year, **payment), rules_2025())
        return [finding.rule_id for finding in findings if finding.severity == Severity.ERROR]

    assert refused(payer=company) == []
    assert refused(payer=company, payer_kind=PayerKind.FEDERATION) == ["COF-19"]
    assert refused(payer=OrganisationFactory()) == ["COF-03"]
    meeting = steering.plan(
        crew.network,
        starts_at=portal_clock.moment("2027-04-10T14:00"),
        ends_at=portal_clock.moment("2027-04-10T16:00"),
        location="Brussel",
        agenda="Werkplan",
        by=crew.worker,
    )
    assert steering.who_may_sit(meeting) == [company]
