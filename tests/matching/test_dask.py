"""Another engine, the same bits: Dask with real worker processes, one of which dies."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from distributed import LocalCluster

from matching import NotSupported, SolverFailed
from matching.distribute import Processes
from matching.over_dask import Dask
from matching.welfare import solve_classes
from tests.matching.test_distribute import dies, dies_once, lingers, refuses, squared
from tests.matching.test_welfare import many_parts


@pytest.fixture(scope="module")
def dask() -> Iterator[Dask]:
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster:
        yield Dask(cluster.scheduler_address)


def test_the_answer_is_the_same_bit_for_bit(dask: Dask) -> None:
    classes = many_parts()
    alone, here, far = (solve_classes(classes, engine=engine) for engine in (None, Processes(2), dask))
    for other in (here, far):
        assert np.array_equal(alone.flow, other.flow)
        assert np.array_equal(alone.prices, other.prices)
        assert (alone.served_by_tier, alone.cost) == (other.served_by_tier, other.cost)


def test_answers_come_in_the_order_of_the_tasks(dask: Dask) -> None:
    assert dask.run(squared, list(range(20))) == [number * number for number in range(20)]
    assert dask.run(squared, []) == []


def test_the_task_of_a_killed_worker_is_run_again(dask: Dask, tmp_path: Path) -> None:
    assert dask.run(dies_once, [str(tmp_path / "one"), str(tmp_path / "two")]) == ["done", "done"]


def test_a_refusal_in_a_worker_is_a_refusal_here(dask: Dask) -> None:
    with pytest.raises(NotSupported, match="not 4"):
        dask.run(refuses, [4])


def test_at_the_deadline_the_finished_answers_are_kept(dask: Dask) -> None:
    answers = dask.run(lingers, [0.0, 60.0], deadline=time.monotonic() + 3)
    assert answers == [0.0, None]


def test_a_task_that_kills_every_worker_is_given_up() -> None:
    with pytest.raises(SolverFailed, match="3 times"):
        Dask(workers=1).run(dies, [1])
