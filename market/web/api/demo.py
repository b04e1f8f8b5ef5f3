"""The clock of a demonstration: it runs ahead when told to. A real installation has no such clock."""

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from litestar.params import JSONBody
from pydantic import Field

from contracts.audit.service import record
from contracts.kernel.clock import is_travelling, move_clock
from contracts.kernel.work import Role, Work
from market.web.auth import DemoOnly
from market.web.routes import writes
from market.web.wire import Asked
from market.web.work import TheCaller

MAX_DAYS = 400  # a budget year and a bit: nothing in a demonstration lies further ahead


class Journey(Asked):
    days: Annotated[int, Field(ge=0, le=MAX_DAYS)]
    hours: Annotated[int, Field(ge=0, le=23)] = 0


class Clock(msgspec.Struct, frozen=True):
    now: datetime


@writes("/demo/clock")
def travel(caller: TheCaller, data: JSONBody[Journey]) -> Clock:
    """Forward only."""

    def move(work: Work) -> Clock:
        if not is_travelling(work.connection):
            raise DemoOnly
        work.actor.require(Role.ADMINISTRATOR)
        now = move_clock(work.connection, timedelta(days=data.days, hours=data.hours))
        work.note_set("clock", shown_at=now.isoformat())
        record(work, "clock", "demo", "moved")
        return Clock(now)

    return caller.write(move)


HANDLERS = [travel]
