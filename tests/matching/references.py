"""Other exact methods, written without a look at ours: what the matcher has to agree with."""

import itertools
from typing import Any

import networkx as nx
import numpy as np
from ortools.sat.python import cp_model

from matching.classes import Classes


def by_network_simplex(classes: Classes) -> tuple[tuple[int, ...], int]:
    """One penalised flow in networkx, whose integers have no limit: M ** tier needs no clever argument."""
    largest = int(classes.arc_cost.max(initial=0))
    step = int(classes.count.sum()) * (largest + 1) + 1
    graph = nx.DiGraph()
    graph.add_node("sink", demand=int(classes.count.sum()))
    for row, count in enumerate(classes.count.tolist()):
        tier = int(classes.tier[row])
        graph.add_node(("class", row), demand=-count)
        graph.add_edge(("class", row), "sink", weight=step ** (classes.tiers - tier), capacity=count)
        for arc in range(int(classes.first_arc[row]), int(classes.first_arc[row + 1])):
            graph.add_edge(
                ("class", row), ("slot", int(classes.arc_slot[arc])), weight=int(classes.arc_cost[arc]), capacity=count
            )
    for slot, capacity in enumerate(classes.capacity.tolist()):
        graph.add_edge(("slot", slot), around(classes.limits.of_slot[slot]), weight=0, capacity=capacity)
    for cap, limit in enumerate(classes.limits.limit.tolist()):
        graph.add_edge(("cap", cap), around(classes.limits.parent[cap]), weight=0, capacity=limit)
    flow = nx.min_cost_flow(graph)
    served = [0] * classes.tiers
    cost = 0
    for row in range(len(classes.count)):
        for target, amount in flow["class", row].items():
            if target != "sink":
                served[int(classes.tier[row])] += amount
                cost += amount * graph["class", row][target]["weight"]
    return tuple(served), cost


def around(cap: Any) -> Any:
    return "sink" if cap == -1 else ("cap", int(cap))


def by_constraint_solver(classes: Classes) -> tuple[tuple[int, ...], int]:
    """CP-SAT on counts, tier after tier, each fixed before the next, the cost last."""
    model, owner = cp_model.CpModel(), classes.owners().tolist()
    flow = [model.new_int_var(0, int(classes.count[row]), "") for row in owner]
    for row, count in enumerate(classes.count.tolist()):
        model.add(sum(x for x, of in zip(flow, owner, strict=True) if of == row) <= count)
    for slot, capacity in enumerate(classes.capacity.tolist()):
        model.add(sum(x for x, to in zip(flow, classes.arc_slot.tolist(), strict=True) if to == slot) <= capacity)
    for cap, limit in enumerate(classes.limits.limit.tolist()):
        under = [cap in classes.limits.chain(slot) for slot in classes.arc_slot.tolist()]
        model.add(sum(x for x, inside in zip(flow, under, strict=True) if inside) <= limit)
    served = []
    for tier in range(classes.tiers):
        total = sum(x for x, of in zip(flow, owner, strict=True) if classes.tier[of] == tier)
        served.append(_best(model, -total) * -1)
        model.add(total == served[-1])
    cost = _best(model, sum(x * c for x, c in zip(flow, classes.arc_cost.tolist(), strict=True)))
    return tuple(served), cost


def _best(model: cp_model.CpModel, objective: Any) -> int:
    model.minimize(objective)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    model.clear_objective()
    return round(solver.objective_value)


def by_trying_everything(top: dict[str, Any]) -> tuple[tuple[int, ...], int] | None:
    """(served by tier, cost) of the best answer to a row document, whatever its shape; None: infeasible."""
    requests = top["requests"]
    tiers = max((row["tier"] for row in requests), default=-1) + 1
    best = None
    for choice in itertools.product(*([None, *row["candidates"]] for row in requests)):
        if not fits(top, choice) or ("serve" in top and None in choice):
            continue
        served = [0] * tiers
        for row, taken in zip(requests, choice, strict=True):
            served[row["tier"]] += taken is not None
        key = (tuple(-count for count in served), sum(taken["cost"] for taken in choice if taken))
        best = key if best is None else min(best, key)
    return None if best is None else (tuple(-count for count in best[0]), best[1])


def fits(top: dict[str, Any], choice: tuple[dict[str, Any] | None, ...]) -> bool:
    free = {slot["id"]: slot["capacity"] for slot in top["slots"]}
    provider = {slot["id"]: slot.get("provider", slot["id"]) for slot in top["slots"]}
    money = {budget["id"]: budget["limit"] for budget in top.get("budgets", [])}
    group: dict[str, str] = {}
    for row, taken in zip(top["requests"], choice, strict=True):
        if taken is None:
            continue
        free[taken["slot"]] -= row["size"]
        for name, amount in taken.get("spend", {}).items():
            money[name] -= amount
        if "group" in row and group.setdefault(row["group"], provider[taken["slot"]]) != provider[taken["slot"]]:
            return False
    return min([*free.values(), *money.values(), 0]) >= 0


def deferred_acceptance(top: dict[str, Any], order: list[str]) -> dict[str, str]:
    """The textbook: free requests propose down their lists, a slot keeps the best (`order`) and rejects the rest."""
    wishes = {
        row["id"]: [
            c["slot"] for c in sorted(row["candidates"], key=lambda c: (c.get("rank", 10**30), c["cost"], c["slot"]))
        ]
        for row in top["requests"]
    }
    capacity = {slot["id"]: slot["capacity"] for slot in top["slots"]}
    held: dict[str, list[str]] = {name: [] for name in capacity}
    free = list(reversed(wishes))
    while free:
        name = free.pop()
        if not wishes[name]:
            continue
        slot = wishes[name].pop(0)
        held[slot].append(name)
        if len(held[slot]) > capacity[slot]:
            worst = max(held[slot], key=order.index)
            held[slot].remove(worst)
            free.append(worst)
    return {name: slot for slot, names in held.items() for name in names}


def served_by_prefix(classes: Classes) -> tuple[int, ...]:
    """What each tier adds to the largest flow of the tiers up to it, in networkx."""
    reached = []
    for tier in range(classes.tiers):
        graph = nx.DiGraph()
        graph.add_nodes_from(["source", "sink"])
        for row in np.flatnonzero(classes.tier <= tier).tolist():
            graph.add_edge("source", ("class", row), capacity=int(classes.count[row]))
            for arc in range(int(classes.first_arc[row]), int(classes.first_arc[row + 1])):
                graph.add_edge(("class", row), ("slot", int(classes.arc_slot[arc])))
        for slot, capacity in enumerate(classes.capacity.tolist()):
            graph.add_edge(("slot", slot), "sink", capacity=capacity)
        reached.append(nx.maximum_flow_value(graph, "source", "sink"))
    return tuple(np.diff([0, *reached]).tolist())
