"""Services whose requests have different sizes, request by request: a place is not a place there, so no flow answers
them. They come after all others and take of the common limits on places what those leave."""

from dataclasses import dataclass

import numpy as np

from market.placement.arcs import Arcs, rows
from market.placement.columns import runs, spread
from market.placement.crowd import Service
from market.placement.rules import RoundNotProven
from matching.arrays import Integers
from matching.instance import Instance
from matching.proof import Violation
from matching.result import Result
from matching.verify import verify

MIXED_ARCS = 500_000  # beyond this the search over unequal sizes finds nothing good in the time of a round


@dataclass(frozen=True, eq=False)
class Question:
    """``request``: the positions in the round of the instance's requests; ``arc``: the arc of the round behind each."""

    instance: Instance
    request: Integers
    arc: Integers


@dataclass(frozen=True, eq=False)
class Mixed:
    question: Question
    result: Result


def question_of(arcs: Arcs, size: Integers, service: Service, taken: Integers) -> Question:
    """``size``: what each request takes; ``taken``: the arcs of the services before this one, -1 for none."""
    classes, number = arcs.classes, arcs.lists.services.index(service)
    own = arcs.lists.service[arcs.groups.kin_list[arcs.groups.kin]] == number
    row = rows(arcs)
    request = np.flatnonzero(own[row])
    lengths = np.diff(classes.first_arc)[row[request]]
    if lengths.sum() > MIXED_ARCS:
        raise RoundNotProven(f"{'/'.join(service)} has too many requests of unequal sizes", rule="mixed-sizes")
    arc = spread(classes.first_arc[row[request]], lengths)
    slot, limits = classes.arc_slot[arc], classes.limits
    load = limits.loads(np.bincount(classes.arc_slot[taken[taken >= 0]], minlength=len(classes.capacity)))
    inside = np.zeros((len(limits.limit), len(classes.capacity)), dtype=np.int64)
    for at in range(len(classes.capacity)):
        inside[limits.chain(at), at] = 1
    instance = Instance(
        slot_ids=tuple(str(at) for at in range(len(classes.capacity))),
        capacity=classes.capacity,
        request_ids=tuple(str(at) for at in range(len(request))),
        tier=classes.tier[row[request]],
        size=size[request],
        first_arc=runs(lengths),
        arc_slot=slot.astype(np.int64),
        arc_cost=classes.arc_cost[arc].astype(np.int64),
        budget_ids=tuple(f"cap {at}" for at in range(len(limits.limit))),
        budget_limit=np.maximum(limits.limit - load, 0),
        spend=inside[:, slot],
    )
    return Question(instance, request, arc)


def take_in(taken: Integers, part: Mixed) -> None:
    """In place: where the requests of the service sit."""
    instance, found = part.question.instance, part.result
    named = {name: int(slot) for name, slot in found.assignments.items()}
    wanted = np.array([named.get(name, -1) for name in instance.request_ids], dtype=np.int64)
    at = np.flatnonzero(instance.arc_slot == wanted[instance.owners])
    taken[part.question.request[instance.owners[at]]] = part.question.arc[at]


def fault_of(part: Mixed, taken: Integers) -> Violation | None:
    """``taken``: where everybody sits."""
    if fault := verify(part.question.instance, part.result):
        return fault
    wanted = np.full(len(taken), -1, dtype=np.int64)
    take_in(wanted, part)
    own = part.question.request
    return None if np.array_equal(wanted[own], taken[own]) else Violation("seats", "people sit elsewhere than answered")


def prices_of(part: Mixed) -> list[tuple[int, int]]:
    """By slot, in whole cost units."""
    certificate = part.result.certificate
    if certificate is None:
        return []
    return [(int(name), price // certificate.scale) for name, price in certificate.prices.items()]
