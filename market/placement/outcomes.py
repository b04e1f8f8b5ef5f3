"""What a round decided, as it is kept: pages of requests in the order of their ids, each a file of columns.

Half a million rows took longer to write than all of them took to solve, and nobody reads more than a few at a time: one
person's outcome is on the last page that begins at or before their request's id.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from market.placement.columns import Columns, Halves, RoundFileBroken, folded, ids_of, unfolded
from market.placement.findings import REASONS, Findings
from market.placement.rules import Outcome, Reason
from matching import Integers

PAGE = "tapsyrys-round-page/1"
STORED = 0  # not packed: half of a page is ids, and packing those takes longer than writing them
MOST = 2048  # requests on a page, by the format: unfolding one takes a millisecond, and the nation has 220 of them


@dataclass(frozen=True, slots=True)
class Page:
    """``first``: the least request id on it, as 32 digits."""

    first: str
    requests: int
    data: bytes


def pages(ids: Halves, offers: list[str], findings: Findings) -> Iterator[Page]:
    """``ids``: of the requests, in the order of the findings; ``offers``: by slot."""
    order = by_id(ids)
    for start in range(0, len(order), MOST):
        part = order[start : start + MOST]
        own = ids.take(part, axis=0)
        yield Page(ids_of(own[:1])[0], len(own), folded(_columns(own, offers, findings.at(part)), STORED)[0])


def by_id(own: Halves) -> Integers:
    """The positions in the order of the ids."""
    return np.lexsort((own[:, 1], own[:, 0])).astype(np.int64)


def _columns(ids: Halves, offers: list[str], own: Findings) -> Columns:
    used, place = np.unique(np.append(own.offer, -1), return_inverse=True)
    numbers = {
        "offer": place[:-1].astype(np.int64) - 1,
        "reason": own.reason,
        "distance_m": own.distance_m,
        "rank": own.rank,
        "nearer_full": own.nearer_full,
        "price": own.price,
    }
    head = {"format": PAGE, "reasons": list(map(str, REASONS))}
    return Columns(head, numbers, {"request": ids, "offer": [offers[slot] for slot in used[1:].tolist()]})


def outcome_on(data: bytes, round_id: UUID, request_id: UUID) -> Outcome | None:
    """None: the request is not on this page. Raises RoundFileBroken."""
    columns, _ = unfolded(data)
    ids = columns.texts("request")
    at = bisect_left(ids, request_id.hex)
    if at == len(ids) or ids[at] != request_id.hex:
        return None
    return next(_outcomes(columns, round_id, [at]))


def outcomes_on(data: bytes, round_id: UUID) -> list[Outcome]:
    """Of everybody on the page. Raises RoundFileBroken."""
    columns, _ = unfolded(data)
    return list(_outcomes(columns, round_id, list(range(len(columns.texts("request"))))))


def _outcomes(columns: Columns, round_id: UUID, positions: list[int]) -> Iterator[Outcome]:
    if columns.head.get("format") != PAGE:
        raise RoundFileBroken(f"the page's format is not {PAGE}")
    offers, ids, reasons, n = columns.texts("offer"), columns.texts("request"), columns.head["reasons"], columns.numbers
    for at in positions:
        offer, distance, rank, price = (int(n[name][at]) for name in ("offer", "distance_m", "rank", "price"))
        yield Outcome(
            round_id=round_id,
            request_id=UUID(hex=ids[at]),
            offer_id=UUID(hex=offers[offer]) if offer >= 0 else None,
            reason=Reason(reasons[int(n["reason"][at])]),
            distance_m=distance if distance >= 0 else None,
            rank=rank or None,
            nearer_full=int(n["nearer_full"][at]),
            price=price if price >= 0 else None,
        )
