"""The solver's work on other machines: a Dask scheduler that answers before the round begins, or is lost while it runs.

Either way the refusal has a sentence. What travels are counts, costs and capacities, never a name or an id.
"""

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from contracts.kernel.errors import Malformed, Unavailable
from matching import Dask

Task = TypeVar("Task")
Answer = TypeVar("Answer")
_ADDRESS = re.compile(r"(?:(?:tcp|tls)://)?(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):(?P<port>[0-9]{1,5})")
_PATIENCE = 5.0  # seconds to find out whether anybody listens there
_PORTS = 65_535


class SchedulerAddressWrong(Malformed):
    code = "scheduler-address"
    title = "A scheduler's address is tcp://host:port"


class SchedulerUnreachable(Unavailable):
    code = "scheduler-unreachable"
    title = "The scheduler of the cluster cannot be reached"


@dataclass(frozen=True)
class Cluster:
    """``scheduler`` None: a cluster of ``workers`` processes on this machine, started for each question."""

    scheduler: str | None
    workers: int

    def run(
        self, function: Callable[[Task], Answer], tasks: Sequence[Task], *, deadline: float | None = None
    ) -> list[Answer | None]:
        if self.scheduler is not None:
            check_listens(self.scheduler)
        try:
            return Dask(self.scheduler, self.workers).run(function, tasks, deadline=deadline)
        except OSError as trouble:
            raise SchedulerUnreachable(f"The cluster was lost: {trouble}") from trouble


def cluster(scheduler: str | None, *, workers: int) -> Cluster:
    """Raises SchedulerAddressWrong, SchedulerUnreachable."""
    if scheduler is not None:
        check_listens(scheduler)
    return Cluster(scheduler, workers)


def check_listens(scheduler: str) -> None:
    found = _ADDRESS.fullmatch(scheduler)
    if found is None or not 0 < int(found["port"]) <= _PORTS:
        raise SchedulerAddressWrong(f"{scheduler[:60]!r} is no address like tcp://10.0.0.5:8786", pointer="/scheduler")
    try:
        socket.create_connection((found["host"].strip("[]"), int(found["port"])), timeout=_PATIENCE).close()
    except OSError as trouble:
        raise SchedulerUnreachable(f"Nobody answers at {scheduler}: {trouble.strerror or trouble}") from trouble
