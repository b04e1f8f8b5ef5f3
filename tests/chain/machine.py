"""The whole chain from a voucher to the bank's line, in any order that people and clocks can think of. Each rule does
one thing twice, by the real services and by the oracle, and both must say the same: the refusal, or what came of it."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.contract import service as contracting
from contracts.kernel.errors import DomainError
from contracts.kernel.work import SYSTEM, Actor, Work
from contracts.register import pricing
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.placement import ending
from market.placement import service as placing
from market.voucher import service as granting
from market.voucher.rules import NewVoucher
from tests.chain import mirror, places
from tests.chain.people import Engagement, Home, Placement, Refused, Voucher, add_days, after, first_of
from tests.chain.state import LINE, State
from tests.chain.world import CIVIL_NOON, MONEY, OFFICER, World, director, holder

T = TypeVar("T")
U = TypeVar("U")
PICK = st.integers(0, 999)
DAYS = st.integers(0, 40)
STATUSES_EVERY, SENTENCES_EVERY = 10, 50
LAST_START = date(2026, 12, 1)  # the money is of one year
UNITS = {"visit": (4, 8), "hour": (10, 20)}


def pick_of(things: Sequence[T], pick: int) -> T:
    """The newest are what a story goes on with."""
    return things[-1 - pick % len(things)]


class Places(RuleBasedStateMachine):
    """Vouchers, bookings, engagements, and the clock."""

    world: ClassVar[World]
    steps: ClassVar[int] = 0
    calls: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.world.again()
        homes = [Home(*facts) for facts in self.world.site.homes]
        self.state = State(CIVIL_NOON, homes)
        self.state.books.balance = {("treasury", LINE): -MONEY, ("appropriated", LINE): MONEY, ("paid", LINE): 0}
        self.people = self.world.site.people
        self.looks = 0
        self.serial = 0

    # --- both sides ---------------------------------------------------------------------------------------------------
    def both(self, expect: Callable[[], T], actor: Actor, fn: Callable[[Work], U]) -> tuple[T, U] | None:
        """What the oracle and the services answered; None where both refused, and for the same reason."""
        type(self).calls += 1
        told = answer = expected = heard = None
        try:
            told = expect()
        except Refused as refusal:
            expected = refusal.code
        try:
            answer = self.world.do(actor, fn)
        except DomainError as refusal:
            heard = refusal.code
        assert heard == expected, f"heard {heard}, expected {expected}"
        return None if expected else (told, answer)  # type: ignore[return-value] # neither raised

    @invariant()
    def the_books_agree(self) -> None:
        type(self).steps += 1
        mirror.check_books(self.world, self.state)
        self.looks += 1
        if self.looks % STATUSES_EVERY == 0:
            mirror.check_statuses(self.world, self.state)
        if self.looks % SENTENCES_EVERY == 0:
            self._night()
            mirror.check_sentences(self.world)

    def teardown(self) -> None:
        self._night()
        mirror.check_books(self.world, self.state)
        mirror.check_statuses(self.world, self.state)
        mirror.check_sentences(self.world)

    def _night(self) -> None:
        """What time releases is released, so that nothing is overdue."""
        self.answers_lapse()
        self.a_day_ends()
        self.vouchers_close()

    # --- the clock ----------------------------------------------------------------------------------------------------
    @rule(days=st.sampled_from((1, 1, 2, 3, 7)))
    def days_pass(self, days: int) -> None:
        self._wait(days)

    @precondition(lambda self: self.state.today < LAST_START)
    @rule(really=st.booleans())
    def a_month_passes(self, really: bool) -> None:
        self._wait(1 if not really else (first_of(after(self.state.month)) - self.state.today).days)

    def _wait(self, days: int) -> None:
        self._pass(timedelta(days=days))

    def _tick(self) -> None:
        self._pass(timedelta(seconds=1))

    def _pass(self, time: timedelta) -> None:
        self.world.wait(time)
        self.state.now += time

    def _month(self, back: int) -> tuple[int, int]:
        year, month = self.state.month
        counted = year * 12 + month - 1 - back
        return counted // 12, counted % 12 + 1

    @rule(which=st.integers(0, 2))
    def time_releases(self, which: int) -> None:
        (self.answers_lapse, self.a_day_ends, self.vouchers_close)[which]()

    def answers_lapse(self) -> None:
        self.both(lambda: places.lapse(self.state), SYSTEM, placing.lapse_overdue)

    def a_day_ends(self) -> None:
        self.both(lambda: places.end_of_day(self.state), SYSTEM, placing.end_of_day)

    def vouchers_close(self) -> None:
        self.both(lambda: places.close_expired(self.state), SYSTEM, lambda w: granting.close_expired(w, w.today))

    # --- vouchers -----------------------------------------------------------------------------------------------------
    @initialize(count=st.integers(0, 8), pick=PICK)
    def some_are_served_already(self, count: int, pick: int) -> None:
        for person in range(min(count, 3)):
            home = self.state.homes[(person + pick) % 3]
            voucher = self._issue(person, home.unit, 1 + pick % 2, 1_300_00, 0, 2 + pick % 5)
            placed = self._book(voucher, home) if voucher else None
            if placed is not None:
                self._accept(placed)
        if count:
            self._wait((3, 7, 21)[pick % 3])

    @rule(
        person=PICK, unit=st.sampled_from(("visit", "visit", "hour")), volume=PICK, months=st.integers(1, 6),
        ceiling=st.sampled_from((1_300_00, 1_300_00, 1_000_00, 1_500_00, 499_99, 1_500_01)),
        start=st.sampled_from((0, 0, 1, 2, -1)),
    )  # fmt: skip
    def issue(self, person: int, unit: str, volume: int, ceiling: int, start: int, months: int) -> None:
        self._issue(person, unit, volume, ceiling, start, months)

    def _issue(self, person: int, unit: str, volume: int, ceiling: int, start: int, months: int) -> Voucher | None:
        """``start``: today, the first of this month, of the next, or of the one before."""
        today, month = self.state.today, self.state.month
        before = first_of(month) - timedelta(days=1)
        from_on = {0: today, 1: first_of(month), 2: first_of(after(month)), -1: before.replace(day=1)}[start]
        until_on = from_on
        for _ in range(months):
            until_on = first_of(after((until_on.year, until_on.month)))
        units = UNITS[unit][volume % 2]
        size = 1 if unit == "visit" else -(-units * 60 * 12 // 52)
        voucher = Voucher(self.people[person % len(self.people)], unit, units, ceiling, from_on, until_on, size)
        new = NewVoucher(
            voucher.person, self.world.site.line_id, ServiceKind.DOMESTIC, CareSetting.HOME, Unit(unit), units, ceiling,
            from_on, until_on,
        )  # fmt: skip
        answer = self.both(lambda: places.issue(self.state, voucher), OFFICER, lambda w: granting.issue(w, new))
        if answer is None:
            return None
        voucher.id = answer[1]
        return voucher

    @precondition(lambda self: len(self.state.vouchers) > 2)
    @rule(pick=PICK)
    def revoke(self, pick: int) -> None:
        voucher = pick_of(self.state.vouchers, pick)

        def fn(work: Work) -> None:
            granting.revoke(work, voucher.id, reason="a mistake")
            placing.withdraw_of_voucher(work, voucher.id)

        self.both(lambda: places.revoke(self.state, voucher), OFFICER, fn)

    # --- places -------------------------------------------------------------------------------------------------------
    @precondition(lambda self: any(v.status == "issued" and v.request != "placed" for v in self.state.vouchers))
    @rule(pick=PICK, home=PICK)
    def book(self, pick: int, home: int) -> None:
        free = [v for v in self.state.vouchers if v.status == "issued" and v.request != "placed"]
        voucher = pick_of(free if free and pick % 4 else self.state.vouchers, pick)
        fitting = [one for one in self.state.homes if one.unit == voucher.unit]
        self._book(voucher, pick_of(fitting if home % 4 else self.state.homes, home))

    def _book(self, voucher: Voucher, home: Home) -> Placement | None:
        answer = self.both(
            lambda: places.book(self.state, voucher, home),
            holder(voucher.person),
            lambda w: placing.book(w, voucher.id, home.offer_id),
        )
        if answer is None:
            return None
        placement, placement.id = answer[0], answer[1]
        return placement

    @precondition(lambda self: self.state.today < LAST_START)
    @rule(pick=PICK, days=st.integers(2, 8))
    def nobody_answers(self, pick: int, days: int) -> None:
        home = pick_of(self.state.homes, pick)
        waiting = [v for v in self.state.vouchers if v.status == "issued" and v.request != "placed"]
        fitting = [voucher for voucher in waiting if voucher.unit == home.unit]
        voucher = pick_of(fitting, pick) if fitting else self._issue(pick, home.unit, 0, 1_300_00, 0, 3)
        if voucher is not None:
            self._book(voucher, home)
            self._wait(days)
            self.answers_lapse()

    def _placement(self, pick: int, status: str) -> Placement:
        likely = [one for one in self.state.placements if one.status == status]
        return pick_of(likely if likely and pick % 5 else self.state.placements, pick)

    @precondition(lambda self: self.state.placements)
    @rule(pick=PICK)
    def accept(self, pick: int) -> None:
        self._accept(self._placement(pick, "requested"))

    def _accept(self, placement: Placement) -> None:
        answer = self.both(
            lambda: places.accept(self.state, placement),
            director(placement.home.id),
            lambda w: placing.accept(w, placement.id),
        )
        if answer is not None:
            engagement, engagement.id = answer
            home = placement.home
            home.contract = self.world.see(lambda w: contracting.queries.engagement(w, engagement.id).contract_id)

    @precondition(lambda self: self.state.placements)
    @rule(pick=PICK, by_holder=st.booleans())
    def decline(self, pick: int, by_holder: bool) -> None:
        placement = self._placement(pick, "requested")
        who = holder(placement.voucher.person) if by_holder else director(placement.home.id)
        if by_holder and placement.status != "requested":
            return  # who may see what was answered is another test's
        self.both(
            lambda: places.decline(self.state, placement),
            who,
            lambda w: placing.decline(w, placement.id, reason="not now"),
        )

    @precondition(lambda self: self.state.placements)
    @rule(pick=PICK, days=st.integers(-12, 25), officer=st.booleans())
    def end(self, pick: int, days: int, officer: bool) -> None:
        self._end(self._placement(pick, "accepted"), add_days(self.state.today, days), officer=officer)

    def _end(self, placement: Placement, on: date, *, officer: bool) -> None:
        self.both(
            lambda: places.end(self.state, placement, on, officer=officer),
            OFFICER if officer else director(placement.home.id),
            lambda w: ending.end(w, placement.id, on=on),
        )

    @precondition(lambda self: self.state.today < LAST_START)
    @rule(pick=PICK, days=st.integers(-1, 2), officer=st.booleans())
    def what_begins_tomorrow_ends(self, pick: int, days: int, officer: bool) -> None:
        """Accepted today, and ended so many days after its first."""
        home = pick_of(self.state.homes, pick)
        voucher = self._issue(pick, home.unit, 0, 1_300_00, 0, 3)
        placement = self._book(voucher, home) if voucher is not None else None
        if placement is not None:
            self._accept(placement)
        if placement is not None and placement.engagement is not None:
            self._end(placement, add_days(placement.engagement.from_on, days), officer=officer)

    # --- engagements --------------------------------------------------------------------------------------------------
    def _engagement(self, pick: int) -> Engagement:
        likely = [one for one in self.state.engagements if one.status != "ended"]
        return pick_of(likely if likely and pick % 6 else self.state.engagements, pick)

    @precondition(lambda self: self.state.engagements)
    @rule(pick=PICK, back=st.integers(-1, 6), resume=st.booleans())
    def suspend_or_resume(self, pick: int, back: int, resume: bool) -> None:
        engagement, on = self._engagement(pick), add_days(self.state.today, -back)
        (self._resume if resume else self._suspend)(engagement, on)

    def _resume(self, one: Engagement, on: date) -> None:
        self.both(
            lambda: places.resume(self.state, one, on),
            OFFICER,
            lambda w: contracting.resume_engagement(w, one.id, on=on),
        )

    def _suspend(self, one: Engagement, on: date) -> None:
        self.both(
            lambda: places.suspend(self.state, one, on),
            OFFICER,
            lambda w: contracting.suspend_engagement(w, one.id, on=on),
        )

    @precondition(lambda self: self.state.engagements)
    @rule(pick=PICK, days=st.integers(-20, 30), price=st.integers(500_00, 1_500_00))
    def change_price(self, pick: int, days: int, price: int) -> None:
        engagement, on = self._engagement(pick), add_days(self.state.today, days)
        self.both(
            lambda: places.change_price(self.state, engagement, price, on),
            OFFICER,
            lambda w: pricing.change_price(w, engagement.id, unit_price_minor=price, from_on=on, source="order 1"),
        )


def facts_of(machine: Any) -> dict[str, int]:
    """How far a run came."""
    state = machine.state
    return {
        name: len(getattr(state, name))
        for name in ("vouchers", "engagements", "visits", "absences", "acts", "payments")
    }
