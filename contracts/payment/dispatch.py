"""The worker's steps: send what is ordered, look what became of what was sent.

Commit the intention, call outside any transaction, commit the answer. A worker may die between any two lines: the next
one looks up at the server what its predecessor did before it asks for anything (the transfer's group is the payment's
id), and asks under the same key. Nothing here trusts memory.
"""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from contracts.payment import progress
from contracts.payment.doubts import Doubt
from contracts.payment.gateway import (
    Disagreement,
    Finding,
    Gateway,
    GatewayRefused,
    GatewayTrouble,
    Holder,
    OutcomeUnknown,
    SentTransfer,
    TransferOrder,
    check_echo,
)
from contracts.payment.progress import Claim
from contracts.payment.queries import Payment
from contracts.payment.rules import Fate, Patience, is_key_aged, is_past_doubt, pause_after

T = TypeVar("T")
Boundary = Callable[[str], None]
AT_ONCE = 4  # payments in the hands of one worker: the server's latency is waited out together
BATCHES = 50  # claims a turn, so that the other steps have theirs
RUNGS = 8  # keys of one payment: each further one only after the server swore that the last made nothing

CLAIM, LOOK_CLAIM = "claim", "look-claim"
CALLS = ("find account", "create account", "find transfer", "create transfer", "find out", "create reversal")
COMMITS = (CLAIM, "record account", "record sent", LOOK_CLAIM, "record fate")
BOUNDARIES = tuple(
    f"{name}: {moment}"
    for names, moments in ((COMMITS, ("before commit", "after commit")), (CALLS, ("before call", "after answer")))
    for name in names
    for moment in moments
)


def pass_by(_boundary: str) -> None:
    """A boundary where nothing happens; a test may put a murderer there."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a worker works with. ``boundary`` is told of every point at which the process could die."""

    database: Database
    gateway: Gateway
    patience: Patience = field(default_factory=Patience)
    boundary: Boundary = pass_by
    at_once: int = AT_ONCE
    dice: random.Random = field(default_factory=random.SystemRandom)

    def commit(self, name: str, fn: Callable[[Work], T]) -> T:
        def bounded(work: Work) -> T:
            answer = fn(work)
            self.boundary(f"{name}: before commit")
            return answer

        answer = self.database.write(SYSTEM, bounded)
        self.boundary(f"{name}: after commit")
        return answer

    def call(self, name: str, fn: Callable[[], T]) -> T:
        self.boundary(f"{name}: before call")
        answer = fn()
        self.boundary(f"{name}: after answer")
        return answer


C = TypeVar("C")
D = TypeVar("D", bound=Desk)


def send_due(desk: Desk) -> int:
    """Send what is ordered and what nobody knows the outcome of. How many reached a known status."""
    return work_off(desk, CLAIM, progress.claim_to_send, send)


def look_due(desk: Desk) -> int:
    """Look after what was sent: settled, returned or reversed? How many changed."""
    return work_off(desk, LOOK_CLAIM, progress.claim_to_look, look)


def work_off(desk: D, name: str, claim: Callable[..., list[C]], handle: Callable[[D, C], bool]) -> int:
    """Batches of claims until nothing is due, or nothing moves (the server is away: asking on would only hurt it)."""
    done = 0
    for _ in range(BATCHES):
        claims = desk.commit(name, lambda work: claim(work, limit=desk.at_once, patience=desk.patience))
        moved = _together(desk, claims, handle)
        done += moved
        if not moved:
            break
    return done


def _together(desk: D, claims: Sequence[C], handle: Callable[[D, C], bool]) -> int:
    if len(claims) <= 1:
        return sum(handle(desk, claim) for claim in claims)
    with ThreadPoolExecutor(len(claims)) as pool:
        return sum(pool.map(lambda claim: handle(desk, claim), claims))


# --- sending ----------------------------------------------------------------------------------------------------------
def send(desk: Desk, claim: Claim) -> bool:
    """Whether the payment has left ``sending``."""
    payment = claim.payment
    try:
        account = claim.destination.connected_account or _open_account(desk, claim)
        transfer = _find_or_make_transfer(desk, claim, account)
    except GatewayRefused as refusal:
        why = refusal.detail
        return desk.commit("record failed", lambda work: progress.fail(work, payment.id, why=why))
    except Disagreement as difference:
        why = difference.detail
        return desk.commit("record parked", lambda work: progress.park(work, payment.id, why=why))
    except GatewayTrouble as trouble:
        return _put_off(desk, claim, trouble)
    return desk.commit("record sent", lambda work: progress.sent(work, payment.id, transfer.id))


def _put_off(desk: Desk, claim: Claim, trouble: GatewayTrouble) -> bool:
    """Nothing is decided. An unknown outcome is not a failure, however often it happens; an answer that no outage
    explains is counted, and at last a person looks."""
    patience = desk.patience
    pause = pause_after(claim.payment.attempts, patience, longest=patience.longest_pause, dice=desk.dice.random())
    strange = isinstance(trouble, OutcomeUnknown) and trouble.strange
    desk.commit(
        "record put off", lambda work: progress.put_off(work, claim, pause, why=trouble.detail, strange=strange)
    )
    return False


def _open_account(desk: Desk, claim: Claim) -> str:
    """The payee version's account at the server, opened once however many of its payments ask at the same time."""
    given, version_id = claim.destination, claim.payment.payee_version_id
    holder = Holder(version_id, given.legal_name, given.bin, given.iban)

    def find() -> str | None:
        return desk.call("find account", lambda: desk.gateway.find_account(version_id))

    def make(key: str) -> str:
        return desk.call("create account", lambda: desk.gateway.create_account(holder, key=key))

    known = find() if is_key_aged(given.first_tried_at, claim.now, desk.patience) else None
    account = known or climb(make, find, str(version_id), trust=True)
    return desk.commit("record account", lambda work: progress.record_account(work, version_id, account=account))


def _order_of(payment: Payment, account: str) -> TransferOrder:
    return TransferOrder(
        payment.id, payment.number, payment.act_id, payment.amount_minor, payment.currency, account, payment.advance_id
    )


def _find_or_make_transfer(desk: Desk, claim: Claim, account: str) -> SentTransfer:
    payment = claim.payment
    order = _order_of(payment, account)

    def find() -> SentTransfer | None:
        found = desk.call("find transfer", lambda: desk.gateway.find_transfers(payment.id))
        if len(found) > 1:
            raise Disagreement(Doubt.SEVERAL_TRANSFERS.of(many=len(found), transfers=", ".join(t.id for t in found)))
        return check_echo(order, found[0]) if found else None

    def make(key: str) -> SentTransfer:
        return desk.call("create transfer", lambda: check_echo(order, desk.gateway.create_transfer(order, key=key)))

    known = find() if payment.attempts > 1 else None
    return known or climb(
        make, find, str(payment.id), trust=is_past_doubt(payment.first_sent_at, claim.now, desk.patience)
    )


def climb(make: Callable[[str], T], find: Callable[[], T | None], key: str, *, trust: bool) -> T:
    """Make it under the first key; under the next only where the last is spent.

    A key is spent when the server replays an error of its own for it: that request has ended and will not be carried
    out again, and the look-up after it shows whether it made something. Every rung is the same for every worker.
    """
    for rung in range(1, RUNGS + 1):
        try:
            return make(key if rung == 1 else f"{key}/{rung}")
        except OutcomeUnknown as unknown:
            if not (unknown.replayed and trust):
                raise
        found = find()
        if found is not None:
            return found
    raise OutcomeUnknown("The server's own error is all it ever answers", strange=True)


# --- looking ----------------------------------------------------------------------------------------------------------
def look(desk: Desk, claim: Claim) -> bool:
    """Whether the payment moved on."""
    payment = claim.payment
    assert payment.gateway_transfer is not None, "what stands at the peer has a name there"
    try:
        finding = _checked(claim, desk.call("find out", lambda: desk.gateway.find_out(str(payment.gateway_transfer))))
        if payment.reversal_ordered_at is not None and finding.fate is not Fate.REVERSED:
            finding = _reverse(desk, claim)
    except GatewayRefused as refusal:
        why = refusal.detail
        if payment.reversal_ordered_at is None:
            return desk.commit("record parked", lambda work: progress.park(work, payment.id, why=why))
        desk.commit("record refused reversal", lambda work: progress.refuse_reversal(work, payment.id, why=why))
        return True
    except Disagreement as difference:
        why = difference.detail
        return desk.commit("record parked", lambda work: progress.park(work, payment.id, why=why))
    except GatewayTrouble as trouble:
        return _put_off(desk, claim, trouble)
    dice = desk.dice.random()
    return desk.commit(
        "record fate", lambda work: progress.follow(work, claim, finding, patience=desk.patience, dice=dice)
    )


def _checked(claim: Claim, finding: Finding) -> Finding:
    payment, told = claim.payment, finding.transfer
    account = claim.destination.connected_account or ""
    order = _order_of(payment, account)
    check_echo(order, told)
    if 0 < told.reversed_minor < told.amount_minor:
        back, whole = told.reversed_minor, told.amount_minor
        raise Disagreement(Doubt.BACK_IN_PART.of(transfer=told.id, back=back, whole=whole))
    return finding


def _reverse(desk: Desk, claim: Claim) -> Finding:
    payment = claim.payment
    assert payment.gateway_transfer is not None
    assert payment.reversal_ordered_at is not None
    transfer_id = payment.gateway_transfer

    def find() -> Finding | None:
        finding = _checked(claim, desk.call("find out", lambda: desk.gateway.find_out(transfer_id)))
        return finding if finding.fate is Fate.REVERSED else None

    def make(key: str) -> Finding:
        desk.call(
            "create reversal",
            lambda: desk.gateway.reverse(transfer_id, amount_minor=payment.amount_minor, key=key),
        )
        done = find()
        if done is None:
            raise OutcomeUnknown("The reversal was accepted and cannot be seen yet")
        return done

    # a reversal that was refused may be ordered again: each order has its own key
    key = f"{payment.id}/reversal/{int(payment.reversal_ordered_at.timestamp() * 1_000_000)}"
    return climb(make, find, key, trust=is_past_doubt(payment.reversal_ordered_at, claim.now, desk.patience))
