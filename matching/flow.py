"""The exact flow of one component: first how many of each tier can be served, then the cheapest way to serve that many.

The usual formulation gives waiting a penalty per tier. It is exact too, and the certificate speaks in those penalties,
but as a *cost* it leaves the solver's number range early and takes half as long again. Fixing the served count of each
tier (known from maximum flows over the tiers 0..t) needs no large number at all and gives the same optimum.
"""

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import max_flow, min_cost_flow

from matching.arrays import Integers
from matching.caps import NOWHERE
from matching.classes import Classes
from matching.errors import CostsOutOfRange, SolverFailed
from matching.hubs import find_hubs
from matching.merging import dealt, merged


def optimal_flow(classes: Classes, *, alike: bool = True) -> Integers:
    """How many requests of each class take each arc: lexicographically most served by tier, then least cost.

    `alike`: look for classes with shared lists first. Deterministic. Holds the interpreter lock while it runs: call it
    in a worker process.
    """
    network = _Network(classes, alike=alike)
    return network.decoded(*network.cheapest(network.served_by_tier()))


def most_served(classes: Classes) -> tuple[int, ...]:
    """The lexicographically largest counts by tier; maximum flows only."""
    return tuple(_Network(classes).served_by_tier())


class _Network:
    """Nodes: lists of candidates, then slots, hubs, caps, the sink, then one source per tier (or one for all in a
    maximum flow).

    Arcs: the lists' own arcs, then for each hub its entries (from lists) and its exits (to slots). Places lead from a
    slot to the cap around it, from a cap to the next, and from the outermost to the sink. Classes lead from their
    tier's source to their list.
    """

    def __init__(self, classes: Classes, *, alike: bool = True) -> None:
        self.classes, (self.lists, self.list_of) = classes, merged(classes)
        lists, rows, slots = self.lists, len(self.lists.count), len(classes.capacity)
        self.hubs, own = find_hubs(lists) if alike else ([], np.ones(len(lists.arc_slot), dtype=np.bool_))
        self.own = np.flatnonzero(own)
        nodes = rows + slots + np.arange(len(self.hubs))
        owner = lists.owners()[self.own]
        tail, head, cost = [owner], [rows + lists.arc_slot[self.own]], [lists.arc_cost[self.own]]
        width = [np.minimum(lists.count[owner], classes.capacity[lists.arc_slot[self.own]])]
        for node, hub in zip(nodes.tolist(), self.hubs, strict=True):
            tail += [hub.row, np.full(len(hub.slot), node)]
            head += [np.full(len(hub.row), node), rows + hub.slot]
            cost += [hub.shift, hub.cost]
            width += [lists.count[hub.row], np.minimum(classes.capacity[hub.slot], lists.count[hub.row].sum())]
        self.tail, self.head = np.concatenate(tail), np.concatenate(head)
        self.cost, self.width = np.concatenate(cost), np.concatenate(width)
        caps, first_cap = classes.limits, rows + slots + len(self.hubs)
        self.sink = first_cap + len(caps.limit)
        self.holders = np.concatenate([np.arange(rows, rows + slots), np.arange(first_cap, self.sink)])
        around = np.concatenate([caps.of_slot, caps.parent])
        self.around = np.where(around == NOWHERE, self.sink, first_cap + around)
        # no holder can hold more than all requests; clipped so that sums stay in range
        self.places = np.minimum(np.concatenate([classes.capacity, caps.limit]), classes.count.sum())
        self.source = self.sink + 1

    def served_by_tier(self) -> list[int]:
        """The lexicographically largest counts: served sets are a matroid, so the maxima over 0..t tell them."""
        served: list[int] = []
        for tier in range(self.classes.tiers):
            urgent = self.classes.tier <= tier
            new = bool((self.classes.tier == tier).any())
            served.append(self._largest(urgent) - sum(served) if new else 0)
        return served

    def _largest(self, urgent: NDArray[np.bool_]) -> int:
        """Those of a tier that may not be served yet are left out, with their arcs."""
        rows = np.flatnonzero(urgent)
        entered = np.ones(self.sink, dtype=np.bool_)
        entered[: len(self.lists.count)] = False
        entered[self.list_of[rows]] = True
        on = entered[self.tail]
        solver = max_flow.SimpleMaxFlow()
        solver.add_arcs_with_capacity(self.tail[on], self.head[on], self.width[on])
        solver.add_arcs_with_capacity(np.full(len(rows), self.source), self.list_of[rows], self.classes.count[rows])
        solver.add_arcs_with_capacity(self.holders, self.around, self.places)
        if solver.solve(self.source, self.sink) != solver.OPTIMAL:
            raise SolverFailed("the maximum flow was not found")
        return int(solver.optimal_flow())

    def cheapest(self, served: list[int]) -> tuple[Integers, Integers]:
        """The flow out of the sources, a class each, and over the arcs."""
        count = self.classes.count
        solver = min_cost_flow.SimpleMinCostFlow()
        arcs = solver.add_arcs_with_capacity_and_unit_cost(self.tail, self.head, self.width, self.cost)
        sources, free = self.source + self.classes.tier, np.zeros_like(self.places)
        entries = solver.add_arcs_with_capacity_and_unit_cost(sources, self.list_of, count, np.zeros_like(count))
        solver.add_arcs_with_capacity_and_unit_cost(self.holders, self.around, self.places, free)
        ends = np.arange(self.sink, self.source + len(served))
        solver.set_nodes_supplies(ends, np.array([-sum(served), *served], dtype=np.int64))
        status = solver.solve()
        if status == solver.BAD_COST_RANGE:
            highest = int(self.cost.max())
            raise CostsOutOfRange(f"costs up to {highest} over {len(count)} classes exceed 64-bit arithmetic")
        if status != solver.OPTIMAL:
            raise SolverFailed(f"the minimum cost flow was not found: {status}")
        return np.asarray(solver.flows(entries), dtype=np.int64), np.asarray(solver.flows(arcs), dtype=np.int64)

    def decoded(self, entered: Integers, carried: Integers) -> Integers:
        """The flow over the arcs of the classes, those that lead through hubs included."""
        flow = np.zeros(len(self.lists.arc_slot), dtype=np.int64)
        at = len(self.own)
        flow[self.own] = carried[:at]
        for hub in self.hubs:
            middle, end = at + len(hub.row), at + len(hub.row) + len(hub.slot)
            arc, amount = hub.spread(carried[at:middle], carried[middle:end])
            flow[arc] += amount
            at = end
        return dealt(self.classes, self.lists, self.list_of, entered, flow)
