"""The report of a round, as it is kept: how it treated people under both policies, where places were missing, what one
more place would be worth. Light enough for any page; counted by ``equity`` and ``diagnosis`` when the round has ended.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.placement.rules import Policy
from matching.fairness import Share

Kept = dict[str, Any]  # JSON


@dataclass(frozen=True, slots=True)
class Treated:
    """What one policy did. Pairs are (served, of)."""

    policy: Policy
    served: Share
    by: dict[str, dict[str, Share]]
    distance: dict[int, int]
    distance_by_tier: dict[int, dict[int, int]]
    ranks: dict[int, int]
    envy: int
    idle: int
    cost: int


@dataclass(frozen=True, slots=True)
class Fairness:
    """``other`` None: requests of different sizes, which only one policy places. ``better_here``: so many are better
    off than they would be under the other policy."""

    own: Treated
    other: Treated | None
    better_here: int
    better_there: int
    same: int


@dataclass(frozen=True, slots=True)
class Part:
    """``requests`` people could go to ``offers`` offers with ``places`` places, and nowhere else: ``short`` wait.
    ``localities``: where most of them live, with how many; ``others``: in how many more places."""

    kind: str
    setting: str
    unit: str
    requests: int
    places: int
    offers: int
    short_by_tier: tuple[int, ...]
    localities: tuple[tuple[int, int], ...]
    others: int

    @property
    def short(self) -> int:
        return self.requests - self.places


@dataclass(frozen=True, slots=True)
class Valued:
    """What one more place is worth: it serves one more of ``tier`` (None: nobody new) and saves ``saving`` cost units.
    ``serving``: at how many offers of the region one more place would serve one more."""

    offer_id: UUID
    price: int
    tier: int | None
    saving: int
    serving: int = 0


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """``parts_in_all``, ``short_in_all``: also of those that are not listed. ``regions``: by region the best offer of
    it; nothing where no prices prove the answer."""

    parts: tuple[Part, ...]
    parts_in_all: int
    short_in_all: int
    offers: tuple[Valued, ...]
    regions: dict[str, Valued]


def read_fairness(kept: Kept) -> Fairness:
    other = kept.get("other")
    return Fairness(
        own=_treated(kept["own"]),
        other=_treated(other) if other else None,
        better_here=kept.get("better_here", 0),
        better_there=kept.get("better_there", 0),
        same=kept.get("same", 0),
    )


def _treated(kept: Kept) -> Treated:
    return Treated(
        policy=Policy(kept["policy"]),
        served=Share(*kept["served"]),
        by={name: {key: Share(*pair) for key, pair in shares.items()} for name, shares in kept["by"].items()},
        distance={int(q): value for q, value in kept["distance"].items()},
        distance_by_tier={
            int(tier): {int(q): value for q, value in own.items()} for tier, own in kept["distance_by_tier"].items()
        },
        ranks={int(rank): count for rank, count in kept["ranks"].items()},
        envy=kept["envy"],
        idle=kept["idle"],
        cost=kept["cost"],
    )


def read_diagnosis(kept: Kept) -> Diagnosis | None:
    """None where nothing could be told apart: requests of different sizes, or nobody asked."""
    if not kept:
        return None
    return Diagnosis(
        parts=tuple(_read_part(one) for one in kept["parts"]),
        parts_in_all=kept["parts_in_all"],
        short_in_all=kept["short_in_all"],
        offers=tuple(_read_valued(one) for one in kept["offers"]),
        regions={code: _read_valued(one) for code, one in kept["regions"].items()},
    )


def _read_part(kept: Kept) -> Part:
    kind, setting, unit = kept["service"]
    return Part(
        kind, setting, unit, kept["requests"], kept["places"], kept["offers"], tuple(kept["short_by_tier"]),
        tuple((place, count) for place, count in kept["localities"]), kept["others"],
    )  # fmt: skip


def _read_valued(kept: list[Any]) -> Valued:
    return Valued(UUID(hex=kept[0]), *kept[1:])


@dataclass(frozen=True, slots=True)
class RoundReport:
    made_at: datetime
    fairness: Fairness
    diagnosis: Diagnosis | None


def read_report(made_at: datetime, fairness: Kept, diagnosis: Kept) -> RoundReport:
    return RoundReport(made_at, read_fairness(fairness), read_diagnosis(diagnosis))
