"""Whether a claimed result holds, found without any solver and without the code that made it: the auditor's side.

Everything claimed is counted again. `optimal` needs a proof by prices; `feasible` needs a bound that the prices give; a
stable result must leave no request and slot that would rather have each other; `infeasible` needs requests that cannot
fit.
What a feasible result says in `tiers_proven` beyond tiers served in full is the word of its solver.
"""

from collections.abc import Mapping

import numpy as np

from matching.arrays import Integers
from matching.bounds import most_by_tier, price_bound
from matching.classes import Classes
from matching.exhaust import TooMany, fit_together
from matching.instance import Instance
from matching.lottery import arc_order, request_order
from matching.proof import Violation, verify_classes
from matching.reasons import leftovers, open_arcs, unserved_reasons
from matching.result import Certificate, CountProof, Kind, Policy, Reason, Result, Status, relative_gap
from matching.writing import instance_sha256


def verify(instance: Instance, result: Result) -> Violation | None:
    """None where every claim holds, else the first that does not."""
    if result.instance_sha256 != instance_sha256(instance):
        return Violation("instance", "the result belongs to another instance")
    if result.status is Status.INFEASIBLE:
        return _infeasible_violation(instance, result)
    taken = taken_arcs(instance, result.assignments)
    if isinstance(taken, Violation):
        return taken
    return (
        _place_violation(instance, taken)
        or _figures_violation(instance, result, taken)
        or _unserved_violation(instance, result, taken)
        or _bound_violation(instance, result)
        or _most_violation(instance, result)
        or _policy_violation(instance, result, taken)
        or _optimum_violation(instance, result, taken)
    )


def taken_arcs(instance: Instance, assignments: Mapping[str, str]) -> Integers | Violation:
    """The arc of each request, -1 for none."""
    slots = {name: at for at, name in enumerate(instance.slot_ids)}
    requests = {name: at for at, name in enumerate(instance.request_ids)}
    wanted = np.full(len(requests), -1, dtype=np.int64)
    for request, slot in assignments.items():
        if request not in requests or slot not in slots:
            return Violation("unknown", f"{request!r} in {slot!r}: no such request or slot")
        wanted[requests[request]] = slots[slot]
    arcs = np.flatnonzero(instance.arc_slot == wanted[instance.owners])
    taken = np.full(len(requests), -1, dtype=np.int64)
    taken[instance.owners[arcs]] = arcs
    strange = np.flatnonzero((wanted >= 0) & (taken < 0))
    if len(strange):
        return Violation("not-a-candidate", f"{instance.request_ids[strange[0]]!r} sits in a slot that is no candidate")
    return taken


def _place_violation(instance: Instance, taken: Integers) -> Violation | None:
    free, money, bound = leftovers(instance, taken)
    if (free < 0).any():
        return Violation(
            "capacity", f"slot {instance.slot_ids[int(np.argmax(free < 0))]!r} holds more than its capacity"
        )
    if (money < 0).any():
        return Violation("budget", f"budget {instance.budget_ids[int(np.argmax(money < 0))]!r} is overspent")
    arcs = taken[taken >= 0]
    group = bound[instance.owners[arcs]]
    apart = np.flatnonzero((group >= 0) & (group != instance.providers[instance.arc_slot[arcs]]))
    if len(apart):
        request = instance.request_ids[instance.owners[arcs[apart[0]]]]
        return Violation("group", f"the group of {request!r} does not share one provider")
    return None


def _figures_violation(instance: Instance, result: Result, taken: Integers) -> Violation | None:
    arcs = taken[taken >= 0]
    served = tuple(np.bincount(instance.tier[taken >= 0], minlength=instance.tiers).tolist())
    figures = (
        ("served", result.served, len(arcs)),
        ("served_by_tier", result.served_by_tier, served),
        ("cost", result.cost, sum(instance.arc_cost[arcs].tolist())),
    )
    for name, claimed, actual in figures:
        if claimed != actual:
            return Violation(name.replace("_", "-"), f"{name} is {actual}, claimed {claimed}")
    return None


def _unserved_violation(instance: Instance, result: Result, taken: Integers) -> Violation | None:
    if result.tiers_proven > instance.tiers or result.tiers_proven < instance.tiers_full(taken):
        return Violation("tiers-proven", f"{result.tiers_proven} tiers proven is not possible here")
    waits = result.policy is Policy.WELFARE
    actual = unserved_reasons(instance, taken, result.tiers_proven if waits else instance.tiers)
    if dict(result.unserved) != actual:
        names = sorted(actual.keys() ^ result.unserved.keys()) or sorted(
            name for name, reason in actual.items() if result.unserved[name] != reason
        )
        return Violation("unserved", f"{names[0]!r} is wrongly listed or misses its reason among the unserved")
    if instance.serve_all and any(reason is not Reason.TIME_LIMIT for reason in actual.values()):
        return Violation("serve-all", "everyone must be served, and somebody is not")
    idle = open_arcs(instance, taken)[2] & (taken[instance.owners] < 0)
    if waits and idle.any():
        request = instance.request_ids[instance.owners[int(np.argmax(idle))]]
        return Violation("idle-place", f"{request!r} waits although a candidate has room")
    return None


def _bound_violation(instance: Instance, result: Result) -> Violation | None:
    """The gap follows from the bound, and the bound from the prices (a proof of the optimum has its own check)."""
    certificate = result.certificate
    if certificate is None or result.cost is None or result.bound is None:
        return Violation("certificate", "an answer needs a cost, a bound and the certificate that proves it")
    if result.gap != relative_gap(result.cost, result.bound):
        return Violation("gap", f"the gap does not follow from cost {result.cost} and bound {result.bound}")
    if (strange := _strange_price(instance, certificate)) or certificate.penalty_by_tier:
        return strange
    bound = price_bound(instance, result.served_by_tier, certificate)
    if bound != result.bound:
        return Violation("bound", f"the prices prove {bound}, claimed {result.bound}")
    return None


def _strange_price(instance: Instance, certificate: Certificate | CountProof) -> Violation | None:
    unknown = certificate.prices.keys() - set(instance.slot_ids)
    unknown |= certificate.budget_prices.keys() - set(instance.budget_ids)
    if unknown:
        return Violation("price", f"there is a price for {min(unknown)!r}, which does not exist")
    if len(certificate.tier_prices) not in {0, instance.tiers}:
        return Violation("price", f"{len(certificate.tier_prices)} prices for {instance.tiers} tiers")
    return None


def _most_violation(instance: Instance, result: Result) -> Violation | None:
    """How many more could be served follows from prices too; whoever says nothing of it needs no prices for it."""
    assert result.certificate is not None
    proofs = result.certificate.counts
    if not result.most_by_tier:
        return Violation("most-by-tier", "prices of counts prove nothing that is claimed") if proofs else None
    tiers = [proof.tier for proof in proofs]
    if len(set(tiers)) < len(tiers) or not set(tiers) <= set(range(instance.tiers)):
        return Violation("most-by-tier", "a tier does not exist, or has two proofs")
    for proof in proofs:
        if len(proof.tier_prices) != instance.tiers:
            return Violation("price", f"{len(proof.tier_prices)} prices for {instance.tiers} tiers")
        if strange := _strange_price(instance, proof):
            return strange
    most = most_by_tier(instance, result.served_by_tier, proofs)
    if most != result.most_by_tier:
        return Violation("most-by-tier", f"the prices prove {most}, claimed {result.most_by_tier}")
    return None


def _policy_violation(instance: Instance, result: Result, taken: Integers) -> Violation | None:
    assert result.certificate is not None
    stable = result.policy is Policy.STABLE
    if (result.certificate.kind is Kind.STABLE) != stable:
        return Violation("certificate", f"a {result.certificate.kind} certificate under the {result.policy} policy")
    if not stable:
        return None
    if any(result.certificate.prices.values()) or result.certificate.penalty_by_tier:
        return Violation("certificate", "a stable certificate names no prices: they say nothing about envy")
    return blocking_pair(instance, result.seed, taken)


def blocking_pair(instance: Instance, seed: int, taken: Integers) -> Violation | None:
    """A request that would rather sit elsewhere, where there is room or somebody who comes after it."""
    place = np.empty(len(taken), dtype=np.int64)
    place[request_order(instance, seed)] = np.arange(len(taken))
    wish = np.empty(len(instance.arc_slot), dtype=np.int64)
    wish[arc_order(instance)] = np.arange(len(wish))
    arcs = taken[taken >= 0]
    last = np.full(len(instance.capacity), -1, dtype=np.int64)
    np.maximum.at(last, instance.arc_slot[arcs], place[instance.owners[arcs]])
    held = np.bincount(instance.arc_slot[arcs], minlength=len(last))
    last[held < instance.capacity] = len(taken)
    own = np.full(len(taken), len(wish), dtype=np.int64)
    own[instance.owners[arcs]] = wish[arcs]
    envious = (wish < own[instance.owners]) & (place[instance.owners] < last[instance.arc_slot])
    if not envious.any():
        return None
    arc = int(np.argmax(envious))
    request, slot = instance.request_ids[instance.owners[arc]], instance.slot_ids[instance.arc_slot[arc]]
    return Violation("blocking-pair", f"{request!r} and slot {slot!r} would rather have each other")


def _optimum_violation(instance: Instance, result: Result, taken: Integers) -> Violation | None:
    assert result.certificate is not None
    assert result.cost is not None
    penalties, full = result.certificate.penalty_by_tier, instance.tiers_full(taken) == instance.tiers
    if result.status is Status.FEASIBLE:
        if penalties or (full and result.bound == result.cost):
            return Violation("status", "the result is proven optimal, yet claims to be merely feasible")
        return None
    if result.bound != result.cost or result.tiers_proven != instance.tiers:
        return Violation("status", "an optimal result has no gap and proves every tier")
    if not penalties:
        return None if full else Violation("not-optimal", "without penalties nothing proves who is served")
    if (instance.size > 1).any() or result.policy is Policy.STABLE or result.certificate.scale != 1:
        return Violation("certificate", "penalties prove nothing about this kind of instance or policy")
    return _price_proof_violation(instance, result.certificate, result.cost, result.served_by_tier, taken)


def _price_proof_violation(
    instance: Instance, certificate: Certificate, cost: int, served_by_tier: tuple[int, ...], taken: Integers
) -> Violation | None:
    """Budgets and groups only forbid more: what is optimal without them and keeps them is optimal with them."""
    classes = Classes(
        capacity=instance.capacity,
        tier=instance.tier,
        count=np.ones_like(instance.tier),
        first_arc=instance.first_arc,
        arc_slot=instance.arc_slot,
        arc_cost=instance.arc_cost,
    )
    flow = np.zeros(len(instance.arc_slot), dtype=np.int64)
    flow[taken[taken >= 0]] = 1
    prices = [certificate.prices.get(name, 0) for name in instance.slot_ids]
    return verify_classes(
        classes,
        flow=flow,
        waiting=(taken < 0).astype(np.int64),
        prices=np.array(prices, dtype=np.int64),
        penalty_by_tier=certificate.penalty_by_tier,
        served_by_tier=served_by_tier,
        cost=cost,
    )


def _infeasible_violation(instance: Instance, result: Result) -> Violation | None:
    if not instance.serve_all:
        return Violation("status", "only an instance in which everyone must be served can be infeasible")
    figures = (result.served, result.cost, result.bound, result.gap, result.tiers_proven, result.certificate)
    nobody = result.served_by_tier == (0,) * instance.tiers
    if figures != (0, None, None, None, 0, None) or not nobody or result.assignments or result.unserved:
        return Violation("status", "an infeasible result claims nothing but its witness")
    return _witness_violation(instance, result.witness)


def _witness_violation(instance: Instance, witness: tuple[str, ...]) -> Violation | None:
    numbers = {name: at for at, name in enumerate(instance.request_ids)}
    if not witness or not numbers.keys() >= set(witness) or len(set(witness)) < len(witness):
        return Violation("witness", "the witness must name requests of the instance, each once")
    requests = np.array([numbers[name] for name in witness])
    inside = np.zeros(len(numbers), dtype=np.bool_)
    inside[requests] = True
    slots = np.unique(instance.arc_slot[inside[instance.owners] & instance.fitting])
    if sum(instance.size[requests].tolist()) > sum(instance.capacity[slots].tolist()):
        return None
    if instance.is_flow:
        return Violation("witness", "these requests do not outnumber the places of their candidates")
    try:
        fits = fit_together(instance, requests.tolist())
    except TooMany:
        return Violation("witness", "that these requests do not fit together cannot be checked by trying")
    return Violation("witness", "these requests can be served together") if fits else None
