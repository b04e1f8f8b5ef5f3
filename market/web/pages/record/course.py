"""One person's service: interrupted, taken up again, ended. By the person, the organisation's people, or the office."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from contracts.contract import queries as contracts
from contracts.contract import service as contracting
from contracts.contract.rules import Contract, Engagement, EngagementStatus
from contracts.contract.service import PLACERS
from contracts.kernel.work import Work
from contracts.ledger.queries import account
from market.catalogue.rules import CareSetting, ServiceKind
from market.oversight.names import names
from market.placement import queries as placing
from market.placement import service as placement
from market.placement.ending import OFFICERS
from market.placement.rules import PlacementStatus
from market.provider.queries import provider
from market.voucher.queries import voucher
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.rendering import render
from market.web.work import Caller, Id, TheCaller, WebRequest

DAY = timedelta(days=1)
OVER = _("This service has ended. Nothing is left to interrupt or to end.")
NOT_BEGUN = _("This service has not begun yet: only what has begun can be interrupted.")
NOT_YOURS = _(
    "The person who is served, whoever speaks for them, the organisation and officers of the territory decide on this."
)


def may_interrupt(work: Work, engagement: Engagement, contract: Contract) -> bool:
    return _is_side(work, engagement, contract) or work.actor.has(*PLACERS, territory=contract.territory)


def may_end(work: Work, engagement: Engagement, contract: Contract) -> bool:
    territory = voucher(work, engagement.voucher_id).territory
    return _is_side(work, engagement, contract) or work.actor.has(*OFFICERS, territory=territory)


def _is_side(work: Work, engagement: Engagement, contract: Contract) -> bool:
    return contract.provider_id in work.actor.directs() or engagement.recipient_id in work.actor.recipients()


def goes_on(work: Work, engagement: Engagement) -> bool:
    """Whether there is a day left on which it is served."""
    return engagement.status is not EngagementStatus.ENDED and engagement.until_on > work.today


@get("/engagements/{engagement_id:uuid}/suspension", sync_to_thread=True)
def show_suspension(request: WebRequest, caller: TheCaller, engagement_id: Id) -> Response[str]:
    return _suspension_page(request, caller, engagement_id, EMPTY)


def _suspension_page(request: WebRequest, caller: Caller, engagement_id: UUID, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        engagement = contracts.engagement_for_reader(work, engagement_id)
        contract = contracts.contract(work, engagement.contract_id)
        open_ones = [one for one in contracts.suspensions(work, engagement_id) if one.until_on is None]
        return _told(work, engagement, contract) | {
            "since": open_ones[0].from_on if open_ones else None,
            "names_the_day": work.actor.has(*PLACERS, territory=contract.territory),
            "why_not": _why_not_interrupted(work, engagement, contract),
        }

    return render(request, "record/suspension.html", filled=filled, key=new_key(), **caller.read(read))


def _told(work: Work, engagement: Engagement, contract: Contract) -> dict[str, Any]:
    return {
        "engagement": engagement,
        "service": (ServiceKind(engagement.kind), CareSetting(engagement.setting)),
        "provider": provider(work, contract.provider_id),
        "person": names(work, [("recipient", engagement.recipient_id)]).get(engagement.recipient_id, ""),
        "last_on": engagement.until_on - DAY,
        "committed": account(work, engagement.account_id).free,
        "today": work.today,
    }


def _why_not_interrupted(work: Work, engagement: Engagement, contract: Contract) -> str | None:
    """Why this reader is shown no form; None where the service would say yes."""
    if not may_interrupt(work, engagement, contract):
        return NOT_YOURS
    if engagement.status is EngagementStatus.SUSPENDED:
        return None
    if not goes_on(work, engagement):
        return OVER
    return NOT_BEGUN if engagement.from_on > work.today else None


@get("/engagements/{engagement_id:uuid}/end", sync_to_thread=True)
def show_end(request: WebRequest, caller: TheCaller, engagement_id: Id) -> Response[str]:
    return _end_page(request, caller, engagement_id, EMPTY)


def _end_page(request: WebRequest, caller: Caller, engagement_id: UUID, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        engagement = contracts.engagement_for_reader(work, engagement_id)
        contract = contracts.contract(work, engagement.contract_id)
        return _told(work, engagement, contract) | {
            "confirmed_on": placing.last_confirmed_day(work, engagement_id),
            "names_the_day": work.actor.has(*OFFICERS, territory=voucher(work, engagement.voucher_id).territory),
            "why_not": _why_not_ended(work, engagement, contract),
        }

    return render(request, "record/end.html", filled=filled, key=new_key(), **caller.read(read))


def _why_not_ended(work: Work, engagement: Engagement, contract: Contract) -> str | None:
    if not may_end(work, engagement, contract):
        return NOT_YOURS
    held = placing.placement(work, engagement.placement_id).status is PlacementStatus.ACCEPTED
    return None if held and goes_on(work, engagement) else OVER


@post("/engagements/{engagement_id:uuid}/suspension", sync_to_thread=True)
def suspend(request: WebRequest, caller: TheCaller, engagement_id: Id, data: Form) -> Response[Any]:
    """Who is shown no field for the day means today."""

    def do(work: Work) -> None:
        reading = Reading(data)
        on = reading.day("on", required="on" in data)
        reading.check()
        contracting.suspend_engagement(work, engagement_id, on=on)

    said = _("The service is interrupted. Its place and its money are kept until it is taken up again.")
    return _answer(request, caller, engagement_id, data, do, _suspension_page, said)


@post("/engagements/{engagement_id:uuid}/resumption", sync_to_thread=True)
def resume(request: WebRequest, caller: TheCaller, engagement_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        on = reading.day("on")
        reading.check()
        contracting.resume_engagement(work, engagement_id, on=on)

    said = _("The service goes on. Visits from that day on are accepted again.")
    return _answer(request, caller, engagement_id, data, do, _suspension_page, said)


@post("/engagements/{engagement_id:uuid}/end", sync_to_thread=True)
def end(request: WebRequest, caller: TheCaller, engagement_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        on = reading.day("on")
        reading.check()
        assert on is not None, "a required day that passed the check is one"
        placement.end(work, contracts.engagement_for_reader(work, engagement_id).placement_id, on=on)

    said = _("The end is set. What the service does not need any more has gone back to the voucher.")
    return _answer(request, caller, engagement_id, data, do, _end_page, said)


def _answer(
    request: WebRequest, caller: Caller, engagement_id: UUID, data: Form, do: Callable[[Work], None],
    page: Callable[[WebRequest, Caller, UUID, Filled], Response[str]], said: str,
) -> Response[Any]:  # fmt: skip
    return submit(
        request, caller, data, do=do, again=lambda filled: page(request, caller, engagement_id, filled),
        to=f"/engagements/{engagement_id}", said=said,
    )  # fmt: skip


HANDLERS = [show_suspension, suspend, resume, show_end, end]
