"""Two officers at once: one act goes into one batch, a batch is ordered once, and nobody slips under a threshold."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from contracts.approval.rules import ApprovalMissing, CountedOver, Verdict
from contracts.kernel.errors import DomainError
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Work
from contracts.payment import batch_ordering, batching, queries, service
from contracts.payment.batch_rules import ActInBatch, BatchNotSubmitted, BatchOver, BatchStatus
from tests.payment.batches import (
    AIDA,
    MURAT,
    SAULE,
    YEAR,
    acts,
    batch,
    broken,
    decide,
    do,
    lines,
    payments_in,
    submitted,
    threshold,
)
from tests.payment.houses import ALMATY, FINANCE, payee

Wish = tuple[Actor, Callable[[Work], object]]


def at_once(database: Database, *wishes: Wish) -> list[BaseException]:
    """What was refused."""
    with ThreadPoolExecutor(len(wishes)) as pool:
        futures = [pool.submit(database.write, actor, verb) for actor, verb in wishes]
    refused = [error for one in futures if (error := one.exception()) is not None]
    assert all(isinstance(error, DomainError) for error in refused), refused
    return refused


def kinds(refused: Sequence[BaseException]) -> set[type[BaseException]]:
    return {type(one) for one in refused}


def test_of_many_who_collect_the_same_acts_one_has_them(database: Database, line: UUID) -> None:
    chosen = acts(database, line, 100_00, 50_00)
    open_ = [
        do(database, FINANCE, lambda work: batching.open_batch(work, territory=ALMATY, year=YEAR)) for _ in range(6)
    ]
    wishes: list[Wish] = [(FINANCE, lambda w, b=one: batching.add(w, b, chosen)) for one in open_[:4]]
    wishes += [(SAULE, lambda w, b=one: batching.add_payable(w, b)) for one in open_[4:]]
    assert kinds(at_once(database, *wishes)) <= {ActInBatch}
    assert max(len(lines(database, one)) for one in open_) == 2
    assert sum(len(lines(database, one)) for one in open_) == 2
    assert broken(database) == []


def test_a_batch_is_ordered_once_and_its_act_never_beside_it(database: Database, line: UUID) -> None:
    chosen = acts(database, line, 100_00, 50_00)
    batch_id = submitted(database, *chosen)
    people = (FINANCE, SAULE, MURAT, AIDA)
    wishes: list[Wish] = [(one, lambda w: batch_ordering.order(w, batch_id)) for one in people]
    wishes += [(one, lambda w: service.order(w, chosen[0])) for one in people]
    assert len(at_once(database, *wishes)) == 7
    assert len(payments_in(database, batch_id)) == 2
    for act_id in chosen:
        assert len(database.read(SYSTEM, lambda w, a=act_id: queries.payments_of_act(w, a))) == 1
    assert broken(database) == []


def test_who_dissolves_and_who_orders_at_once_do_not_both(database: Database, line: UUID) -> None:
    for _ in range(3):
        batch_id = submitted(database, *acts(database, line, 100_00))
        refused = at_once(
            database,
            (FINANCE, lambda w, b=batch_id: batch_ordering.order(w, b)),
            (SAULE, lambda w, b=batch_id: batching.dissolve(w, b)),
        )
        assert kinds(refused) == {BatchOver}
        went = batch(database, batch_id).status is BatchStatus.ORDERED
        assert len(payments_in(database, batch_id)) == (1 if went else 0)
    assert broken(database) == []


def test_a_rejection_and_the_order_at_once_leave_no_rejected_batch_ordered_after_it(
    database: Database, line: UUID
) -> None:
    threshold(database, 1, least=1)
    for _ in range(3):
        batch_id = submitted(database, *acts(database, line, 100_00))
        decide(database, SAULE, batch_id)
        refused = at_once(
            database,
            (FINANCE, lambda w, b=batch_id: batch_ordering.order(w, b)),
            (MURAT, lambda w, b=batch_id: batch_ordering.decide(w, b, verdict=Verdict.REJECTED, reason="wait")),
        )
        assert kinds(refused) <= {ApprovalMissing, BatchOver, BatchNotSubmitted}
        assert len(refused) == 1
    assert broken(database) == []


def test_orders_for_one_organisation_at_once_weigh_together(database: Database, line: UUID) -> None:
    """Each alone lies below the threshold; the second in line weighs with the first."""
    house = do(database, SYSTEM, payee)
    threshold(database, 1, least=100_00, over=CountedOver.MONTH)
    one, two, three, four = acts(database, line, 60_00, 60_00, 60_00, 60_00, paid_to=house)
    batches = [submitted(database, one), submitted(database, two)]
    wishes: list[Wish] = [(SAULE, lambda w, b=batch_id: batch_ordering.order(w, b)) for batch_id in batches]
    wishes += [(FINANCE, lambda w, a=act_id: service.order(w, a)) for act_id in (three, four)]
    refused = at_once(database, *wishes)
    assert len(refused) == 3
    assert kinds(refused) == {ApprovalMissing}
    assert broken(database) == []


def test_batches_of_the_same_organisations_the_other_way_round_do_not_wait_for_each_other(
    database: Database, line: UUID
) -> None:
    houses = [do(database, SYSTEM, payee) for _ in range(3)]
    there = [acts(database, line, 10_00, paid_to=house)[0] for house in houses]
    back = [acts(database, line, 20_00, paid_to=house)[0] for house in reversed(houses)]
    batches = [submitted(database, *there), submitted(database, *back)]
    assert at_once(database, *[(SAULE, lambda w, b=one: batch_ordering.order(w, b)) for one in batches]) == []
    assert [batch(database, one).ordered_minor for one in batches] == [30_00, 60_00]
    assert broken(database) == []
