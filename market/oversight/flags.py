"""Flags as they lie on the desk, and how far the register was looked over."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.contract.models import ContractRow, EngagementRow
from contracts.kernel.database import Invariant
from contracts.kernel.work import Work
from contracts.register.models import EntryRow
from contracts.register.rules import EntryStatus
from market.oversight.desk import inside, page_of
from market.oversight.models import LookRow, VisitFlagRow
from market.oversight.suspicion import Flag, FlagStatus, Suspicion
from market.provider.models import ProviderRow

MOST_COUNTED = 1_000  # of a status: nobody works off more in a day, and a page must not read a hundred thousand


@dataclass(frozen=True, slots=True)
class Look:
    last_id: UUID
    began_on: date


def look(work: Work, name: str, *, lock: bool = False) -> Look | None:
    return work.find(Look, LookRow, LookRow.name == name, lock=lock)


def standing(work: Work, entry_ids: Collection[UUID]) -> set[tuple[UUID, Suspicion]]:
    statement = sa.select(VisitFlagRow.entry_id, VisitFlagRow.suspicion).where(VisitFlagRow.entry_id.in_(entry_ids))
    return {(row.entry_id, row.suspicion) for row in work.rows(statement)}


def visits(work: Work, entry_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """What a flag keeps of its visit."""
    statement = (
        sa.select(
            EntryRow.id,
            ContractRow.territory,
            ContractRow.provider_id,
            EntryRow.recipient_id,
            EntryRow.worker_id,
            EntryRow.served_on,
        )
        .join(ContractRow, ContractRow.id == EntryRow.contract_id)
        .where(EntryRow.id.in_(entry_ids))
    )
    names = ("territory", "provider_id", "recipient_id", "worker_id", "served_on")
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in work.rows(statement)}


def flag(work: Work, flag_id: UUID, *, lock: bool = False) -> Flag | None:
    return work.find(Flag, VisitFlagRow, VisitFlagRow.id == flag_id, lock=lock)


# --- the desk --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class SeenFlag:
    """A flag beside its visit as it stands today."""

    id: UUID
    entry_id: UUID
    suspicion: Suspicion
    territory: str
    provider_id: UUID
    provider_number: str
    provider_name: str
    recipient_id: UUID
    worker_id: UUID
    served_on: date
    facts: dict[str, Any]
    raised_at: datetime
    status: FlagStatus
    decided_by: UUID | None
    decided_at: datetime | None
    note: str | None
    entry_status: EntryStatus
    started_at: datetime
    ended_at: datetime
    place: str
    quantity: int
    act_id: UUID | None
    engagement_number: str
    contract_number: str


def _seen() -> sa.Select[*tuple[Any, ...]]:
    f = VisitFlagRow
    return (
        sa.select(
            f.id, f.entry_id, f.suspicion, f.territory, f.provider_id, ProviderRow.number, ProviderRow.name,
            f.recipient_id, f.worker_id, f.served_on, f.facts, f.raised_at, f.status, f.decided_by, f.decided_at,
            f.note, EntryRow.status, EntryRow.started_at, EntryRow.ended_at, EntryRow.place, EntryRow.quantity,
            EntryRow.act_id, EngagementRow.number, ContractRow.number,
        )
        .join(EntryRow, EntryRow.id == f.entry_id)
        .join(EngagementRow, EngagementRow.id == EntryRow.engagement_id)
        .join(ContractRow, ContractRow.id == EntryRow.contract_id)
        .join(ProviderRow, ProviderRow.id == f.provider_id)
    )  # fmt: skip


def flags_in(
    work: Work,
    territories: Sequence[str],
    *,
    status: FlagStatus | None = None,
    suspicion: Suspicion | None = None,
    provider_id: UUID | None = None,
    entry_id: UUID | None = None,
    after: UUID | None = None,
    limit: int,
) -> list[SeenFlag]:
    """The oldest first."""
    given = {"status": status, "suspicion": suspicion, "provider_id": provider_id, "entry_id": entry_id}
    where = [getattr(VisitFlagRow, name) == value for name, value in given.items() if value is not None]
    chosen = _seen().where(inside(VisitFlagRow.territory, territories), *where)
    return page_of(work, SeenFlag, chosen, VisitFlagRow.id, after=after, limit=limit)


def seen_flag(work: Work, flag_id: UUID) -> SeenFlag | None:
    rows = work.rows(_seen().where(VisitFlagRow.id == flag_id))
    return SeenFlag(*rows[0]) if rows else None


def confirmed_of(work: Work, entry_id: UUID) -> list[Flag]:
    """The visit's flags that a person found to be right, the oldest first."""
    where = (VisitFlagRow.entry_id == entry_id, VisitFlagRow.status == FlagStatus.CONFIRMED)
    return work.find_all(Flag, VisitFlagRow, *where, order_by=(VisitFlagRow.id,), limit=len(Suspicion))


def counted(work: Work, territories: Sequence[str]) -> dict[FlagStatus, int]:
    """How many there are, up to one more than MOST_COUNTED."""
    where = inside(VisitFlagRow.territory, territories)
    counts = []
    for status in FlagStatus:
        some = sa.select(sa.literal(1)).where(VisitFlagRow.status == status, where).limit(MOST_COUNTED + 1).subquery()
        counts.append(sa.select(sa.func.count()).select_from(some).scalar_subquery())
    (found,) = work.rows(sa.select(*counts))
    return dict(zip(FlagStatus, map(int, found), strict=True))


def invariants() -> list[Invariant]:
    every = sa.select(sa.func.count()).select_from(VisitFlagRow)
    foreign = (
        sa.select(VisitFlagRow.id)
        .join(EntryRow, EntryRow.id == VisitFlagRow.entry_id)
        .join(ContractRow, ContractRow.id == EntryRow.contract_id)
        .where(
            sa.or_(
                VisitFlagRow.provider_id != ContractRow.provider_id,
                VisitFlagRow.recipient_id != EntryRow.recipient_id,
                VisitFlagRow.worker_id != EntryRow.worker_id,
            )
        )
    )
    return [Invariant("a flag names its visit's provider, recipient and worker", every, foreign)]
