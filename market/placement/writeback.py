"""Writing a round in one transaction, in bulk: the offers' counters, then outcomes, placements and prices, appended.
No row of a request changes: that it is placed its placement says.

Whatever changed since the census in a way that matters (a request was booked, an offer closed, changed or too full)
fails the whole write with RoundOvertaken. The audit event of the round holds the count and hash of every row set.
"""

from collections.abc import Iterator
from itertools import repeat
from typing import TypeVar
from uuid import UUID

import numpy as np
import sqlalchemy as sa

from contracts.kernel.bulk import copy_rows, new_ids
from contracts.kernel.database import table_of
from contracts.kernel.work import Work
from market.placement.census import ID, SINCE, Census
from market.placement.findings import Findings
from market.placement.models import OutcomeRow, PlacementRow, RequestRow, RoundPriceRow
from market.placement.request_queries import IS_CLOSED
from market.placement.rules import (
    HOLDER_ANSWERS,
    PlacementStatus,
    RoundOvertaken,
    respond_until,
)
from market.provider.models import OfferRow
from market.provider.rules import OfferStatus
from matching import Integers

T = TypeVar("T")
OUTCOME = ("round_id", "request_id", "offer_id", "reason", "distance_m", "rank", "nearer_full", "price")
PLACEMENT = (
    "id", "request_id", "voucher_id", "recipient_id", "offer_id", "provider_id", "round_id", "size",
    "unit_price_minor", "distance_m", "status", "created_at", "respond_until",
)  # fmt: skip
_offers = table_of(OfferRow)


def write_decisions(work: Work, round_id: UUID, census: Census, findings: Findings, prices: Integers) -> None:
    """Everything but the round's own row. Raises RoundOvertaken.

    Rows go in by request id, which rises with time as the ids of vouchers and recipients do: every index is then
    walked once from end to end, and two writers would lock in the same order.
    """
    digits, ids = round_id.hex, census.crowd.request_ids()
    order = sorted(range(len(ids)), key=ids.__getitem__)
    placed = [at for at in order if findings.offer[at] >= 0]
    _hold_requests(work)
    _take_places(work, census, findings, placed)
    copy_rows(work, OutcomeRow, OUTCOME, _outcomes(digits, ids, order, census, findings))
    _check_open(work, round_id)
    try:
        copy_rows(work, PlacementRow, PLACEMENT, _placements(work, digits, placed, census, findings))
    except sa.exc.IntegrityError as error:
        raise RoundOvertaken("Somebody was placed meanwhile", rule="still-waiting") from error
    price_rows = zip([digits] * len(prices), census.supply.id, prices.tolist(), strict=True)
    copy_rows(work, RoundPriceRow, ("round_id", "offer_id", "price"), price_rows)


def _outcomes(
    round_id: str, ids: list[str], order: list[int], census: Census, findings: Findings
) -> Iterator[tuple[object, ...]]:
    offer = [*census.supply.id, None]  # -1 finds the last
    facts = (findings.reason, findings.distance_m, findings.rank, findings.nearer_full, findings.price)
    return zip(
        repeat(round_id, len(order)),
        _picked(ids, order),
        [offer[slot] for slot in _picked(findings.offer, order)],
        *(_picked(fact, order) for fact in facts),
        strict=True,
    )


def _placements(
    work: Work, round_id: str, placed: list[int], census: Census, findings: Findings
) -> Iterator[tuple[object, ...]]:
    crowd, supply, price = census.crowd, census.supply, census.supply.price.tolist()
    count, member, slot = len(placed), _picked(crowd.member, placed), _picked(findings.offer, placed)
    request, voucher, recipient = SINCE, SINCE + ID, SINCE + 2 * ID
    return zip(
        new_ids(count),
        [text[request:voucher] for text in member],
        [text[voucher:recipient] for text in member],
        [text[recipient:] for text in member],
        [supply.id[at] for at in slot],
        [supply.provider_id[at] for at in slot],
        repeat(round_id, count),
        np.repeat(crowd.size, crowd.count)[placed].tolist(),
        [price[at] for at in slot],
        _picked(findings.distance_m, placed),
        repeat(PlacementStatus.OFFERED, count),
        repeat(work.now, count),
        repeat(respond_until(work.now, HOLDER_ANSWERS), count),
        strict=True,
    )


def _picked(values: list[T], positions: list[int]) -> list[T]:
    return [values[at] for at in positions]


def _hold_requests(work: Work) -> None:
    """Nobody closes a request until the round is written. Who books a place changes none, and meets the round at the
    unique index of live placements. (SQLite has one writer.)"""
    if work.connection.dialect.name != "sqlite":
        work.execute(sa.text(f"LOCK TABLE {table_of(RequestRow).name} IN SHARE MODE"))


def _check_open(work: Work, round_id: UUID) -> None:
    """Of those whom the round places nobody's request was closed since."""
    chosen = sa.exists().where(
        OutcomeRow.round_id == round_id, OutcomeRow.request_id == RequestRow.id, OutcomeRow.offer_id.is_not(None)
    )
    closed = work.scalar(sa.select(sa.func.count()).select_from(RequestRow).where(IS_CLOSED, chosen))
    if closed:
        raise RoundOvertaken(f"{closed} requests no longer wait", rule="still-waiting")


def _take_places(work: Work, census: Census, findings: Findings, placed: list[int]) -> None:
    """Every counter by one conditional update, in the order of ids; the offer must be what the census saw."""
    supply, size = census.supply, np.repeat(census.crowd.size, census.crowd.count)
    slot = np.array(findings.offer, dtype=np.int64)[placed]
    taken = np.zeros(len(supply.id), dtype=np.int64)
    np.add.at(taken, slot, size[placed])
    used = np.flatnonzero(taken).tolist()
    if not used:
        return
    statement = (
        sa.update(_offers)
        .where(
            _offers.c.id == sa.bindparam("offer"),
            _offers.c.version == sa.bindparam("seen"),
            _offers.c.status == OfferStatus.OPEN,
            _offers.c.taken + sa.bindparam("more") <= _offers.c.capacity,
        )
        .values(taken=_offers.c.taken + sa.bindparam("more"))
    )
    rows = [{"offer": UUID(supply.id[at]), "seen": int(supply.version[at]), "more": int(taken[at])} for at in used]
    changed = work.execute(statement, rows)
    if changed.rowcount != len(rows):
        raise RoundOvertaken(f"{len(rows) - changed.rowcount} offers changed or filled up", rule="offer-as-seen")
    work.note_set("offer", count=len(rows), taken=int(taken.sum()), where="taken grew by this round's placements")
