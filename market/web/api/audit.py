"""The trail of one object: every event with what it changed."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.params import FromPath, QueryParameter

from contracts.audit.queries import Event, events_of
from contracts.kernel.errors import NotFound
from contracts.kernel.work import Role, Work
from market.competition.queries import may_read_bid
from market.competition.rules import BidsStillSealed
from market.web import queries as lists
from market.web.routes import reads
from market.web.wire import MAX_PAGE, Listing, shown
from market.web.work import TheCaller

EventLimit = Annotated[int, QueryParameter(name="limit", ge=1, le=MAX_PAGE, required=False)]


class TrailNotFound(NotFound):
    code = "trail-not-found"
    title = "There is no such trail"


class EventView(msgspec.Struct, frozen=True):
    """``changes``: the after-image of each changed row; personal values are sealed."""

    id: UUID
    stream: str
    sequence: int
    at: datetime
    actor_id: UUID | None
    verb: str
    changes: list[Any]


def trail(work: Work, stream: str, about: str, limit: int = MAX_PAGE) -> list[EventView]:
    """For an auditor whose scope holds the object; an object without a territory needs one of the whole country."""
    work.actor.require(Role.AUDITOR)
    if stream == "bid" and not (_is_id(about) and may_read_bid(work, UUID(about))):
        raise BidsStillSealed(rule="sealed-until-opening")
    territory = lists.territory_of(work, stream, about) or ""
    if not work.actor.has(Role.AUDITOR, territory=territory):
        raise TrailNotFound
    events = events_of(work, stream, about, limit=limit)
    if not events:
        raise TrailNotFound
    return [show(event) for event in events]


def show(event: Event) -> EventView:
    return shown(EventView, event, changes=msgspec.json.decode(event.body)["changes"])


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@reads("/audit/{stream:str}/{about:str}")
def get_trail(
    caller: TheCaller, stream: FromPath[str], about: FromPath[str], limit: EventLimit = MAX_PAGE
) -> Listing[EventView]:
    """The first events of the object ``about`` in its stream, such as ``voucher`` or ``act``."""
    return Listing(caller.read(lambda work: trail(work, stream, about, limit)))


HANDLERS = [get_trail]
