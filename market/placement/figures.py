"""What a round came to, counted once while everybody is still in arrays: a page shows it without reading the outcomes.

Counts are of requests. Distances are those of the census: from the locality to the service point.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from market.placement.arcs import Arcs, rows
from market.placement.census import Census
from market.placement.columns import Halves
from market.placement.proof import Answer
from market.placement.summary import HISTOGRAM_M, QUANTILES
from matching import Integers

Figures = dict[str, Any]  # JSON; ``summary.Figures`` reads it


def count(census: Census, arcs: Arcs, answer: Answer) -> Figures:
    crowd, classes = census.crowd, arcs.classes
    row = rows(arcs)
    seat = answer.taken[answer.taken >= 0]
    served = np.bincount(row[answer.taken >= 0], minlength=len(crowd.count)).astype(np.int64)
    return {
        "asked_by_tier": _by_number(classes.tier, crowd.count),
        "served_by_tier": _by_number(classes.tier, served),
        "most_of_one": _most_of_one(crowd.member.recipient),
        "wished": int(crowd.count[arcs.wished > 0].sum()),
        "wished_served": int(served[arcs.wished > 0].sum()),
        "served_by_rank": _by_number(arcs.rank[seat], np.ones_like(seat)),
        **_distances(arcs.distance_m[seat]),
        "by_service": _by_key([f"{kind} {setting}" for kind, setting, _unit in crowd.service], crowd.count, served),
        "by_locality": _by_key([str(place) for place in crowd.locality.tolist()], crowd.count, served),
    }


def _most_of_one(ids: Halves) -> int:
    """How often the most frequent id is among them."""
    first, second = ids.take(np.lexsort((ids[:, 1], ids[:, 0])), axis=0).T
    fresh = np.flatnonzero((first[1:] != first[:-1]) | (second[1:] != second[:-1])) + 1
    return int(np.diff(np.concatenate([[0], fresh, [len(ids)]])).max())


def _by_number(number: Integers, weight: Integers) -> list[int]:
    """Sums by 0, 1, 2 ... of ``number``."""
    sums = np.zeros(int(number.max(initial=-1)) + 1, dtype=np.int64)
    np.add.at(sums, number, weight)
    return list(sums.tolist())


def _by_key(keys: Sequence[str], asked: Integers, served: Integers) -> dict[str, list[int]]:
    """How many asked, and how many of them were served."""
    found: dict[str, list[int]] = {}
    for key, one, other in zip(keys, asked.tolist(), served.tolist(), strict=True):
        sums = found.setdefault(key, [0, 0])
        sums[0] += one
        sums[1] += other
    return found


def _distances(metres: Integers) -> Figures:
    """``histogram[n]``: how many travel up to the n-th of the limits, and further than the one before."""
    if not len(metres):
        return {"quantiles": {}, "mean_m": None, "histogram": [0] * (len(HISTOGRAM_M) + 1)}
    values = np.percentile(metres, QUANTILES, method="inverted_cdf").astype(np.int64)
    bins = np.bincount(np.searchsorted(np.array(HISTOGRAM_M), metres), minlength=len(HISTOGRAM_M) + 1)
    return {
        "quantiles": {str(q): value for q, value in zip(QUANTILES, values.tolist(), strict=True)},
        "mean_m": round(float(metres.mean())),
        "histogram": bins.tolist(),
    }
