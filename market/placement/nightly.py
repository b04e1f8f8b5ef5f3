"""Every night the state as it stands is held against solves from scratch, and what came of it is kept for officers.

Two things could drift. The books: every counter that bookings, answers and endings moved one by one is counted again.
And the small steps: who waits today and what is free today is answered by a live state that people enter and leave one
after the other, and that must be what a solve of the whole finds. Nobody is placed or moved by it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from contracts.audit.service import record
from contracts.kernel.calendar import ALMATY
from contracts.kernel.database import Invariant
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from market.placement import census as counting
from market.placement import queries, request_queries
from market.placement.arcs import build
from market.placement.models import NightlyProofRow
from market.placement.nightly_queries import NIGHT, stands_today
from market.placement.proof import flat_kin
from market.placement.terms import Homes
from market.placement.terms_queries import terms_before
from matching import Classes
from matching.components import parts
from matching.live import State
from matching.snapshot import drifted

STEPS = 200  # people of each part of the country who leave and come again: one more would find nothing new
MAX_DETAIL = 500


@dataclass(slots=True)
class Count:
    waiting: int = 0
    placeable: int = 0
    steps: int = 0
    drift: str | None = None


class Nightly:
    """A worker's step: once a night, and again by nobody else."""

    def __init__(self) -> None:
        self._done: date | None = None

    def __call__(self, database: Database) -> int:
        now = database.read(SYSTEM, lambda work: work.now.astimezone(ALMATY))
        if now.hour not in NIGHT or now.date() == self._done:
            return 0
        proven = prove(database)
        self._done = now.date()
        return int(proven)


def prove(database: Database) -> bool:
    """Whether today had no proof yet; then it has one now, with whatever was found."""
    if database.read(SYSTEM, stands_today):
        return False
    drift, question = database.read(SYSTEM, _question)
    count = by_small_steps(question)
    count.drift = drift or count.drift
    return database.write(SYSTEM, lambda work: _keep(work, count))


def _question(work: Work) -> tuple[str | None, Classes]:
    """What the books say that is not so, and who waits for what. Limits on places are a round's and left aside."""
    terms = replace(terms_before(work, ""), homes=Homes.LOCALITY)
    census = counting.take(work, territory="")
    return next(_broken(work), None), flat_kin(build(census, terms))


def _broken(work: Work) -> Iterator[str]:
    held: list[Invariant] = [*queries.invariants(), *request_queries.invariants()]
    for invariant in held:
        if rows := work.rows(invariant.broken.limit(1)):
            yield f"not so: {invariant.name} ({rows[0][0]})"


def by_small_steps(question: Classes) -> Count:
    """Everybody at once from scratch; then some leave, one after the other, and come again, which must change nothing
    that counts; then all of it from scratch once more."""
    count = Count(waiting=int(question.count.sum()))
    for part in parts(question):
        state = State(part.classes, rearranges=True)
        places = [
            (int(row), int(slot))
            for row, slot in zip(part.classes.owners().tolist(), part.classes.arc_slot.tolist(), strict=True)
            if state.sits(row, slot)
        ]
        for row, slot in islice(places, STEPS):
            if state.sits(row, slot):  # those before may have moved them
                state.leave(row, slot)
                state.arrive(row)
                count.steps += 2
        count.placeable += int(state.taken.sum())
        violation = drifted(state)
        if violation is not None and count.drift is None:
            count.drift = f"{violation.code}: {violation.detail}"
    return count


def _keep(work: Work, count: Count) -> bool:
    """False where another worker was first."""
    drift = count.drift and count.drift[:MAX_DETAIL]
    kept = work.insert_if_new(
        NightlyProofRow,
        day=work.today,
        made_at=work.now,
        waiting=count.waiting,
        placeable=count.placeable,
        steps=count.steps,
        drift=drift,
    )
    if kept:
        record(work, "nightly-proof", work.today.isoformat(), "drifted" if drift else "proven")
    return kept
