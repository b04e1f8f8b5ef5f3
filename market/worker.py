"""``market work``: the background steps, one after the other, for as long as there is something to do, then a pause.

A step takes what is due, does it, and says how much it did; it may be stopped or killed at any point, because what is
due stands in the database. Several workers may run at once.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.act.models import ActTotalRow
from contracts.audit.sealing import seal
from contracts.collection import dispatch as collecting
from contracts.collection.dispatch import Till
from contracts.collection.stripe import StripeTill
from contracts.kernel.errors import Unavailable
from contracts.kernel.parts import add_up_parts
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from contracts.ledger.models import StageTotalRow
from contracts.payment.dispatch import Desk, look_due, send_due
from contracts.payment.gateway import Gateway
from contracts.reconciliation.service import reconcile
from contracts.register.models import VisitTotalRow
from market.keys import audit_key
from market.oversight import statistics
from market.oversight.flagging import look_again, look_over
from market.payment_server import payment_server
from market.placement.nightly_queries import is_due as proof_is_due
from market.placement.on_call import OnCall
from market.placement.queries import rounds_without_report
from market.placement.requesting import is_asked
from market.placement.service import end_of_day, lapse_overdue
from market.settings import Settings
from market.stop import Stop, stopped_by_signals
from market.voucher.service import close_expired

IDLE_PAUSE = 0.5  # seconds between two looks at an empty desk: what a person who orders a payment does not notice
SEAL_EVERY = 60.0  # seconds
RECONCILE_EVERY = 300.0  # seconds: an import looks at once; this is for what the payment server changed since
ADD_UP_EVERY = 60.0  # seconds: a busy minute leaves a few thousand parts, which a page reads in milliseconds
ASK_EVERY = 5.0  # seconds: recipients have weeks to pay, and looking reads every part of theirs that was ever asked
ASKING_SHARE = 20  # where that is very much, looking takes at most one part in so many of the worker's time
LOOK_FOR_IDLE_EVERY = 60.0  # seconds: a voucher that has ended closes its wait at leisure
TROUBLE_PAUSE = 5.0  # seconds after the database could not be reached


class Step(NamedTuple):
    """``run`` does what is due now and answers how many things it moved; it never waits for more."""

    name: str
    run: Callable[[Database], int]


def payment_steps(gateway: Gateway) -> list[Step]:
    return [
        Step("payments sent", partial(_at_desk, gateway, send_due)),
        Step("payments followed", partial(_at_desk, gateway, look_due)),
    ]


class Asking:
    """What accepted acts ask of recipients, now and then; all of it at once, a few acts a transaction."""

    def __init__(self, till: Callable[[Database], Till]) -> None:
        self._till, self._again_at = till, 0.0

    def __call__(self, database: Database) -> int:
        begun = time.monotonic()
        if begun < self._again_at:
            return 0
        asked = collecting.ask_due(self._till(database))
        if not asked:
            now = time.monotonic()
            self._again_at = now + max(ASK_EVERY, ASKING_SHARE * (now - begun))
        return asked


def collection_steps(gateway: StripeTill) -> list[Step]:
    def till(database: Database) -> Till:
        return Till(database, gateway)

    return [
        Step("recipients asked", Asking(till)),
        Step("collections sent", lambda database: collecting.send_due(till(database))),
        Step("collections followed", lambda database: collecting.look_due(till(database))),
    ]


def placement_steps() -> list[Step]:
    return [
        Step("rounds run", OnCall("market.placement.round", "Runner", due=is_asked)),
        Step("rounds reported", OnCall("market.placement.reporting", "Reporter", due=_waits_for_report)),
        Step("state proven", OnCall("market.placement.nightly", "Nightly", due=proof_is_due)),
        Step("answers lapsed", Lapsing()),
    ]


def _waits_for_report(work: Work) -> bool:
    return bool(rounds_without_report(work, limit=1))


class Lapsing:
    """Answers that nobody gave in time, at every look; who waits in vain, once a minute."""

    def __init__(self) -> None:
        self._idle_at = 0.0

    def __call__(self, database: Database) -> int:
        idle_too = time.monotonic() >= self._idle_at
        moved = database.write(SYSTEM, lambda work: lapse_overdue(work, idle_too=idle_too))
        if idle_too and not moved:
            self._idle_at = time.monotonic() + LOOK_FOR_IDLE_EVERY
        return moved


def _close_vouchers(work: Work) -> int:
    return close_expired(work, work.today)


class Reconciling:
    """The two books side by side, now and then: a look reads every payment that the bank has a line of."""

    def __init__(self) -> None:
        self._again_at = 0.0

    def __call__(self, database: Database) -> int:
        if time.monotonic() < self._again_at:
            return 0
        moved = database.write(SYSTEM, reconcile)
        self._again_at = time.monotonic() + RECONCILE_EVERY
        return moved


KEPT = (StageTotalRow, VisitTotalRow, ActTotalRow)


class AddingUp:
    """The parts of totals that the database keeps, once a minute: few enough for a page to read in between."""

    def __init__(self) -> None:
        self._again_at = 0.0

    def __call__(self, database: Database) -> int:
        if time.monotonic() < self._again_at:
            return 0
        self._again_at = time.monotonic() + ADD_UP_EVERY
        return sum(database.write(SYSTEM, partial(add_up_parts, model=one)) for one in KEPT)


class DayEnd:
    """What a new day releases: looked for once a civil day, because looking reads every ended voucher and
    engagement."""

    def __init__(self, release: Callable[[Work], int] | None = None) -> None:
        self._release = release or _close_vouchers
        self._done: date | None = None

    def __call__(self, database: Database) -> int:
        today = database.read(SYSTEM, lambda work: work.today)
        if today == self._done:
            return 0
        closed = database.write(SYSTEM, self._release)
        if not closed:
            self._done = today
        return closed


class DailyFigures:
    """The public figures of each new day."""

    def __init__(self) -> None:
        self._done: date | None = None

    def __call__(self, database: Database) -> int:
        today = database.read(SYSTEM, lambda work: work.today)
        if today == self._done:
            return 0
        taken = statistics.take(database)
        self._done = today
        return int(taken)


class Sealing:
    """A checkpoint over every chain that grew, once a minute: often enough to catch a forger, seldom enough to read."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self._next = 0.0

    def __call__(self, database: Database) -> int:
        if time.monotonic() < self._next:
            return 0
        self._next = time.monotonic() + SEAL_EVERY
        return seal(database, self._key)


def _at_desk(gateway: Gateway, step: Callable[[Desk], int], database: Database) -> int:
    return step(Desk(database, gateway))


@contextmanager
def all_steps(settings: Settings) -> Iterator[list[Step]]:
    """Everything the installation's worker does. Raises PaymentKeyMissing."""
    server = payment_server(settings)
    gateway = StripeTill(server.url, server.key)
    try:
        yield [
            *payment_steps(gateway),
            *collection_steps(gateway),
            Step("differences followed", Reconciling()),
            *placement_steps(),
            Step("totals added up", AddingUp()),
            Step("service ended", DayEnd(end_of_day)),
            Step("vouchers closed", DayEnd()),
            Step("visits looked over", look_over),
            Step("visits looked over again", look_again),
            Step("public figures taken", DailyFigures()),
            Step("streams sealed", Sealing(audit_key(settings))),
        ]
    finally:
        gateway.close()


def run(database: Database, steps: Sequence[Step], *, stop: Stop, report: Callable[[str], None]) -> dict[str, int]:
    """Turn after turn until ``stop`` is set; the step under way is finished. How much each step did in all."""
    totals = {step.name: 0 for step in steps}
    while not stop.is_set():
        try:
            moved = _turn(database, steps, totals, stop, report)
        except Unavailable as trouble:
            report(f"waiting: {trouble.detail}")
            stop.wait(TROUBLE_PAUSE)
            continue
        if not moved:
            stop.wait(IDLE_PAUSE)
    return totals


def _turn(
    database: Database,
    steps: Sequence[Step],
    totals: dict[str, int],
    stop: Stop,
    report: Callable[[str], None],
) -> int:
    moved = 0
    for step in steps:
        if stop.is_set():
            break
        done = step.run(database)
        if done:
            totals[step.name] += done
            moved += done
            report(f"{step.name}: {done} (of {totals[step.name]} since the start)")
    return moved


def work(database: Database, settings: Settings, *, report: Callable[[str], None]) -> dict[str, int]:
    """The life of a worker process. Call it from the main thread."""
    with all_steps(settings) as steps, stopped_by_signals() as stop:
        report(f"worker ready: {', '.join(step.name for step in steps)}")
        return run(database, steps, stop=stop, report=report)
