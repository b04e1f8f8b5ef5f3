"""One question of a stored round in the matcher's own exchange format, request by request, with its answer and proof:
for anybody who wants to check it with a program of their own. No solver is loaded.

Slots and requests are named by their ids as 32 digits; nothing else of a person is in it.
"""

from enum import StrEnum

import numpy as np

from contracts.kernel.errors import WrongState
from market.placement.arcs import rows
from market.placement.columns import runs, spread
from market.placement.proof import Solved, chosen_of
from market.placement.stored import StoredInstance, StoredResult
from matching.arrays import Integers
from matching.classes import Classes
from matching.instance import Instance
from matching.outcome import ClassResult
from matching.reasons import unserved_reasons
from matching.result import Certificate, Policy, Result, Status
from matching.writing import instance_sha256


class RoundQuestion(StrEnum):
    WHO = "who"  # is served
    WHERE = "where"  # those sit


class RoundNotExportable(WrongState):
    code = "round-not-exportable"
    title = "This round does not fit the exchange format"


def exported(instance: StoredInstance, result: StoredResult, question: RoundQuestion) -> tuple[Instance, Result]:
    """Raises RoundNotExportable: limits on places, unequal sizes and unproven answers have no form there, and a round
    in line asks neither question. Where nobody's wishes differ there is only the first."""
    solved = result.solved
    if solved is None or instance.arcs.kin.caps is not None or instance.arcs.mixed:
        raise RoundNotExportable(rule="exchange-format")
    if question is RoundQuestion.WHO:
        return _who(instance, solved)
    if solved.where is None:
        raise RoundNotExportable("This round has asked only who is served", rule="exchange-format")
    return _seats(instance, solved, solved.where)


def _who(instance: StoredInstance, solved: Solved) -> tuple[Instance, Result]:
    arcs, turn = instance.arcs, instance.turn
    kin = arcs.groups.kin[rows(arcs)]
    chosen = np.flatnonzero(chosen_of(arcs, turn, solved.who))
    chosen = chosen[np.lexsort((turn[chosen], kin[chosen]))]
    arc = np.full(len(kin), -1, dtype=np.int64)
    arc[chosen] = np.repeat(np.arange(len(solved.who.flow)), solved.who.flow)
    return _written(instance, arcs.kin, kin, arc, np.arange(len(kin)), solved.who, serve_all=False)


def _seats(instance: StoredInstance, solved: Solved, where: ClassResult) -> tuple[Instance, Result]:
    """Tiers are all 0: everybody asked about has a place."""
    arcs = instance.arcs
    alike = Classes.from_arrays(
        capacity=arcs.classes.capacity,
        tier=np.zeros_like(arcs.classes.tier),
        count=arcs.classes.count,
        first_arc=arcs.classes.first_arc,
        arc_slot=arcs.classes.arc_slot,
        arc_cost=arcs.classes.arc_cost,
    )
    served = np.flatnonzero(solved.taken >= 0)
    return _written(instance, alike, rows(arcs), solved.taken, served, where, serve_all=True)


def _written(
    stored: StoredInstance, classes: Classes, row: Integers, arc: Integers, request: Integers, answer: ClassResult, *,
    serve_all: bool,
) -> tuple[Instance, Result]:  # fmt: skip
    """``row`` and ``arc``: the class of every request and its arc there; ``request``: who is asked about."""
    if not answer.proven:
        raise RoundNotExportable("Nothing proves this answer", rule="exchange-format")
    own = row[request]
    lengths = np.diff(classes.first_arc)[own]
    first, source = runs(lengths), spread(classes.first_arc[own], lengths)
    instance = Instance(
        slot_ids=tuple(stored.offer),
        capacity=classes.capacity,
        request_ids=tuple(stored.request[at] for at in request.tolist()),
        tier=classes.tier[own],
        size=np.ones_like(own),
        first_arc=first,
        arc_slot=classes.arc_slot[source],
        arc_cost=classes.arc_cost[source],
        spend=np.zeros((0, len(source)), dtype=np.int64),
        serve_all=serve_all,
    )
    taken = np.where(arc[request] >= 0, first[:-1] + arc[request] - classes.first_arc[own], -1)
    return instance, _result(instance, taken, answer)


def _result(instance: Instance, taken: Integers, answer: ClassResult) -> Result:
    placed = np.flatnonzero(taken >= 0)
    slots = instance.arc_slot[taken[placed]]
    names = zip(placed.tolist(), slots.tolist(), strict=True)
    prices = {instance.slot_ids[at]: int(answer.prices[at]) for at in np.flatnonzero(answer.prices).tolist()}
    return Result(
        instance_sha256=instance_sha256(instance),
        policy=Policy.WELFARE,
        status=Status.OPTIMAL,
        served=len(placed),
        served_by_tier=answer.served_by_tier[: instance.tiers],
        cost=answer.cost,
        bound=answer.cost,
        gap=0.0,
        tiers_proven=instance.tiers,
        assignments={instance.request_ids[at]: instance.slot_ids[slot] for at, slot in names},
        unserved=unserved_reasons(instance, taken, instance.tiers),
        certificate=Certificate(prices=prices, penalty_by_tier=answer.penalty_by_tier[: instance.tiers]),
        solver="a stored round",
    )
