from enum import StrEnum


class RequestStatus(StrEnum):
    WAITING = "waiting"
    PLACED = "placed"  # an offer is open or accepted
    CLOSED = "closed"


class PlacementStatus(StrEnum):
    OFFERED = "offered"  # by a round; the holder answers
    REQUESTED = "requested"  # by the holder; the provider answers
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    ENDED = "ended"


class RoundStatus(StrEnum):
    REQUESTED = "requested"
    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"


class Policy(StrEnum):
    WELFARE = "welfare"
    STABLE = "stable"


class Reason(StrEnum):
    """Why a round decided as it did, for each request."""

    FIRST_WISH = "first-wish"
    LATER_WISH = "later-wish"  # the wishes before it were full for this tier
    NEAREST = "nearest"
    NEARER_FULL = "nearer-full"
    NO_ELIGIBLE_OFFER = "no-eligible-offer"
    CAPACITY = "capacity"
