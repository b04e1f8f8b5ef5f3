"""Why not everyone can be served: requests that together have too few places (Hall's condition)."""

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Integers
from matching.classes import Classes


def too_few_places(classes: Classes, flow: Integers, waiting: Integers) -> NDArray[np.bool_]:
    """Classes whose requests outnumber the places of all their candidates; `flow` must serve as many as possible.

    From one class that waits: its slots are full; whoever sits there could only move to slots that are full too; and so
    on.
    """
    owner = classes.owners()
    inside = np.zeros(len(classes.count), dtype=np.bool_)
    inside[np.argmax(waiting > 0)] = True
    slots = np.zeros(len(classes.capacity), dtype=np.bool_)
    while True:
        slots[classes.arc_slot[inside[owner]]] = True
        grown = inside.copy()
        grown[owner[slots[classes.arc_slot] & (flow > 0)]] = True
        if np.array_equal(grown, inside):
            return inside
        inside = grown
