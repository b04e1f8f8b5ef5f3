"""Queries: which contracts have confirmed visits that are in no act, and what those come to, whole months at a time."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActRow
from contracts.act.served import priced_visits, sums
from contracts.contract.models import ContractRow
from contracts.kernel.bulk import bare_id, stream_rows
from contracts.kernel.database import Base, MonthType, table_of
from contracts.kernel.ids import new_id
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.register import absences
from contracts.register.models import AbsenceRow, EntryRow
from contracts.register.rules import EntryStatus

MANY = 100  # acts: for fewer, an index for each is quicker than looking at the tables first
AT_ONCE = 2_000  # lines read at a time
_Temporary = sa.MetaData()
# Which act will take the visits of a contract and month; lives as long as the transaction that needs it.
TAKING = sa.Table(
    "taking",
    _Temporary,
    sa.Column("contract_id", sa.Uuid(), primary_key=True),
    sa.Column("month", MonthType(), primary_key=True),
    sa.Column("act_id", sa.Uuid(), nullable=False, index=True),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True, slots=True)
class LooseMonth:
    """A contract's month without an act. ``act_id`` is the one that it will have."""

    act_id: UUID
    contract_id: UUID
    contract_number: str
    provider_id: UUID
    territory: str
    line_id: UUID
    month: Month


def loose_months(work: Work, months: Sequence[Month], *, provider_id: UUID | None = None) -> list[LooseMonth]:
    """In order of the ids of their acts to be."""
    visits = (EntryRow.month.in_(months), EntryRow.status == EntryStatus.CONFIRMED, EntryRow.act_id.is_(None))
    missed = (AbsenceRow.month.in_(months), AbsenceRow.act_id.is_(None), *absences.unpaid())
    keys = sa.union(
        sa.select(EntryRow.contract_id, EntryRow.month).where(*visits),
        sa.select(AbsenceRow.contract_id, AbsenceRow.month).where(*missed),
    ).subquery()
    has_act = sa.exists().where(ActRow.contract_id == keys.c.contract_id, ActRow.month == keys.c.month)
    one = ContractRow
    statement = (
        sa.select(one.id, one.number, one.provider_id, one.territory, one.line_id, keys.c.month)
        .join(keys, keys.c.contract_id == one.id)
        .where(~has_act)
        .order_by(one.number, keys.c.month)
    )
    if provider_id is not None:
        statement = statement.where(one.provider_id == provider_id)
    return [LooseMonth(new_id(), *row) for row in work.rows(statement)]


def remember(work: Work, months: Collection[LooseMonth]) -> None:
    """Write down which act takes which month, for the statements that follow."""
    TAKING.create(work.connection)
    rows = [{"contract_id": one.contract_id, "month": one.month, "act_id": one.act_id} for one in months]
    work.execute(sa.insert(TAKING), rows)
    if work.connection.dialect.name == "postgresql":
        work.execute(sa.text("ANALYZE taking"))  # a table of this moment has no statistics, and plans without are slow


def look_at(work: Work, *models: type[Base]) -> None:
    """PostgreSQL counts again what was filled, or given to acts, a moment ago: with the statistics of before, visits
    and engagements are joined pair by pair, the square of them."""
    if work.connection.dialect.name == "postgresql":
        names = ", ".join(str(table_of(one).name) for one in models)
        work.execute(sa.text(f"ANALYZE {names}"))


def taken() -> tuple[sa.ColumnElement[bool], ...]:
    """Joins the register with which act took what."""
    same = (EntryRow.contract_id == TAKING.c.contract_id, EntryRow.month == TAKING.c.month)
    return *same, EntryRow.act_id == TAKING.c.act_id


def forget(work: Work) -> None:
    TAKING.drop(work.connection)


def served_together(work: Work) -> Iterator[Sequence[Any]]:
    """What the visits of those acts come to: act, engagement, recipient, kind, setting, unit, price, entries, quantity,
    seconds; ids as 32 digits, ordered by act, engagement and price."""
    c = priced_visits(*taken()).c
    facts = (c.act_id, c.engagement_id, c.recipient_id, c.kind, c.setting, c.unit, c.price)
    plain = (bare_id(work, c.act_id), bare_id(work, c.engagement_id), bare_id(work, c.recipient_id), *facts[3:])
    statement = sa.select(*plain, *sums(c)).group_by(*facts).order_by(c.act_id, c.engagement_id, c.price)
    return stream_rows(work, statement, AT_ONCE)
