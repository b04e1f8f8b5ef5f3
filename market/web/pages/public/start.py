"""The first page: for a visitor what this is and where to begin, for somebody signed in their short cuts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response, get

from contracts.kernel.work import Actor, Role
from market.oversight import statistics
from market.oversight.statistics import Statistics
from market.web.desks import BY_ROLE, RECORDS, Link
from market.web.language import _
from market.web.rendering import render
from market.web.work import TheCaller, WebRequest

PUBLIC: dict[str, Any] = {"public": True}
ABOUT = {
    "/my": _("What you may use, until when, and who helps you."),
    "/people": _("Programmes, vouchers, places and visits of the people you speak for."),
    "/directory": _("Who helps, where, in which language, and where places are free."),
    "/help": _("How everything here works, step by step."),
    "/organisation": _("Offers and free places, people who ask for one, visits, acts and payments."),
    "/tenders": _("Competitions that are open for bids."),
    "/registry": _("Organisations to admit, their licences and service points."),
    "/tenders-desk": _("Competitions of your territory: publish, open, award."),
    "/tariffs": _("Price limits by service, territory and date, and the legal numbers."),
    "/rounds-desk": _("Give places to everybody who waits, and see what came of it."),
    "/budget": _("What was appropriated, reserved, committed, payable and paid."),
    "/acts-desk": _("Monthly acts that providers have handed in."),
    "/payments-desk": _("Payments to order, and where the money is."),
    "/approvals": _("Payments that others must agree to, and from which amount on."),
    "/users": _("Who may do what here, and since when."),
    RECORDS.address: _("Every object with its history."),
}
WITH_RECORDS = (Role.PROCUREMENT_OFFICER, Role.BUDGET_OFFICER, Role.FINANCE_OFFICER, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class ShortCut:
    label: str
    address: str
    about: str


@get("/", sync_to_thread=True, opt=PUBLIC)
def start(request: WebRequest, caller: TheCaller) -> Response[str]:
    if caller.actor.id is not None:
        return render(request, "public/desk.html", roles=roles_of(caller.actor), short_cuts=short_cuts(caller.actor))
    found = caller.read(statistics.latest)
    return render(request, "public/start.html", figures=found and headline(found))


def roles_of(actor: Actor) -> list[Role]:
    return [role for role in Role if any(grant.role is role for grant in actor.grants or ())]


def short_cuts(actor: Actor) -> list[ShortCut]:
    links: list[Link] = [link for role in roles_of(actor) for link in BY_ROLE[role]]
    if actor.has(*WITH_RECORDS):
        links.append(RECORDS)
    links.append(Link(_("Help"), "/help"))
    by_address = {link.address: link for link in reversed(links)}
    order: Sequence[str] = list(dict.fromkeys(link.address for link in links))
    return [ShortCut(by_address[at].label, at, ABOUT.get(at, "")) for at in order]


def headline(found: Statistics) -> dict[str, int]:
    """Organisations and free places, as the figures of the day have them."""
    supply = [row for row in found.facts["supply"] if row[2] == "places"]
    return {
        "providers": sum(row[2] for row in found.facts["providers"]),
        "places": sum(row[5] for row in supply),
    }


HANDLERS = [start]
