"""What prices prove about any answer, counted without a solver: the least cost, and the most of a tier.

Both are Lagrange's bound: everybody takes what is worth most to them at the prices, and what the places and the money
would bring in is taken off. It holds for all prices that are not negative; good ones make it tight.
"""

from operator import mul

import numpy as np

from matching.arrays import Integers, exact_dot
from matching.instance import Instance
from matching.proof import least_values
from matching.result import Certificate, CountProof

# a scaled value must leave room for a sum of two in 64 bits
_LARGEST_VALUE = 2**61


def price_bound(instance: Instance, served_by_tier: tuple[int, ...], certificate: Certificate) -> int | None:
    """What any answer that serves so many of each tier must cost at least; None where the numbers leave 64 bits."""
    priced = _priced(instance, certificate, instance.arc_cost)
    if priced is None:
        return None
    value, rest = priced
    total: int = rest
    if certificate.tier_prices:
        total += sum(map(mul, certificate.tier_prices, served_by_tier))
        total += bundle_bound(instance, value, certificate.tier_prices)
        return max(0, -(-total // certificate.scale))
    least = least_values(instance.first_arc, value, np.full(len(instance.size), _LARGEST_VALUE))
    for tier, served in enumerate(served_by_tier):
        total += sum(sorted(least[instance.tier == tier].tolist())[:served])
    return max(0, -(-total // certificate.scale))


def most_by_tier(
    instance: Instance, served_by_tier: tuple[int, ...], proofs: tuple[CountProof, ...]
) -> tuple[int, ...] | None:
    """How many of each tier any answer serves at most that serves so many of those before it; None: beyond 64 bits.

    Without a proof of a tier: all of it who could be served if they were alone.
    """
    most = np.bincount(instance.tier[instance.servable], minlength=instance.tiers).tolist()
    for proof in proofs:
        one_each = np.where(instance.tier[instance.owners] == proof.tier, -1, 0)
        if (priced := _priced(instance, proof, one_each)) is None:
            return None
        value, total = priced
        before = proof.tier_prices[: proof.tier]
        if any(proof.tier_prices[proof.tier :]):
            return None
        total += sum(map(mul, before, served_by_tier)) + bundle_bound(instance, value, proof.tier_prices)
        most[proof.tier] = min(most[proof.tier], -total // proof.scale)
    return tuple(most)


def _priced(instance: Instance, proof: Certificate | CountProof, cost: Integers) -> tuple[Integers, int] | None:
    """The value of every arc, what it costs and what its place and its money are worth, and what all places and budgets
    bring in (below 0)."""
    largest = max([*proof.prices.values(), 0]) * int(instance.size.max(initial=1))
    largest += proof.scale * int(np.abs(cost).max(initial=0))
    dearest = instance.spend.max(axis=1, initial=0).tolist()
    pay = [proof.budget_prices.get(name, 0) for name in instance.budget_ids]
    largest += sum(price * spend for price, spend in zip(pay, dearest, strict=True))
    largest += max([*proof.tier_prices, 0])
    if max(largest, *pay, 0) > _LARGEST_VALUE:
        return None
    prices = np.array([proof.prices.get(name, 0) for name in instance.slot_ids], dtype=np.int64)
    pays = np.array(pay, dtype=np.int64)
    value = proof.scale * cost + instance.size[instance.owners] * prices[instance.arc_slot]
    for price, spend in zip(pays, instance.spend, strict=True):
        value = value + price * spend
    value[~instance.fitting] = _LARGEST_VALUE
    return value, -exact_dot(instance.capacity, prices) - exact_dot(instance.budget_limit, pays)


def bundle_bound(instance: Instance, value: Integers, tier_prices: tuple[int, ...]) -> int:
    """What the groups (and those without one) gain together where each is served by the one provider best for all.

    Nobody is counted whom it does not pay to serve at the price of their tier.
    """
    first, slots, providers = instance.first_arc.tolist(), instance.arc_slot.tolist(), instance.providers.tolist()
    values, tiers = value.tolist(), instance.tier.tolist()
    groups = [-1] * len(tiers) if instance.group is None else instance.group.tolist()
    by_group: dict[int, dict[int, int]] = {}
    total = 0
    for request, (tier, group) in enumerate(zip(tiers, groups, strict=True)):
        best: dict[int, int] = {}
        for arc in range(first[request], first[request + 1]):
            gain = min(values[arc] - tier_prices[tier], 0)
            provider = providers[slots[arc]] if group >= 0 else 0
            best[provider] = min(best.get(provider, 0), gain)
        if group < 0:
            total += min(best.values(), default=0)
            continue
        for provider, gain in best.items():
            sums = by_group.setdefault(group, {})
            sums[provider] = sums.get(provider, 0) + gain
    return total + sum(min(sums.values(), default=0) for sums in by_group.values())
