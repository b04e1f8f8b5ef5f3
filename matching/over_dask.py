"""Tasks on many machines by Dask: the same answers as processes of this machine, bit for bit.

The scheduler's wire is neither encrypted nor authenticated unless it is set up so: keep it in a network of its own.
What travels are classes without names: counts, costs and capacities.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import dask
from distributed import Client, Future, KilledWorker, LocalCluster, wait

from matching.distribute import ATTEMPTS, Answer, Task
from matching.errors import SolverFailed

# parts of an instance are sent with their task, so that a task outlives the worker that had it: they may be large
_LARGE = "8 GiB"
# without a deadline nobody waits longer than this for a cluster that has no workers
_PATIENCE = 24 * 3600.0


@dataclass(frozen=True)
class Dask:
    """`scheduler` is an address such as tcp://10.0.0.5:8786; None starts `workers` processes here for each run."""

    scheduler: str | None = None
    workers: int = 2

    def run(
        self, function: Callable[[Task], Answer], tasks: Sequence[Task], *, deadline: float | None = None
    ) -> list[Answer | None]:
        """As `matching.distribute.run`. A task whose worker is killed runs again on another."""
        if not tasks:
            return []
        limits = {
            "distributed.scheduler.allowed-failures": ATTEMPTS - 1,
            "distributed.admin.large-graph-warning-threshold": _LARGE,
        }
        with dask.config.set(limits), self._client() as client:
            futures = [client.submit(function, task, pure=False) for task in tasks]
            try:
                with client.as_current():
                    _wait(futures, deadline)
                return [_answer(future) for future in futures]
            finally:
                client.cancel(futures)  # type: ignore[no-untyped-call]  # distributed left it untyped

    @contextmanager
    def _client(self) -> Iterator[Client]:
        if self.scheduler is not None:
            with Client(self.scheduler, set_as_default=False) as client:  # type: ignore[no-untyped-call]  # distributed left it untyped
                yield client
            return
        with (
            LocalCluster(n_workers=self.workers, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster,  # type: ignore[no-untyped-call]  # distributed left it untyped
            Client(cluster, set_as_default=False) as client,  # type: ignore[no-untyped-call]  # distributed left it untyped
        ):
            yield client


def _wait(futures: list["Future[Answer]"], deadline: float | None) -> None:
    """Until all are done or the deadline (`time.monotonic`) has come; what is done by then counts."""
    left = _PATIENCE if deadline is None else max(0.0, deadline - time.monotonic())
    try:
        wait(futures, timeout=left)  # type: ignore[no-untyped-call]  # distributed left it untyped
    except TimeoutError:
        if deadline is None:
            raise SolverFailed("the cluster did not answer") from None


def _answer(future: "Future[Answer]") -> Answer | None:
    if future.status == "pending":
        return None
    try:
        answer: Answer = future.result()
    except KilledWorker as death:
        raise SolverFailed(f"a worker died {ATTEMPTS} times on the same part of the instance") from death
    return answer
