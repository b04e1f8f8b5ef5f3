"""What a voucher grants, what it reserves, and what is refused with nothing written."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.audit import queries as audit
from contracts.budget.queries import FundingLineNotFound
from contracts.kernel.clock import start_travelling
from contracts.kernel.errors import DomainError, Malformed, NotAllowed
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM
from contracts.ledger import queries as ledger
from contracts.ledger.rules import InsufficientFunds
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.provider.rules import WrongUnit
from market.recipient import service as recipients
from market.recipient.rules import RecipientNotFound
from market.tariff.rules import TariffAboveCeiling, TariffBelowFloor
from market.voucher import queries
from market.voucher import service as vouchers
from market.voucher.rules import (
    PersonNeeded,
    RecipientDied,
    VoucherOverlaps,
    VoucherStatus,
    VoucherWrongPeriod,
    VoucherWrongService,
    VoucherWrongTerritory,
    is_valid,
)
from tests.recipient.homes import ALMATY, ASTANA, OPERATOR, VAULT, register
from tests.voucher.desks import (
    NATIONAL,
    OFFICER_ELSEWHERE,
    broken,
    issue,
    line_with,
    money,
    open_office,
    programme,
    voucher,
    year,
)


@pytest.fixture(autouse=True)
def office(database: Database) -> None:
    open_office(database)


def issued(database: Database) -> int:
    with database.engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM voucher")).scalar_one())


def test_a_voucher_reserves_units_times_ceiling_times_months(database: Database) -> None:
    recipient, this = register(database), year(database)
    line = line_with(database, 200_000_00, in_year=this + 1)
    voucher_id = issue(database, recipient, line, from_on=date(this + 1, 1, 15), until_on=date(this + 1, 4, 2))
    assert money(database, line) == (200_000_00 - 4 * 8 * 1_000_00, 4 * 8 * 1_000_00, 0)
    held = voucher(database, voucher_id)
    account = database.read(SYSTEM, lambda work: ledger.account(work, held.account_id))
    assert (account.owner_id, account.line_id, account.balance) == (voucher_id, line, 32_000_00)
    assert held.number.startswith("V-")
    assert (held.status, held.territory, held.size) == (VoucherStatus.ISSUED, ALMATY, 1)
    events = database.read(SYSTEM, lambda work: audit.events_of(work, "voucher", voucher_id))
    assert [e.verb for e in events] == ["issued"]
    assert all(table in events[0].body for table in ('"voucher"', '"account"', '"transfer"'))
    assert broken(database) == []


def test_a_volume_in_hours_takes_minutes_a_week(database: Database) -> None:
    line = line_with(database, 200_000_00)
    held = voucher(database, issue(database, register(database), line, unit=Unit.HOUR, units_a_month=13))
    assert held.size == 13 * 60 * 12 // 52


def test_a_voucher_is_valid_on_its_days_only(database: Database) -> None:
    line = line_with(database, 200_000_00)
    held = voucher(database, issue(database, register(database), line))
    assert is_valid(held, held.from_on)
    assert is_valid(held, held.until_on - timedelta(days=1))
    assert not is_valid(held, held.until_on)
    assert not is_valid(held, held.from_on - timedelta(days=1))


@pytest.mark.parametrize(
    ("changes", "error", "pointer"),
    [
        ({"units_a_month": 0}, Malformed, "/units_a_month"),
        ({"units_a_month": 745}, Malformed, "/units_a_month"),
        ({"units_a_month": True}, Malformed, "/units_a_month"),
        ({"ceiling_minor": 0}, Malformed, "/ceiling"),
        ({"ceiling_minor": -1}, Malformed, "/ceiling"),
        ({"ceiling_minor": 1000.0}, Malformed, "/ceiling"),
        ({"ceiling_minor": 1_500_01}, TariffAboveCeiling, "/ceiling"),
        ({"ceiling_minor": 499_99}, TariffBelowFloor, "/ceiling"),
        ({"unit": Unit.NIGHT}, WrongUnit, "/unit"),
        ({"kind": ServiceKind.MEDICAL}, VoucherWrongService, "/kind"),
        ({"until_on": date(2020, 1, 1)}, Malformed, "/until_on"),
        ({"from_on": date(2020, 1, 1)}, VoucherWrongPeriod, "/from_on"),
        ({"until_on": date(2100, 1, 1)}, VoucherWrongPeriod, "/until_on"),
        ({"recipient_id": UUID(int=404)}, RecipientNotFound, None),
        ({"line_id": UUID(int=404)}, FundingLineNotFound, None),
    ],
)
def test_what_a_voucher_may_not_say_is_refused_by_field_and_nothing_moves(
    database: Database, changes: dict[str, Any], error: type[DomainError], pointer: str | None
) -> None:
    recipient, line = register(database), line_with(database, 200_000_00)
    with pytest.raises(error) as refused:
        issue(database, recipient, line, **changes)
    members = refused.value.members
    if pointer:
        errors: Any = members.get("errors") or [{"pointer": members.get("pointer")}]
        assert errors[0]["pointer"] == pointer
        assert members["rule"]
    assert issued(database) == 0
    assert money(database, line) == (200_000_00, 0, 0)


def test_days_that_are_over_are_not_granted(database: Database) -> None:
    recipient, line = register(database), line_with(database, 200_000_00, in_year=year(database))
    today = database.read(SYSTEM, lambda work: work.today)
    with pytest.raises(VoucherWrongPeriod):
        issue(database, recipient, line, from_on=date(today.year, 1, 1), until_on=today)


def test_a_voucher_begins_in_this_month_at_the_earliest(database: Database) -> None:
    line = line_with(database, 200_000_00)
    with database.engine.begin() as connection:  # in the middle of a line's year there is a month before this one
        start_travelling(connection, shown_at=datetime(year(database), 6, 17, 12, tzinfo=UTC))
    this, recipient = year(database), register(database)
    with pytest.raises(VoucherWrongPeriod) as refused:
        issue(database, recipient, line, from_on=date(this, 5, 31), until_on=date(this, 8, 1))
    assert refused.value.members == {"pointer": "/from_on", "rule": "voucher-not-backdated"}
    assert money(database, line) == (200_000_00, 0, 0)
    held = voucher(database, issue(database, recipient, line, from_on=date(this, 6, 1), until_on=date(this, 8, 1)))
    assert held.from_on == date(this, 6, 1)


def test_a_line_pays_for_people_under_its_territory_only(database: Database) -> None:
    recipient, line = register(database), line_with(database, 200_000_00, territory=ASTANA)
    new = programme(database, recipient, line)
    with pytest.raises(VoucherWrongTerritory):
        database.write(NATIONAL, lambda work: vouchers.issue(work, new))
    assert issued(database) == 0


def test_a_line_of_the_whole_country_pays_everywhere(database: Database) -> None:
    recipient, line = register(database), line_with(database, 200_000_00, territory="")
    new = programme(database, recipient, line)
    assert database.write(NATIONAL, lambda work: vouchers.issue(work, new))


def test_only_a_budget_officer_of_the_line_s_territory_issues(database: Database) -> None:
    recipient, line = register(database), line_with(database, 200_000_00)
    new = programme(database, recipient, line)
    for actor in (OFFICER_ELSEWHERE, OPERATOR):
        with pytest.raises(NotAllowed):
            database.write(actor, lambda work: vouchers.issue(work, new))
    with pytest.raises(PersonNeeded):
        database.write(SYSTEM, lambda work: vouchers.issue(work, new))
    assert issued(database) == 0


def test_nobody_gets_a_voucher_after_death(database: Database) -> None:
    recipient, line = register(database), line_with(database, 200_000_00)
    database.write(OPERATOR, lambda work: recipients.record_death(work, VAULT, recipient, died_on=work.today))
    with pytest.raises(RecipientDied):
        issue(database, recipient, line)


def test_a_second_voucher_for_the_same_service_waits_for_the_first_to_end(database: Database) -> None:
    recipient, this = register(database), year(database) + 1
    line = line_with(database, 900_000_00, in_year=this)
    issue(database, recipient, line, from_on=date(this, 1, 1), until_on=date(this, 3, 1))
    with pytest.raises(VoucherOverlaps):
        issue(database, recipient, line, from_on=date(this, 2, 28), until_on=date(this, 4, 1))
    issue(database, recipient, line, from_on=date(this, 3, 1), until_on=date(this, 4, 1))
    other = register(database, 2)
    issue(database, other, line, from_on=date(this, 2, 28), until_on=date(this, 4, 1))
    assert issued(database) == 3


def test_another_setting_is_another_service(database: Database) -> None:
    recipient, line = register(database), line_with(database, 900_000_00)
    issue(database, recipient, line)
    found = database.read(
        SYSTEM,
        lambda work: queries.overlapping(
            work,
            recipient_id=recipient,
            kind=ServiceKind.DOMESTIC,
            setting=CareSetting.IN_PATIENT,
            from_on=work.today,
            until_on=work.today + timedelta(days=1),
        ),
    )
    assert found is None


def test_of_many_vouchers_for_one_person_at_once_one_is_issued(database: Database) -> None:
    recipient, line = register(database), line_with(database, 900_000_00)
    start = Barrier(12)

    def ask(_: int) -> UUID:
        start.wait()
        return issue(database, recipient, line)

    with ThreadPoolExecutor(12) as pool:
        outcomes = [f.exception() for f in [pool.submit(ask, n) for n in range(12)]]
    assert sum(o is None for o in outcomes) == 1
    assert all(isinstance(o, VoucherOverlaps) for o in outcomes if o is not None)
    assert money(database, line) == (900_000_00 - 8_000_00, 8_000_00, 0)


def test_of_32_vouchers_at_once_only_those_with_money_behind_them_are_issued(database: Database) -> None:
    people = [register(database, serial) for serial in range(1, 33)]
    line = line_with(database, 10 * 8_000_00 + 7_999_99)
    start = Barrier(32)

    def ask(recipient: UUID) -> UUID:
        start.wait()
        return issue(database, recipient, line)

    with ThreadPoolExecutor(32) as pool:
        outcomes = [f.exception() for f in [pool.submit(ask, one) for one in people]]
    assert sum(o is None for o in outcomes) == 10
    assert all(isinstance(o, InsufficientFunds) for o in outcomes if o is not None)
    assert issued(database) == 10
    assert money(database, line) == (7_999_99, 10 * 8_000_00, 0)
    assert broken(database) == []


def test_a_holder_s_vouchers_are_listed_and_a_page_continues(database: Database) -> None:
    recipient, line = register(database), line_with(database, 900_000_00)
    voucher_id = issue(database, recipient, line)
    held = voucher(database, voucher_id)
    assert database.read(SYSTEM, lambda work: queries.vouchers_of(work, recipient)) == [held]
    assert database.read(SYSTEM, lambda work: queries.vouchers_in(work, "75")) == [held]
    assert database.read(SYSTEM, lambda work: queries.vouchers_in(work, "75", after_number=held.number)) == []
    assert database.read(SYSTEM, lambda work: queries.voucher_numbered(work, held.number)) == held
    assert new_id() != voucher_id
