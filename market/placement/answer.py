"""The solver's part of a round under the welfare policy: who is served, then where they sit."""

import time

from market.placement.arcs import Arcs
from market.placement.mixed import Mixed, question_of, take_in
from market.placement.proof import Solved, chosen_of, flat_kin, flat_seats, seated
from matching.arrays import Integers
from matching.classes import Classes
from matching.distribute import Engine
from matching.outcome import ClassResult
from matching.solve import solve
from matching.welfare import solve_classes

_SHARE = 0.5  # of what is left of the time limit for each question but the last
# below this many arcs an answer takes less time than starting a process that could be stopped
_AT_ONCE, _A_MOMENT = 20_000, 1.0


def solve_welfare(
    arcs: Arcs,
    turn: Integers,
    size: Integers,
    *,
    seed: int,
    time_limit: float,
    workers: int = 1,
    engine: Engine | None = None,
) -> Solved:
    """The best answer found in time. ``turn``: each request's place in the line; ``size``: what each takes."""
    deadline = time.monotonic() + time_limit
    who = _solved(flat_kin(arcs), _SHARE * time_limit, workers, engine)
    chosen = chosen_of(arcs, turn, who)
    where: ClassResult | None = None
    if not arcs.alike:
        left = deadline - time.monotonic()
        where = _solved(flat_seats(arcs, chosen), left * (_SHARE if arcs.mixed else 1.0), workers, engine)
        if not where.proven:  # what was found of it may leave out somebody whom the first answer serves
            where = None
    taken = seated(arcs, turn, chosen, where, who)
    mixed = []
    for service in arcs.mixed:
        question = question_of(arcs, size, service, taken)
        left = max(1.0, deadline - time.monotonic())
        mixed.append(Mixed(question, solve(question.instance, seed=seed, time_limit=left)))
        take_in(taken, mixed[-1])
    return Solved(who, where, mixed, taken)


def _solved(classes: Classes, seconds: float, workers: int, engine: Engine | None) -> ClassResult:
    small = len(classes.arc_slot) < _AT_ONCE and seconds >= _A_MOMENT
    return solve_classes(classes, workers=workers, time_limit=None if small else seconds, engine=engine)
