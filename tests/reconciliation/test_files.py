"""A bank's file is read without being trusted: what is not exactly a statement that adds up leaves no row."""

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.audit import queries as audit
from contracts.kernel.errors import Malformed, NotAllowed
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role
from contracts.payment import iso20022, paying_accounts
from contracts.payment.iso20022 import CAMT, BankFileRefused, BankFileTooLarge, read
from contracts.payment.paying_accounts import PayingAccountExists, PayingAccountUnknown
from contracts.reconciliation.models import BankLineRow, BankStatementRow
from contracts.reconciliation.rules import StatementAhead, StatementDiffers
from contracts.reconciliation.statement_file import StatementDoesNotAddUp, statements
from tests.reconciliation.bank import OURS, Bank, Entry
from tests.reconciliation.houses import DANA, broken, office, take_in, take_in_now

GOOD = Bank().statement(Entry(-5_00, "P-AAAAA-BBBBB"), Entry(7_50))
BOMB = b'<!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = b'<!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def rows(database: Database) -> int:
    counts = [sa.select(sa.func.count()).select_from(row) for row in (BankStatementRow, BankLineRow)]
    return database.read(SYSTEM, lambda work: sum(work.scalar(count) for count in counts))


def head(insertion: bytes) -> bytes:
    return GOOD.replace(b"?>\n", b"?>\n" + insertion)


HOSTILE = {
    "an entity that grows": head(BOMB),
    "an entity from outside": head(OUTSIDE),
    "a parameter entity": head(b'<!DOCTYPE b [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x">%p;]>'),
    "a document type alone": head(b"<!DOCTYPE Document>"),
    "another encoding": GOOD.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    "an encoding that hides a bracket": GOOD.replace(b"UTF-8", b"UTF-7"),
    "no XML": b"P-AAAAA-BBBBB;5.00",
    "nothing": b"",
    "another document": GOOD.replace(b"camt.053.001.08", b"camt.054.001.08"),
    "cut off": GOOD[:-40],
    "very deep": b"<a>" * 100_000,
    "another currency": GOOD.replace(b'Ccy="KZT">5.00', b'Ccy="EUR">5.00'),
    "a part of a tiyn": GOOD.replace(b">5.00<", b">5.001<"),
    "a negative amount": GOOD.replace(b">5.00<", b">-5.00<"),
    "an exponent": GOOD.replace(b">5.00<", b">5E0<"),
    "no number": GOOD.replace(b">5.00<", b">NaN<"),
    "a line of zero": Bank().statement(Entry(0)),
    "a foreign element": GOOD.replace(b"<GrpHdr>", b"<GrpHdr><Oops/>"),
    "two lines of one reference": Bank().statement(Entry(1, reference="X"), Entry(1, reference="X")),
    "an account abroad": GOOD.replace(OURS.encode(), b"DE89370400440532013000"),
    "no balance": re.sub(rb"<Bal>.*?</Bal>", b"", GOOD, count=1),
    "an end before the beginning": Bank().statement(days=0),
    "a day that is none": GOOD.replace(b"2026-03-01", b"2026-02-30"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_not_a_statement_is_refused_at_once_and_leaves_nothing(name: str) -> None:
    with pytest.raises(Malformed):
        statements(HOSTILE[name])


def test_a_file_that_does_not_add_up_is_refused(database: Database) -> None:
    office(database)
    for wrong in (GOOD.replace(b">5.00<", b">5.01<"), GOOD.replace(b"CRDT</CdtDbtInd><Sts>", b"DBIT</CdtDbtInd><Sts>")):
        with pytest.raises(StatementDoesNotAddUp):
            take_in(database, wrong)
    assert rows(database) == 0


def test_a_file_that_is_too_large_is_not_even_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iso20022, "LARGEST_FILE", 1000)
    with pytest.raises(BankFileTooLarge):
        read(GOOD, CAMT)


def test_what_the_schema_says_is_wrong_is_told_with_its_line() -> None:
    with pytest.raises(BankFileRefused) as refused:
        statements(GOOD.replace(b"<Sts><Cd>BOOK</Cd></Sts>", b"", 1))
    (error, *_) = refused.value.members["errors"]  # type: ignore[misc,has-type]
    assert error["pointer"].startswith("/line/")
    assert "Expected is" in error["message"]


def test_lines_keep_what_the_bank_said() -> None:
    (statement,) = statements(Bank().statement(Entry(-5_00, "P-1", reference="A"), Entry(2_00, None, None, True, "B")))
    sent, back = statement.lines
    assert (sent.amount_minor, sent.names, sent.other_iban, sent.is_return) == (
        -5_00,
        "P-1",
        "KZ86125KZT5004100100",
        False,
    )
    assert (back.amount_minor, back.names, back.other_iban, back.is_return) == (2_00, None, None, True)
    assert statement.closing_minor - statement.opening_minor == -3_00


def test_what_is_only_announced_is_not_money_yet() -> None:
    (statement,) = statements(Bank().statement(Entry(-5_00, "P-1"), Entry(-9_00, "P-2", status="PDNG")))
    assert [line.names for line in statement.lines] == ["P-1"]


def test_a_line_of_several_transactions_is_told_apart_and_must_add_up() -> None:
    bank, whole = Bank(), Entry(-9_00, "P-1", reference="B1")
    file = bank.statement(whole)
    part = re.search(rb"<TxDtls>.*?</TxDtls>", file)
    assert part is not None
    first = part[0].replace(b">9.00<", b">4.00<")
    second = part[0].replace(b">9.00<", b">5.00<").replace(b"P-1", b"P-2")
    (statement,) = statements(file.replace(part[0], first + second))
    told = [(line.reference, line.names, line.amount_minor) for line in statement.lines]
    assert told == [("B1/1", "P-1", -4_00), ("B1/2", "P-2", -5_00)]
    with pytest.raises(StatementDoesNotAddUp):
        statements(file.replace(part[0], first + first))


def test_the_same_file_again_adds_nothing(database: Database) -> None:
    bank = office(database)
    file = bank.statement(Entry(-5_00), Entry(7_50))
    (first,) = take_in(database, file)
    stands = rows(database)
    (again,) = take_in(database, file)
    assert (first.added, again.added, again.new, again.statement_id) == (2, 0, False, first.statement_id)
    assert rows(database) == stands == 3
    told = database.read(SYSTEM, lambda work: audit.events_of(work, "bank-statement", first.statement_id))
    assert [event.verb for event in told] == ["imported"]
    assert broken(database) == []


def test_the_same_statement_that_says_something_else_and_a_line_that_stands_elsewhere_are_refused(
    database: Database,
) -> None:
    bank = office(database)
    take_in(database, bank.statement(Entry(-5_00, reference="ONE"), number="S1"))
    for other in (
        bank.statement(Entry(-6_00), number="S1"),
        bank.statement(Entry(-5_00, reference="ONE"), number="S2"),
        bank.statement(Entry(-6_00, reference="ONE"), number="S3"),
    ):
        with pytest.raises(StatementDiffers):
            take_in(database, other)
    assert rows(database) == 2


@pytest.mark.parametrize("days", [1, 400_000, None])
def test_days_that_have_not_come_are_not_believed(database: Database, days: int | None) -> None:
    """Else a payment of such a day would be said to be missing in it."""
    bank = office(database)
    today = bank.day
    later = date.max if days is None else today + timedelta(days=days)
    ends_today = bank.statement(Entry(-5_00), days=2).replace(str(today + timedelta(days=1)).encode(), b"LAST")
    with pytest.raises(StatementAhead):
        take_in_now(database, ends_today.replace(b"LAST", str(later).encode()))
    assert rows(database) == 0
    take_in_now(database, ends_today.replace(b"LAST", str(today).encode()))
    assert rows(database) == 2


def test_of_two_statements_in_a_file_both_are_taken_or_none(database: Database) -> None:
    bank = office(database)
    first, second = bank.statement(Entry(1_00)), bank.statement(Entry(2_00))
    inner = re.search(rb"<Stmt>.*</Stmt>", second)
    assert inner is not None
    both = first.replace(b"</Stmt>", b"</Stmt>" + inner[0])
    with pytest.raises(StatementDoesNotAddUp):
        take_in(database, both.replace(b">2.00<", b">2.01<"))
    assert rows(database) == 0
    assert [one.added for one in take_in(database, both)] == [1, 1]


def test_only_a_finance_officer_of_the_territory_takes_in_statements_of_a_known_account(database: Database) -> None:
    bank = office(database)
    file = bank.statement(Entry(1_00))
    far = Actor(UUID(int=8), "Saule", (Grant(Role.FINANCE_OFFICER, territory="71"),))
    with pytest.raises(PayingAccountUnknown):
        take_in(database, file, actor=far)
    with pytest.raises(NotAllowed):
        take_in(database, file, actor=Actor(UUID(int=9), "Timur", (Grant(Role.AUDITOR, territory=""),)))
    with pytest.raises(PayingAccountUnknown):
        take_in(database, Bank(iban="KZ56125KZT0111111113").statement(Entry(1_00)))
    for territory, iban in (("75", "KZ56125KZT0111111113"), ("71", OURS)):
        with pytest.raises(PayingAccountExists):
            database.write(DANA, lambda work, t=territory, i=iban: paying_accounts.open_paying_account(
                work, territory=t, name="Treasury", iban=i
            ))  # fmt: skip
    assert rows(database) == 0


def test_statements_are_never_changed(database: Database) -> None:
    bank = office(database)
    take_in(database, bank.statement(Entry(1_00)))
    for table in ("bank_statement", "bank_line"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id"):
            with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.engine.begin() as connection:
                connection.execute(sa.text(statement))
