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
from contracts.payment.iso20022 import PAIN, read
from contracts.payment.models import PayingAccountRow, PaymentRow, SetOffRow
from contracts.payment.paying_accounts import open_paying_account
from contracts.payment.rules import Channel, PaymentStatus
from tests.payment.clerks import DANA, entries_of
from tests.payment.houses import accepted_act, line_with_money, payee
from tests.reconciliation.bank import OURS

ALMATY, ASTANA = "750000000", "710000000"
BY_FILE = "KZ20125KZT0000000007"
NO_SUCH_ACCOUNT = "KZ56125KZT0111111113"  # the sandbox's bank sends it back
MONTHS = 4  # acts of one provider, paid one after the other
EACH_BY_FILE, EACH_WRONG = 4, 9  # every so many providers


@dataclass(frozen=True)
class Treasury:
    folder: Path
    acts: tuple[UUID, ...]


@dataclass
class Found:
    lost: int = 0
    double: int = 0
    stories: list[str] = field(default_factory=list)


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
    return Treasury(folder, tuple(database.write(SYSTEM, build)))


def audited(database: Database, treasury: Treasury, transfers: dict[str, list[dict[str, Any]]]) -> Found:
    """Each act's money by the books of the payment server and of the bank, which know nothing of ours."""
    found, at_bank = Found(), _at_bank(treasury.folder)
    mine = ActRow.id.in_(treasury.acts)
    row = PaymentRow
    facts = (row.act_id, row.id, row.number, row.status, row.channel)
    payments = database.read(
        SYSTEM, lambda w: list(w.rows(sa.select(*facts).join(ActRow, ActRow.id == row.act_id).where(mine)))
    )
    taken = sa.select(SetOffRow.act_id, sa.func.sum(SetOffRow.amount_minor)).group_by(SetOffRow.act_id)
    got = defaultdict(int, {act: int(amount) for act, amount in database.read(SYSTEM, lambda w: list(w.rows(taken)))})
    given_up = set()
    for act_id, key, number, status, channel in payments:
        if channel is Channel.SERVER:
            made = transfers[str(key)]
            orders, amount = len(made), sum(one["amount"] - one["amount_reversed"] for one in made)
            if status is PaymentStatus.REVERSED:
                given_up.add(act_id)
        else:
            orders, amount = at_bank[number]
        if orders > 1:
            found.double += 1
            found.stories.append(f"{number}: {orders} times")
        if orders == 0 and status not in (PaymentStatus.ORDERED, PaymentStatus.FAILED):
            found.lost += 1
            found.stories.append(f"{number} is {status}, and nobody knows it")
        got[act_id] += amount
    totals = database.read(SYSTEM, lambda w: list(w.rows(sa.select(ActRow.id, ActRow.total_minor).where(mine))))
    for act_id, total in totals:
        found.double += got[act_id] > total
        found.lost += got[act_id] < total and act_id not in given_up
        if got[act_id] != total and act_id not in given_up:
            found.stories.append(f"act {act_id}: {got[act_id]} of {total}")
    return found


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
