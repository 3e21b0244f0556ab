"""The account that a network's money goes to, once the agreement is signed: changed by two people (PAY-01).

One person asks, with why and preferably a proof of the bank; another one, who does not work for the network, confirms. While
a change is open no tranche is released, so that nothing goes to an account that somebody doubts.
"""

from datetime import datetime

from django.core.files.base import File
from django.db import IntegrityError, transaction
from stdnum import iban as iban_numbers

from applications.domain import words
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.store import store
from ibnportal.core.lifecycle import lock
from monitoring.domain import people
from monitoring.domain.lifecycle import move_account_change
from monitoring.domain.notices import tell_account_changed
from monitoring.enums import AccountChangeState
from monitoring.models import AccountChange, Network

MAY_ASK = (Role.ACCOUNT_MANAGER, Role.FINANCIAL_OFFICER)


def checked_iban(typed: str) -> str:
    """The number without spaces, in capitals. Raises DomainError when its check digits are wrong."""
    number = str(iban_numbers.compact(typed)).upper()
    if not iban_numbers.is_valid(number, check_country=False):  # a list of banks ages
        raise DomainError(f"“{typed.strip()[:40]}” is geen geldig rekeningnummer (IBAN). Kijk de cijfers na.")
    return number


def open_change(network: Network) -> AccountChange | None:
    """The change that waits for its second person, if any."""
    return network.account_changes.filter(state=AccountChangeState.ASKED).select_related("asked_by", "proof").first()


@transaction.atomic
def ask_change(
    network: Network,
    iban: str,
    *,
    reason: str,
    by: User,
    proof: "File[bytes] | None" = None,
    at: datetime | None = None,
) -> AccountChange:
    """Ask for another account; it counts only once somebody else confirms it.

    Raises DomainError for a wrong number, the number that stands already or a missing reason, WrongState while another
    change is open.
    """
    people.require_role(by, *MAY_ASK)
    people.refuse_own_network(network, by)
    number = checked_iban(iban)
    why = reason.strip()
    if not why:
        raise DomainError(
            "Schrijf op waarom het rekeningnummer wijzigt en waarop u steunt, bijvoorbeeld een bankattest."
        )
    at = at or clock.now()
    fresh = lock(network)
    if fresh.iban == number:
        raise DomainError("Dit is al het rekeningnummer van het netwerk.")
    stored = None if proof is None else store(proof, by=by, kind=FileKind.PROOF_PDF)
    try:
        with transaction.atomic():
            change = AccountChange.objects.create(
                network=fresh,
                iban=number,
                previous_iban=fresh.iban,
                reason=why,
                proof=stored,
                state_changed_at=at,
                asked_at=at,
                asked_by=by,
            )
    except IntegrityError as error:
        raise WrongState(
            "Er staat al een wijziging van het rekeningnummer open. Laat die eerst bevestigen of weigeren."
        ) from error
    changes = {"iban": [fresh.iban, number], "change": change.pk}
    trail.record("network.account_change_asked", fresh, by=by, changes=changes, reason=why, at=at)
    return change


@transaction.atomic
def confirm_change(change: AccountChange, *, by: User, at: datetime | None = None) -> AccountChange:
    """The new account counts from now on; the network is told. By a financial officer who did not ask for it."""
    _may_decide(change, by)
    at = at or clock.now()
    network = lock(change.network)
    moved = move_account_change(change, AccountChangeState.CONFIRMED, by=by, at=at)
    before = network.iban
    network.iban = moved.iban
    network.save(update_fields=["iban"])
    trail.record("network.account_number_set", network, by=by, changes={"iban": [before, moved.iban]}, at=at)
    tell_account_changed(moved)
    return moved


@transaction.atomic
def refuse_change(change: AccountChange, *, reason: str, by: User, at: datetime | None = None) -> AccountChange:
    """The account stays as it was, with why."""
    _may_decide(change, by)
    reason = words.clean(reason)
    if not reason:
        raise DomainError("Schrijf op waarom u de wijziging niet aanvaardt.")
    return move_account_change(change, AccountChangeState.REFUSED, by=by, at=at, reason=reason)


def _may_decide(change: AccountChange, by: User) -> None:
    people.require_role(by, Role.FINANCIAL_OFFICER)
    people.refuse_own_network(change.network, by)
    if change.asked_by_id == by.pk:
        raise NotAllowed(
            "U vroeg deze wijziging zelf. Een rekeningnummer wordt bevestigd door iemand anders (vier ogen): vraag het aan een collega "
            "die financieel verantwoordelijke is."
        )
