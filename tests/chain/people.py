"""What the oracle remembers of each thing: plain facts, known by who they are and not by what they hold."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

NEVER = date(9999, 1, 1)
Month = tuple[int, int]
NOBODY = UUID(int=0)


def month_of(day: date) -> Month:
    return day.year, day.month


def first_of(month: Month) -> date:
    return date(*month, 1)


def after(month: Month) -> Month:
    return (month[0] + 1, 1) if month[1] == 12 else (month[0], month[1] + 1)


def months_between(from_on: date, until_on: date) -> list[Month]:
    """Every calendar month that has a day of the period."""
    found, day = [], from_on
    while day < until_on:
        found.append(month_of(day))
        day = first_of(after(found[-1]))
    return found


def days_of(month: Month) -> int:
    return (first_of(after(month)) - first_of(month)).days


def half_up(over: int, under: int) -> int:
    """``over / under`` of what is not negative, to the nearest whole, halves up."""
    whole, rest = divmod(over, under)
    return whole + (2 * rest >= under)


class Refused(Exception):
    """The oracle's own word: the code that must be heard."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def refuse(code: str, *, when: object = True) -> None:
    if when:
        raise Refused(code)


@dataclass(eq=False)
class Home:
    """A provider with its one offer."""

    id: UUID
    offer_id: UUID
    unit: str
    price: int
    capacity: int
    workers: list[UUID]
    taken: int = 0
    contract: UUID | None = None
    vats: list[tuple[Month, str, int]] = field(default_factory=list)
    agreed: list[tuple[date, int]] = field(default_factory=list)


@dataclass(eq=False)
class Voucher:
    """``granted_until``: before days of a stay were given back. It has money until then."""

    person: UUID
    unit: str
    units: int
    ceiling: int
    from_on: date
    until_on: date
    size: int
    id: UUID = NOBODY
    status: str = "issued"
    request: str | None = None
    granted_until: date = field(init=False)

    def __post_init__(self) -> None:
        self.granted_until = self.until_on

    def is_of(self, home: Home, days: list[date]) -> bool:
        """Whether it can be served there on all those days."""
        return self.unit == home.unit and all(self.from_on <= day < self.until_on for day in days)


@dataclass(eq=False)
class Placement:
    voucher: Voucher
    home: Home
    price: int
    too_late_on: date
    id: UUID = NOBODY
    status: str = "requested"
    engagement: "Engagement | None" = None
    ends_on: date = NEVER


@dataclass(eq=False)
class Engagement:
    voucher: Voucher
    home: Home
    price: int
    from_on: date
    until_on: date
    id: UUID = NOBODY
    status: str = "active"
    away: list[tuple[date, date, str]] = field(default_factory=list)
    prices: list[tuple[date, int]] = field(default_factory=list)
    charges: list[tuple[Month, int]] = field(default_factory=list)
    taken_by_acts: int = 0
    wrong_codes: dict[date, int] = field(default_factory=dict)

    def is_served_on(self, day: date) -> bool:
        return self.from_on <= day < self.until_on and not any(f <= day < u for f, u, _ in self.away)

    def price_on(self, day: date) -> int:
        return [self.price, *(price for from_on, price in self.prices if from_on <= day)][-1]

    def charge_in(self, month: Month) -> int:
        return max([(m, charge) for m, charge in self.charges if m <= month], default=((0, 0), 0))[1]


class Doubted:
    """``untrue``: what became of the proposal to take its money back, which was ``back`` of the budget's and
    ``own_back`` of the recipient's part."""

    untrue: str = ""
    proposed_by: UUID | None = None
    back: int | None = None
    own_back: int | None = None


@dataclass(eq=False)
class Visit(Doubted):
    """``start`` and ``end`` by the clock on the wall."""

    engagement: Engagement
    worker: UUID
    client: str
    start: datetime
    end: datetime
    quantity: int
    id: UUID = NOBODY
    status: str = "entered"
    by_code: bool = False
    act: "Act | None" = None

    @property
    def day(self) -> date:
        return self.start.date()

    @property
    def month(self) -> Month:
        return month_of(self.day)

    @property
    def seconds(self) -> int:
        return int((self.end - self.start).total_seconds())

    @property
    def is_served(self) -> bool:
        return self.engagement.is_served_on(self.day)

    def meets(self, start: datetime, end: datetime) -> bool:
        return self.status != "cancelled" and self.start < end and start < self.end


@dataclass(eq=False)
class Absence(Doubted):
    """Of days from ``from_on`` on; ``planned``: the visit that did not take place, by the clock on the wall."""

    engagement: Engagement
    kind: str
    from_on: date
    until_on: date
    planned: datetime | None = None
    told: datetime | None = None
    quantity: int = 0
    payable: int = 0
    id: UUID = NOBODY
    stands: bool = True
    act: "Act | None" = None

    @property
    def month(self) -> Month:
        return month_of(self.from_on)

    @property
    def is_served(self) -> bool:
        return self.engagement.is_served_on(self.from_on)

    @property
    def is_payable(self) -> bool:
        return self.payable > 0 and self.stands and self.is_served


@dataclass(eq=False)
class Line:
    """Of an act. ``absence``: what it is of, where it is no visit."""

    engagement: Engagement
    price: int
    cost: int
    deducted: int = 0
    tax: int = 0
    own: int = 0
    amount: int = 0
    absence: str = ""


@dataclass(eq=False)
class Act:
    home: Home
    month: Month
    part: int
    id: UUID = NOBODY
    status: str = "draft"
    lines: list[Line] = field(default_factory=list)
    vat: tuple[str, int] = ("exempt", 0)
    approved: bool | None = None
    is_asked: bool = False

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def is_open(self) -> bool:
        return self.status in {"draft", "returned"}


@dataclass(eq=False)
class Advance:
    """``from_acts``: what of it, while it has come back, was taken from what acts were paid with."""

    home: Home
    amount: int
    id: UUID = NOBODY
    status: str = "asked"
    approved: bool = False
    payment: "Payment | None" = None
    from_acts: int = 0


@dataclass
class Due:
    """What a recipient pays to the agency for one engagement and month."""

    asked: int = 0
    remitted: int = 0


@dataclass(eq=False)
class SetOff:
    """``left``: what of it was not undone."""

    payment: "Payment"
    act: Act
    left: int


@dataclass(eq=False)
class Payment:
    """``of``: an act or an advance. ``server``: what the payment server's own books say of it; None: it has never heard
    of it. ``untrue``: what of it was paid for visits that were untrue; ``brought``: what of that nobody had paid off
    yet when it came back. ``is_parked``: people must look at it; ``is_left``: they did, and nobody asks after it any
    more. What people booked after the bank's word: ``booked_more`` beside its amount, or that less was paid of it and
    the rest ``is_partly_back``."""

    of: Act | Advance
    amount: int
    id: UUID = NOBODY
    ordered_in: Month = (0, 0)
    status: str = "ordered"
    server: str | None = None
    reversal: bool = False
    stated: bool = False
    untrue: int = 0
    brought: int = 0
    is_parked: bool = False
    is_left: bool = False
    booked_more: int = 0
    is_partly_back: bool = False

    @property
    def is_under_way(self) -> bool:
        return self.status in {"ordered", "sent"}

    @property
    def server_says(self) -> str:
        return "settled" if self.server == "paid" else str(self.server)

    @property
    def may_be_stated(self) -> bool:
        return self.status == self.server_says == "settled" and not (self.stated or self.is_parked)

    @property
    def is_open_ended(self) -> bool:
        return self.status in {"ordered", "sent", "returned"}


class Books:
    """Balances and what is held back of them, by kind and owner."""

    def __init__(self) -> None:
        self.balance: dict[tuple[str, Any], int] = {}
        self.held: dict[tuple[str, Any], int] = {}

    def open(self, kind: str, owner: object) -> None:
        self.balance.setdefault((kind, owner), 0)

    def free(self, kind: str, owner: object) -> int:
        return self.balance[kind, owner] - self.held.get((kind, owner), 0)

    def move(self, debit: tuple[str, Any], credit: tuple[str, Any], amount: int) -> None:
        if amount:
            refuse("insufficient-funds", when=debit[0] != "treasury" and amount > self.free(*debit))
            self.balance[debit] -= amount
            self.balance[credit] += amount

    def hold(self, key: tuple[str, Any], amount: int) -> None:
        refuse("insufficient-funds", when=amount > self.free(*key))
        self.held[key] = self.held.get(key, 0) + amount


def add_days(day: date, count: int) -> date:
    return day + timedelta(days=count)


def newest(things: Iterable[Act]) -> Act | None:
    return max(things, key=lambda one: one.part, default=None)
