"""Workers die, refuse and run late; the answers come in order or the reason does."""

import os
import time
from pathlib import Path

import pytest

from matching.distribute import run
from matching.errors import MatchingError, NotSupported, SolverFailed


def squared(number: int) -> int:
    return number * number


def dies_once(mark: str) -> str:
    """Dies like a killed process the first time it is asked."""
    file = Path(mark)
    if not file.exists():
        file.touch()
        os._exit(9)
    return "done"


def dies(_: int) -> int:
    os._exit(9)


def refuses(number: int) -> int:
    raise NotSupported(f"not {number}")


def lingers(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def test_answers_come_in_the_order_of_the_tasks() -> None:
    assert run(squared, list(range(20)), workers=2) == [number * number for number in range(20)]
    assert run(squared, [], workers=2) == []


def test_the_task_of_a_killed_worker_is_run_again(tmp_path: Path) -> None:
    assert run(dies_once, [str(tmp_path / "one"), str(tmp_path / "two")], workers=2) == ["done", "done"]


def test_a_task_that_kills_every_worker_is_given_up() -> None:
    with pytest.raises(SolverFailed, match="3 times"):
        run(dies, [1], workers=1)


def test_a_refusal_in_a_worker_is_a_refusal_here() -> None:
    with pytest.raises(MatchingError, match="not 4"):
        run(refuses, [4], workers=1)


def test_at_the_deadline_the_finished_answers_are_kept() -> None:
    """A busy machine may need longer than the first limit to start a process at all."""
    answers: list[float | None] = []
    for limit in (2, 10, 60):
        started = time.monotonic()
        answers = run(lingers, [0.0, 600.0], workers=2, deadline=started + limit)
        assert time.monotonic() - started < limit + 30
        if answers[0] is not None:
            break
    assert answers == [0.0, None]
