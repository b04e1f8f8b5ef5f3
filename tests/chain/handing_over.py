"""The chain's acts: by what they are made, drawn up, decided on line by line, accepted or given back."""

from functools import partial
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from contracts.act import deciding, terms
from contracts.act import queries as acts
from contracts.act import service as acting
from contracts.act.pricing import VatMode
from contracts.act.rules import DeductionCode
from contracts.kernel.period import Month as RealMonth
from contracts.kernel.work import Actor, Grant, Role
from tests.chain import paying
from tests.chain.machine import PICK, pick_of
from tests.chain.people import Act, Engagement, Home, Line, Month, refuse
from tests.chain.visiting import Visiting
from tests.chain.world import ALMATY, FINANCE, OFFICER, director

DIRECTORS_OTHER_HAT = Actor(UUID(int=711), "the director", (Grant(Role.BUDGET_OFFICER, territory=""),))


class HandingOver(Visiting):
    # --- by what acts are made ----------------------------------------------------------------------------------------
    def _home(self, pick: int) -> Home:
        return self.state.homes[pick % len(self.state.homes)]

    @rule(pick=PICK, ahead=st.integers(-1, 1), mode=st.sampled_from(list(VatMode)), rate=st.sampled_from((1600, 1200)))
    def set_vat(self, pick: int, ahead: int, mode: VatMode, rate: int) -> None:
        home, month = self._home(pick), self._month(-ahead)
        rate = 0 if mode is VatMode.EXEMPT else rate

        def expect() -> None:
            refuse("act-term-taken", when=month < self.state.month or any(m == month for m, _, _ in home.vats))
            home.vats.append((month, str(mode), rate))

        self.both(expect, FINANCE, partial(
            terms.set_vat, provider_id=home.id, territory=ALMATY, mode=mode, rate_bp=rate, from_month=RealMonth(*month),
            source="order 2",
        ))  # fmt: skip

    @precondition(lambda self: self.state.engagements)
    @rule(pick=PICK, ahead=st.integers(-1, 1), charge=st.integers(0, 5_000_00))
    def set_copayment(self, pick: int, ahead: int, charge: int) -> None:
        self._charge(self._engagement(pick), self._month(-ahead), charge)

    def _charge(self, engagement: Engagement, month: Month, charge: int) -> None:
        def expect() -> None:
            refuse("act-term-taken", when=month < self.state.month or any(m == month for m, _ in engagement.charges))
            engagement.charges.append((month, charge))

        self.both(expect, OFFICER, partial(
            terms.set_copayment, engagement_id=engagement.id, charge_minor=charge, from_month=RealMonth(*month),
            source="paper 3",
        ))  # fmt: skip

    # --- acts ---------------------------------------------------------------------------------------------------------
    @precondition(lambda self: any(one.status == "confirmed" for one in self.state.visits))
    @rule(pick=PICK, back=st.sampled_from((1, 1, 1, 2, 2, 0)))
    def draft(self, pick: int, back: int) -> None:
        self._draft(pick_of([one for one in self.state.homes if one.contract], pick), self._month(back))

    def _draft(self, home: Home, month: Month) -> None:
        contract = home.contract
        assert contract is not None
        answer = self.both(
            lambda: paying.draft(self.state, home, month),
            director(home.id),
            lambda w: acting.draft(w, contract, month=RealMonth(*month)),
        )
        if answer is not None:
            act, act.id = answer[0], answer[1]

    def _act(self, pick: int, *status: str) -> Act:
        likely = [one for one in self.state.acts if one.status in status]
        return pick_of(likely if likely and pick % 6 else self.state.acts, pick)

    @precondition(lambda self: self.state.acts)
    @rule(pick=PICK)
    def redraft(self, pick: int) -> None:
        self._redraft(self._act(pick, "draft", "returned"))

    def _redraft(self, act: Act) -> None:
        self.both(lambda: paying.redraft(self.state, act), director(act.home.id), lambda w: acting.redraft(w, act.id))

    @precondition(lambda self: self.state.acts)
    @rule(pick=PICK)
    def submit(self, pick: int) -> None:
        self._submit(self._act(pick, "draft", "returned"))

    def _submit(self, act: Act) -> None:
        self.both(lambda: paying.submit(self.state, act), director(act.home.id), lambda w: acting.submit(w, act.id))

    @precondition(lambda self: any(act.lines for act in self.state.acts))
    @rule(pick=PICK, percent=st.integers(-1, 101))
    def decide_on_a_line(self, pick: int, percent: int) -> None:
        """Below nothing: it is put back."""
        act = pick_of([one for one in self.state.acts if one.lines], pick)
        line = act.lines[pick % len(act.lines)]
        if percent >= 0:
            self._deduct(act, line, percent)
            return
        line_id = self._line_id(act, line)
        self.both(
            lambda: paying.restore(self.state, act, line), OFFICER, lambda w: deciding.restore(w, act.id, line_id)
        )

    def _deduct(self, act: Act, line: Line, percent: int) -> None:
        line_id = self._line_id(act, line)
        amount = line.cost * percent // 100
        self.both(lambda: paying.deduct(self.state, act, line, amount), OFFICER, partial(
            deciding.deduct, act_id=act.id, line_id=line_id, amount_minor=amount, code=DeductionCode.NO_PROOF,
            note="no page",
        ))  # fmt: skip

    def _line_id(self, act: Act, line: Line) -> UUID:
        rows = self.world.see(lambda w: acts.lines(w, act.id))
        key = (line.engagement.id, line.price, line.absence or "visits")
        return next(one.id for one in rows if (one.engagement_id, one.unit_price_minor, str(one.what)) == key)

    @precondition(lambda self: any(act.status == "submitted" for act in self.state.acts))
    @rule(pick=PICK)
    def give_back(self, pick: int) -> None:
        act = self._act(pick, "submitted")
        self.both(
            lambda: paying.give_back(self.state, act),
            OFFICER,
            lambda w: acting.return_act(w, act.id, reason="look again"),
        )

    @precondition(lambda self: self.state.acts)
    @rule(pick=PICK, own_hand=st.sampled_from((False, False, False, True)))
    def accept_act(self, pick: int, own_hand: bool) -> None:
        self._accept_act(self._act(pick, "submitted"), own_hand=own_hand)

    def _accept_act(self, act: Act, *, own_hand: bool = False) -> bool:
        who = DIRECTORS_OTHER_HAT if own_hand else OFFICER
        answer = self.both(
            lambda: paying.accept(self.state, act, own_hand=own_hand), who, lambda w: acting.accept(w, act.id)
        )
        return answer is not None
