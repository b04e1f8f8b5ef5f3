"""Which organisation a page is about, what else its desk has, and how a page of the desk is shown."""

from datetime import timedelta
from typing import Any, NamedTuple

from litestar import Response

from contracts.kernel.calendar import ALMATY
from contracts.kernel.errors import NotFound
from contracts.kernel.work import Actor, Work
from market.provider.queries import Provider, provider_numbered
from market.provider.rules import ProviderNotFound
from market.web.language import _
from market.web.rendering import render
from market.web.work import WebRequest

ONE_DAY = timedelta(days=1)


class Room(NamedTuple):
    """``path`` under the organisation's address; ``carers``: also for who serves and decides nothing."""

    label: str
    path: str
    carers: bool = False


ROOMS = (
    Room(_("Overview"), ""),
    Room(_("Places asked for"), "/places"),
    Room(_("Visits"), "/visits", carers=True),
    Room(_("Journal"), "/journal", carers=True),
    Room(_("Offers"), "/offers"),
    Room(_("Monthly acts"), "/acts"),
    Room(_("Payments"), "/payments"),
    Room(_("Contracts"), "/contracts"),
    Room(_("Tenders"), "/tenders"),
    Room(_("Staff"), "/staff"),
    Room(_("Service points"), "/points"),
    Room(_("Licences"), "/licences"),
    Room(_("Bank account"), "/account"),
)


def house_of(work: Work, number: str, *, carers: bool = False) -> Provider:
    """For who speaks for it (``carers``: or serves there). Raises ProviderNotFound to all others."""
    found = provider_numbered(work, number)
    try:
        work.actor.require_provider(found.id, carers=carers)
    except NotFound:
        raise ProviderNotFound from None
    return found


def address_of(number: str, path: str = "") -> str:
    return f"/organisations/{number}{path}"


def rooms_of(actor: Actor, house: Provider) -> list[Room]:
    return [room for room in ROOMS if room.carers or house.id in actor.directs()]


def desk_page(
    request: WebRequest, template: str, house: Provider, here: str, *, status: int = 200, **context: Any
) -> Response[str]:
    """``here``: the path of the room in which the page stands."""
    return render(
        request,
        f"provider/{template}.html",
        status=status,
        house=house,
        stands_in=here,
        rooms=rooms_of(request.user, house),
        at=address_of(house.number),
        decides=house.id in request.user.directs(),
        wall=ALMATY,
        one_day=ONE_DAY,
        **context,
    )
