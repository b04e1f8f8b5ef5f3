"""What must become of ends when a stay in hospital stops the voucher's clock: its days are given back at the end of the
voucher and of the service, without money of their own, where nobody else has them."""

from datetime import date

from tests.chain.people import Engagement, Placement, add_days
from tests.chain.state import State

LAST = date(2027, 1, 1)  # the money is of one year


def set_clock(state: State, engagement: Engagement) -> None:
    (placement,) = (one for one in state.placements if one.engagement is engagement)
    voucher = engagement.voucher
    is_valid = voucher.status == "issued" and voucher.from_on <= state.today < voucher.until_on
    to_the_end = placement.ends_on == engagement.until_on == voucher.until_on
    if placement.status == "accepted" and is_valid and to_the_end:
        _move(state, placement, engagement, _end(state, engagement))


def _move(state: State, placement: Placement, engagement: Engagement, until_on: date) -> None:
    engagement.voucher.until_on = engagement.until_on = placement.ends_on = until_on


def _end(state: State, engagement: Engagement) -> date:
    voucher = engagement.voucher
    stays = [one for one in state.absences if one.engagement.voucher is voucher and one.stands and one.planned is None]
    given = add_days(voucher.granted_until, sum((one.until_on - one.from_on).days for one in stays))
    same = [one for one in state.vouchers if one.person == voucher.person and one.status == "issued"]
    follows = [one.from_on for one in same if one.from_on >= voucher.granted_until]
    until_on = max(voucher.granted_until, min(given, LAST, *follows))
    if until_on >= voucher.until_on:
        return until_on
    return min(voucher.until_on, max(until_on, _after_all(state, engagement), add_days(state.today, 1)))


def _after_all(state: State, engagement: Engagement) -> date:
    """After the last day of which something is known."""
    visits = [v.day for v in state.visits if v.engagement is engagement and v.status != "cancelled"]
    absences = [a.until_on for a in state.absences if a.engagement is engagement and a.stands]
    return max([*absences, *(add_days(day, 1) for day in visits)], default=date.min)
