"""A round as two files of columns: what it solved (the *instance*), and what came of it with its proof (the *result*).

The instance holds whole numbers only, nothing that would have to be computed in floating point again: offers with their
free places, candidate lists with distances, groups of equal people, and every request's id and wait. Whoever has both
files can check the round without a solver, or solve it again and compare.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from market.placement.arcs import Arcs, Groups, assembled, rows
from market.placement.census import Census
from market.placement.columns import Columns, RoundFileBroken, halves, runs
from market.placement.crowd import Service, turn_of
from market.placement.mixed import Mixed, question_of, take_in
from market.placement.proof import Solved, flat_kin, flat_seats
from market.placement.reach import Lists
from market.placement.rules import MAX_WISHES
from market.placement.terms import COST_UNIT_M, RANK_STEP, RoundTerms
from matching.arrays import Integers
from matching.classes import Classes
from matching.errors import MatchingError
from matching.outcome import ClassResult
from matching.result import parse_result, result_document

INSTANCE, RESULT = "tapsyrys-round-instance/1", "tapsyrys-round-result/1"


@dataclass(frozen=True, eq=False)
class StoredInstance:
    """``offer``: ids by slot; ``request``: ids, class by class; ``turn``: each one's place in the line of those who
    wait; ``locality`` and ``size`` of each class."""

    arcs: Arcs
    offer: list[str]
    request: list[str]
    since: Integers
    locality: Integers
    size: Integers
    sha256: str

    @property
    def turn(self) -> Integers:
        return turn_of(self.since, halves(self.request))

    def sizes(self) -> Integers:
        """What each request takes of an offer."""
        return self.size[rows(self.arcs)]


@dataclass(frozen=True, eq=False)
class StoredResult:
    """``solved`` None: under the stable policy ``taken`` (the arc of each request, -1 for none) says it all."""

    taken: Integers
    solved: Solved | None
    facts: Mapping[str, Any]


# --- what was solved -----------------------------------------------------------------------------------------------
def instance_columns(census: Census, arcs: Arcs) -> Columns:
    lists, groups, crowd = arcs.lists, arcs.groups, census.crowd
    head = {
        "format": INSTANCE,
        "services": [list(service) for service in lists.services],
        "mixed": [list(service) for service in arcs.mixed],
        "terms": arcs.terms.to_json(),
        "cost": {"unit_m": COST_UNIT_M, "rank_step": RANK_STEP, "rank_of_unnamed": MAX_WISHES + 1},
    }
    numbers = {
        "slot_capacity": arcs.kin.capacity,
        "slot_provider": arcs.provider,
        "list_service": lists.service,
        "list_home": lists.home,
        "list_length": np.diff(lists.first),
        "list_slot": lists.slot,
        "list_metres": lists.distance_m,
        "kin_list": groups.kin_list,
        "kin_tier": groups.kin_tier,
        "class_kin": groups.kin,
        "class_provider": groups.home,
        "class_count": groups.count,
        "class_size": crowd.size,
        "class_locality": crowd.locality,
        "wish_count": np.diff(groups.wish_first),
        "wish_slot": groups.wish_slot,
        "request_since": crowd.member.since,
    }
    return Columns(head, numbers, {"offer": census.supply.id, "request": crowd.member.request})


def instance_of(columns: Columns, sha256: str) -> StoredInstance:
    """Raises RoundFileBroken."""
    _check(columns, INSTANCE, rank_step=RANK_STEP)
    n, head = columns.numbers, columns.head
    try:
        lists = Lists(
            _services(head["services"]),
            n["list_service"],
            runs(n["list_length"]),
            n["list_slot"],
            n["list_metres"],
            n["list_home"],
        )
        groups = Groups(
            kin_list=n["kin_list"],
            kin_tier=n["kin_tier"],
            kin=n["class_kin"],
            home=n["class_provider"],
            count=n["class_count"],
            wish_first=runs(n["wish_count"]),
            wish_slot=n["wish_slot"],
        )
        terms = RoundTerms.of_json(head["terms"])
        arcs = assembled(lists, groups, n["slot_capacity"], n["slot_provider"], _services(head["mixed"]), terms)
        offer, request = columns.texts("offer"), columns.texts("request")
        stored = StoredInstance(arcs, offer, request, n["request_since"], n["class_locality"], n["class_size"], sha256)
    except (KeyError, IndexError, ValueError, MatchingError) as fault:
        raise RoundFileBroken(f"the instance is not whole: {fault}") from fault
    if len(request) != int(groups.count.sum()) or len(offer) != len(arcs.provider):
        raise RoundFileBroken("the instance is not whole: its ids are not as many as its requests and offers")
    return stored


def _services(kept: list[list[str]]) -> list[Service]:
    return [(kind, setting, unit) for kind, setting, unit in kept]


def _check(columns: Columns, wanted: str, **cost: int) -> None:
    if columns.head.get("format") != wanted:
        raise RoundFileBroken(f"its format is not {wanted}")
    if any(columns.head["cost"].get(name) != value for name, value in cost.items()):
        raise RoundFileBroken("its costs are counted by another rule than this release knows")


# --- what came of it -----------------------------------------------------------------------------------------------
def result_columns(arcs: Arcs, taken: Integers, solved: Solved | None, facts: Mapping[str, Any]) -> Columns:
    """``facts``: whatever belongs to the run, as JSON (policy, seed, versions)."""
    place = np.where(taken >= 0, taken - arcs.classes.first_arc[rows(arcs)], -1)
    numbers: dict[str, Integers] = {"request_place": place}
    head: dict[str, Any] = {"format": RESULT, "facts": dict(facts)}
    if solved is not None:
        numbers["who_flow"] = solved.who.flow
        for name, part in (("who", solved.who), ("where", solved.where)):
            if part is not None:
                head[name] = {
                    "served_by_tier": list(part.served_by_tier),
                    "cost": part.cost,
                    "penalty_by_tier": list(part.penalty_by_tier),
                    "proven": part.proven,
                }
                numbers |= {f"{name}_price": part.prices, f"{name}_cap_price": part.cap_prices}
        head["mixed"] = [json.loads(result_document(part.result)) for part in solved.mixed]
    return Columns(head, numbers, {})


def result_of(columns: Columns, instance: StoredInstance) -> StoredResult:
    """Raises RoundFileBroken."""
    _check(columns, RESULT)
    arcs, n, head = instance.arcs, columns.numbers, columns.head
    row = rows(arcs)
    try:
        place = n["request_place"]
        if len(place) != len(row) or (place >= np.diff(arcs.classes.first_arc)[row]).any():
            raise RoundFileBroken("the result is not of this instance")
        taken = np.where(place >= 0, arcs.classes.first_arc[row] + place, -1)
        if "who" not in head:
            return StoredResult(taken, None, head["facts"])
        who = _outcome(flat_kin(arcs), n["who_flow"], head["who"], n["who_price"], n["who_cap_price"])
        where = None
        flat = (taken >= 0) & ~arcs.odd[row]
        if "where" in head:
            flow = np.bincount(taken[flat], minlength=len(arcs.classes.arc_slot)).astype(np.int64)
            seats = flat_seats(arcs, flat)
            where = _outcome(seats, flow, head["where"], n["where_price"], n["where_cap_price"])
        mixed = _mixed_of(instance, np.where(flat, taken, -1), head["mixed"])
    except (KeyError, IndexError, ValueError, MatchingError) as fault:
        raise RoundFileBroken(f"the result is not whole: {fault}") from fault
    return StoredResult(taken, Solved(who, where, mixed, taken), head["facts"])


def _outcome(
    classes: Classes, flow: Integers, claimed: Mapping[str, Any], prices: Integers, cap_prices: Integers
) -> ClassResult:
    return ClassResult(
        flow=flow,
        waiting=classes.count - classes.served(flow),
        prices=prices,
        penalty_by_tier=tuple(claimed["penalty_by_tier"]),
        served_by_tier=tuple(claimed["served_by_tier"]),
        cost=claimed["cost"],
        proven=claimed["proven"],
        cap_prices=cap_prices,
    )


def _mixed_of(instance: StoredInstance, taken: Integers, kept: list[Any]) -> list[Mixed]:
    """In the order in which they were solved: each takes of the common limits what those before it leave."""
    parts: list[Mixed] = []
    size = instance.sizes()
    for service, document in zip(instance.arcs.mixed, kept, strict=True):
        question = question_of(instance.arcs, size, service, taken)
        parts.append(Mixed(question, parse_result(json.dumps(document).encode())))
        take_in(taken, parts[-1])
    return parts
