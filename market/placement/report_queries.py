"""What a round tells afterwards, as it is kept: its report, and the grounds of what it decided for one request."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.bulk import bare_id, stream_rows
from contracts.kernel.work import Work
from market.catalogue.models import LocalityRow
from market.placement.grounds import Grounds, Seen
from market.placement.models import RequestRow, RoundGroundRow, RoundReportRow
from market.placement.models import RoundSlotRow as Slot
from market.placement.report import Kept, RoundReport, read_report
from market.placement.rules import Request, Round
from market.provider.models import OfferRow, ProviderRow, ServicePointRow

MOST_AT_ONCE = 500  # offers looked up in one statement
AT_ONCE = 10_000  # rows in memory while everybody is looked through


def report_of(work: Work, round_id: UUID) -> RoundReport | None:
    """None: it is not counted yet, or the round is older than reports are."""
    kept = report_kept(work, round_id)
    return read_report(*kept) if kept else None


def report_kept(work: Work, round_id: UUID) -> tuple[datetime, Kept, Kept] | None:
    """As it was written: when, fairness, diagnosis."""
    columns = (RoundReportRow.made_at, RoundReportRow.fairness, RoundReportRow.diagnosis)
    rows = work.rows(sa.select(*columns).where(RoundReportRow.round_id == round_id))
    return (rows[0][0], rows[0][1], rows[0][2]) if rows else None


def grounds_kept(work: Work, of: Round, request: Request, *, seated: bool) -> Grounds | None:
    """None: it got what it would have liked best, or nothing was kept."""
    own = (RoundGroundRow.round_id == of.id, RoundGroundRow.request_id == request.id)
    columns = (RoundGroundRow.wanted_id, RoundGroundRow.wanted_m, RoundGroundRow.opens)
    rows = work.rows(sa.select(*columns).where(*own))
    if not rows:
        return None
    (wanted_id, wanted_m, opens), *_ = rows
    near = {wanted_id: wanted_m} | dict(_opens(opens))
    slots = {one.offer_id: one for one in _slots(work, of.id, near)}
    return Grounds(
        sha256=of.instance_sha256 or "",
        policy=of.policy,
        tier=request.tier,
        seated=seated,
        ahead=0,
        wanted=slots[wanted_id],
        opens=tuple(slots[offer_id] for offer_id, _metres in _opens(opens)),
        penalty_by_tier=tuple((of.facts or {}).get("penalty_by_tier", ())),
    )


def _opens(kept: str) -> list[tuple[UUID, int]]:
    pairs = (one.split(":") for one in kept.split(",") if one)
    return [(UUID(hex=offer), int(metres)) for offer, metres in pairs]


def _slots(work: Work, round_id: UUID, near: dict[UUID, int]) -> list[Seen]:
    columns = (Slot.offer_id, Slot.places, Slot.used, Slot.last_tier, Slot.serving_price, Slot.seating_price)
    rows = work.rows(sa.select(*columns).where(Slot.round_id == round_id, Slot.offer_id.in_(near)))
    return [Seen(row.offer_id, near[row.offer_id], *row[1:]) for row in rows]


def names_of_offers(work: Work, offer_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What people call them: the provider, and where it serves."""
    return {offer_id: one.name for offer_id, one in offers_named(work, offer_ids).items()}


@dataclass(frozen=True, slots=True)
class NamedOffer:
    number: str
    name: str


def offers_named(work: Work, offer_ids: Iterable[UUID]) -> dict[UUID, NamedOffer]:
    wanted = sorted(set(offer_ids))[:MOST_AT_ONCE]
    rows = work.rows(
        sa.select(OfferRow.id, OfferRow.number, ProviderRow.name, ServicePointRow.name)
        .join(ProviderRow, ProviderRow.id == OfferRow.provider_id)
        .join(ServicePointRow, ServicePointRow.id == OfferRow.service_point_id)
        .where(OfferRow.id.in_(wanted))
    )
    return {offer_id: NamedOffer(number, _named(provider, point)) for offer_id, number, provider, point in rows}


def _named(provider: str, point: str) -> str:
    """Many a service point has the name of its organisation."""
    return provider if provider == point else f"{provider}, {point}"


def attributes_of(work: Work, requests: Sequence[str]) -> list[tuple[str, str, str]]:
    """Of requests given as 32 digits, in their order: the territory, the category and the language. All requests made
    between the first and the last are looked through, because half a million cannot be named."""
    if not requests:
        return []
    kept = (RequestRow.territory, RequestRow.category, RequestRow.language)
    between = RequestRow.id.between(UUID(hex=min(requests)), UUID(hex=max(requests)))
    statement = sa.select(
        bare_id(work, RequestRow.id), *(sa.type_coerce(column, sa.String()) for column in kept)
    ).where(between)
    wanted, told = set(requests), dict[str, tuple[str, str, str]]()
    for request, *others in stream_rows(work, statement, AT_ONCE):
        if request in wanted:
            told[request] = others[0], others[1], others[2]
    return [told[one] for one in requests]


def territories_of_offers(work: Work, offers: Sequence[str]) -> list[str]:
    """Of offers given as 32 digits, in their order: where their point is."""
    rows = work.rows(
        sa.select(OfferRow.id, LocalityRow.territory)
        .join(ServicePointRow, ServicePointRow.id == OfferRow.service_point_id)
        .join(LocalityRow, LocalityRow.id == ServicePointRow.locality_id)
    )
    where = {offer_id.hex: territory for offer_id, territory in rows}
    return [where.get(offer, "") for offer in offers]
