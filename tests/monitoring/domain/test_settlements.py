"""The end of a project year: closed, settled once, forfeited, recovered (PAY-03, PAY-05 ... 07)."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from monitoring.domain import contributions, settlements, tranches
from monitoring.domain.queries import cofinancing_of
from monitoring.enums import TrancheState
from monitoring.models import AwardYear, Recovery, Settlement, Tranche
from tests.factories.monitoring import approved_report, contribution, team
from tests.monitoring.rules import rules_2015

pytestmark = pytest.mark.django_db


def paid_first(crew):
    tranche = tranches.propose(crew.year(), 1, by=crew.manager)
    return tranches.release(tranche, by=crew.officer)


def to_settle(clock, *, collected="225000.00", costs="450000.00", first=True, **fields):
    """A year that is over, closed, with its report approved; the first tranche released."""
    clock.set("2027-03-01T10:00")
    crew = team(**fields)
    contribution(crew.year(), collected, accepted_by=crew.manager)
    if first:
        paid_first(crew)
    clock.set("2027-09-15T10:00")
    approved_report(crew, costs=costs)
    settlements.close_claims(crew.year(), by=crew.manager)
    return crew


@pytest.mark.rule("PAY-05")
def test_a_running_year_and_a_waiting_contribution_keep_the_year_open(clock):
    clock.set("2027-08-31T23:59")
    crew = team()
    waiting = contribution(crew.year())
    with pytest.raises(WrongState, match="loopt nog tot en met 31/08/2027"):
        settlements.close_claims(crew.year(), by=crew.manager)
    clock.set("2027-09-01T00:00")
    with pytest.raises(WrongState, match="wacht nog 1 bijdrage"):
        settlements.close_claims(crew.year(), by=crew.manager)
    contributions.accept(waiting, by=crew.manager)
    settlements.close_claims(crew.year(), by=crew.manager)
    with pytest.raises(WrongState, match="al afgesloten"):
        settlements.close_claims(crew.year(), by=crew.manager)


@pytest.mark.rule("MON-03")
@pytest.mark.rule("PAY-03")
def test_a_report_comes_in_while_a_claim_is_open_and_the_settlement_waits_for_the_claim(clock):
    clock.set("2027-08-31T10:00")
    crew = team()
    waiting = contribution(crew.year(), "225000.00")
    clock.set("2027-09-15T10:00")
    assert approved_report(crew).state == "approved"
    with pytest.raises(WrongState):
        settlements.settle(crew.year(), by=crew.manager)
    with pytest.raises(WrongState, match="wacht nog 1 bijdrage"):
        settlements.close_claims(crew.year(), by=crew.manager)
    contributions.accept(waiting, by=crew.manager)
    settlements.close_claims(crew.year(), by=crew.manager)
    assert settlements.settle(crew.year(), by=crew.manager).payable == Decimal("225000.00")


@pytest.mark.rule("PAY-03")
def test_a_settlement_says_what_it_waits_for(clock):
    clock.set("2027-03-01T10:00")
    crew = team()
    contribution(crew.year(), "225000.00", accepted_by=crew.manager)
    tranches.propose(crew.year(), 1, by=crew.manager)
    clock.set("2027-09-15T10:00")
    with pytest.raises(WrongState, match="nog niet afgerekend") as error:
        settlements.settle(crew.year(), by=crew.manager)
    assert [finding.where for finding in error.value.findings] == ["Jaarverslag", "Bijdragen", "Eerste schijf"]
    assert not Settlement.objects.exists()


@pytest.mark.rule("PAY-03")
@pytest.mark.rule("PAY-05")
def test_a_good_year_proposes_its_balance_which_another_releases(clock):
    crew = to_settle(clock)
    settlement = settlements.settle(crew.year(), by=crew.manager)
    assert (settlement.payable, settlement.balance, settlement.forfeited) == (
        Decimal("225000.00"),
        Decimal("45000.00"),
        Decimal("0.00"),
    )
    second = Tranche.objects.get(number=2)
    assert (second.amount, second.state, second.proposed_by) == (
        Decimal("45000.00"),
        TrancheState.PROPOSED,
        crew.manager,
    )
    assert second.derivation["settlement"] == settlement.pk
    with pytest.raises(NotAllowed):
        tranches.release(second, by=crew.manager)
    tranches.release(second, by=crew.officer)
    assert crew.year().paid_amount == Decimal("225000.00")


def test_who_settles_as_financial_officer_does_not_release(clock):
    crew = to_settle(clock)
    settlements.settle(crew.year(), by=crew.officer)
    with pytest.raises(NotAllowed, match="vier ogen"):
        tranches.release(Tranche.objects.get(number=2), by=crew.officer)


@pytest.mark.rule("PAY-06")
@pytest.mark.rule("PAY-07")
def test_what_is_not_due_is_lost_and_never_goes_to_the_next_year(clock):
    crew = to_settle(clock, costs="400000.00")
    settlement = settlements.settle(crew.year(), by=crew.manager)
    assert settlement.forfeited == Decimal("25000.00")
    assert crew.year(2).awarded_amount == Decimal("225000.00")
    tranches.release(Tranche.objects.get(number=2), by=crew.officer)
    assert crew.year().paid_amount == Decimal("200000.00")


@pytest.mark.rule("PAY-05")
def test_a_year_below_its_first_tranche_is_recovered_never_paid_negatively(clock, drain_outbox, mailoutbox):
    crew = to_settle(clock, costs="340000.00")
    settlement = settlements.settle(crew.year(), by=crew.manager)
    assert settlement.balance == Decimal("-10000.00")
    assert Recovery.objects.get().amount == Decimal("10000.00")
    assert Tranche.objects.count() == 1
    with pytest.raises(WrongState) as error:
        tranches.propose(crew.year(), 2, by=crew.manager)
    assert "niets meer uit te betalen" in error.value.findings[0].message
    drain_outbox()
    assert [
        mail.subject
        for mail in mailoutbox
        if "terug" in mail.subject.lower() and "jaarverslag" not in mail.subject.lower()
    ] == ["Terug te betalen na de afrekening van projectjaar 1: € 10.000,00"]


def test_an_even_year_ends_with_nothing(clock):
    crew = to_settle(clock, costs="360000.00")
    assert settlements.settle(crew.year(), by=crew.manager).balance == Decimal("0.00")
    assert not Recovery.objects.exists()
    assert Tranche.objects.count() == 1


def test_a_year_without_a_first_tranche_comes_in_one(clock):
    crew = to_settle(clock, collected="100000.00", first=False)
    settlements.settle(crew.year(), by=crew.manager)
    assert Tranche.objects.get().amount == Decimal("100000.00")
    with pytest.raises(WrongState) as error:
        tranches.propose(crew.year(), 1, by=crew.manager)
    assert error.value.rule_id == "PAY-05"


@pytest.mark.rule("SUB-02")
def test_a_reduction_needs_a_reason(clock):
    crew = to_settle(clock)
    with pytest.raises(DomainError, match="vraagt een motivering"):
        settlements.settle(crew.year(), reduction=Decimal("10000.00"), by=crew.manager)
    with pytest.raises(DomainError, match="niet negatief"):
        settlements.settle(crew.year(), reduction=Decimal("-1.00"), reduction_reason="Omdat.", by=crew.manager)
    settlement = settlements.settle(
        crew.year(), reduction=Decimal("10000.00"), reduction_reason="Achterstand.", by=crew.manager
    )
    assert (settlement.payable, settlement.forfeited) == (Decimal("215000.00"), Decimal("10000.00"))


@pytest.mark.rule("PAY-05")
def test_a_year_is_settled_once_and_for_good(clock):
    crew = to_settle(clock)
    settlement = settlements.settle(crew.year(), by=crew.manager)
    with pytest.raises(WrongState, match="al afgerekend"):
        settlements.settle(crew.year(), by=crew.officer)
    for change in ({"payable": Decimal("1.00"), "balance": Decimal("-179999.00")}, {"forfeited": Decimal("0.00")}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Settlement.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        settlement.delete()


def test_the_database_wants_a_balance_that_adds_up(clock):
    crew = to_settle(clock)
    settlement = settlements.settle(crew.year(), by=crew.manager)
    settlement.pk, settlement.award_year, settlement.balance = None, crew.year(2), Decimal("1.00")
    with pytest.raises(IntegrityError, match="settlement_balance_adds_up"), transaction.atomic():
        settlement.save(force_insert=True)


@pytest.mark.rule("COF-20")
@pytest.mark.rule("H-18")
@pytest.mark.parametrize(("carries", "next_year"), [(False, "0.00"), (True, "15000.00")])
def test_a_surplus_passes_only_where_the_call_says_so(clock, carries, next_year):
    crew = to_settle(clock, collected="240000.00", rules={"cofinancing_carries_over": carries})
    assert settlements.settle(crew.year(), by=crew.manager).surplus_cofinancing == Decimal("15000.00")
    rules = crew.network.agreement.rules.frozen()
    assert cofinancing_of(crew.year(2), rules).total == Decimal(next_year)
    assert rules_2015().cofinancing_carries_over


def test_the_preview_is_what_the_settlement_becomes(clock):
    crew = to_settle(clock, costs="400000.00")
    preview = settlements.preview(crew.year(), reduction=Decimal("500.00"))
    settlement = settlements.settle(
        crew.year(), reduction=Decimal("500.00"), reduction_reason="Achterstand.", by=crew.manager
    )
    assert settlement.derivation["lines"] == [line.as_dict() for line in preview.lines]
    assert settlement.balance == preview.balance


def test_nobody_settles_their_own_year(clock):
    crew = to_settle(clock)
    with pytest.raises(NotAllowed):
        settlements.settle(crew.year(), by=crew.worker)


def test_the_first_tranche_is_released_or_withdrawn_before_the_settlement(clock):
    crew = to_settle(clock, first=False)
    proposal = tranches.propose(crew.year(), 1, by=crew.manager)
    with pytest.raises(WrongState) as error:
        settlements.settle(crew.year(), by=crew.manager)
    assert error.value.rule_id == "PAY-01"
    tranches.withdraw(proposal, reason="In één keer bij de afrekening.", by=crew.manager)
    settlements.settle(crew.year(), by=crew.manager)
    assert AwardYear.objects.get(pk=crew.year().pk).settlement.balance == Decimal("225000.00")


def test_a_withdrawn_second_tranche_is_proposed_again_from_the_settlement(clock):
    crew = to_settle(clock)
    settlements.settle(crew.year(), by=crew.officer)
    tranches.withdraw(Tranche.objects.get(number=2), reason="Iemand anders stelt voor.", by=crew.officer)
    again = tranches.propose(crew.year(), 2, by=crew.manager)
    assert again.amount == Decimal("45000.00")
    tranches.release(again, by=crew.officer)
    assert crew.year().paid_amount == Decimal("225000.00")
