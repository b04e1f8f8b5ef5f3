"""The nursery: a warm process that forks workers and clerks, and has them killed at the boundaries of a payment's path.

Run as a process of its own (`python -m tests.payment.killing SPEC`), because it forks and must hold no thread and no
connection. A child is told at which boundary it dies (by SIGKILL, the first time it passes), or dies by an alarm at any
instant, in the middle of whatever it does. What every child would otherwise load, compile and ask the database about
itself is done once, by the parent, in a rehearsal.
"""

import contextlib
import gc
import json
import os
import random
import signal
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from uuid import UUID

import httpx
import sqlalchemy as sa

import market.tables  # noqa: F401 - a column that points to another table has its type from there
from contracts.kernel.runner import Database, SqliteDatabase, open_database
from contracts.kernel.work import SYSTEM
from contracts.payment import dispatch
from contracts.payment.dispatch import BATCHES, Desk, pass_by
from contracts.payment.models import PaymentRow
from contracts.payment.rules import Patience, PaymentStatus
from contracts.payment.stripe import StripeGateway
from tests.payment.advance_designs import LOOKS
from tests.payment.clerks import Clerk, is_clerks, unfinished_acts
from tests.payment.designs import DESIGNS, OURS

ANYWHERE = "anywhere"
MOST_ANYWHERE = 5  # one death in so many
RARELY = 0.02
ENOUGH = 60
SHIFT = 1  # things a child brings on before it goes home, so that there is work left to die for
WORKING_LIFE = 3.0  # seconds after which a child that never came to its boundary goes home
FOR_A_KILL = 4  # tries that a boundary has, before one that has killed has another turn
IDLE_LOOKS = 4  # at an empty desk, after which it goes home at once
ANSWER_WITHIN = 1.0  # seconds for an answer, where production waits 10: a server that is slow is slow by the same ratio
SETTLED, WENT_HOME, BROKE = 0, 3, 1  # exit codes
STUCK_AFTER = 60.0  # seconds after the last kill
DECIDED = "decided"  # the goal of a design that gives payments up
ENDED = "ended"  # the goal of acts: paid whole by whoever had to, or called back


@dataclass(frozen=True)
class Spec:
    """``goal``: the status that every payment (of ``only``, or every one) must reach, or "decided", or "ended" for
    acts. ``folder``: where the clerks have their mail and their files; without it there are none. ``design``: "ours"
    or one of the wrong ones. ``patient``: seconds that healthy workers have after the last kill."""

    database_url: str
    peer_url: str
    key: str
    goal: str
    boundaries: tuple[str, ...]
    kills: int
    workers: int = 4
    seed: int = 1
    design: str = OURS
    longest: float = 120.0
    only: tuple[str, ...] = ()
    patient: float = STUCK_AFTER
    folder: str = ""


@dataclass
class Tally:
    """``kills`` by boundary; ``stuck``: payments short of their goal a minute after the last kill, or their order;
    ``alive``: children that never came to their boundary; ``longest_wait``: of a payment for its end, in seconds."""

    kills: Counter[str] = field(default_factory=Counter)
    stuck: int = 0
    alive: int = 0
    seconds: float = 0.0
    drained_in: float = 0.0
    longest_wait: float = 0.0


@dataclass(frozen=True)
class Nursery:
    """What the children inherit: no connection, no thread."""

    spec: Spec
    database: Database
    gateway: StripeGateway

    def unfinished(self) -> "sa.Select[int] | sa.ScalarSelect[int]":
        spec, row = self.spec, PaymentRow
        ids = [UUID(one) for one in spec.only]
        if spec.goal == ENDED:
            return unfinished_acts()
        every = sa.select(sa.func.count()).select_from(row)
        if spec.goal == DECIDED:
            return every.where(row.status.in_([PaymentStatus.ORDERED, PaymentStatus.SENDING]))
        short = every.where(row.status != spec.goal)
        return short.where(row.id.in_(ids)) if ids else short

    def left(self) -> int:
        return int(self.database.read(SYSTEM, lambda work: work.scalar(self.unfinished())))


def main(spec: Spec) -> Tally:
    nursery = _warm_up(spec)
    dice, tally, tried, start = random.Random(spec.seed), Tally(), Counter[str](), time.monotonic()
    crew: dict[int, str] = {}
    finished = False
    while crew or not finished:
        finished = finished or tally.kills.total() >= spec.kills or time.monotonic() - start > spec.longest
        while len(crew) < spec.workers and not finished:
            fate = _next_fate(spec, tried, tally.kills, dice)
            tried[fate] += 1
            crew[_fork(nursery, fate, dice.random(), WORKING_LIFE)] = fate
        pid, status = os.waitpid(-1, 0)
        fate = crew.pop(pid)
        if os.WIFSIGNALED(status):
            tally.kills[fate] += 1
        elif os.WEXITSTATUS(status) == SETTLED:
            finished = True  # nothing is left to die for
        else:
            assert os.WEXITSTATUS(status) == WENT_HOME, "a child broke: see above"
            tally.alive += 1
    tally.seconds = time.monotonic() - start
    _drain(nursery, tally)
    return tally


def _warm_up(spec: Spec) -> Nursery:
    """What every child would otherwise load, compile and ask for itself; nothing of it stays open."""
    database = open_database(spec.database_url)
    nursery = Nursery(spec, database, StripeGateway(spec.peer_url, spec.key, verify=False))
    nursery.left()
    if spec.design == OURS:
        rehearsed = _desk(nursery, pass_by, 0.5)
        for _ in range(2):
            dispatch.send_due(rehearsed)
            dispatch.look_due(rehearsed)
        if spec.folder:
            Clerk(database, Path(spec.folder)).do_everything()
    nursery.gateway.close()
    database.close()  # the engine and what it has learnt stay, its connections and its thread do not
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page it looks at
    timeouts = httpx.Timeout(ANSWER_WITHIN)
    return replace(nursery, gateway=StripeGateway(spec.peer_url, spec.key, verify=False, timeouts=timeouts))


def _next_fate(spec: Spec, tried: Counter[str], kills: Counter[str], dice: random.Random) -> str:
    """The boundary that has killed least, most of the time; one that nobody comes to waits while others have theirs.

    An alarm always kills, a boundary only whoever comes to it: alarms are held to their share of the deaths too.
    """
    if dice.random() < 0.12 and kills[ANYWHERE] <= kills.total() / MOST_ANYWHERE:
        return ANYWHERE
    # looking an account up reads every account there is: a long run does it often enough, not always
    open_to_all = [b for b in spec.boundaries if not b.startswith("find account") or tried[b] < ENOUGH]
    turns = {b: tried[b] + FOR_A_KILL * kills[b] for b in open_to_all}
    fewest = min(turns.values())
    return dice.choice([b for b in open_to_all if turns[b] == fewest])


def _drain(nursery: Nursery, tally: Tally) -> None:
    """Healthy children alone: a payment not at its end a minute after the last kill, or after its order, is stuck."""
    start, last_kill, spec = time.monotonic(), datetime.now(UTC), nursery.spec
    crew = ["", "", *(["clerk", "clerk"] if spec.folder else [])]
    for healthy in [_fork(nursery, fate, 0.5, spec.patient) for fate in crew]:
        os.waitpid(healthy, 0)
    tally.drained_in = time.monotonic() - start
    with contextlib.closing(open_database(spec.database_url)) as database:
        tally.stuck = replace(nursery, database=database).left()
        if spec.goal == ENDED:
            ends = sa.select(PaymentRow.ordered_at, PaymentRow.moved_at)
            waits = database.read(
                SYSTEM, lambda work: [(end - max(last_kill, order)).total_seconds() for order, end in work.rows(ends)]
            )
            tally.stuck += sum(wait > STUCK_AFTER for wait in waits)
            tally.longest_wait = max(waits, default=0.0)


def _revive(database: Database) -> None:
    """SQLite's writer is a thread, and no thread survives a fork."""
    if isinstance(database, SqliteDatabase):
        database._tasks = SimpleQueue()
        database._writer = threading.Thread(target=database._write_forever, daemon=True)
        database._writer.start()


def _fork(nursery: Nursery, fate: str, chance: float, life: float) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = BROKE
    try:
        if fate == ANYWHERE:
            # the alarm's default action ends the process at once, between any two instructions
            signal.setitimer(signal.ITIMER_REAL, 0.003 + chance * 0.12)
        _revive(nursery.database)
        code = _live(nursery, fate, chance, life)
    except BaseException:  # noqa: BLE001 - a child that returned into the parent's code would be a second parent
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _live(nursery: Nursery, fate: str, chance: float, life: float) -> int:
    def murderer(name: str) -> None:
        if name == fate:
            os.kill(os.getpid(), signal.SIGKILL)

    until, spec = time.monotonic() + life, nursery.spec
    desk, send = _desk(nursery, murderer, chance, fate), DESIGNS[spec.design]
    look = LOOKS.get(spec.design, dispatch.look_due)

    def send_and_look() -> int:
        return send(desk) + (look(desk) if spec.design != "mark first" else 0)

    if not spec.folder:
        return _work(nursery, send_and_look, send_and_look, until, healthy=not fate)
    if fate == "write file: before rename":
        sys.addaudithook(lambda event, _: murderer(fate) if event == "os.rename" else None)
    person = Clerk(nursery.database, Path(spec.folder), murderer, random.Random(chance), spec.design)
    if is_clerks(fate):
        return _work(nursery, person.duty(fate), send_and_look, until, healthy=False)
    if fate == "clerk" or (fate == ANYWHERE and chance < 0.4):
        return _work(nursery, person.do_everything, send_and_look, until, healthy=fate == "clerk")
    return _work(nursery, send_and_look, person.do_everything, until, healthy=not fate)


def _desk(nursery: Nursery, boundary: Callable[[str], None], chance: float, fate: str = "?") -> Desk:
    # short leases, so that workers often meet over one payment; now and then a key is taken for forgotten
    key_life = 0.0 if fate.startswith("find account") or chance < RARELY else 3600.0
    # a payment that takes worker after worker with it is taken for poison only with clerks to look after it
    strikes = 3 if nursery.spec.folder else sys.maxsize
    patience = Patience(0.3, 0.02, 0.3, 0.3, watch=86_400.0, key_life=key_life, doubt=0.0, strikes=strikes)
    dispatch.BATCHES = 1  # one payment sent, one looked after, and so on: every boundary has work until the end
    if fate in ("", "clerk"):  # healthy, and in a hurry
        patience, dispatch.BATCHES = replace(patience, lease=10.0), BATCHES
    return Desk(nursery.database, nursery.gateway, patience, boundary, at_once=1)


def _work(
    nursery: Nursery, step: Callable[[], int], meanwhile: Callable[[], int], until: float, *, healthy: bool
) -> int:
    """Who finds nothing to do helps the others, so that there will be."""
    shift, looks = SHIFT, 0
    while time.monotonic() < until and (healthy or (shift > 0 and looks < IDLE_LOOKS)):
        moved = step()
        shift -= moved
        if not moved:
            looks += 1
            if not meanwhile():
                if nursery.left() == 0:
                    return SETTLED
                time.sleep(0.02)
    return WENT_HOME


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    told = main(Spec(**given | {name: tuple(given[name]) for name in ("boundaries", "only")}))
    print(json.dumps(vars(told) | {"kills": dict(told.kills)}))
