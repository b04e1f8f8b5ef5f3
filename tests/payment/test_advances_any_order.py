"""Advances, acts, set-offs and money that comes back, in any order: the books against an oracle of plain integers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.kernel.errors import DomainError
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM
from contracts.ledger import queries as ledger
from contracts.payment import advance_queries, progress, service
from contracts.payment.advance_rules import AdvanceStatus
from contracts.payment.rules import Fate, PaymentStatus
from tests.payment import advances
from tests.payment.batches import acts, do
from tests.payment.houses import FINANCE, QUICK, line_with_money, paid, payable, payee, payment

MONEY, HELD, CONTRACTS = 2_000, 1_000, 2
S = PaymentStatus
VERBS = ("settle", "back", "paid", "advance", "send", "reversed", "act", "settle", "paid", "fail")
STEPS = st.lists(
    st.tuples(st.sampled_from(VERBS), st.integers(0, 5), st.sampled_from((1, 99, 150, 300))), min_size=6, max_size=20
)


@dataclass
class Advance:
    id: UUID
    payment_id: UUID
    amount: int
    status: PaymentStatus = S.ORDERED
    owed: int = 0
    held: int = 0  # waits on its own account
    of_acts: int = 0  # of that: what acts were paid with


@dataclass
class Act:
    id: UUID
    left: int
    taken: list[tuple[int, Advance]] = field(default_factory=list)  # set off, in the order of time


class Oracle:
    """One organisation with two contracts on one line; every step is done by the services and in integers."""

    def __init__(self, database: Database) -> None:
        self.database, self.line = database, line_with_money(database, MONEY)
        self.house = do(database, SYSTEM, payee)
        self.contracts = [advances.contract(database, self.line, self.house, held=HELD // 2) for _ in range(CONTRACTS)]
        self.open: list[Advance | None] = [None] * CONTRACTS
        self.free, self.paid = MONEY - HELD, 0
        self.advances: list[Advance] = []
        self.acts: list[Act] = []
        for step, amount in (("advance", 150), ("send", 0), ("paid_out", 0), ("act", 99), ("act", 300)):
            getattr(self, step)(0, amount)

    def advance(self, pick: int, amount: int) -> None:
        of, last = self.contracts[pick % CONTRACTS], self.open[pick % CONTRACTS]
        busy = (
            last is not None
            and last.status not in (S.FAILED, S.REVERSED)
            and (last.status, last.owed) != (S.SETTLED, 0)
        )
        may = not busy and amount <= HELD // 2 * 3 // 10 and amount <= self.free

        def go() -> None:
            made = Advance(*advances.ordered(self.database, self.house, of, amount), amount, held=amount)
            self.open[pick % CONTRACTS] = made
            self.advances.append(made)
            self.free -= amount

        assert self._may(go) is may
        if not may:
            self._forget_questions(of)

    def _forget_questions(self, of: UUID) -> None:
        """What was asked and could not be ordered is withdrawn."""
        every = self.database.read(SYSTEM, lambda w: advance_queries.advances_of_contract(w, of))
        for one in every:
            if one.status is AdvanceStatus.ASKED:
                do(
                    self.database,
                    advances.director(self.house),
                    lambda w, key=one.id: advances.advancing.withdraw(w, key),
                )

    def send(self, pick: int, _amount: int) -> None:
        if (one := self._pick(pick, S.ORDERED)) is not None:
            advances.send(self.database, one.payment_id)
            for other in self.advances:
                other.status = S.SENT if other.status is S.ORDERED else other.status

    def fail(self, pick: int, _amount: int) -> None:
        if (one := self._pick(pick, S.ORDERED)) is not None and sum(a.status is S.ORDERED for a in self.advances) == 1:
            do(self.database, SYSTEM, lambda w: progress.claim_to_send(w, limit=9, patience=QUICK))
            do(self.database, SYSTEM, lambda w: progress.fail(w, one.payment_id, why="no such account"))
            one.status, one.held = S.FAILED, 0
            self.free += one.amount

    def _told(self, pick: int, fate: Fate, *statuses: PaymentStatus) -> Advance | None:
        if (one := self._pick(pick, *statuses)) is not None:
            advances.told(self.database, one.payment_id, fate)
        return one

    def paid_out(self, pick: int, _amount: int) -> None:
        if (one := self._told(pick, Fate.PAID, S.SENT, S.RETURNED)) is not None:
            self.paid += one.of_acts
            one.owed += one.held - one.of_acts
            one.status, one.held, one.of_acts = S.SETTLED, 0, 0

    def back(self, pick: int, _amount: int) -> None:
        if (one := self._told(pick, Fate.BACK, S.SENT, S.SETTLED)) is not None:
            self._collect(one)
            one.status = S.RETURNED

    def _collect(self, one: Advance) -> None:
        if one.status is S.SETTLED:
            one.of_acts = sum(amount for act in self.acts for amount, of in act.taken if of is one)
            self.paid -= one.of_acts
            one.owed, one.held = 0, one.amount

    def reversed(self, pick: int, _amount: int) -> None:
        if (one := self._told(pick, Fate.REVERSED, S.SENT, S.SETTLED, S.RETURNED)) is not None:
            self._collect(one)
            self.free += one.held - one.of_acts
            for act in self.acts:
                act.left += sum(amount for amount, of in act.taken if of is one)
                act.taken = [(amount, of) for amount, of in act.taken if of is not one]
            one.status, one.held, one.of_acts = S.REVERSED, 0, 0

    def act(self, _pick: int, amount: int) -> None:
        if amount <= self.free:
            self.acts.append(Act(acts(self.database, self.line, amount, paid_to=self.house)[0], amount))
            self.free -= amount

    def settle(self, pick: int, _amount: int) -> None:
        """Set off what is owed, then pay the rest of the act at once."""
        waiting = [one for one in self.acts if one.left]
        if not waiting:
            return
        act = waiting[pick % len(waiting)]
        rest = do(self.database, FINANCE, lambda w: service.order_rest(w, act.id))
        for one in sorted(self.advances, key=lambda a: a.payment_id):
            taken = min(one.owed, act.left)
            one.owed, act.left, self.paid, self.free = (
                one.owed - taken,
                act.left - taken,
                self.paid + taken,
                self.free + taken,
            )
            act.taken += [(taken, one)] if taken else []
        assert (rest is None) is (act.left == 0)
        if rest is not None:
            assert payment(self.database, rest).amount_minor == act.left
            advances.send(self.database, rest)
            advances.told(self.database, rest, Fate.PAID)
            for other in self.advances:
                other.status = S.SENT if other.status is S.ORDERED else other.status
            self.paid, act.left = self.paid + act.left, 0

    def _pick(self, pick: int, *statuses: PaymentStatus) -> Advance | None:
        fit = [one for one in self.advances if one.status in statuses]
        return fit[pick % len(fit)] if fit else None

    def _may(self, verb: Callable[[], None]) -> bool:
        try:
            verb()
        except DomainError:
            return False
        return True

    def compare(self) -> None:
        assert advances.free(self.database, self.line) == self.free
        assert paid(self.database, self.line) == self.paid
        for act in self.acts:
            assert payable(self.database, act.id).free == act.left
        for one in self.advances:
            found, row = advances.use(self.database, one.id), advances.advance(self.database, one.id)
            taken = sum(amount for act in self.acts for amount, of in act.taken if of is one)
            assert payment(self.database, one.payment_id).status is one.status
            assert (found.owed_minor, found.set_off_minor) == (one.owed, taken)
            held = self.database.read(SYSTEM, lambda w, key=row.account_id: ledger.account(w, key))
            assert held.balance == one.held


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_what_is_owed_set_off_free_and_paid_is_right_whatever_comes_back_when(
    database: Database, steps: list[tuple[str, int, int]]
) -> None:
    if not database.read(SYSTEM, advance_queries.all_rules):
        advances.rule(database)
    oracle = Oracle(database)
    for step, pick, amount in steps:
        getattr(oracle, {"paid": "paid_out"}.get(step, step))(pick, amount)
        oracle.compare()
    assert advances.broken(database) == []
