"""The solver's part of a round under the welfare policy: who is served, then where they sit."""

import time
from dataclasses import dataclass

import numpy as np

from market.placement.arcs import Arcs
from market.placement.mixed import Mixed, question_of, take_in
from market.placement.proof import Solved, chosen_of, flat_kin, flat_seats, seated
from market.placement.reach import Lists
from market.placement.terms import EAST, Homes
from matching.arrays import Integers
from matching.classes import Classes
from matching.distribute import Engine
from matching.lists import solve_by_lists
from matching.outcome import ClassResult
from matching.solve import solve
from matching.welfare import solve_classes

MANY = 300_000  # arcs of the kin
_SHARE = 0.5  # of what is left of the time limit for each question but the last


def solve_welfare(
    arcs: Arcs,
    turn: Integers,
    size: Integers,
    *,
    seed: int,
    time_limit: float,
    workers: int = 1,
    engine: Engine | None = None,
    many: int = MANY,
) -> Solved:
    """The best answer found in time. ``turn``: each request's place in the line; ``size``: what each takes; ``many``:
    from how many arcs on addresses go by short lists, which are exact and know no time limit."""
    deadline = time.monotonic() + time_limit
    lists = arcs.lists if arcs.terms.homes is Homes.ADDRESS and len(arcs.kin.arc_slot) >= many else None
    means = _Means(workers, engine, lists)
    who = means.solved(flat_kin(arcs), arcs.groups.kin_list, _SHARE * time_limit)
    chosen = chosen_of(arcs, turn, who)
    where: ClassResult | None = None
    if not arcs.alike:
        left = deadline - time.monotonic()
        list_of = arcs.groups.kin_list[arcs.groups.kin]
        seats, left = flat_seats(arcs, chosen), left * (_SHARE if arcs.mixed else 1.0)
        where = means.solved(seats, list_of, left, urgency=arcs.classes.tier)
        if not where.proven:  # what was found of it may leave out somebody whom the first answer serves
            where = None
    taken = seated(arcs, turn, chosen, where, who)
    mixed = []
    for service in arcs.mixed:
        question = question_of(arcs, size, service, taken)
        left = max(1.0, deadline - time.monotonic())
        mixed.append(Mixed(question, solve(question.instance, seed=seed, time_limit=left, workers=workers)))
        take_in(taken, mixed[-1])
    return Solved(who, where, mixed, taken)


@dataclass(frozen=True, slots=True)
class _Means:
    """``lists``: go by short lists around these homes; None: everything at once."""

    workers: int
    engine: Engine | None
    lists: Lists | None

    def solved(
        self, classes: Classes, list_of: Integers, seconds: float, *, urgency: Integers | None = None
    ) -> ClassResult:
        """``list_of``: the list of each class. ``urgency``: who sits better among equals; without it the tiers tell."""
        if self.lists is not None:
            cells = neighbourhoods(self.lists.home[list_of])
            listed = solve_by_lists(classes, cells, workers=self.workers, engine=self.engine, urgency=urgency)
            return listed.result
        alike = urgency is not None  # no two kin of a tier share a list
        return solve_classes(
            classes, workers=self.workers, time_limit=seconds, engine=self.engine, urgency=urgency, alike=alike
        )


def neighbourhoods(points: Integers) -> list[Integers]:
    """Cells of about 32, 8 and 2 km (at the latitude of the country a degree to the east is two thirds as far)."""
    north, east = np.divmod(points, EAST)
    return [(north // tall) * EAST + east // wide for tall, wide in ((288, 432), (72, 108), (18, 27))]
