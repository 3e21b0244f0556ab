"""From an award to a running network (AGR-01 ... 05)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from evaluation.enums import DecisionOutcome
from ibnportal.core.accounts.enums import OrganisationKind, Role
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from monitoring.domain import agreements
from monitoring.enums import NetworkState
from monitoring.models import Network
from tests.factories.core import MembershipFactory, OrganisationFactory, UserFactory
from tests.factories.monitoring import ApplicationFactory, DecisionFactory, award, staff

pytestmark = pytest.mark.django_db
START = date(2026, 9, 1)


@pytest.fixture
def manager():
    return staff(Role.ACCOUNT_MANAGER)


@pytest.fixture(autouse=True)
def _in_time(clock):
    clock.set("2026-08-20T10:00")


@pytest.mark.rule("AGR-01")
@pytest.mark.rule("AGR-04")
@pytest.mark.rule("DEC-03")
@pytest.mark.rule("MON-04")
def test_a_draft_takes_amounts_indicators_and_conditions_from_the_decision(manager):
    decision = award(amounts=("200000.00", "225000.00", "150000.00"), number="IBN-2025-03", title="Circulair Textiel")
    agreement = agreements.draft(decision, start_on=START, by=manager)
    network = agreement.network
    assert (network.code, network.name, network.state) == (
        "IBN-2025-03-N",
        "Circulair Textiel",
        NetworkState.AGREEMENT_DRAFTED,
    )
    assert network.account_manager == manager
    years = [(y.project_year, y.starts_on, y.ends_on, y.awarded_amount) for y in network.award_years.all()]
    assert years == [
        (1, date(2026, 9, 1), date(2027, 8, 31), Decimal("200000.00")),
        (2, date(2027, 9, 1), date(2028, 8, 31), Decimal("225000.00")),
        (3, date(2028, 9, 1), date(2029, 8, 31), Decimal("150000.00")),
    ]
    assert network.end_on == date(2029, 8, 31)
    assert [(k.label, k.baseline, k.target) for k in agreement.kpis.all()] == [
        ("Actieve ondernemingen", Decimal("10.00"), Decimal("40.00")),
        ("Nieuwe actieve ondernemingen", Decimal("10.00"), Decimal("40.00")),
    ]
    assert [c.text for c in agreement.conditions.all()] == ["Bezorg de statuten."]


def test_a_decision_has_one_agreement(manager):
    decision = award()
    agreements.draft(decision, start_on=START, by=manager)
    with pytest.raises(WrongState, match="al een overeenkomst"):
        agreements.draft(decision, start_on=START, by=manager)
    assert Network.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"outcome": DecisionOutcome.REJECTED, "amount": None}, "Alleen bij een toekenning"),
        ({"released_at": None, "released_by": None}, "nog niet bekendgemaakt"),
    ],
)
def test_only_a_released_award_leads_to_an_agreement(manager, fields, message):
    decision = DecisionFactory(**fields)
    with pytest.raises(WrongState, match=message):
        agreements.draft(decision, start_on=START, by=manager)


@pytest.mark.rule("PRG-12")
def test_years_that_do_not_add_up_are_refused(manager):
    decision = award()
    decision.years.filter(project_year=3).update(amount="1.00")
    with pytest.raises(DomainError, match=r"samen €\s450\.001,00"):
        agreements.draft(decision, start_on=START, by=manager)


@pytest.mark.rule("AGR-03")
@pytest.mark.rule("DUR-01")
@pytest.mark.rule("DUR-02")
@pytest.mark.parametrize(("start_on", "fits"), [(date(2027, 1, 1), True), (date(2027, 1, 2), False)])
def test_the_project_starts_at_the_latest_on_the_day_of_the_call(manager, start_on, fits):
    decision = award(rules={"latest_start_on": date(2027, 1, 1)})
    if fits:
        assert agreements.draft(decision, start_on=start_on, by=manager).start_on == start_on
        return
    with pytest.raises(DomainError, match="uiterste startdatum 01/01/2027") as error:
        agreements.draft(decision, start_on=start_on, by=manager)
    assert error.value.rule_id == "AGR-03"


@pytest.mark.rule("AGR-02")
@pytest.mark.parametrize(("founded_on", "signs"), [(date(2026, 8, 20), True), (date(2026, 8, 21), False)])
def test_nobody_signs_for_a_beneficiary_of_tomorrow(manager, founded_on, signs):
    agreement = agreements.draft(award(), start_on=START, by=manager)
    if signs:
        agreements.sign(agreement, founded_on=founded_on, signatories="A en B", by=manager)
        assert agreement.network.state == NetworkState.SIGNED
        return
    with pytest.raises(DomainError, match="ligt in de toekomst"):
        agreements.sign(agreement, founded_on=founded_on, signatories="A en B", by=manager)


@pytest.mark.rule("AGR-02")
def test_the_beneficiary_is_founded_at_the_latest_at_the_start(manager, clock):
    agreement = agreements.draft(award(), start_on=START, by=manager)
    clock.set("2026-10-01T10:00")
    with pytest.raises(DomainError) as error:
        agreements.sign(agreement, founded_on=date(2026, 9, 2), signatories="A en B", by=manager)
    assert [finding.rule_id for finding in error.value.findings] == ["AGR-02"]
    assert agreements.sign(agreement, founded_on=date(2026, 9, 1), signatories="A en B", by=manager).signed_at


@pytest.mark.rule("AGR-02")
def test_the_database_holds_the_founding_date_too(manager):
    agreement = agreements.draft(award(), start_on=START, by=manager)
    agreements.sign(agreement, founded_on=date(2026, 1, 1), signatories="A en B", by=manager)
    agreement.beneficiary_founded_on = date(2026, 9, 2)
    with pytest.raises(IntegrityError, match="agreement_signed_with_founded_beneficiary"), transaction.atomic():
        agreement.save()


@pytest.mark.rule("AGR-02")
def test_a_beneficiary_to_be_founded_is_appointed_first(manager):
    application = ApplicationFactory(is_beneficiary_to_be_founded=True, beneficiary_name="Textielnetwerk vzw")
    agreement = agreements.draft(award(application=application), start_on=START, by=manager)
    with pytest.raises(DomainError) as error:
        agreements.sign(agreement, founded_on=date(2026, 8, 1), signatories="A en B", by=manager)
    assert "Textielnetwerk vzw" in error.value.findings[0].message
    unborn = OrganisationFactory(kind=OrganisationKind.NETWORK, enterprise_number="")
    with pytest.raises(DomainError, match="nog geen ondernemingsnummer"):
        agreements.appoint_beneficiary(agreement, unborn, by=manager)
    founded = OrganisationFactory(kind=OrganisationKind.NETWORK, name="Textielnetwerk vzw")
    agreements.appoint_beneficiary(agreement, founded, by=manager)
    agreements.sign(agreement, founded_on=date(2026, 8, 1), signatories="A en B", by=manager)
    assert Network.objects.get().beneficiary == founded


@pytest.mark.rule("AGR-05")
def test_a_blocking_condition_blocks_until_it_is_met(manager):
    agreement = agreements.draft(award(blocking=True), start_on=START, by=manager)
    with pytest.raises(DomainError) as error:
        agreements.sign(agreement, founded_on=date(2026, 1, 1), signatories="A en B", by=manager)
    assert [(f.rule_id, f.message) for f in error.value.findings] == [
        ("AGR-05", "Nog niet vervuld: Bezorg de statuten.")
    ]
    condition = agreement.conditions.get()
    with pytest.raises(DomainError, match="Schrijf op hoe"):
        agreements.meet_condition(condition, note=" ", by=manager)
    agreements.meet_condition(condition, note="Statuten van 3 augustus ontvangen.", by=manager)
    agreements.sign(agreement, founded_on=date(2026, 1, 1), signatories="A en B", by=manager)
    with pytest.raises(WrongState, match="al als vervuld"):
        agreements.meet_condition(condition, note="Nog eens.", by=manager)


@pytest.mark.rule("AGR-04")
@pytest.mark.rule("KPI-11")
def test_an_indicator_needs_definition_target_and_method_and_is_fixed_by_the_signature(manager):
    agreement = agreements.draft(award(), start_on=START, by=manager)
    kpi = agreement.kpis.first()
    agreements.fix_indicator(kpi, by=manager, method="", target=None)
    with pytest.raises(DomainError) as error:
        agreements.sign(agreement, founded_on=date(2026, 1, 1), signatories="A en B", by=manager)
    assert error.value.findings[0].message == "Vul nog in: meetmethode, streefwaarde."
    agreements.fix_indicator(kpi, by=manager, method="Telling.", target=Decimal(40))
    agreements.sign(agreement, founded_on=date(2026, 1, 1), signatories="A en B", by=manager)
    with pytest.raises(WrongState, match="ligt vast"):
        agreements.fix_indicator(kpi, by=manager, target=Decimal(1))
    with pytest.raises(WrongState, match="ligt vast"):
        agreements.change_start(agreement, start_on=START, by=manager)


def test_another_start_moves_the_project_years(manager):
    agreement = agreements.draft(award(), start_on=START, by=manager)
    agreements.change_start(agreement, start_on=date(2026, 11, 1), by=manager)
    network = Network.objects.get()
    assert (network.start_on, network.end_on) == (date(2026, 11, 1), date(2029, 10, 31))
    assert [year.starts_on for year in network.award_years.all()] == [
        date(2026, 11, 1),
        date(2027, 11, 1),
        date(2028, 11, 1),
    ]


def test_nobody_signs_their_own_agreement(manager):
    agreement = agreements.draft(award(), start_on=START, by=manager)
    MembershipFactory(user=manager, organisation=agreement.network.beneficiary)
    manager.forget_access()
    with pytest.raises(NotAllowed, match="U werkt voor dit netwerk"):
        agreements.sign(agreement, founded_on=date(2026, 1, 1), signatories="A en B", by=manager)


def test_a_network_starts_on_its_day(manager, clock):
    agreement = agreements.draft(award(), start_on=START, by=manager)
    network = agreement.network
    with pytest.raises(WrongState):
        agreements.start(network, by=manager)
    agreements.sign(agreement, founded_on=date(2026, 1, 1), signatories="A en B", by=manager)
    with pytest.raises(WrongState, match="start op 01/09/2026"):
        agreements.start(agreement.network, by=manager)
    clock.set("2026-09-01T00:01")
    agreements.start(agreement.network, by=manager)
    assert Network.objects.get().state == NetworkState.RUNNING


@pytest.mark.parametrize("iban", ["BE68539007547035", "geen", "", "BE6853900754703"])
def test_a_wrong_account_number_is_refused(manager, iban):
    agreement = agreements.draft(award(), start_on=START, by=manager)
    with pytest.raises(DomainError, match="geen geldig rekeningnummer"):
        agreements.set_account_number(agreement.network, iban, by=manager)


def test_an_account_number_is_kept_without_spaces(manager):
    agreement = agreements.draft(award(), start_on=START, by=manager)
    agreements.set_account_number(agreement.network, "be68 5390 0754 7034", by=manager)
    assert Network.objects.get().iban == "BE68539007547034"


def test_the_beneficiary_is_told_of_the_signature(manager, drain_outbox, mailoutbox):
    agreement = agreements.draft(award(), start_on=START, by=manager)
    person = UserFactory()
    MembershipFactory(user=person, organisation=agreement.network.beneficiary)
    agreements.sign(agreement, founded_on=date(2026, 1, 1), signatories="A en B", by=manager)
    drain_outbox()
    assert [mail.to for mail in mailoutbox] == [[person.email]]


def test_an_account_manager_of_the_network_is_one_by_role(manager):
    agreement = agreements.draft(award(), start_on=START, by=manager)
    with pytest.raises(DomainError, match="geen accountmanager"):
        agreements.appoint_account_manager(agreement.network, UserFactory(), by=manager)
    other = staff(Role.ACCOUNT_MANAGER)
    agreements.appoint_account_manager(agreement.network, other, by=manager)
    assert Network.objects.get().account_manager == other
