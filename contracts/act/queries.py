"""Acts and their lines, and the sentences that hold over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActEntryRow, ActLineRow, ActRow
from contracts.act.rules import Act, ActLine, ActNotFound, ActStatus
from contracts.contract.queries import PAGE, READERS
from contracts.kernel.database import Invariant
from contracts.kernel.errors import NotFound
from contracts.kernel.period import Month
from contracts.kernel.work import Role, Work
from contracts.ledger.models import AccountRow
from contracts.ledger.rules import AccountKind
from contracts.payee.models import PayeeVersionRow
from contracts.payee.rules import VersionStatus
from contracts.register.models import EntryRow
from contracts.register.queries import seconds_between
from contracts.register.rules import Entry


@dataclass(frozen=True, slots=True)
class MonthFigure:
    """What was served in a month and what became of its money, in minor units: handed in and not decided; accepted in
    all, and of that paid, on its way to the payee, and not ordered yet."""

    month: Month
    submitted: int
    accepted: int
    paid: int
    sent: int

    @property
    def unordered(self) -> int:
        return self.accepted - self.paid - self.sent


def active_payee_version_id(work: Work, payee_id: UUID) -> UUID | None:
    active = sa.and_(PayeeVersionRow.payee_id == payee_id, PayeeVersionRow.status == VersionStatus.ACTIVE)
    found: UUID | None = work.scalar(sa.select(PayeeVersionRow.id).where(active))
    return found


def act(work: Work, act_id: UUID, *, lock: bool = False) -> Act:
    """Raises ActNotFound."""
    found = work.find(Act, ActRow, ActRow.id == act_id, lock=lock)
    if found is None:
        raise ActNotFound
    return found


def act_of(work: Work, act_id: UUID, *officers: Role, lock: bool = False) -> Act:
    """The act for its provider's people, or for officers with such a role in its territory. Raises ActNotFound."""
    found = act(work, act_id, lock=lock)
    try:
        work.actor.require_provider(found.provider_id, *officers, territory=found.territory)
    except NotFound:
        raise ActNotFound from None
    return found


def act_for_reader(work: Work, act_id: UUID) -> Act:
    """As the signed-in person may see it. Raises ActNotFound."""
    return act_of(work, act_id, *READERS)


def act_for(work: Work, contract_id: UUID, month: Month, *, lock: bool = False) -> Act | None:
    return work.find(Act, ActRow, ActRow.contract_id == contract_id, ActRow.month == month, lock=lock)


def lines(work: Work, act_id: UUID) -> list[ActLine]:
    """In the order in which they are printed, and in which accounts are locked."""
    return work.find_all(ActLine, ActLineRow, ActLineRow.act_id == act_id, order_by=(ActLineRow.engagement_id,))


def acts_of_contract(work: Work, contract_id: UUID, *, limit: int = PAGE) -> list[Act]:
    where = ActRow.contract_id == contract_id
    return work.find_all(Act, ActRow, where, order_by=(ActRow.month,), limit=limit)


def acts_of_provider(work: Work, provider_id: UUID, *, limit: int = PAGE) -> list[Act]:
    where = ActRow.provider_id == provider_id
    return work.find_all(Act, ActRow, where, order_by=(ActRow.month.desc(), ActRow.id), limit=limit)


def acts_in(
    work: Work, *, territory: str = "", status: ActStatus = ActStatus.SUBMITTED, limit: int = PAGE
) -> list[Act]:
    """What lies on an officer's desk, oldest month first."""
    where = (ActRow.territory.startswith(territory, autoescape=True), ActRow.status == status)
    return work.find_all(Act, ActRow, *where, order_by=(ActRow.month, ActRow.id), limit=limit)


def months_of(work: Work, where: sa.ColumnElement[bool]) -> list[MonthFigure]:
    """The acts of some lines or contracts by month of service (the month in which the visits took place, not that in
    which they were paid), in order."""
    handed_in = sa.case((ActRow.status == ActStatus.SUBMITTED, ActRow.total_minor), else_=0)
    sums = (handed_in, AccountRow.credits_posted, AccountRow.debits_posted, AccountRow.debits_pending)
    statement = (
        sa.select(ActRow.month, *(sa.func.coalesce(sa.func.sum(one), 0) for one in sums))
        .outerjoin(AccountRow, AccountRow.id == ActRow.account_id)
        .where(where)
        .group_by(ActRow.month)
        .order_by(ActRow.month)
    )
    return [MonthFigure(month, *(int(total) for total in totals)) for month, *totals in work.rows(statement)]


def of_lines(line_ids: Sequence[UUID]) -> sa.ColumnElement[bool]:
    return ActRow.line_id.in_(line_ids)


def of_contract(contract_id: UUID) -> sa.ColumnElement[bool]:
    return ActRow.contract_id == contract_id


def act_numbered(work: Work, number: str) -> Act:
    """Raises ActNotFound."""
    found = work.find(Act, ActRow, ActRow.number == number)
    if found is None:
        raise ActNotFound
    return found


def visits_of_line(
    work: Work, act_id: UUID, engagement_id: UUID, *, after: UUID | None = None, limit: int = PAGE
) -> list[Entry]:
    """The visits behind a line in order of time, after the one that ended the page before; one more than ``limit``
    where there is a next page."""
    where = [EntryRow.act_id == act_id, EntryRow.engagement_id == engagement_id]
    if after is not None:
        last = sa.select(EntryRow.started_at).where(EntryRow.id == after).scalar_subquery()
        where.append(sa.or_(EntryRow.started_at > last, sa.and_(EntryRow.started_at == last, EntryRow.id > after)))
    return work.find_all(Entry, EntryRow, *where, order_by=(EntryRow.started_at, EntryRow.id), limit=limit + 1)


def entries_by_line(act_id: UUID) -> sa.Select[UUID, UUID]:
    """Which visits each line of the act is made of: what ``act_entry`` keeps."""
    same = sa.and_(ActLineRow.act_id == EntryRow.act_id, ActLineRow.engagement_id == EntryRow.engagement_id)
    return sa.select(EntryRow.id, ActLineRow.id).join(ActLineRow, same).where(EntryRow.act_id == act_id)


def _lines_that_differ_from_entries() -> sa.Select[Any]:
    sums = (
        sa.select(
            ActEntryRow.act_line_id,
            sa.func.count().label("entries"),
            sa.func.sum(EntryRow.quantity).label("quantity"),
            sa.func.sum(seconds_between(EntryRow.started_at, EntryRow.ended_at)).label("seconds"),
        )
        .join(EntryRow, EntryRow.id == ActEntryRow.entry_id)
        .group_by(ActEntryRow.act_line_id)
        .subquery()
    )
    return (
        sa.select(ActLineRow.id)
        .outerjoin(sums, sums.c.act_line_id == ActLineRow.id)
        .where(
            sa.or_(
                ActLineRow.entries != sa.func.coalesce(sums.c.entries, 0),
                ActLineRow.quantity != sa.func.coalesce(sums.c.quantity, 0),
                ActLineRow.seconds != sa.func.coalesce(sums.c.seconds, 0),
            )
        )
    )


def _entries_in_another_act() -> sa.Select[Any]:
    """The register's own note of the act and the act's list of visits must say the same."""
    return (
        sa.select(EntryRow.id)
        .outerjoin(ActEntryRow, ActEntryRow.entry_id == EntryRow.id)
        .outerjoin(ActLineRow, ActLineRow.id == ActEntryRow.act_line_id)
        .where(
            sa.or_(
                EntryRow.act_id.is_distinct_from(ActLineRow.act_id),
                sa.and_(ActLineRow.id.is_not(None), ActLineRow.engagement_id != EntryRow.engagement_id),
            )
        )
    )


def invariants() -> list[Invariant]:
    acts = sa.select(sa.func.count()).select_from(ActRow)
    printed = sa.select(sa.func.sum(ActLineRow.amount_minor)).where(ActLineRow.act_id == ActRow.id).scalar_subquery()
    totals = sa.select(ActRow.id).where(ActRow.total_minor != sa.func.coalesce(printed, 0))
    accepted = ActRow.status == ActStatus.ACCEPTED
    unpaid = (
        sa.select(ActRow.id)
        .outerjoin(AccountRow, sa.and_(AccountRow.owner_id == ActRow.id, AccountRow.kind == AccountKind.PAYABLE))
        .where(
            sa.or_(
                sa.and_(accepted, sa.func.coalesce(AccountRow.credits_posted, -1) != ActRow.total_minor),
                sa.and_(accepted, ActRow.account_id.is_distinct_from(AccountRow.id)),
                sa.and_(accepted, ActRow.payee_version_id.is_(None)),
                sa.and_(~accepted, AccountRow.id.is_not(None)),
            )
        )
    )
    one_hand = sa.select(ActRow.id).where(ActRow.accepted_by.in_([ActRow.drafted_by, ActRow.submitted_by]))
    count_lines = sa.select(sa.func.count()).select_from(ActLineRow)
    count_entries = sa.select(sa.func.count()).select_from(EntryRow)
    return [
        Invariant("an act's total is the sum of its printed lines", acts, totals),
        Invariant("an act's line is the sum of its visits", count_lines, _lines_that_differ_from_entries()),
        Invariant("a visit stands in the act that took it and in no other", count_entries, _entries_in_another_act()),
        Invariant("an accepted act's account was credited with exactly its total", acts, unpaid),
        Invariant("an act was accepted by a second person", acts, one_hand),
    ]
