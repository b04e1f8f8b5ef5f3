"""The exact flow of one component: first how many of each tier can be served, then the cheapest way to serve that many.

The usual formulation gives waiting a penalty per tier. It is exact too, and the certificate speaks in those penalties,
but as a *cost* it leaves the solver's number range early and takes half as long again. Fixing the served count of each
tier (known from maximum flows over the tiers 0..t) needs no large number at all and gives the same optimum.
"""

import numpy as np
from ortools.graph.python import max_flow, min_cost_flow

from matching.classes import Classes, Integers
from matching.errors import CostsOutOfRange, SolverFailed


def optimal_flow(classes: Classes) -> Integers:
    """How many requests of each class take each arc: lexicographically most served by tier, then least cost.

    Deterministic. Holds the interpreter lock while it runs: call it in a worker process.
    """
    flow = np.zeros(len(classes.arc_slot), dtype=np.int64)
    owner = classes.owners()
    width = np.minimum(classes.count[owner], classes.capacity[classes.arc_slot])
    open_arcs = np.flatnonzero(width > 0)
    if len(open_arcs):
        network = _Network(classes, owner[open_arcs], classes.arc_slot[open_arcs], width[open_arcs])
        flow[open_arcs] = network.cheapest(classes.arc_cost[open_arcs], network.served_by_tier())
    return flow


class _Network:
    """Nodes: classes, then slots, then the sink, then one source per tier (or one for all in a maximum flow)."""

    def __init__(self, classes: Classes, owner: Integers, slot: Integers, width: Integers) -> None:
        rows, slots = len(classes.count), len(classes.capacity)
        self.tier, self.count, self.tiers = classes.tier, classes.count, classes.tiers
        self.owner, self.slot_node, self.width = owner, rows + slot, width
        self.slots = np.arange(rows, rows + slots)
        # a slot can never hold more than all requests; clipped so that sums stay in range
        self.places = np.minimum(classes.capacity, classes.count.sum())
        self.sink, self.source = rows + slots, rows + slots + 1

    def served_by_tier(self) -> list[int]:
        """The lexicographically largest counts: served sets are a matroid, so the maxima over 0..t tell them."""
        served: list[int] = []
        for tier in range(self.tiers):
            urgent = self.tier <= tier
            served.append(self._largest(urgent) - sum(served) if bool((self.tier == tier).any()) else 0)
        return served

    def _largest(self, urgent: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
        rows, arcs = np.flatnonzero(urgent), urgent[self.owner]
        solver = max_flow.SimpleMaxFlow()
        solver.add_arcs_with_capacity(self.owner[arcs], self.slot_node[arcs], self.width[arcs])
        solver.add_arcs_with_capacity(np.full(len(rows), self.source), rows, self.count[rows])
        solver.add_arcs_with_capacity(self.slots, np.full(len(self.slots), self.sink), self.places)
        if solver.solve(self.source, self.sink) != solver.OPTIMAL:
            raise SolverFailed("the maximum flow was not found")
        return int(solver.optimal_flow())

    def cheapest(self, cost: Integers, served: list[int]) -> Integers:
        rows = len(self.count)
        solver = min_cost_flow.SimpleMinCostFlow()
        arcs = solver.add_arcs_with_capacity_and_unit_cost(self.owner, self.slot_node, self.width, cost)
        free = np.zeros(max(rows, len(self.slots)), dtype=np.int64)
        solver.add_arcs_with_capacity_and_unit_cost(self.source + self.tier, np.arange(rows), self.count, free[:rows])
        solver.add_arcs_with_capacity_and_unit_cost(
            self.slots, np.full(len(self.slots), self.sink), self.places, free[: len(self.slots)]
        )
        ends = np.arange(self.sink, self.source + len(served))
        solver.set_nodes_supplies(ends, np.array([-sum(served), *served], dtype=np.int64))
        status = solver.solve()
        if status == solver.BAD_COST_RANGE:
            raise CostsOutOfRange(f"costs up to {int(cost.max())} over {rows} classes exceed 64-bit arithmetic")
        if status != solver.OPTIMAL:
            raise SolverFailed(f"the minimum cost flow was not found: {status}")
        return np.asarray(solver.flows(arcs), dtype=np.int64)
