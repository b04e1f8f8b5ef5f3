"""Instances for the tests: small named ones, and hypothesis strategies for every shape."""

import json
from typing import Any

import numpy as np
from hypothesis import strategies as st

from matching.caps import Caps
from matching.classes import Classes
from matching.instance import Instance
from matching.reading import parse_instance

FORMAT = {"format": "tapsyrys-instance/1", "objective": "minimise"}


def document(**top: Any) -> bytes:
    return json.dumps({**FORMAT, **top}).encode()


def instance(slots: dict[str, int], requests: list[dict[str, Any]], **top: Any) -> Instance:
    rows = [{"id": name, "capacity": capacity} for name, capacity in slots.items()]
    return parse_instance(document(slots=rows, requests=requests, **top))


def request(name: str, tier: int, wishes: dict[str, int], size: int = 1, **more: Any) -> dict[str, Any]:
    candidates = [{"slot": slot, "cost": cost} for slot, cost in wishes.items()]
    return {"id": name, "tier": tier, "size": size, "candidates": candidates, **more}


COSTS = st.sampled_from(["ties", "small", "huge", "zero"])


@st.composite
def caps_over(draw: st.DrawFn, slots: int) -> Caps:
    """Up to three limits, one within the other or side by side."""
    count = draw(st.integers(0, 3))
    return Caps.from_arrays(
        of_slot=draw(st.lists(st.integers(-1, count - 1), min_size=slots, max_size=slots)),
        limit=draw(st.lists(st.integers(0, 5), min_size=count, max_size=count)),
        parent=[draw(st.sampled_from([-1, *range(cap + 1, count)])) for cap in range(count)],
    )


@st.composite
def class_instances(draw: st.DrawFn, *, capped: bool = False) -> Classes:
    """Ties, no capacity, no candidates, costs up to 10^12, one slot, all sixteen tiers; `capped`: and lots."""
    slots, rows = draw(st.integers(1, 6)), draw(st.integers(0, 8))
    largest = {"ties": 2, "small": 50, "huge": 10**12, "zero": 0}[draw(COSTS)]
    tiers = draw(st.sampled_from([1, 2, 16]))
    lists = draw(
        st.lists(
            st.lists(
                st.tuples(st.integers(0, slots - 1), st.integers(0, largest)),
                max_size=slots,
                unique_by=lambda arc: arc[0],
            ),
            min_size=rows,
            max_size=rows,
        )
    )
    return Classes.from_arrays(
        capacity=np.array(draw(st.lists(st.integers(0, 3), min_size=slots, max_size=slots)), dtype=np.int64),
        tier=np.array(draw(st.lists(st.integers(0, tiers - 1), min_size=rows, max_size=rows)), dtype=np.int64),
        count=np.array(draw(st.lists(st.integers(0, 3), min_size=rows, max_size=rows)), dtype=np.int64),
        first_arc=np.cumsum([0, *map(len, lists)]),
        arc_slot=np.array([slot for arcs in lists for slot, _ in arcs], dtype=np.int64),
        arc_cost=np.array([cost for arcs in lists for _, cost in arcs], dtype=np.int64),
        caps=draw(caps_over(slots)) if capped else None,
    )


@st.composite
def rows(draw: st.DrawFn, *, coupled: bool = False, ranked: bool = False, serve: bool = False) -> dict[str, Any]:
    """The members of an instance document in row form; `coupled` adds sizes, budgets and groups."""
    names = [f"s{at}" for at in range(draw(st.integers(1, 4)))]
    largest = {"ties": 2, "small": 30, "huge": 10**12, "zero": 0}[draw(COSTS)]
    shape = st.sampled_from(["flow", "sizes", "budgets", "groups", "all"]) if coupled else st.just("flow")
    kind = draw(shape)
    sized, funded, grouped = (kind in {name, "all"} for name in ("sizes", "budgets", "groups"))
    slots = [{"id": name, "capacity": draw(st.integers(0, 6 if sized else 2))} for name in names]
    if grouped:
        slots = [slot | {"provider": draw(st.sampled_from("pq"))} for slot in slots]
    requests = []
    for at in range(draw(st.integers(0, 6))):
        row = {"id": f"r{at}", "tier": draw(st.integers(0, 2)), "size": draw(st.integers(1, 4)) if sized else 1}
        row["candidates"] = [
            candidate(draw, name, largest, funded=funded, ranked=ranked)
            for name in draw(st.permutations(names))
            if draw(st.booleans())
        ]
        if ranked:
            row["priority"] = draw(st.integers(0, 2))
        if grouped and draw(st.booleans()):
            row["group"] = draw(st.sampled_from("gh"))
        requests.append(row)
    top: dict[str, Any] = {"slots": slots, "requests": requests}
    if funded:
        top["budgets"] = [{"id": "b", "limit": draw(st.integers(0, 12))}]
    if serve and draw(st.booleans()):
        top["serve"] = "all"
    return top


def candidate(draw: st.DrawFn, slot: str, largest: int, *, funded: bool, ranked: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"slot": slot, "cost": draw(st.integers(0, largest))}
    if funded:
        row["spend"] = {"b": draw(st.integers(0, 5))}
    if ranked and draw(st.booleans()):
        row["rank"] = draw(st.integers(1, 3))
    return row
