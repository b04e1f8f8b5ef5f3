"""Public instances with published optima, where somebody has put them beside the project (they are not part of it)."""

import numpy as np

from matching.classes import Classes

# J. E. Beasley, OR-Library, assignment problems: the least cost of each file
OPTIMA = {
    "assign100": 305,
    "assign200": 475,
    "assign300": 626,
    "assign400": 804,
    "assign500": 991,
    "assign600": 1176,
    "assign700": 1362,
    "assign800": 1552,
}


def assignment_problem(text: str) -> Classes:
    """The number of people, then for each what every place costs: as many places, each for one."""
    size, *costs = map(int, text.split())
    assert len(costs) == size * size
    return Classes.from_arrays(
        capacity=np.ones(size, dtype=np.int64),
        tier=np.zeros(size, dtype=np.int64),
        count=np.ones(size, dtype=np.int64),
        first_arc=np.arange(0, size * size + 1, size),
        arc_slot=np.tile(np.arange(size), size),
        arc_cost=costs,
    )
