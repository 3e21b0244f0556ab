"""The story at the bank: a payment file, the bank's answer, and an account number that waits for its second person."""

from datetime import date
from xml.sax.saxutils import escape

from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.store import store_bytes
from ibnportal.core.outbox import queue
from ibnportal.portal.story import papers
from ibnportal.portal.story.cast import Cast
from ibnportal.portal.story.initiatives import Stage
from monitoring.documents import bank_statement
from monitoring.domain import accounts, bank, batches
from monitoring.models import Network, PaymentBatch

_OTHER_ACCOUNT = "BE71 0961 2345 6769"


def pay(cast: Cast) -> None:
    """September 2027: the released tranches go to the bank, and one of them comes back on a statement."""
    officer = cast.user("finance")
    with clock.fixed("2027-09-21T10:00"):
        queue.drain()  # the payment orders, when no worker made them yet
        ready = batches.ready()
        if ready:
            batch = batches.make(ready, execute_on=date(2027, 9, 22), by=officer)
            _answer(batch, officer)
    for role in cast.reaching(Stage.REPORTED)[-1:]:
        with clock.fixed("2028-02-01T10:00"):
            accounts.ask_change(
                Network.objects.get(application=role.dossier),
                _OTHER_ACCOUNT,
                proof=papers.pdf("attest-van-de-bank.pdf", ["Attest van de bank", _OTHER_ACCOUNT]),
                reason="De vereniging veranderde van bank; attest van de bank ontvangen en telefonisch nagevraagd.",
                by=cast.user("account"),
            )


def _answer(batch: PaymentBatch, officer: User) -> None:
    """The bank carried out the first payment of the file; a rent and an unknown receipt stand on the same statement."""
    first = batch.payments[0]
    lines = [
        _entry("B-1", "DBIT", first["amount"], first["end_to_end_id"], name=escape(first["name"]), iban=first["iban"]),
        _entry(
            "B-2", "DBIT", "1250.00", "HUUR-2027-09", name="Vastgoed Voorbeeld", iban=_OTHER_ACCOUNT.replace(" ", "")
        ),
        _entry("B-3", "CRDT", "300.00", "NOTPROVIDED", name="Onbekende Storter", iban=first["iban"]),
    ]
    content = f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>2027-186</Id>
<Acct><Id><IBAN>{batch.debtor["iban"]}</IBAN></Id></Acct>{"".join(lines)}</Stmt></BkToCstmrStmt></Document>""".encode()
    with clock.fixed("2027-09-23T09:00"):
        file = store_bytes(content, name="uittreksel-2027-186.xml", kind=FileKind.BANK_XML, by=officer)
        bank.take_in(bank_statement.read(content), file=file, by=officer)


def _entry(key: str, direction: str, amount: str, end_to_end_id: str, *, name: str, iban: str) -> str:
    party = "Cdtr" if direction == "DBIT" else "Dbtr"
    return (
        f"<Ntry><NtryRef>{key}</NtryRef><Amt Ccy='EUR'>{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><Dt>2027-09-22</Dt></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>{end_to_end_id}</EndToEndId></Refs>"
        f"<RltdPties><{party}><Nm>{name}</Nm></{party}><{party}Acct><Id><IBAN>{iban}</IBAN></Id></{party}Acct></RltdPties>"
        "</TxDtls></NtryDtls></Ntry>"
    )
