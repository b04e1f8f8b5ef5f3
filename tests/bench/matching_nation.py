"""The whole nation per exact address: every slot within 150 km, eight services, beside bare OR-Tools one after another.

Synthetic towns as in ``matching_kernels``; ``MARKET_BENCH_PEOPLE`` is how many people the eight services have together.
The ratio is of processor time, so that it says the same on a machine that does other things: ours is what the first
process and then the busier of its two workers used (nothing else has to be waited for), `all_cores` what all of them
used together, `clock` is what the clock said. Bare OR-Tools: one process, the solver alone, its network already made.
"""

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
from matching.outcome import verify_outcome
from tests.bench.matching_kernels import bare, towns
from tests.bench.report import publish

PEOPLE = int(os.environ.get("MARKET_BENCH_PEOPLE", "450000"))
WORKERS = 2
# how the people of the nation fall on the eight services
SHARES = (0.170, 0.155, 0.140, 0.130, 0.120, 0.110, 0.100, 0.075)
SLOTS = 5_000
LIMITS = {"addresses": 0.35, "peak_rss_gib": 1.0}


def nation() -> tuple[Classes, list[np.ndarray]]:
    """One service after another; nobody's candidates lie in two."""
    capacity, tier, first, slot, cost, cells = [], [], [np.zeros(1, np.int64)], [], [], [[], [], []]
    for nth, share in enumerate(SHARES):
        here, near = towns(int(PEOPLE * share), max(20, int(SLOTS * share * PEOPLE / 450_000)), seed=nth + 1)
        slot.append((here.arc_slot + sum(map(len, capacity))).astype(np.int32))
        first.append(here.first_arc[1:] + first[-1][-1])
        capacity.append(here.capacity)
        tier.append(here.tier)
        cost.append(here.arc_cost.astype(np.int32))
        for level, cell in enumerate(near):
            cells[level].append(cell)
    whole = [np.concatenate(part, dtype=np.int64) for part in (capacity, tier, first, slot, cost)]
    classes = Classes.from_arrays(
        capacity=whole[0], tier=whole[1], count=np.ones(len(whole[1]), dtype=np.int64), first_arc=whole[2],
        arc_slot=whole[3], arc_cost=whole[4],
    )  # fmt: skip
    return classes, [np.concatenate(level) for level in cells]


def one(classes: Classes, nth: int, row: int, slot: int) -> tuple[Classes, int, int]:
    """One service alone, from the arrays of all."""
    rows, slots = int(PEOPLE * SHARES[nth]), max(20, int(SLOTS * SHARES[nth] * PEOPLE / 450_000))
    arcs = slice(int(classes.first_arc[row]), int(classes.first_arc[row + rows]))
    part = Classes(
        capacity=classes.capacity[slot : slot + slots], tier=classes.tier[row : row + rows],
        count=classes.count[row : row + rows], first_arc=classes.first_arc[row : row + rows + 1] - arcs.start,
        arc_slot=classes.arc_slot[arcs] - slot, arc_cost=classes.arc_cost[arcs],
    )  # fmt: skip
    return part, row + rows, slot + slots


def main() -> None:
    solve_by_lists(*towns(300, 20))  # machine code is made once on every machine
    classes, cells = nation()
    made, memory = held(os.getpid()) // 1024, Sampled()
    clock, core, own = perf_counter(), cores(), process_time()
    listed = solve_by_lists(classes, cells, workers=WORKERS)
    violation = verify_outcome(classes, listed.result)
    seconds, core_seconds, own = perf_counter() - clock, cores() - core, process_time() - own
    peak, busiest = memory.peak(), memory.busiest()
    base = base_core = 0.0
    served, waiting = 0, int(listed.result.waiting.sum())
    row = slot = 0
    for nth in range(len(SHARES)):
        part, row_after, slot_after = one(classes, nth, row, slot)
        objective, spent, core = bare(part)
        base, base_core = base + spent, base_core + core
        penalty = _penalty(part)
        flow = listed.result.flow[int(classes.first_arc[row]) : int(classes.first_arc[row_after])]
        ours = int(flow @ part.arc_cost) + int(listed.result.waiting[row:row_after] @ penalty)
        served += ours == objective
        row, slot = row_after, slot_after
    figures: dict[str, object] = {
        "people": len(classes.count), "arcs": len(classes.arc_slot), "slots": len(classes.capacity),
        "waiting": waiting, "rounds": listed.rounds, "listed": listed.listed, "verified": violation is None,
        "equal_objectives": served, "services": len(SHARES), "seconds": round(seconds, 2),
        "core_seconds": round(core_seconds, 2), "bare_seconds": round(base, 2),
        "bare_core_seconds": round(base_core, 2), "own_core_seconds": round(own, 2),
        "busiest_worker_core_seconds": round(busiest, 2),
        "made_rss_mib": made, "peak_rss_mib": peak,
    }  # fmt: skip
    ratio = {"addresses": round((own + busiest) / base_core, 3), "all_cores": round(core_seconds / base_core, 3),
             "clock": round(seconds / base, 3),
             "peak_rss_gib": round(peak / 1024, 3)}  # fmt: skip
    publish("matching_nation", figures, ratio=ratio, limits=LIMITS)


def _penalty(part: Classes) -> np.ndarray:
    return np.array(penalty_by_tier(len(part.capacity), int(part.arc_cost.max()), part.tiers))[part.tier]


def cores() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + children.ru_utime + children.ru_stime


class Sampled:
    """The most memory that this process and its children held together, and what each child has used of the cores,
    looked at ten times a second."""

    def __init__(self) -> None:
        self.mib = 0
        self.used: dict[int, float] = {}
        self.over = threading.Event()
        self.watch = threading.Thread(target=self._look, daemon=True)
        self.watch.start()

    def _look(self) -> None:
        while not self.over.wait(0.1):
            children = [child.pid or 0 for child in active_children()]
            self.mib = max(self.mib, sum(map(held, [os.getpid(), *children])) // 1024)
            self.used |= {pid: max(worked(pid), self.used.get(pid, 0.0)) for pid in children}

    def peak(self) -> int:
        self.over.set()
        self.watch.join()
        return self.mib

    def busiest(self) -> float:
        return max(self.used.values(), default=0.0)


def held(pid: int) -> int:
    """KiB; 0 for who has gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def worked(pid: int) -> float:
    """Seconds of a core; 0 for who has gone."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
