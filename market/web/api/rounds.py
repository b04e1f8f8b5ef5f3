"""Matching rounds: asked for here, carried out by the worker, read here."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.params import JSONBody
from pydantic import Field

from contracts.kernel.work import Work
from market.placement import queries
from market.placement.publishing import publish_round
from market.placement.requesting import request_round
from market.placement.rules import Policy, RoundNotFound, RoundStatus
from market.web import queries as lists
from market.web.api.catalogue import Prefix
from market.web.lists import TheSlice
from market.web.routes import reads, writes
from market.web.sight import check_seen
from market.web.wire import Asked, Listing, TerritoryPrefix, shown
from market.web.work import Id, TheCaller

MAX_SECONDS = 3600


class NewRound(Asked):
    """For everyone who waits under the territory prefix."""

    territory: TerritoryPrefix = ""
    policy: Policy = Policy.WELFARE
    seed: Annotated[int, Field(ge=0, le=2**31)] = 1
    time_limit_seconds: Annotated[int, Field(ge=1, le=MAX_SECONDS)] = 600


class RoundView(msgspec.Struct, frozen=True):
    """``certificate`` is "verified" or says why not; ``facts``: the phase it is in, then its figures."""

    id: UUID
    number: int
    territory: str
    policy: Policy
    seed: int
    time_limit_seconds: int
    status: RoundStatus
    requested_at: datetime
    finished_at: datetime | None
    instance_sha256: str | None
    requests: int | None
    served: int | None
    served_by_tier: list[int] | None
    cost: int | None
    certificate: str | None
    facts: dict[str, Any] | None
    published_at: datetime | None


def show(work: Work, round_id: UUID) -> RoundView:
    found = queries.round_(work, round_id)
    check_seen(work.actor, RoundNotFound, territory=found.territory)
    return shown(RoundView, found)


@writes("/rounds")
def start_round(caller: TheCaller, data: JSONBody[NewRound]) -> RoundView:
    """Written down as requested; the worker runs it. One at a time."""
    return caller.write(lambda work: show(work, request_round(work, **data.values())))


@reads("/rounds")
def list_rounds(caller: TheCaller, at: TheSlice, territory: Prefix = None) -> Listing[RoundView]:
    found = caller.read(lambda work: lists.rounds(work, at, territory=territory))
    return at.listing(found, lambda one: shown(RoundView, one), lambda one: one.id)


@reads("/rounds/{round_id:uuid}")
def get_round(caller: TheCaller, round_id: Id) -> RoundView:
    return caller.read(lambda work: show(work, round_id))


@writes("/rounds/{round_id:uuid}/publication")
def publish(caller: TheCaller, round_id: Id) -> RoundView:
    """A round takes effect at once; from now on everybody may read its summary, without small numbers."""

    def publish_seen(work: Work) -> RoundView:
        show(work, round_id)  # to whom it is not shown, it is not there
        publish_round(work, round_id)
        return show(work, round_id)

    return caller.write(publish_seen)


HANDLERS = [start_round, list_rounds, get_round, publish]
