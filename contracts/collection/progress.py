"""What the worker takes, and what it learns: the transactions on both sides of every call to the payment server.

Each finds the row as it is, and does nothing where another worker was first. When the next try is due is bookkeeping of
the queue, not business: it is changed without an event. Whoever ends a collection holds its due's row before it.
"""

from collections.abc import Collection as Many
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from contracts.audit.service import record
from contracts.collection import queries
from contracts.collection.aligning import align, end, reopen
from contracts.collection.doubts import DueDoubt
from contracts.collection.models import CollectionRow
from contracts.collection.rules import (
    COLLECTION,
    ENDS,
    Collection,
    CollectionKind,
    CollectionStatus,
    Standing,
    next_look,
    next_watch,
)
from contracts.collection.stripe import CollectionOrder, Told
from contracts.kernel.clock import real_clock
from contracts.kernel.database import table_of
from contracts.kernel.work import Work
from contracts.payment.doubts import Doubt
from contracts.payment.progress import LONGEST_ERROR
from contracts.payment.rules import SUSPECT, Patience

_collections = table_of(CollectionRow)
TO_SEND = (CollectionStatus.ORDERED, CollectionStatus.SENDING)
TO_LOOK = (CollectionStatus.OPEN, CollectionStatus.SUCCEEDED)  # a refund may fail after it had succeeded


@dataclass(frozen=True, slots=True)
class Claim:
    """A collection in a worker's hands until ``lease`` (real time), as it is after the claim at ``now`` (real)."""

    collection: Collection
    order: CollectionOrder
    lease: datetime
    now: datetime


def claim_to_send(work: Work, *, limit: int, patience: Patience) -> list[Claim]:
    """What is due to be sent, ``sending`` from now on; the first time says so in the trail."""
    return _claim(work, TO_SEND, limit, patience)


def claim_to_look(work: Work, *, limit: int, patience: Patience) -> list[Claim]:
    """What is due to be looked at, confirmed or cancelled."""
    return _claim(work, TO_LOOK, limit, patience)


def _claim(work: Work, statuses: Many[CollectionStatus], limit: int, patience: Patience) -> list[Claim]:
    """Without what took one worker after the other with it: that waits for a person, and a suspect is tried alone."""
    now = real_clock(work.connection)
    lease = now + timedelta(seconds=patience.lease)
    found = queries.due_to_try(work, statuses, now, limit)
    for one in found:
        if one.strikes >= patience.strikes:
            _park(work, one, Doubt.NO_WORD.of(tries=one.strikes))
    fit = [one for one in found if one.strikes < patience.strikes]
    return [_held(work, one, lease, now) for one in [one for one in fit if one.strikes >= SUSPECT][:1] or fit]


def _held(work: Work, one: Collection, lease: datetime, now: datetime) -> Claim:
    """A strike until the worker is heard of again."""
    if one.status is CollectionStatus.ORDERED:
        assert work.update(
            CollectionRow,
            one.id,
            _collections.c.status == CollectionStatus.ORDERED,
            status=COLLECTION.after("claimed", one.status),
            first_tried_at=now,
            moved_at=now,
            next_try_at=lease,
            attempts=one.attempts + 1,
            strikes=one.strikes + 1,
        )
        record(work, "due", one.due_id, f"{one.kind}-sending")
    else:
        _schedule(work, one.id, next_try_at=lease, attempts=one.attempts + 1, strikes=one.strikes + 1)
    held = queries.collection(work, one.id)
    assert held.first_tried_at is not None, "what was claimed was tried"
    intent = None if held.of_id is None else queries.collection(work, held.of_id).gateway_id
    number = queries.due(work, held.due_id).number
    order = CollectionOrder(held.id, number, held.amount_minor, held.currency, held.first_tried_at, intent)
    return Claim(held, order, lease, now)


def put_off(work: Work, claim: Claim, pause: timedelta, *, why: str, strange: bool = False) -> None:
    """Try again after the pause; not where news made it due earlier, or another worker has it. Only a ``strange``
    answer counts as a strike."""
    _schedule(
        work,
        claim.collection.id,
        lease=claim.lease,
        next_try_at=real_clock(work.connection) + pause,
        strikes=claim.collection.strikes if strange else 0,
        last_error=why[:LONGEST_ERROR],
    )


def opened(work: Work, claim: Claim, told: Told) -> bool:
    """It exists at the server. Whoever is second with the same object changes nothing."""
    one = _hold(work, claim)
    if one.gateway_id == told.id:
        return False
    if one.status is not CollectionStatus.SENDING:
        return _park(work, one, DueDoubt.ANOTHER_OBJECT.of(other=told.id))
    now = real_clock(work.connection)
    assert work.update(
        CollectionRow,
        one.id,
        _collections.c.status == CollectionStatus.SENDING,
        status=COLLECTION.after("opened", one.status),
        gateway_id=told.id,
        attempts=0,
        strikes=0,
        moved_at=now,
        next_try_at=now,
        last_error=None,
    )
    record(work, "due", one.due_id, f"{one.kind}-opened")
    return True


def refuse(work: Work, claim: Claim, *, why: str) -> bool:
    """The server refused for good: nothing was made, and the same is not tried again without a person."""
    one = _hold(work, claim)
    if one.status is not CollectionStatus.SENDING:
        return False
    ended = end(work, one, CollectionStatus.REFUSED, ended_at=work.now, why=why[:LONGEST_ERROR])
    align(work, one.due_id)
    return ended


def park(work: Work, claim: Claim, *, why: str) -> bool:
    """The server's books and ours differ: nothing more is tried until a person has looked."""
    return _park(work, _hold(work, claim), why)


def _park(work: Work, one: Collection, why: str) -> bool:
    if one.next_try_at is None and one.last_error == why[:LONGEST_ERROR]:
        return False
    assert work.update(CollectionRow, one.id, next_try_at=None, strikes=0, last_error=why[:LONGEST_ERROR])
    record(work, "due", one.due_id, "parked")
    return True


def follow(work: Work, claim: Claim, told: Told, *, patience: Patience, dice: float) -> bool:
    """Bring the collection, and with it the due, to what the server's books say; False where nothing changed. The one
    way to an end, whether a message or a poll led here."""
    one = _hold(work, claim)
    if one.status is CollectionStatus.SUCCEEDED:
        return _watched(work, claim, one, told, patience)
    if one.status is not CollectionStatus.OPEN:
        return False
    goal = ENDS.get(told.standing)
    if goal is not None:
        end(work, one, goal, ended_at=work.now, why=told.note if goal is CollectionStatus.REFUSED else None)
        if goal is CollectionStatus.SUCCEEDED and one.kind is CollectionKind.REFUND:
            _watch(work, one, 0, patience)
        align(work, one.due_id)
        return True
    if _was_declined(claim, one, told):
        assert work.update(CollectionRow, one.id, method=None, confirm_ordered_at=None, declined_at=work.now)
        record(work, "due", one.due_id, "payment-declined")
    align(work, one.due_id)  # more may be asked, or less, since this intent was ordered
    pause = timedelta(seconds=next_look(one.attempts, patience, dice))
    told_why = (told.note or "")[:LONGEST_ERROR] or None
    if one.next_try_at == claim.lease and one.cancel_ordered_at == claim.collection.cancel_ordered_at:
        at = real_clock(work.connection) + pause
        _schedule(work, one.id, lease=claim.lease, next_try_at=at, strikes=0, last_error=told_why)
    return False


def _watched(work: Work, claim: Claim, one: Collection, told: Told, patience: Patience) -> bool:
    """Whether a refund that had succeeded has failed since."""
    if told.standing is Standing.FAILED and one.kind is CollectionKind.REFUND:
        reopen(work, one)
        align(work, one.due_id)
        return True
    _watch(work, one, one.attempts, patience, lease=claim.lease)
    return False


def _watch(work: Work, one: Collection, looks: int, patience: Patience, lease: datetime | None = None) -> None:
    pause = next_watch(looks, patience)
    at = None if pause is None else real_clock(work.connection) + timedelta(seconds=pause)
    _schedule(work, one.id, lease=lease, next_try_at=at, strikes=0)


def _was_declined(claim: Claim, one: Collection, told: Told) -> bool:
    """The wish to pay that this worker carried out came to nothing; a newer wish is another's."""
    asked = claim.collection.confirm_ordered_at
    return told.standing is Standing.OPEN and asked is not None and asked == one.confirm_ordered_at


def _hold(work: Work, claim: Claim) -> Collection:
    queries.due(work, claim.collection.due_id, lock=True)
    return queries.collection(work, claim.collection.id, lock=True)


def hint(work: Work, kind: str, about: str) -> None:
    """A message of the payment server may concern these: they are looked at soon. What a person must look at stays
    theirs."""
    if kind.startswith(("payment_intent.", "refund.")):
        is_open, over = (_collections.c.status == status for status in TO_LOOK)
        given_back = sa.and_(over, _collections.c.kind == CollectionKind.REFUND)
        waiting = sa.or_(sa.and_(is_open, _collections.c.next_try_at.is_not(None)), given_back)
        work.execute(
            sa.update(_collections)
            .where(_collections.c.gateway_id == about, waiting)
            .values(next_try_at=real_clock(work.connection))
        )


def _schedule(work: Work, collection_id: UUID, *, lease: datetime | None = None, **columns: object) -> None:
    """Queue bookkeeping; with ``lease`` only while it is still in this worker's hands."""
    statement = sa.update(_collections).where(_collections.c.id == collection_id).values(**columns)
    work.execute(statement if lease is None else statement.where(_collections.c.next_try_at == lease))
