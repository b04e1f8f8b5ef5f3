"""A sum that is cut up weighs what it weighs whole: a threshold counts over an order, a day or a month."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.approval.rules import ApprovalMissing, CountedOver, NothingToApprove, Verdict
from contracts.kernel.clock import move_clock, start_travelling
from contracts.kernel.errors import DomainError
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Work
from contracts.payment import batch_ordering, clearance, service
from contracts.payment.models import PaymentRow
from tests.payment.batches import AIDA, MURAT, SAULE, acts, broken, decide, do, order, submitted, threshold
from tests.payment.houses import FINANCE, line_with_money, payee

House = tuple[UUID, UUID, UUID]


@pytest.fixture
def house(database: Database) -> House:
    return do(database, SYSTEM, payee)


def order_act(database: Database, act_id: UUID, actor: Actor = FINANCE) -> UUID:
    return database.write(actor, lambda work: service.order(work, act_id))


def approve_act(database: Database, act_id: UUID, actor: Actor = SAULE) -> None:
    database.write(actor, lambda work: clearance.decide_on_act(work, act_id, verdict=Verdict.APPROVED))


def test_single_orders_below_a_threshold_are_judged_by_their_sum_of_the_month(
    database: Database, line: UUID, house: House
) -> None:
    threshold(database, 1, least=100_00, over=CountedOver.MONTH)
    one, two = acts(database, line, 60_00, 60_00, paid_to=house)
    with pytest.raises(NothingToApprove):
        approve_act(database, two)
    order_act(database, one)
    for by in (FINANCE, MURAT):
        with pytest.raises(ApprovalMissing):
            order_act(database, two, by)
    (elsewhere,) = acts(database, line, 60_00)
    order_act(database, elsewhere)
    approve_act(database, two)
    order_act(database, two)
    assert broken(database) == []


def test_a_threshold_over_an_order_counts_each_by_itself_and_one_over_a_day_ends_with_it(
    database: Database, line: UUID, house: House
) -> None:
    threshold(database, 1, least=100_00, over=CountedOver.ORDER)
    first, second, third, fourth = acts(database, line, 60_00, 60_00, 60_00, 60_00, paid_to=house)
    order_act(database, first)
    order_act(database, second)
    threshold(database, 2, least=150_00, over=CountedOver.DAY)
    with pytest.raises(ApprovalMissing):
        order_act(database, third)
    with database.engine.begin() as connection:
        start_travelling(connection)
        move_clock(connection, timedelta(days=1))
    order_act(database, third)
    with database.engine.begin() as connection:
        move_clock(connection, timedelta(days=40))
    threshold(database, 1, least=61_00, over=CountedOver.MONTH)
    order_act(database, fourth)
    assert broken(database) == []


def test_batches_and_single_orders_for_one_organisation_weigh_together(
    database: Database, line: UUID, house: House
) -> None:
    threshold(database, 1, least=100_00, over=CountedOver.MONTH)
    one, two, three = acts(database, line, 60_00, 60_00, 10_00, paid_to=house)
    order(database, submitted(database, one))
    second = submitted(database, two, *acts(database, line, 1_00))
    with pytest.raises(ApprovalMissing):
        order(database, second)
    decide(database, SAULE, second)
    order(database, second)
    with pytest.raises(ApprovalMissing):
        order_act(database, three)
    assert broken(database) == []


def test_what_failed_or_was_reversed_weighs_nothing(database: Database, line: UUID, house: House) -> None:
    threshold(database, 1, least=100_00, over=CountedOver.MONTH)
    one, two = acts(database, line, 60_00, 60_00, paid_to=house)
    payment_id = order_act(database, one)
    with pytest.raises(ApprovalMissing):
        order_act(database, two)
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE payment SET status = 'sending'"))
    do(database, SYSTEM, lambda work: service.progress.fail(work, payment_id, why="no such account"))
    order_act(database, two)
    assert broken(database) == []


def test_what_an_order_was_judged_with_is_never_changed(database: Database, line: UUID, house: House) -> None:
    (one,) = acts(database, line, 60_00, paid_to=house)
    order_act(database, one)
    for forgery in ("UPDATE payment_clearance SET day_minor = 0", "DELETE FROM payment_clearance"):
        with pytest.raises(sa.exc.DBAPIError), database.engine.begin() as connection:
            connection.execute(sa.text(forgery))


# --- in any order -----------------------------------------------------------------------------------------------------
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("act", "act", "batch", "batch", "approve", "approve", "order", "order", "order")),
        st.integers(0, 7),
        st.sampled_from((9_00, 40_00, 99_99, 100_00)),
    ),
    min_size=8,
    max_size=16,
)
LIMITS = {100_00: 1, 180_00: 2}
PEOPLE = (SAULE, MURAT, AIDA)


class Office:
    """Acts of two organisations, alone or in pairs; ``said``: who approved what."""

    def __init__(self, database: Database) -> None:
        self.database, self.line = database, line_with_money(database)
        self.houses = [do(database, SYSTEM, payee) for _ in range(2)]
        self.alone: dict[UUID, tuple[int, int]] = {}
        self.batches: dict[UUID, dict[int, int]] = {}
        self.said: dict[UUID, set[UUID | None]] = {}
        self.spent = [0, 0]

    def act(self, pick: int, amount: int) -> None:
        house = pick % 2
        self.alone[acts(self.database, self.line, amount, paid_to=self.houses[house])[0]] = (house, amount)

    def batch(self, _pick: int, _amount: int) -> None:
        chosen = list(self.alone)[:2]
        if chosen:
            made = submitted(self.database, *chosen)
            self.batches[made] = {0: 0, 1: 0}
            for act_id in chosen:
                house, amount = self.alone.pop(act_id)
                self.batches[made][house] += amount

    def _wish(self, pick: int) -> UUID | None:
        wishes = [*self.alone, *self.batches]
        return wishes[pick % len(wishes)] if wishes else None

    def approve(self, pick: int, amount: int) -> None:
        wish = self._wish(pick)
        if wish is None:
            return
        person = PEOPLE[(pick + amount) % 3]
        verb: Callable[[], object] = (
            (lambda: decide(self.database, person, wish))
            if wish in self.batches
            else (lambda: approve_act(self.database, wish, person))
        )
        if _may(verb):
            self.said.setdefault(wish, set()).add(person.id)

    def order(self, pick: int, _amount: int) -> None:
        wish = self._wish(pick)
        if wish is None:
            return
        parts = self.batches.get(wish)
        verb: Callable[[Work], object] = (
            (lambda w: batch_ordering.order(w, wish)) if parts is not None else (lambda w: service.order(w, wish))
        )
        house, amount = self.alone.get(wish, (0, 0))
        parts = parts if parts is not None else {house: amount}
        weight = max(sum(parts.values()), *(self.spent[one] + part for one, part in parts.items() if part))
        needed = max((count for least, count in LIMITS.items() if least <= weight), default=0)
        went = _may(lambda: do(self.database, FINANCE, verb))
        assert went is (len(self.said.get(wish, ())) >= needed), (weight, needed)
        if went:
            for one, part in parts.items():
                self.spent[one] += part
            self.alone.pop(wish, None)
            self.batches.pop(wish, None)


def _may(verb: Callable[[], object]) -> bool:
    try:
        verb()
    except DomainError:
        return False
    return True


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_sum_leaves_without_the_approvals_that_it_asks_for_whatever_it_is_cut_into(
    database: Database, steps: list[tuple[str, int, int]]
) -> None:
    if not do(database, SYSTEM, lambda work: clearance.queries.thresholds(work, at=work.now)):
        for least, count in LIMITS.items():
            threshold(database, count, least=least, over=CountedOver.MONTH)
    office = Office(database)
    for step, pick, amount in steps:
        getattr(office, step)(pick, amount)
    ordered = sa.select(sa.func.coalesce(sa.func.sum(PaymentRow.amount_minor), 0))
    mine = PaymentRow.provider_id.in_([house[0] for house in office.houses])
    assert database.read(SYSTEM, lambda work: work.scalar(ordered.where(mine))) == sum(office.spent)
    assert broken(database) == []
