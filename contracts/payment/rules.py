"""Statuses, who may order, when the next try is, and what the payment server's books mean for a payment."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from contracts.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken, WrongState
from contracts.kernel.lifecycle import Lifecycle


class PaymentStatus(StrEnum):
    """``sending`` is "outcome unknown"; ``sent``: the transfer exists at the peer; ``settled``: the payout is paid."""

    ORDERED = "ordered"
    SENDING = "sending"
    SENT = "sent"
    SETTLED = "settled"
    FAILED = "failed"
    RETURNED = "returned"
    REVERSED = "reversed"


class Channel(StrEnum):
    """How a payment leaves the house."""

    SERVER = "server"  # a payment server is asked
    FILE = "file"  # an order to the bank, as a file; its statement tells what came of it


S = PaymentStatus
UNDER_WAY = (S.ORDERED, S.SENDING, S.SENT)  # the ledger's transfer is pending
AT_THE_PEER = (S.SENT, S.SETTLED, S.RETURNED)  # a transfer exists and may still change its fate
NOT_LIVE = (S.FAILED, S.REVERSED)  # the act may be ordered anew
OPEN_ENDED = (S.ORDERED, S.SENDING, S.SENT, S.RETURNED)  # nothing more of the act is ordered until it has an end
LONGEST_SENDING = 900  # seconds from the order to a transfer at the server: longer than its ordinary outages
LONGEST_ON_THE_WAY = 5 * 86_400  # seconds from the server to the payee's bank: what banks need over a long weekend
SUSPECT = 2  # strikes after which a payment is tried alone, so that it takes no other with it
SECOND_TRANSFER = "The server also has transfer"  # how ``last_error`` begins when a payment was made twice

PAYMENT = Lifecycle[PaymentStatus](
    "payment",
    {
        "claimed": (frozenset({S.ORDERED, S.SENDING}), S.SENDING),
        "sent": (frozenset({S.SENDING}), S.SENT),
        "failed": (frozenset({S.SENDING}), S.FAILED),
        # a payout that came back is paid out again by the server once the payee's bank account is put right
        "settled": (frozenset({S.SENT, S.RETURNED}), S.SETTLED),
        "returned": (frozenset({S.SENT, S.SETTLED}), S.RETURNED),
        "reversed": (frozenset(AT_THE_PEER), S.REVERSED),
    },
)


def has_end(status: PaymentStatus, reversal_ordered_at: datetime | None) -> bool:
    """Our books expect nothing more of it: neither is its money on its way, nor back and waiting, nor wanted back."""
    wanted_back = reversal_ordered_at is not None and status is not S.REVERSED
    return status not in OPEN_ENDED and not wanted_back


def may_be_tried(status: PaymentStatus, last_error: str | None) -> bool:
    """Whether a worker has anything to ask about what was parked: of a payment that was given up nothing, and a second
    transfer beside a settled one is not seen by looking at the first."""
    twice = last_error is not None and last_error.startswith(SECOND_TRANSFER)
    return status not in NOT_LIVE and not (twice and status is S.SETTLED)


class PaymentNotFound(NotFound):
    code = "payment-not-found"
    title = "There is no such payment"


class ThirdPersonNeeded(NotAllowed):
    code = "third-person-needed"
    title = "Who drafted, submitted or accepted an act does not order its payment"


class ActNotAccepted(WrongState):
    code = "act-not-accepted"
    title = "Only an accepted act is paid"


class PaymentExists(Conflict):
    code = "payment-exists"
    title = "This act has a payment already"


class NothingToPay(RuleBroken):
    code = "nothing-to-pay"
    title = "An act of zero is not paid"


class PaidByFile(WrongState):
    code = "payment-by-file"
    title = "This payment goes through the bank's file: the bank is asked to call it back"


class RecoveryFirst(Conflict):
    code = "recovery-first"
    title = "The organisation owes money of an earlier payment: set it off first"


class NothingToSetOff(RuleBroken):
    code = "nothing-to-set-off"
    title = "The organisation owes nothing that this act could pay"


class MoreThanPaid(RuleBroken):
    code = "more-than-paid"
    title = "More came back than this payment brought: decide what it is, and say why"


class NotParked(WrongState):
    code = "payment-not-parked"
    title = "This payment is not waiting for a person"


class NothingToTry(WrongState):
    code = "payment-nothing-to-try"
    title = "Nothing more is tried of this payment: two people resolve its case"


class ReversalOrdered(Conflict):
    code = "reversal-already-ordered"
    title = "The money of this payment was called back before"


def check_third_person(actor_id: UUID | None, *earlier: UUID | None) -> UUID:
    """The orderer, a person who had no part in the act. ``earlier``: drafter, submitter, accepter."""
    if actor_id is None or actor_id in earlier:
        raise ThirdPersonNeeded(rule="three-persons")
    return actor_id


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the worker waits for what. Real seconds, whatever the database's clock shows.

    ``lease``: a payment in a worker's hands is taken by another after this; above the longest try (four calls that time
    out), below the minute in which a dead worker's payments must move again. ``first_pause`` doubles up to
    ``longest_pause`` between tries to send, up to ``longest_look`` between looks at a payout. ``watch``, ``watches``: a
    settled payment is looked at again, as banks send money back up to five working days later. ``key_life``: after
    this the server may have forgotten an idempotency key (Stripe: 24 hours), so accounts are looked up before they are
    made. ``doubt``: how long after the first try a replayed "500" is believed to have made nothing. ``strikes``: tries
    in a row that ended in a dead worker, or in an answer that told nothing, after which a payment waits for a person.
    """

    lease: float = 40.0
    first_pause: float = 1.0
    longest_pause: float = 30.0
    longest_look: float = 3600.0
    watch: float = 86_400.0
    watches: int = 7
    key_life: float = 23 * 3600.0
    doubt: float = 20.0
    strikes: int = 5


def pause_after(tries: int, patience: Patience, *, longest: float, dice: float) -> timedelta:
    """Doubling from the first pause, at most ``longest``, then spread over half to the whole by ``dice`` in [0, 1)."""
    grown: float = min(patience.first_pause * 2.0 ** min(max(tries - 1, 0), 30), longest)
    return timedelta(seconds=grown * (0.5 + dice / 2))


class Fate(StrEnum):
    """Where the money of a transfer is, by the payment server's books alone."""

    WAITING = "waiting"  # on the payee's account there, or on its way to the bank
    PAID = "paid"  # the payout that carries it is paid
    BACK = "back"  # that payout failed, and no other carries it
    REVERSED = "reversed"  # taken back to us whole


def verb_for(status: PaymentStatus, fate: Fate) -> str | None:
    """The verb that brings the payment to what the server's books say; None where it stands there already.

    Only the final fate decides: duplicates, lost and reordered news lead to the same status. A settled payment whose
    payout came back and waits for the next one is returned: the payee does not have the money.
    """
    match fate:
        case Fate.PAID:
            verb, goal = "settled", S.SETTLED
        case Fate.BACK:
            verb, goal = "returned", S.RETURNED
        case Fate.REVERSED:
            verb, goal = "reversed", S.REVERSED
        case Fate.WAITING:
            return "returned" if status is S.SETTLED else None
    return None if status is goal else verb


def next_look(status: PaymentStatus, looks: int, patience: Patience, dice: float) -> timedelta | None:
    """The pause before the next look at a payment that stays as it is after ``looks``; None: never again unasked."""
    match status:
        case S.SENT:
            return pause_after(looks, patience, longest=patience.longest_look, dice=dice)
        case S.SETTLED if looks < patience.watches:
            return timedelta(seconds=patience.watch)
        case S.RETURNED:
            return pause_after(looks, patience, longest=patience.watch, dice=dice)
    return None


def is_past_doubt(first_tried_at: datetime | None, now: datetime, patience: Patience) -> bool:
    return first_tried_at is not None and (now - first_tried_at).total_seconds() >= patience.doubt


def is_key_aged(first_tried_at: datetime | None, now: datetime, patience: Patience) -> bool:
    """``now`` may be a demonstration's clock: it only runs ahead, so a key is never thought younger than it is."""
    return first_tried_at is not None and (now - first_tried_at).total_seconds() >= patience.key_life
