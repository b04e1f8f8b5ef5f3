"""Money that a home has before it serves: asked for, approved, ordered, used up by its acts; and all that can happen to
it on the way."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from contracts.approval.rules import Verdict
from contracts.payment import advancing
from tests.chain import advances
from tests.chain.chain import DIRECTOR_PAYS
from tests.chain.machine import LAST_START, PICK, pick_of
from tests.chain.people import Advance, Home, Payment
from tests.chain.together import Together
from tests.chain.world import FINANCE, OFFICER, SECOND, director

SHARES = st.sampled_from((20_01, 50_00, 0))  # basis points; the rule allows a third


class Beforehand(Together):
    @precondition(lambda self: self.state.today < LAST_START)
    @rule(pick=PICK, share=SHARES, then=st.sampled_from((None, "back", "lost", "again", 777_77, -1, -5_000_00)))
    def an_advance_is_used(self, pick: int, share: int, then: str | int | None) -> None:
        """``then``: it comes back, and is given up, or paid after all; or the bank paid another sum."""
        payment = self._an_advance_arrives(self._home(pick), share or 33_33)
        if payment is None:
            return
        act = self._act_to_pay(payment.of.home, pick)
        if act is not None:
            self._order(act)  # not before it is set off
            self._set_off(act)
        if isinstance(then, int) and payment.may_be_stated:
            self._statement_of(payment, then)
        elif isinstance(then, str):
            self._changes_its_mind(payment, then)

    def _an_advance_arrives(self, home: Home, share: int) -> Payment | None:
        self._somebody_at(home)
        self._wait(1)
        if home.contract is None:
            return None
        if not advances.share_of(self.state, home):
            self._agree(home, share)
        most = advances.ceiling(self.state, home)
        self._ask(home, most + 1)  # refused
        advance = self._ask(home, most) if most else None
        if advance is None:
            return None
        self._order_advance(advance)  # refused: nobody has approved it
        self._decide_on(advance, yes=True)
        self._order_advance(advance, own_hand=True)  # refused
        self._order_advance(advance)
        payment = advance.payment
        if payment is not None:
            self._ask(home, 1)  # refused: one at a time
            self._send(payment, "well")
            self._decide(payment, "paid")
            self.look(down=False)
        return payment

    def _changes_its_mind(self, payment: Payment, then: str) -> None:
        """The payment server."""
        self._decide(payment, "back")
        self.look(down=False)
        if then == "lost":
            self._reverse(payment)
        elif then == "again":
            self._decide(payment, "paid")
        self.look(down=False)

    # --- step by step -------------------------------------------------------------------------------------------------
    @precondition(lambda self: any(one.contract for one in self.state.homes))
    @rule(pick=PICK, share=SHARES)
    def agree_on_advances(self, pick: int, share: int) -> None:
        self._agree(self._bound(pick), share)

    def _bound(self, pick: int) -> Home:
        return pick_of([one for one in self.state.homes if one.contract], pick)

    def _agree(self, home: Home, share: int) -> None:
        self._by_contract(
            home, lambda: advances.agree(self.state, home, share), OFFICER,
            lambda w, of: advancing.agree(w, of, most_bp=share, from_on=w.today, source="an agreement"),
        )  # fmt: skip
        self._tick()  # what is agreed holds from after that instant

    def _by_contract(self, home: Home, expect: Any, actor: Any, fn: Any) -> Any:
        contract = home.contract
        assert contract is not None
        return self.both(expect, actor, lambda w: fn(w, contract))

    @precondition(lambda self: self.state.today < LAST_START and any(one.contract for one in self.state.homes))
    @rule(pick=PICK, part=st.sampled_from((1, 2, 3)), more=st.sampled_from((0, 0, 1)))
    def ask_for_an_advance(self, pick: int, part: int, more: int) -> None:
        home = self._bound(pick)
        self._ask(home, advances.ceiling(self.state, home) // part + more or 1)

    def _ask(self, home: Home, amount: int) -> Advance | None:
        answer = self._by_contract(
            home, lambda: advances.ask(self.state, home, amount), director(home.id),
            lambda w, of: advancing.ask(w, of, amount_minor=amount, purpose="two cars"),
        )  # fmt: skip
        if answer is None:
            return None
        advance: Advance = answer[0]
        advance.id = answer[1]
        return advance

    @precondition(lambda self: self.state.advances and self.state.today < LAST_START)
    @rule(pick=PICK, what=st.sampled_from(("approve", "order", "order", "own hand", "refuse", "withdraw")))
    def an_advance_goes_on(self, pick: int, what: str) -> None:
        asked = [one for one in self.state.advances if one.status == "asked"]
        advance = pick_of(asked if asked and pick % 5 else self.state.advances, pick)
        if what in {"approve", "refuse"}:
            self._decide_on(advance, yes=what == "approve")
        elif what == "withdraw":
            self.both(
                lambda: advances.withdraw(self.state, advance),
                director(advance.home.id),
                lambda w: advancing.withdraw(w, advance.id),
            )
        else:
            self._order_advance(advance, own_hand=what == "own hand")

    def _decide_on(self, advance: Advance, *, yes: bool) -> None:
        verdict = Verdict.APPROVED if yes else Verdict.REJECTED
        self.both(
            lambda: advances.decide(self.state, advance, yes=yes),
            SECOND,
            lambda w: advancing.decide(w, advance.id, verdict=verdict, reason="seen"),
        )
        self._tick()  # a verdict and an order are never of one instant

    def _order_advance(self, advance: Advance, *, own_hand: bool = False) -> None:
        answer = self.both(
            lambda: advances.order(self.state, advance, own_hand=own_hand),
            DIRECTOR_PAYS if own_hand else FINANCE,
            lambda w: advancing.order(w, advance.id),
        )
        if answer is not None:
            payment, payment.id = answer[0], answer[1]
