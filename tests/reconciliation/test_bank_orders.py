"""Payments through the bank's files: ordered as pain.001, settled by what the statement says, and by nothing else."""

import re
from collections.abc import Callable
from threading import Thread
from uuid import UUID

import pytest
import xmlschema

from contracts.approval import service as approvals
from contracts.approval.rules import Verdict
from contracts.audit import queries as audit
from contracts.kernel.errors import NotFound
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.payment import approval_invariants, batching, clearance, progress
from contracts.payment import service as paying
from contracts.payment.batch_rules import ActNotForBatch, BatchEmpty
from contracts.payment.iso20022 import PAIN, read, schema_file
from contracts.payment.rules import (
    NothingToSetOff,
    PaidByFile,
    PaymentExists,
    PaymentStatus,
    RecoveryFirst,
)
from contracts.reconciliation import bank_orders, queries, service
from contracts.reconciliation.rules import NothingToSend, Resolution
from tests.payment import batches
from tests.payment.houses import (
    BUDGET,
    FINANCE,
    QUICK,
    accepted_act,
    ordered,
    paid,
    payable,
    payee,
    payment,
    verbs,
)
from tests.reconciliation.bank import OURS, Bank, Entry
from tests.reconciliation.houses import (
    DANA,
    ERLAN,
    broken,
    cases,
    do,
    follow_paid,
    number,
    office,
    sent_to_bank,
    settled,
    take_in,
)


def test_what_waits_goes_to_the_bank_in_one_order_and_no_worker_sends_it(
    database: Database, line: UUID, treasury: UUID
) -> None:
    ids = [ordered(database, line, total=100_00 + n) for n in range(3)]
    assert do(database, SYSTEM, lambda w: progress.claim_to_send(w, limit=9, patience=QUICK)) == []
    name, body = sent_to_bank(database, treasury)
    message = read(body, PAIN)
    assert (message.text("GrpHdr/MsgId"), message.text("GrpHdr/NbOfTxs"), message.text("GrpHdr/CtrlSum")) == (
        name, "3", "300.03",
    )  # fmt: skip
    told = [one.text("PmtId/EndToEndId") for one in message.each("PmtInf/CdtTrfTxInf")]
    assert told == [number(database, one) for one in ids]
    (order,) = message.each("PmtInf")
    assert order.text("DbtrAcct/Id/IBAN") == OURS
    assert {one.text("CdtrAcct/Id/IBAN") for one in message.each("PmtInf/CdtTrfTxInf")} == {"KZ86125KZT5004100100"}
    assert {payment(database, one).status for one in ids} == {PaymentStatus.SENT}
    assert verbs(database, ids[0]) == ["ordered", "sent"]
    with pytest.raises(NothingToSend):
        do(database, DANA, lambda work: bank_orders.make_order(work, treasury))
    assert sent_again(database, name) == body, "the same bytes every time"
    assert do(database, SYSTEM, lambda w: progress.claim_to_look(w, limit=9, patience=QUICK)) == []
    assert broken(database) == []


def sent_again(database: Database, name: str) -> bytes:
    return database.read(DANA, lambda work: bank_orders.file_of(work, name))[1]


def test_the_file_is_as_iso_20022_describes_it_by_another_validator_too(
    database: Database, line: UUID, treasury: UUID
) -> None:
    ordered(database, line)
    _, body = sent_to_bank(database, treasury)
    schema = xmlschema.XMLSchema(str(schema_file(PAIN)))
    schema.validate(body.decode())


def test_a_line_of_exactly_what_was_ordered_settles_and_any_other_is_a_case(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    right, less, elsewhere = (ordered(database, line, total=100_00) for _ in range(3))
    sent_to_bank(database, treasury)
    take_in(database, bank.statement(
        Entry(-100_00, number(database, right)), Entry(-99_00, number(database, less)),
        Entry(-100_00, number(database, elsewhere), "KZ56125KZT0111111113"),
    ))  # fmt: skip
    assert payment(database, right).status is PaymentStatus.SETTLED
    assert {payment(database, one).status for one in (less, elsewhere)} == {PaymentStatus.SENT}
    assert paid(database, line) == 100_00
    assert {case.payment_id for case in cases(database)} == {less, elsewhere}
    assert verbs(database, right) == ["ordered", "sent", "settled"]
    assert broken(database) == []


def test_money_that_the_bank_books_back_returns_to_the_act(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    one = ordered(database, line, total=100_00)
    sent_to_bank(database, treasury)
    take_in(database, bank.statement(Entry(-100_00, number(database, one))))
    take_in(database, bank.statement(Entry(100_00, number(database, one), returned=True)))
    assert payment(database, one).status is PaymentStatus.RETURNED
    assert (paid(database, line), payable(database, payment(database, one).act_id).free) == (0, 100_00)
    assert (cases(database), broken(database)) == ([], [])


def test_money_that_the_bank_books_back_in_parts_returns_to_the_act_once(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    one = ordered(database, line, total=200_00)
    sent_to_bank(database, treasury)
    take_in(database, bank.statement(Entry(-200_00, number(database, one))))
    take_in(database, bank.statement(Entry(50_00, number(database, one), returned=True)))
    agree(database)
    take_in(database, bank.statement(Entry(150_00, number(database, one), returned=True)))
    agree(database)
    assert (paid(database, line), payable(database, payment(database, one).act_id).free) == (0, 200_00)
    assert (cases(database), broken(database)) == ([], [])


def test_money_that_came_back_is_ordered_again_once_the_payment_is_given_up(
    database: Database, line: UUID, treasury: UUID, bank: Bank
) -> None:
    one = ordered(database, line, total=100_00)
    act_id = payment(database, one).act_id
    sent_to_bank(database, treasury)
    with pytest.raises(PaidByFile):
        do(database, FINANCE, lambda work: paying.reverse(work, one))
    sent, back = Entry(-100_00, number(database, one)), Entry(100_00, number(database, one), returned=True)
    take_in(database, bank.statement(sent, back))
    with pytest.raises(PaymentExists):
        do(database, FINANCE, lambda work: paying.order(work, act_id))
    do(database, FINANCE, lambda work: paying.reverse(work, one))
    assert verbs(database, one)[-2:] == ["returned", "reversed"]
    again = do(database, FINANCE, lambda work: paying.order(work, act_id))
    assert payment(database, again).amount_minor == 100_00
    assert (cases(database), broken(database)) == ([], [])


def test_orders_are_for_finance_officers_of_the_accounts_territory(
    database: Database, line: UUID, treasury: UUID
) -> None:
    ordered(database, line)
    far = Actor(UUID(int=8), "Saule", (Grant(Role.FINANCE_OFFICER, territory="71"),))
    with pytest.raises(NotFound):
        do(database, far, lambda work: bank_orders.make_order(work, treasury))
    name, _ = sent_to_bank(database, treasury)
    with pytest.raises(NotFound):
        database.read(far, lambda work: bank_orders.file_of(work, name))
    assert re.fullmatch(r"B-[0-9A-Z]{5}-[0-9A-Z]{5}", name)


# --- what is left, and what was too much ------------------------------------------------------------------------------
def agree(database: Database) -> None:
    (case,) = cases(database)
    do(database, DANA, lambda w: service.propose(w, case.number, resolution=Resolution.CORRECTION, reason="as booked"))
    do(database, ERLAN, lambda w: service.approve(w, case.number))


def test_what_the_bank_paid_too_little_is_ordered_again_as_the_rest(database: Database, line: UUID) -> None:
    bank = office(database)
    (one,) = settled(database, line)
    take_in(database, bank.statement(Entry(-60_00, number(database, one)), days=9))
    agree(database)
    act_id = payment(database, one).act_id
    rest = do(database, FINANCE, lambda work: paying.order(work, act_id))
    assert payment(database, rest).amount_minor == 40_00
    with pytest.raises(PaymentExists):
        do(database, FINANCE, lambda work: paying.order(work, act_id))
    assert broken(database) == []


def test_a_rest_is_judged_by_the_whole_act_that_was_approved(database: Database, line: UUID) -> None:
    bank = office(database)
    act_id = do(database, SYSTEM, lambda work: accepted_act(work, line, total=100_00))
    do(database, BUDGET, lambda work: approvals.set_threshold(
        work, territory="", least_minor=30_00, approvers=1, from_on=work.today, source="order 3"
    ))  # fmt: skip
    do(database, ERLAN, lambda work: clearance.decide_on_act(work, act_id, verdict=Verdict.APPROVED))
    one = do(database, FINANCE, lambda work: paying.order(work, act_id))
    settle(database, one)
    take_in(database, bank.statement(Entry(-60_00, number(database, one)), days=9))
    agree(database)
    rest = do(database, FINANCE, lambda work: paying.order(work, act_id))
    assert payment(database, rest).amount_minor == 40_00
    every = approval_invariants.invariants()
    wrong = database.read(SYSTEM, lambda work: [i.name for i in every if work.rows(i.broken)])
    assert wrong == [], "a rest above the threshold, which nobody approved by its own amount"


def test_what_a_payee_had_too_much_is_set_off_before_the_next_act_is_paid(database: Database, line: UUID) -> None:
    bank = office(database)
    house = do(database, SYSTEM, payee)
    first = ordered(database, line, total=100_00, paid_to=house)
    settle(database, first)
    take_in(database, bank.statement(Entry(-130_00, number(database, first)), days=9))
    agree(database)
    act_id = do(database, SYSTEM, lambda work: accepted_act(work, line, total=50_00, paid_to=house))
    with pytest.raises(RecoveryFirst):
        do(database, FINANCE, lambda work: paying.order(work, act_id))
    assert do(database, FINANCE, lambda work: paying.set_off(work, act_id)) == 30_00
    next_ = do(database, FINANCE, lambda work: paying.order(work, act_id))
    assert payment(database, next_).amount_minor == 20_00
    assert paid(database, line) == 130_00, "what left the bank"
    assert "recovered" in [
        event.verb for event in database.read(SYSTEM, lambda work: audit.events_of(work, "payment", first))
    ]
    other = do(database, SYSTEM, lambda work: accepted_act(work, line, total=50_00))
    with pytest.raises(NothingToSetOff):
        do(database, FINANCE, lambda work: paying.set_off(work, other))
    assert broken(database) == []


def test_a_batch_goes_to_the_bank_in_a_file_of_its_own(database: Database, line: UUID, treasury: UUID) -> None:
    alone = ordered(database, line)
    batch_id = batches.submitted(database, *batches.acts(database, line, 50_00, 70_00))
    batches.order(database, batch_id)
    together = batches.payments_in(database, batch_id)
    account = database.read(SYSTEM, lambda w: queries.account_for_file(w, batches.batch_queries.batch(w, batch_id)))
    assert account is not None
    assert account.id == treasury
    do(database, DANA, lambda work: bank_orders.make_order(work, treasury, batch_id=batch_id))
    made = database.read(SYSTEM, lambda work: queries.bank_orders(work, [""], limit=1))[0]
    assert (made.payments, made.total_minor) == (2, 120_00)
    assert [payment(database, one).status for one in (alone, *together)] == [
        PaymentStatus.ORDERED, PaymentStatus.SENT, PaymentStatus.SENT
    ]  # fmt: skip
    with pytest.raises(NothingToSend):
        do(database, DANA, lambda work: bank_orders.make_order(work, treasury, batch_id=batch_id))
    do(database, DANA, lambda work: bank_orders.make_order(work, treasury))
    assert payment(database, alone).status is PaymentStatus.SENT
    assert batches.broken(database) == []


def test_whose_debt_or_rest_changed_drops_out_of_a_batch_and_the_others_are_paid(
    database: Database, line: UUID
) -> None:
    bank = office(database)
    owing, other = do(database, SYSTEM, payee), do(database, SYSTEM, payee)
    first = ordered(database, line, total=100_00, paid_to=owing)
    settle(database, first)
    late, rest = batches.acts(database, line, 50_00, 70_00, paid_to=owing)
    (good,) = batches.acts(database, line, 9_00, paid_to=other)
    indebted, changed = batches.submitted(database, late, good), batches.submitted(database, rest)
    take_in(database, bank.statement(Entry(-130_00, number(database, first)), days=9))
    agree(database)
    with pytest.raises(ActNotForBatch):
        batches.draft(database, *batches.acts(database, line, 5_00, paid_to=owing))
    batches.order(database, indebted)
    assert batches.dropped(database, indebted) == {late: "debt"}
    assert [payment(database, one).amount_minor for one in batches.payments_in(database, indebted)] == [9_00]
    do(database, FINANCE, lambda work: paying.set_off(work, rest))
    with pytest.raises(BatchEmpty):
        batches.order(database, changed)
    do(database, DANA, lambda work: batching.dissolve(work, changed))
    again = batches.submitted(database, late, rest)
    assert batches.batch(database, again).total_minor == 50_00 + 40_00
    batches.order(database, again)
    assert broken(database) == batches.broken(database) == []


def test_two_acts_ordered_at_once_set_one_debt_off_once_and_both_are_paid(database: Database, line: UUID) -> None:
    bank = office(database)
    house = do(database, SYSTEM, payee)
    first = ordered(database, line, total=100_00, paid_to=house)
    settle(database, first)
    take_in(database, bank.statement(Entry(-130_00, number(database, first)), days=9))
    agree(database)
    acts = [do(database, SYSTEM, lambda work: accepted_act(work, line, total=50_00, paid_to=house)) for _ in range(2)]
    ended: list[UUID | None] = []

    def order(act_id: UUID, meanwhile: Callable[[], None]) -> None:
        def ordered(work: Work) -> UUID | None:
            payment_id = paying.order_rest(work, act_id)
            meanwhile()
            return payment_id

        ended.append(do(database, FINANCE, ordered))

    second = Thread(target=order, args=(acts[1], lambda: None))

    def begin_second() -> None:
        second.start()
        second.join(0.3)  # it has looked by now, and waits
        assert second.is_alive()

    order(acts[0], begin_second)
    second.join()
    assert sorted(payment(database, one).amount_minor for one in ended if one) == [20_00, 50_00]
    assert broken(database) == []


def test_an_act_that_is_set_off_whole_needs_no_payment(database: Database, line: UUID) -> None:
    bank = office(database)
    house = do(database, SYSTEM, payee)
    first = ordered(database, line, total=100_00, paid_to=house)
    settle(database, first)
    take_in(database, bank.statement(Entry(-180_00, number(database, first)), days=9))
    agree(database)
    act_id = do(database, SYSTEM, lambda work: accepted_act(work, line, total=50_00, paid_to=house))
    assert do(database, FINANCE, lambda work: paying.set_off(work, act_id)) == 50_00
    assert payable(database, act_id).balance == 0
    with pytest.raises(PaymentExists):
        do(database, FINANCE, lambda work: paying.set_off(work, act_id))
    assert broken(database) == []


def test_what_a_payee_sends_back_is_the_lines_money_again(database: Database, line: UUID) -> None:
    bank = office(database)
    (one,) = settled(database, line)
    take_in(database, bank.statement(Entry(-130_00, number(database, one)), days=9))
    agree(database)
    take_in(database, bank.statement(Entry(30_00, number(database, one), returned=True)))
    agree(database)
    assert (paid(database, line), cases(database), broken(database)) == (100_00, [], [])
    assert do(database, SYSTEM, service.reconcile) == 0


def settle(database: Database, payment_id: UUID) -> None:
    def fn(work: Work) -> None:
        progress.claim_to_send(work, limit=9, patience=QUICK)
        follow_paid(work, payment_id)

    do(database, SYSTEM, fn)
