"""The nursery: a warm process that forks workers and has them killed at the boundaries of paying an act.

Run as a process of its own (`python -m tests.payment.killing SPEC`), because it forks and must hold no thread and no
connection. A worker opens the database and the payment server as any other would, is told at which boundary it dies
(by SIGKILL, the first time it passes), or dies by an alarm at any instant, in the middle of whatever it does.

Beside the real dispatcher stand designs that are wrong on purpose: the harness must find them.
"""

import contextlib
import json
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

import httpx
import sqlalchemy as sa

from contracts.kernel.runner import open_database
from contracts.kernel.work import SYSTEM
from contracts.payment import dispatch, progress
from contracts.payment.dispatch import BATCHES, Desk, pass_by
from contracts.payment.gateway import GatewayRefused, GatewayTrouble, Holder, SentTransfer, TransferOrder
from contracts.payment.models import PaymentRow
from contracts.payment.rules import Patience
from contracts.payment.stripe import StripeGateway

Send = Callable[[Desk], int]
ANYWHERE = "anywhere"
RARELY = 0.02
ENOUGH = 60
SHIFT = 1  # things a worker brings on before it goes home, so that there is work left to die for
WORKING_LIFE = 2.0  # seconds after which a worker that never came to its boundary goes home
SETTLED, WENT_HOME, BROKE = 0, 3, 1  # exit codes
STUCK_AFTER = 60.0  # seconds after the last kill


@dataclass(frozen=True)
class Spec:
    """``goal``: the status that every payment (of ``only``, or every one) must reach. ``design``: "ours" or one of the
    wrong ones. ``patient``: seconds that healthy workers have after the last kill."""

    database_url: str
    peer_url: str
    key: str
    goal: str
    boundaries: tuple[str, ...]
    kills: int
    workers: int = 3
    seed: int = 1
    design: str = "ours"
    longest: float = 120.0
    only: tuple[str, ...] = ()
    patient: float = STUCK_AFTER


@dataclass
class Tally:
    """``kills`` by boundary; ``stuck``: payments short of their goal a minute after the last kill."""

    kills: Counter[str] = field(default_factory=Counter)
    stuck: int = 0
    seconds: float = 0.0
    drained_in: float = 0.0


def main(spec: Spec) -> Tally:
    _warm_up(spec)
    dice, tally, start = random.Random(spec.seed), Tally(), time.monotonic()
    crew: dict[int, str] = {}
    finished = False
    while crew or not finished:
        finished = finished or tally.kills.total() >= spec.kills or time.monotonic() - start > spec.longest
        while len(crew) < spec.workers and not finished:
            fate = _next_fate(spec, tally, dice)
            crew[_fork(spec, fate, dice.random(), WORKING_LIFE)] = fate
        pid, status = os.waitpid(-1, 0)
        fate = crew.pop(pid)
        if os.WIFSIGNALED(status):
            tally.kills[fate] += 1
        elif os.WEXITSTATUS(status) == SETTLED:
            finished = True  # nothing is left to die for
        else:
            assert os.WEXITSTATUS(status) == WENT_HOME, "a worker broke: see above"
    tally.seconds = time.monotonic() - start
    _drain(spec, tally)
    return tally


def _warm_up(spec: Spec) -> None:
    """What every worker would otherwise load for itself; nothing of it stays open."""
    engine = sa.create_engine(_address(spec), poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(_unfinished(spec))
    engine.dispose()
    gateway = StripeGateway(spec.peer_url, spec.key, verify=False)
    with contextlib.closing(gateway), contextlib.suppress(GatewayTrouble, GatewayRefused):
        gateway.find_out("tr_unknown")


def _next_fate(spec: Spec, tally: Tally, dice: random.Random) -> str:
    """The boundary that has killed least, most of the time: every one has its turn."""
    draw = dice.random()
    if draw < 0.15:
        return ANYWHERE
    if draw < 0.4:
        return dice.choice(spec.boundaries)
    # looking an account up reads every account there is: a long run does it often enough, not always
    open_to_all = [b for b in spec.boundaries if not b.startswith("find account") or tally.kills[b] < ENOUGH]
    fewest = min(tally.kills[b] for b in open_to_all)
    return dice.choice([b for b in open_to_all if tally.kills[b] == fewest])


def _drain(spec: Spec, tally: Tally) -> None:
    """Healthy workers alone: what is not at its goal a minute later is stuck."""
    start = time.monotonic()
    for healthy in [_fork(spec, "", 0.5, spec.patient) for _ in range(2)]:
        os.waitpid(healthy, 0)
    tally.drained_in = time.monotonic() - start
    engine = sa.create_engine(_address(spec))
    with engine.connect() as connection:
        tally.stuck = connection.execute(_unfinished(spec)).scalar_one()
    engine.dispose()


def _address(spec: Spec) -> sa.URL:
    url = sa.make_url(spec.database_url)
    return url if url.get_backend_name() == "sqlite" else url.set(drivername="postgresql+psycopg")


def _unfinished(spec: Spec) -> sa.Select[int]:
    short = sa.select(sa.func.count()).select_from(PaymentRow).where(PaymentRow.status != spec.goal)
    return short.where(PaymentRow.id.in_([UUID(one) for one in spec.only])) if spec.only else short


def _fork(spec: Spec, fate: str, chance: float, life: float) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = BROKE
    try:
        if fate == ANYWHERE:
            # the alarm's default action ends the process at once, between any two instructions
            signal.setitimer(signal.ITIMER_REAL, 0.02 + chance * 0.15)
        code = _live(spec, fate, chance, life)
    except BaseException:  # noqa: BLE001 - a child that returned into the parent's code would be a second parent
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _live(spec: Spec, fate: str, chance: float, life: float) -> int:
    def murderer(name: str) -> None:
        if name == fate:
            os.kill(os.getpid(), signal.SIGKILL)

    database = open_database(spec.database_url)
    gateway = StripeGateway(spec.peer_url, spec.key, verify=False, timeouts=httpx.Timeout(5.0))
    # short leases, so that workers often meet over one payment; now and then a key is taken for forgotten
    key_life = 0.0 if fate.startswith("find account") or chance < RARELY else 3600.0
    # and no payment is taken for poison: here it is always the worker's own death
    patience = Patience(0.3, 0.02, 0.3, 0.3, watch=86_400.0, key_life=key_life, doubt=0.0, strikes=sys.maxsize)
    desk = Desk(database, gateway, patience, murderer, at_once=1)
    dispatch.BATCHES = 1  # one payment sent, one looked after, and so on: every boundary has work until the end
    if not fate:  # healthy, and in a hurry
        desk, dispatch.BATCHES = Desk(database, gateway, replace(patience, lease=10.0)), BATCHES
    with contextlib.closing(gateway), contextlib.closing(database):
        return _work(spec, desk, time.monotonic() + life)


def _work(spec: Spec, desk: Desk, until: float) -> int:
    send = DESIGNS[spec.design]
    shift = sys.maxsize if desk.boundary is pass_by else SHIFT
    while time.monotonic() < until and shift > 0:
        moved = send(desk) + (dispatch.look_due(desk) if spec.design != "mark first" else 0)
        shift -= moved
        if not moved:
            if desk.database.read(SYSTEM, lambda work: work.scalar(_unfinished(spec))) == 0:
                return SETTLED
            time.sleep(0.02)
    return WENT_HOME


# --- wrong on purpose -------------------------------------------------------------------------------------------------
class _FreshKeys(StripeGateway):
    """A new key for every attempt, and no look at what the last attempt did."""

    def __init__(self, inner: StripeGateway) -> None:
        vars(self).update(vars(inner))

    def create_transfer(self, order: TransferOrder, *, key: str) -> SentTransfer:
        return super().create_transfer(order, key=str(uuid4()))

    def find_transfers(self, payment_id: UUID) -> list[SentTransfer]:
        return []


class _NoKey(_FreshKeys):
    """No key at all."""

    def create_transfer(self, order: TransferOrder, *, key: str) -> SentTransfer:
        return StripeGateway.create_transfer(self, order, key="")


def _through(gateway: type[_FreshKeys]) -> Send:
    def send(desk: Desk) -> int:
        assert isinstance(desk.gateway, StripeGateway)
        return dispatch.send_due(Desk(desk.database, gateway(desk.gateway), desk.patience, desk.boundary, at_once=1))

    return send


def _fail_what_is_unknown(desk: Desk) -> int:
    """A connection that broke is taken for a refusal."""
    claims = desk.commit("claim", lambda work: progress.claim_to_send(work, limit=1, patience=desk.patience))
    for claim in claims:
        try:
            account = claim.destination.connected_account or dispatch._open_account(desk, claim)
            made = dispatch._find_or_make_transfer(desk, claim, account)
        except GatewayTrouble as trouble:
            why = trouble.detail
            desk.commit("record failed", lambda work, p=claim.payment, w=why: progress.fail(work, p.id, why=w))
        else:
            desk.commit("record sent", lambda work, p=claim.payment, t=made.id: progress.sent(work, p.id, t))
    return len(claims)


def _mark_first(desk: Desk) -> int:
    """The payment is marked as sent, and then it is sent."""
    claims = desk.commit("claim", lambda work: progress.claim_to_send(work, limit=1, patience=desk.patience))
    for claim in claims:
        payment, given = claim.payment, claim.destination
        holder = Holder(payment.payee_version_id, given.legal_name, given.bin, given.iban)
        account = desk.gateway.create_account(holder, key=str(payment.payee_version_id))
        desk.commit("record sent", lambda work, p=payment: progress.sent(work, p.id, f"tr_{p.id.hex}"))
        order = TransferOrder(
            payment.id, payment.number, payment.act_id, payment.amount_minor, payment.currency, account
        )
        with contextlib.suppress(GatewayTrouble):
            desk.call("create transfer", lambda o=order: desk.gateway.create_transfer(o, key=str(o.payment_id)))
    return len(claims)


DESIGNS: dict[str, Send] = {
    "ours": dispatch.send_due,
    "fresh keys": _through(_FreshKeys),
    "no key": _through(_NoKey),
    "mark first": _mark_first,
    "fail the unknown": _fail_what_is_unknown,
}


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    told = main(Spec(**given | {name: tuple(given[name]) for name in ("boundaries", "only")}))
    print(json.dumps(vars(told) | {"kills": dict(told.kills)}))
