"""What a voucher does not need goes back to its line: by a decision, and by time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.audit import queries as audit
from contracts.kernel.clock import move_clock, start_travelling
from contracts.kernel.errors import Malformed, NotAllowed, WrongState
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role
from contracts.ledger.rules import InsufficientFunds
from market.recipient import service as recipients
from market.voucher import service as vouchers
from market.voucher.models import VoucherRow
from market.voucher.rules import VoucherNotFound, VoucherStatus, is_expired, is_valid
from tests.recipient.homes import OPERATOR, VAULT, register
from tests.voucher.desks import (
    OFFICER,
    OFFICER_ELSEWHERE,
    broken,
    come_back,
    commit,
    issue,
    line_with,
    money,
    open_office,
    voucher,
)

MONEY = 100_000_00
WORTH = 8_000_00


@pytest.fixture(autouse=True)
def office(database: Database) -> None:
    open_office(database)


def revoke(database: Database, voucher_id: UUID, actor: Actor = OFFICER, reason: str = "moved away") -> None:
    database.write(actor, lambda work: vouchers.revoke(work, voucher_id, reason=reason))


def close(database: Database) -> int:
    return database.write(SYSTEM, lambda work: vouchers.close_expired(work, work.today))


def travel(database: Database, days: int) -> None:
    with database.engine.begin() as connection:
        if connection.execute(sa.text("SELECT count(*) FROM clock")).scalar() == 0:
            start_travelling(connection)
        move_clock(connection, timedelta(days=days))


def verbs(database: Database, voucher_id: UUID) -> list[str]:
    return [e.verb for e in database.read(SYSTEM, lambda work: audit.events_of(work, "voucher", voucher_id))]


def test_a_revoked_voucher_gives_its_money_back(database: Database) -> None:
    line = line_with(database, MONEY)
    voucher_id = issue(database, register(database), line)
    revoke(database, voucher_id)
    assert money(database, line) == (MONEY, 0, 0)
    held = voucher(database, voucher_id)
    assert (held.status, held.end_reason) == (VoucherStatus.REVOKED, "moved away")
    assert not is_valid(held, held.from_on)
    assert verbs(database, voucher_id) == ["issued", "revoked"]
    assert broken(database) == []


def test_what_an_engagement_holds_stays_with_it_until_it_comes_back(database: Database) -> None:
    line = line_with(database, MONEY)
    voucher_id = issue(database, register(database), line)
    engaged = commit(database, voucher_id, 3_000_00)
    revoke(database, voucher_id)
    assert money(database, line) == (MONEY - 3_000_00, 0, 3_000_00)
    come_back(database, voucher_id, engaged)
    assert broken(database) == ["a closed or revoked voucher holds no money"]
    assert close(database) == 1
    assert money(database, line) == (MONEY, 0, 0)
    assert close(database) == 0
    assert verbs(database, voucher_id) == ["issued", "revoked", "released"]
    assert broken(database) == []


def test_money_that_comes_back_to_an_ended_voucher_is_passed_on_at_once(database: Database) -> None:
    line = line_with(database, MONEY)
    ended, standing = (issue(database, register(database, serial), line) for serial in (1, 2))
    for one in (ended, standing):
        engaged = commit(database, one, 3_000_00)
        if one == ended:
            revoke(database, one)
        come_back(database, one, engaged)
        database.write(SYSTEM, lambda work, one=one: vouchers.pass_on(work, one))  # type: ignore[misc]
    assert money(database, line) == (MONEY - WORTH, WORTH, 0)
    assert verbs(database, ended) == ["issued", "revoked", "released"]
    assert verbs(database, standing) == ["issued"]
    assert broken(database) == []


def test_a_voucher_is_revoked_once_with_a_reason_by_an_officer_in_scope(database: Database) -> None:
    line = line_with(database, MONEY)
    voucher_id = issue(database, register(database), line)
    operator = Actor(UUID(int=9), "operator", (Grant(Role.OPERATOR, territory=""),))
    for actor in (OFFICER_ELSEWHERE, operator):
        with pytest.raises(VoucherNotFound):
            revoke(database, voucher_id, actor)
    for reason in ("", "  ", "x" * 501):
        with pytest.raises(Malformed):
            revoke(database, voucher_id, reason=reason)
    assert money(database, line) == (MONEY - WORTH, WORTH, 0)
    revoke(database, voucher_id)
    with pytest.raises(WrongState):
        revoke(database, voucher_id)
    assert verbs(database, voucher_id) == ["issued", "revoked"]


def test_a_voucher_revoked_while_it_is_used_gives_back_what_is_left(database: Database) -> None:
    line = line_with(database, MONEY)
    for serial in range(1, 9):
        voucher_id = issue(database, register(database, serial), line)
        start = Barrier(2)

        def use(voucher_id: UUID = voucher_id, start: Barrier = start) -> None:
            start.wait()
            commit(database, voucher_id, 5_000_00)

        def stop(voucher_id: UUID = voucher_id, start: Barrier = start) -> None:
            start.wait()
            revoke(database, voucher_id)

        with ThreadPoolExecutor(2) as pool:
            used, stopped = pool.submit(use), pool.submit(stop)
        assert stopped.exception() is None
        assert used.exception() is None or isinstance(used.exception(), InsufficientFunds)
        assert voucher(database, voucher_id).status is VoucherStatus.REVOKED
        assert money(database, line)[1] == 0
    assert broken(database) == []


def test_an_expired_voucher_is_closed_and_releases_what_is_left(database: Database) -> None:
    line = line_with(database, MONEY)
    voucher_id = issue(database, register(database), line)
    commit(database, voucher_id, 3_000_00)
    assert close(database) == 0
    travel(database, 40)
    held = voucher(database, voucher_id)
    assert is_expired(held, held.until_on)
    assert broken(database) == ["an expired voucher's money is back on its line"]
    assert close(database) == 1
    held = voucher(database, voucher_id)
    assert (held.status, held.ended_on) == (VoucherStatus.CLOSED, held.until_on)
    assert money(database, line) == (MONEY - 3_000_00, 0, 3_000_00)
    assert close(database) == 0
    assert verbs(database, voucher_id) == ["issued", "closed"]
    assert broken(database) == []
    with pytest.raises(WrongState):
        revoke(database, voucher_id)


def test_death_ends_a_voucher_on_its_day(database: Database) -> None:
    line, recipient = line_with(database, MONEY), register(database)
    voucher_id = issue(database, recipient, line)
    travel(database, 1)
    database.write(OPERATOR, lambda work: recipients.record_death(work, VAULT, recipient, died_on=work.today))
    held = voucher(database, voucher_id)
    assert held.holder_died_on is not None
    assert not is_valid(held, held.holder_died_on)
    assert is_valid(held, held.from_on)
    assert close(database) == 1
    assert voucher(database, voucher_id).ended_on == held.holder_died_on
    assert money(database, line) == (MONEY, 0, 0)


def test_many_close_the_same_vouchers_and_each_is_closed_once(database: Database) -> None:
    lines = [line_with(database, MONEY), line_with(database, MONEY, programme="005")]
    held = [issue(database, register(database, n), lines[n % 2]) for n in range(1, 13)]
    travel(database, 40)
    with ThreadPoolExecutor(4) as pool:
        done = [f.result() for f in [pool.submit(close, database) for _ in range(4)]]
    assert sum(done) == len(held)
    assert all(verbs(database, one) == ["issued", "closed"] for one in held)
    assert [money(database, line) for line in lines] == [(MONEY, 0, 0)] * 2
    assert broken(database) == []


def test_time_releases_by_the_system_only(database: Database) -> None:
    with pytest.raises(NotAllowed):
        database.write(OFFICER, lambda work: vouchers.close_expired(work, work.today))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ({"units_a_month": 9}, "a voucher reserved units x ceiling x months"),
        ({"account_id": UUID(int=1)}, "a voucher's account is its own, on its funding line"),
        ({"status": VoucherStatus.CLOSED}, "a closed or revoked voucher holds no money"),
    ],
)
def test_a_damaged_voucher_is_named(database: Database, damage: dict[str, object], sentence: str) -> None:
    line = line_with(database, MONEY)
    issue(database, register(database), line)
    assert broken(database) == []
    with database.engine.begin() as connection:
        if "account_id" in damage:
            other = connection.execute(sa.text("SELECT id FROM account WHERE kind = 'appropriated'")).scalar_one()
            damage = {"account_id": other if isinstance(other, UUID) else UUID(other)}
        connection.execute(sa.update(VoucherRow).values(**damage))
    assert sentence in broken(database)
