"""A bank account changes slowly, by two people, and never twice at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest

from contracts.approval.rules import InterestDeclared
from contracts.approval.service import declare_interest
from contracts.audit import queries as audit
from contracts.kernel.clock import move_clock, start_travelling
from contracts.kernel.errors import DomainError, Malformed, NotFound, WrongState
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.payee import queries, service
from contracts.payee.rules import (
    WAITING_TIME,
    ChangeTooEarly,
    ChangeWaits,
    PayeeExists,
    PayeeNotFound,
    SecondPersonNeeded,
    VersionStatus,
)

PROVIDER = UUID(int=50)
CLERK = Actor(UUID(int=1), "clerk", (Grant(Role.PROVIDER, provider_id=PROVIDER),))
FINANCE = Actor(UUID(int=2), "finance", (Grant(Role.FINANCE_OFFICER, territory=""),))
STRANGER = Actor(UUID(int=3), "stranger", (Grant(Role.PROVIDER, provider_id=UUID(int=51)),))
ELSEWHERE = Actor(UUID(int=4), "finance in Astana", (Grant(Role.FINANCE_OFFICER, territory="71"),))
NEARBY = Actor(UUID(int=5), "finance in Almaty", (Grant(Role.FINANCE_OFFICER, territory="75"),))
ALMATY = "750000000"
BIN = "190540009117"
OLD, NEW = "KZ74125KZT0000000005", "KZ47125KZT0000000006"


def open_warm_home(work: Work) -> UUID:
    return service.open_payee(work, provider_id=PROVIDER, bin=BIN, legal_name="Жылы Үй", iban=OLD)


def ask(work: Work, payee_id: UUID) -> UUID:
    return service.request_change(work, payee_id, legal_name="Жылы Үй", iban=NEW)


@pytest.fixture
def payee_id(database: Database) -> UUID:
    with database.engine.begin() as connection:
        start_travelling(connection)
    return database.write(CLERK, open_warm_home)


def wait(database: Database, time: timedelta = WAITING_TIME) -> None:
    with database.engine.begin() as connection:
        move_clock(connection, time)


def paid_to(database: Database, payee_id: UUID) -> str:
    active = database.read(SYSTEM, lambda work: queries.active_version(work, payee_id))
    assert active is not None
    return active.iban


def test_a_change_takes_effect_after_the_waiting_time_and_a_second_person(database: Database, payee_id: UUID) -> None:
    version_id = database.write(CLERK, lambda work: ask(work, payee_id))
    assert paid_to(database, payee_id) == OLD
    with pytest.raises(ChangeTooEarly):
        database.write(FINANCE, lambda work: service.approve_change(work, version_id, territory=ALMATY))
    wait(database)
    database.write(FINANCE, lambda work: service.approve_change(work, version_id, territory=ALMATY))
    assert paid_to(database, payee_id) == NEW
    events = database.read(SYSTEM, lambda work: audit.events_of(work, "payee", payee_id))
    assert [event.verb for event in events] == ["opened", "change-requested", "change-approved"]
    with pytest.raises(WrongState):
        database.write(FINANCE, lambda work: service.approve_change(work, version_id, territory=ALMATY))
    broken = database.read(SYSTEM, lambda work: [work.rows(i.broken) for i in queries.invariants()])
    assert broken == [[]]


def test_a_rejected_change_changes_nothing_and_makes_room_for_another(database: Database, payee_id: UUID) -> None:
    version_id = database.write(CLERK, lambda work: ask(work, payee_id))
    with pytest.raises(ChangeWaits):
        database.write(CLERK, lambda work: ask(work, payee_id))
    database.write(FINANCE, lambda work: service.reject_change(work, version_id, territory=ALMATY))
    assert paid_to(database, payee_id) == OLD
    again = database.write(CLERK, lambda work: ask(work, payee_id))
    states = [v.status for v in database.read(SYSTEM, lambda work: queries.versions(work, payee_id))]
    assert again != version_id
    assert states == [VersionStatus.ACTIVE, VersionStatus.REJECTED, VersionStatus.WAITING]


def test_who_asked_may_not_approve(database: Database, payee_id: UUID) -> None:
    both = Actor(CLERK.id, "both", (*(CLERK.grants or ()), *(FINANCE.grants or ())))
    version_id = database.write(both, lambda work: ask(work, payee_id))
    wait(database)
    with pytest.raises(SecondPersonNeeded):
        database.write(both, lambda work: service.approve_change(work, version_id, territory=ALMATY))
    assert paid_to(database, payee_id) == OLD


def test_who_declared_an_interest_in_the_organisation_decides_on_none_of_its_accounts(
    database: Database, payee_id: UUID
) -> None:
    version_id = database.write(CLERK, lambda work: ask(work, payee_id))
    wait(database)
    database.write(FINANCE, lambda work: declare_interest(work, provider_id=PROVIDER, reason="my brother works there"))
    for decide in (service.approve_change, service.reject_change):
        with pytest.raises(InterestDeclared):
            database.write(FINANCE, lambda work, d=decide: d(work, version_id, territory=ALMATY))  # type: ignore[misc]
    assert paid_to(database, payee_id) == OLD
    database.write(NEARBY, lambda work: service.approve_change(work, version_id, territory=ALMATY))
    assert paid_to(database, payee_id) == NEW


def test_a_finance_officer_decides_in_his_territory_and_learns_nothing_of_another(
    database: Database, payee_id: UUID
) -> None:
    """The same answer before the waiting time, after it, and for a version that was decided."""
    version_id = database.write(CLERK, lambda work: ask(work, payee_id))
    decisions = (service.approve_change, service.reject_change)

    def refused() -> None:
        for decide in decisions:
            with pytest.raises(PayeeNotFound):
                database.write(ELSEWHERE, lambda work, d=decide: d(work, version_id, territory=ALMATY))  # type: ignore[misc]

    refused()
    wait(database)
    refused()
    database.write(NEARBY, lambda work: service.approve_change(work, version_id, territory=ALMATY))
    refused()
    assert paid_to(database, payee_id) == NEW


@pytest.mark.parametrize(
    ("actor", "act", "error"),
    [
        (STRANGER, ask, NotFound),
        (CLERK, lambda work, payee_id: ask(work, new_id()), PayeeNotFound),
        (CLERK, lambda work, payee_id: open_warm_home(work), PayeeExists),
        (CLERK, lambda work, payee_id: service.request_change(work, payee_id, legal_name="A", iban="KZ00"), Malformed),
        (
            CLERK,
            lambda work, payee_id: service.request_change(work, payee_id, legal_name="\u202e", iban=NEW),
            Malformed,
        ),
        (
            CLERK,
            lambda work, payee_id: service.approve_change(work, ask(work, payee_id), territory=ALMATY),
            PayeeNotFound,
        ),
    ],
)
def test_refused_and_nothing_written(
    database: Database, payee_id: UUID, actor: Actor, act: Callable[[Work, UUID], object], error: type[DomainError]
) -> None:
    with pytest.raises(error):
        database.write(actor, lambda work: act(work, payee_id))
    assert len(database.read(SYSTEM, lambda work: queries.versions(work, payee_id))) == 1


def test_the_organisation_is_told_of_a_change_while_it_waits_and_for_days_after(
    database: Database, payee_id: UUID
) -> None:
    def told() -> VersionStatus | None:
        change = database.read(SYSTEM, lambda work: queries.change_to_notice(work, PROVIDER))
        return change and change.status

    assert told() is None, "the first account is no change"
    version_id = database.write(CLERK, lambda work: ask(work, payee_id))
    assert told() is VersionStatus.WAITING
    wait(database)
    database.write(FINANCE, lambda work: service.approve_change(work, version_id, territory=ALMATY))
    assert told() is VersionStatus.ACTIVE
    wait(database)
    assert told() is None


def test_whoever_speaks_for_the_organisation_stops_a_change(database: Database, payee_id: UUID) -> None:
    version_id = database.write(CLERK, lambda work: ask(work, payee_id))
    with pytest.raises(NotFound):
        database.write(STRANGER, lambda work: service.stop_change(work, version_id))
    colleague = Actor(UUID(int=9), "colleague", (Grant(Role.PROVIDER, provider_id=PROVIDER),))
    database.write(colleague, lambda work: service.stop_change(work, version_id))
    with pytest.raises(WrongState):
        database.write(colleague, lambda work: service.stop_change(work, version_id))
    wait(database)
    with pytest.raises(WrongState):
        database.write(FINANCE, lambda work: service.approve_change(work, version_id, territory=ALMATY))
    assert paid_to(database, payee_id) == OLD
    events = database.read(SYSTEM, lambda work: audit.events_of(work, "payee", payee_id))
    assert [event.verb for event in events] == ["opened", "change-requested", "change-stopped"]


def test_of_many_changes_at_once_one_waits(database: Database, payee_id: UUID) -> None:
    with ThreadPoolExecutor(8) as pool:
        outcomes = [
            f.exception() for f in [pool.submit(database.write, CLERK, lambda w: ask(w, payee_id)) for _ in range(8)]
        ]
    assert sum(o is None for o in outcomes) == 1
    assert all(isinstance(o, ChangeWaits) for o in outcomes if o is not None)
