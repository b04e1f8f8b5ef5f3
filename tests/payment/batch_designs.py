"""Ways of ordering a batch that are wrong on purpose: not as a whole, so that who dies in the middle leaves a half.

Each is right as long as nobody dies and nobody else orders the same batch.
"""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from contracts.act.rules import Act
from contracts.audit.service import record
from contracts.kernel.database import table_of
from contracts.kernel.ids import new_id
from contracts.kernel.work import Actor, Work
from contracts.ledger import queries as accounts
from contracts.ledger import service as ledger
from contracts.ledger.rules import AccountKind
from contracts.payment import batch_queries, batching, queries, service
from contracts.payment.batch_models import BatchLineRow, BatchRow
from contracts.payment.batch_rules import BatchLine, BatchOver, BatchStatus, LineStatus, total_of
from contracts.payment.rules import PaymentExists

Commit = Callable[[str, Actor, Callable[[Work], object]], int]
OrderBatch = Callable[[Commit, Actor, UUID], int]
NAME = "order batch"
_batches, _lines = table_of(BatchRow), table_of(BatchLineRow)


def piece_by_piece(commit: Commit, actor: Actor, batch_id: UUID) -> int:
    """One transaction a payment; at the end the batch is said to have ordered what this officer remembers."""
    seen: list[BatchLine] = []
    commit("look", actor, lambda work: seen.extend(batch_queries.lines(work, batch_id)))
    waiting = [line for line in seen if line.status is LineStatus.HELD]
    going = [line for line in waiting if commit(NAME, actor, lambda work, one=line: _order_one(work, one))]
    return commit(NAME, actor, lambda work: _mark(work, batch_id, total_of(going)))


def _order_one(work: Work, line: BatchLine) -> None:
    act, payment_id = _act(work, line), new_id()
    assert work.actor.id is not None
    service.insert(work, act, payment_id, work.actor.id, line.amount_minor)
    record(work, "payment", payment_id, "ordered")
    _ordered(work, line, payment_id)
    record(work, "payment-batch", line.batch_id, "partly-ordered")


def pay_then_mark(commit: Commit, actor: Actor, batch_id: UUID) -> int:
    """All payments at once, out of the line's free money; the acts and the batch are brought up to it afterwards. Who
    finds the batch unmarked pays whatever of it is not under way."""
    if not commit(NAME, actor, lambda work: _pay_all(work, batch_id)):
        return 0
    return commit(NAME, actor, lambda work: _catch_up(work, batch_id))


def _pay_all(work: Work, batch_id: UUID) -> None:
    batch = batching.owned(work, batch_id)
    if batch.status is not BatchStatus.SUBMITTED:
        raise BatchOver
    assert work.actor.id is not None
    for line in batch_queries.lines(work, batch_id):
        free = accounts.account_of(work, AccountKind.APPROPRIATED, line.line_id)
        assert free is not None
        if queries.open_ended_payment(work, line.act_id) is not None:
            raise PaymentExists  # comes back when it is through
        payment_id = new_id()
        act = replace(_act(work, line), account_id=free.id)
        service.insert(work, act, payment_id, work.actor.id, line.amount_minor)
        record(work, "payment", payment_id, "ordered")


def _catch_up(work: Work, batch_id: UUID) -> None:
    lines = batch_queries.lines(work, batch_id)
    for line in lines:
        act, free = _act(work, line), accounts.account_of(work, AccountKind.APPROPRIATED, line.line_id)
        assert act.account_id is not None
        assert free is not None
        ledger.transfer(
            work, debit=act.account_id, credit=free.id, amount_minor=line.amount_minor, reason="paid-before",
            about_id=batch_id,
        )  # fmt: skip
        _ordered(work, line, queries.payments_of_act(work, line.act_id)[-1].id)
    _mark(work, batch_id, total_of(lines))


def _act(work: Work, line: BatchLine) -> Act:
    return batch_queries.acts_of(work, [line.act_id])[line.act_id]


def _ordered(work: Work, line: BatchLine, payment_id: UUID) -> None:
    held = _lines.c.status == LineStatus.HELD
    if not work.update(BatchLineRow, line.id, held, status=LineStatus.ORDERED, payment_id=payment_id):
        raise BatchOver


def _mark(work: Work, batch_id: UUID, ordered_minor: int) -> None:
    submitted = _batches.c.status == BatchStatus.SUBMITTED
    facts = {"status": BatchStatus.ORDERED, "ordered_minor": ordered_minor}
    if not work.update(
        BatchRow, batch_id, submitted, ordered_by=work.actor.id, ordered_at=work.now, **facts
    ):  # fmt: skip
        raise BatchOver
    record(work, "payment-batch", batch_id, "ordered")


BATCH_ORDERS: dict[str, OrderBatch] = {"piece by piece": piece_by_piece, "pay then mark": pay_then_mark}
