"""The bank's answer: statements read line by line, payments confirmed, repayments counted (PAY-01, PAY-07).

Reading is exact: our own reference and the right amount and account, or the line is shown with what does not fit and changes
nothing. The same file twice, or the same line in two files, counts once.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.files.models import StoredFile
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import format_euros
from monitoring.domain import accounts, batches, people, tranches
from monitoring.enums import EntryVerdict, TrancheState
from monitoring.models import BankEntry, BankStatement, Recovery, Repayment, Tranche


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as the bank wrote it; the amount is positive, `is_credit` tells the direction."""

    key: str
    is_credit: bool
    amount: Decimal
    currency: str
    booked_on: date
    end_to_end_id: str = ""
    reference: str = ""
    counterparty: str = ""
    counterparty_iban: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One file of the bank: whose account, and its lines in order."""

    statement_id: str
    account: str
    lines: tuple[Line, ...]


@transaction.atomic
def take_in(statement: Statement, *, file: StoredFile, by: User, at: datetime | None = None) -> BankStatement:
    """Keep a statement with what each line turned out to be.

    Raises WrongState when this file was read before, DomainError when it is of another account than the fund's.
    """
    people.require_role(by, Role.FINANCIAL_OFFICER)
    at = at or clock.now()
    fund = batches.debtor()
    if statement.account and statement.account != fund.iban:
        raise DomainError(
            f"Dit uittreksel is van rekening {statement.account}, niet van {fund.iban} ({fund.name}). Kies het juiste bestand."
        )
    earlier = BankStatement.objects.filter(sha256=file.sha256).first()
    if earlier is not None:
        raise WrongState(
            f"Dit bestand is al ingelezen op {clock.local(earlier.imported_at):%d/%m/%Y om %H:%M}. Er is niets veranderd."
        )
    kept = BankStatement.objects.create(
        file=file,
        sha256=file.sha256,
        statement_id=statement.statement_id,
        account=statement.account,
        imported_at=at,
        imported_by=by,
    )
    for position, line in enumerate(statement.lines, start=1):
        _judge(kept, position, line, by=by, at=at)
    changes = {"statement": statement.statement_id, "lines": len(statement.lines)}
    trail.record("bankstatement.taken_in", kept, by=by, changes=changes, at=at)
    return kept


def _judge(statement: BankStatement, position: int, line: Line, *, by: User, at: datetime) -> None:
    if line.key and BankEntry.objects.filter(bank_key=line.key).exists():
        _keep(
            statement,
            position,
            line,
            EntryVerdict.FOREIGN,
            "Deze verrichting stond al op een vorig uittreksel.",
            is_repeat=True,
        )
    elif line.is_credit:
        _judge_credit(statement, position, line, by=by, at=at)
    else:
        _judge_debit(statement, position, line, by=by)


def _judge_debit(statement: BankStatement, position: int, line: Line, *, by: User) -> None:
    tranche = _tranche_of(line)
    if tranche is None:
        _keep(statement, position, line, EntryVerdict.FOREIGN, "Geen betaling van het portaal.")
        return
    fault = _fault(tranche, line)
    if fault:
        _keep(statement, position, line, EntryVerdict.DIFFERS, fault, tranche=tranche)
        return
    try:
        with transaction.atomic():
            tranches.confirm_paid(tranche, paid_on=line.booked_on, by=by)
    except DomainError as error:
        _keep(statement, position, line, EntryVerdict.DIFFERS, str(error), tranche=tranche)
        return
    _keep(statement, position, line, EntryVerdict.PAID, "", tranche=tranche)


def _tranche_of(line: Line) -> Tranche | None:
    rows = Tranche.objects.select_related("award_year__network").filter(batch__isnull=False)
    if line.end_to_end_id:
        for tranche in rows.filter(batch__payments__contains=[{"end_to_end_id": line.end_to_end_id}]):
            if batches.end_to_end_id(tranche) == line.end_to_end_id:
                return tranche
    if line.reference:
        return rows.filter(payment_reference=line.reference).first()
    return None


def _fault(tranche: Tranche, line: Line) -> str:
    if tranche.state == TrancheState.PAID:
        return "Deze schijf is al als betaald bevestigd. Ging er twee keer geld weg, neem dan contact op met de bank."
    if line.currency != "EUR":
        return f"De verrichting is in {line.currency}, niet in euro."
    if line.amount != tranche.amount:
        return f"De bank boekte {format_euros(line.amount)}; de schijf is {format_euros(tranche.amount)}."
    if line.counterparty_iban and line.counterparty_iban != tranche.iban:
        return f"De bank betaalde aan {line.counterparty_iban}; vrijgegeven is voor {tranche.iban}."
    return ""


def _judge_credit(statement: BankStatement, position: int, line: Line, *, by: User, at: datetime) -> None:
    returned = _tranche_of(line)
    if returned is not None:
        text = "De bank stuurde deze betaling terug. Kijk het rekeningnummer van de begunstigde na."
        _keep(statement, position, line, EntryVerdict.DIFFERS, text, tranche=returned)
        return
    recovery = Recovery.objects.filter(payment_reference=line.reference).first() if line.reference else None
    if recovery is None:
        _keep(statement, position, line, EntryVerdict.FOREIGN, "Geen mededeling van een terugvordering.")
        return
    if line.currency != "EUR" or line.amount > recovery.amount - recovery.repaid_amount:
        open_amount = format_euros(recovery.amount - recovery.repaid_amount)
        text = (
            f"Ontvangen: {line.amount} {line.currency}. Nog open: {open_amount}. Reken het teveel af met het netwerk."
        )
        _keep(statement, position, line, EntryVerdict.DIFFERS, text, recovery=recovery)
        return
    entry = _keep(statement, position, line, EntryVerdict.REPAID, "", recovery=recovery)
    note_repayment(recovery, amount=line.amount, received_on=line.booked_on, by=by, entry=entry, at=at)


def _keep(
    statement: BankStatement,
    position: int,
    line: Line,
    verdict: EntryVerdict,
    remark: str,
    *,
    tranche: Tranche | None = None,
    recovery: Recovery | None = None,
    is_repeat: bool = False,
) -> BankEntry:
    return BankEntry.objects.create(
        statement=statement,
        position=position,
        bank_key="" if is_repeat else line.key,
        is_credit=line.is_credit,
        amount=line.amount,
        currency=line.currency,
        booked_on=line.booked_on,
        end_to_end_id=line.end_to_end_id,
        reference=line.reference,
        counterparty=line.counterparty,
        counterparty_iban=line.counterparty_iban,
        verdict=verdict,
        remark=remark,
        tranche=tranche,
        recovery=recovery,
    )


# ---------------------------------------------------------------- repayments


@transaction.atomic
def note_repayment(
    recovery: Recovery,
    *,
    amount: Decimal,
    received_on: date,
    by: User,
    entry: BankEntry | None = None,
    at: datetime | None = None,
) -> Repayment:
    """Money came back; never more than is still open, held by the database. The last euro closes the recovery."""
    people.require_role(by, Role.FINANCIAL_OFFICER)
    people.refuse_own_network(recovery.settlement.award_year.network, by)
    at = at or clock.now()
    if amount <= 0:
        raise DomainError("Een terugbetaling is een bedrag boven 0.", rule_id="PAY-07")
    if received_on > clock.local(at).date():
        raise DomainError(f"{received_on:%d/%m/%Y} ligt in de toekomst.")
    fresh = lock(recovery)
    still_open = fresh.amount - fresh.repaid_amount
    if amount > still_open:
        raise DomainError(
            f"Er staat nog {format_euros(still_open)} open; {format_euros(amount)} is te veel.", rule_id="PAY-07"
        )
    repayment = Repayment.objects.create(
        recovery=fresh, amount=amount, received_on=received_on, entry=entry, noted_at=at, noted_by=by
    )
    closed_on = received_on if amount == still_open else None
    Recovery.objects.filter(pk=fresh.pk).update(repaid_amount=F("repaid_amount") + amount, repaid_on=closed_on)
    recovery.refresh_from_db(fields=["repaid_amount", "repaid_on"])
    trail.record("recovery.repaid", fresh, by=by, changes={"amount": amount, "received_on": received_on}, at=at)
    return repayment


def checked_account(text: str) -> str:
    """The account of a statement without spaces; empty when the bank names none that is an IBAN."""
    try:
        return accounts.checked_iban(text)
    except DomainError:
        return ""
