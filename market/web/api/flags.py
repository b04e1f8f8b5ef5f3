"""Visits that look untrue: for officers and auditors, with the visit behind each, and what a person found."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar.params import JSONBody, QueryParameter
from pydantic import Field

from contracts.kernel.work import Role, Work
from contracts.register.rules import EntryStatus
from market.oversight import flagging, flags
from market.oversight.suspicion import LONGEST_NOTE, FlagNotFound, FlagStatus, Suspicion
from market.web.api.catalogue import Prefix
from market.web.api.desk import held
from market.web.lists import TheSlice
from market.web.routes import reads, writes
from market.web.wire import Asked, Listing, shown
from market.web.work import Id, TheCaller

READERS = (Role.BUDGET_OFFICER, Role.FINANCE_OFFICER, Role.PROCUREMENT_OFFICER, Role.AUDITOR)
OfStatus = Annotated[FlagStatus | None, QueryParameter(name="status", required=False)]
OfReason = Annotated[Suspicion | None, QueryParameter(name="suspicion", required=False)]
OfVisit = Annotated[UUID | None, QueryParameter(name="entry_id", required=False)]


class Finding(Asked):
    """``explained``: it was all right; ``confirmed``: it was not. A later finding may turn it round."""

    status: Literal["explained", "confirmed"]
    note: Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE)]


class FlagView(msgspec.Struct, frozen=True):
    """``facts``: what made it look untrue; ``entry_*``: the visit as it stands today."""

    id: UUID
    entry_id: UUID
    suspicion: Suspicion
    territory: str
    provider_id: UUID
    provider_name: str
    recipient_id: UUID
    worker_id: UUID
    served_on: date
    facts: dict[str, Any]
    raised_at: datetime
    status: FlagStatus
    decided_at: datetime | None
    note: str | None
    entry_status: EntryStatus
    started_at: datetime
    ended_at: datetime
    place: str
    quantity: int
    act_id: UUID | None


def show(work: Work, flag_id: UUID) -> FlagView:
    flagging.flag_of(work, flag_id, *READERS)
    found = flags.seen_flag(work, flag_id)
    if found is None:
        raise FlagNotFound
    return shown(FlagView, found)


@reads("/flags")
def list_flags(
    caller: TheCaller,
    at: TheSlice,
    status: OfStatus = None,
    suspicion: OfReason = None,
    entry_id: OfVisit = None,
    territory: Prefix = None,
) -> Listing[FlagView]:
    """In your territory, the oldest first. A flag says why to ask; it hides nothing and holds nothing up."""
    territories = held(caller, territory, *READERS)
    found = caller.read(
        lambda work: flags.flags_in(
            work, territories, status=status, suspicion=suspicion, entry_id=entry_id, after=at.after, limit=at.limit
        )
    )
    return at.listing(found, lambda one: shown(FlagView, one), lambda one: one.id)


@reads("/flags/{flag_id:uuid}")
def get_flag(caller: TheCaller, flag_id: Id) -> FlagView:
    return caller.read(lambda work: show(work, flag_id))


@writes("/flags/{flag_id:uuid}/decision")
def decide(caller: TheCaller, flag_id: Id, data: JSONBody[Finding]) -> FlagView:
    """By a budget officer or an auditor of the territory."""
    return caller.do(
        lambda work: flagging.decide(work, flag_id, status=FlagStatus(data.status), note=data.note),
        lambda work: show(work, flag_id),
    )


HANDLERS = [list_flags, get_flag, decide]
