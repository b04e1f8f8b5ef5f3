"""What a round came to, as its row keeps it: the figures that were counted when it ended. Light enough for any page."""

from dataclasses import dataclass

from market.catalogue.rules import CareSetting, ServiceKind
from market.placement.rules import Reason, Round

HISTOGRAM_M = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 150_000)  # metres; beyond stands by itself
QUANTILES = (10, 25, 50, 75, 90, 99, 100)


@dataclass(frozen=True, slots=True)
class Served:
    """How many asked, and how many of them got a place."""

    asked: int
    served: int

    @property
    def waiting(self) -> int:
        return self.asked - self.served

    @property
    def share(self) -> float | None:
        return self.served / self.asked if self.asked else None


@dataclass(frozen=True, slots=True)
class Figures:
    """``by_rank[0]``: got a place nobody had named; ``by_rank[n]``: got the n-th wish. ``histogram`` stands beside
    ``HISTOGRAM_M`` with one more for what is further. ``wished``: of those who named a wish. ``most_of_one``: the most
    requests that one person has among them."""

    by_tier: tuple[Served, ...]
    wished: Served
    by_rank: tuple[int, ...]
    quantiles: dict[int, int]
    mean_m: int | None
    histogram: tuple[int, ...]
    by_service: dict[tuple[ServiceKind, CareSetting], Served]
    by_locality: dict[int, Served]
    reasons: dict[Reason, int]
    most_of_one: int


def figures_of(one: Round) -> Figures | None:
    """None for a round that is not complete, or that ended before figures were kept."""
    facts = one.facts or {}
    kept = facts.get("figures")
    if kept is None:
        return None
    by_service = {}
    for key, pair in kept["by_service"].items():
        kind, setting = key.split(" ")
        by_service[ServiceKind(kind), CareSetting(setting)] = Served(*pair)
    tiers = zip(kept["asked_by_tier"], kept["served_by_tier"], strict=True)
    return Figures(
        by_tier=tuple(Served(asked, served) for asked, served in tiers),
        wished=Served(kept["wished"], kept["wished_served"]),
        by_rank=tuple(kept["served_by_rank"]),
        quantiles={int(q): value for q, value in kept["quantiles"].items()},
        mean_m=kept["mean_m"],
        histogram=tuple(kept["histogram"]),
        by_service=dict(sorted(by_service.items())),
        by_locality={int(place): Served(*pair) for place, pair in kept["by_locality"].items()},
        reasons={reason: facts["reasons"].get(reason.value, 0) for reason in Reason},
        most_of_one=kept["most_of_one"],
    )
