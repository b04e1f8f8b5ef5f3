"""What the web loads, and what memory is said to be."""

import multiprocessing
import subprocess
import sys

from market.placement.memory import MIB, Peak

HEAVY = ("numpy", "ortools", "matching", "pandas")


def test_the_verbs_of_placement_load_no_solver_and_no_arrays() -> None:
    program = (
        "import sys, market.placement.service, market.placement.queries, market.placement.requesting\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def hold(mib: int, seconds: float) -> None:
    block = bytearray(b"x" * mib * MIB)
    multiprocessing.Event().wait(seconds)
    assert len(block) == mib * MIB


def test_peak_memory_is_of_the_work_and_not_of_what_was_before_it() -> None:
    hold(300, 0)
    with Peak() as later:
        hold(1, 0.2)
    with Peak() as short:
        hold(300, 0)
    assert short.mib > later.mib + 200


def test_peak_memory_counts_the_children_together() -> None:
    with Peak() as alone:
        hold(1, 0.3)
    with Peak() as together:
        workers = [multiprocessing.get_context("spawn").Process(target=hold, args=(80, 3.0)) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert together.mib > alone.mib + 160
