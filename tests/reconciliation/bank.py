"""A bank that keeps its own books, and its statements as ISO 20022 camt.053.001.08. It knows nothing of our writer."""

import itertools
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

OURS = "KZ47125KZT0000000006"
_serial = itertools.count(1)


@dataclass(frozen=True)
class Entry:
    """``amount`` in tiyn, negative where our account is debited."""

    amount: int
    names: str | None = None
    iban: str | None = "KZ86125KZT5004100100"
    returned: bool = False
    reference: str = ""
    booked_on: date | None = None
    status: str = "BOOK"
    currency: str = "KZT"

    def __post_init__(self) -> None:
        if not self.reference:
            object.__setattr__(self, "reference", f"BNK{next(_serial):010d}")


@dataclass
class Bank:
    """One account, one statement after the other."""

    iban: str = OURS
    balance: int = 10**13
    day: date = field(default_factory=lambda: date(2026, 3, 1))
    statements: int = 0

    def statement(self, *entries: Entry, days: int = 1, number: str = "", opening: int | None = None) -> bytes:
        start = self.balance if opening is None else opening
        booked = [replace(e, booked_on=e.booked_on or self.day) for e in entries]
        end = start + sum(e.amount for e in booked if e.status == "BOOK")
        self.statements += 1
        last = self.day + timedelta(days=days - 1)
        text = document(number or f"STMT-{self.statements}", self.iban, start, end, self.day, last, booked)
        self.balance, self.day = end, last + timedelta(days=1)
        return text


def tenge(minor: int) -> str:
    return f"{abs(minor) // 100}.{abs(minor) % 100:02d}"


def document(
    number: str, iban: str, opening: int, closing: int, first: date, last: date, entries: list[Entry]
) -> bytes:
    balances = f"{_balance('OPBD', opening, first)}{_balance('CLBD', closing, last)}"
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">'
        f"<BkToCstmrStmt><GrpHdr><MsgId>{number}</MsgId><CreDtTm>2026-03-31T08:00:00Z</CreDtTm></GrpHdr>"
        f"<Stmt><Id>{number}</Id><CreDtTm>2026-03-31T08:00:00Z</CreDtTm>"
        f"<Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>KZT</Ccy></Acct>{balances}"
        f"{''.join(_entry(e) for e in entries)}</Stmt></BkToCstmrStmt></Document>"
    )
    return text.encode()


def _balance(kind: str, minor: int, day: date) -> str:
    side = "CRDT" if minor >= 0 else "DBIT"
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="KZT">{tenge(minor)}</Amt>'
        f"<CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def _entry(e: Entry) -> str:
    side, party = ("DBIT", "Cdtr") if e.amount < 0 else ("CRDT", "Dbtr")
    refs = f"<Refs><EndToEndId>{e.names or 'NOTPROVIDED'}</EndToEndId></Refs>"
    account = f"<RltdPties><{party}Acct><Id><IBAN>{e.iban}</IBAN></Id></{party}Acct></RltdPties>" if e.iban else ""
    back = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>" if e.returned else ""
    amount = f'<Amt Ccy="{e.currency}">{tenge(e.amount)}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
    return (
        f"<Ntry><NtryRef>{e.reference}</NtryRef>{amount}<Sts><Cd>{e.status}</Cd></Sts>"
        f"<BookgDt><Dt>{e.booked_on}</Dt></BookgDt><AcctSvcrRef>{e.reference}</AcctSvcrRef>"
        f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>"
        f"<NtryDtls><TxDtls>{refs}{amount}{account}{back}</TxDtls></NtryDtls></Ntry>"
    )
