"""Batches as officers make them: acts of several organisations, thresholds, people who approve."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from contracts.approval import service as approvals
from contracts.approval.rules import CountedOver, Verdict
from contracts.audit import queries as audit
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.payment import approval_invariants, batch_invariants, batch_ordering, batch_queries, batching
from contracts.payment.batch_rules import Batch, BatchLine, LineStatus
from tests.payment.houses import ALMATY, BUDGET, FINANCE, accepted_act
from tests.payment.houses import broken as broken_payments

T = TypeVar("T")
YEAR = 2026


def officer(number: int, role: Role = Role.FINANCE_OFFICER, territory: str = "75") -> Actor:
    return Actor(UUID(int=number), f"officer {number}", (Grant(role, territory=territory),))


SAULE, MURAT, AIDA = officer(201), officer(202), officer(203)


def do(database: Database, actor: Actor, verb: Callable[[Work], T]) -> T:
    return database.write(actor, verb)


def threshold(
    database: Database, approvers: int, *, least: int, over: CountedOver = CountedOver.ORDER, territory: str = ""
) -> None:
    database.write(
        BUDGET,
        lambda work: approvals.set_threshold(
            work, territory=territory, least_minor=least, approvers=approvers, from_on=work.today, source="order 3",
            counted_over=over,
        ),
    )  # fmt: skip


def acts(database: Database, line: UUID, *totals: int, paid_to: tuple[UUID, UUID, UUID] | None = None) -> list[UUID]:
    return [
        database.write(SYSTEM, lambda work, t=total: accepted_act(work, line, total=t, paid_to=paid_to))
        for total in totals
    ]


def draft(database: Database, *act_ids: UUID, actor: Actor = FINANCE) -> UUID:
    def make(work: Work) -> UUID:
        batch_id = batching.open_batch(work, territory=ALMATY, year=YEAR)
        batching.add(work, batch_id, act_ids)
        return batch_id

    return database.write(actor, make)


def submitted(database: Database, *act_ids: UUID, actor: Actor = FINANCE) -> UUID:
    batch_id = draft(database, *act_ids, actor=actor)
    database.write(actor, lambda work: batching.submit(work, batch_id))
    return batch_id


def decide(
    database: Database, actor: Actor, batch_id: UUID, verdict: Verdict = Verdict.APPROVED, reason: str = ""
) -> None:
    database.write(actor, lambda work: batch_ordering.decide(work, batch_id, verdict=verdict, reason=reason))


def order(database: Database, batch_id: UUID, actor: Actor = FINANCE) -> None:
    database.write(actor, lambda work: batch_ordering.order(work, batch_id))


def batch(database: Database, batch_id: UUID) -> Batch:
    return database.read(SYSTEM, lambda work: batch_queries.batch(work, batch_id))


def lines(database: Database, batch_id: UUID) -> list[BatchLine]:
    return database.read(SYSTEM, lambda work: batch_queries.lines(work, batch_id))


def payments_in(database: Database, batch_id: UUID) -> list[UUID]:
    return [one.payment_id for one in lines(database, batch_id) if one.payment_id is not None]


def dropped(database: Database, batch_id: UUID) -> dict[UUID, str]:
    """By act: for what it dropped out."""
    return {one.act_id: str(one.lack) for one in lines(database, batch_id) if one.status is LineStatus.DROPPED}


def verbs(database: Database, batch_id: UUID) -> list[str]:
    return [e.verb for e in database.read(SYSTEM, lambda work: audit.events_of(work, "payment-batch", batch_id))]


def broken(database: Database) -> list[str]:
    """The names of the sentences that do not hold."""
    every = [*batch_invariants.invariants(), *approval_invariants.invariants()]
    wrong = database.read(SYSTEM, lambda work: [i.name for i in every if work.rows(i.broken.limit(1))])
    return wrong + broken_payments(database)
