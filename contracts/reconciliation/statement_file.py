"""A bank's statement as it comes: ISO 20022 camt.053.001.08, read into lines that add up."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from contracts.kernel.errors import RuleBroken
from contracts.kernel.ids import parse_iban
from contracts.kernel.money import decimal_string
from contracts.payment.iso20022 import CAMT, BankFileRefused, Node, read

MOST_STATEMENTS = 31  # in one file: a month of days
MOST_LINES = 20_000  # in one statement: more than any treasury account books in a day
BOOKED = "BOOK"
OPENING, CLOSING = ("OPBD", "PRCD"), ("CLBD",)
DEBIT, CREDIT = "DBIT", "CRDT"
NOBODY = {"NOTPROVIDED", ""}
AMOUNTS = ("Amt", "AmtDtls/TxAmt/Amt")  # of one transaction among several
PAYMENT_NAMES = ("Refs/EndToEndId", "Refs/InstrId")  # an order to pay says the payment's number in both
NUMBER = re.compile(r"\bP-[0-9A-Z]{5}-[0-9A-Z]{5}\b", re.ASCII)  # a payment's
ORDER_NAMES = ("NtryDtls/Btch/PmtInfId", "NtryDtls/Btch/MsgId", "NtryDtls/TxDtls/Refs/PmtInfId")


class StatementDoesNotAddUp(RuleBroken):
    code = "statement-does-not-add-up"
    title = "The lines of the statement do not lead from its first balance to its last"


@dataclass(frozen=True, slots=True)
class FileLine:
    """``amount_minor`` is negative where the account was debited. ``names``: what the other side calls the payment, or,
    of several that the bank booked together, the order."""

    reference: str
    amount_minor: int
    booked_on: date
    names: str | None
    other_iban: str | None
    other_name: str | None
    is_return: bool


@dataclass(frozen=True, slots=True)
class FileStatement:
    number: str
    iban: str
    from_on: date
    last_on: date
    opening_minor: int
    closing_minor: int
    lines: tuple[FileLine, ...]
    digest: str

    @property
    def until_on(self) -> date:
        return self.last_on + timedelta(days=1)


def statements(body: bytes) -> list[FileStatement]:
    """Every statement of the file, or none. Raises BankFileRefused, BankFileTooLarge, StatementDoesNotAddUp."""
    message = read(body, CAMT)
    found = list(message.each("Stmt"))
    if not 0 < len(found) <= MOST_STATEMENTS:
        raise BankFileRefused(f"A file holds 1 to {MOST_STATEMENTS} statements", rule="bank-file-statements")
    return [_statement(node) for node in found]


def _statement(node: Node) -> FileStatement:
    entries = list(node.each("Ntry"))
    if len(entries) > MOST_LINES:
        raise BankFileRefused(f"A statement has at most {MOST_LINES} lines", rule="bank-file-lines")
    lines = tuple(line for entry in entries if _is_booked(entry) for line in _lines(entry))
    if len({line.reference for line in lines}) != len(lines):
        raise BankFileRefused("Two lines of the statement have one reference", rule="bank-file-references")
    opening, from_on = _balance(node, OPENING)
    closing, last_on = _balance(node, CLOSING)
    if opening + sum(line.amount_minor for line in lines) != closing:
        raise StatementDoesNotAddUp(
            f"{decimal_string(opening)} and its lines do not make {decimal_string(closing)}", rule="statement-adds-up"
        )
    if last_on < from_on:
        raise BankFileRefused("The statement ends before it begins", rule="bank-file-days")
    if any(not from_on <= line.booked_on <= last_on for line in lines):
        raise BankFileRefused("A line was booked outside the statement's days", rule="bank-file-days")
    facts = (node.text("Id"), node.text("Acct/Id/IBAN"), opening, closing, *lines)
    return FileStatement(
        number=node.text("Id"),
        iban=parse_iban(node.text("Acct/Id/IBAN"), pointer="/Stmt/Acct/Id/IBAN"),
        from_on=from_on,
        last_on=last_on,
        opening_minor=opening,
        closing_minor=closing,
        lines=lines,
        digest=sha256(repr(facts).encode()).hexdigest(),
    )


def _is_booked(entry: Node) -> bool:
    """What is only announced (PDNG, INFO) is not money yet."""
    return entry.text("Sts/Cd") == BOOKED


def _balance(node: Node, kinds: tuple[str, ...]) -> tuple[int, date]:
    for kind in kinds:
        for balance in node.each("Bal"):
            if balance.text("Tp/CdOrPrtry/Cd") == kind:
                amount = balance.minor()
                owed = balance.text("CdtDbtInd") == DEBIT
                return -amount if owed else amount, _day(balance, "Dt")
    raise BankFileRefused(f"The statement has no balance {' or '.join(kinds)}", rule="bank-file-balance")


def _lines(entry: Node) -> Iterator[FileLine]:
    """One a transaction where the bank tells them apart, else one an entry. Of several transactions booked together
    without their amounts none is the entry's: at most the order is that they were booked of."""
    reference = entry.text("AcctSvcrRef") or entry.text("NtryRef")
    if not reference:
        raise BankFileRefused("A line has no reference of the bank's", rule="bank-file-references")
    total, details = _signed(entry), list(entry.each("NtryDtls/TxDtls"))
    if len(details) <= 1:
        yield _line(entry, next(iter(details), None), reference, total)
        return
    parts = [_part(detail, total) for detail in details]
    if None in parts:
        yield _line(entry, None, reference, total)
        return
    told = [part for part in parts if part is not None]
    if sum(told) != total:
        raise StatementDoesNotAddUp(
            f"The parts of line {reference} make {decimal_string(sum(told))}, not {decimal_string(total)}",
            rule="statement-adds-up",
        )
    for place, (detail, part) in enumerate(zip(details, told, strict=True), start=1):
        yield _line(entry, detail, f"{reference}/{place}", part)


def _part(detail: Node, total: int) -> int | None:
    """What a transaction moved, in the direction of its entry where it says nothing else; None: it does not say."""
    path = next((path for path in AMOUNTS if detail.is_amount(path)), None)
    return None if path is None else _signed(detail, path, side=DEBIT if total < 0 else CREDIT)


def _line(entry: Node, detail: Node | None, reference: str, amount: int) -> FileLine:
    side = "Cdtr" if amount < 0 else "Dbtr"
    iban = detail.text(f"RltdPties/{side}Acct/Id/IBAN") if detail else ""
    name = detail.text(f"RltdPties/{side}/Pty/Nm") if detail else ""
    back = entry.text("RvslInd") in {"true", "1"} or (detail is not None and detail.first("RtrInf") is not None)
    return FileLine(
        reference=reference,
        amount_minor=amount,
        booked_on=_day(entry, "BookgDt"),
        names=_names(entry, detail, amount),
        other_iban=iban or None,
        other_name=name or None,
        is_return=back,
    )


def _names(entry: Node, detail: Node | None, amount: int) -> str | None:
    """The payment as we called it, or what its order is called. Who sends money back has a name of their own for that,
    and says in words what it is of."""
    own = [] if detail is None else [detail.text(path) for path in PAYMENT_NAMES]
    if amount > 0 and not any(NUMBER.fullmatch(name) for name in own):
        told: set[str] = set(NUMBER.findall(" ".join(_words(entry, detail)).upper()))
        if len(told) == 1:
            return told.pop()
    of_order = [entry.text(path) for path in ORDER_NAMES]
    return next((name for name in (*own, *of_order) if name not in NOBODY), None)


def _words(entry: Node, detail: Node | None) -> Iterator[str]:
    yield entry.text("AddtlNtryInf")
    if detail is not None:
        yield detail.text("AddtlTxInf")
        yield from (said.text() for said in detail.each("RmtInf/Ustrd"))


def _signed(node: Node, path: str = "Amt", *, side: str = "") -> int:
    minor = node.minor(path)
    if minor == 0:
        raise BankFileRefused("A line of zero moves nothing", rule="bank-file-amount")
    return -minor if (node.text("CdtDbtInd") or side) == DEBIT else minor


def _day(node: Node, path: str) -> date:
    """The schema lets a zone follow the day; the bank's own day is what counts."""
    day, moment = node.text(f"{path}/Dt"), node.text(f"{path}/DtTm")
    try:
        return date.fromisoformat(day[:10]) if day else datetime.fromisoformat(moment).date()
    except ValueError:
        raise BankFileRefused("A balance or line has no day", rule="bank-file-days") from None
