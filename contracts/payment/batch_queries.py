"""Reading batches, the acts in them, which acts could be, and what they lack. SELECTs over whole batches, never one an
act."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActRow
from contracts.act.rules import Act, ActStatus
from contracts.approval import queries as approvals
from contracts.approval.rules import Subject, SubjectKind
from contracts.budget.models import FundingLineRow
from contracts.budget.queries import under
from contracts.kernel.database import table_of
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.ledger.models import UNORDERED, AccountRow, StageTotalRow
from contracts.ledger.rules import AccountKind
from contracts.payee.models import PayeeRow, PayeeVersionRow
from contracts.payee.rules import VersionStatus
from contracts.payment.batch_models import BatchLineRow, BatchRow
from contracts.payment.batch_rules import (
    MOST_ACTS,
    ActInBatch,
    Batch,
    BatchLine,
    BatchNotFound,
    Lack,
    LineStatus,
)
from contracts.payment.models import PaymentRow
from contracts.payment.rules import OPEN_ENDED

MOST_PURSES = 200  # territories and years in one choice
_FREE = AccountRow.credits_posted - AccountRow.debits_posted - AccountRow.debits_pending


def batch(work: Work, batch_id: UUID, *, lock: bool = False) -> Batch:
    """Raises BatchNotFound."""
    found = work.find(Batch, BatchRow, BatchRow.id == batch_id, lock=lock)
    if found is None:
        raise BatchNotFound
    return found


def batch_numbered(work: Work, number: str) -> Batch:
    """Raises BatchNotFound."""
    found = work.find(Batch, BatchRow, BatchRow.number == number)
    if found is None:
        raise BatchNotFound
    return found


def lines(work: Work, batch_id: UUID) -> list[BatchLine]:
    """What is, or was at its end, in the batch, in the order of being added; nothing that was taken out of a draft."""
    where = (BatchLineRow.batch_id == batch_id, BatchLineRow.status != LineStatus.REMOVED)
    return work.find_all(BatchLine, BatchLineRow, *where, order_by=(BatchLineRow.id,), limit=MOST_ACTS)


def payments_of_batch(batch_id: UUID) -> sa.Select[UUID | None]:
    """Their ids, for statements over payments."""
    return sa.select(BatchLineRow.payment_id).where(
        BatchLineRow.batch_id == batch_id, BatchLineRow.payment_id.is_not(None)
    )


def batch_of_payment(work: Work, payment_id: UUID) -> str | None:
    """The number of the batch that the payment was ordered with."""
    line = BatchLineRow.payment_id == payment_id
    number: str | None = work.scalar(
        sa.select(BatchRow.number).join(BatchLineRow, BatchLineRow.batch_id == BatchRow.id).where(line)
    )
    return number


def held_by(work: Work, act_ids: Collection[UUID]) -> dict[UUID, str]:
    """By act: the number of the batch that holds it."""
    holding = (
        sa.select(BatchLineRow.act_id, BatchRow.number)
        .join(BatchRow, BatchRow.id == BatchLineRow.batch_id)
        .where(BatchLineRow.act_id.in_(act_ids), BatchLineRow.status == LineStatus.HELD)
    )
    return {row.act_id: row.number for row in work.rows(holding)}


def check_in_no_batch(work: Work, act_id: UUID) -> None:
    """The caller holds the act's row. Raises ActInBatch."""
    if number := held_by(work, [act_id]).get(act_id):
        raise ActInBatch(f"It is in the batch {number}", rule="one-batch", batch=number)


def acts_of(work: Work, act_ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, Act]:
    """``lock``: in the order of ids, so that two who take several never wait for each other."""
    if lock:
        held = sa.select(ActRow.id).where(ActRow.id.in_(act_ids)).order_by(ActRow.id)
        work.rows(held.with_for_update())
    return {one.id: one for one in work.find_all(Act, ActRow, ActRow.id.in_(act_ids), order_by=(ActRow.id,))}


def payees_named(work: Work, provider_ids: Collection[UUID]) -> dict[UUID, str]:
    """By provider: the legal name of its active account."""
    named = (
        sa.select(PayeeRow.provider_id, PayeeVersionRow.legal_name)
        .join(PayeeVersionRow, PayeeVersionRow.payee_id == PayeeRow.id)
        .where(PayeeRow.provider_id.in_(provider_ids), PayeeVersionRow.status == VersionStatus.ACTIVE)
    )
    return {row.provider_id: row.legal_name for row in work.rows(named)}


# --- which acts could be paid together --------------------------------------------------------------------------------
def _payable() -> sa.Select[UUID, int]:
    """Accepted, with money that nobody ordered, in no batch, and no payment of it under way."""
    under_way = sa.exists().where(PaymentRow.act_id == ActRow.id, PaymentRow.status.in_(OPEN_ENDED))
    held = sa.exists().where(BatchLineRow.act_id == ActRow.id, BatchLineRow.status == LineStatus.HELD)
    return (
        sa.select(ActRow.id, _FREE)
        .select_from(AccountRow)
        .join(ActRow, ActRow.id == AccountRow.owner_id)
        .join(FundingLineRow, FundingLineRow.id == ActRow.line_id)
        .where(sa.text(UNORDERED), ActRow.status == ActStatus.ACCEPTED, ~under_way, ~held)
    )


def payable_acts(
    work: Work,
    *,
    territory: str,
    year: int,
    month: Month | None = None,
    after: UUID | None = None,
    limit: int = MOST_ACTS,
) -> list[Act]:
    """The oldest first."""
    chosen = _payable().where(ActRow.territory == territory, FundingLineRow.year == year)
    if month is not None:
        chosen = chosen.where(ActRow.month == month)
    if after is not None:
        chosen = chosen.where(ActRow.id > after)
    ids = [row.id for row in work.rows(chosen.order_by(ActRow.id).limit(limit))]
    return list(acts_of(work, ids).values())


@dataclass(frozen=True, slots=True)
class Purse:
    """The lines of one territory and year, with what is accepted there and has not arrived yet."""

    territory: str
    year: int
    payable_minor: int


def purses(work: Work, territories: Sequence[str]) -> list[Purse]:
    """Where something waits to be paid, in the territories, each a prefix of the code. From kept totals: however many
    acts there are."""
    payable = sa.func.sum(StageTotalRow.balance_minor)
    found = (
        sa.select(FundingLineRow.territory, FundingLineRow.year, payable)
        .join(StageTotalRow, StageTotalRow.line_id == FundingLineRow.id)
        .where(StageTotalRow.kind == AccountKind.PAYABLE, under(territories))
        .group_by(FundingLineRow.territory, FundingLineRow.year)
        .having(payable > 0)
        .order_by(FundingLineRow.territory, FundingLineRow.year)
        .limit(MOST_PURSES)
    )
    return [Purse(place, year, int(total)) for place, year, total in work.rows(found)]


def months_waiting(work: Work, *, territory: str, year: int) -> list[Month]:
    """Months of service of the acts that wait there."""
    waiting = _payable().where(ActRow.territory == territory, FundingLineRow.year == year)
    months = waiting.with_only_columns(ActRow.month).distinct().order_by(ActRow.month)
    return [row.month for row in work.rows(months)]


# --- what acts lack ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Condition:
    """How an act stands now. ``lack``: why it cannot be paid; ``account_changed``: the organisation has another account
    by now, or wants one, and the act is paid to the one frozen in it."""

    left_minor: int
    lack: Lack | None
    account_changed: bool


def conditions(work: Work, acts: Collection[Act], fixed: dict[UUID, int] | None = None) -> dict[UUID, Condition]:
    """``fixed``: with which amounts the acts are in a batch."""
    ids = {one.id for one in acts}
    left = _left(work, ids)
    going = {row.act_id for row in work.rows(_going(ids))}
    owing = _owing(work, {one.provider_id for one in acts})
    moved = _moved(work, ids)
    rejected = _rejected(work, acts)
    found = {}
    for act in acts:
        free = left.get(act.id, 0)
        reasons = (
            (Lack.REJECTED, act.id in rejected),
            (Lack.PAYMENT, act.id in going),
            (Lack.PAID, free <= 0),
            (Lack.DEBT, (act.provider_id, act.line_id) in owing),
            (Lack.AMOUNT, fixed is not None and fixed.get(act.id) != free),
        )
        lack = next((reason for reason, holds in reasons if holds), None)
        found[act.id] = Condition(free, lack, act.id in moved)
    return found


def _left(work: Work, act_ids: Collection[UUID]) -> dict[UUID, int]:
    payable = (AccountRow.kind == AccountKind.PAYABLE, AccountRow.owner_id.in_(act_ids))
    return {owner: int(free) for owner, free in work.rows(sa.select(AccountRow.owner_id, _FREE).where(*payable))}


def _going(act_ids: Collection[UUID]) -> sa.Select[UUID | None]:
    return sa.select(PaymentRow.act_id).where(PaymentRow.act_id.in_(act_ids), PaymentRow.status.in_(OPEN_ENDED))


def _owing(work: Work, provider_ids: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Who has to give money back, to which funding line."""
    owed = (
        sa.select(PaymentRow.provider_id, AccountRow.line_id)
        .join(AccountRow, AccountRow.owner_id == PaymentRow.id)
        .where(AccountRow.kind == AccountKind.RECOVERY, PaymentRow.provider_id.in_(provider_ids), _FREE > 0)
    )
    return {(row.provider_id, row.line_id) for row in work.rows(owed)}


def _moved(work: Work, act_ids: Collection[UUID]) -> set[UUID]:
    """Acts whose frozen account is not the active one any more, or is to be replaced."""
    frozen, waiting = table_of(PayeeVersionRow).alias("frozen"), table_of(PayeeVersionRow).alias("waiting")
    waits = sa.exists().where(waiting.c.payee_id == frozen.c.payee_id, waiting.c.status == VersionStatus.WAITING)
    found = (
        sa.select(ActRow.id)
        .join(frozen, frozen.c.id == ActRow.payee_version_id)
        .where(ActRow.id.in_(act_ids), sa.or_(frozen.c.status != VersionStatus.ACTIVE, waits))
    )
    return {row.id for row in work.rows(found)}


def _rejected(work: Work, acts: Collection[Act]) -> set[UUID]:
    nobody: frozenset[UUID] = frozenset()
    asked = [
        (Subject(SubjectKind.ACT, one.id, one.territory, frozenset({one.provider_id}), nobody), one.total_minor)
        for one in acts
    ]
    return {act_id for act_id, standing in approvals.standings(work, asked).items() if standing.rejected}
