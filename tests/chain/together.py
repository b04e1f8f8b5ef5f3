"""Acts that are paid together: a batch holds them, is approved on its total, and ordered as a whole or given up. And
acts that have to be looked at again."""

from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from contracts.approval.rules import Verdict
from contracts.kernel.work import Work
from contracts.payment import batch_ordering, batching
from contracts.payment import queries as payments
from contracts.payment import service as paying_out
from tests.chain import paying
from tests.chain.finding_out import FindingOut
from tests.chain.machine import LAST_START, PICK
from tests.chain.people import Act, Visit, add_days, refuse
from tests.chain.world import ALMATY, FINANCE, SECOND

YEAR = 2026
MOST_TOGETHER = 3


class Together(FindingOut):
    @precondition(lambda self: self.state.today < LAST_START)
    @rule(pick=PICK, first=st.sampled_from(("order", "order", "one alone", "untrue", "dissolve")))
    def pay_together(self, pick: int, first: str) -> None:
        """``first``: what somebody tries before the batch is approved and ordered."""
        if not any(paying.can_be_batched(self.state, act) for act in self.state.acts):
            self._act_to_pay(self._home(pick), pick)
        ready = [act for act in self.state.acts if paying.can_be_batched(self.state, act)]
        acts = ready[-1 - pick % MOST_TOGETHER :]
        if not acts:
            return
        batch_id = self._collect(acts)
        if first == "one alone":
            one = acts[pick % len(acts)].id
            self.both(lambda: refuse("act-in-batch"), FINANCE, lambda w: paying_out.order(w, one))
        if first == "untrue":
            self._in_a_batch(acts[pick % len(acts)])
        if first == "dissolve":
            self.both(lambda: None, FINANCE, lambda w: batching.dissolve(w, batch_id))
            return
        approved = paying.weight_together(self.state, acts) >= paying.APPROVAL_FROM
        if approved:
            self._order_batch(batch_id, acts, approved=False)  # refused
            self._approve_batch(batch_id)
        self._order_batch(batch_id, acts, approved=approved)

    def _in_a_batch(self, act: Act) -> None:
        """What a visit of it was paid for cannot be taken back."""
        for visit in self._visits_of(act)[:1]:
            self._propose(visit)
            self._agree_on(visit, in_batch=True)

    def _collect(self, acts: list[Act]) -> UUID:
        def make(work: Work) -> UUID:
            batch_id = batching.open_batch(work, territory=ALMATY, year=YEAR)
            batching.add(work, batch_id, [act.id for act in acts])
            batching.submit(work, batch_id)
            return batch_id

        answer = self.both(lambda: None, FINANCE, make)
        assert answer is not None
        return answer[1]

    def _approve_batch(self, batch_id: UUID) -> None:
        self._tick()
        yes = Verdict.APPROVED
        self.both(lambda: None, SECOND, lambda w: batch_ordering.decide(w, batch_id, verdict=yes))

    def _order_batch(self, batch_id: UUID, acts: list[Act], *, approved: bool) -> None:
        self._tick()
        answer = self.both(
            lambda: paying.order_together(self.state, acts, approved=approved),
            FINANCE,
            lambda w: batch_ordering.order(w, batch_id),
        )
        for payment in answer[0] if answer else ():
            payment.id = self.world.see(lambda w, one=payment: payments.payments_of_act(w, one.of.id)[-1].id)

    # --- what comes out later -----------------------------------------------------------------------------------------
    @precondition(lambda self: self.state.today < LAST_START)
    @rule(pick=PICK, back=st.integers(0, 3))
    def it_was_not_served(self, pick: int, back: int) -> None:
        """The service had stood still: an act that has visits of those days goes no further."""
        if not self._held():
            self.a_usual_month(pick, 900_00, 0, 10, 1 + pick % 2, None)
        for visit in self._held()[:1]:
            act, engagement = visit.act, visit.engagement
            assert act is not None
            on = max(engagement.from_on, add_days(visit.day, -back))
            self._suspend(engagement, on)
            (self._submit if act.is_open else self._accept_act)(act)
            if pick % 2:
                self._resume(engagement, self.state.today if pick % 3 else on)

    def _held(self) -> list[Visit]:
        held = [one for one in self.state.visits if one.act is not None and one.act.status != "accepted"]
        return [one for one in held if one.engagement.status == "active"]
