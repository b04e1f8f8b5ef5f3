"""Budgets, staff-hours and bundles: the two gaps that are proven within a time limit, of people and of cost.

People: of the tier where it is largest, how many more might be served with as many of those before it, as a share of
what might be. Cost: of serving so many of each tier. Hours are shared out by small providers (some 25 people each) or
by large ones.
The people live on a square of 60 km; capacity is a little less than what they need.
"""

import os
import time

import numpy as np

from matching.coupled import DEFAULT_LIMIT
from matching.instance import Instance
from matching.result import Result, Status
from matching.solve import solve
from matching.verify import verify
from tests.bench.report import publish

SECONDS = float(os.environ.get("MARKET_BENCH_SECONDS", str(DEFAULT_LIMIT)))
LIMITS = {"budget": 1e-4, "staff_hours": 5e-3, "staff_hours_large": 5e-3, "bundles": 1e-4}
LIMITS |= {f"{name}_people": limit for name, limit in LIMITS.items()}
# towns of hours, each with other people, of which the worst counts
SEEDS = int(os.environ.get("MARKET_BENCH_SEEDS", "2"))
NEAREST = 12
WORKERS = 2


def instance(
    requests: int, slots: int, *, sizes: bool = False, budget: bool = False, services: int = 1, seed: int = 1
) -> Instance:
    """`services` > 1: so many requests belong to one person, who wants one provider for all of them."""
    rng = np.random.default_rng(seed)
    people, points = requests // services, slots // services
    homes, at = rng.random((people, 2)) * 600, rng.random((points, 2)) * 600
    distance = np.sqrt(((homes[:, None] - at) ** 2).sum(axis=2)).astype(np.int64)
    near = np.sort(np.argsort(distance, axis=1, kind="stable")[:, :NEAREST], axis=1)
    person = np.repeat(np.arange(people), services)
    service = np.tile(np.arange(services), people)
    size = rng.integers(2, 13, len(person)) if sizes else np.ones(len(person), dtype=np.int64)
    tier = rng.integers(0, 4, people)[person]
    places = np.maximum(rng.poisson(0.97 * size.sum() / (points * services), points * services), 1)
    cost = np.take_along_axis(distance, near, axis=1)[person].ravel()
    return Instance(
        slot_ids=tuple(f"s{slot}" for slot in range(points * services)),
        capacity=places.astype(np.int64),
        request_ids=tuple(f"r{at}" for at in range(len(person))),
        tier=tier,
        size=size,
        first_arc=np.arange(0, NEAREST * len(person) + 1, NEAREST),
        arc_slot=(near[person] * services + service[:, None]).ravel(),
        arc_cost=cost,
        slot_provider=np.repeat(np.arange(points), services) if services > 1 else None,
        provider_ids=tuple(f"p{point}" for point in range(points)) if services > 1 else (),
        group=person if services > 1 else None,
        group_ids=tuple(f"g{at}" for at in range(people)) if services > 1 else (),
        **(money(rng, len(person)) if budget else {"spend": np.zeros((0, NEAREST * len(person)), dtype=np.int64)}),
    )


def money(rng: np.random.Generator, requests: int) -> dict[str, object]:
    """Every candidate has its tariff; the budget pays for nine in ten."""
    tariff = rng.integers(50, 150, requests * NEAREST)
    return {
        "budget_ids": ("almaty",),
        "budget_limit": np.array([int(tariff.mean() * requests * 0.9)]),
        "spend": tariff.reshape(1, -1),
    }


def measured(here: Instance) -> dict[str, object]:
    started, core = time.perf_counter(), time.process_time()
    result = solve(here, time_limit=SECONDS, workers=WORKERS)
    seconds, core = time.perf_counter() - started, time.process_time() - core
    violation = verify(here, result)
    return {
        "requests": len(here.request_ids), "arcs": len(here.arc_slot), "status": result.status, "gap": result.gap,
        "served_by_tier": result.served_by_tier, "most_by_tier": result.most_by_tier,
        "people_gap": people_gap(here, result), "tiers_proven": result.tiers_proven,
        "tiers": here.tiers, "seconds": round(seconds, 2), "core_seconds": round(core, 2),
        "verified": violation is None and result.status is not Status.INFEASIBLE,
    }  # fmt: skip


def worst(slots: int) -> dict[str, object]:
    """Of each gap the largest, beside what was measured in every town."""
    towns = [measured(instance(2000, slots, sizes=True, seed=seed + 1)) for seed in range(SEEDS)]
    gaps = {name: max(float(str(town[name])) for town in towns) for name in ("gap", "people_gap")}
    return {**gaps, "verified": all(town["verified"] for town in towns), "towns": towns}


def people_gap(here: Instance, result: Result) -> float:
    """Nothing said: of the tiers that are not proven everybody might be served."""
    alone = np.bincount(here.tier[here.servable], minlength=here.tiers).tolist()
    known = [count if tier < result.tiers_proven else alone[tier] for tier, count in enumerate(result.served_by_tier)]
    most = result.most_by_tier or known
    return max((high - count) / max(1, high) for count, high in zip(result.served_by_tier, most, strict=True))


def main() -> None:
    figures: dict[str, object] = {
        "budget": measured(instance(4000, 120, budget=True)),
        "staff_hours": worst(80),
        "staff_hours_large": worst(20),
        "bundles": measured(instance(15000, 240, services=3)),
    }
    told = {name: part for name, part in figures.items() if isinstance(part, dict)}
    ratio = {name: float(part["gap"]) for name, part in told.items()}
    ratio |= {f"{name}_people": float(part["people_gap"]) for name, part in told.items()}
    publish("matching_coupled", figures, ratio=ratio, limits=LIMITS)


if __name__ == "__main__":
    main()
