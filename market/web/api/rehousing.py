"""An offer has closed: where its people could go, and the officer's decision; they answer themselves."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import JSONBody
from pydantic import Field

from market.placement.rehousing import MOST_MOVES, DecidedMove, check_closed, rehouse
from market.web.asking import rehousing_plan
from market.web.routes import writes
from market.web.wire import Asked
from market.web.work import Id, TheCaller


class Move(Asked):
    placement_id: UUID
    offer_id: UUID


class Moves(Asked):
    """All of them or none."""

    moves: Annotated[list[Move], Field(min_length=1, max_length=MOST_MOVES)]


class ProposalView(msgspec.Struct, frozen=True):
    """``offer_id`` null: there is no place for them; metres from home there, and to where they are served now."""

    placement_id: UUID
    offer_id: UUID | None
    distance_m: int | None
    distance_now_m: int


class PlanView(msgspec.Struct, frozen=True):
    moves: list[ProposalView]


class OfferedView(msgspec.Struct, frozen=True):
    placement_ids: list[UUID]


@writes("/offers/{offer_id:uuid}/rehousing-plan")
def plan_rehousing(caller: TheCaller, offer_id: Id) -> PlanView:
    """Most of the most urgent first, then their wishes, then the way; free places only, so nobody else moves. Takes
    seconds and changes nothing. By an operator or a budget officer."""
    caller.read(lambda work: check_closed(work, offer_id))
    moves = rehousing_plan(caller.site.settings, offer_id)
    return PlanView([ProposalView(m.placement_id, m.offer_id, m.distance_m, m.distance_now_m) for m in moves])


@writes("/offers/{offer_id:uuid}/rehousing")
def decide_rehousing(caller: TheCaller, offer_id: Id, data: JSONBody[Moves]) -> OfferedView:
    """These people are served there up to today and are offered those places, which they accept or decline."""
    moves = [DecidedMove(move.placement_id, move.offer_id) for move in data.moves]
    return OfferedView(caller.write(lambda work: rehouse(work, offer_id, moves)))


HANDLERS = [plan_rehousing, decide_rehousing]
