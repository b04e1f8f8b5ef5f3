"""Slot prices that prove a flow optimal and say what one more place would be worth.

Of all price vectors that prove the optimum this takes the smallest: then the price of a slot is exactly what the
objective (penalties of the waiting plus costs) would gain from one more place there.
"""

import numpy as np

from matching.arrays import Integers, exact_dot
from matching.caps import NOWHERE
from matching.classes import Classes
from matching.errors import CostsOutOfRange, SolverFailed
from matching.instance import Instance

# penalties and prices add up to a few of these along a chain; a quarter of the range leaves room for the sums
_LARGEST_PENALTY = 2**61
# above this many slots the table of exchanges is kept as a list of pairs, not as a square
_SQUARE_SLOTS = 2_000
_NO_EXCHANGE = -(2**62)


def penalty_by_tier(slots: int, largest_cost: int, tiers: int) -> tuple[int, ...]:
    """What it costs to leave a request of each tier waiting: one step exceeds any exchange of costs among the served.

    An exchange visits each slot at most once, so it changes costs by at most slots * largest_cost. The step is twice
    that, so that a price can be read back: the nearest penalty says whom one more place would serve, the rest is cost.
    """
    step = 2 * (slots + 1) * largest_cost + 1
    if step * tiers > _LARGEST_PENALTY:
        raise CostsOutOfRange(f"{slots} slots with costs up to {largest_cost} exceed 64-bit penalties")
    return tuple(step * (tiers - tier) for tier in range(tiers))


def slot_prices(classes: Classes, flow: Integers, penalties: tuple[int, ...]) -> tuple[Integers, Integers]:
    """The smallest prices, of slots and of caps, that prove an optimal `flow`: all sit where cost + price is least.

    A class waiting bids its penalty less its cost for every candidate; a class sitting in slot a at price p bids p plus
    what it would save elsewhere. The price of a slot includes that of the cap around it and, where places of the slot
    stay free, equals it. Prices rise until no bid exceeds one (Bellman-Ford on slots and caps).
    """
    slots = len(classes.capacity)
    prices = np.zeros(slots + len(classes.limits.limit), dtype=np.int64)
    owner = classes.owners()
    waiting = classes.count - classes.served(flow)
    bids = np.flatnonzero((waiting > 0)[owner])
    penalty = np.asarray(penalties, dtype=np.int64)[classes.tier]
    np.maximum.at(prices, classes.arc_slot[bids], penalty[owner[bids]] - classes.arc_cost[bids])
    moves = zip(exchanges(classes, flow), _through_caps(classes, flow), strict=True)
    prices = raised(prices, *(np.concatenate(pair) for pair in moves))
    return prices[:slots], prices[slots:]


def _through_caps(classes: Classes, flow: Integers) -> tuple[Integers, Integers, Integers]:
    """Exchanges at no saving: a place of a cap is one of each holder in it; a free place of a holder is one of its cap.

    Holders are slots and caps, numbered in that order.
    """
    caps, taken = classes.limits, classes.taken(flow)
    around = np.concatenate([caps.of_slot, caps.parent])
    free = np.concatenate([taken < classes.capacity, caps.loads(taken) < caps.limit])
    inner = np.flatnonzero(around != NOWHERE)
    outer = around[inner] + len(taken)
    roomy = free[inner]
    source, target = np.concatenate([outer, inner[roomy]]), np.concatenate([inner, outer[roomy]])
    return source, target, np.zeros(len(source), dtype=np.int64)


def exchanges(classes: Classes, flow: Integers) -> tuple[Integers, Integers, Integers]:
    """Pairs of slots (from, to) and the most that somebody sitting in `from` would save by moving to `to`."""
    used = np.flatnonzero(flow > 0)
    row = np.searchsorted(classes.first_arc, used, side="right") - 1
    lengths = np.diff(classes.first_arc)[row]
    starts = np.cumsum(lengths) - lengths
    other = np.arange(int(lengths.sum())) + np.repeat(classes.first_arc[row] - starts, lengths)
    source, target = np.repeat(classes.arc_slot[used], lengths), classes.arc_slot[other]
    saving = np.repeat(classes.arc_cost[used], lengths) - classes.arc_cost[other]
    return best_exchanges(source, target, saving, len(classes.capacity))


def best_exchanges(
    source: Integers, target: Integers, saving: Integers, slots: int
) -> tuple[Integers, Integers, Integers]:
    pair = source * slots + target
    if slots <= _SQUARE_SLOTS:
        table = np.full(slots * slots, _NO_EXCHANGE, dtype=np.int64)
        np.maximum.at(table, pair, saving)
        pair = np.flatnonzero(table > _NO_EXCHANGE)
        best = table[pair]
    else:
        pair, inverse = np.unique(pair, return_inverse=True)
        best = np.full(len(pair), _NO_EXCHANGE, dtype=np.int64)
        np.maximum.at(best, inverse, saving)
    moves = pair // slots != pair % slots
    return pair[moves] // slots, pair[moves] % slots, best[moves]


def raised(prices: Integers, source: Integers, target: Integers, saving: Integers) -> Integers:
    """Raise prices until no exchange bids more. Prices that rise for ever mean that the flow was not optimal."""
    for _ in range(len(prices) + 1):
        before = prices.copy()
        np.maximum.at(prices, target, before[source] + saving)
        if np.array_equal(prices, before):
            return prices
    raise SolverFailed("the flow is not optimal: no slot prices prove it")


def cost_bound(
    instance: Instance,
    served_by_tier: tuple[int, ...],
    prices: Integers,
    budget_prices: Integers,
    scale: int,
    tier_prices: tuple[int, ...] = (),
) -> int:
    """The least cost any answer that serves so many of each tier can have, by these prices (Lagrange's bound).

    Everyone is priced as if alone; of each tier the cheapest `served_by_tier` are counted, less what full slots and
    spent budgets pay. With `tier_prices`, what one more served of each tier is worth, groups are priced as one: each
    serves at one provider whom it is worth to serve. Values are in 1/`scale` of a cost unit and must fit in 64 bits;
    the bound is never below 0.
    """
    value = scale * instance.arc_cost + instance.size[instance.owners] * prices[instance.arc_slot]
    value = value + budget_prices @ instance.spend
    value = np.where(instance.size[instance.owners] <= instance.capacity[instance.arc_slot], value, _LARGEST_PENALTY)
    total = -exact_dot(instance.capacity, prices) - exact_dot(instance.budget_limit, budget_prices)
    if tier_prices:
        worth = np.array(tier_prices, dtype=np.int64)
        total += sum(price * served for price, served in zip(tier_prices, served_by_tier, strict=True))
        total += _grouped_least(instance, value - worth[instance.tier[instance.owners]])
        return max(0, -(-total // scale))
    least = np.full(len(instance.request_ids), _LARGEST_PENALTY, dtype=np.int64)
    np.minimum.at(least, instance.owners, value)
    for tier, served in enumerate(served_by_tier):
        total += sum(np.sort(least[instance.tier == tier])[:served].tolist())
    return max(0, -(-total // scale))


def _grouped_least(instance: Instance, value: Integers) -> int:
    """The least sum of arc values: at most one arc a request, one provider a group, and nobody need be served."""
    alone = np.arange(len(instance.request_ids)) + len(instance.group_ids)
    group = alone if instance.group is None else np.where(instance.group >= 0, instance.group, alone)
    provider = instance.providers[instance.arc_slot]
    # one request at one provider: its best arc; one group at one provider: the sum over its members
    bound = np.where(group < len(instance.group_ids), 1, 0)[instance.owners] * (provider + 1)
    pair, member = np.unique(np.stack([instance.owners, bound]), axis=1, return_inverse=True)
    best = np.zeros(pair.shape[1], dtype=np.int64)
    np.minimum.at(best, member.ravel(), value)
    together, sums_of = np.unique(np.stack([group[pair[0]], pair[1]]), axis=1, return_inverse=True)
    sums = np.zeros(together.shape[1], dtype=np.int64)
    np.add.at(sums, sums_of.ravel(), best)
    least = np.zeros(len(alone) + len(instance.group_ids), dtype=np.int64)
    np.minimum.at(least, together[0], sums)
    return sum(least.tolist())
