"""What the web loads, and what memory is said to be."""

import multiprocessing
import subprocess
import sys

from contracts.kernel.runner import Database
from market.placement.memory import MIB, Peak
from market.placement.nightly import Nightly
from market.placement.nightly_queries import is_due
from market.placement.on_call import OnCall
from market.placement.reporting import Reporter
from market.placement.round import Runner
from market.worker import placement_steps
from tests.placement.town import Town

HEAVY = ("numpy", "ortools", "matching", "pandas")


def test_the_verbs_of_placement_load_no_solver_and_no_arrays() -> None:
    program = (
        "import sys, market.placement.service, market.placement.queries, market.placement.requesting\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_a_worker_starts_without_the_matcher() -> None:
    program = (
        "import sys, market.command.work, market.worker\n"
        "market.worker.placement_steps()\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_a_step_is_made_when_something_is_due_and_kept(database: Database) -> None:
    due = [False, True]
    step = OnCall("tests.placement.test_house", "Counted", due=lambda _work: due.pop(0))
    assert [step(database) for _ in range(4)] == [0, 1, 2, 3]
    assert due == [], "it is not looked for any more: the step looks itself"


class Counted:
    def __init__(self) -> None:
        self._turns = 0

    def __call__(self, _database: Database) -> int:
        self._turns += 1
        return self._turns


def test_every_step_that_waits_for_its_matcher_is_there() -> None:
    made = [step.run.made() for step in placement_steps() if isinstance(step.run, OnCall)]
    assert [type(one) for one in made] == [Runner, Reporter, Nightly]


def test_a_proof_is_due_at_night_until_there_is_one(town: Town) -> None:
    assert not town.see(is_due)
    town.wait(hours=13)  # one in the morning
    assert town.see(is_due)
    assert Nightly()(town.database) == 1
    assert not town.see(is_due)


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


def test_memory_is_not_that_of_whoever_started_us() -> None:
    """A parent of 300 MiB starts a child that holds next to nothing; the system reckons the parent's to it."""
    large = b"x" * (300 * MIB)
    program = "from market.placement.memory import Peak\nwith Peak() as peak: pass\nprint(peak.mib)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert 0 < int(done.stdout) < len(large) // MIB
