"""A stored round solved once more, and held against what it answered then."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from market.placement.answer import solve_welfare
from market.placement.arcs import rows
from market.placement.draw import line_of, serve_in_line
from market.placement.keeping import versions
from market.placement.rules import Policy, Round
from market.placement.stored import StoredInstance, StoredResult
from market.placement.stored_queries import round_of, stored_instance, stored_result
from matching import Engine
from matching.arrays import Integers


@dataclass(frozen=True, slots=True)
class Repetition:
    """``difference``: the first, as a sentence; None where everybody sits where they sat and every price is the same.
    ``other_versions``: what is not the program that it was then, by name."""

    number: int
    requests: int
    difference: str | None
    other_versions: dict[str, Any]


def run_again(database: Database, number: int, *, workers: int, engine: Engine | None = None) -> Repetition:
    """Nothing is written. Raises RoundNotFound, RoundFileMissing, RoundFileBroken."""

    def read(work: Work) -> tuple[Round, StoredInstance, StoredResult]:
        found = round_of(work, number)
        instance = stored_instance(work, found.id)
        return found, instance, stored_result(work, found.id, instance)

    found, instance, result = database.read(SYSTEM, read)
    difference = _difference(found, instance, result, workers=workers, engine=engine)
    then, now = result.facts["versions"], versions()
    others = {name: [then.get(name), now[name]] for name in now if then.get(name) != now[name]}
    return Repetition(number, len(instance.request), difference, others)


def _difference(
    found: Round, instance: StoredInstance, result: StoredResult, *, workers: int, engine: Engine | None
) -> str | None:
    arcs = instance.arcs
    if found.policy is Policy.STABLE:
        line = line_of(arcs.classes.tier[rows(arcs)], instance.since, instance.request, found.seed)
        return _moved(instance, result.taken, serve_in_line(arcs, line))
    solved = solve_welfare(
        arcs, instance.turn, instance.sizes(), seed=found.seed, time_limit=found.time_limit_seconds, workers=workers,
        engine=engine,
    )  # fmt: skip
    then = result.solved
    assert then is not None, "a round under the welfare policy keeps both answers"
    if moved := _moved(instance, result.taken, solved.taken):
        return moved
    pairs = [("who is served", then.who, solved.who)]
    if then.where is not None and solved.where is not None:
        pairs.append(("where they sit", then.where, solved.where))
    for question, old, new in pairs:
        differs = np.flatnonzero(old.prices != new.prices)
        if len(differs):
            at = int(differs[0])
            return f"{question}: the price of offer {instance.offer[at]} was {old.prices[at]} and is {new.prices[at]}"
    return None


def _moved(instance: StoredInstance, then: Integers, now: Integers) -> str | None:
    differs = np.flatnonzero(then != now)
    if not len(differs):
        return None
    at = int(differs[0])
    return (
        f"request {instance.request[at]} {_seat(instance, int(then[at]))} then and {_seat(instance, int(now[at]))} now"
    )


def _seat(instance: StoredInstance, arc: int) -> str:
    return "waited" if arc < 0 else f"got offer {instance.offer[int(instance.arcs.classes.arc_slot[arc])]}"
