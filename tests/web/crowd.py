"""A town in which every list of every desk is longer than a page."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import CopaymentRow
from contracts.act.queries import acts_of_contract
from contracts.act.together import draft_together
from contracts.audit.service import record
from contracts.collection import service
from contracts.contract.models import EngagementRow
from contracts.kernel.database import table_of
from contracts.kernel.ids import new_id
from contracts.kernel.money import KZT
from contracts.kernel.period import Month
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Role, Work
from contracts.ledger.models import AccountRow
from contracts.ledger.rules import AccountKind
from contracts.payee.models import PayeeRow, PayeeVersionRow
from contracts.payee.rules import VersionStatus
from contracts.register.models import EntryRow
from contracts.register.rules import Confirmation, EntryStatus
from tests.bench import year_money
from tests.bench.year import CLERK, NOBODY, OTHER, months_of
from tests.oversight.region import House, Region
from tests.web.town import Person, Town

HOUSES = 60  # more than a page of them, of their contracts, their acts and payments
PEOPLE = 55  # of the first house: more than a page


@dataclass(frozen=True)
class Crowd:
    """Who looks; the first house and a person it visits."""

    town: Town
    people: dict[str, Person]
    house: str
    recipient: str
    act: str  # by its number, where officers look at it
    act_id: UUID
    contract_id: UUID


def gather(town: Town) -> Crowd:
    work_on = town.database
    months = work_on.read(SYSTEM, months_of)
    region = Region(random.Random(1), months[0].first_day, 1)
    region.open()
    houses = [region.house(number) for number in range(HOUSES)]
    people = [_serve(region, house, months, PEOPLE if house is houses[0] else 1) for house in houses]
    region.write(work_on)
    persons = {
        role: town.person(role)
        for role in (Role.BUDGET_OFFICER, Role.FINANCE_OFFICER, Role.AUDITOR, Role.OPERATOR, Role.ADMINISTRATOR)
    }
    persons[Role.PROVIDER] = town.person(Role.PROVIDER, provider_id=houses[0].id)
    persons[Role.RECIPIENT] = town.person(Role.RECIPIENT, recipient_id=people[0])
    for _ in range(PEOPLE):
        town.person(Role.OPERATOR)
    _settle(work_on, region, months, houses[0].contract)
    number = f"R-{people[0].hex[-12:]}"
    contract = houses[0].contract
    act = work_on.read(SYSTEM, lambda work: acts_of_contract(work, contract)[0].id)
    return Crowd(
        town, {str(role): one for role, one in persons.items()}, "P-0", number, f"C-0/{months[0]}", act, contract
    )


def _serve(region: Region, house: House, months: list[Month], people: int) -> UUID:
    """Two visits a month each, one after the other; the first person of the house."""
    first, worker = None, new_id()
    for n in range(people):
        person = region.person(house.place)
        engagement = region.served(house, person)
        for month in months[:-1]:
            for day in (2, 9):
                start = datetime(month.first_day.year, month.first_day.month, day, tzinfo=UTC)
                region.visit(house, engagement, person, worker, start + timedelta(minutes=20 * n), 20)
        first = first or person
    assert first is not None, "a house serves somebody"
    return first


def _settle(database: Database, region: Region, months: list[Month], contract: UUID) -> None:
    database.write(SYSTEM, lambda work: _furnish(work, region))
    database.write(SYSTEM, lambda work: _charge(work, region, contract, months[0]))
    database.write(CLERK, lambda work: draft_together(work, months[:-1]))
    for part in (year_money.hand_in, year_money.order, year_money.book, year_money.flag, year_money.follow):
        database.write(SYSTEM, part)
    while database.write(SYSTEM, service.ask):
        pass


def _charge(work: Work, region: Region, contract: UUID, month: Month) -> None:
    """Everybody whom this house serves pays a part."""
    for one in region.rows[EngagementRow]:
        if one["contract_id"] == contract:
            work.insert(
                CopaymentRow, id=new_id(), engagement_id=one["id"], charge_minor=100_00, from_month=month,
                source="statement", set_by=NOBODY, set_at=work.now,
            )  # fmt: skip
    record(work, "bench", "crowd", "charged")


def _furnish(work: Work, region: Region) -> None:
    entry = table_of(EntryRow)
    work.execute(sa.update(entry).values(
        status=EntryStatus.CONFIRMED, confirmed_by=OTHER, confirmed_at=work.now, confirmed_how=Confirmation.OPERATOR
    ))  # fmt: skip
    for payee in region.rows[PayeeRow]:
        work.insert(
            PayeeVersionRow, id=new_id(), payee_id=payee["id"], version=1, legal_name="House",
            iban="KZ74125KZT0000000005", status=VersionStatus.ACTIVE, requested_by=NOBODY, requested_at=work.now,
        )  # fmt: skip
    work.insert(
        AccountRow, id=new_id(), kind=AccountKind.PAID, owner_id=region.line, line_id=region.line, currency=KZT,
        debits_posted=0, credits_posted=0, debits_pending=0, credits_pending=0,
    )  # fmt: skip
    record(work, "bench", "crowd", "furnished")
