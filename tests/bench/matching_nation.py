"""The whole nation per exact address: every slot within 150 km, eight services, beside bare OR-Tools one after another.

Synthetic towns as in ``matching_kernels`` on an area as large as the country; ``MARKET_BENCH_PEOPLE`` is how many
people the eight services have together. The ratio is of processor time, so that it says the same on a machine that does
other things: `addresses` counts everything that the first process and its workers used, with the proof; `clock` is what
the clock said. Bare OR-Tools: one process, the solver alone, its network already made. Memory is what all processes
hold together, each counted whole although they share the code they loaded.
"""

import ctypes
import os
import resource
import threading
from multiprocessing import active_children
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from matching.certify import penalty_by_tier
from matching.classes import Classes
from matching.lists import solve_by_lists
from matching.outcome import ClassResult, verify_outcome
from tests.bench.matching_kernels import bare, towns
from tests.bench.report import publish

PEOPLE = int(os.environ.get("MARKET_BENCH_PEOPLE", "450000"))
WORKERS = int(os.environ.get("MARKET_BENCH_WORKERS", "2"))
AREA, EVEN = (30_000, 16_000), 5.0  # 3,000 x 1,600 km, twenty towns of much the same size
# how the people of the nation fall on the eight services
SHARES = (0.170, 0.155, 0.140, 0.130, 0.120, 0.110, 0.100, 0.075)
SLOTS = 5_000
LIMITS = {"addresses": 0.35, "peak_rss_gib": 1.0}


def nation() -> tuple[Classes, list[np.ndarray]]:
    """One service after another; nobody's candidates lie in two."""
    capacity, tier, first, slot, cost, cells = [], [], [np.zeros(1, np.int64)], [], [], [[], [], []]
    for nth, (rows, slots) in enumerate(sizes()):
        here, near = towns(rows, slots, seed=nth + 1, area=AREA, even=EVEN)
        slot.append((here.arc_slot + sum(map(len, capacity))).astype(np.int32))
        first.append(here.first_arc[1:] + first[-1][-1])
        capacity.append(here.capacity)
        tier.append(here.tier)
        cost.append(here.arc_cost.astype(np.int32))
        for level, cell in enumerate(near):
            cells[level].append(cell)
    near_by = [np.concatenate(level) for level in cells]
    classes = Classes.from_arrays(
        capacity=np.concatenate(capacity), tier=np.concatenate(tier), count=np.ones(len(near_by[0]), dtype=np.int64),
        first_arc=np.concatenate(first), arc_slot=np.concatenate(slot), arc_cost=np.concatenate(cost), narrow=True,
    )  # fmt: skip
    return classes, near_by


def sizes() -> list[tuple[int, int]]:
    """Of every service its people and slots."""
    return [(int(PEOPLE * share), max(20, int(SLOTS * share * PEOPLE / 450_000))) for share in SHARES]


def one(classes: Classes, nth: int) -> tuple[Classes, slice]:
    """One service alone, from the arrays of all, and where its arcs stand; its rows follow those of the ones before."""
    before, (rows, slots) = np.array([[0, 0], *sizes()])[: nth + 1].sum(axis=0).tolist(), sizes()[nth]
    row, slot = before
    arcs = slice(int(classes.first_arc[row]), int(classes.first_arc[row + rows]))
    part = Classes.from_arrays(
        capacity=classes.capacity[slot : slot + slots], tier=classes.tier[row : row + rows],
        count=classes.count[row : row + rows], first_arc=classes.first_arc[row : row + rows + 1] - arcs.start,
        arc_slot=classes.arc_slot[arcs] - slot, arc_cost=classes.arc_cost[arcs],
    )  # fmt: skip
    return part, arcs


def beside(classes: Classes, result: ClassResult) -> tuple[int, float, float]:
    """How many services cost what bare OR-Tools says, its seconds by the clock, and of the core."""
    same, clock, core = 0, 0.0, 0.0
    for nth in range(len(SHARES)):
        part, arcs = one(classes, nth)
        objective, seconds, spent = bare(part)
        clock, core = clock + seconds, core + spent
        flow = result.flow[arcs].astype(np.int64)
        same += int(flow @ part.arc_cost) + int((part.count - part.served(flow)) @ _penalty(part)) == objective
    return same, clock, core


def main() -> None:
    solve_by_lists(*towns(300, 20))  # machine code is made once on every machine
    classes, cells = nation()
    ctypes.CDLL(None).malloc_trim(0)  # what making the towns left behind belongs to no matcher
    made, memory = held(os.getpid()) // 1024, Sampled()
    clock, core, own = perf_counter(), cores(), process_time()
    listed = solve_by_lists(classes, cells, workers=WORKERS)
    solved, proof = memory.mib, process_time()
    violation = verify_outcome(classes, listed.result)
    proof = process_time() - proof
    seconds, core_seconds, own = perf_counter() - clock, cores() - core, process_time() - own
    peak = memory.peak()
    same, base, base_core = beside(classes, listed.result)
    figures: dict[str, object] = {
        "people": len(classes.count), "arcs": len(classes.arc_slot), "slots": len(classes.capacity),
        "workers": WORKERS, "waiting": int(listed.result.waiting.sum()), "rounds": listed.rounds,
        "listed": listed.listed, "verified": violation is None,
        "equal_objectives": same, "services": len(SHARES), "seconds": round(seconds, 2),
        "core_seconds": round(core_seconds, 2), "own_core_seconds": round(own, 2), "proof_seconds": round(proof, 2),
        "bare_seconds": round(base, 2), "bare_core_seconds": round(base_core, 2),
        "made_rss_mib": made, "solved_rss_mib": solved, "peak_rss_mib": peak,
    }  # fmt: skip
    ratio = {"addresses": round(core_seconds / base_core, 3), "clock": round(seconds / base, 3),
             "peak_rss_gib": round(peak / 1024, 3)}  # fmt: skip
    publish("matching_nation", figures, ratio=ratio, limits=LIMITS)


def _penalty(part: Classes) -> np.ndarray:
    return np.array(penalty_by_tier(len(part.capacity), int(part.arc_cost.max()), part.tiers))[part.tier]


def cores() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + children.ru_utime + children.ru_stime


class Sampled:
    """The most memory that this process and its children held together, looked at twenty times a second."""

    def __init__(self) -> None:
        self.mib = 0
        self.over = threading.Event()
        self.watch = threading.Thread(target=self._look, daemon=True)
        self.watch.start()

    def _look(self) -> None:
        while not self.over.wait(0.05):
            children = [child.pid or 0 for child in active_children()]
            self.mib = max(self.mib, sum(map(held, [os.getpid(), *children])) // 1024)

    def peak(self) -> int:
        self.over.set()
        self.watch.join()
        return self.mib


def held(pid: int) -> int:
    """KiB; 0 for who has gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


if __name__ == "__main__":
    main()
