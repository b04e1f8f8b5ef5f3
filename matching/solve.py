"""One door: an instance in, a result out, under either policy."""

import time
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version

import numpy as np

from matching.aggregate import aggregate, expand
from matching.arrays import Integers
from matching.bounds import most_by_tier
from matching.certify import cost_bound
from matching.classes import Classes
from matching.coupled import DEFAULT_LIMIT, SMALL_ARCS, pack, placed_by_regions
from matching.distribute import Engine
from matching.errors import NotSupported
from matching.instance import Instance
from matching.reasons import leftovers, unserved_reasons
from matching.relax import Relaxation, relaxation
from matching.result import Certificate, CountProof, Kind, Policy, Result, Status, relative_gap
from matching.stable import stable_arcs
from matching.welfare import solve_classes
from matching.witness import too_few_places
from matching.writing import instance_sha256

# what the search may use of the time limit; the rest is for the prices that bound it
_SEARCH_SHARE, _SEARCH_SHARE_OF_LARGE = 0.8, 0.6


def solve(
    instance: Instance,
    policy: Policy = Policy.WELFARE,
    *,
    seed: int = 0,
    time_limit: float | None = None,
    workers: int = 1,
    engine: Engine | None = None,
) -> Result:
    """The best answer found within `time_limit` seconds, and what is proven about it.

    Without a limit the same input gives the same answer, however many `workers` (spawned processes) share the
    independent parts, or whichever `engine` does; only a search that time ends finds more with more of them. Raises
    `NotSupported` and `CostsOutOfRange`.
    """
    started = time.monotonic()
    if policy is Policy.STABLE:
        result = _stable(instance, seed)
    elif (instance.size > 1).any():
        result = _coupled(instance, seed, started + (time_limit or DEFAULT_LIMIT))
    else:
        result = _welfare(instance, seed, time_limit, workers, engine)
    return replace(result, seconds={"solve": round(time.monotonic() - started, 6)})


def _welfare(instance: Instance, seed: int, time_limit: float | None, workers: int, engine: Engine | None) -> Result:
    """Sizes are 1: the flow is the answer, unless budgets or groups forbid it."""
    started = time.monotonic()
    grouping = aggregate(instance)
    found = solve_classes(grouping.classes, workers=workers, time_limit=time_limit, engine=engine)
    if instance.serve_all and found.proven and found.waiting.any():
        short = too_few_places(grouping.classes, found.flow, found.waiting)
        return _infeasible(instance, Policy.WELFARE, seed, np.flatnonzero(short[grouping.row]))
    taken = expand(instance, grouping, found.flow)
    if not respected(instance, taken):
        return _coupled(instance, seed, started + (time_limit or DEFAULT_LIMIT))
    certificate = Certificate(prices=_named(instance.slot_ids, found.prices))
    if not found.proven:
        proven = instance.tiers_full(taken)
        return _answer(instance, Policy.WELFARE, seed, taken, certificate, proven, unproven_from=proven)
    certificate = replace(certificate, penalty_by_tier=found.penalty_by_tier)
    result = _answer(instance, Policy.WELFARE, seed, taken, certificate, instance.tiers, unproven_from=instance.tiers)
    return replace(result, status=Status.OPTIMAL, bound=found.cost, gap=0.0)


def respected(instance: Instance, taken: Integers) -> bool:
    """Whether budgets hold and the served of each group share one provider."""
    _, money, bound = leftovers(instance, taken)
    arcs = taken[taken >= 0]
    group = bound[instance.owners[arcs]]
    return bool((money >= 0).all() and ((group < 0) | (group == instance.providers[instance.arc_slot[arcs]])).all())


def _coupled(instance: Instance, seed: int, deadline: float) -> Result:
    if instance.serve_all and (short := _too_few_units(instance)) is not None:
        return _infeasible(instance, Policy.WELFARE, seed, short)
    small = len(instance.arc_slot) <= SMALL_ARCS or placed_by_regions(instance)
    share = _SEARCH_SHARE if small else _SEARCH_SHARE_OF_LARGE
    search = time.monotonic() + share * (deadline - time.monotonic())
    packing = pack(instance, seed=seed, deadline=search)
    if packing.core:
        return _infeasible(instance, Policy.WELFARE, seed, np.array(packing.core))
    served = tuple(np.bincount(instance.tier[packing.taken >= 0], minlength=instance.tiers).tolist())
    certificate, proven = Certificate(), max(packing.tiers_proven, instance.tiers_full(packing.taken))
    if model := packing.model or relaxation(instance, deadline):
        model.deadline = deadline
        left_out = instance.tiers_full(packing.taken) < instance.tiers
        most = packing.most or (model.most_served() if left_out else None)
        certificate = _bounded(
            instance, model, served, solved=packing.most == served and not placed_by_regions(instance)
        )
        if proven < instance.tiers:
            proven = max(proven, alike(served, most or ()))
        if most:
            certificate = replace(certificate, counts=_counted(instance, model, served))
    answer = _answer(instance, Policy.WELFARE, seed, packing.taken, certificate, proven, unproven_from=proven)
    return replace(answer, most_by_tier=_most_served(instance, answer))


def _counted(instance: Instance, model: Relaxation, served: tuple[int, ...]) -> tuple[CountProof, ...]:
    """Of every tier in which somebody is left out who could be served alone, the prices that say how many at most."""
    alone = np.bincount(instance.tier[instance.servable], minlength=instance.tiers).tolist()
    return tuple(
        CountProof(
            tier=tier,
            prices=_named(instance.slot_ids, prices.slots),
            budget_prices=_named(instance.budget_ids, prices.budgets),
            tier_prices=prices.tiers,
            scale=prices.scale,
        )
        for tier, prices in enumerate(model.counts)
        if served[tier] < alone[tier]
    )


def _most_served(instance: Instance, answer: Result) -> tuple[int, ...]:
    """Nothing where all is proven anyway, or time was too short."""
    counts = answer.certificate.counts if answer.certificate else ()
    return (counts and most_by_tier(instance, answer.served_by_tier, counts)) or ()


def alike(served: tuple[int, ...], most: tuple[int, ...]) -> int:
    """How many of the first tiers are served as well as can be."""
    return next((tier for tier, pair in enumerate(zip(served, most, strict=False)) if pair[0] < pair[1]), len(most))


def _bounded(instance: Instance, model: Relaxation, served: tuple[int, ...], *, solved: bool) -> Certificate:
    """The prices that bound the cost of serving so many of each tier; none where time runs out. `solved`: that is what
    the model was solved for last."""
    if not solved:
        model.serve(served)
        if not model.solve(instance.arc_cost.astype(np.float64)):
            return Certificate()
    prices = model.prices()
    return Certificate(
        prices=_named(instance.slot_ids, prices.slots),
        budget_prices=_named(instance.budget_ids, prices.budgets),
        tier_prices=prices.tiers,
        scale=prices.scale,
    )


def _too_few_units(instance: Instance) -> Integers | None:
    """Requests whose sizes outnumber the places of all their candidates, even if everyone could be split."""
    arcs = np.flatnonzero(instance.fitting)
    units = Classes(
        capacity=instance.capacity,
        tier=np.zeros_like(instance.tier),
        count=instance.size,
        first_arc=np.searchsorted(arcs, instance.first_arc),
        arc_slot=instance.arc_slot[arcs],
        arc_cost=np.zeros_like(arcs),
    )
    found = solve_classes(units)
    return np.flatnonzero(too_few_places(units, found.flow, found.waiting)) if found.waiting.any() else None


def _stable(instance: Instance, seed: int) -> Result:
    taken = stable_arcs(instance, seed)
    if instance.serve_all and (taken < 0).any():
        short = _too_few_units(instance)
        if short is None:
            raise NotSupported("everyone could be served, but not under the stable policy; use the welfare policy")
        return _infeasible(instance, Policy.STABLE, seed, short)
    certificate = Certificate(kind=Kind.STABLE)
    proven = instance.tiers_full(taken)
    return _answer(instance, Policy.STABLE, seed, taken, certificate, proven, unproven_from=instance.tiers)


def _answer(
    instance: Instance,
    policy: Policy,
    seed: int,
    taken: Integers,
    certificate: Certificate,
    tiers_proven: int,
    *,
    unproven_from: int,
) -> Result:
    """The result for the arcs taken: feasible with the bound of the certificate, unless that leaves no doubt."""
    requests = np.flatnonzero(taken >= 0)
    arcs = taken[requests]
    cost = sum(instance.arc_cost[arcs].tolist())
    served = tuple(np.bincount(instance.tier[requests], minlength=instance.tiers).tolist())
    bound = cost_bound(
        instance,
        served,
        _numbers(instance.slot_ids, certificate.prices),
        _numbers(instance.budget_ids, certificate.budget_prices),
        certificate.scale,
        certificate.tier_prices,
    )
    optimal = bound == cost and instance.tiers_full(taken) == instance.tiers
    slots = instance.arc_slot[arcs].tolist()
    return Result(
        instance_sha256=instance_sha256(instance),
        policy=policy,
        status=Status.OPTIMAL if optimal else Status.FEASIBLE,
        served=len(requests),
        served_by_tier=served,
        cost=cost,
        bound=bound,
        gap=relative_gap(cost, bound),
        tiers_proven=tiers_proven,
        assignments={
            instance.request_ids[request]: instance.slot_ids[slot]
            for request, slot in zip(requests.tolist(), slots, strict=True)
        },
        unserved=unserved_reasons(instance, taken, unproven_from),
        certificate=certificate,
        solver=solver_name(),
        seed=seed,
    )


def _infeasible(instance: Instance, policy: Policy, seed: int, short: Integers) -> Result:
    return Result(
        instance_sha256=instance_sha256(instance),
        policy=policy,
        status=Status.INFEASIBLE,
        served_by_tier=(0,) * instance.tiers,
        witness=tuple(instance.request_ids[request] for request in short.tolist()),
        solver=solver_name(),
        seed=seed,
    )


def solver_name() -> str:
    return f"ortools {version('ortools')}"


def _named(ids: tuple[str, ...], values: Integers) -> dict[str, int]:
    """Only what is not 0: most slots of a large instance have free places."""
    return {ids[at]: int(values[at]) for at in np.flatnonzero(values).tolist()}


def _numbers(ids: tuple[str, ...], named: Mapping[str, int]) -> Integers:
    return np.array([named.get(name, 0) for name in ids], dtype=np.int64)
