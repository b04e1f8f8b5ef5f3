"""The worker's steps for money that comes in: send what is ordered, look what became of it, confirm and cancel.

As for payments: commit the intention, call outside any transaction, commit the answer; a worker may die between any two
lines, and the next one looks at the server before it asks for anything again, under the same key.
"""

from dataclasses import dataclass

from contracts.collection import progress, queries, service
from contracts.collection.progress import Claim
from contracts.collection.rules import CollectionKind, Standing
from contracts.collection.stripe import StripeTill, Told, check_echo
from contracts.kernel.work import SYSTEM, Work
from contracts.payment.dispatch import Desk, climb, work_off
from contracts.payment.gateway import Disagreement, GatewayRefused, GatewayTrouble, OutcomeUnknown
from contracts.payment.rules import is_key_aged, is_past_doubt, pause_after

ASK, CLAIM, LOOK_CLAIM = "ask", "collection claim", "collection look-claim"
CALLS = ("find collection", "create collection", "look at collection", "confirm intent", "cancel intent")
COMMITS = (ASK, CLAIM, "record opened", LOOK_CLAIM, "record standing")
BOUNDARIES = tuple(
    f"{name}: {moment}"
    for names, moments in ((COMMITS, ("before commit", "after commit")), (CALLS, ("before call", "after answer")))
    for name in names
    for moment in moments
)


@dataclass(frozen=True, slots=True)
class Till(Desk):
    """A desk whose gateway also takes money in."""

    gateway: StripeTill


def ask_due(till: Till) -> int:
    """What accepted acts ask of recipients becomes due. How many parts were added. Looking alone writes nothing, and so
    holds nobody up."""
    waiting = till.database.read(SYSTEM, lambda work: queries.acts_to_ask(work, 1))
    return till.commit(ASK, service.ask) if waiting else 0


def send_due(till: Till) -> int:
    """Send what is ordered and what nobody knows the outcome of. How many reached a known status."""
    return work_off(till, CLAIM, progress.claim_to_send, send)


def look_due(till: Till) -> int:
    """Look after what is open at the server: paid, given up, given back? How many changed."""
    return work_off(till, LOOK_CLAIM, progress.claim_to_look, look)


# --- sending ----------------------------------------------------------------------------------------------------------
def send(till: Till, claim: Claim) -> bool:
    """Whether the collection has left ``sending``."""
    try:
        told = _find_or_make(till, claim)
    except GatewayRefused as refusal:
        why = refusal.detail
        return till.commit("record refused", lambda work: progress.refuse(work, claim, why=why))
    except Disagreement as difference:
        return _parked(till, claim, difference)
    except GatewayTrouble as trouble:
        return _put_off(till, claim, trouble)
    return till.commit("record opened", lambda work: progress.opened(work, claim, told))


def _find_or_make(till: Till, claim: Claim) -> Told:
    order, patience = claim.order, till.patience

    def find() -> Told | None:
        return till.call("find collection", lambda: till.gateway.find(order))

    def make(key: str) -> Told:
        return till.call("create collection", lambda: till.gateway.create(order, key=key))

    known = find() if claim.collection.attempts > 1 or is_key_aged(order.first_tried_at, claim.now, patience) else None
    trust = is_past_doubt(order.first_tried_at, claim.now, patience)
    return known or climb(make, find, str(order.collection_id), trust=trust)


def _put_off(till: Till, claim: Claim, trouble: GatewayTrouble) -> bool:
    """Nothing is decided."""
    patience = till.patience
    pause = pause_after(claim.collection.attempts, patience, longest=patience.longest_pause, dice=till.dice.random())
    strange = isinstance(trouble, OutcomeUnknown) and trouble.strange
    till.commit(
        "record put off", lambda work: progress.put_off(work, claim, pause, why=trouble.detail, strange=strange)
    )
    return False


def _parked(till: Till, claim: Claim, difference: Disagreement) -> bool:
    why = difference.detail
    return till.commit("record parked", lambda work: progress.park(work, claim, why=why))


# --- looking ----------------------------------------------------------------------------------------------------------
def look(till: Till, claim: Claim) -> bool:
    """Whether the collection came to an end."""
    try:
        told = _now(till, claim)
        if told.standing is Standing.OPEN and claim.collection.cancel_ordered_at is not None:
            told = _cancel(till, claim)
        elif told.standing is Standing.OPEN and claim.collection.method is not None:
            told = _confirm(till, claim)
    except (GatewayRefused, Disagreement) as difference:
        return _parked(till, claim, Disagreement(difference.detail))
    except GatewayTrouble as trouble:
        return _put_off(till, claim, trouble)
    dice, patience = till.dice.random(), till.patience

    def record_standing(work: Work) -> bool:
        return progress.follow(work, claim, told, patience=patience, dice=dice)

    return till.commit("record standing", record_standing)


def _now(till: Till, claim: Claim) -> Told:
    one = claim.collection
    assert one.gateway_id is not None, "what is open has a name at the server"
    ask = till.gateway.intent if one.kind is CollectionKind.INTENT else till.gateway.refund
    return check_echo(claim.order, till.call("look at collection", lambda: ask(str(one.gateway_id))))


def _cancel(till: Till, claim: Claim) -> Told:
    """What is paid in the same moment cannot be cancelled: then it is paid, and the rest goes back."""
    intent, asked = str(claim.collection.gateway_id), claim.collection.cancel_ordered_at
    assert asked is not None
    try:
        return climb(
            lambda key: till.call("cancel intent", lambda: till.gateway.cancel(intent, key=key)),
            lambda: _unless_open(_now(till, claim)),
            f"{claim.collection.id}/cancel/{int(asked.timestamp() * 1_000_000)}",
            trust=is_past_doubt(asked, claim.now, till.patience),
        )
    except GatewayRefused:
        return _now(till, claim)


def _confirm(till: Till, claim: Claim) -> Told:
    """A payer who is declined may try again: each wish to pay has its own key."""
    intent, asked = str(claim.collection.gateway_id), claim.collection.confirm_ordered_at
    method = claim.collection.method
    assert asked is not None
    assert method is not None
    try:
        return climb(
            lambda key: till.call("confirm intent", lambda: till.gateway.confirm(intent, method=method, key=key)),
            lambda: _unless_open(_now(till, claim)),
            f"{claim.collection.id}/confirm/{int(asked.timestamp() * 1_000_000)}",
            trust=is_past_doubt(asked, claim.now, till.patience),
        )
    except GatewayRefused:
        return _now(till, claim)


def _unless_open(told: Told) -> Told | None:
    return None if told.standing is Standing.OPEN else told
