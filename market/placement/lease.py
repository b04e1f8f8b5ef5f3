"""Who runs a round now: a lease that its worker renews while it lives, and that others may take when it has run out.

It is kept by the real clock, because a demonstration's clock travels, and outside the round's own row, because whoever
writes a round's result holds that row for long. Each sign of life is in the round's trail, so that it shows when a
worker died.
"""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.clock import real_clock
from contracts.kernel.errors import Unavailable
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from market.placement.models import RoundLeaseRow
from market.placement.rules import RoundOvertaken

LEASE = timedelta(minutes=2)  # how long a dead worker holds up the next round; six beats, so that a slow one lives
BEAT = 20.0  # seconds between two signs of life
MAX_RUNS = 3  # a round that killed three workers would kill the fourth
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lease:
    """``run`` counts the workers that have begun the round: one that was overtaken has an older number."""

    round_id: UUID
    run: int
    alive_at: datetime

    @property
    def until(self) -> datetime:
        """When it runs out, unless the worker shows another sign of life."""
        return self.alive_at + LEASE


def lease_of(work: Work, round_id: UUID) -> Lease | None:
    """None: nobody has begun it yet."""
    return work.find(Lease, RoundLeaseRow, RoundLeaseRow.round_id == round_id)


def is_alive(work: Work, lease: Lease) -> bool:
    return real_clock(work.connection) < lease.until


def take_lease(work: Work, round_id: UUID) -> int:
    """The number of the run that begins. For whoever holds the round's row, knows that no other run is alive,
    and records what they do with the round."""
    former = lease_of(work, round_id)
    now = real_clock(work.connection)
    if former is None:
        work.insert(RoundLeaseRow, round_id=round_id, run=1, alive_at=now)
        return 1
    run = former.run + 1
    work.update(RoundLeaseRow, round_id, run=run, alive_at=now)
    return run


def renew(work: Work, round_id: UUID, run: int) -> None:
    """For whoever records it. Raises RoundOvertaken where another worker has begun the round since."""
    if not work.update(RoundLeaseRow, round_id, RoundLeaseRow.run == run, alive_at=real_clock(work.connection)):
        raise RoundOvertaken("Another worker has taken this round over", rule="one-run-at-a-time")


def check_held(work: Work, round_id: UUID, run: int) -> None:
    """For whoever holds the round's row: nobody can take the round over until they are done. Raises RoundOvertaken."""
    lease = lease_of(work, round_id)
    if lease is None or lease.run != run:
        raise RoundOvertaken("Another worker has taken this round over", rule="one-run-at-a-time")


class Heartbeat:
    """``with Heartbeat(database, round_id, run): ...`` A sign of life now and then, however long a phase takes."""

    def __init__(self, database: Database, round_id: UUID, run: int) -> None:
        self._database, self._round_id, self._run = database, round_id, run
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="round-heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self._done.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._done.wait(BEAT):
            try:
                self._database.write(SYSTEM, self._show)
            except Unavailable as trouble:
                log.warning("a sign of life of round %s was missed: %s", self._round_id, trouble.detail)
            except RoundOvertaken:
                return  # the run finds out by itself before it writes

    def _show(self, work: Work) -> None:
        renew(work, self._round_id, self._run)
        record(work, "round", self._round_id, "alive")
