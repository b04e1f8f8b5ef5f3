"""How a placement ends: by decision, by a death, by time, with its voucher; its place and its money are free then."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from contracts.audit.service import record
from contracts.contract import queries as contracts
from contracts.contract.service import end_over, release_unused, stop_service
from contracts.kernel.work import Role, Work
from market.placement import queries
from market.placement.answering import BATCH, move_placement, release_place, seen_placement
from market.placement.ending_queries import left_by_contract
from market.placement.rules import OPEN, PLACEMENT, EndsOn, Placement, PlacementStatus
from market.placement.waiting import move_request
from market.recipient import queries as recipients
from market.recipient.rules import RecipientNotFound
from market.voucher import queries as vouchers
from market.voucher import service as granting
from market.voucher.rules import VoucherStatus

OFFICERS = (Role.OPERATOR, Role.BUDGET_OFFICER)
REVOKED = "the voucher was ended"
DIED = "the recipient died"


def end(work: Work, placement_id: UUID, *, on: date) -> None:
    """No service from that day on. Its place is free from then, and what it will not need goes back to the voucher.

    By the holder, the provider's people, or an officer, who alone may name a day gone by. Nobody ends it before a visit
    that was confirmed. Raises WrongState, EndsOn, DayOutside.
    """
    placement = seen_placement(work, placement_id, holder=True, provider=True, officers=OFFICERS)
    PLACEMENT.after("ended", placement.status)
    _check_end(work, placement, on)
    _end(work, placement, on)


def end_all_of(work: Work, recipient_id: UUID, *, died_on: date) -> None:
    """A death is recorded: the person's placements are over. Served until that day; the places are free at once, and
    the money goes back through the vouchers, which are closed. By whoever may record a death."""
    if not work.actor.has(*OFFICERS, territory=recipients.recipient(work, recipient_id).territory):
        raise RecipientNotFound
    for placement in queries.live_of_recipient(work, recipient_id):
        _bury(work, placement, died_on)
    granting.close_of_dead(work, recipient_id)


def withdraw_of_voucher(work: Work, voucher_id: UUID) -> None:
    """The voucher has ended: what nobody has answered yet gives its place back. Checks no role: for whoever has just
    ended the voucher. Accepted placements go on until they are ended."""
    for placement in queries.open_of_voucher(work, voucher_id):
        _withdraw(work, placement, REVOKED)


def end_of_day(work: Work, *, limit: int = BATCH) -> int:
    """What a new day releases, where nobody has done it yet: placements of the dead and of ended vouchers, engagements
    that are over, and money that no late entry came for. How many; call again until 0. By the system."""
    work.actor.require(Role.ADMINISTRATOR)
    dead = queries.live_of_dead(work, work.today, limit=limit)
    for placement, died_on in dead:
        _bury(work, placement, died_on)
    withdrawn = queries.open_without_voucher(work, limit=limit)
    for placement in withdrawn:
        _withdraw(work, placement, REVOKED)
    ended = end_over(work, limit=limit)
    unused = queries.unused(work, work.today, limit=limit)
    for engagement_id, voucher_id in unused:
        release_unused(work, engagement_id, on=work.today)
        granting.pass_on(work, voucher_id)
    return len(dead) + len(withdrawn) + ended + len(unused)


def leave(work: Work, placement: Placement) -> None:
    """The offer has closed and another place is at hand: served up to today, and the wait goes on where it was, since
    when it was. Checks no role: for whoever has just decided on that other place."""
    assert placement.ends_on is not None, "an accepted placement has an end"
    status = PLACEMENT.after("ended", placement.status)
    until_on = _stop(work, placement, min(work.today + timedelta(days=1), placement.ends_on))
    release_place(work, placement, status, "returned", ends_on=until_on)
    record(work, "placement", placement.id, "ended")


def end_with_contract(work: Work, placement: Placement, on: date) -> None:
    """What it was served under ends on that day: nobody asked the holder, so with a voucher that still holds the wait
    goes on where it was, once the place is left. Of one that has ended already the days after are cut. Checks no role:
    for whoever has just ended the contract."""
    if placement.status is PlacementStatus.ENDED:
        move_placement(work, placement, placement.status, ends_on=_stop(work, placement, on))
        record(work, "placement", placement.id, "ended-earlier")
    else:
        _end(work, placement, on, _afterwards(work, placement, on))


def withdraw(work: Work, placement: Placement, reason: str) -> None:
    """Nobody can answer it any more; the wait goes on where it was. Checks no role."""
    _withdraw(work, placement, reason, "returned")


def _afterwards(work: Work, placement: Placement, on: date) -> str:
    voucher = vouchers.voucher(work, placement.voucher_id)
    usable = voucher.status is VoucherStatus.ISSUED and max(on, work.today) < voucher.begins_until
    return "returned" if usable else "closed"


def _check_end(work: Work, placement: Placement, on: date) -> None:
    assert placement.ends_on is not None, "an accepted placement has an end"
    if on > placement.ends_on:
        raise EndsOn(f"It ends on {placement.ends_on} already", pointer="/on", rule="end-not-later")
    territory = vouchers.voucher(work, placement.voucher_id).territory
    if on < work.today and not work.actor.has(*OFFICERS, territory=territory):
        raise EndsOn("That day is over", pointer="/on", rule="end-not-in-the-past")
    last = queries.last_confirmed_day(work, _engagement_id(placement))
    if last is not None and on <= last:
        raise EndsOn(f"Service of {last} was confirmed", pointer="/on", rule="end-after-confirmed-service")


def _end(work: Work, placement: Placement, on: date, request_verb: str = "closed") -> None:
    until_on = _stop(work, placement, on)
    if on <= work.today or until_on <= work.today or _never_begins(work, placement, until_on):
        release_place(work, placement, PLACEMENT.after("ended", placement.status), request_verb, ends_on=until_on)
        record(work, "placement", placement.id, "ended")
    else:
        move_placement(work, placement, placement.status, ends_on=until_on)
        record(work, "placement", placement.id, "end-set")


def _never_begins(work: Work, placement: Placement, until_on: date) -> bool:
    return until_on == contracts.engagement(work, _engagement_id(placement)).from_on


def _bury(work: Work, placement: Placement, died_on: date) -> None:
    if placement.status in OPEN:
        _withdraw(work, placement, DIED)
        return
    status = PLACEMENT.after("ended", placement.status)
    assert placement.ends_on is not None, "an accepted placement has an end"
    until_on = _stop(work, placement, min(died_on + timedelta(days=1), placement.ends_on))
    release_place(work, placement, status, "closed", ends_on=until_on)
    record(work, "placement", placement.id, "ended")


def _withdraw(work: Work, placement: Placement, reason: str, request_verb: str = "closed") -> None:
    status = PLACEMENT.after("withdrawn", placement.status)
    release_place(work, placement, status, request_verb, decided_at=work.now, decline_reason=reason)
    record(work, "placement", placement.id, "withdrawn")


def _stop(work: Work, placement: Placement, on: date) -> date:
    """The engagement ends; what it gave back to a voucher that has ended goes on to the line. Its first day without
    service."""
    engagement_id = _engagement_id(placement)
    entered = queries.entered_minor(work, engagement_id)
    until_on = stop_service(work, engagement_id, on=on, entered_minor=entered)
    granting.pass_on(work, placement.voucher_id)
    return until_on


def _engagement_id(placement: Placement) -> UUID:
    assert placement.engagement_id is not None, "an accepted placement has an engagement"
    return placement.engagement_id


def lapse_overdue(work: Work, *, limit: int = BATCH, idle_too: bool = True) -> int:
    """What time releases: unanswered placements lapse, those that are over end, and (``idle_too``: looking for them
    reads every request) who waits with a voucher that is over waits no longer. How many; the worker calls again until
    it is none."""
    work.actor.require(Role.ADMINISTRATOR)
    unanswered = queries.overdue(work, work.now, limit=limit)
    for placement in unanswered:
        _lapse(work, placement, "lapsed", "returned", decided_at=work.now)
    over = queries.over(work, work.today, limit=limit)
    left = left_by_contract(work, [one.id for one in over])
    for placement in over:
        assert placement.ends_on is not None, "an accepted placement has an end"
        _stop(work, placement, placement.ends_on)
        after = _afterwards(work, placement, work.today) if placement.id in left else "closed"
        _lapse(work, placement, "ended", after)
    idle = queries.waiting_without_voucher(work, work.today, limit=limit) if idle_too else []
    for request in idle:
        move_request(work, request, "closed")
        record(work, "request", request.id, "closed")
    return len(unanswered) + len(over) + len(idle)


def _lapse(work: Work, placement: Placement, verb: str, request_verb: str, **changed: Any) -> None:
    release_place(work, placement, PLACEMENT.after(verb, placement.status), request_verb, **changed)
    record(work, "placement", placement.id, verb)
