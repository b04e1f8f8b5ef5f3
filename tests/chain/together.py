"""Acts that are paid together: a batch holds them, is approved on its total, and ordered as a whole or given up."""

from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from contracts.approval.rules import Verdict
from contracts.kernel.work import Work
from contracts.payment import batch_ordering, batching
from contracts.payment import queries as payments
from contracts.payment import service as paying_out
from tests.chain import paying
from tests.chain.chain import Chain
from tests.chain.machine import PICK
from tests.chain.people import Act, refuse
from tests.chain.world import ALMATY, FINANCE, SECOND

YEAR = 2026
MOST_TOGETHER = 3


class Together(Chain):
    @precondition(lambda self: any(paying.can_be_batched(self.state, act) for act in self.state.acts))
    @rule(pick=PICK, first=st.sampled_from(("order", "one alone", "unapproved", "dissolve")))
    def pay_together(self, pick: int, first: str) -> None:
        """``first``: what somebody tries before the batch is approved and ordered."""
        ready = [act for act in self.state.acts if paying.can_be_batched(self.state, act)]
        acts = ready[-1 - pick % MOST_TOGETHER :]
        batch_id = self._collect(acts)
        if first == "one alone":
            one = acts[pick % len(acts)].id
            self.both(lambda: refuse("act-in-batch"), FINANCE, lambda w: paying_out.order(w, one))
        if first == "unapproved":
            self._order_batch(batch_id, acts, approved=False)
        if first == "dissolve":
            self.both(lambda: None, FINANCE, lambda w: batching.dissolve(w, batch_id))
        elif not any(paying.is_under_way(self.state, act) for act in acts):
            approved = paying.weight_together(self.state, acts) >= paying.APPROVAL_FROM
            if approved:
                self._approve_batch(batch_id)
            self._order_batch(batch_id, acts, approved=approved)

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
            payment.id = self.world.see(lambda w, one=payment: payments.payments_of_act(w, one.act.id)[-1].id)
