"""What people, the web server and the bank do on a payment's path: each step with its boundaries, and safe to repeat.

A clerk remembers nothing: what is to be done is seen in the database and in the folder of files, so the next clerk does
what a dead one left. The bank pays every file that is new to it, books some back, and pays some a tenge too much.
"""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID
from zlib import crc32

import sqlalchemy as sa

from contracts.act.models import ActRow
from contracts.kernel.calendar import civil_date
from contracts.kernel.work import NOBODY, SYSTEM, Work
from contracts.ledger.models import AccountRow
from contracts.payment import service, webhooks
from contracts.payment.iso20022 import PAIN, read
from contracts.payment.models import PayingAccountRow, PaymentRow
from contracts.payment.queries import parked
from contracts.payment.rules import OPEN_ENDED, Channel, PaymentStatus
from contracts.payment.webhooks import WebhookRefused
from contracts.reconciliation import bank_orders, queries
from contracts.reconciliation.importing import import_statements
from contracts.reconciliation.models import BankLineRow, CaseRow
from contracts.reconciliation.rules import CaseKind, CaseStatus, Resolution
from contracts.reconciliation.service import approve, propose, reconcile
from market.command import payments as command
from tests.payment.advance_clerks import ADVANCED, AdvanceClerk, open_advances
from tests.payment.advance_designs import ACT_ORDERS
from tests.payment.batch_clerks import BATCHED, BatchClerk, given_up, open_batches, payable_acts
from tests.payment.designs import FILE_FIRST
from tests.payment.official import DANA, ERLAN
from tests.peer.sandbox import SECRET
from tests.reconciliation.bank import Bank, Entry

COMMITS = ("order", "receive", "call back", "resume", "hand over", "take in", "propose", "approve", *BATCHED, *ADVANCED)
WRITING = ("write file: before write", "write file: before rename", "write file: after rename")
CLERKS = tuple(f"{name}: {moment}" for name in COMMITS for moment in ("before commit", "after commit")) + WRITING
TOO_MUCH = 1_00
OVERPAID = "02357ACHXZ"  # numbers of payments that end so are paid too much, by a bank that errs
LEFT_TO_OTHERS = {"hand over": 0.7, "hand over batch": 0.5}
RETURNED = 4  # every so many payments by file are booked back


def is_clerks(fate: str) -> bool:
    return fate in CLERKS


def is_booked_back(number: str) -> bool:
    return crc32(number.encode()) % RETURNED == 0


class Clerk(BatchClerk, AdvanceClerk):
    def duty(self, fate: str) -> Callable[[], int]:
        return self.duties()[fate.partition(":")[0]]

    def duties(self) -> dict[str, Callable[[], int]]:
        return {
            "order": self.order, "receive": self.receive, "call back": self.call_back, "resume": self.resume,
            "hand over": self.hand_over, "write file": self.write_file, "take in": self.take_in,
            "propose": self.propose, "approve": self.approve, "collect": self.collect, "hand in": self.hand_in,
            "approve batch": self.approve_batch, "order batch": self.order_batch,
            "hand over batch": self.hand_over_batch, "ask advance": self.ask_advance,
            "approve advance": self.approve_advance, "order advance": self.order_advance,
        }  # fmt: skip

    def do_everything(self) -> int:
        """All but what is left to others this time: payments of a batch can go with two kinds of files."""
        left_out = {name for name, share in LEFT_TO_OTHERS.items() if self.dice.random() < share}
        duties = [duty for name, duty in self.duties().items() if name not in left_out]
        self.dice.shuffle(duties)
        return sum(duty() for duty in duties) + self.database.write(SYSTEM, reconcile)  # as the worker does by itself

    # --- officers -----------------------------------------------------------------------------------------------------
    def order(self) -> int:
        act_id = self.one_of(payable_acts())
        if act_id is None:
            return 0
        if wrong := ACT_ORDERS.get(self.design):
            return wrong(self.commit, DANA, act_id)
        return self.commit("order", DANA, lambda work: service.order_rest(work, act_id))

    def call_back(self) -> int:
        row = PaymentRow
        returned = sa.select(row.id).where(row.status == PaymentStatus.RETURNED, row.reversal_ordered_at.is_(None))
        one = self.one_of(returned)
        return one is not None and self.commit("call back", DANA, lambda work: service.reverse(work, one))

    def resume(self) -> int:
        row = PaymentRow
        one = self.one_of(sa.select(row.id).where(parked(), row.channel == Channel.SERVER))
        return one is not None and self.commit("resume", DANA, lambda work: service.resume(work, one))

    def propose(self) -> int:
        row = CaseRow
        open_ = sa.select(row.number).where(row.status == CaseStatus.OPEN, row.kind == CaseKind.AMOUNT_DIFFERS)
        one = self.one_of(open_)
        how = Resolution.CORRECTION
        return one is not None and self.commit(
            "propose", DANA, lambda work: propose(work, one, resolution=how, reason="As booked")
        )

    def approve(self) -> int:
        one = self.one_of(sa.select(CaseRow.number).where(CaseRow.status == CaseStatus.PROPOSED))
        return one is not None and self.commit("approve", ERLAN, lambda work: approve(work, one))

    # --- the web server's door for news -------------------------------------------------------------------------------
    def receive(self) -> int:
        """A letter is thrown away after it was taken: who dies before is sent it again."""
        letter = next(iter(self.folder.glob("*.letter")), None)
        if letter is None:
            return 0
        try:
            signature, _, body = letter.read_bytes().partition(b"\n")
        except FileNotFoundError:
            return 0

        def take(work: Work) -> None:
            with contextlib.suppress(WebhookRefused):  # too old: the server signs it anew when it sends it again
                webhooks.receive(work, body=body, signature=signature.decode(), secret=SECRET)

        taken = self.commit("receive", NOBODY, take)
        letter.unlink(missing_ok=True)
        return taken

    # --- files --------------------------------------------------------------------------------------------------------
    def hand_over(self) -> int:
        account = self.one_of(sa.select(PayingAccountRow.id).where(PayingAccountRow.channel == Channel.FILE))
        assert account is not None

        def make(work: Work) -> None:
            order = queries.bank_order_with(work, bank_orders.make_order(work, account))
            if self.design == FILE_FIRST:
                command.write_whole(self.folder / f"{order.number}.0.xml", bank_orders.file_of(work, order.number)[1])

        return self.commit("hand over", DANA, make)

    def write_file(self) -> int:
        orders = self.database.read(SYSTEM, lambda work: queries.bank_orders(work, [""], limit=1_000))
        missing = [o.number for o in orders if not self._files(o.number)]
        if not missing and orders and self.dice.random() < 0.05:  # somebody is not sure whether it was written
            missing = [self.dice.choice(orders).number]
        if not missing:
            return 0
        number = self.dice.choice(missing)
        _, body = self.database.read(DANA, lambda work: bank_orders.file_of(work, number))
        self.boundary("write file: before write")
        command.write_whole(self.folder / f"{number}.{os.getpid()}.xml", body)
        self.boundary("write file: after rename")
        return 1

    def _files(self, number: str) -> list[Path]:
        return list(self.folder.glob(f"{number}.*.xml"))

    # --- the bank -----------------------------------------------------------------------------------------------------
    def take_in(self) -> int:
        """The bank's books are one after the other: whoever holds them makes the next statement."""
        with self._books() as mine:
            return mine and (self._pay_file() or self._pay_too_much())

    @contextlib.contextmanager
    def _books(self) -> Iterator[bool]:
        with (self.folder / "bank.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def _pay_file(self) -> int:
        orders = self.database.read(SYSTEM, lambda work: queries.bank_orders(work, [""], limit=1_000))
        for order in orders:
            name, files = f"S-{order.number}", self._files(order.number)
            if files and not self.database.read(
                SYSTEM, lambda work, o=order, n=name: queries.statement_numbered(work, o.account_id, n)
            ):
                return self._state(order.account_id, name, entries_of(files[0].read_bytes()))
        return 0

    def _pay_too_much(self) -> int:
        row = PaymentRow
        unknown = (
            sa.select(row.number)
            .where(row.status == PaymentStatus.SETTLED, row.channel == Channel.SERVER)
            .where(sa.or_(*(row.number.endswith(end) for end in OVERPAID)))
            .where(~sa.exists().where(BankLineRow.payment_id == row.id))
        )
        number = self.one_of(unknown)
        if number is None:
            return 0
        amount = self.database.read(
            SYSTEM, lambda work: work.scalar(sa.select(row.amount_minor).where(row.number == number))
        )
        account = self.one_of(sa.select(PayingAccountRow.id).where(PayingAccountRow.channel == Channel.SERVER))
        assert account is not None
        entry = Entry(-(amount + TOO_MUCH), number, None, reference=f"T{number}")
        return self._state(account, f"S-{number}", [entry])

    def _state(self, account_id: UUID, name: str, entries: list[Entry]) -> int:
        def last(work: Work) -> tuple[str, Bank]:
            iban = str(work.scalar(sa.select(PayingAccountRow.iban).where(PayingAccountRow.id == account_id)))
            before = queries.statements(work, queries.BankStatementRow.account_id == account_id, after=None, limit=1)
            bank = Bank(iban, day=civil_date(work.now))
            return iban, Bank(iban, before[0].closing_minor, bank.day) if before else bank

        _, bank = self.database.read(SYSTEM, last)
        text = bank.statement(*entries, number=name)
        return self.commit("take in", DANA, lambda work: import_statements(work, text))


def entries_of(file: bytes) -> list[Entry]:
    """What a bank does with an order to pay: it pays, and some of it comes back."""
    entries = []
    for credit in read(file, PAIN).each("PmtInf/CdtTrfTxInf"):
        number, amount = credit.text("PmtId/EndToEndId"), round(float(credit.text("Amt/InstdAmt")) * 100)
        iban = credit.text("CdtrAcct/Id/IBAN")
        entries.append(Entry(-amount, number, iban, reference=f"D{number}"))
        if is_booked_back(number):
            entries.append(Entry(amount, number, iban, returned=True, reference=f"C{number}"))
    return entries


def unfinished_acts() -> "sa.Select[int]":
    """Acts not paid whole and not given up, payments without an end, batches and advances not ordered, and cases that
    wait."""
    owed = (
        sa.select(sa.func.count())
        .select_from(ActRow)
        .join(AccountRow, AccountRow.id == ActRow.account_id)
        .where(AccountRow.credits_posted != AccountRow.debits_posted, ~given_up())
    )
    open_ = sa.select(sa.func.count()).select_from(PaymentRow).where(PaymentRow.status.in_(OPEN_ENDED))
    cases = sa.select(sa.func.count()).select_from(CaseRow).where(CaseRow.status != CaseStatus.RESOLVED)
    every = (owed, open_, cases, open_batches(), open_advances())
    return sa.select(sum((one.scalar_subquery() for one in every), start=sa.literal(0)))
