"""What the nightly solve from scratch found, as it is kept."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from contracts.kernel.calendar import ALMATY
from contracts.kernel.database import Invariant
from contracts.kernel.work import Work
from market.placement.models import NightlyProofRow

NIGHT = range(6)  # hours by the clock of the country: when nobody books


@dataclass(frozen=True, slots=True)
class NightlyProof:
    """``waiting``: who could be placed by a flow of places; ``placeable``: how many of them the free places would take;
    ``steps``: how many came or went one by one; ``drift``: the first thing that was not as it should be."""

    day: date
    made_at: datetime
    waiting: int
    placeable: int
    steps: int
    drift: str | None


def latest(work: Work) -> NightlyProof | None:
    order = (NightlyProofRow.day.desc(),)
    found = work.find_all(NightlyProof, NightlyProofRow, order_by=order, limit=1)
    return found[0] if found else None


def is_due(work: Work) -> bool:
    """It is night, and tonight's is not there yet."""
    return work.now.astimezone(ALMATY).hour in NIGHT and not stands_today(work)


def stands_today(work: Work) -> bool:
    found = latest(work)
    return found is not None and found.day >= work.today


def invariants() -> list[Invariant]:
    """Of the last night only: what drifted once stands in the trail for good."""
    last = sa.select(sa.func.max(NightlyProofRow.day)).scalar_subquery()
    return [
        Invariant(
            "the last nightly proof found no drift",
            sa.select(sa.func.count()).select_from(NightlyProofRow),
            sa.select(NightlyProofRow.day).where(NightlyProofRow.day == last, NightlyProofRow.drift.is_not(None)),
        )
    ]
