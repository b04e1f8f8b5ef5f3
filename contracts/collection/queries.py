"""Reading dues and collections, and what acts ask that is no due yet."""

from collections.abc import Collection as Many
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActLineRow, ActRow
from contracts.act.pricing import Collector
from contracts.act.rules import ActStatus
from contracts.budget.models import FundingLineRow
from contracts.collection.models import CollectionRow, DuePartRow, DueRow, RemissionRow
from contracts.collection.rules import (
    LIVE,
    NOT_GIVEN_BACK,
    Collection,
    CollectionKind,
    CollectionStatus,
    Due,
    DueNotFound,
)
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.ledger.models import AccountRow
from contracts.ledger.rules import AccountKind

PAGE = 50
MOST = 100  # collections of one due in an answer: a declined card makes no new one, a correction of the act does


@dataclass(frozen=True, slots=True)
class Part:
    """What an accepted act asks, with the act's number and part of its month."""

    act_id: UUID
    act_number: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Remission:
    id: UUID
    amount_minor: int
    reason: str
    remitted_by: UUID
    remitted_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """A due with its money, in minor units: paid, on its way back or given back, and whether it waits for a person."""

    due: Due
    paid_minor: int
    returned_minor: int
    live: CollectionStatus | None
    stopped: bool

    @property
    def left_minor(self) -> int:
        """What the recipient still has to pay."""
        return max(0, self.due.goal_minor - self.paid_minor + self.returned_minor)

    @property
    def owed_back_minor(self) -> int:
        """What the recipient has paid too much, and is not on its way back."""
        return max(0, self.paid_minor - self.returned_minor - self.due.goal_minor)


@dataclass(frozen=True, slots=True)
class Totals:
    """Of the funding lines of some territories, in minor units. What is remitted counts once it has left the dues."""

    asked_minor: int
    remitted_minor: int
    collected_minor: int
    refunded_minor: int


def due(work: Work, due_id: UUID, *, lock: bool = False) -> Due:
    """Raises DueNotFound."""
    found = work.find(Due, DueRow, DueRow.id == due_id, lock=lock)
    if found is None:
        raise DueNotFound
    return found


def due_numbered(work: Work, number: str) -> Due:
    """Raises DueNotFound."""
    found = work.find(Due, DueRow, DueRow.number == number)
    if found is None:
        raise DueNotFound
    return found


def totals_in(work: Work, territories: Many[str]) -> Totals:
    """Of all funding lines of these territories, from their accounts: however many dues there are."""
    here = sa.or_(sa.false(), *[FundingLineRow.territory.startswith(one, autoescape=True) for one in territories])
    statement = (
        sa.select(AccountRow.kind, sa.func.sum(AccountRow.debits_posted), sa.func.sum(AccountRow.credits_posted))
        .join(FundingLineRow, FundingLineRow.id == AccountRow.owner_id)
        .where(AccountRow.kind.in_([AccountKind.RECIPIENTS, AccountKind.COLLECTED]), here)
        .group_by(AccountRow.kind)
    )
    sums = {kind: (int(debits), int(credits_)) for kind, debits, credits_ in work.rows(statement)}
    failed = _failed_in(work, here)
    asked, remitted = sums.get(AccountKind.RECIPIENTS, (0, 0))
    refunded, collected = sums.get(AccountKind.COLLECTED, (0, 0))
    return Totals(asked - failed, remitted - failed, collected - failed, refunded - failed)


def _failed_in(work: Work, here: sa.ColumnElement[bool]) -> int:
    """Refunds that came back went through all four accounts' sides once more."""
    total = sa.func.coalesce(sa.func.sum(CollectionRow.amount_minor), 0)
    statement = (
        sa.select(total)
        .join(DueRow, DueRow.id == CollectionRow.due_id)
        .join(FundingLineRow, FundingLineRow.id == DueRow.line_id)
        .where(CollectionRow.status == CollectionStatus.FAILED, here)
    )
    return int(work.scalar(statement))


def failed_of(work: Work, due_id: UUID) -> int:
    """Of a due, what refunds brought back that failed after they had succeeded, in minor units."""
    total = sa.func.coalesce(sa.func.sum(CollectionRow.amount_minor), 0)
    of_due = (CollectionRow.due_id == due_id, CollectionRow.status == CollectionStatus.FAILED)
    return int(work.scalar(sa.select(total).where(*of_due)))


def due_for(work: Work, engagement_id: UUID, month: Month, *, lock: bool = False) -> Due | None:
    return work.find(Due, DueRow, DueRow.engagement_id == engagement_id, DueRow.month == month, lock=lock)


def collections_of(work: Work, due_id: UUID) -> list[Collection]:
    """All of them, the oldest first: what is asked or given back next is counted from every one."""
    return work.find_all(Collection, CollectionRow, CollectionRow.due_id == due_id, order_by=(CollectionRow.id,))


def latest_collections(work: Work, due_id: UUID, *, limit: int = MOST) -> list[Collection]:
    """To be shown; the oldest of them first."""
    newest = (CollectionRow.id.desc(),)
    return work.find_all(Collection, CollectionRow, CollectionRow.due_id == due_id, order_by=newest, limit=limit)[::-1]


def collection(work: Work, collection_id: UUID, *, lock: bool = False) -> Collection:
    found = work.find(Collection, CollectionRow, CollectionRow.id == collection_id, lock=lock)
    assert found is not None, f"collection {collection_id} is not there"
    return found


def live_of(work: Work, due_id: UUID) -> Collection | None:
    """The one collection without an end."""
    return work.find(Collection, CollectionRow, CollectionRow.due_id == due_id, CollectionRow.status.in_(LIVE))


def live_of_dues(work: Work, due_ids: Many[UUID]) -> dict[UUID, Collection]:
    """By due; of a page of them in one statement."""
    where = (CollectionRow.due_id.in_(due_ids), CollectionRow.status.in_(LIVE))
    return {one.due_id: one for one in work.find_all(Collection, CollectionRow, *where)}


def due_to_try(work: Work, statuses: Many[CollectionStatus], now: datetime, limit: int) -> list[Collection]:
    """What a worker may take now; what another holds is passed over. ``now`` is real."""
    columns = [CollectionRow.__table__.c[name] for name in Collection.__dataclass_fields__]
    statement = (
        sa.select(*columns)
        .where(CollectionRow.status.in_(statuses), CollectionRow.next_try_at <= now)
        .order_by(CollectionRow.next_try_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Collection(*row) for row in work.rows(statement)]


def parts_of(work: Work, due_id: UUID) -> list[Part]:
    statement = (
        sa.select(DuePartRow.act_id, ActRow.number, DuePartRow.amount_minor)
        .join(ActRow, ActRow.id == DuePartRow.act_id)
        .where(DuePartRow.due_id == due_id)
        .order_by(ActRow.part)
        .limit(PAGE * 2)
    )
    return [Part(*row) for row in work.rows(statement)]


def remissions_of(work: Work, due_id: UUID) -> list[Remission]:
    return work.find_all(
        Remission, RemissionRow, RemissionRow.due_id == due_id, order_by=(RemissionRow.id,), limit=PAGE
    )


def acts_to_ask(work: Work, limit: int) -> list[UUID]:
    """Accepted acts with a recipient's part that the agency collects and nobody was asked for yet, the oldest first."""
    asked = sa.exists().where(
        DuePartRow.act_id == ActLineRow.act_id,
        DueRow.id == DuePartRow.due_id,
        DueRow.engagement_id == ActLineRow.engagement_id,
    )
    accepted = sa.exists().where(
        ActRow.id == ActLineRow.act_id, ActRow.status == ActStatus.ACCEPTED, ActRow.collector == Collector.AGENCY
    )
    statement = (
        sa.select(ActLineRow.act_id)
        .where(sa.text("act_line.copayment_minor > 0"))  # literally, or the partial index is left aside
        .where(accepted, ~asked)
        .distinct()
        .order_by(ActLineRow.act_id)
        .limit(limit)
    )
    return [row.act_id for row in work.rows(statement)]


def asked_by(work: Work, act_id: UUID) -> list[tuple[UUID, UUID, str, int]]:
    """Of an act: engagement, recipient, kind of service and what its lines ask of the recipient together."""
    statement = (
        sa.select(
            ActLineRow.engagement_id,
            ActLineRow.recipient_id,
            sa.func.min(ActLineRow.kind),
            sa.func.sum(ActLineRow.copayment_minor),
        )
        .where(ActLineRow.act_id == act_id, ActLineRow.copayment_minor > 0)
        .group_by(ActLineRow.engagement_id, ActLineRow.recipient_id)
        .order_by(ActLineRow.engagement_id)
    )
    return [(engagement, recipient, kind, int(sum_)) for engagement, recipient, kind, sum_ in work.rows(statement)]


def is_asked(work: Work, act_id: UUID, due_id: UUID) -> bool:
    found = sa.select(DuePartRow.id).where(DuePartRow.act_id == act_id, DuePartRow.due_id == due_id)
    return work.scalar(found) is not None


def dues_of_recipient(
    work: Work, recipient_id: UUID, *, before: tuple[Month, UUID] | None = None, limit: int = PAGE
) -> list[Account]:
    """The latest month first."""
    where = [DueRow.recipient_id == recipient_id]
    if before is not None:
        where.append(sa.tuple_(DueRow.month, DueRow.id) < sa.tuple_(*before))
    found = work.find_all(Due, DueRow, *where, order_by=(DueRow.month.desc(), DueRow.id.desc()), limit=limit)
    return accounts_of(work, found)


def dues_in(
    work: Work, territories: Many[str], *, stopped: bool = False, after: UUID | None = None, limit: int = PAGE
) -> list[Account]:
    """Of these territories (prefixes), the newest first; ``stopped``: only what waits for a person."""
    here = sa.or_(sa.false(), *[DueRow.territory.startswith(one, autoescape=True) for one in territories])
    where = [here] if after is None else [here, DueRow.id < after]
    if stopped:
        where.append(DueRow.id.in_(sa.select(CollectionRow.due_id).where(_stopped())))
    found = work.find_all(Due, DueRow, *where, order_by=(DueRow.id.desc(),), limit=limit)
    return accounts_of(work, found)


def _stopped() -> sa.ColumnElement[bool]:
    """A person must look: parked, or refused, or come back to us, and nothing after it."""
    later = sa.orm.aliased(CollectionRow)
    last = ~sa.exists().where(later.due_id == CollectionRow.due_id, later.id > CollectionRow.id)
    refused = sa.and_(CollectionRow.status.in_(NOT_GIVEN_BACK), last)
    return sa.or_(refused, sa.and_(CollectionRow.status.in_(LIVE), CollectionRow.next_try_at.is_(None)))


def accounts_of(work: Work, dues: Many[Due]) -> list[Account]:
    """With the money of each, in one statement."""
    intent, over = CollectionRow.kind == CollectionKind.INTENT, CollectionRow.status == CollectionStatus.SUCCEEDED
    amount = CollectionRow.amount_minor
    statement = (
        sa.select(
            CollectionRow.due_id,
            sa.func.sum(sa.case((sa.and_(intent, over), amount), else_=0)),
            sa.func.sum(
                sa.case(
                    (sa.and_(~intent, CollectionRow.status.in_([*LIVE, CollectionStatus.SUCCEEDED])), amount), else_=0
                )
            ),
            sa.func.max(sa.case((CollectionRow.status.in_(LIVE), CollectionRow.status), else_=None)),
            sa.func.max(sa.case((_stopped(), 1), else_=0)),
        )
        .where(CollectionRow.due_id.in_([one.id for one in dues]))
        .group_by(CollectionRow.due_id)
    )
    money = {row[0]: row for row in work.rows(statement)}
    return [
        Account(one, int(row[1]), int(row[2]), None if row[3] is None else CollectionStatus(row[3]), bool(row[4]))
        if (row := money.get(one.id))
        else Account(one, 0, 0, None, stopped=False)
        for one in dues
    ]


def account_of(work: Work, found: Due) -> Account:
    return accounts_of(work, [found])[0]
