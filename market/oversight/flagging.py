"""Flags are raised by the worker as visits arrive, and once more a day over the last months, because a death, a move or
a stay is often recorded later than the visit. A person decides what a flag was; nothing waits for it.
"""

import time
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from contracts.approval.service import check_disinterested
from contracts.audit.service import record
from contracts.kernel.database import table_of
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Role, Work, insert_ignoring
from market.oversight import flags
from market.oversight.models import LookRow, VisitFlagRow
from market.oversight.sightings import range_of, sightings
from market.oversight.suspicion import FLAG, Flag, FlagDecided, FlagNotFound, FlagStatus, Sighting, check_note

BATCH = 2_000  # visits looked over in one transaction: about a second, in which others who write wait on SQLite
# An id is made before its transaction commits: by then whoever began before has committed. What came later still is
# found by the daily look.
SETTLED = timedelta(seconds=60)
AGAIN = timedelta(days=100)  # how far back the daily look goes: a quarter, its acts and their corrections
DECIDERS = (Role.BUDGET_OFFICER, Role.AUDITOR)
NEW, DAILY = "new", "daily"
_looks = table_of(LookRow)


def look_over(database: Database, *, settled: timedelta = SETTLED) -> int:
    """The visits that arrived since the last look: how many were looked at. Call again until none. By the system."""
    return _look_once(database, NEW, _id_at(-settled))


def look_again(database: Database, *, settled: timedelta = SETTLED) -> int:
    """The visits of the last months once more, once a day: how many were looked at. Call again until none."""
    return _look_once(database, DAILY, _id_at(-settled))


def _look_once(database: Database, name: str, before: UUID) -> int:
    """An idle worker asks twice a second: that is a read."""
    if not database.read(SYSTEM, lambda work: _is_due(work, name, before)):
        return 0
    return database.write(SYSTEM, lambda work: _look(work, name, before))


def _is_due(work: Work, name: str, before: UUID) -> bool:
    looked = flags.look(work, name)
    return looked is None or range_of(work, _beginning(work, name, looked), before, limit=1) is not None


def _beginning(work: Work, name: str, looked: flags.Look) -> UUID:
    return _id_at(-AGAIN) if name == DAILY and looked.began_on < work.today else looked.last_id


def _look(work: Work, name: str, before: UUID) -> int:
    """Where nothing has arrived, nothing is written."""
    looked = flags.look(work, name) or _begin(work, name)
    among = range_of(work, _beginning(work, name, looked), before, limit=BATCH)
    if among is None:
        return 0
    if flags.look(work, name, lock=True) != looked:
        return 1  # another worker was faster: look again
    raise_flags(work, sightings(work, among))
    moved = {"last_id": among.upto, "began_on": max(looked.began_on, work.today)}
    work.execute(sa.update(_looks).where(_looks.c.name == name).values(**moved))
    return among.count


def _begin(work: Work, name: str) -> flags.Look:
    """The look at what is new begins with all there is; the daily one, after it, on the next day."""
    last_id = UUID(int=0) if name == NEW else UUID(int=2**128 - 1)
    first = {"name": name, "last_id": last_id, "began_on": work.today}
    work.execute(insert_ignoring(work.connection.dialect.name, _looks), first)
    begun = flags.look(work, name)
    assert begun is not None, "it was begun here, or by another worker"
    return begun


def raise_flags(work: Work, seen: Iterable[Sighting]) -> int:
    """One flag a visit and suspicion, however often it is seen. How many are new."""
    by_key = {(one.entry_id, one.suspicion): one for one in seen}
    known = flags.standing(work, {entry_id for entry_id, _ in by_key})
    fresh = [one for key, one in sorted(by_key.items()) if key not in known]
    visits = flags.visits(work, {one.entry_id for one in fresh})
    rows = [
        {
            "id": new_id(),
            "entry_id": one.entry_id,
            "suspicion": one.suspicion,
            **visits[one.entry_id],
            "facts": one.facts,
            "raised_at": work.now,
            "status": FlagStatus.OPEN,
            "decided_by": None,
            "decided_at": None,
            "note": None,
        }
        for one in fresh
    ]
    if rows:
        work.insert_many(VisitFlagRow, rows)
        record(work, "oversight", "flags", "raised")
    return len(rows)


def decide(work: Work, flag_id: UUID, *, status: FlagStatus, note: str) -> None:
    """A budget officer or an auditor says what it was; a later finding may turn it round, and the trail keeps both.
    Raises FlagNotFound, InterestDeclared, FlagDecided, NoteMissing, WrongState."""
    flag = flag_of(work, flag_id, *DECIDERS, lock=True)
    check_disinterested(work, frozenset({flag.provider_id}))
    said = check_note(note)
    if status == flag.status:
        raise FlagDecided(status=status)
    verb = "explained" if status is FlagStatus.EXPLAINED else "confirmed"
    moved = FLAG.after(verb, flag.status)
    changed = work.update(VisitFlagRow, flag_id, status=moved, decided_by=work.actor.id, decided_at=work.now, note=said)
    assert changed, "the row is locked"
    record(work, "flag", flag_id, verb)


def flag_of(work: Work, flag_id: UUID, *roles: Role, lock: bool = False) -> Flag:
    """For these roles in its territory. Raises FlagNotFound."""
    found = flags.flag(work, flag_id, lock=lock)
    if found is None or not work.actor.has(*roles, territory=found.territory):
        raise FlagNotFound
    return found


def _id_at(ago: timedelta) -> UUID:
    """The smallest id of a moment by the real clock, which ids are made by."""
    milliseconds = int((time.time() + ago.total_seconds()) * 1000)
    return UUID(int=milliseconds << 80)
