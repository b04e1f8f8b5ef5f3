"""Visits of accepted acts, and absences in them, that are found untrue: two officers, and what the bank and the next
acts do afterwards."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from contracts.act.take_back import TakeBackCode
from contracts.collection import service as collecting
from contracts.collection import taking_back
from contracts.kernel.work import Actor
from tests.chain import paying, untrue
from tests.chain.chain import Chain
from tests.chain.machine import LAST_START, PICK, pick_of
from tests.chain.people import Absence, Act, Payment
from tests.chain.untrue import Served
from tests.chain.world import COLLEAGUE, FINANCE, OFFICER

STEPS = st.sampled_from(("back", "again", "lost", "next", "of the next", "one more", "order", -1, -1_000_00, 1))
WHO = st.sampled_from((OFFICER, COLLEAGUE))


class FindingOut(Chain):
    @precondition(lambda self: self.state.today < LAST_START)
    @rule(pick=PICK, paid=st.sampled_from((True, True, False)), charge=st.sampled_from((0, 0, 2_000_00)),
          count=st.integers(1, 3), then=st.lists(STEPS, min_size=1, max_size=4))  # fmt: skip
    def what_was_accepted_was_untrue(
        self, pick: int, paid: bool, charge: int, count: int, then: list[str | int]
    ) -> None:
        """``then``: what the bank says, what the next act is set off for, and what else is found."""
        home = self._home(pick)
        if charge and (engagement := self._somebody_at(home)) is not None:
            self._charge(engagement, self.state.month, charge)
        act = self._act_to_pay(home, pick)
        if act is None:
            return
        payment = self._pay_all_of(act) if paid else None
        for _ in range(count):
            self._take(act, pick)
        for step in then:
            self._goes_on(act, payment, step, pick)

    def _pay_all_of(self, act: Act) -> Payment | None:
        """Nothing is taken back of it on the way."""
        if paying.owed(self.state, act.home):
            self._order(act)  # not before
            self._set_off(act)
        self._order(act)
        payment = next((one for one in self.state.payments if one.of is act and one.is_open_ended), None)
        if payment is not None:
            for visit in self._visits_of(act)[:1]:
                self._propose(visit)
                self._agree_on(visit)  # refused
            self._send(payment, "well")
            self._decide(payment, "paid")
            self.look(down=False)
        return payment

    def _goes_on(self, act: Act, payment: Payment | None, step: str | int, pick: int) -> None:
        if step == "next":
            self._set_off_next(act, pick)
        elif step == "of the next":
            if (following := self._set_off_next(act, pick)) is not None:
                for _ in self._visits_of(following):
                    self._take(following, pick)
        elif step == "one more":
            self._take(act, pick)
        elif step == "order":
            self._order(act)
        elif payment is not None and isinstance(step, int):
            if payment.may_be_stated:
                self._statement_of(payment, step)
        elif payment is not None:
            self._bank_says(payment, step)

    def _bank_says(self, payment: Payment, step: str) -> None:
        self._decide(payment, "back")
        self.look(down=False)
        if step == "again":
            self._decide(payment, "paid")
        elif step == "lost":
            self._reverse(payment)
        self.look(down=False)

    def _set_off_next(self, act: Act, pick: int) -> Act | None:
        """What is owed for the untrue is paid off by another act of the home, which is paid the rest."""
        following = self._act_to_pay(act.home, pick + 1)
        if following is not None:
            self._pay_all_of(following)
        return following

    # --- step by step -------------------------------------------------------------------------------------------------
    @precondition(lambda self: any(one.act is not None for one in self.state.visits))
    @rule(pick=PICK, what=st.sampled_from(("propose", "agree", "agree", "disagree")), who=WHO)
    def a_visit_is_doubted(self, pick: int, what: str, who: Actor) -> None:
        every: list[Served] = [*self.state.visits, *self.state.absences]
        doubted = [one for one in every if one.untrue == "proposed"]
        accepted = [one for one in every if one.act is not None and one.act.status == "accepted"]
        likely = accepted if what == "propose" else doubted
        visit = pick_of(likely if likely and pick % 6 else every, pick)
        if what == "propose":
            self._propose(visit, who)
        elif what == "agree":
            self._agree_on(visit, who)
        else:
            self._disagree(visit, who)

    @precondition(lambda self: any(one.status == "accepted" for one in self.state.acts))
    @rule()
    def recipients_are_asked(self) -> None:
        answer = self.both(lambda: untrue.ask(self.state), FINANCE, collecting.ask)
        assert answer is None or answer[0] == answer[1]

    def _visits_of(self, act: Act) -> list[Served]:
        """And what was noted instead of some."""
        every: list[Served] = [*self.state.visits, *self.state.absences]
        return [one for one in every if one.act is act]

    def _take(self, act: Act, pick: int) -> None:
        """One more visit of it, by two people; and what one alone comes to."""
        left = [one for one in self._visits_of(act) if one.untrue != "taken"]
        if not left:
            return
        visit = pick_of(left, pick)
        if visit.untrue != "proposed":
            self._agree_on(visit)  # refused
            self._propose(visit)
        self._agree_on(visit, OFFICER)  # refused
        self._agree_on(visit)
        self._propose(visit)  # refused

    def _propose(self, visit: Served, who: Actor = OFFICER) -> None:
        code = TakeBackCode.NOT_MISSED if isinstance(visit, Absence) else TakeBackCode.NEVER_TOOK_PLACE
        self.both(
            lambda: untrue.propose(self.state, visit, who.id),
            who,
            lambda w: taking_back.propose(w, visit.id, code=code, note="nobody was there"),
        )

    def _agree_on(self, visit: Served, who: Actor = COLLEAGUE, *, in_batch: bool = False) -> None:
        self.both(
            lambda: untrue.agree(self.state, visit, who.id, in_batch=in_batch),
            who,
            lambda w: taking_back.agree(w, visit.id),
        )

    def _disagree(self, visit: Served, who: Actor) -> None:
        self.both(lambda: untrue.disagree(self.state, visit, who.id), who, lambda w: taking_back.refuse(w, visit.id))
