"""Writing a round in one transaction, in bulk: the offers' counters, then placements, outcomes and prices, appended.
No row of a request changes: that it is placed its placement says.

Whatever changed since the census in a way that matters (a request was booked, an offer closed, changed or too full)
fails the whole write with RoundOvertaken. The audit event of the round holds the count and hash of every row set.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import numpy as np
import sqlalchemy as sa

from contracts.kernel.bulk import copy_columns, copy_rows, new_ids
from contracts.kernel.database import table_of
from contracts.kernel.work import Work
from market.placement.census import Census
from market.placement.columns import ids_of
from market.placement.crowd import Members
from market.placement.findings import Findings
from market.placement.models import IS_LIVE, OutcomePageRow, PlacementRow, RequestRow, RoundPriceRow
from market.placement.outcomes import by_id, pages
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

PAGES_AT_ONCE = 16  # a megabyte and a half; as text, as bytes and as lines six times that
_offers = table_of(OfferRow)


def write_decisions(work: Work, round_id: UUID, census: Census, findings: Findings, prices: Integers) -> None:
    """Everything but the round's own row. Raises RoundOvertaken.

    Placements go in by their holder's id: the index that holds one's live placement is walked once from end to end, and
    two writers would lock in the same order.
    """
    offers, seated = census.supply.id, np.flatnonzero(findings.offer >= 0)
    member = census.crowd.member
    placed = seated[by_id(member.recipient.take(seated, axis=0))]
    _hold_requests(work)
    _take_places(work, census, findings.offer[placed], placed)
    try:
        copy_columns(work, PlacementRow, _placements(work, round_id, placed, member, census, findings))
    except sa.exc.IntegrityError as error:
        raise RoundOvertaken("Somebody was placed meanwhile", rule="still-waiting") from error
    _check_open(work)
    told = pages(member.request, offers, findings)
    rows = ((round_id.hex, page.first, page.requests, page.data) for page in told)
    columns = ("round_id", "first_id", "requests", "data")
    copy_rows(work, OutcomePageRow, columns, rows, at_once=PAGES_AT_ONCE)
    copy_columns(
        work, RoundPriceRow, {"round_id": [round_id.hex] * len(offers), "offer_id": offers, "price": prices.tolist()}
    )


class _Drawn(Sequence[Any]):
    """A column in an array, its values made when a part of it is asked for: all of them as objects would be the largest
    thing a round holds."""

    def __init__(self, array: np.ndarray[Any, Any], values: Callable[[np.ndarray[Any, Any]], list[Any]]) -> None:
        self.array, self.values = array, values

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, part: Any) -> Any:  # one or a slice, as of any sequence
        return self.values(self.array[part]) if isinstance(part, slice) else self.values(self.array[part : part + 1])[0]


def _placements(
    work: Work, round_id: UUID, placed: Integers, member: Members, census: Census, findings: Findings
) -> dict[str, Sequence[Any]]:
    supply, slot, count = census.supply, findings.offer[placed], len(placed)
    offer, provider = (np.array(ids, dtype=object)[slot] for ids in (supply.id, supply.provider_id))
    return {
        "id": new_ids(count),
        "request_id": _Drawn(member.request.take(placed, axis=0), ids_of),
        "voucher_id": _Drawn(member.voucher.take(placed, axis=0), ids_of),
        "recipient_id": _Drawn(member.recipient.take(placed, axis=0), ids_of),
        "offer_id": _Drawn(offer, np.ndarray.tolist),
        "provider_id": _Drawn(provider, np.ndarray.tolist),
        "round_id": [round_id.hex] * count,
        "size": _Drawn(census.crowd.sizes()[placed], np.ndarray.tolist),
        "unit_price_minor": _Drawn(supply.price[slot], np.ndarray.tolist),
        "distance_m": _Drawn(findings.distance_m[placed], np.ndarray.tolist),
        "status": [PlacementStatus.OFFERED] * count,
        "created_at": [work.now] * count,
        "respond_until": [respond_until(work.now, HOLDER_ANSWERS)] * count,
    }


def _hold_requests(work: Work) -> None:
    """Nobody closes a request until the round is written. Who books a place changes none, and meets the round at the
    unique index of live placements. (SQLite has one writer.)"""
    if work.connection.dialect.name != "sqlite":
        work.execute(sa.text(f"LOCK TABLE {table_of(RequestRow).name} IN SHARE MODE"))


def _check_open(work: Work) -> None:
    """Of those whom the round places nobody's request was closed since. The closed stand together first: PostgreSQL,
    which knows nothing yet of half a million new placements, would look for the request of each."""
    own = sa.select(RequestRow.id, RequestRow.recipient_id).where(IS_CLOSED).cte("closed").prefix_with("MATERIALIZED")
    same = (PlacementRow.recipient_id == own.c.recipient_id, PlacementRow.request_id == own.c.id)
    closed = work.scalar(sa.select(sa.func.count()).select_from(own).where(sa.exists().where(*same, IS_LIVE)))
    if closed:
        raise RoundOvertaken(f"{closed} requests no longer wait", rule="still-waiting")


def _take_places(work: Work, census: Census, slot: Integers, placed: Integers) -> None:
    """Every counter by a conditional update, locked in the order of ids; the offer must be what the census saw.
    ``slot``: of each of the placed."""
    supply = census.supply
    taken = np.zeros(len(supply.id), dtype=np.int64)
    np.add.at(taken, slot, census.crowd.sizes()[placed])
    used = np.flatnonzero(taken).tolist()
    if not used:
        return
    ids, seen, more = [UUID(supply.id[at]) for at in used], supply.version[used].tolist(), taken[used].tolist()
    changed = (_grow_one_by_one if work.connection.dialect.name == "sqlite" else _grow_at_once)(work, ids, seen, more)
    if changed != len(used):
        raise RoundOvertaken(f"{len(used) - changed} offers changed or filled up", rule="offer-as-seen")
    work.note_set("offer", count=len(used), taken=int(taken.sum()), where="taken grew by this round's placements")


def _grow_one_by_one(work: Work, ids: list[UUID], seen: list[int], more: list[int]) -> int:
    names = ("offer", "seen", "more")
    rows = [dict(zip(names, row, strict=True)) for row in zip(ids, seen, more, strict=True)]
    return work.execute(_grown(*map(sa.bindparam, names)), rows).rowcount


def _grow_at_once(work: Work, ids: list[UUID], seen: list[int], more: list[int]) -> int:
    """PostgreSQL takes four times as long for as many statements."""
    number = sa.ARRAY(sa.Integer)
    lists = (sa.literal(ids, sa.ARRAY(sa.Uuid)), sa.literal(seen, number), sa.literal(more, number))
    wanted = sa.func.unnest(*lists).table_valued("offer", "seen", "more", name="wanted").render_derived()
    work.execute(
        sa.select(_offers.c.id).where(_offers.c.id == wanted.c.offer).order_by(_offers.c.id).with_for_update(of=_offers)
    )
    return work.execute(_grown(wanted.c.offer, wanted.c.seen, wanted.c.more)).rowcount


def _grown(offer: Any, seen: Any, more: Any) -> sa.Update:
    c = _offers.c
    as_seen = (c.id == offer, c.version == seen, c.status == OfferStatus.OPEN, c.taken + more <= c.capacity)
    return sa.update(_offers).where(*as_seen).values(taken=c.taken + more)
