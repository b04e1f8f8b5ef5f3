"""What a round's outcome says to its holder, as statements a page puts into words: why here, why not the first wish,
why the wait goes on, what would change it. Pure; read off the stored outcome, nothing is guessed.

A preferred offer that was full is told by what the policy proves of it: under *welfare* that its places do more good
for those who have them, under *stable* that those who have them come first. No statement holds a position in a line.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from market.placement.rules import Outcome, PlacementStatus, Policy, Reason


class Topic(StrEnum):
    HERE = "here"
    PREFERRED = "preferred"  # what the holder would have liked better
    WAIT = "wait"
    CHANGE = "change"


class Saying(StrEnum):
    FIRST_WISH = "first-wish"
    LATER_WISH = "later-wish"  # rank
    NEAREST = "nearest"
    NEARER_FULL = "nearer-full"
    DISTANCE = "distance"  # metres, from the home's town or village
    FULL_MORE_GOOD = "full-more-good"  # count
    FULL_CAME_FIRST = "full-came-first"  # count
    NOBODY_SUITS = "nobody-suits"
    ALL_FULL_MORE_GOOD = "all-full-more-good"  # count
    ALL_FULL_CAME_FIRST = "all-full-came-first"  # count
    ONE_MORE_PLACE = "one-more-place"  # at the offer that suits best it would have been used
    STAYS_IN_EVERY_ROUND = "stays-in-every-round"
    BOOK_WHAT_IS_FREE = "book-what-is-free"
    DECLINING_KEEPS_THE_WAIT = "declining-keeps-the-wait"
    SILENCE_KEEPS_THE_WAIT = "silence-keeps-the-wait"


@dataclass(frozen=True, slots=True)
class Statement:
    topic: Topic
    saying: Saying
    values: dict[str, int] = field(default_factory=dict)


_HERE = {
    Reason.FIRST_WISH: Saying.FIRST_WISH,
    Reason.LATER_WISH: Saying.LATER_WISH,
    Reason.NEAREST: Saying.NEAREST,
    Reason.NEARER_FULL: Saying.NEARER_FULL,
}
_FULL = {Policy.WELFARE: Saying.FULL_MORE_GOOD, Policy.STABLE: Saying.FULL_CAME_FIRST}
_ALL_FULL = {Policy.WELFARE: Saying.ALL_FULL_MORE_GOOD, Policy.STABLE: Saying.ALL_FULL_CAME_FIRST}


def explain(outcome: Outcome, policy: Policy, *, placement: PlacementStatus | None = None) -> list[Statement]:
    """``placement``: how the place that the round offered stands today."""
    if outcome.reason is Reason.NO_ELIGIBLE_OFFER:
        nobody = Statement(Topic.WAIT, Saying.NOBODY_SUITS)
        return [nobody, Statement(Topic.CHANGE, Saying.STAYS_IN_EVERY_ROUND)]
    if outcome.reason is Reason.CAPACITY:
        return _of_wait(outcome, policy)
    return _of_seat(outcome, policy, placement)


def _of_wait(outcome: Outcome, policy: Policy) -> list[Statement]:
    said = [Statement(Topic.WAIT, _ALL_FULL[policy], {"count": outcome.nearer_full or 0})]
    if outcome.price:
        said.append(Statement(Topic.WAIT, Saying.ONE_MORE_PLACE))
    change = (Saying.STAYS_IN_EVERY_ROUND, Saying.BOOK_WHAT_IS_FREE)
    return said + [Statement(Topic.CHANGE, saying) for saying in change]


def _of_seat(outcome: Outcome, policy: Policy, placement: PlacementStatus | None) -> list[Statement]:
    rank = {"rank": outcome.rank} if outcome.reason is Reason.LATER_WISH and outcome.rank else {}
    said = [Statement(Topic.HERE, _HERE[outcome.reason], rank)]
    if outcome.distance_m is not None:
        said.append(Statement(Topic.HERE, Saying.DISTANCE, {"metres": outcome.distance_m}))
    if outcome.nearer_full:
        said.append(Statement(Topic.PREFERRED, _FULL[policy], {"count": outcome.nearer_full}))
        if outcome.price:
            said.append(Statement(Topic.PREFERRED, Saying.ONE_MORE_PLACE))
    if placement is PlacementStatus.OFFERED:
        change = (Saying.DECLINING_KEEPS_THE_WAIT, Saying.SILENCE_KEEPS_THE_WAIT)
        said += [Statement(Topic.CHANGE, saying) for saying in change]
    return said
