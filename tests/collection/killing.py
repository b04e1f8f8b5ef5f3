"""The nursery of money that comes in: a warm process that forks workers and has them killed at every boundary.

Run as a process of its own (`python -m tests.collection.killing SPEC`), with the tools of the payments' nursery. Each
child also does what people do meanwhile: recipients pay (some are declined first), and an officer remits a part of
what was paid, so that there are intents to confirm and to cancel, and refunds to make.
"""

import json
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import sqlalchemy as sa

import market.tables  # noqa: F401 - a column that points to another table has its type from there
from contracts.collection import dispatch, progress, queries, service
from contracts.collection.dispatch import Till
from contracts.collection.models import CollectionRow, DueRow
from contracts.collection.progress import Claim
from contracts.collection.rules import LIVE, CollectionKind, CollectionStatus, NothingDue
from contracts.collection.stripe import CollectionOrder, StripeTill, Told
from contracts.kernel.runner import Database, open_database
from contracts.kernel.work import SYSTEM, Work
from contracts.payment import dispatch as paying
from contracts.payment.gateway import GatewayTrouble
from contracts.payment.rules import Patience
from tests.collection.households import DECLINED, FINANCE, GOOD, holder
from tests.payment.killing import ANSWER_WITHIN, ANYWHERE, BROKE, WENT_HOME, _revive

REMITTED = 5_00
IMPATIENT = Patience(0.3, 0.02, 0.2, 0.2, watch=86_400.0, key_life=3600.0, doubt=0.0, strikes=sys.maxsize)
LIFE = 3.0  # seconds after which a child that never came to its boundary goes home


@dataclass(frozen=True)
class Spec:
    """``design``: "ours" or one of the wrong ones. ``patient``: seconds for healthy workers after the last kill."""

    database_url: str
    peer_url: str
    key: str
    kills: int
    boundaries: tuple[str, ...]
    workers: int = 3
    seed: int = 1
    design: str = "ours"
    longest: float = 60.0
    patient: float = 60.0


@dataclass
class Tally:
    kills: Counter[str] = field(default_factory=Counter)
    alive: int = 0
    stuck: int = 0
    seconds: float = 0.0


class _FreshKeys(StripeTill):
    """A new key for every try, and no look at what the last one did."""

    def create(self, order: CollectionOrder, *, key: str) -> Told:
        return super().create(order, key=str(uuid4()))

    def find(self, order: CollectionOrder) -> Told | None:
        return None


def _fail_what_is_unknown(till: Till, claim: Claim) -> bool:
    """A connection that broke is taken for a refusal."""
    try:
        told = dispatch._find_or_make(till, claim)
    except GatewayTrouble as trouble:
        why = trouble.detail
        return till.commit("record refused", lambda work: progress.refuse(work, claim, why=why))
    return till.commit("record opened", lambda work: progress.opened(work, claim, told))


def unfinished(database: Database) -> int:
    """Dues short of their goal, or not remitted yet, or with something under way."""
    busy = sa.exists().where(CollectionRow.due_id == DueRow.id, CollectionRow.status.in_(LIVE))

    def count(work: Work) -> int:
        waiting = int(work.scalar(sa.select(sa.func.count()).where(busy | (DueRow.remitted_minor == 0))))
        found = [queries.due(work, row.id) for row in work.rows(sa.select(DueRow.id))]
        return waiting + sum(one.left_minor > 0 for one in queries.accounts_of(work, found))

    return database.read(SYSTEM, count)


def people(database: Database, dice: random.Random) -> None:
    """Whoever can pay does, and an officer takes something off what was paid, or off what is about to be."""
    rows = database.read(SYSTEM, lambda w: w.rows(sa.select(CollectionRow.__table__)))
    for row in rows:
        due = database.read(SYSTEM, lambda w, r=row: queries.due(w, r.due_id))
        intent, method = row.kind is CollectionKind.INTENT, DECLINED if dice.random() < 0.2 else GOOD
        if intent and row.status is CollectionStatus.OPEN and not row.method and row.cancel_ordered_at is None:
            try:
                who = holder(due.recipient_id)
                database.write(who, lambda w, d=due, m=method: service.pay(w, d.id, method=m))
            except NothingDue:
                continue
        settled = row.status is CollectionStatus.SUCCEEDED or dice.random() < 0.1
        if intent and settled and due.remitted_minor == 0:
            database.write(FINANCE, lambda w, d=due.id: _remit_once(w, d))


def _remit_once(work: Work, due_id: UUID) -> None:
    if queries.due(work, due_id, lock=True).remitted_minor == 0:
        service.remit(work, due_id, amount_minor=REMITTED, reason="assessed wrongly")


def main(spec: Spec) -> Tally:
    database = open_database(spec.database_url)
    unfinished(database)
    database.close()
    dice, tally, start = random.Random(spec.seed), Tally(), time.monotonic()
    tried: Counter[str] = Counter()
    crew: dict[int, str] = {}
    finished = False
    while crew or not finished:
        finished = finished or tally.kills.total() >= spec.kills or time.monotonic() - start > spec.longest
        while len(crew) < spec.workers and not finished:
            turns = {b: tried[b] + 3 * tally.kills[b] for b in spec.boundaries}
            fewest = min(turns.values())
            fate = dice.choice([b for b in spec.boundaries if turns[b] == fewest])
            fate = ANYWHERE if dice.random() < 0.15 else fate
            tried[fate] += 1
            crew[_fork(spec, database, fate, dice.random(), LIFE)] = fate
        pid, status = os.waitpid(-1, 0)
        fate = crew.pop(pid)
        if os.WIFSIGNALED(status):
            tally.kills[fate] += 1
        else:
            assert os.WEXITSTATUS(status) == WENT_HOME, "a child broke: see above"
            tally.alive += 1
    tally.seconds = time.monotonic() - start
    for healthy in [_fork(spec, database, "", 0.5, spec.patient) for _ in range(2)]:
        os.waitpid(healthy, 0)
    _revive(database)
    tally.stuck = unfinished(database)
    database.close()
    return tally


def _fork(spec: Spec, database: Database, fate: str, chance: float, life: float) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = BROKE
    try:
        if fate == ANYWHERE:
            signal.setitimer(signal.ITIMER_REAL, 0.003 + chance * 0.2)
        _revive(database)
        code = _live(spec, database, fate, chance, life)
    except BaseException:  # noqa: BLE001 - a child that returned into the parent's code would be a second parent
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _live(spec: Spec, database: Database, fate: str, chance: float, life: float) -> int:
    def murderer(name: str) -> None:
        if name == fate:
            os.kill(os.getpid(), signal.SIGKILL)

    gateways = {"fresh keys": _FreshKeys}
    # now and then a key is taken for forgotten, so that the server is asked before anything is made
    patience = replace(IMPATIENT, key_life=0.0) if chance < 0.1 or fate.startswith("find") else IMPATIENT
    gateway = gateways.get(spec.design, StripeTill)(
        spec.peer_url, spec.key, verify=False, timeouts=httpx.Timeout(ANSWER_WITHIN)
    )
    till = Till(database, gateway, patience, murderer, at_once=1)
    paying.BATCHES = 1 if fate else 20
    send = dispatch.send if spec.design != "fail the unknown" else _fail_what_is_unknown
    until, dice, idle = time.monotonic() + life, random.Random(chance), 0
    while time.monotonic() < until and (not fate or idle < 6):
        people(database, dice)
        moved = dispatch.ask_due(till) + paying.work_off(till, dispatch.CLAIM, progress.claim_to_send, send)
        moved += dispatch.look_due(till)
        idle = 0 if moved else idle + 1
        if not moved:
            if not fate and unfinished(database) == 0:
                break
            time.sleep(0.03)
    gateway.close()
    database.close()
    return WENT_HOME


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text())
    told = main(Spec(**given | {"boundaries": tuple(given["boundaries"])}))
    print(json.dumps(vars(told) | {"kills": dict(told.kills)}))
