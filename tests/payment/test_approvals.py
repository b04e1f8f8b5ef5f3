"""Much money leaves only when enough others agree; nobody agrees with themselves, nor where they are not free."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.act import service as acting
from contracts.act.rules import ActNotFound
from contracts.approval import queries
from contracts.approval import service as approvals
from contracts.approval.rules import (
    ApprovalMissing,
    InterestDeclared,
    InterestNotFound,
    InterestStands,
    NothingToApprove,
    ReasonMissing,
    SelfApproval,
    Standing,
    ThresholdTaken,
    ThresholdWrong,
    Verdict,
)
from contracts.audit import queries as audit
from contracts.kernel.clock import read_clock
from contracts.kernel.errors import NotAllowed
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.payment import approval_invariants, clearance, service
from contracts.payment.rules import ActNotAccepted
from tests.payment.houses import ACCEPTER, ACT_TOTAL, BUDGET, FINANCE, accepted_act, line_with_money

T = TypeVar("T")
YES, NO = Verdict.APPROVED, Verdict.REJECTED


def officer(number: int, role: Role = Role.FINANCE_OFFICER, territory: str = "75") -> Actor:
    return Actor(UUID(int=number), f"officer {number}", (Grant(role, territory=territory),))


SAULE, MURAT, AIDA = officer(201), officer(202), officer(203)
ADMINISTRATOR = Actor(UUID(int=204), "administrator", (Grant(Role.ADMINISTRATOR),))


def today(database: Database) -> date:
    return database.read(SYSTEM, lambda work: work.today)


def threshold(
    database: Database, approvers: int, *, least: int = 1_000_00, territory: str = "", actor: Actor = BUDGET
) -> UUID:
    return database.write(
        actor,
        lambda work: approvals.set_threshold(
            work, territory=territory, least_minor=least, approvers=approvers, from_on=work.today, source="order 3"
        ),
    )


@pytest.fixture
def act_id(database: Database) -> UUID:
    line_id = line_with_money(database)
    return database.write(SYSTEM, lambda work: accepted_act(work, line_id))


def decide(database: Database, actor: Actor, act_id: UUID, verdict: Verdict = YES, reason: str = "") -> UUID:
    return database.write(actor, lambda work: clearance.decide_on_act(work, act_id, verdict=verdict, reason=reason))


def order(database: Database, act_id: UUID, actor: Actor = FINANCE) -> UUID:
    return database.write(actor, lambda work: service.order(work, act_id))


def standing(database: Database, act_id: UUID) -> Standing:
    return database.read(SYSTEM, lambda work: clearance.standing_of(work, clearance.acts.act(work, act_id)))


def broken(database: Database) -> list[str]:
    every = approval_invariants.invariants()
    return database.read(SYSTEM, lambda w: [i.name for i in every if w.rows(i.broken.limit(1))])


def provider_of(database: Database, act_id: UUID) -> UUID:
    return database.read(SYSTEM, lambda work: clearance.acts.act(work, act_id).provider_id)


def test_an_amount_below_every_threshold_needs_nobody(database: Database, act_id: UUID) -> None:
    threshold(database, 2, least=ACT_TOTAL + 1)
    assert standing(database, act_id).is_complete
    with pytest.raises(NothingToApprove):
        decide(database, SAULE, act_id)
    order(database, act_id)
    assert broken(database) == []


def test_a_payment_is_ordered_once_so_many_others_have_approved_it(database: Database, act_id: UUID) -> None:
    threshold(database, 2, least=ACT_TOTAL)
    for approver in (SAULE, MURAT):
        with pytest.raises(ApprovalMissing) as refused:
            order(database, act_id)
        assert refused.value.code == "approval-missing"
        decide(database, approver, act_id)
        decide(database, approver, act_id)  # twice is once
    assert standing(database, act_id).is_complete
    order(database, act_id)
    events = database.read(SYSTEM, lambda work: audit.events_of(work, "approval", act_id))
    assert [event.verb for event in events] == ["approved"] * 4
    assert broken(database) == []


def test_nobody_approves_what_they_had_a_part_in_nor_pays_what_they_approved(database: Database, act_id: UUID) -> None:
    threshold(database, 1)
    accepter = Actor(ACCEPTER, "accepter", (Grant(Role.FINANCE_OFFICER, territory=""),))
    with pytest.raises(SelfApproval):
        decide(database, accepter, act_id)
    decide(database, FINANCE, act_id)
    with pytest.raises(SelfApproval):
        order(database, act_id, FINANCE)
    order(database, act_id, SAULE)
    assert broken(database) == []


def test_a_rejection_stops_the_payment_until_it_is_taken_back(database: Database, act_id: UUID) -> None:
    threshold(database, 1)
    decide(database, SAULE, act_id)
    with pytest.raises(ReasonMissing):
        decide(database, MURAT, act_id, NO)
    decide(database, MURAT, act_id, NO, "the house was closed in March")
    with pytest.raises(ApprovalMissing):
        order(database, act_id)
    said = standing(database, act_id)
    assert [(one.decided_by, one.reason) for one in said.rejected] == [(MURAT.id, "the house was closed in March")]
    decide(database, MURAT, act_id, YES, "it was another house")
    order(database, act_id)


def test_who_says_yes_again_after_the_order_has_not_changed_their_mind_before_it(
    database: Database, act_id: UUID
) -> None:
    threshold(database, 1)
    decide(database, SAULE, act_id)
    order(database, act_id)
    decide(database, SAULE, act_id)
    line_id = line_with_money(database)
    later = database.write(SYSTEM, lambda work: accepted_act(work, line_id))
    decide(database, SAULE, later)
    order(database, later)
    assert broken(database) == []


def test_the_strictest_threshold_in_force_decides(database: Database, act_id: UUID) -> None:
    threshold(database, 1)
    threshold(database, 2, territory="75")
    threshold(database, 3, territory="71")
    assert standing(database, act_id).needed == 2
    threshold(database, 3, least=ACT_TOTAL)
    assert standing(database, act_id).needed == 3


def test_a_threshold_is_lifted_from_a_later_day_and_what_was_ordered_stays_right(
    database: Database, act_id: UUID
) -> None:
    threshold(database, 1)
    decide(database, SAULE, act_id)
    order(database, act_id)
    later = today(database) + timedelta(days=3)
    database.write(
        BUDGET,
        lambda work: approvals.set_threshold(
            work, territory="", least_minor=1_000_00, approvers=5, from_on=later, source="order 4"
        ),
    )
    moment = database.read(SYSTEM, lambda work: read_clock(work.connection)) + timedelta(days=4)
    now = database.read(SYSTEM, lambda work: queries.thresholds(work, at=moment))
    assert [one.approvers for one in now] == [5]
    assert standing(database, act_id).needed == 1
    assert broken(database) == []


def test_thresholds_are_set_by_a_budget_officer_and_not_for_days_gone_by(database: Database) -> None:
    for actor in (FINANCE, SAULE, officer(301, Role.BUDGET_OFFICER)):
        with pytest.raises(NotAllowed):
            threshold(database, 1, actor=actor)
    for approvers, least in ((6, 1), (-1, 1), (1, 0)):
        with pytest.raises(ThresholdWrong):
            threshold(database, approvers, least=least)
    with pytest.raises(ThresholdWrong):
        database.write(
            BUDGET,
            lambda work: approvals.set_threshold(
                work, territory="", least_minor=1, approvers=1, from_on=date(2020, 1, 1), source="order"
            ),
        )
    threshold(database, 1)
    with pytest.raises(ThresholdTaken):
        threshold(database, 2)


def test_only_a_finance_officer_of_the_territory_approves_and_only_what_is_accepted(
    database: Database, act_id: UUID
) -> None:
    threshold(database, 1)
    for other in (BUDGET, officer(302, Role.AUDITOR)):
        with pytest.raises(NotAllowed):
            decide(database, other, act_id)
    with pytest.raises(ActNotFound):
        decide(database, officer(303, territory="71"), act_id)
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE act SET status = 'submitted'"))
    with pytest.raises(ActNotAccepted):
        decide(database, SAULE, act_id)


def declare(database: Database, actor: Actor, provider_id: UUID) -> UUID:
    return database.write(
        actor, lambda work: approvals.declare_interest(work, provider_id=provider_id, reason="my sister works there")
    )


def test_who_declares_an_interest_decides_nothing_about_the_provider(database: Database, act_id: UUID) -> None:
    threshold(database, 1)
    provider_id = provider_of(database, act_id)
    declared = declare(database, SAULE, provider_id)
    with pytest.raises(InterestStands):
        declare(database, SAULE, provider_id)
    with pytest.raises(InterestDeclared):
        decide(database, SAULE, act_id)
    decide(database, MURAT, act_id)
    with pytest.raises(InterestDeclared):
        order(database, act_id, SAULE)
    declare(database, BUDGET, provider_id)
    decides_on_act: list[Callable[[Work], None]] = [
        lambda w: acting.accept(w, act_id), lambda w: acting.return_act(w, act_id, reason="no")
    ]  # fmt: skip
    for verb in decides_on_act:
        with pytest.raises(InterestDeclared):
            database.write(BUDGET, verb)
    with pytest.raises(NotAllowed):
        database.write(SAULE, lambda work: approvals.end_interest(work, declared))
    database.write(ADMINISTRATOR, lambda work: approvals.end_interest(work, declared))
    with pytest.raises(InterestNotFound):
        database.write(ADMINISTRATOR, lambda work: approvals.end_interest(work, declared))
    order(database, act_id, SAULE)
    assert broken(database) == []


def test_what_was_paid_without_approval_is_found(database: Database, act_id: UUID) -> None:
    threshold(database, 1)
    decide(database, SAULE, act_id)
    order(database, act_id)
    assert broken(database) == []
    for forgery in (
        "UPDATE act SET total_minor = total_minor + 1",
        "UPDATE approval_threshold SET approvers = 2",
        "UPDATE payment SET ordered_by = (SELECT decided_by FROM approval)",
    ):
        with database.engine.connect() as connection:
            transaction = connection.begin()
            connection.execute(sa.text(forgery))
            work = Work(connection, SYSTEM, read_clock(connection))
            assert [i.name for i in approval_invariants.invariants() if work.rows(i.broken)], forgery
            transaction.rollback()


def test_a_decision_is_never_changed(database: Database, act_id: UUID) -> None:
    threshold(database, 1)
    decide(database, SAULE, act_id)
    for forgery in ("UPDATE approval SET verdict = 'approved'", "DELETE FROM approval"):
        with pytest.raises(sa.exc.DBAPIError), database.engine.begin() as connection:
            connection.execute(sa.text(forgery))
