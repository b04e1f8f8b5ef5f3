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


def by_augmenting_paths(classes: Classes) -> tuple[tuple[int, ...], int]:
    """One person after the other by the cheapest exchange (Bellman-Ford); costs are Python integers without limit."""
    tiers, owner = classes.tiers, classes.owners().tolist()
    worst = int(classes.count.sum()) * (int(classes.arc_cost.max(initial=0)) + 1) + 1
    arcs: list[list[tuple[int, int]]] = [[] for _ in classes.count]
    for row, slot, cost in zip(owner, classes.arc_slot.tolist(), classes.arc_cost.tolist(), strict=True):
        arcs[row].append((slot, cost))
    wait = len(classes.capacity)
    for row, tier in enumerate(classes.tier.tolist()):
        arcs[row].append((wait, worst ** (tiers - tier)))
    people = [row for row, count in enumerate(classes.count.tolist()) for _ in range(count)]
    free, seat = [*classes.capacity.tolist(), len(people)], dict[int, tuple[int, int]]()
    for newcomer in range(len(people)):
        reach: dict[int, tuple[int, int, int | None]] = {
            slot: (cost, newcomer, None) for slot, cost in arcs[people[newcomer]]
        }
        changed = True
        while changed:
            changed = False
            for one, (here, paid) in seat.items():
                for slot, cost in arcs[people[one]]:
                    if here in reach and slot != here and reach[here][0] + cost - paid < reach.get(slot, (10**400,))[0]:
                        reach[slot] = (reach[here][0] + cost - paid, one, here)
                        changed = True
        slot: int | None = min((at for at in reach if free[at]), key=lambda at: reach[at][0])
        free[slot] -= 1
        while slot is not None:
            _, one, before = reach[slot]
            seat[one] = slot, dict(arcs[people[one]])[slot]
            slot = before
    served = [0] * tiers
    for one, (slot, _) in seat.items():
        served[int(classes.tier[people[one]])] += slot != wait
    return tuple(served), sum(cost for slot, cost in seat.values() if slot != wait)


def stable_answers(top: dict[str, Any], order: list[str]) -> list[dict[str, str]]:
    """Every way to place people in which no two wait for each other, by trying all of them."""
    requests, capacity = top["requests"], {slot["id"]: slot["capacity"] for slot in top["slots"]}
    found = []
    for choice in itertools.product(*([None, *row["candidates"]] for row in requests)):
        seat = {row["id"]: taken and taken["slot"] for row, taken in zip(requests, choice, strict=True)}
        if all(sum(1 for at in seat.values() if at == slot) <= most for slot, most in capacity.items()):
            answer = {name: slot for name, slot in seat.items() if slot}
            if not blocking_pairs(top, order, answer):
                found.append(answer)
    return found


def blocking_pairs(top: dict[str, Any], order: list[str], answer: dict[str, str]) -> list[tuple[str, str]]:
    """Who would rather be in a slot that would rather have them, or has a place left."""
    pairs = []
    for row in top["requests"]:
        wishes = [c["slot"] for c in sorted(row["candidates"], key=preference)]
        mine = wishes.index(answer[row["id"]]) if row["id"] in answer else len(wishes)
        for slot in wishes[:mine]:
            there = [name for name, at in answer.items() if at == slot]
            capacity = next(s["capacity"] for s in top["slots"] if s["id"] == slot)
            worse = [name for name in there if order.index(name) > order.index(row["id"])]
            if len(there) < capacity or worse:
                pairs.append((row["id"], slot))
    return pairs


def preference(candidate: dict[str, Any]) -> tuple[int, int, str]:
    return candidate.get("rank", 10**30), candidate["cost"], candidate["slot"]
