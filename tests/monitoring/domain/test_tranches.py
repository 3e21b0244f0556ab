"""Tranches: what they wait for, four eyes, and exactly once (PAY-01 ... 04, PAY-08)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from stdnum.be import ogm_vcs

from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.files import store
from ibnportal.core.outbox.models import OutboxMessage
from monitoring.domain import contributions, tranches
from monitoring.enums import TrancheState
from monitoring.models import AwardYear, Network, Tranche
from tests.factories.monitoring import contribution, member, staff, team

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team()


@pytest.fixture
def ready(crew):
    """180.000 euro of cash: exactly the threshold."""
    contribution(crew.year(), "180000.00", accepted_by=crew.manager)
    return crew


@pytest.mark.rule("PAY-02")
@pytest.mark.rule("PAY-08")
def test_the_first_tranche_waits_and_says_for_how_much(crew):
    contribution(crew.year(), "179999.99", accepted_by=crew.manager)
    with pytest.raises(WrongState) as error:
        tranches.propose(crew.year(), 1, by=crew.manager)
    assert error.value.rule_id == "PAY-02"
    assert "Nog €\xa00,01 te gaan" in error.value.findings[0].message
    assert not Tranche.objects.exists()


@pytest.mark.rule("PAY-01")
@pytest.mark.rule("PAY-04")
def test_a_proposal_holds_its_whole_derivation(ready):
    tranche = tranches.propose(ready.year(), 1, by=ready.manager)
    assert (tranche.amount, tranche.state, tranche.proposed_by) == (
        Decimal("180000.00"),
        TrancheState.PROPOSED,
        ready.manager,
    )
    assert tranche.derivation["inputs"] == {
        "awarded": "225000.00",
        "cash": "180000.00",
        "income": "0.00",
        "carried": "0.00",
    }
    assert [c["amount"] for c in tranche.derivation["contributions"]] == ["180000.00"]
    assert tranche.derivation["lines"][-1] == {"label": "Eerste schijf", "rule_id": "PAY-01", "amount": "180000.00"}
    assert tranche.rules == ready.network.agreement.rules


@pytest.mark.rule("PAY-01")
def test_a_tranche_is_proposed_once(ready):
    tranches.propose(ready.year(), 1, by=ready.manager)
    with pytest.raises(WrongState) as error:
        tranches.propose(ready.year(), 1, by=ready.officer)
    assert "al voorgesteld" in error.value.findings[0].message
    first = Tranche.objects.get()
    first.pk = None
    with pytest.raises(IntegrityError, match="tranche_once"), transaction.atomic():
        first.save(force_insert=True)


@pytest.mark.parametrize("number", [0, 3, 99])
def test_there_is_no_third_tranche(ready, number):
    with pytest.raises(DomainError, match="twee schijven"):
        tranches.propose(ready.year(), number, by=ready.manager)


def test_the_second_tranche_waits_for_the_settlement(ready):
    with pytest.raises(WrongState) as error:
        tranches.propose(ready.year(), 2, by=ready.manager)
    assert [(f.rule_id, f.message) for f in error.value.findings] == [
        ("PAY-03", "Het projectjaar is nog niet afgerekend.")
    ]


def test_a_network_does_not_propose_its_own_tranche(ready):
    with pytest.raises(NotAllowed, match="U werkt voor dit netwerk"):
        tranches.propose(ready.year(), 1, by=ready.worker)
    with pytest.raises(NotAllowed, match="voorbehouden"):
        tranches.propose(ready.year(), 1, by=staff(Role.CASE_HANDLER))


def test_the_proposer_does_not_release(ready):
    tranche = tranches.propose(ready.year(), 1, by=ready.officer)
    with pytest.raises(NotAllowed, match="vier ogen"):
        tranches.release(tranche, by=ready.officer)
    assert AwardYear.objects.get(pk=tranche.award_year_id).paid_amount == Decimal("0.00")
    tranche.refresh_from_db()
    assert tranche.state == TrancheState.PROPOSED
    with pytest.raises(IntegrityError, match="tranche_four_eyes"), transaction.atomic():
        Tranche.objects.update(released_at=tranche.proposed_at, released_by=ready.officer, state="released")


def test_an_account_manager_does_not_release(ready):
    tranche = tranches.propose(ready.year(), 1, by=ready.officer)
    with pytest.raises(NotAllowed, match="financieel verantwoordelijke"):
        tranches.release(tranche, by=ready.manager)


def test_a_release_moves_the_years_amount_and_asks_for_the_order(ready):
    tranche = tranches.propose(ready.year(), 1, by=ready.manager)
    tranches.release(tranche, by=ready.officer)
    tranche.refresh_from_db()
    assert (tranche.state, tranche.released_by, tranche.iban) == (
        TrancheState.RELEASED,
        ready.officer,
        "BE68539007547034",
    )
    assert ogm_vcs.is_valid(tranche.payment_reference.strip("+"))
    assert ready.year().paid_amount == Decimal("180000.00")
    message = OutboxMessage.objects.get(topic="monitoring.payment_order")
    assert message.payload == {"tranche": tranche.pk}
    assert [event.action for event in trail.history(tranche)] == ["tranche.proposed", "tranche.released"]


def test_a_second_release_changes_nothing(ready):
    tranche = tranches.propose(ready.year(), 1, by=ready.manager)
    tranches.release(tranche, by=ready.officer)
    with pytest.raises(WrongState, match="Dit is al gebeurd"):
        tranches.release(tranche, by=staff(Role.FINANCIAL_OFFICER))
    assert ready.year().paid_amount == Decimal("180000.00")
    assert OutboxMessage.objects.filter(topic="monitoring.payment_order").count() == 1


@pytest.mark.rule("PAY-06")
def test_the_database_refuses_more_than_awarded(ready):
    with pytest.raises(IntegrityError, match="paid_within_award_of_year"), transaction.atomic():
        AwardYear.objects.filter(project_year=1).update(paid_amount=Decimal("225000.01"))


def test_what_was_proposed_is_frozen(ready):
    tranche = tranches.propose(ready.year(), 1, by=ready.manager)
    for fields in ({"amount": Decimal("1.00")}, {"derivation": {}}, {"number": 2}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Tranche.objects.filter(pk=tranche.pk).update(**fields)
    with pytest.raises(DatabaseError), transaction.atomic():
        tranche.delete()


def test_a_release_waits_for_the_account_number(ready):
    Network.objects.update(iban="")
    tranche = tranches.propose(ready.year(), 1, by=ready.manager)
    with pytest.raises(WrongState) as error:
        tranches.release(tranche, by=ready.officer)
    assert "rekeningnummer" in error.value.findings[0].message


def test_a_proposal_that_no_longer_holds_is_withdrawn_and_made_again(ready):
    extra = contribution(ready.year(), "20000.00", accepted_by=ready.manager)
    tranche = tranches.propose(ready.year(), 1, by=ready.manager)
    first = ready.year().contributions.exclude(pk=extra.pk).get()
    contributions.refuse(first, rule_id="COF-12", reason="Factuur hoort bij een ander project.", by=ready.manager)
    with pytest.raises(WrongState) as error:
        tranches.release(tranche, by=ready.officer)
    assert "gedaald" in error.value.findings[0].message
    with pytest.raises(DomainError, match="waarom"):
        tranches.withdraw(tranche, reason="", by=ready.manager)
    tranches.withdraw(tranche, reason="Een factuur viel weg.", by=ready.manager)
    with pytest.raises(WrongState, match="Voorstel ingetrokken"):
        tranches.release(tranche, by=ready.officer)
    contribution(ready.year(), "160000.00", accepted_by=ready.manager)
    assert tranches.propose(ready.year(), 1, by=ready.manager).amount == Decimal("180000.00")
    assert Tranche.objects.count() == 2


def test_the_worker_makes_the_payment_order_once(ready, drain_outbox):
    tranche = tranches.propose(ready.year(), 1, by=ready.manager)
    tranches.release(tranche, by=ready.officer)
    drain_outbox()
    tranche.refresh_from_db()
    assert tranche.state == TrancheState.ORDERED
    content = store.read_bytes(tranche.order_file)
    assert content.startswith(b"%PDF")
    order_file, ordered_at = tranche.order_file, tranche.ordered_at
    OutboxMessage.objects.filter(topic="monitoring.payment_order").update(done_at=None, next_try_at=tranche.released_at)
    drain_outbox()
    tranche.refresh_from_db()
    assert (tranche.order_file, tranche.ordered_at) == (order_file, ordered_at)


def test_a_failing_order_leaves_nothing_behind(ready, monkeypatch):
    from ibnportal.core.files.models import StoredFile
    from ibnportal.core.outbox.queue import drain

    tranche = tranches.propose(ready.year(), 1, by=ready.manager)
    tranches.release(tranche, by=ready.officer)
    before = StoredFile.objects.count()

    def fail(*args, **kwargs):
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(tranches, "attach_order", fail)
        with pytest.raises(OSError, match="disk full"):
            drain()
    tranche.refresh_from_db()
    assert tranche.state == TrancheState.RELEASED
    assert StoredFile.objects.count() == before


def test_a_payment_is_confirmed_by_hand(ready, drain_outbox):
    tranche = tranches.propose(ready.year(), 1, by=ready.manager)
    tranches.release(tranche, by=ready.officer)
    with pytest.raises(WrongState):
        tranches.confirm_paid(tranche, paid_on=date(2027, 3, 1), by=ready.officer)
    drain_outbox()
    with pytest.raises(DomainError, match="ligt in de toekomst"):
        tranches.confirm_paid(tranche, paid_on=date(2027, 3, 2), by=ready.officer)
    with pytest.raises(DomainError, match="niet eerder betaald"):
        tranches.confirm_paid(tranche, paid_on=date(2027, 2, 28), by=ready.officer)
    tranches.confirm_paid(tranche, paid_on=date(2027, 3, 1), by=ready.officer)
    tranche.refresh_from_db()
    assert (tranche.state, tranche.paid_on) == (TrancheState.PAID, date(2027, 3, 1))


@pytest.mark.rule("NOT-10")
def test_the_network_is_told_of_the_release(ready, drain_outbox, mailoutbox):
    tranche = tranches.propose(ready.year(), 1, by=ready.manager)
    tranches.release(tranche, by=ready.officer)
    drain_outbox()
    told = [mail for mail in mailoutbox if "vrijgegeven" in mail.subject]
    assert [mail.to for mail in told] == [[ready.worker.email]]
    assert "€ 180.000,00" in told[0].subject


def test_a_fixed_share_is_paid_once_the_threshold_is_there(clock):
    clock.set("2027-03-01T10:00")
    crew = team(rules={"first_tranche_basis": "fixed_share"})
    contribution(crew.year(), "200000.00", accepted_by=crew.manager)
    assert tranches.propose(crew.year(), 1, by=crew.manager).amount == Decimal("180000.00")


@pytest.mark.rule("PAY-02")
def test_a_call_without_a_threshold_pays_what_was_collected(clock):
    clock.set("2027-03-01T10:00")
    crew = team(
        rules={"first_tranche_threshold_fraction": None, "min_cash_fraction": None, "max_income_fraction": None},
        amounts=("150000.00", "150000.00", "150000.00"),
    )
    with pytest.raises(WrongState):
        tranches.propose(crew.year(), 1, by=crew.manager)
    payer = member(crew.network).organisation
    contribution(crew.year(), "40000.00", payer=payer, kind="activity_income", accepted_by=crew.manager)
    assert tranches.propose(crew.year(), 1, by=crew.manager).amount == Decimal("40000.00")
