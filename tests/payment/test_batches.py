"""Accepted acts are paid together: collected, handed in, approved on their total, ordered as a whole."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.act.rules import ActStatus
from contracts.approval.models import ApprovalRow
from contracts.approval.rules import ApprovalMissing, InterestDeclared, NothingToApprove, SelfApproval, Verdict
from contracts.approval.service import declare_interest
from contracts.audit.replay import replay
from contracts.kernel.clock import read_clock
from contracts.kernel.database import table_of
from contracts.kernel.errors import NotAllowed
from contracts.kernel.ids import new_id
from contracts.kernel.period import Month
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.payment import approval_invariants, batch_invariants, batch_queries, batching, clearance, service
from contracts.payment.batch_models import BatchLineRow, BatchRow, ClearanceRow
from contracts.payment.batch_rules import (
    MOST_ACTS,
    ActInBatch,
    ActNotForBatch,
    BatchEmpty,
    BatchFull,
    BatchNotFound,
    BatchNotOpen,
    BatchNotReady,
    BatchNotSubmitted,
    BatchOver,
    BatchStatus,
    LineStatus,
)
from contracts.payment.dispatch import Desk
from contracts.payment.progress import fail
from contracts.payment.rules import PaymentStatus, ThirdPersonNeeded
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
    draft,
    dropped,
    lines,
    officer,
    order,
    payments_in,
    submitted,
    threshold,
    verbs,
)
from tests.payment.houses import (
    ACCEPTER,
    ALMATY,
    FINANCE,
    accepted_act,
    line_with_money,
    paid,
    payable,
    payee,
    payment,
    reach,
)


# --- collecting -------------------------------------------------------------------------------------------------------
def test_acts_are_collected_handed_in_and_ordered_as_a_whole(database: Database, line: UUID, desk: Desk) -> None:
    chosen = acts(database, line, 100_00, 250_00)
    batch_id = draft(database, *chosen)
    assert batch(database, batch_id).total_minor == 350_00
    do(database, FINANCE, lambda work: batching.submit(work, batch_id))
    order(database, batch_id)
    made = batch(database, batch_id)
    assert (made.status, made.ordered_minor, made.ordered_by) == (BatchStatus.ORDERED, 350_00, FINANCE.id)
    assert made.number.startswith("PB-")
    assert [payment(database, one).amount_minor for one in payments_in(database, batch_id)] == [100_00, 250_00]
    assert verbs(database, batch_id) == ["opened", "collected", "submitted", "ordered"]
    assert broken(database) == []
    reach(desk, PaymentStatus.SETTLED, *payments_in(database, batch_id))
    assert paid(database, line) == 350_00
    assert broken(database) == []


def test_only_accepted_acts_of_the_territory_and_year_are_collected(database: Database, line: UUID) -> None:
    (good,) = acts(database, line, 100_00)
    batch_id = draft(database, good)
    strange = [
        database.write(SYSTEM, lambda work: accepted_act(work, line, territory="710000000")),
        database.write(SYSTEM, lambda work: accepted_act(work, line, status=ActStatus.SUBMITTED)),
        database.write(SYSTEM, lambda work: accepted_act(work, line, total=0)),
        new_id(),
    ]
    for act_id in strange:
        with pytest.raises(ActNotForBatch):
            do(database, FINANCE, lambda work, a=act_id: batching.add(work, batch_id, [a]))
    with pytest.raises(ActNotForBatch):
        do(database, FINANCE, lambda work: batching.add(work, batch_id, []))
    other_year = do(database, FINANCE, lambda work: batching.open_batch(work, territory=ALMATY, year=YEAR + 1))
    (later,) = acts(database, line, 5_00)
    with pytest.raises(ActNotForBatch):
        do(database, FINANCE, lambda work: batching.add(work, other_year, [later]))
    assert [one.act_id for one in lines(database, batch_id)] == [good]
    assert broken(database) == []


def test_an_act_is_in_one_batch_and_is_not_ordered_beside_it(database: Database, line: UUID) -> None:
    (act_id,) = acts(database, line, 100_00)
    batch_id = draft(database, act_id)
    other = do(database, FINANCE, lambda work: batching.open_batch(work, territory=ALMATY, year=YEAR))
    with pytest.raises(ActInBatch):
        do(database, SAULE, lambda work: batching.add(work, other, [act_id]))
    for verb in (service.order, service.order_rest):
        with pytest.raises(ActInBatch):
            do(database, FINANCE, lambda work, v=verb: v(work, act_id))
    do(database, FINANCE, lambda work: batching.remove(work, batch_id, act_id))
    assert (batch(database, batch_id).total_minor, lines(database, batch_id)) == (0, [])
    do(database, SAULE, lambda work: batching.add(work, other, [act_id]))
    do(database, SAULE, lambda work: batching.dissolve(work, other))
    do(database, FINANCE, lambda work: service.order(work, act_id))
    assert verbs(database, batch_id)[-1] == "reduced"
    assert verbs(database, other) == ["opened", "collected", "dissolved"]
    assert [one.status for one in lines(database, other)] == [LineStatus.RELEASED]
    assert broken(database) == []


def test_all_payable_acts_of_a_month_are_collected_up_to_a_limit(database: Database, line: UUID) -> None:
    first, second, third, fourth = acts(database, line, 10_00, 20_00, 30_00, 40_00)
    do(database, FINANCE, lambda work: service.order(work, first))
    draft(database, second)
    batch_id = do(database, SAULE, lambda work: batching.open_batch(work, territory=ALMATY, year=YEAR))
    assert do(database, SAULE, lambda w: batching.add_payable(w, batch_id, month=Month(2026, 4))) == 0
    assert do(database, SAULE, lambda w: batching.add_payable(w, batch_id, month=Month(2026, 3), limit=1)) == 1
    assert do(database, SAULE, lambda w: batching.add_payable(w, batch_id)) == 1
    assert [one.act_id for one in lines(database, batch_id)] == [third, fourth]
    waits = database.read(SYSTEM, lambda work: batch_queries.purses(work, ["75"]))
    assert [(one.territory, one.year, one.payable_minor) for one in waits] == [(ALMATY, YEAR, 100_00)]
    assert database.read(SYSTEM, lambda work: batch_queries.purses(work, ["71"])) == []
    assert database.read(SYSTEM, lambda w: batch_queries.payable_acts(w, territory=ALMATY, year=YEAR)) == []
    assert broken(database) == []


def test_a_batch_has_room_for_so_many_acts(database: Database, line: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "MOST_ACTS", 2)
    one, two, three = acts(database, line, 10_00, 20_00, 30_00)
    batch_id = draft(database, one)
    with pytest.raises(BatchFull):
        do(database, FINANCE, lambda work: batching.add(work, batch_id, [two, three]))
    assert do(database, FINANCE, lambda work: batching.add_payable(work, batch_id)) == 1
    assert MOST_ACTS <= 200, "what one transaction orders and one person looks through"


def test_a_batch_belongs_to_the_finance_officers_of_its_territory(database: Database, line: UUID) -> None:
    (act_id,) = acts(database, line, 100_00)
    batch_id = draft(database, act_id)
    for verb in (batching.submit, batching.dissolve, batching.remove_unpayable):
        with pytest.raises(NotAllowed):
            do(database, officer(301, Role.BUDGET_OFFICER), lambda work, v=verb: v(work, batch_id))
        with pytest.raises(BatchNotFound):
            do(database, officer(302, territory="71"), lambda work, v=verb: v(work, batch_id))
    with pytest.raises(NotAllowed):
        do(database, officer(302, territory="71"), lambda w: batching.open_batch(w, territory=ALMATY, year=YEAR))
    assert verbs(database, batch_id) == ["opened", "collected"]


# --- fixed ------------------------------------------------------------------------------------------------------------
def test_what_was_handed_in_does_not_change_any_more(database: Database, line: UUID) -> None:
    one, two = acts(database, line, 100_00, 50_00)
    batch_id = submitted(database, one)
    verbs_on_drafts = (
        lambda work: batching.add(work, batch_id, [two]),
        lambda work: batching.add_payable(work, batch_id),
        lambda work: batching.remove(work, batch_id, one),
        lambda work: batching.remove_unpayable(work, batch_id),
        lambda work: batching.submit(work, batch_id),
    )
    for verb in verbs_on_drafts:
        with pytest.raises(BatchNotOpen):
            do(database, FINANCE, verb)
    do(database, FINANCE, lambda work: batching.dissolve(work, batch_id))
    with pytest.raises(BatchOver):
        do(database, FINANCE, lambda work: batching.dissolve(work, batch_id))
    with pytest.raises(BatchOver):
        order(database, batch_id)
    empty = do(database, FINANCE, lambda work: batching.open_batch(work, territory=ALMATY, year=YEAR))
    with pytest.raises(BatchEmpty):
        do(database, FINANCE, lambda work: batching.submit(work, empty))
    with pytest.raises(BatchNotSubmitted):
        order(database, empty)
    with pytest.raises(BatchNotSubmitted):
        decide(database, SAULE, empty)
    assert broken(database) == []


# --- approved on the total --------------------------------------------------------------------------------------------
def test_a_batch_is_approved_on_its_total_not_on_each_act(database: Database, line: UUID) -> None:
    threshold(database, 2, least=300_00)
    small = submitted(database, *acts(database, line, 100_00, 100_00))
    with pytest.raises(NothingToApprove):
        decide(database, SAULE, small)
    order(database, small)
    large = submitted(database, *acts(database, line, 100_00, 100_00, 100_00))
    for approver in (SAULE, MURAT):
        with pytest.raises(ApprovalMissing):
            order(database, large)
        decide(database, approver, large)
        decide(database, approver, large)  # twice is once
    order(database, large)
    assert batch(database, large).ordered_minor == 300_00
    assert broken(database) == []


def test_nobody_approves_or_pays_what_they_had_a_part_in(database: Database, line: UUID) -> None:
    threshold(database, 1, least=1)
    batch_id = submitted(database, *acts(database, line, 100_00), actor=AIDA)
    accepter = Actor(ACCEPTER, "accepter", (Grant(Role.FINANCE_OFFICER, territory=""),))
    with pytest.raises(SelfApproval):
        decide(database, AIDA, batch_id)
    with pytest.raises(SelfApproval, match="R1-"):
        decide(database, accepter, batch_id)
    decide(database, SAULE, batch_id)
    with pytest.raises(ThirdPersonNeeded, match="R1-"):
        order(database, batch_id, accepter)
    with pytest.raises(SelfApproval):
        order(database, batch_id, SAULE)
    order(database, batch_id, AIDA)
    assert broken(database) == []


def test_who_is_not_free_towards_one_organisation_is_refused_for_the_batch_and_told_which(
    database: Database, line: UUID
) -> None:
    threshold(database, 1, least=1)
    tied = database.write(SYSTEM, lambda work: payee(work, legal_name="Quiet House"))
    batch_id = submitted(database, *acts(database, line, 100_00), *acts(database, line, 5_00, paid_to=tied))
    do(database, SAULE, lambda work: declare_interest(work, provider_id=tied[0], reason="my sister works there"))
    with pytest.raises(InterestDeclared, match="Quiet House"):
        decide(database, SAULE, batch_id)
    decide(database, MURAT, batch_id)
    with pytest.raises(InterestDeclared, match="Quiet House"):
        order(database, batch_id, SAULE)
    order(database, batch_id, AIDA)
    assert broken(database) == []


def test_a_rejected_batch_is_not_ordered(database: Database, line: UUID) -> None:
    threshold(database, 1, least=1)
    batch_id = submitted(database, *acts(database, line, 100_00))
    decide(database, SAULE, batch_id)
    decide(database, MURAT, batch_id, Verdict.REJECTED, "one house was closed in March")
    with pytest.raises(ApprovalMissing):
        order(database, batch_id)
    do(database, FINANCE, lambda work: batching.dissolve(work, batch_id))
    assert broken(database) == []


def test_an_act_whose_payment_somebody_rejected_is_not_paid_with_a_batch_either(database: Database, line: UUID) -> None:
    threshold(database, 1, least=100_00)
    (act_id,) = acts(database, line, 100_00)
    do(database, SAULE, lambda w: clearance.decide_on_act(w, act_id, verdict=Verdict.REJECTED, reason="look again"))
    batch_id = do(database, FINANCE, lambda work: batching.open_batch(work, territory=ALMATY, year=YEAR))
    with pytest.raises(ActNotForBatch):
        do(database, FINANCE, lambda work: batching.add(work, batch_id, [act_id]))
    assert do(database, FINANCE, lambda work: batching.add_payable(work, batch_id)) == 0


# --- what drops out ---------------------------------------------------------------------------------------------------
def test_what_cannot_be_paid_any_more_drops_out_with_its_reason_and_the_rest_goes(
    database: Database, line: UUID
) -> None:
    threshold(database, 1, least=100_00)
    good, bad = acts(database, line, 40_00, 100_00)
    batch_id = submitted(database, good, bad)
    decide(database, SAULE, batch_id)
    do(database, MURAT, lambda w: clearance.decide_on_act(w, bad, verdict=Verdict.REJECTED, reason="look again"))
    order(database, batch_id)
    assert dropped(database, batch_id) == {bad: "rejected"}
    made = batch(database, batch_id)
    assert (made.total_minor, made.ordered_minor) == (140_00, 40_00)
    assert payable(database, bad).free == 100_00
    assert broken(database) == []


def test_a_batch_of_which_nothing_can_be_paid_is_not_ordered_but_dissolved(database: Database, line: UUID) -> None:
    threshold(database, 1, least=100_00)
    (act_id,) = acts(database, line, 100_00)
    batch_id = submitted(database, act_id)
    decide(database, SAULE, batch_id)
    do(database, MURAT, lambda w: clearance.decide_on_act(w, act_id, verdict=Verdict.REJECTED, reason="no"))
    with pytest.raises(BatchEmpty):
        order(database, batch_id)
    assert batch(database, batch_id).status is BatchStatus.SUBMITTED
    do(database, FINANCE, lambda work: batching.dissolve(work, batch_id))


def test_a_draft_is_handed_in_once_what_cannot_be_paid_is_taken_out(database: Database, line: UUID) -> None:
    threshold(database, 1, least=100_00)
    good, bad = acts(database, line, 40_00, 100_00)
    batch_id = draft(database, good, bad)
    do(database, SAULE, lambda w: clearance.decide_on_act(w, bad, verdict=Verdict.REJECTED, reason="look again"))
    with pytest.raises(BatchNotReady, match="R1-"):
        do(database, FINANCE, lambda work: batching.submit(work, batch_id))
    assert do(database, FINANCE, lambda work: batching.remove_unpayable(work, batch_id)) == 1
    do(database, FINANCE, lambda work: batching.submit(work, batch_id))
    assert batch(database, batch_id).total_minor == 40_00
    assert broken(database) == []


def test_a_payment_that_failed_stays_visible_in_its_batch_and_its_act_is_paid_with_another(
    database: Database, line: UUID
) -> None:
    (act_id,) = acts(database, line, 100_00)
    first = submitted(database, act_id)
    order(database, first)
    (payment_id,) = payments_in(database, first)
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE payment SET status = 'sending'"))
    do(database, SYSTEM, lambda work: fail(work, payment_id, why="no such account"))
    second = submitted(database, act_id)
    order(database, second)
    assert payments_in(database, first) == [payment_id]
    assert payment(database, payment_id).status is PaymentStatus.FAILED
    assert payments_in(database, second) != [payment_id]
    assert broken(database) == []


def test_what_was_forged_in_a_batch_is_found(database: Database, line: UUID) -> None:
    threshold(database, 1, least=1)
    batch_id = submitted(database, *acts(database, line, 100_00, 50_00))
    decide(database, SAULE, batch_id)
    order(database, batch_id)
    draft(database, *acts(database, line, 7_00))
    assert broken(database) == []
    for forgery in (
        "UPDATE payment_batch SET total_minor = total_minor + 1",
        "UPDATE payment_batch SET ordered_minor = ordered_minor - 1 WHERE status = 'ordered'",
        "UPDATE payment_batch_line SET amount_minor = amount_minor + 1 WHERE status = 'held'",
        "UPDATE payment_batch SET status = 'dissolved' WHERE status = 'draft'",
        "UPDATE payment SET amount_minor = amount_minor - 1",
        "UPDATE approval_threshold SET approvers = 2",
        "UPDATE payment_batch SET ordered_by = (SELECT decided_by FROM approval) WHERE status = 'ordered'",
    ):
        with database.engine.connect() as connection:
            transaction = connection.begin()
            connection.execute(sa.text(forgery))
            work = Work(connection, SYSTEM, read_clock(connection))
            every = [*batch_invariants.invariants(), *approval_invariants.invariants()]
            assert [i.name for i in every if work.rows(i.broken)], forgery
            transaction.rollback()


def test_batches_are_rebuilt_from_the_trail_alone(database: Database, line: UUID) -> None:
    threshold(database, 1, least=1)
    batch_id = submitted(database, *acts(database, line, 100_00, 50_00))
    decide(database, SAULE, batch_id)
    order(database, batch_id)
    dissolved = draft(database, *acts(database, line, 7_00))
    do(database, FINANCE, lambda work: batching.dissolve(work, dissolved))
    told = [table_of(row) for row in (BatchRow, BatchLineRow, ClearanceRow, ApprovalRow)]
    found = database.read(SYSTEM, lambda work: replay(work, told))
    assert (found.rows, found.differences) == (6, [])


def test_lines_of_several_purses_are_paid_together(database: Database, line: UUID) -> None:
    other = line_with_money(database)
    batch_id = submitted(database, *acts(database, line, 100_00), *acts(database, other, 30_00))
    order(database, batch_id)
    assert {one.line_id for one in lines(database, batch_id)} == {line, other}
    assert broken(database) == []
    assert database.read(SYSTEM, lambda w: w.scalar(sa.select(sa.func.count()).select_from(BatchLineRow))) == 2
