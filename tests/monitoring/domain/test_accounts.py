"""Another account takes two people, and stops every release meanwhile (PAY-01)."""

from datetime import date

import pytest
from django.db import IntegrityError

from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from monitoring.domain import accounts, agreements, tranches
from monitoring.enums import AccountChangeState
from monitoring.models import AccountChange, Network
from tests.factories.core import MembershipFactory
from tests.factories.monitoring import IBAN, award, contribution, staff, team

pytestmark = pytest.mark.django_db

OTHER = "BE71 0961 2345 6769"


@pytest.fixture
def crew(clock):
    clock.set("2027-03-01T10:00")
    return team()


def ask(crew, **fields):
    return accounts.ask_change(
        crew.network, OTHER, **{"reason": "Bankattest van 1 maart.", "by": crew.manager, **fields}
    )


def test_the_account_changes_when_a_second_person_confirms(crew, drain_outbox, mailoutbox):
    change = ask(crew)
    assert Network.objects.get().iban == IBAN
    accounts.confirm_change(change, by=crew.officer)
    assert Network.objects.get().iban == "BE71096123456769"
    drain_outbox()
    mail = next(mail for mail in mailoutbox if "Nieuw rekeningnummer" in mail.subject)
    assert "eindigt op 6769" in mail.body
    assert "BE71096123456769" not in mail.body
    assert [e.action for e in trail.history(crew.network) if "account" in e.action][:2] == [
        "network.account_number_set",
        "network.account_change_asked",
    ]


def test_who_asked_does_not_confirm(crew):
    change = ask(crew, by=crew.officer)
    with pytest.raises(NotAllowed, match="vier ogen"):
        accounts.confirm_change(change, by=crew.officer)
    with pytest.raises(IntegrityError, match="account_change_four_eyes"):
        AccountChange.objects.filter(pk=change.pk).update(
            state="confirmed", decided_at=change.asked_at, decided_by=crew.officer
        )


def test_the_account_manager_does_not_confirm(crew):
    change = ask(crew, by=crew.officer)
    with pytest.raises(NotAllowed, match="inancieel verantwoordelijke"):
        accounts.confirm_change(change, by=crew.manager)


def test_the_network_itself_neither_asks_nor_confirms(crew):
    MembershipFactory(user=crew.officer, organisation=crew.network.beneficiary)
    crew.officer.forget_access()
    with pytest.raises(NotAllowed, match="werkt voor dit netwerk"):
        accounts.confirm_change(ask(crew), by=crew.officer)
    with pytest.raises(NotAllowed):
        ask(crew, by=crew.worker)


@pytest.mark.parametrize(
    ("iban", "reason", "sentence"),
    [
        ("BE00 0000 0000 0000", "Attest.", "geen geldig rekeningnummer"),
        (OTHER, "  ", "Schrijf op waarom"),
        (IBAN, "Attest.", "al het rekeningnummer"),
    ],
)
def test_a_change_that_cannot_be_is_refused(crew, iban, reason, sentence):
    with pytest.raises(DomainError, match=sentence):
        accounts.ask_change(crew.network, iban, reason=reason, by=crew.manager)
    assert not AccountChange.objects.exists()


def test_one_change_at_a_time(crew):
    ask(crew)
    with pytest.raises(WrongState, match="staat al een wijziging"):
        ask(crew)


def test_a_refused_change_leaves_the_account_and_says_why(crew):
    change = ask(crew)
    with pytest.raises(DomainError, match="waarom u de wijziging niet aanvaardt"):
        accounts.refuse_change(change, reason=" ", by=crew.officer)
    accounts.refuse_change(change, reason="Het attest is van een andere vzw.", by=crew.officer)
    change.refresh_from_db()
    assert (change.state, change.refusal_reason) == (AccountChangeState.REFUSED, "Het attest is van een andere vzw.")
    assert Network.objects.get().iban == IBAN
    with pytest.raises(WrongState):
        accounts.confirm_change(change, by=crew.officer)


def test_no_release_while_an_account_is_in_doubt(crew):
    contribution(crew.year(), "180000.00", accepted_by=crew.manager)
    tranche = tranches.propose(crew.year(), 1, by=crew.manager)
    change = ask(crew)
    with pytest.raises(WrongState) as error:
        tranches.release(tranche, by=crew.officer)
    assert "ander rekeningnummer op bevestiging" in error.value.findings[0].message
    accounts.confirm_change(change, by=crew.officer)
    assert tranches.release(tranche, by=staff(Role.FINANCIAL_OFFICER)).iban == "BE71096123456769"


def test_the_agreement_names_the_first_account_and_only_until_it_is_signed(crew, clock):
    clock.set("2026-08-01T10:00")
    draft = agreements.draft(award(number="IBN-2025-88"), start_on=date(2026, 9, 1), by=crew.manager)
    agreements.set_account_number(draft.network, OTHER, by=crew.manager)
    with pytest.raises(WrongState, match="vier ogen"):
        agreements.set_account_number(crew.network, OTHER, by=crew.manager)
