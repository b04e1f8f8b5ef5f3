"""A town whose providers are paid by a server, and one by files: what is owed there, and what the outside has paid."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActRow
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from contracts.ledger.models import AccountRow
from contracts.payment.batch_models import BatchLineRow
from contracts.payment.iso20022 import PAIN, read
from contracts.payment.models import PayingAccountRow, PaymentRow, SetOffRow
from contracts.payment.paying_accounts import open_paying_account
from contracts.payment.rules import Channel, PaymentStatus
from tests.payment.batch_clerks import AIGUL, ask_for_another, given_up, open_batches
from tests.payment.clerks import entries_of
from tests.payment.houses import accepted_act, line_with_money, payee
from tests.payment.official import DANA
from tests.reconciliation.bank import OURS

ALMATY, ASTANA = "750000000", "710000000"
BY_FILE = "KZ20125KZT0000000007"
NO_SUCH_ACCOUNT = "KZ56125KZT0111111113"  # the sandbox's bank sends it back
MONTHS = 4  # acts of one provider, paid one after the other
EACH_BY_FILE, EACH_WRONG = 3, 8  # every so many providers
_BEGUN = (PaymentStatus.SETTLED, PaymentStatus.RETURNED, PaymentStatus.REVERSED)
# with these, by our books, the outside has made something; a file that is ordered may still have to be written
KNOWN_OUTSIDE = {Channel.SERVER: (PaymentStatus.SENT, *_BEGUN), Channel.FILE: _BEGUN}


@dataclass(frozen=True)
class Treasury:
    folder: Path
    acts: tuple[UUID, ...]


@dataclass
class Found:
    """``lost``: paid by our books, and unknown to the server or the bank, or less than they say. ``double``: more than
    one transfer, or more than the act. ``unfinished``: not paid whole by our books either, and nobody gave it up; and
    batches that nobody ordered. ``batched``: payments that were ordered with a batch."""

    lost: int = 0
    double: int = 0
    unfinished: int = 0
    batched: int = 0
    stories: list[str] = field(default_factory=list)

    def tell(self, kind: str, story: str) -> None:
        setattr(self, kind, getattr(self, kind) + 1)
        self.stories.append(f"{kind}: {story}")


def open_treasury(database: Database, folder: Path, *, acts: int, by_file: int = EACH_BY_FILE) -> Treasury:
    """Acts of different totals, and neither ordered nor paid."""
    folder.mkdir()
    line = line_with_money(database)

    def build(work: Work) -> list[UUID]:
        made = []
        for n in range(0, acts, MONTHS):
            file = (n // MONTHS) % by_file == 0
            wrong = not file and (n // MONTHS) % EACH_WRONG == 1
            house = payee(work, **({"iban": NO_SUCH_ACCOUNT} if wrong else {}))
            months = 1 if wrong else MONTHS  # the server sends nothing more to an account that gave money back
            made += [
                accepted_act(work, line, total=(m + 2) * 1_00, paid_to=house, territory=ASTANA if file else ALMATY)
                for m in range(n, min(n + months, acts))
            ]
        return made

    def accounts(work: Work) -> None:
        if not work.scalar(sa.select(sa.func.count()).select_from(PayingAccountRow)):
            open_paying_account(work, territory="75", name="Treasury", iban=OURS)
            open_paying_account(work, territory="71", name="Treasury", iban=BY_FILE, channel=Channel.FILE)

    database.write(DANA, accounts)
    database.write(AIGUL, lambda work: ask_for_another(work, (acts + 2) * 1_00))
    return Treasury(folder, tuple(database.write(SYSTEM, build)))


def audited(database: Database, treasury: Treasury, transfers: dict[str, list[dict[str, Any]]]) -> Found:
    """Each act's money by the books of the payment server and of the bank, which know nothing of ours."""
    found, at_bank, row = Found(), _at_bank(treasury.folder), PaymentRow
    facts = sa.select(row.act_id, row.id, row.number, row.status, row.channel).where(row.act_id.in_(treasury.acts))
    arrived = _set_off(database)
    for act_id, key, number, status, channel in database.read(SYSTEM, lambda work: list(work.rows(facts))):
        if channel is Channel.SERVER:
            made = transfers[str(key)]
            orders, amount = len(made), sum(one["amount"] - one["amount_reversed"] for one in made)
        else:
            orders, amount = at_bank[number]
        if orders > 1:
            found.tell("double", f"{number}: {orders} times")
        if orders == 0 and status in KNOWN_OUTSIDE[channel]:
            found.tell("lost", f"{number} is {status}, and nobody knows it")
        arrived[act_id] += amount
    _compare_acts(database, treasury, arrived, found)
    open_, batched = database.read(SYSTEM, lambda w: (w.scalar(open_batches()), w.scalar(_batched(treasury.acts))))
    if open_:
        found.tell("unfinished", f"{open_} batches")
    found.batched = batched
    return found


def _compare_acts(database: Database, treasury: Treasury, arrived: dict[UUID, int], found: Found) -> None:
    owed = AccountRow.credits_posted - AccountRow.debits_posted
    facts = sa.select(ActRow.id, ActRow.total_minor, owed, given_up()).where(ActRow.id.in_(treasury.acts))
    joined = facts.join(AccountRow, AccountRow.id == ActRow.account_id)
    for act_id, total, left, gave_up in database.read(SYSTEM, lambda work: list(work.rows(joined))):
        got, booked = arrived[act_id], total - left
        if got > total:
            found.tell("double", f"act {act_id}: {got} of {total}")
        if got < booked:
            found.tell("lost", f"act {act_id}: {booked} by our books, and {got}")
        if left and not gave_up:
            found.tell("unfinished", f"act {act_id}: {left} of {total} is left")


def _set_off(database: Database) -> dict[UUID, int]:
    """By act: what its payee had before."""
    taken = sa.select(SetOffRow.act_id, sa.func.sum(SetOffRow.amount_minor)).group_by(SetOffRow.act_id)
    sums = database.read(SYSTEM, lambda work: list(work.rows(taken)))
    return defaultdict(int, {act: int(amount) for act, amount in sums})


def _batched(acts: tuple[UUID, ...]) -> "sa.Select[int]":
    ordered = BatchLineRow.payment_id.is_not(None)
    return sa.select(sa.func.count()).select_from(BatchLineRow).where(ordered, BatchLineRow.act_id.in_(acts))


def _at_bank(folder: Path) -> dict[str, tuple[int, int]]:
    """By the payment's number: in how many orders the bank has it, and how much of it arrived."""
    orders: dict[str, bytes] = {}
    for file in sorted(folder.glob("*.xml")):
        name, body = read(file.read_bytes(), PAIN).text("GrpHdr/MsgId"), file.read_bytes()
        assert orders.setdefault(name, body) == body, f"{name} was told in two ways"
    known: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for body in orders.values():
        for entry in entries_of(body):
            assert entry.names is not None
            times, amount = known[entry.names]
            known[entry.names] = (times + (entry.amount < 0), amount - entry.amount)
    return known
