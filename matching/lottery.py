"""The order of requests under the stable policy, the same for every slot: tier, priority, then a published draw.

The draw is SHA-256 of the UTF-8 text "<seed>:<request id>", compared as hexadecimal: anybody can repeat it, nobody can
bend it once the seed is published. Two equal digests have never been seen; the id would decide.
"""

from hashlib import sha256

import numpy as np

from matching.arrays import Integers
from matching.instance import Instance


def draw(seed: int, request_id: str) -> str:
    return sha256(f"{seed}:{request_id}".encode()).hexdigest()


def request_order(instance: Instance, seed: int) -> Integers:
    """Request indices, the one every slot prefers most first."""
    tier = instance.tier.tolist()
    priority = [0] * len(tier) if instance.priority is None else instance.priority.tolist()
    draws = [draw(seed, name) for name in instance.request_ids]
    keys = list(zip(tier, priority, draws, instance.request_ids, strict=True))
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)


def arc_order(instance: Instance) -> Integers:
    """Arc indices, request after request, each holder's most wanted candidate first: rank, cost, slot id."""
    by_id = np.empty(len(instance.slot_ids), dtype=np.int64)
    by_id[sorted(range(len(instance.slot_ids)), key=instance.slot_ids.__getitem__)] = np.arange(len(instance.slot_ids))
    rank = np.zeros_like(instance.arc_cost) if instance.rank is None else instance.rank
    return np.lexsort((by_id[instance.arc_slot], instance.arc_cost, rank, instance.owners))
