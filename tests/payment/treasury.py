"""A town whose providers are paid by a server, and one by files: what is owed there, and what the outside has paid."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from contracts.act.models import ActRow
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from contracts.ledger.models import AccountRow
from contracts.ledger.rules import AccountKind
from contracts.payment import advance_queries
from contracts.payment.advance_models import AdvanceRow, SetOffUndoneRow
from contracts.payment.batch_models import BatchLineRow
from contracts.payment.iso20022 import PAIN, read
from contracts.payment.models import PayingAccountRow, PaymentRow, SetOffRow
from contracts.payment.paying_accounts import open_paying_account
from contracts.payment.rules import OPEN_ENDED, Channel, PaymentStatus
from contracts.reconciliation.models import CaseRow
from contracts.reconciliation.rules import CaseStatus
from tests.payment.advance_clerks import open_advances
from tests.payment.advances import House, contract, rule
from tests.payment.batch_clerks import AIGUL, ask_for_another, given_up, open_batches
from tests.payment.clerks import OVERPAID, TOO_MUCH, entries_of
from tests.payment.houses import accepted_act, line_with_money, payee
from tests.payment.official import DANA
from tests.reconciliation.bank import OURS

ALMATY, ASTANA = "750000000", "710000000"
BY_FILE = "KZ20125KZT0000000007"
NO_SUCH_ACCOUNT = "KZ56125KZT0111111113"  # the sandbox's bank sends it back
MONTHS = 4  # acts of one provider, paid one after the other
EACH_BY_FILE, EACH_WRONG = 3, 8  # every so many providers
MOST_BP = 30_00  # basis points of what a contract holds may be advanced: somewhat more than one of its acts
_BEGUN = (PaymentStatus.SETTLED, PaymentStatus.RETURNED, PaymentStatus.REVERSED)
# with these, by our books, the outside has made something; a file that is ordered may still have to be written
KNOWN_OUTSIDE = {Channel.SERVER: (PaymentStatus.SENT, *_BEGUN), Channel.FILE: _BEGUN}


@dataclass(frozen=True)
class Treasury:
    """``contracts``: those that have an advance."""

    folder: Path
    acts: tuple[UUID, ...]
    contracts: tuple[UUID, ...]


@dataclass
class Found:
    """``lost``: paid by our books, and unknown to the server or the bank, or less than they say; or an advance that
    arrived, and is neither owed nor set off. ``double``: more than one transfer, or more than the act, or more than one
    advance of a contract. ``unfinished``: not paid whole by our books either, and nobody gave it up; and batches and
    advances that nobody ordered. ``batched``: payments that were ordered with a batch. ``advanced``: advances that
    arrived. ``set_off``: acts that were paid with one."""

    lost: int = 0
    double: int = 0
    unfinished: int = 0
    batched: int = 0
    advanced: int = 0
    set_off: int = 0
    stories: list[str] = field(default_factory=list)

    def tell(self, kind: str, story: str) -> None:
        setattr(self, kind, getattr(self, kind) + 1)
        self.stories.append(f"{kind}: {story}")


def open_treasury(
    database: Database,
    folder: Path,
    *,
    acts: int,
    by_file: int = EACH_BY_FILE,
    advances: bool = True,
    each: int = MONTHS,
) -> Treasury:
    """Acts of different totals, ``each`` provider's so many, and neither ordered nor paid; every other provider may
    have an advance on them. ``by_file``: every so many providers; 0: none."""
    folder.mkdir()
    line = line_with_money(database)
    contracts: list[tuple[House, list[int], str]] = []

    def build(work: Work) -> list[UUID]:
        made = []
        for n in range(0, acts, each):
            place = n // each
            file = by_file > 0 and place % by_file == 0
            wrong = not file and place % EACH_WRONG == 1
            house = payee(work, **({"iban": NO_SUCH_ACCOUNT} if wrong else {}))
            months = 1 if wrong else each  # the server sends nothing more to an account that gave money back
            totals = [(m + 2) * 1_00 for m in range(n, min(n + months, acts))]
            territory = ASTANA if file else ALMATY
            made += [accepted_act(work, line, total=each, paid_to=house, territory=territory) for each in totals]
            if advances and place % 2 == 0:
                contracts.append((house, totals, territory))
        return made

    def accounts(work: Work) -> None:
        if not work.scalar(sa.select(sa.func.count()).select_from(PayingAccountRow)):
            open_paying_account(work, territory="75", name="Treasury", iban=OURS)
            open_paying_account(work, territory="71", name="Treasury", iban=BY_FILE, channel=Channel.FILE)

    database.write(DANA, accounts)
    database.write(AIGUL, lambda work: ask_for_another(work, (acts + 2) * 1_00))
    made = tuple(database.write(SYSTEM, build))
    if contracts and not database.read(SYSTEM, advance_queries.all_rules):
        rule(database, MOST_BP)
    allowed = [
        contract(database, line, house, held=sum(totals), agreed=MOST_BP, territory=territory)
        for house, totals, territory in contracts
    ]
    return Treasury(folder, made, tuple(allowed))


def audited(database: Database, treasury: Treasury, transfers: dict[str, list[dict[str, Any]]]) -> Found:
    """Each act's money by the books of the payment server and of the bank, which know nothing of ours."""
    found, at_bank, row = Found(), _at_bank(treasury.folder), PaymentRow
    of = AdvanceRow.contract_id
    facts = (
        sa.select(row.act_id, of, row.id, row.number, row.status, row.channel)
        .outerjoin(AdvanceRow, AdvanceRow.id == row.advance_id)
        .where(sa.or_(row.act_id.in_(treasury.acts), of.in_(treasury.contracts)))
    )
    arrived, taken = _set_off(database, SetOffRow.act_id), _set_off(database, SetOffRow.payment_id)
    owed = _owed(database)
    advanced: Counter[UUID] = Counter()
    for act_id, contract_id, key, number, status, channel in database.read(SYSTEM, lambda work: list(work.rows(facts))):
        if channel is Channel.SERVER:
            made = transfers[str(key)]
            orders, amount = len(made), sum(one["amount"] - one["amount_reversed"] for one in made)
        else:
            orders, amount = at_bank[number]
        if orders > 1:
            found.tell("double", f"{number}: {orders} times")
        if orders == 0 and status in KNOWN_OUTSIDE[channel]:
            found.tell("lost", f"{number} is {status}, and nobody knows it")
        if act_id is None:
            _compare_advance(found, number, amount, taken[key], owed[key])
            advanced[contract_id] += amount > 0
        else:
            arrived[act_id] += amount
    for contract_id, times in advanced.items():
        if times > 1:
            found.tell("double", f"contract {contract_id} has {times} advances")
    _compare_acts(database, treasury, arrived, found)
    for name, waiting in (("batches", open_batches()), ("advances", open_advances())):
        if left := database.read(SYSTEM, lambda work, of=waiting: work.scalar(of)):
            found.tell("unfinished", f"{left} {name}")
    found.batched = database.read(SYSTEM, lambda work: work.scalar(_batched(treasury.acts)))
    found.stories += _without_end(database)
    return found


def _without_end(database: Database) -> list[str]:
    """What somebody would want to know of payments that wait, and of cases."""
    row, case = PaymentRow, CaseRow
    known = (row.number, row.act_id, row.channel, row.status, row.attempts, row.strikes, row.next_try_at, row.parked_at,
             row.last_error, row.gateway_transfer, row.reversal_ordered_at)  # fmt: skip
    waits = sa.or_(row.status.in_(OPEN_ENDED), row.parked_at.is_not(None))
    cases = sa.select(case.number, case.kind, case.status, case.payment_id).where(case.status != CaseStatus.RESOLVED)
    return database.read(
        SYSTEM,
        lambda work: [f"waits: {[*one]}" for one in (*work.rows(sa.select(*known).where(waits)), *work.rows(cases))],
    )


def advances_by(work: Work, channel: Channel) -> list[UUID]:
    """Their payments."""
    found = sa.select(PaymentRow.id).where(PaymentRow.advance_id.is_not(None), PaymentRow.channel == channel)
    return [key for (key,) in work.rows(found)]


def _compare_advance(found: Found, number: str, arrived: int, set_off: int, owed: int) -> None:
    """Acts are paid with what arrived, and with what the bank paid too much of it; the rest is owed."""
    most = arrived + (TOO_MUCH if number.endswith(tuple(OVERPAID)) else 0)
    if set_off > most:
        found.tell("lost", f"advance {number}: acts were paid with {set_off}, and {arrived} arrived")
    if set_off + owed < arrived:
        found.tell("lost", f"advance {number}: {arrived} arrived, {set_off} was set off, and {owed} is owed")
    found.advanced += arrived > 0
    found.set_off += set_off > 0


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


def _set_off(database: Database, by: "InstrumentedAttribute[UUID]") -> dict[UUID, int]:
    """What payees had before, and still have: by act, or by the payment they had it with."""
    undone = (
        sa.select(sa.func.coalesce(sa.func.sum(SetOffUndoneRow.amount_minor), 0))
        .where(SetOffUndoneRow.set_off_id == SetOffRow.id)
        .scalar_subquery()
    )
    taken = sa.select(by, sa.func.sum(SetOffRow.amount_minor - undone)).group_by(by)
    sums = database.read(SYSTEM, lambda work: list(work.rows(taken)))
    return defaultdict(int, {key: int(amount) for key, amount in sums})


def _owed(database: Database) -> dict[UUID, int]:
    """By payment: what its payee has to give back."""
    left = AccountRow.credits_posted - AccountRow.debits_posted
    debts = sa.select(AccountRow.owner_id, left).where(AccountRow.kind == AccountKind.RECOVERY)
    return defaultdict(int, {key: int(amount) for key, amount in database.read(SYSTEM, lambda work: work.rows(debts))})


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
