"""What must become of vouchers, places and engagements, by the rules as people tell them."""

from datetime import date

from contracts.kernel.calendar import add_working_days
from tests.chain.journal import costs_of
from tests.chain.people import (
    Engagement,
    Home,
    Placement,
    Refused,
    Voucher,
    add_days,
    first_of,
    month_of,
    months_between,
    refuse,
)
from tests.chain.state import LINE, State, end_service, has_unpaid, kept_until, pass_on, taken_back

FLOOR, CEILING = 500_00, 1_500_00


def issue(state: State, voucher: Voucher) -> None:
    start, end = voucher.from_on, voucher.until_on
    outside = start.year < 2026 or end > date(2027, 1, 1) or start < state.today.replace(day=1) or end <= state.today
    refuse("voucher-wrong-period", when=outside)
    refuse("tariff-below-floor", when=voucher.ceiling < FLOOR)
    refuse("tariff-above-ceiling", when=voucher.ceiling > CEILING)
    for other in state.vouchers:
        same = other.person == voucher.person and other.status == "issued"
        refuse("voucher-overlaps", when=same and other.from_on < end and start < other.until_on)
    worth = voucher.units * voucher.ceiling * len(months_between(start, end))
    state.books.open("reserved", voucher)
    try:
        state.books.move(("appropriated", LINE), ("reserved", voucher), worth)
    except Refused:
        del state.books.balance["reserved", voucher]
        raise
    state.vouchers.append(voucher)


def revoke(state: State, voucher: Voucher) -> None:
    refuse("wrong-state", when=voucher.status != "issued")
    voucher.status = "revoked"
    pass_on(state, voucher)
    for placement in state.placements:
        if placement.voucher is voucher and placement.status == "requested":
            _give_up(placement, "declined", request="closed")


def close_expired(state: State) -> None:
    for voucher in state.vouchers:
        if voucher.status == "issued" and voucher.until_on <= state.today:
            voucher.status = "closed"
        pass_on(state, voucher)


def book(state: State, voucher: Voucher, home: Home) -> Placement:
    refuse("voucher-not-valid", when=voucher.status != "issued" or voucher.granted_until <= state.today)
    refuse("already-placed", when=voucher.request == "placed")
    refuse("voucher-wrong-service", when=voucher.unit != home.unit)
    refuse("price-above-voucher", when=home.price > voucher.ceiling)
    refuse("no-free-place", when=home.taken + voucher.size > home.capacity)
    home.taken += voucher.size
    voucher.request = "placed"
    placement = Placement(voucher, home, home.price, add_days(add_working_days(state.today, 2), 1))
    state.placements.append(placement)
    return placement


def accept(state: State, placement: Placement) -> Engagement:
    voucher, home = placement.voucher, placement.home
    refuse("wrong-state", when=placement.status != "requested")
    refuse("answer-too-late", when=state.today >= placement.too_late_on)
    start = max(add_days(state.today, 1), voucher.from_on)
    refuse("voucher-not-valid", when=voucher.status != "issued" or start >= voucher.granted_until)
    engagement = Engagement(voucher, home, placement.price, start, voucher.until_on)
    volume = placement.price * voucher.units
    amount = volume * len(months_between(start, voucher.granted_until))
    shared = any(
        one.voucher is voucher
        and one.from_on < one.until_on
        and month_of(add_days(one.until_on, -1)) == month_of(start)
        for one in state.engagements
    )
    if shared:
        amount = min(amount, max(state.books.free("reserved", voucher), amount - volume, 1))
    refuse("insufficient-funds", when=amount > state.books.free("reserved", voucher))
    state.books.open("committed", engagement)
    state.books.move(("reserved", voucher), ("committed", engagement), amount)
    placement.status, placement.engagement, placement.ends_on = "accepted", engagement, voucher.until_on
    state.engagements.append(engagement)
    return engagement


def decline(_state: State, placement: Placement) -> None:
    refuse("wrong-state", when=placement.status != "requested")
    _give_up(placement, "declined", request="waiting")


def end(state: State, placement: Placement, on: date, *, officer: bool) -> None:
    refuse("wrong-state", when=placement.status != "accepted")
    refuse("placement-end", when=on > placement.ends_on or (on < state.today and not officer))
    engagement = placement.engagement
    assert engagement is not None
    confirmed = [v.day for v in state.visits if v.engagement is engagement and v.status == "confirmed"]
    refuse("placement-end", when=confirmed and on <= max(confirmed))
    placement.ends_on = end_service(state, engagement, on)
    never_begins = placement.ends_on == engagement.from_on
    if never_begins or min(on, placement.ends_on) <= state.today:
        _give_up(placement, "ended", request="closed")


def lapse(state: State) -> None:
    for placement in state.placements:
        if placement.status == "requested" and placement.too_late_on <= state.today:
            _give_up(placement, "lapsed", request="waiting")
    for placement in state.placements:
        if placement.status == "accepted" and placement.ends_on <= state.today:
            assert placement.engagement is not None
            end_service(state, placement.engagement, placement.ends_on)
            _give_up(placement, "ended", request="closed")
    for voucher in state.vouchers:
        over = voucher.status != "issued" or voucher.until_on <= state.today
        if voucher.request == "waiting" and over:
            voucher.request = "closed"


def end_of_day(state: State) -> None:
    for placement in state.placements:
        if placement.status == "requested" and placement.voucher.status != "issued":
            _give_up(placement, "declined", request="closed")
    for engagement in state.engagements:
        if engagement.until_on <= state.today:
            engagement.status = "ended"
    for engagement in state.engagements:
        waited = engagement.status == "ended" and engagement.until_on <= kept_until(state.today)
        free = state.books.free("committed", engagement)
        if waited and free and not has_unpaid(state, engagement):
            taken_back(state, engagement, free)
            pass_on(state, engagement.voucher)


def suspend(state: State, engagement: Engagement, on: date) -> None:
    refuse("wrong-state", when=engagement.status != "active")
    inside = engagement.from_on <= on < engagement.until_on and on <= state.today
    refuse("day-outside-engagement", when=not inside)
    engagement.status = "suspended"
    engagement.away.append((on, date(9999, 1, 1), "suspended"))


def resume(state: State, engagement: Engagement, on: date) -> None:
    refuse("wrong-state", when=engagement.status != "suspended")
    at = next(n for n, (_, until, _) in enumerate(engagement.away) if until.year == 9999)
    since = engagement.away[at][0]
    refuse("day-outside-engagement", when=not since <= on <= state.today)
    engagement.away[at] = (since, on, "suspended")
    engagement.status = "active"


def change_price(state: State, engagement: Engagement, price: int, from_on: date) -> None:
    latest = engagement.prices[-1][0] if engagement.prices else engagement.from_on
    first = max(first_of(state.month), latest)
    refuse("price-change-too-late", when=not first <= from_on < engagement.until_on or from_on == latest)
    engagement.prices.append((from_on, price))
    for absence in state.absences:
        if absence.engagement is engagement and absence.planned and absence.stands and absence.act is None:
            absence.payable = costs_of(absence)


def _give_up(placement: Placement, status: str, *, request: str) -> None:
    placement.status = status
    placement.home.taken -= placement.voucher.size
    placement.voucher.request = request
