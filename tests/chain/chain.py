"""The rest of the chain: payments, the payment server's moods, the bank's statement."""

from datetime import date
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from contracts.approval.rules import Verdict
from contracts.kernel.work import SYSTEM, Actor, Grant, Role
from contracts.payment import queries as payments
from contracts.payment import service as paying_out
from contracts.payment.clearance import decide_on_act
from contracts.payment.dispatch import Desk, look_due, send_due
from contracts.reconciliation import importing
from contracts.reconciliation import queries as reconciliation
from contracts.reconciliation import service as reconciling
from contracts.reconciliation.rules import Resolution
from tests.chain import paying
from tests.chain.handing_over import HandingOver
from tests.chain.machine import LAST_START, PICK, pick_of
from tests.chain.people import Act, Engagement, Home, Payment, add_days, after, first_of
from tests.chain.world import FINANCE, PATIENT, SECOND
from tests.reconciliation.bank import Bank, Entry

DIRECTOR_PAYS = Actor(UUID(int=711), "the director", (Grant(Role.FINANCE_OFFICER, territory=""),))


class Chain(HandingOver):
    def __init__(self) -> None:
        super().__init__()
        self.bank = Bank(day=date(2026, 4, 1))

    @precondition(lambda self: self.state.acts or any(one.status == "confirmed" for one in self.state.visits))
    @rule(pick=PICK, steps=st.integers(1, 4))
    def all_goes_well(self, pick: int, steps: int) -> None:
        """A month that was served becomes an act, and that takes its next steps."""
        for _ in range(steps):
            waiting = [one for one in self.state.acts if not self._is_done(one)]
            if waiting:
                self._next_step(pick_of(waiting, pick))
                continue
            loose = [one for one in self.state.visits if one.status == "confirmed" and one.act is None]
            ripe = [one for one in loose if one.month < self.state.month and one.is_served]
            if not ripe:
                return
            self._draft(ripe[0].engagement.home, ripe[0].month)

    @precondition(lambda self: self.state.today < LAST_START)
    @rule(
        pick=PICK, price=st.integers(500_00, 1_500_00), charge=st.sampled_from((0, 100_00, 2_000_00)),
        days=st.integers(5, 20), steps=st.integers(0, 8), then=st.sampled_from((None, "back", 0, 777_77)),
    )  # fmt: skip
    def a_usual_month(self, pick: int, price: int, charge: int, days: int, steps: int, then: str | int | None) -> None:
        """What single steps seldom come to: one person's month under new terms, served, handed over and paid; and what
        the bank says ``then``: the money came back, or so much more was paid."""
        if not any(one.status == "active" for one in self.state.engagements):
            self.some_are_served_already(1, pick)
        if not self.state.engagements:
            return
        self.set_copayment(pick, 0, charge)
        self.change_price(pick, days // 2, price)
        self._wait(days)
        self.some_days_are_served(pick, 6 + pick % 12, 5, 5)
        self.a_month_passes(True)
        self.all_goes_well(0, steps)
        settled = [one for one in self.state.payments if one.may_be_stated]
        if settled and then == "back":
            self._decide(settled[-1], then)
            self.look(down=False)
        elif settled and isinstance(then, int):
            self.a_statement_comes(pick, then)

    def _is_done(self, act: Act) -> bool:
        return act.status == "accepted" and self.state.books.balance["payable", act] == 0

    def _next_step(self, act: Act) -> None:
        going = next((one for one in self.state.payments if one.of is act and one.is_open_ended), None)
        if act.is_open:
            (self._submit if act.lines else self._redraft)(act)
        elif act.status == "submitted":
            self._accept_act(act, own_hand=True)  # refused
            if not self._accept_act(act):  # more was served than there is money for, or on days that were none
                self._deduct(act, act.lines[-1], 100)
                self._accept_act(act)
        elif self._waits_for_a_yes(act):
            self._order(act)  # refused
            self._approve(act, yes=True)
        elif going is None:
            (self._set_off if paying.owed(self.state, act.home) else self._order)(act)
        elif going.status == "returned":
            self._reverse(going)
            self.look(down=False)
        else:
            self._send(going, "well")
            self._decide(going, "paid")
            self.look(down=False)

    def _waits_for_a_yes(self, act: Act) -> bool:
        return paying.weight(self.state, act) >= paying.APPROVAL_FROM and not act.approved

    # --- debts --------------------------------------------------------------------------------------------------------
    @precondition(lambda self: self.state.today < LAST_START)
    @rule(pick=PICK, more=st.sampled_from((1, 777_77, 5_000_00)))
    def what_was_paid_too_much_is_set_off(self, pick: int, more: int) -> None:
        """The bank paid more than was ordered: the next act of the same home is paid when that is back."""
        if not self._in_debt():
            self.a_usual_month(pick, 900_00, 0, 10, 8, more)
        for home in self._in_debt():
            act = self._act_to_pay(home, pick)
            if act is not None:
                self._order(act)  # not before
                self._set_off(act)
                self._order(act)  # what is left of it

    def _in_debt(self) -> list[Home]:
        return [home for home in self.state.homes if paying.owed(self.state, home)]

    def _act_to_pay(self, home: Home, pick: int) -> Act | None:
        """Accepted, and approved where that is asked, with money that nobody has ordered."""
        act = self._waiting(home)
        if act is None:
            if (engagement := self._somebody_at(home)) is None:
                return None
            self._wait(5 if add_days(self.state.today, 5).day > 3 else 8)
            month = self.state.month
            self._serve(engagement, month, 6 + pick % 12, 3, pick, 5)
            if pick % 3 == 1:
                self._nobody_was_there(engagement, add_days(self.state.today, -4), 1 + pick % 2)
            self._wait((first_of(after(month)) - self.state.today).days)
            self._draft(home, month)
            act = self._waiting(home)
        for _ in range(4):
            if act is not None and (act.status != "accepted" or self._waits_for_a_yes(act)):
                self._next_step(act)
        return act if act is not None and act.status == "accepted" else None

    def _waiting(self, home: Home) -> Act | None:
        mine = [one for one in self.state.acts if one.home is home and not self._is_done(one)]
        return next((one for one in mine if not paying.is_under_way(self.state, one)), None)

    def _somebody_at(self, home: Home) -> Engagement | None:
        """Who is served there, or whoever will be from tomorrow."""
        soon = [add_days(self.state.today, days) for days in (1, 4)]
        there = [one for one in self.state.engagements if one.home is home and one.status == "active"]
        there = [one for one in there if all(map(one.is_served_on, soon))]
        if there:
            return there[-1]
        waiting = [one for one in self.state.vouchers if one.status == "issued" and one.request != "placed"]
        at_hand = {self.people.index(one.person): one for one in waiting if one.is_of(home, soon)}
        months = min(3, 13 - self.state.month[1])  # the money is of one year
        for person in range(len(self.people)):
            voucher = at_hand.get(person) or self._issue(person, home.unit, 0, 1_300_00, 0, months)
            placed = self._book(voucher, home) if voucher else None
            if placed is not None:
                self._accept(placed)
                return placed.engagement
        return None

    # --- payments -----------------------------------------------------------------------------------------------------
    @precondition(lambda self: self.state.acts)
    @rule(pick=PICK, yes=st.sampled_from((True, True, False)))
    def approve(self, pick: int, yes: bool) -> None:
        self._approve(self._act(pick, "accepted"), yes=yes)

    def _approve(self, act: Act, *, yes: bool) -> None:
        self._tick()  # a verdict and an order are never of one instant
        verdict = Verdict.APPROVED if yes else Verdict.REJECTED
        self.both(
            lambda: paying.decide(self.state, act, yes=yes),
            SECOND,
            lambda w: decide_on_act(w, act.id, verdict=verdict, reason="seen"),
        )

    @precondition(lambda self: self.state.acts)
    @rule(pick=PICK, own_hand=st.sampled_from((False, False, False, True)))
    def order(self, pick: int, own_hand: bool) -> None:
        self._order(self._act(pick, "accepted"), own_hand=own_hand)

    def _order(self, act: Act, *, own_hand: bool = False) -> None:
        answer = self.both(
            lambda: paying.order(self.state, act, own_hand=own_hand),
            DIRECTOR_PAYS if own_hand else FINANCE,
            lambda w: paying_out.order(w, act.id),
        )
        if answer is not None:
            payment, payment.id = answer[0], answer[1]

    @precondition(lambda self: any(act.status == "accepted" for act in self.state.acts))
    @rule(pick=PICK)
    def set_off(self, pick: int) -> None:
        self._set_off(self._act(pick, "accepted"))

    def _set_off(self, act: Act) -> None:
        answer = self.both(lambda: paying.set_off(self.state, act), FINANCE, lambda w: paying_out.set_off(w, act.id))
        assert answer is None or answer[0] == answer[1]

    # --- what people must look at -------------------------------------------------------------------------------------
    @precondition(lambda self: any(one.stated for one in self.state.payments))
    @rule(pick=PICK, rest=st.booleans(), then=st.sampled_from(("decide", "resume", "reverse", "again", None)))
    def stated_money_comes_back(self, pick: int, rest: bool, then: str | None) -> None:
        """``rest``: what was left of its act is ordered before; ``then``: what people do, or the server."""
        payment = pick_of([one for one in self.state.payments if one.stated], pick)
        if rest and isinstance(payment.of, Act):
            self._order(payment.of)
        self._decide(payment, "back")
        self.look(down=False)
        if then == "decide":
            self._look_into_all()
        elif then == "resume":
            self._resume_payment(payment)
        elif then == "reverse":
            self._reverse(payment)
        elif then == "again":
            self._decide(payment, "paid")
        self.look(down=False)

    @precondition(lambda self: any(one.is_parked for one in self.state.payments))
    @rule(pick=PICK)
    def what_was_parked_is_resumed(self, pick: int) -> None:
        self._resume_payment(pick_of([one for one in self.state.payments if one.is_parked], pick))

    def _resume_payment(self, payment: Payment) -> None:
        self.both(lambda: paying.resume(payment), FINANCE, lambda w: paying_out.resume(w, payment.id))

    def _look_into_all(self) -> None:
        if not any(one.is_parked for one in self.state.payments):
            return
        self.world.do(SYSTEM, reconciling.reconcile)
        for payment in self.state.payments:
            if payment.is_parked:
                (case,) = self._cases_of(payment)
                self._propose_for(case, Resolution.DECISION)
                self.world.do(SECOND, lambda w, case=case: reconciling.approve(w, case.number))
                paying.look_into(payment)

    def _cases_of(self, payment: Payment) -> list[reconciliation.Case]:
        return [one for one in self.world.see(reconciliation.open_cases) if one.payment_id == payment.id]

    def _propose_for(self, case: reconciliation.Case, how: Resolution) -> None:
        reason = "as the bank has it"
        self.world.do(FINANCE, lambda w: reconciling.propose(w, case.number, resolution=how, reason=reason))

    def _night(self) -> None:
        super()._night()
        self._look_into_all()

    @precondition(lambda self: self.state.payments)
    @rule(pick=PICK)
    def reverse(self, pick: int) -> None:
        self._reverse(pick_of(self.state.payments, pick))

    def _reverse(self, payment: Payment) -> None:
        self.both(lambda: paying.reverse(self.state, payment), FINANCE, lambda w: paying_out.reverse(w, payment.id))

    # --- the worker, and whom it talks to -----------------------------------------------------------------------------
    def _desk(self) -> Desk:
        return Desk(self.world.database, self.world.server, PATIENT, at_once=50)

    @precondition(lambda self: any(one.status == "ordered" for one in self.state.payments))
    @rule(pick=PICK, mood=st.sampled_from(("well", "well", "down", "loses", "refuses")))
    def send(self, pick: int, mood: str) -> None:
        self._send(pick_of([one for one in self.state.payments if one.status == "ordered"], pick), mood)

    def _send(self, payment: Payment, mood: str) -> None:
        server = self.world.server
        unknown = payment.status == "ordered" and payment.server is None
        lost = mood == "loses" and unknown
        others = any(one.status == "ordered" for one in self.state.payments if one is not payment)
        server.is_down = mood == "down"
        server.loses = {payment.id} if lost else set()
        server.refuses = {payment.id} if mood == "refuses" and unknown else set()
        send_due(self._desk())
        for one in self.state.payments:
            if lost and one is payment:
                one.server = "waiting"  # it was made, and nobody heard of it
            if mood != "down" and not (lost and one is payment and not others):  # who moves others asks once more
                paying.send(self.state, one, refused=one.id in server.refuses)
        server.refuses, server.is_down = set(), False

    @precondition(lambda self: any(one.server for one in self.state.payments))
    @rule(down=st.sampled_from((False, False, True)))
    def look(self, down: bool) -> None:
        server = self.world.server
        server.is_down = down
        look_due(self._desk())
        for payment in self.state.payments:
            if not down:
                paying.look(self.state, payment)
            assert server.fates.get(payment.id) == payment.server
        server.is_down = False

    @precondition(lambda self: any(one.server for one in self.state.payments))
    @rule(pick=PICK, fate=st.sampled_from(("paid", "paid", "back")))
    def the_bank_decides(self, pick: int, fate: str) -> None:
        self._decide(pick_of([one for one in self.state.payments if one.server], pick), fate)

    def _decide(self, payment: Payment, fate: str) -> None:
        if payment.server in {"waiting", "paid", "back"}:
            payment.server = self.world.server.fates[payment.id] = fate

    @precondition(lambda self: any(one.status == "settled" and not one.stated for one in self.state.payments))
    @rule(pick=PICK, more=st.sampled_from((0, 1, 777_77, -1, -500_00)))
    def a_statement_comes(self, pick: int, more: int) -> None:
        """Of one payment: as it was, or of another sum, which two people bring our books to."""
        settled = [one for one in self.state.payments if one.may_be_stated]
        if not settled:
            return
        self._statement_of(pick_of(settled, pick), more)

    def _statement_of(self, payment: Payment, more: int) -> None:
        more = max(more, 1 - payment.amount)
        number = self.world.see(lambda w: payments.payment(w, payment.id).number)
        file = self.bank.statement(Entry(-payment.amount - more, number), number=f"S-{self.serial}-{number}")
        self.world.do(FINANCE, lambda w: importing.import_statements(w, file))
        payment.stated = True
        mine = self._cases_of(payment)
        assert [one.difference_minor for one in mine] == ([more] if more else [])
        for case in mine:
            self._propose_for(case, Resolution.CORRECTION)
            self.both(
                lambda: paying.bank_paid_otherwise(self.state, payment, more),
                SECOND,
                lambda w, case=case: reconciling.approve(w, case.number),
            )
