"""What a round's outcome says to its holder, as statements a page puts into words: why here, why not the first wish,
why the wait goes on, what would change it. Pure; read off the stored outcome and its grounds, nothing is guessed.

A preferred offer that was full is told by what the policy proves of it: under *welfare* that its places do more good
for those who have them, under *stable* that those who have them come first. No statement holds a position in a line.
Every statement about an offer names it, with the figures it can be checked by (see ``contesting``).
"""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from market.placement.grounds import Grounds, Seen
from market.placement.rules import Outcome, PlacementStatus, Policy, Reason
from market.placement.terms import COST_UNIT_M, RANK_STEP
from matching.explain import worth


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
    BEYOND_REACH = "beyond-reach"  # metres to the nearest offer that would suit but for its distance
    ALL_FULL_MORE_GOOD = "all-full-more-good"  # count
    ALL_FULL_CAME_FIRST = "all-full-came-first"  # count
    NO_PLACES_THERE = "no-places-there"  # it had none free when the round began
    LIMIT_REACHED_THERE = "limit-reached-there"  # a limit over several offers, not its own places
    MORE_URGENT_THERE = "more-urgent-there"  # tier, last_tier, places, used, and both prices
    AS_URGENT_THERE = "as-urgent-there"
    BEST_FOR_ALL_THERE = "best-for-all-there"  # everybody served sits so that wishes and ways together are best
    CAME_FIRST_THERE = "came-first-there"
    ONE_MORE_PLACE = "one-more-place"  # at the offer that suits best it would have been used
    ONE_MORE_SERVES = "one-more-serves"  # serves: one more person of that tier would have a place
    ONE_MORE_SAVES_WISHES = "one-more-saves-wishes"  # wishes: so many steps of wishes fewer are missed
    ONE_MORE_SAVES_WAY = "one-more-saves-way"  # metres: all ways together are so much shorter
    PLACE_OPENS = "place-opens"  # one more place there would have been enough
    STAYS_IN_EVERY_ROUND = "stays-in-every-round"
    BOOK_WHAT_IS_FREE = "book-what-is-free"
    DECLINING_KEEPS_THE_WAIT = "declining-keeps-the-wait"
    SILENCE_KEEPS_THE_WAIT = "silence-keeps-the-wait"


@dataclass(frozen=True, slots=True)
class Statement:
    """``values``: the figures it is made of, by the names in ``Saying``; ``offer_id``: the offer it speaks of."""

    topic: Topic
    saying: Saying
    values: dict[str, int] = field(default_factory=dict)
    offer_id: UUID | None = None


_HERE = {
    Reason.FIRST_WISH: Saying.FIRST_WISH,
    Reason.LATER_WISH: Saying.LATER_WISH,
    Reason.NEAREST: Saying.NEAREST,
    Reason.NEARER_FULL: Saying.NEARER_FULL,
}
_FULL = {Policy.WELFARE: Saying.FULL_MORE_GOOD, Policy.STABLE: Saying.FULL_CAME_FIRST}
_ALL_FULL = {Policy.WELFARE: Saying.ALL_FULL_MORE_GOOD, Policy.STABLE: Saying.ALL_FULL_CAME_FIRST}


def explain(
    outcome: Outcome, policy: Policy, *, placement: PlacementStatus | None = None, grounds: Grounds | None = None
) -> list[Statement]:
    """``placement``: how the place that the round offered stands today. ``grounds`` None: the round kept none."""
    if outcome.reason is Reason.NO_ELIGIBLE_OFFER:
        return _of_nobody(grounds)
    if outcome.reason is Reason.CAPACITY:
        return _of_wait(outcome, policy, grounds)
    return _of_seat(outcome, policy, placement, grounds)


def _of_nobody(grounds: Grounds | None) -> list[Statement]:
    """``wanted``: the nearest offer that would suit but for its distance."""
    said = [Statement(Topic.WAIT, Saying.NOBODY_SUITS)]
    if grounds is not None and grounds.wanted is not None:
        near = grounds.wanted
        said.append(Statement(Topic.CHANGE, Saying.BEYOND_REACH, {"metres": near.distance_m}, near.offer_id))
    return [*said, Statement(Topic.CHANGE, Saying.STAYS_IN_EVERY_ROUND)]


def _of_wait(outcome: Outcome, policy: Policy, grounds: Grounds | None) -> list[Statement]:
    said = [Statement(Topic.WAIT, _ALL_FULL[policy], {"count": outcome.nearer_full or 0})]
    said += _of_wanted(Topic.WAIT, outcome, grounds)
    change = (Saying.STAYS_IN_EVERY_ROUND, Saying.BOOK_WHAT_IS_FREE)
    return [*said, *_openings(grounds), *(Statement(Topic.CHANGE, saying) for saying in change)]


def _of_seat(
    outcome: Outcome, policy: Policy, placement: PlacementStatus | None, grounds: Grounds | None
) -> list[Statement]:
    rank = {"rank": outcome.rank} if outcome.reason is Reason.LATER_WISH and outcome.rank else {}
    said = [Statement(Topic.HERE, _HERE[outcome.reason], rank, outcome.offer_id)]
    if outcome.distance_m is not None:
        said.append(Statement(Topic.HERE, Saying.DISTANCE, {"metres": outcome.distance_m}, outcome.offer_id))
    if outcome.nearer_full:
        said.append(Statement(Topic.PREFERRED, _FULL[policy], {"count": outcome.nearer_full}))
        said += [*_of_wanted(Topic.PREFERRED, outcome, grounds), *_openings(grounds)]
    if placement is PlacementStatus.OFFERED:
        change = (Saying.DECLINING_KEEPS_THE_WAIT, Saying.SILENCE_KEEPS_THE_WAIT)
        said += [Statement(Topic.CHANGE, saying) for saying in change]
    return said


def _of_wanted(topic: Topic, outcome: Outcome, grounds: Grounds | None) -> list[Statement]:
    """The best of the preferred offers: who got its places, and what one more would do."""
    if grounds is None or grounds.wanted is None:
        return [Statement(topic, Saying.ONE_MORE_PLACE)] if outcome.price else []
    wanted = grounds.wanted
    said = [Statement(topic, _who_is_there(grounds, wanted), _figures(grounds, wanted), wanted.offer_id)]
    return [*said, *(Statement(topic, saying, values, wanted.offer_id) for saying, values in _worth(grounds, wanted))]


def _who_is_there(grounds: Grounds, wanted: Seen) -> Saying:
    if wanted.used < wanted.places:
        return Saying.LIMIT_REACHED_THERE
    if wanted.last_tier is None:
        return Saying.NO_PLACES_THERE
    if grounds.policy is Policy.STABLE:
        return Saying.CAME_FIRST_THERE
    if grounds.seated:
        return Saying.BEST_FOR_ALL_THERE
    return Saying.MORE_URGENT_THERE if wanted.last_tier < grounds.tier else Saying.AS_URGENT_THERE


def _figures(grounds: Grounds, seen: Seen) -> dict[str, int]:
    figures = {
        "places": seen.places,
        "used": seen.used,
        "tier": grounds.tier,
        "serving_price": seen.serving_price,
        "seating_price": seen.seating_price,
    }
    return figures if seen.last_tier is None else figures | {"last_tier": seen.last_tier}


def _worth(grounds: Grounds, wanted: Seen) -> list[tuple[Saying, dict[str, int]]]:
    """What one more place there would do: serve one more person, else bring those who are served nearer to their
    wishes, else shorten their ways. Nothing is said where it would only change who of one tier is served."""
    if not grounds.penalty_by_tier:
        return []
    serving, seating = wanted.serving_price, wanted.seating_price
    if serving:
        tier = worth(serving, grounds.penalty_by_tier).tier
        return [] if tier is None else [(Saying.ONE_MORE_SERVES, {"serves": tier, "serving_price": serving})]
    if not seating:
        return []
    wishes = (seating + RANK_STEP // 2) // RANK_STEP
    if wishes:
        return [(Saying.ONE_MORE_SAVES_WISHES, {"wishes": wishes, "seating_price": seating})]
    return [(Saying.ONE_MORE_SAVES_WAY, {"metres": seating * COST_UNIT_M, "seating_price": seating})]


def _openings(grounds: Grounds | None) -> list[Statement]:
    if grounds is None:
        return []
    return [
        Statement(Topic.CHANGE, Saying.PLACE_OPENS, _figures(grounds, one) | {"metres": one.distance_m}, one.offer_id)
        for one in grounds.opens
    ]
