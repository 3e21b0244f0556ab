"""Bank statements as a Belgian bank would send them, for tests."""

from dataclasses import dataclass
from datetime import date

FUND_IBAN = "BE71096123456769"
_DIRECTION = {True: ("CRDT", "Dbtr", "DbtrAcct"), False: ("DBIT", "Cdtr", "CdtrAcct")}


@dataclass
class Booked:
    """One entry; `amount` as the bank writes it."""

    amount: str
    key: str
    end_to_end_id: str = "NOTPROVIDED"
    reference: str = ""
    iban: str = "BE68539007547034"
    name: str = "Netwerk Proef vzw"
    currency: str = "EUR"
    booked_on: date = date(2027, 3, 4)
    is_credit: bool = False

    def xml(self) -> str:
        direction, party, account = _DIRECTION[self.is_credit]
        digits = "".join(filter(str.isdigit, self.reference))
        message = f"<RmtInf><Strd><CdtrRefInf><Ref>{digits}</Ref></CdtrRefInf></Strd></RmtInf>" if digits else ""
        return f"""
        <Ntry><NtryRef>{self.key}</NtryRef><Amt Ccy="{self.currency}">{self.amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>
          <Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{self.booked_on:%Y-%m-%d}</Dt></BookgDt>
          <NtryDtls><TxDtls><Refs><EndToEndId>{self.end_to_end_id}</EndToEndId></Refs>
            <RltdPties><{party}><Pty><Nm>{self.name}</Nm></Pty></{party}><{account}><Id><IBAN>{self.iban}</IBAN></Id></{account}></RltdPties>
            {message}</TxDtls></NtryDtls></Ntry>"""


def camt053(*entries: Booked, account: str = FUND_IBAN, statement_id: str = "2027-063") -> bytes:
    """A statement with these entries."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId></GrpHdr>
  <Stmt><Id>{statement_id}</Id><Acct><Id><IBAN>{account}</IBAN></Id></Acct>{"".join(entry.xml() for entry in entries)}</Stmt>
</BkToCstmrStmt></Document>""".encode()
