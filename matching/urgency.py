"""Among answers that are equally good, the one in which the more urgent have the better seats.

Prices that prove one answer prove every answer that keeps to the candidates where cost + price is least and fills the
slots alike. So the served may trade places along such candidates: nobody is served instead of somebody else, the cost
and its certificate stay what they were. What is left to choose makes costs of the more urgent tiers small: the sum of
cost x (ranks of urgency after this one) is least. Within a class whoever waits longer goes first anyway.
"""

import numpy as np
from ortools.graph.python import min_cost_flow

from matching.arrays import Integers
from matching.classes import Classes
from matching.errors import SolverFailed


def urgent_first(classes: Classes, flow: Integers, prices: Integers, urgency: Integers) -> Integers:
    """`flow` is optimal and `prices` prove it; the answer is as good, and the most urgent sit as well as it allows.

    `urgency` ranks the classes (0 most urgent, as tiers do; the tiers themselves unless all who are here have a place).
    An order of preference beyond what is proven: where numbers leave the solver's range the flow stays as it is.
    """
    arc = _choices(classes, flow, prices)
    owner = np.searchsorted(classes.first_arc, arc, side="right") - 1
    turn = urgency[owner]
    if len(arc) == 0 or (turn == turn[0]).all():
        return flow
    rows, row = np.unique(owner, return_inverse=True)
    slots, slot = np.unique(classes.arc_slot[arc], return_inverse=True)
    worth = (turn.max() - turn) * (classes.arc_cost[arc] - _least(classes.arc_cost[arc], row))
    supply = np.bincount(row, flow[arc], len(rows)).astype(np.int64)
    demand = np.bincount(slot, flow[arc], len(slots)).astype(np.int64)
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(row, len(rows) + slot, np.minimum(supply[row], demand[slot]), worth)
    solver.set_nodes_supplies(np.arange(len(rows) + len(slots)), np.append(supply, -demand))
    status = solver.solve()
    if status == solver.BAD_COST_RANGE:
        return flow
    if status != solver.OPTIMAL:
        raise SolverFailed(f"seats of equal worth were not dealt out: {status}")
    dealt = flow.copy()
    dealt[arc] = solver.flows(np.arange(len(arc)))
    return dealt


def _choices(classes: Classes, flow: Integers, prices: Integers) -> Integers:
    """The arcs of those who have a choice: served, and more than one candidate is best for them."""
    used = np.flatnonzero(flow)
    value = classes.arc_cost + prices[classes.arc_slot]
    best = np.full(len(classes.count), -1, dtype=np.int64)
    best[np.searchsorted(classes.first_arc, used, side="right") - 1] = value[used]
    owner = classes.owners()
    arc = np.flatnonzero(value == best[owner])
    choice = np.bincount(owner[arc], minlength=len(best)) > 1
    chosen: Integers = arc[choice[owner[arc]]]
    return chosen


def _least(cost: Integers, row: Integers) -> Integers:
    """Of every arc the least cost in its row; rows stand together."""
    return np.minimum.reduceat(cost, np.flatnonzero(np.diff(row, prepend=-1)))[row]
