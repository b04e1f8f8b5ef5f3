"""The register's part of the chain: visits, their replays, confirmations and counter-entries."""

from datetime import date, timedelta
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from contracts.act import service as acting
from contracts.kernel.work import Work
from contracts.register import confirming
from contracts.register import service as register
from contracts.register.absence_rules import AbsenceKind, NewAbsence
from contracts.register.codes import code_of
from market.placement import stays
from market.placement.serving import enter_visit
from tests.chain import journal
from tests.chain.machine import PICK, Places, pick_of
from tests.chain.people import NOBODY, Absence, Engagement, Month, Visit, add_days, first_of
from tests.chain.state import clock_of
from tests.chain.world import OFFICER, OPERATOR, carer, director, holder, instant

KEY = b"k" * 32
HOURS = st.integers(6, 23)


class Visiting(Places):
    @precondition(lambda self: self.state.engagements)
    @rule(pick=PICK, back=st.integers(0, 45), hour=HOURS, length=st.sampled_from((1800, 3600, 3600, 5400, 7199)),
          worker=st.integers(0, 5))  # fmt: skip
    def enter(self, pick: int, back: int, hour: int, length: int, worker: int) -> None:
        self._enter(self._new_visit(self._engagement(pick), back, hour, length, worker), on_staff=worker < 5)

    @precondition(lambda self: self.state.engagements)
    @rule(pick=PICK, hour=HOURS, count=st.integers(2, 5), how=st.integers(0, 5))
    def some_days_are_served(self, pick: int, hour: int, count: int, how: int) -> None:
        """What a story needs to reach an act worth paying."""
        self._serve(self._engagement(pick), self._month(how % 2), hour, count, pick, how)

    def _serve(self, engagement: Engagement, month: Month, hour: int, count: int, pick: int, how: int) -> None:
        days = (self.state.today - max(engagement.from_on, first_of(month))).days
        for day in range(count):
            back = max(1, days - (pick + 7 * day) % max(days, 1))
            visit = self._enter(self._new_visit(engagement, back, hour, 3600 - 61 * day, day))
            if visit is not None and how:
                self._confirm(visit, by_holder=how > 2)

    def _new_visit(self, engagement: Engagement, back: int, hour: int, length: int, worker: int) -> Visit:
        start = clock_of(add_days(self.state.today, -back), hour)
        who = engagement.home.workers[worker % 2] if worker < 5 else NOBODY
        self.serial += 1
        quantity = 1 + self.serial % 2
        return Visit(engagement, who, f"v{self.serial}", start, start + timedelta(seconds=length), quantity)

    def _enter(self, visit: Visit, *, on_staff: bool = True) -> Visit | None:
        answer = self.both(
            lambda: journal.enter(self.state, visit, on_staff=on_staff),
            carer(visit.engagement.home.id),
            partial(
                enter_visit, engagement_id=visit.engagement.id, client_id=visit.client, worker_id=visit.worker,
                started_at=instant(visit.start), ended_at=instant(visit.end), quantity=visit.quantity, place="Abai 10",
            ),
        )  # fmt: skip
        if answer is None:
            return None
        stands, entry_id = answer
        if stands is visit:
            visit.id = entry_id
        assert stands.id == entry_id
        return stands

    @precondition(lambda self: any(one.status == "accepted" for one in self.state.placements))
    @rule(pick=PICK, hour=HOURS, days=st.integers(1, 3), confirmed=st.booleans())
    def leave_early(self, pick: int, hour: int, days: int, confirmed: bool) -> None:
        """Much was served in few days: the plan of those days would not pay it."""
        placement = self._placement(pick, "accepted")
        engagement = placement.engagement
        if engagement is None:
            return
        self._wait(max(days, (engagement.from_on - self.state.today).days + days))
        self._serve(engagement, self.state.month, hour, 5, pick, 5 * confirmed)
        self._end(placement, add_days(self.state.today, 1), officer=False)

    @precondition(lambda self: self.state.visits)
    @rule(pick=PICK, more=st.sampled_from((0, 0, 1)))
    def replay(self, pick: int, more: int) -> None:
        """A telephone that was offline sends the same visit once more, or another under the same id."""
        was = pick_of(self.state.visits, pick)
        self._enter(Visit(was.engagement, was.worker, was.client, was.start, was.end, was.quantity + more))

    def _visit(self, pick: int, status: str) -> Visit:
        likely = [one for one in self.state.visits if one.status == status]
        return pick_of(likely if likely and pick % 5 else self.state.visits, pick)

    @precondition(lambda self: self.state.visits)
    @rule(pick=PICK, by_holder=st.booleans())
    def confirm(self, pick: int, by_holder: bool) -> None:
        self._confirm(self._visit(pick, "entered"), by_holder=by_holder)

    def _confirm(self, visit: Visit, *, by_holder: bool) -> None:
        who = holder(visit.engagement.voucher.person) if by_holder else OPERATOR
        self.both(lambda: journal.confirm(self.state, visit), who, lambda w: register.confirm(w, visit.id))

    @precondition(lambda self: self.state.visits)
    @rule(pick=PICK)
    def confirm_on_paper(self, pick: int) -> None:
        visit = self._visit(pick, "entered")
        self.both(
            lambda: journal.confirm(self.state, visit),
            OPERATOR,
            lambda w: register.confirm_by_paper(w, visit.id, page="17 b"),
        )

    @precondition(lambda self: self.state.visits)
    @rule(pick=PICK, right=st.booleans())
    def confirm_by_code(self, pick: int, right: bool) -> None:
        visit = self._visit(pick, "entered")
        engagement, day = visit.engagement, visit.day
        told = code_of(KEY, engagement.id, day, journal.spent_codes(self.state, engagement, day))
        given = told if right else f"{(int(told) + 1) % 1_000_000:06d}"
        answer = self.both(
            lambda: journal.confirm_by_code(self.state, visit, right=right),
            carer(engagement.home.id),
            lambda w: confirming.confirm_by_code(w, KEY, visit.id, code=given),
        )
        assert answer is None or answer[0] == (answer[1] is None)

    @precondition(lambda self: self.state.visits)
    @rule(pick=PICK, by_officer=st.booleans())
    def take_back(self, pick: int, by_officer: bool) -> None:
        """A counter-entry: often of what stands in an act that is not handed in."""
        held = [one for one in self.state.visits if one.act is not None and one.act.is_open]
        visit = pick_of(held if held and pick % 3 else self.state.visits, pick)
        who = OFFICER if by_officer else director(visit.engagement.home.id)

        def fn(work: Work) -> None:
            acting.strike(work, visit.id, reason="it did not take place")

        self.both(lambda: journal.strike(self.state, visit), who, fn)

    # --- absences -----------------------------------------------------------------------------------------------------
    @precondition(lambda self: self.state.engagements)
    @rule(pick=PICK, back=st.integers(-1, 30), days=st.integers(1, 6))
    def stay_in_hospital(self, pick: int, back: int, days: int) -> None:
        """The voucher's clock stops, and its end moves."""
        from_on = add_days(self.state.today, -back)
        self._miss(Absence(self._engagement(pick), "hospital", from_on, add_days(from_on, days)))

    @precondition(lambda self: self.state.engagements)
    @rule(pick=PICK, back=st.integers(0, 20), hour=HOURS, told=st.sampled_from((None, None, 2, 23, 24, -1)))
    def miss_a_visit(self, pick: int, back: int, hour: int, told: int | None) -> None:
        """Nobody was there, or it was called off so many hours before."""
        on, planned = add_days(self.state.today, -back), clock_of(add_days(self.state.today, -back), hour)
        when = None if told is None else planned - timedelta(hours=told)
        kind, quantity = "no-show" if told is None else "short-notice", 1 + pick % 2
        self._miss(Absence(self._engagement(pick), kind, on, add_days(on, 1), planned, when, quantity))

    def _nobody_was_there(self, engagement: Engagement, on: date, quantity: int) -> None:
        """Before anybody else comes that day."""
        self._miss(Absence(engagement, "no-show", on, add_days(on, 1), clock_of(on, 4), None, quantity))

    def _miss(self, one: Absence) -> None:
        if one.planned is None:
            new = NewAbsence(AbsenceKind.HOSPITAL, one.from_on, one.until_on)
        else:
            told = None if one.told is None else instant(one.told)
            new = NewAbsence(
                AbsenceKind(one.kind), planned_at=instant(one.planned), told_at=told, quantity=one.quantity
            )
        answer = self.both(
            lambda: journal.miss(self.state, one),
            carer(one.engagement.home.id),
            lambda w: stays.enter(w, one.engagement.id, new),
        )
        if answer is not None:
            one.id = answer[1]

    @precondition(lambda self: self.state.absences)
    @rule(pick=PICK, by_officer=st.booleans())
    def take_absence_back(self, pick: int, by_officer: bool) -> None:
        held = [one for one in self.state.absences if one.act is not None and one.act.is_open]
        one = pick_of(held if held and pick % 3 else self.state.absences, pick)
        who = OFFICER if by_officer else director(one.engagement.home.id)
        self.both(
            lambda: journal.take_absence_back(self.state, one),
            who,
            lambda w: stays.withdraw(w, one.id, reason="they were at home"),
        )
