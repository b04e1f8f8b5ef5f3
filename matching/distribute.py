"""Tasks in worker processes: the solver holds the interpreter lock, so threads gain nothing and could not be stopped.

A worker that dies is replaced and its task run again; at the deadline busy workers are ended and their tasks come back
unfinished. The answers do not depend on how many workers there are.
"""

import contextlib
import multiprocessing
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Protocol, TypeVar, cast

from matching.errors import MatchingError, SolverFailed

Task = TypeVar("Task")
Answer = TypeVar("Answer")

# a task that has killed this many workers would kill the next one too
ATTEMPTS = 3


class Engine(Protocol):
    """Where tasks run. Every engine gives the same answers; this module's processes are one, `over_dask` is another."""

    def run(
        self, function: Callable[[Task], Answer], tasks: Sequence[Task], *, deadline: float | None = None
    ) -> list[Answer | None]: ...


@dataclass(frozen=True)
class Processes:
    """So many processes on this machine."""

    workers: int

    def run(
        self, function: Callable[[Task], Answer], tasks: Sequence[Task], *, deadline: float | None = None
    ) -> list[Answer | None]:
        return run(function, tasks, workers=self.workers, deadline=deadline)


def run(
    function: Callable[[Task], Answer], tasks: Sequence[Task], *, workers: int, deadline: float | None = None
) -> list[Answer | None]:
    """`function` of every task, in the order of the tasks; None where the deadline (`time.monotonic`) came first.

    `function` must be importable (it is sent to spawned processes by name). Give the longest tasks first. A
    `MatchingError` raised by a task is raised here.
    """
    crew = _Crew(function, tasks)
    try:
        for _ in range(min(workers, len(tasks))):
            crew.hire()
        while crew.busy and crew.collect(deadline):
            pass
    finally:
        crew.dismiss()
    return cast("list[Answer | None]", crew.answers)


class _Crew:
    def __init__(self, function: Callable[[Any], Any], tasks: Sequence[Any]) -> None:
        self.function, self.tasks = function, tasks
        self.answers: list[Any] = [None] * len(tasks)
        self.waiting = list(range(len(tasks)))[::-1]
        self.attempts = [0] * len(tasks)
        self.busy: dict[Connection, tuple[BaseProcess, int]] = {}

    def hire(self) -> None:
        """Start a worker, if there is something left to do."""
        if not self.waiting:
            return
        here, there = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(target=_work, args=(there, self.function), daemon=True)
        process.start()
        there.close()
        self.give(here, process)

    def give(self, line: Connection, process: BaseProcess) -> None:
        if not self.waiting:
            line.close()
            process.join()
            return
        task = self.waiting.pop()
        self.attempts[task] += 1
        self.busy[line] = (process, task)
        # it may have died before it could listen: `collect` reads the end of the line and hires another
        with contextlib.suppress(BrokenPipeError):
            line.send(self.tasks[task])

    def collect(self, deadline: float | None) -> bool:
        """Take in what has come; False once the deadline has passed."""
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            return False
        for line in wait(list(self.busy), left):
            assert isinstance(line, Connection)
            process, task = self.busy.pop(line)
            try:
                answer = line.recv()
            except (EOFError, ConnectionResetError):
                self.replace(line, task)
                continue
            if isinstance(answer, MatchingError):
                self.busy[line] = (process, task)
                raise answer
            self.answers[task] = answer
            self.give(line, process)
        return True

    def replace(self, line: Connection, task: int) -> None:
        line.close()
        if self.attempts[task] == ATTEMPTS:
            raise SolverFailed(f"a worker died {ATTEMPTS} times on the same part of the instance")
        self.waiting.append(task)
        self.hire()

    def dismiss(self) -> None:
        for line, (process, _) in self.busy.items():
            process.terminate()
            process.join()
            line.close()


def _work(line: Connection, function: Callable[[Any], Any]) -> None:
    while True:
        try:
            task = line.recv()
        except EOFError:
            return
        try:
            line.send(function(task))
        except MatchingError as refusal:
            line.send(refusal)
