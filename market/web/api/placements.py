"""Places that were asked for or offered: answered by the other side, ended by either."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import FromQuery, JSONBody

from contracts.kernel.work import Work
from market.placement import queries, service
from market.placement.explaining import Saying, Topic
from market.placement.explanations import explanation_of
from market.placement.rules import Outcome, PlacementNotFound, PlacementStatus, Reason, Request
from market.voucher.queries import voucher
from market.web import queries as lists
from market.web.lists import TheSlice
from market.web.routes import reads, writes
from market.web.sight import check_seen
from market.web.wire import Asked, Day, Listing, Money, ReasonGiven, shown
from market.web.work import Id, TheCaller, TheKey

Status = FromQuery[PlacementStatus | None]


class Ending(Asked):
    """No service from that day on."""

    on: Day


class PlacementView(msgspec.Struct, frozen=True):
    id: UUID
    request_id: UUID
    voucher_id: UUID
    recipient_id: UUID
    offer_id: UUID
    provider_id: UUID
    round_id: UUID | None
    size: int
    unit_price: Money
    distance_m: int
    status: PlacementStatus
    created_at: datetime
    respond_until: datetime
    decided_at: datetime | None
    engagement_id: UUID | None
    ends_on: date | None


class StatementView(msgspec.Struct, frozen=True):
    """One sentence of the explanation, for a page to put into words: of which offer it speaks, and the figures by which
    it can be checked."""

    topic: Topic
    saying: Saying
    values: dict[str, int]
    offer_id: UUID | None


class OutcomeView(msgspec.Struct, frozen=True):
    """What a round decided and why. ``nearer_full``: how many offers the holder would have preferred were full;
    ``explanation``: why here, why not the first wish, why the wait goes on, what would change it."""

    round_id: UUID
    offer_id: UUID | None
    reason: Reason
    distance_m: int | None
    rank: int | None
    nearer_full: int | None
    explanation: list[StatementView]


def show(work: Work, placement_id: UUID) -> PlacementView:
    found = queries.placement(work, placement_id)
    check_seen(
        work.actor,
        PlacementNotFound,
        territory=voucher(work, found.voucher_id).territory,
        provider_id=found.provider_id,
        recipient_id=found.recipient_id,
    )
    return shown(PlacementView, found)


def show_outcome(work: Work, request: Request, outcome: Outcome) -> OutcomeView:
    said = explanation_of(work, request, outcome)
    return shown(OutcomeView, outcome, explanation=[shown(StatementView, one) for one in said])


@reads("/placements")
def list_placements(caller: TheCaller, at: TheSlice, status: Status = None) -> Listing[PlacementView]:
    found = caller.read(lambda work: lists.placements(work, at, status=status))
    return at.listing(found, lambda one: shown(PlacementView, one), lambda one: one.id)


@reads("/placements/{placement_id:uuid}")
def get_placement(caller: TheCaller, placement_id: Id) -> PlacementView:
    return caller.read(lambda work: show(work, placement_id))


@writes("/placements/{placement_id:uuid}/acceptance")
def accept(caller: TheCaller, once: TheKey, placement_id: Id) -> Response[PlacementView]:
    """The provider answers a requested place, the holder an offered one. The money of the voucher is committed."""
    return _do(caller, once, placement_id, lambda work: service.accept(work, placement_id))


@writes("/placements/{placement_id:uuid}/refusal")
def decline(caller: TheCaller, once: TheKey, placement_id: Id, data: JSONBody[ReasonGiven]) -> Response[PlacementView]:
    return _do(caller, once, placement_id, lambda work: service.decline(work, placement_id, reason=data.reason))


@writes("/placements/{placement_id:uuid}/end")
def end(caller: TheCaller, once: TheKey, placement_id: Id, data: JSONBody[Ending]) -> Response[PlacementView]:
    return _do(caller, once, placement_id, lambda work: service.end(work, placement_id, on=data.on))


def _do(caller: TheCaller, once: TheKey, placement_id: UUID, verb: Any) -> Response[PlacementView]:
    return caller.do_once(once, verb, lambda work: show(work, placement_id))


HANDLERS = [list_placements, get_placement, accept, decline, end]
