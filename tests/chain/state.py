"""The oracle's memory, and what follows from it alone."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from tests.chain.people import (
    Absence,
    Act,
    Advance,
    Books,
    Due,
    Engagement,
    Home,
    Month,
    Payment,
    Placement,
    SetOff,
    Visit,
    Voucher,
    days_of,
    first_of,
    half_up,
    month_of,
    months_between,
)

LINE = "the line"
PROVIDER_COLLECTS_FROM = (2026, 7)  # before that month the agency does


@dataclass
class State:
    """``now``: by the clock on the wall."""

    now: datetime
    homes: list[Home]
    books: Books = field(default_factory=Books)
    vouchers: list[Voucher] = field(default_factory=list)
    placements: list[Placement] = field(default_factory=list)
    engagements: list[Engagement] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    advances: list[Advance] = field(default_factory=list)
    set_offs: list[SetOff] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    dues: dict[tuple[Engagement, Month], Due] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def month(self) -> Month:
        return month_of(self.today)


def cost_of(unit: str, price: int, *, quantity: int, seconds: int) -> int:
    return half_up(price * seconds, 3600) if unit == "hour" else price * quantity


def taken_back(state: State, engagement: Engagement, amount: int) -> None:
    state.books.move(("committed", engagement), ("reserved", engagement.voucher), amount)


def pass_on(state: State, voucher: Voucher) -> None:
    """A voucher that has ended keeps nothing."""
    if voucher.status != "issued":
        state.books.move(("reserved", voucher), ("appropriated", LINE), state.books.free("reserved", voucher))


def has_unpaid(state: State, engagement: Engagement) -> bool:
    return bool(unpaid_visits(state, engagement)) or bool(unpaid_absences(state, engagement))


def unpaid_visits(state: State, engagement: Engagement) -> list[Visit]:
    return [
        one
        for one in state.visits
        if one.engagement is engagement
        and one.status != "cancelled"
        and (one.act is None or one.act.status != "accepted")
        and one.is_served
    ]


def unpaid_absences(state: State, engagement: Engagement) -> list[Absence]:
    return [
        one
        for one in state.absences
        if one.engagement is engagement and one.is_payable and (one.act is None or one.act.status != "accepted")
    ]


def entered_cost(state: State, engagement: Engagement) -> int:
    """What no accepted act has taken yet, confirmed or not: rounded once a price."""
    sums: dict[int, tuple[int, int]] = {}
    for visit in unpaid_visits(state, engagement):
        price = engagement.price_on(visit.day)
        quantity, seconds = sums.get(price, (0, 0))
        sums[price] = (quantity + visit.quantity, seconds + visit.seconds)
    unit = engagement.voucher.unit
    costs = [cost_of(unit, price, quantity=units, seconds=secs) for price, (units, secs) in sums.items()]
    return sum(costs) + sum(one.payable for one in unpaid_absences(state, engagement))


def needed(engagement: Engagement, until_on: date, entered: int) -> int:
    """What the engagement still needs of its money when it ends before that day."""
    volume = engagement.price * engagement.voucher.units
    planned = min(until_on, engagement.voucher.granted_until)
    months = months_between(engagement.from_on, planned)
    if not months:
        return 0
    last = months[-1]
    served = (until_on - max(engagement.from_on, first_of(last))).days
    units = engagement.voucher.units
    share = (units * served + days_of(last) - 1) // days_of(last)
    whole = volume * len(months)
    least = whole - volume + engagement.price * share
    spent = engagement.taken_by_acts
    if planned < until_on:
        return max(0, whole - spent)  # days that were given back have no money of their own
    return max(0, min(whole, max(least, spent + entered)) - spent)


def end_service(state: State, engagement: Engagement, on: date) -> date:
    """The first day without service, and the money that goes back."""
    until_on = max(on, engagement.from_on)
    same = until_on == engagement.until_on
    over = until_on <= state.today or until_on == engagement.from_on
    if not same:
        free = state.books.free("committed", engagement)
        kept = needed(engagement, until_on, entered_cost(state, engagement))
        taken_back(state, engagement, max(0, free - kept))
        engagement.until_on = until_on
    if over:
        engagement.status = "ended"
    pass_on(state, engagement.voucher)
    return until_on


def kept_until(day: date) -> date:
    """Engagements that ended before or on this day have waited long enough on ``day``."""
    return first_of(month_of(day - timedelta(days=60)))


def clock_of(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour))
