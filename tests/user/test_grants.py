"""Dated roles in a scope: who may give them, to whom, and which two nobody may hold at once."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.kernel.clock import move_clock, start_travelling
from contracts.kernel.errors import DomainError, Malformed, NotAllowed
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from market.catalogue.rules import UnknownTerritory
from market.user import queries, service
from market.user.rules import (
    Holding,
    IncompatibleRoles,
    NotToOneself,
    Scope,
    UserNotFound,
    WrongScope,
    are_incompatible,
    check_compatible,
    check_scope,
)
from tests.user.people import ADMINISTRATOR, OTHER_ADMINISTRATOR, country, somebody, verbs

TODAY = date(2026, 3, 10)
PROVIDER_ID, RECIPIENT_ID = UUID(int=1), UUID(int=2)
SCOPES: dict[Role, dict[str, Any]] = {
    Role.PROVIDER: {"provider_id": PROVIDER_ID},
    Role.RECIPIENT: {"recipient_id": RECIPIENT_ID},
    Role.REPRESENTATIVE: {"recipient_id": RECIPIENT_ID},
    Role.CARER: {"provider_id": PROVIDER_ID},
    Role.ADMINISTRATOR: {},
}


def give(database: Database, user_id: UUID, role: Role, by: Actor = ADMINISTRATOR, **changes: Any) -> UUID:
    values = SCOPES.get(role, {"territory": ""}) | {"from_on": TODAY - timedelta(days=400)} | changes
    return database.write(by, lambda work: service.grant(work, user_id, role=role, **values))


def actor(database: Database, user_id: UUID) -> Actor:
    return database.read(SYSTEM, lambda work: queries.actor_of_user(work, user_id))


@pytest.fixture
def aigul(database: Database) -> UUID:
    country(database)
    return somebody(database)


def test_a_grant_makes_the_actor_hold_the_role_in_its_scope(database: Database) -> None:
    country(database)
    for role in Role:
        user_id = somebody(database, f"user.{role}")
        give(database, user_id, role)
        assert actor(database, user_id).grants == (Grant(role, **SCOPES.get(role, {"territory": ""})),)
        assert verbs(database, user_id) == ["created", "granted"]


def test_only_an_administrator_grants_and_never_to_themselves(database: Database, aigul: UUID) -> None:
    officer = Actor(new_id(), "officer", (Grant(Role.BUDGET_OFFICER, territory=""),))
    with pytest.raises(NotAllowed):
        give(database, aigul, Role.BUDGET_OFFICER, by=officer)
    with pytest.raises(NotToOneself):
        give(database, aigul, Role.AUDITOR, by=Actor(aigul, "aigul", ADMINISTRATOR.grants))
    give(database, aigul, Role.AUDITOR, by=SYSTEM)
    assert verbs(database, aigul) == ["created", "granted"]


@pytest.mark.parametrize(
    ("role", "scope", "field"),
    [
        (Role.PROVIDER, Scope(), "provider_id"),
        (Role.PROVIDER, Scope(provider_id=PROVIDER_ID, territory="71"), "territory"),
        (Role.RECIPIENT, Scope(provider_id=PROVIDER_ID), "provider_id"),
        (Role.CARER, Scope(recipient_id=RECIPIENT_ID), "provider_id"),
        (Role.BUDGET_OFFICER, Scope(), "territory"),
        (Role.BUDGET_OFFICER, Scope(territory="", provider_id=PROVIDER_ID), "provider_id"),
        (Role.AUDITOR, Scope(recipient_id=RECIPIENT_ID), "recipient_id"),
        (Role.ADMINISTRATOR, Scope(territory="71"), "territory"),
    ],
)
def test_a_role_in_the_wrong_scope_is_refused_and_the_field_is_named(role: Role, scope: Scope, field: str) -> None:
    with pytest.raises(WrongScope) as refused:
        check_scope(role, scope)
    assert refused.value.members["rule"] == "scope-of-role"
    assert refused.value.members["pointer"] == f"/{field}"


def test_an_officer_of_an_unknown_territory_or_without_one_is_refused(database: Database, aigul: UUID) -> None:
    refusals: list[tuple[str | None, type[DomainError]]] = [
        ("99", UnknownTerritory),
        ("7%", Malformed),
        ("Астана", Malformed),
        (None, WrongScope),
    ]
    for territory, error in refusals:
        with pytest.raises(error):
            give(database, aigul, Role.BUDGET_OFFICER, territory=territory)
    give(database, aigul, Role.BUDGET_OFFICER, territory="71")
    assert verbs(database, aigul) == ["created", "granted"]


PAIRS = [(a, b) for a in Role for b in Role if a < b]


def test_the_table_keeps_apart_who_must_not_be_one_person() -> None:
    apart = {frozenset(pair) for pair in PAIRS if are_incompatible(*pair)}
    for other in set(Role) - {Role.AUDITOR}:
        assert frozenset({Role.AUDITOR, other}) in apart
    assert frozenset({Role.BUDGET_OFFICER, Role.FINANCE_OFFICER}) in apart
    assert frozenset({Role.PROVIDER, Role.PROCUREMENT_OFFICER}) in apart
    for other in set(Role) - {Role.PROVIDER, Role.RECIPIENT, Role.CARER}:
        assert frozenset({Role.PROVIDER, other}) in apart
    for deciding in (Role.PROCUREMENT_OFFICER, Role.COMMITTEE_MEMBER, Role.BUDGET_OFFICER, Role.FINANCE_OFFICER):
        assert frozenset({Role.CARER, deciding}) in apart  # their pay depends on it
    assert frozenset({Role.PROVIDER, Role.RECIPIENT}) not in apart  # who works there may be old, too
    assert frozenset({Role.PROVIDER, Role.CARER}) not in apart
    assert frozenset({Role.RECIPIENT, Role.REPRESENTATIVE}) not in apart
    assert all(are_incompatible(a, b) == are_incompatible(b, a) for a, b in PAIRS)


@pytest.mark.parametrize(("held", "wanted"), [pair for pair in PAIRS if are_incompatible(*pair)])
def test_every_pair_of_the_table_is_refused_in_both_orders(held: Role, wanted: Role) -> None:
    for one, other in ((held, wanted), (wanted, held)):
        with pytest.raises(IncompatibleRoles):
            check_compatible(Holding(one, TODAY, None), [Holding(other, TODAY, None)])


def test_incompatible_roles_are_refused_at_assignment(database: Database, aigul: UUID) -> None:
    give(database, aigul, Role.BUDGET_OFFICER)
    for wanted in (Role.FINANCE_OFFICER, Role.PROVIDER, Role.AUDITOR):
        with pytest.raises(IncompatibleRoles) as refused:
            give(database, aigul, wanted)
        assert refused.value.members["pointer"] == "/role"
        assert refused.value.members["rule"] == "separation-of-duties"
    assert [grant.role for grant in actor(database, aigul).grants or ()] == [Role.BUDGET_OFFICER]
    assert verbs(database, aigul) == ["created", "granted"]


def test_a_providers_person_represents_nobody_in_either_order(database: Database) -> None:
    country(database)
    for first, second in ((Role.PROVIDER, Role.REPRESENTATIVE), (Role.REPRESENTATIVE, Role.PROVIDER)):
        user_id = somebody(database, f"user.{first}")
        give(database, user_id, first)
        with pytest.raises(IncompatibleRoles):
            give(database, user_id, second)
        assert verbs(database, user_id) == ["created", "granted"]
    with pytest.raises(IncompatibleRoles):
        database.write(actor(database, user_id), lambda work: service.become_provider(work, PROVIDER_ID))


def test_roles_that_follow_each_other_in_time_are_not_held_at_once(database: Database, aigul: UUID) -> None:
    give(database, aigul, Role.BUDGET_OFFICER, until_on=TODAY)
    with pytest.raises(IncompatibleRoles):
        give(database, aigul, Role.FINANCE_OFFICER, from_on=TODAY - timedelta(days=1))
    give(database, aigul, Role.FINANCE_OFFICER, from_on=TODAY)


def test_a_grant_counts_on_its_days_only(database: Database) -> None:
    def start(work: Work) -> date:
        start_travelling(work.connection)
        return work.today

    country(database)
    aigul, today = somebody(database), database.write(SYSTEM, start)
    tomorrow, after = today + timedelta(days=1), today + timedelta(days=2)
    give(database, aigul, Role.OPERATOR, from_on=tomorrow, until_on=after)
    assert actor(database, aigul).grants == ()
    database.write(SYSTEM, lambda work: move_clock(work.connection, timedelta(days=1)))
    assert actor(database, aigul).grants == (Grant(Role.OPERATOR, territory=""),)
    database.write(SYSTEM, lambda work: move_clock(work.connection, timedelta(days=1)))
    assert actor(database, aigul).grants == ()


def test_a_revoked_grant_ends_at_once_and_makes_room_for_another(database: Database, aigul: UUID) -> None:
    today = database.read(SYSTEM, lambda work: work.today)
    for begins_in_days in (-1, 0, 1):
        grant_id = give(database, aigul, Role.BUDGET_OFFICER, from_on=today + timedelta(days=begins_in_days))
        database.write(OTHER_ADMINISTRATOR, lambda work, g=grant_id: service.revoke(work, g))  # type: ignore[misc]
        assert actor(database, aigul).grants == ()
    database.write(OTHER_ADMINISTRATOR, lambda work: service.revoke(work, grant_id))  # ended already: stays as it is
    give(database, aigul, Role.FINANCE_OFFICER, from_on=today)
    assert verbs(database, aigul) == ["created", *["granted", "grant-revoked"] * 3, "granted"]


def test_a_grant_without_a_user_or_that_ends_before_it_begins_is_refused(database: Database, aigul: UUID) -> None:
    with pytest.raises(UserNotFound):
        give(database, new_id(), Role.AUDITOR)
    with pytest.raises(Malformed):
        give(database, aigul, Role.AUDITOR, from_on=TODAY, until_on=TODAY)


def test_the_invariant_finds_roles_that_were_forced_together(database: Database, aigul: UUID) -> None:
    (invariant,) = queries.invariants()
    give(database, aigul, Role.BUDGET_OFFICER)
    assert database.read(SYSTEM, lambda work: work.rows(invariant.broken)) == []

    def force(work: Work) -> None:
        work.connection.exec_driver_sql(
            "INSERT INTO role_grant (id, user_id, role, territory, from_on) "
            f"SELECT '{new_id().hex}', user_id, 'finance-officer', '', from_on FROM role_grant"
        )

    database.write(SYSTEM, force)
    assert len(database.read(SYSTEM, lambda work: work.rows(invariant.broken))) == 1
