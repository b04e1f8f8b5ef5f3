"""Writing a round in one transaction, in bulk: outcomes, requests, placements, prices, and the offers' counters last.

Whatever changed since the census in a way that matters (a request was booked, an offer closed, changed or too full)
fails the whole write with RoundOvertaken. The audit event of the round holds the count and hash of every row set.
"""

from collections.abc import Iterable, Iterator
from uuid import UUID

import numpy as np
import sqlalchemy as sa

from contracts.kernel.bulk import copy_rows, new_ids
from contracts.kernel.database import table_of
from contracts.kernel.work import Work
from market.placement.census import ID, Census
from market.placement.findings import Findings
from market.placement.models import OutcomeRow, PlacementRow, RequestRow, RoundPriceRow
from market.placement.rules import (
    HOLDER_ANSWERS,
    PlacementStatus,
    RequestStatus,
    RoundOvertaken,
    respond_until,
)
from market.provider.models import OfferRow
from market.provider.rules import OfferStatus
from matching import Integers

_requests, _offers = table_of(RequestRow), table_of(OfferRow)


def write_decisions(work: Work, round_id: UUID, census: Census, findings: Findings, prices: Integers) -> None:
    """Everything but the round's own row. Raises RoundOvertaken."""
    digits = round_id.hex
    placed = np.flatnonzero(np.array(findings.offer, dtype=np.int64) >= 0).tolist()
    copy_rows(
        work,
        OutcomeRow,
        ("round_id", "request_id", "offer_id", "reason", "distance_m", "rank", "nearer_full", "price"),
        _outcomes(digits, census, findings),
    )
    _place_requests(work, round_id, len(placed))
    copy_rows(
        work,
        PlacementRow,
        (
            "id", "request_id", "voucher_id", "recipient_id", "offer_id", "provider_id", "round_id", "size",
            "unit_price_minor", "distance_m", "status", "created_at", "respond_until",
        ),
        _placements(work, digits, census, findings, placed),
    )  # fmt: skip
    price_rows = zip([digits] * len(prices), census.supply.id, prices.tolist(), strict=True)
    copy_rows(work, RoundPriceRow, ("round_id", "offer_id", "price"), price_rows)
    _take_places(work, census, findings, placed)


def _outcomes(round_id: str, census: Census, findings: Findings) -> Iterable[tuple[object, ...]]:
    offer = [*census.supply.id, None]  # -1 finds the last
    return zip(
        [round_id] * len(census.crowd.member),
        (member[:ID] for member in census.crowd.member),
        (offer[at] for at in findings.offer),
        findings.reason,
        findings.distance_m,
        findings.rank,
        findings.nearer_full,
        findings.price,
        strict=True,
    )


def _placements(
    work: Work, round_id: str, census: Census, findings: Findings, placed: list[int]
) -> Iterator[tuple[object, ...]]:
    crowd, supply = census.crowd, census.supply
    size, price = np.repeat(crowd.size, crowd.count).tolist(), supply.price.tolist()
    status, now, until = PlacementStatus.OFFERED, work.now, respond_until(work.now, HOLDER_ANSWERS)
    for new, at in zip(new_ids(len(placed)), placed, strict=True):
        member, slot = crowd.member[at], findings.offer[at]
        yield (
            new, member[:ID], member[ID : 2 * ID], member[2 * ID :], supply.id[slot], supply.provider_id[slot],
            round_id, size[at], price[slot], findings.distance_m[at], status, now, until,
        )  # fmt: skip


def _place_requests(work: Work, round_id: UUID, count: int) -> None:
    chosen = sa.select(OutcomeRow.request_id).where(OutcomeRow.round_id == round_id, OutcomeRow.offer_id.is_not(None))
    changed = work.execute(
        sa.update(_requests)
        .where(_requests.c.status == RequestStatus.WAITING, _requests.c.id.in_(chosen))
        .values(status=RequestStatus.PLACED)
    )
    if changed.rowcount != count:
        raise RoundOvertaken(f"{count - changed.rowcount} of {count} requests no longer wait", rule="still-waiting")
    work.note_set("request", count=count, status=str(RequestStatus.PLACED), where="placed by this round's outcomes")


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
