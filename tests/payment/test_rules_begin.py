"""A rule, and a word about an order, begin between two orders: by the moments whoever checks later finds what was
seen."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from uuid import UUID

import sqlalchemy as sa

from contracts.approval import service as approvals
from contracts.approval.rules import ApprovalMissing, Verdict
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Work
from contracts.payment import advancing, clearance, service
from contracts.payment.advance_rules import AdvanceNotAgreed
from tests.payment.advances import House, approve, ask, broken, contract
from tests.payment.batches import SAULE, acts, do, threshold
from tests.payment.houses import BUDGET, FINANCE

PATIENCE = 60  # seconds for another transaction to come to where it waits
Verb = Callable[[Work], object]


def ask_for_two(work: Work) -> None:
    approvals.set_threshold(work, territory="", least_minor=1_00, approvers=2, from_on=work.today, source="order 4")


def allow_nothing(work: Work) -> None:
    advancing.set_rule(work, territory="75", most_bp=0, from_on=work.today, source="order 8")


def at_one_moment(database: Database, *steps: tuple[Actor, Verb]) -> None:
    """One after the other, and no clock shows that time went by: as several use cases of one commit."""

    def both(work: Work) -> None:
        for actor, verb in steps:
            verb(one := Work(work.connection, actor, work.now))
            work.now = one.now

    do(database, SYSTEM, both)


def beside(database: Database, first: tuple[Actor, Verb], second: tuple[Actor, Verb]) -> "Future[object]":
    """The first is done and not yet committed when the second begins."""
    done, go_on = Event(), Event()

    def slowly(work: Work) -> None:
        first[1](work)
        done.set()
        assert go_on.wait(PATIENCE)

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(do, database, first[0], slowly)
        assert done.wait(PATIENCE)
        other = pool.submit(do, database, second[0], second[1])
        try:
            _until_it_waits(database, other)
        finally:
            go_on.set()
        one.result(PATIENCE)
    return other


def _until_it_waits(database: Database, other: "Future[object]") -> None:
    """SQLite has one writer: there it waits anyway."""
    if database.engine.dialect.name == "sqlite":
        return
    end = time.monotonic() + PATIENCE
    waits = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    while not other.done():
        with database.engine.connect() as connection:
            if connection.scalar(waits):
                return
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_threshold_of_the_same_moment_does_not_bind_what_was_ordered_before_it(
    database: Database, line: UUID
) -> None:
    (act,) = acts(database, line, 100_00)
    at_one_moment(database, (FINANCE, lambda w: service.order(w, act)), (BUDGET, ask_for_two))
    assert broken(database) == []


def test_a_share_of_the_same_moment_does_not_bind_what_was_ordered_before_it(
    database: Database, line: UUID, house: House
) -> None:
    one = ask(database, house, contract(database, line, house))
    approve(database, one)
    at_one_moment(database, (FINANCE, lambda w: advancing.order(w, one)), (BUDGET, allow_nothing))
    assert broken(database) == []


def test_who_changes_their_mind_at_the_same_moment_comes_too_late(database: Database, line: UUID) -> None:
    threshold(database, 1, least=1_00)
    (act,) = acts(database, line, 100_00)
    do(database, SAULE, lambda w: clearance.decide_on_act(w, act, verdict=Verdict.APPROVED))
    at_one_moment(
        database,
        (FINANCE, lambda w: service.order(w, act)),
        (SAULE, lambda w: clearance.decide_on_act(w, act, verdict=Verdict.REJECTED, reason="wait")),
    )
    assert broken(database) == []


def test_who_orders_waits_for_a_threshold_that_is_being_set(database: Database, line: UUID) -> None:
    (act,) = acts(database, line, 100_00)
    ordered = beside(database, (BUDGET, ask_for_two), (FINANCE, lambda w: service.order(w, act)))
    assert isinstance(ordered.exception(), ApprovalMissing)
    assert broken(database) == []


def test_who_sets_a_threshold_waits_for_an_order_that_is_being_weighed(database: Database, line: UUID) -> None:
    (act,) = acts(database, line, 100_00)
    rule = beside(database, (FINANCE, lambda w: service.order(w, act)), (BUDGET, ask_for_two))
    assert rule.exception() is None
    assert broken(database) == []


def test_who_orders_an_advance_waits_for_a_rule_that_is_being_set(database: Database, line: UUID, house: House) -> None:
    one = ask(database, house, contract(database, line, house))
    approve(database, one)
    ordered = beside(database, (BUDGET, allow_nothing), (FINANCE, lambda w: advancing.order(w, one)))
    assert isinstance(ordered.exception(), AdvanceNotAgreed)
    assert broken(database) == []
