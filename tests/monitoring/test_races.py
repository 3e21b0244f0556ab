"""Two people at one barrier: exactly one of them pays, whatever the order (trust.md, races)."""

import threading
from decimal import Decimal

import pytest
from django.db import connection

from ibnportal.core import clock as portal_clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.core.outbox.models import OutboxMessage
from monitoring import invariants
from monitoring.domain import contributions, settlements, tranches
from monitoring.models import AwardYear, Contribution, Settlement, Tranche
from tests.factories.monitoring import approved_report, contribution, member, staff, team

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*deeds):
    """Run the deeds in threads that start together; returns (results, domain errors); any other error fails the test."""
    barrier = threading.Barrier(len(deeds))
    done, refused, broken = [], [], []

    def run(deed):
        try:
            barrier.wait(timeout=10)
            done.append(deed())
        except DomainError as error:
            refused.append(error)
        except Exception as error:  # noqa: BLE001 - reported by the assertion below, in the test's own thread
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert broken == []
    return done, refused


def no_breach():
    checks = (
        invariants.paid_within_award_of_year, invariants.paid_within_award_of_project, invariants.paid_within_cofinancing,
        invariants.one_payout_per_number, invariants.payments_recompute, invariants.settlements_add_up,
        invariants.accepted_contributions_may_count,
    )  # fmt: skip
    assert [breach for check in checks for breach in check()] == []


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    crew = team()
    contribution(crew.year(), "225000.00", accepted_by=crew.manager)
    return crew


def test_two_proposals_make_one_tranche(crew):
    other = staff(Role.ACCOUNT_MANAGER)
    done, refused = at_once(
        lambda: tranches.propose(crew.year(), 1, by=crew.manager), lambda: tranches.propose(crew.year(), 1, by=other)
    )
    assert (len(done), len(refused)) == (1, 1)
    assert Tranche.objects.count() == 1
    no_breach()


def test_two_releases_pay_once(crew):
    tranche = tranches.propose(crew.year(), 1, by=crew.manager)
    other = staff(Role.FINANCIAL_OFFICER)
    done, refused = at_once(
        lambda: tranches.release(Tranche.objects.get(pk=tranche.pk), by=crew.officer),
        lambda: tranches.release(Tranche.objects.get(pk=tranche.pk), by=other),
    )
    assert (len(done), len(refused)) == (1, 1)
    assert AwardYear.objects.get(pk=tranche.award_year_id).paid_amount == Decimal("180000.00")
    assert OutboxMessage.objects.filter(topic="monitoring.payment_order").count() == 1
    no_breach()


def test_a_double_click_pays_once(crew):
    tranche = tranches.propose(crew.year(), 1, by=crew.manager)
    done, refused = at_once(*[lambda: tranches.release(Tranche.objects.get(pk=tranche.pk), by=crew.officer)] * 4)
    assert (len(done), len(refused)) == (1, 3)
    assert AwardYear.objects.get(pk=tranche.award_year_id).paid_amount == Decimal("180000.00")


def test_a_release_and_a_withdrawal_end_in_one_of_both(crew):
    tranche = tranches.propose(crew.year(), 1, by=crew.manager)
    done, refused = at_once(
        lambda: tranches.release(Tranche.objects.get(pk=tranche.pk), by=crew.officer),
        lambda: tranches.withdraw(Tranche.objects.get(pk=tranche.pk), reason="Vergissing.", by=crew.manager),
    )
    assert (len(done), len(refused)) == (1, 1)
    no_breach()


def test_a_release_and_a_refusal_of_its_evidence_take_turns(crew):
    tranche = tranches.propose(crew.year(), 1, by=crew.manager)
    evidence = crew.year().contributions.get()
    done, refused = at_once(
        lambda: tranches.release(Tranche.objects.get(pk=tranche.pk), by=crew.officer),
        lambda: contributions.refuse(
            Contribution.objects.get(pk=evidence.pk), rule_id="COF-12", reason="Vals.", by=crew.manager
        ),
    )
    assert len(done) + len(refused) == 2
    tranche.refresh_from_db()
    evidence.refresh_from_db()
    if tranche.state == "proposed":
        assert evidence.state == "refused"
    no_breach()


def test_two_settlements_settle_once(crew):
    tranches.release(tranches.propose(crew.year(), 1, by=crew.manager), by=crew.officer)
    portal_clock.freeze("2027-09-15T10:00")
    approved_report(crew)
    settlements.close_claims(crew.year(), by=crew.manager)
    done, refused = at_once(
        lambda: settlements.settle(crew.year(), by=crew.manager),
        lambda: settlements.settle(crew.year(), by=crew.officer),
    )
    assert (len(done), len(refused)) == (1, 1)
    assert Settlement.objects.count() == 1
    assert Tranche.objects.filter(number=2).count() == 1
    no_breach()


def test_a_release_and_the_settlement_of_the_year_never_pay_too_much(crew):
    first = tranches.propose(crew.year(), 1, by=crew.manager)
    portal_clock.freeze("2027-09-15T10:00")
    approved_report(crew)
    settlements.close_claims(crew.year(), by=crew.manager)
    at_once(
        lambda: tranches.release(Tranche.objects.get(pk=first.pk), by=crew.officer),
        lambda: settlements.settle(crew.year(), by=crew.manager),
    )
    if not Settlement.objects.exists():
        settlements.settle(crew.year(), by=crew.manager)
    tranches.release(Tranche.objects.get(number=2), by=crew.officer)
    assert crew.year().paid_amount == Decimal("225000.00")
    no_breach()


def test_an_entry_and_the_closing_of_the_year_take_turns(crew):
    payer = member(crew.network).organisation
    portal_clock.freeze("2027-09-15T10:00")
    at_once(
        lambda: contribution(crew.year(), payer=payer),
        lambda: settlements.close_claims(crew.year(), by=crew.manager),
    )
    year = crew.year()
    waiting = year.contributions.filter(state="submitted").count()
    assert (year.claims_closed_at is None) == (waiting == 1)


def test_one_invoice_in_two_years_is_accepted_once(crew):
    first = contribution(crew.year(1), invoice_number="X-1")
    second = contribution(
        crew.year(2),
        invoice_number="X-2",
        payer=first.payer,
        invoiced_on=crew.year(2).starts_on,
        received_on=crew.year(1).starts_on,
    )
    Contribution.objects.filter(pk=second.pk).update(invoice_number="X-1")
    done, refused = at_once(
        lambda: contributions.accept(Contribution.objects.get(pk=first.pk), by=crew.manager),
        lambda: contributions.accept(Contribution.objects.get(pk=second.pk), by=crew.manager),
    )
    assert len(done) == 0  # both wait: each is the other's twin until one is refused
    assert len(refused) == 2
