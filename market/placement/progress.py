"""Where a round is: what its own row and its lease tell anybody who looks, while it runs and after."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from contracts.kernel.work import Work
from market.placement.lease import is_alive, lease_of
from market.placement.rules import Round, RoundStatus


class Phase(StrEnum):
    """In the order they come. Each is committed before it begins."""

    READ = "read"
    ARCS = "arcs"  # who may go where, and how far it is
    SOLVE = "solve"
    VERIFY = "verify"
    EXPLAIN = "explain"
    WRITE = "write"


class Stand(StrEnum):
    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"
    BROKEN = "broken"  # the round failed here


@dataclass(frozen=True, slots=True)
class Step:
    phase: Phase
    stand: Stand
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Progress:
    """``sizes``: what was counted so far (requests, classes, offers, free, arcs). ``alive_at``: the worker's last sign
    of life by the real clock, None before one began; ``silent``: it is so long ago that another worker takes over."""

    steps: tuple[Step, ...]
    sizes: dict[str, int]
    alive_at: datetime | None
    silent: bool

    @property
    def now(self) -> Phase | None:
        return next((step.phase for step in self.steps if step.stand is Stand.NOW), None)


def progress_of(work: Work, one: Round) -> Progress:
    facts = one.facts or {}
    lease = lease_of(work, one.id)
    running = one.status is RoundStatus.RUNNING
    return Progress(
        steps=_steps(one.status, facts),
        sizes=facts.get("sizes", {}),
        alive_at=lease.alive_at if lease else None,
        silent=running and lease is not None and not is_alive(work, lease),
    )


def _steps(status: RoundStatus, facts: dict[str, Any]) -> tuple[Step, ...]:
    reached, seconds = facts.get("phase"), facts.get("seconds", {})
    phases = list(Phase)
    at = phases.index(Phase(reached)) if reached in phases else -1
    done = len(phases) if status is RoundStatus.COMPLETE else at
    here = Stand.BROKEN if status is RoundStatus.FAILED else Stand.NOW
    ahead = [here if place == at else Stand.AHEAD for place in range(len(phases))]
    return tuple(
        Step(phase, Stand.DONE, _seconds(phase, seconds)) if place < done else Step(phase, ahead[place], None)
        for place, phase in enumerate(phases)
    )


def _seconds(phase: Phase, seconds: dict[str, float]) -> float | None:
    """The grouping of people into classes is part of reading them."""
    own = seconds.get(phase.value)
    return own if own is None or phase is not Phase.READ else own + seconds.get("classes", 0.0)
