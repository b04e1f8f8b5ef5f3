"""The matcher's kernels beside bare OR-Tools on the same arcs in the same run: classes, addresses, live events.

Synthetic towns: people and slots cluster around centres, every slot within a radius is a candidate.
``MARKET_BENCH_PEOPLE`` scales it (one service of the nation is about 55,000).
"""

import os
import resource
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter, process_time, thread_time
from typing import TypeVar

import numpy as np
from ortools.graph.python import min_cost_flow

from matching.certify import penalty_by_tier
from matching.classes import Classes
from matching.lists import solve_by_lists
from matching.live import State
from matching.outcome import ClassResult, verify_outcome
from matching.snapshot import drifted
from matching.welfare import solve_classes
from matching.whatif import Places, WhatIf, places_to_add
from tests.bench.report import publish

T = TypeVar("T")

PEOPLE = int(os.environ.get("MARKET_BENCH_PEOPLE", "20000"))
EVENTS = int(os.environ.get("MARKET_BENCH_EVENTS", "5000"))
LIMITS = {
    "classes": 2.5, "addresses": 0.35, "arrival_p99_ms": 1.0, "departure_p99_ms": 3.0, "closure_ms": 100.0,
}  # fmt: skip


def towns(
    people: int,
    slots: int,
    *,
    localities: int | None = None,
    seed: int = 1,
    area: tuple[int, int] = (15_000, 9_000),
    even: float = 0.5,
) -> tuple[Classes, list[np.ndarray]]:
    """In units of 100 m; cells of 32 km, 8 km and 2 km. With `localities` everybody lives in the middle of one; the
    more `even`, the more alike the towns are in size."""
    rng = np.random.default_rng(seed)
    centres, share = rng.random((20, 2)) * area, rng.dirichlet(np.full(20, even))

    def points(count: int) -> np.ndarray:
        spread = np.where(rng.random(count) < 0.4, 600, 80)[:, None]
        return centres[rng.choice(20, count, p=share)] + rng.normal(0, 1, (count, 2)) * spread

    homes, at = points(localities or people), points(slots)
    rows = [np.nonzero(np.hypot(*(homes[s : s + 1000, None] - at).transpose(2, 0, 1)) <= 1500)
            for s in range(0, len(homes), 1000)]  # fmt: skip
    row = np.concatenate([part[0] + 1000 * nth for nth, part in enumerate(rows)])
    slot = np.concatenate([part[1] for part in rows])
    cost = np.hypot(*(homes[row] - at[slot]).T).astype(np.int64)
    capacity = rng.integers(1, 2 * int(0.97 * people) // slots + 1, slots)
    cells = [np.floor(homes / size).astype(np.int64) @ np.array([100_000, 1]) for size in (320, 80, 20)]
    classes = Classes.from_arrays(
        capacity=capacity, tier=rng.integers(0, 4, len(homes)), count=np.ones(len(homes), dtype=np.int64),
        first_arc=np.searchsorted(row, np.arange(len(homes) + 1)), arc_slot=slot, arc_cost=cost,
    )  # fmt: skip
    if localities:
        classes = replace(classes, count=rng.multinomial(people, rng.dirichlet(np.full(len(homes), 0.4))))
    return classes, [cell - cell.min() for cell in cells]


def bare(classes: Classes) -> tuple[int, float, float]:
    """(objective, seconds of the solve alone by the clock, and of the core): one penalised flow, handed over in
    arrays."""
    rows, slots = len(classes.count), len(classes.capacity)
    penalty = np.array(penalty_by_tier(slots, int(classes.arc_cost.max()), classes.tiers))[classes.tier]
    solver, sink, owner = min_cost_flow.SimpleMinCostFlow(), rows + slots, classes.owners()
    solver.add_arcs_with_capacity_and_unit_cost(owner, rows + classes.arc_slot, classes.count[owner], classes.arc_cost)
    solver.add_arcs_with_capacity_and_unit_cost(np.arange(rows), np.full(rows, sink), classes.count, penalty)
    ends = rows + np.arange(slots), np.full(slots, sink)
    solver.add_arcs_with_capacity_and_unit_cost(*ends, classes.capacity, np.zeros(slots, dtype=np.int64))
    nodes, supply = np.append(np.arange(rows), sink), np.append(classes.count, -classes.count.sum())
    solver.set_nodes_supplies(nodes, supply)
    started, core = perf_counter(), process_time()
    assert solver.solve() == solver.OPTIMAL
    return solver.optimal_cost(), perf_counter() - started, process_time() - core


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Seconds of the core: what else the machine does is not in them."""
    started = process_time()
    answer = work()
    return answer, process_time() - started


def solved(classes: Classes, cells: list[np.ndarray] | None) -> dict[str, object]:
    objective, _, base = bare(classes)
    solve = (lambda: solve_by_lists(classes, cells).result) if cells else (lambda: solve_classes(classes))
    result, seconds = timed(solve)
    violation, check = timed(lambda: verify_outcome(classes, result))
    penalty = np.array(result.penalty_by_tier)[classes.tier]
    return {
        "rows": len(classes.count), "arcs": len(classes.arc_slot), "bare_seconds": round(base, 3),
        "seconds": round(seconds, 3), "certificate_seconds": round(check, 3), "verified": violation is None,
        "equal_objective": result.cost + int(result.waiting @ penalty) == objective,
        "ratio": round((seconds + check) / base, 3),
    }  # fmt: skip


def lived(
    classes: Classes, *, rearranges: bool, found: ClassResult | None = None, events: int = EVENTS
) -> dict[str, object]:
    """Milliseconds of one core (and of the clock: what else the machine does is in them)."""
    state, start = timed(lambda: State(classes, rearranges=rearranges, found=found))
    rng, watch = np.random.default_rng(5), Watch()
    owner = classes.owners()
    for _ in range(events):
        row = int(rng.integers(0, len(state.tier)))
        watch.see("arrival", lambda row=row: state.arrive(row))
        arc = int(rng.integers(0, len(owner)))
        while not state.sits(int(owner[arc]), int(classes.arc_slot[arc])):
            arc = int(rng.integers(0, len(owner)))
        watch.see("departure", lambda arc=arc: state.leave(int(owner[arc]), int(classes.arc_slot[arc])))
    people = []
    for slot in np.argsort(-state.taken)[:5].tolist():
        people.append(int(state.taken[slot]))
        watch.see("closure", lambda slot=slot: state.resize(slot, 0))
        watch.see("new_place", lambda slot=slot: state.resize(slot, 10))
    drift, seconds = timed(lambda: drifted(state))
    return {
        "slots": len(state.capacity), "rows": len(state.tier), "start_seconds": round(start, 3),
        "events": 2 * events + 10, "drifted": drift is not None, "proof_seconds": round(seconds, 3),
        "closure_people": people, **watch.figures(),
    }  # fmt: skip


def closed(classes: Classes, found: Callable[[Classes], ClassResult]) -> dict[str, object]:
    """A slot of 500 people closes, and nothing else has happened: milliseconds of one core."""
    owner = classes.owners()
    order = np.lexsort((classes.arc_cost, owner))
    nearest = order[np.flatnonzero(np.diff(owner[order], prepend=-1))]
    slot = int(np.bincount(classes.arc_slot[nearest], classes.count[owner[nearest]]).argmax())
    capacity = classes.capacity.copy()
    capacity[slot] = 500
    crowded = replace(classes, capacity=capacity)
    result, told = found(crowded), {}
    for rearranges in (False, True):
        state = State(crowded, rearranges=rearranges, found=result)
        people, core = int(state.taken[slot]), thread_time()
        moves = state.resize(slot, 0)
        told["rearranging_ms" if rearranges else "ms"] = round(1000 * (thread_time() - core), 3)
        told["rearranging_moves" if rearranges else "moves"] = len(moves)
    return {"people": people, **told}


class Watch:
    def __init__(self) -> None:
        self.seen: dict[str, list[tuple[float, float]]] = {}

    def see(self, name: str, event: Callable[[], object]) -> None:
        clock, core = perf_counter(), thread_time()
        event()
        self.seen.setdefault(name, []).append((thread_time() - core, perf_counter() - clock))

    def figures(self) -> dict[str, dict[str, dict[str, float]]]:
        return {
            f"{name}_ms": {"core": spread([core for core, _ in seen]), "clock": spread([clock for _, clock in seen])}
            for name, seen in self.seen.items()
        }


def spread(seconds: list[float]) -> dict[str, float]:
    return {f"p{at}": round(1000 * float(np.percentile(seconds, at)), 3) for at in (50, 95, 99, 100)}


def asked(classes: Classes) -> dict[str, object]:
    result = solve_classes(classes)
    asking, build = timed(lambda: WhatIf(classes, result))
    slot = int(result.prices.argmax())
    answer, one = timed(lambda: asking.ask(Places(slot, 10)))
    added, ten = timed(lambda: places_to_add(classes, result, 10))
    return {"build_seconds": round(build, 3), "ten_places_more_seconds": round(one, 3), "served_more": answer.served,
            "best_ten_places_seconds": round(ten, 3), "slots": len(set(added.slots))}  # fmt: skip


def main() -> None:
    addresses, cells = towns(PEOPLE, max(50, PEOPLE // 80))
    localities, _ = towns(PEOPLE, max(50, PEOPLE // 80), localities=800)
    # what is made or loaded at first use, machine code above all, is no part of an event
    village, near = towns(2_000, 25)
    closed(village, lambda crowded: solve_by_lists(crowded, near).result)
    lived(village, rearranges=False, events=20)
    figures: dict[str, object] = {
        "classes": solved(localities, None), "addresses": solved(addresses, cells),
        "live": lived(localities, rearranges=False), "live_rearranging": lived(localities, rearranges=True),
        "live_addresses": lived(addresses, rearranges=True, found=solve_by_lists(addresses, cells).result),
        "closure_500": closed(localities, solve_classes),
        "closure_500_addresses": closed(addresses, lambda crowded: solve_by_lists(crowded, cells).result),
        "what_if": asked(localities),
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip
    ratio = {name: float(part["ratio"]) for name, part in figures.items() if isinstance(part, dict) and "ratio" in part}
    live = [part for name, part in figures.items() if name.startswith("live") and isinstance(part, dict)]
    for name, event, at in (("arrival_p99_ms", "arrival_ms", "p99"), ("departure_p99_ms", "departure_ms", "p99"),
                            ("closure_ms", "closure_ms", "p100")):  # fmt: skip
        ratio[name] = max(part[event]["core"][at] for part in live)
    for name, part in figures.items():
        if name.startswith("closure_500") and isinstance(part, dict):
            ratio["closure_ms"] = max(ratio["closure_ms"], part["ms"], part["rearranging_ms"])
    publish("matching_kernels", figures, ratio=ratio, limits=LIMITS)


if __name__ == "__main__":
    main()
