"""A region of providers that visit people at home for some months, honestly; and frauds planted among them.

Honest people are late, round their times, sometimes come once too often; in one house in ten the clerk takes over the
times of the visit before. Rows are written straight into the tables: what is under test only reads.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.budget.models import FundingLineRow
from contracts.contract.models import ContractRow, EngagementRow, SuspensionRow
from contracts.contract.rules import Basis, ContractStatus, EngagementStatus
from contracts.kernel.bulk import copy_rows
from contracts.kernel.calendar import ALMATY
from contracts.kernel.database import Base, table_of
from contracts.kernel.ids import new_id
from contracts.kernel.period import Month
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Role, Work
from contracts.ledger.models import AccountRow
from contracts.ledger.rules import AccountKind
from contracts.payee.models import PayeeRow
from contracts.register.models import EntryRow
from contracts.register.rules import EntryStatus
from market.catalogue import service as catalogue
from market.catalogue.rules import CapacityUnit, CareSetting, Category, Language, ServiceKind, Unit
from market.oversight.suspicion import Suspicion
from market.provider.models import OfferRow, ProviderRow, ServicePointRow
from market.provider.rules import OfferStatus, OrganisationType, ProviderStatus, Sector
from market.recipient.models import RecipientRow
from market.user.models import GrantRow, UserRow
from market.voucher.models import VoucherRow
from market.voucher.rules import VoucherStatus

TERRITORY, LOCALITY = "710000000", 1526273
CENTRE = (51.16, 71.47)
# On which weekdays somebody is visited, and when: a worker's ten people, four a day, two hours apart at least.
ROUTE = (((0, 3), (8, 14)), ((1, 3), (10, 16)), ((1, 4), (8, 14)), ((2, 4), (10, 16)), ((0, 2), (12, 18)))
UNITS = 10
WAYS = 2  # that one kind of fraud is done in
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
UNFIXED: dict[str, Any] = dict.fromkeys(("kind", "setting", "unit", "unit_price_minor"))  # of the voucher list
ORDER = (
    FundingLineRow, AccountRow, UserRow, ProviderRow, PayeeRow, ServicePointRow, OfferRow, RecipientRow, VoucherRow,
    ContractRow, EngagementRow, SuspensionRow, GrantRow, EntryRow,
)  # fmt: skip


@dataclass(frozen=True)
class Plant:
    """``way``: a suspicion comes to be in more than one."""

    suspicion: Suspicion
    entries: frozenset[UUID]
    way: int


@dataclass
class House:
    id: UUID
    contract: UUID
    offers: dict[CareSetting, UUID]
    place: tuple[float, float]
    rounding: int  # minutes; 0: the times of the visit before


@dataclass
class Region:
    """``rows`` by table, until they are written; ``honest``: entries nobody tampered with."""

    dice: random.Random
    first: date
    days: int
    rows: dict[type[Base], list[dict[str, Any]]] = field(default_factory=lambda: {one: [] for one in ORDER})
    honest: set[UUID] = field(default_factory=set)
    plants: list[Plant] = field(default_factory=list)
    line: UUID = field(default_factory=new_id)

    def add(self, model: type[Base], **values: Any) -> UUID:
        values.setdefault("id", new_id())
        key: UUID = values["id"]
        self.rows[model].append(values)
        return key

    def write(self, database: Database) -> None:
        """Rows of one table at a time, in the order of their keys."""
        database.write(SYSTEM, catalogue.load)
        for model, rows in self.rows.items():
            names = list(rows[0]) if rows else []
            assert all(list(row) == names for row in rows), model

            def copy(work: Work, model: type[Base] = model, rows: Any = rows, names: Any = names) -> None:
                copy_rows(work, model, names, (tuple(row.values()) for row in rows))
                work.take_changes()

            if rows:
                database.write(SYSTEM, copy)

    # --- who is there ------------------------------------------------------------------------------------------------
    def open(self) -> None:
        line = self.line
        self.add(
            FundingLineRow, id=line, number="line", programme="p", territory=TERRITORY, service_kind="domestic",
            year=2026,
        )  # fmt: skip

    def house(self, number: int) -> House:
        provider, place = new_id(), self._near(CENTRE, 60_000)
        self.add(
            ProviderRow, id=provider, number=f"P-{number}", bin=f"{number:012d}", name=f"House {number}",
            sector=Sector.NGO, organisation_type=OrganisationType.NGO, territory=TERRITORY,
            status=ProviderStatus.ADMITTED, registered_at=SINCE, decided_by=None, decided_at=None,
            decision_reason=None, version=1,
        )  # fmt: skip
        payee = self.add(PayeeRow, provider_id=provider, bin=f"{number:012d}")
        point = self.add(
            ServicePointRow, provider_id=provider, name="point", locality_id=LOCALITY, territory=TERRITORY,
            latitude=place[0], longitude=place[1], address="x",
        )  # fmt: skip
        contract = self.add(
            ContractRow, number=f"C-{number}", provider_id=provider, payee_id=payee, line_id=self.line,
            territory=TERRITORY, basis=Basis.VOUCHER_LIST, award_id=None, from_on=date(2026, 1, 1),
            until_on=date(2028, 1, 1), terms=UNFIXED, status=ContractStatus.ACTIVE, concluded_at=SINCE,
        )  # fmt: skip
        offers = {setting: self._offer(provider, point, setting, number) for setting in CareSetting}
        rounding = 0 if number % 10 == 9 else (1, 5)[number % 2]
        return House(provider, contract, offers, place, rounding)

    def _offer(self, provider: UUID, point: UUID, setting: CareSetting, number: int) -> UUID:
        return self.add(
            OfferRow, number=f"O-{number}-{setting}"[:24], provider_id=provider, service_point_id=point,
            territory=TERRITORY, kind=ServiceKind.DOMESTIC, setting=setting, unit=Unit.VISIT,
            capacity_unit=CapacityUnit.PLACES, capacity=1000, taken=0, categories=[], languages=[], radius_m=None,
            status=OfferStatus.OPEN, version=1,
        )  # fmt: skip

    def person(self, place: tuple[float, float], *, died_on: date | None = None) -> UUID:
        key = new_id()
        return self.add(
            RecipientRow, id=key, number=f"R-{key.hex[-12:]}", iin_hmac=key.bytes + bytes(16), iin_sealed=b"x",
            name_sealed=b"x", address_sealed=b"x", territory=TERRITORY, locality_id=LOCALITY,
            latitude=round(place[0], 3), longitude=round(place[1], 3), category=Category.ELDERLY, tier=3,
            language=Language.KAZAKH, registered_at=SINCE, died_on=died_on, synthetic=True, version=1,
        )  # fmt: skip

    def served(
        self,
        house: House,
        person: UUID,
        *,
        setting: CareSetting = CareSetting.HOME,
        until_on: date = date(2028, 1, 1),
        valid_until: date = date(2028, 1, 1),
        from_on: date = date(2026, 1, 1),
    ) -> UUID:
        voucher, engagement = new_id(), new_id()
        accounts = [
            self.add(
                AccountRow, kind=kind, owner_id=owner, line_id=self.line, currency="KZT", debits_posted=0,
                credits_posted=0, debits_pending=0, credits_pending=0,
            )
            for kind, owner in ((AccountKind.RESERVED, voucher), (AccountKind.COMMITTED, engagement))
        ]  # fmt: skip
        self.add(
            VoucherRow, id=voucher, number=f"V-{voucher.hex[-12:]}", recipient_id=person, line_id=self.line,
            territory=TERRITORY, kind=ServiceKind.DOMESTIC, setting=setting, unit=Unit.VISIT, units_a_month=UNITS,
            size=1, ceiling_minor=1, from_on=date(2026, 1, 1), until_on=valid_until, status=VoucherStatus.ISSUED,
            account_id=accounts[0], issued_by=UUID(int=1), issued_at=SINCE, ended_on=None, end_reason=None,
        )  # fmt: skip
        return self.add(
            EngagementRow, id=engagement, number=f"E-{engagement.hex[-12:]}", contract_id=house.contract,
            placement_id=new_id(), voucher_id=voucher, recipient_id=person, offer_id=house.offers[setting],
            kind="domestic", setting=setting, unit="visit", unit_price_minor=100, units_a_month=UNITS,
            from_on=from_on, until_on=until_on, status=EngagementStatus.ACTIVE, account_id=accounts[1],
        )  # fmt: skip

    def visit(
        self, house: House, engagement: UUID, person: UUID, worker: UUID, start: datetime, minutes: int = 60
    ) -> UUID:
        start, key = start.astimezone(UTC), new_id()
        day = start.astimezone(ALMATY).date()
        return self.add(
            EntryRow, id=key, month=Month.of(day), engagement_id=engagement, contract_id=house.contract,
            recipient_id=person, worker_id=worker, client_id=key.hex, served_on=day, started_at=start,
            ended_at=start + timedelta(minutes=minutes), place="at home", quantity=1, status=EntryStatus.ENTERED,
            entered_by=UUID(int=2), entered_at=start, confirmed_by=None, confirmed_at=None, confirmed_how=None,
            cancel_reason=None, act_id=None,
        )  # fmt: skip

    # --- honest work ---------------------------------------------------------------------------------------------
    def serve(self, house: House, workers: int) -> None:
        for _ in range(workers):
            worker = new_id()
            for weekdays, hours in ROUTE:
                for hour in hours:
                    self._serve_one(house, worker, time(hour), weekdays)

    def _serve_one(self, house: House, worker: UUID, slot: time, weekdays: tuple[int, ...]) -> None:
        person = self.person(self._near(house.place, 8_000))
        engagement = self.served(house, person)
        for day in self.dates(weekdays):
            self.honest.add(self.visit(house, engagement, person, worker, *self._about(house, day, slot)))

    def _about(self, house: House, day: date, slot: time) -> tuple[datetime, int]:
        planned = datetime.combine(day, slot, ALMATY)
        if not house.rounding:
            return planned, 60
        late = max(-15, min(20, round(self.dice.gauss(2, 8) / house.rounding) * house.rounding))
        return planned + timedelta(minutes=late), 60 + self.dice.randrange(-15, 11, house.rounding)

    def dates(self, weekdays: tuple[int, ...]) -> Iterator[date]:
        every = (self.first + timedelta(days=n) for n in range(self.days))
        return (day for day in every if day.weekday() in weekdays)

    def _near(self, place: tuple[float, float], metres: float) -> tuple[float, float]:
        angle, far = self.dice.uniform(0, 2 * math.pi), metres * math.sqrt(self.dice.random())
        return place[0] + far * math.sin(angle) / 111_000, place[1] + far * math.cos(angle) / 70_000

    # --- frauds ------------------------------------------------------------------------------------------------------
    def plant(self, suspicion: Suspicion, house: House) -> None:
        worker, person = new_id(), self.person(self._near(house.place, 5_000))
        entries = getattr(self, "_" + suspicion.value.replace("-", "_"))(house, worker, person)
        self.plants.append(Plant(suspicion, frozenset(entries), self._way()))

    def _way(self) -> int:
        """Of the next fraud: kinds take turns, and each time round they are done the other way."""
        return len(self.plants) // len(Suspicion) % WAYS

    def _day(self) -> date:
        """Within a whole month."""
        return self.first + timedelta(days=self.dice.randrange(8, 20))

    def _at(self, day: date, hour: int = 10) -> datetime:
        return datetime.combine(day, time(hour, self.dice.randrange(30)), ALMATY)

    def _impossible_travel(self, house: House, worker: UUID, person: UUID) -> list[UUID]:
        """The worker, or (every other time) the recipient, is far away ten minutes later."""
        start = self._at(self._day())
        self.visit(house, self.served(house, person), person, worker, start)
        later = start + timedelta(minutes=70)
        other = self.person((house.place[0] + 0.6, house.place[1]))
        if self._way():
            return [self.visit(house, self.served(house, other), other, worker, later)]
        far = self.house(100_000 + len(self.plants))
        there = self.rows[ServicePointRow][-1]
        there["latitude"] = house.place[0] + 0.6
        engagement = self.served(far, person, setting=CareSetting.SEMI_IN_PATIENT)
        return [self.visit(far, engagement, person, new_id(), later)]

    def _over_volume(self, house: House, worker: UUID, person: UUID) -> list[UUID]:
        engagement = self.served(house, person)
        days = [self.first + timedelta(days=2 * n) for n in range(UNITS + 3)]
        return [self.visit(house, engagement, person, worker, self._at(day)) for day in days][UNITS:]

    def _after_death(self, house: House, worker: UUID, _person: UUID) -> list[UUID]:
        day = self._day()
        person = self.person(self._near(house.place, 5_000), died_on=day)
        engagement = self.served(house, person)
        self.visit(house, engagement, person, worker, self._at(day - timedelta(days=3)))
        return [self.visit(house, engagement, person, worker, self._at(day + timedelta(days=n))) for n in (1, 4)]

    def _after_end(self, house: House, worker: UUID, person: UUID) -> list[UUID]:
        """The person moved to another provider; the first goes on writing."""
        day = self._day()
        engagement = self.served(house, person, until_on=day)
        self.served(house, person, from_on=day)
        return [self.visit(house, engagement, person, worker, self._at(day + timedelta(days=2)))]

    def _after_expiry(self, house: House, worker: UUID, person: UUID) -> list[UUID]:
        day = self._day()
        engagement = self.served(house, person, valid_until=day)
        return [self.visit(house, engagement, person, worker, self._at(day + timedelta(days=1)))]

    def _own_relative(self, house: House, worker: UUID, person: UUID) -> list[UUID]:
        user = self.add(UserRow, login=f"u-{new_id().hex[-12:]}", password_hash=None, created_at=SINCE,
                        disabled_at=None)  # fmt: skip
        for role, provider, recipient in (
            (Role.CARER, house.id, None),
            (self.dice.choice((Role.REPRESENTATIVE, Role.RECIPIENT)), None, person),
        ):
            self.add(
                GrantRow, user_id=user, role=role, provider_id=provider, recipient_id=recipient, territory=None,
                from_on=date(2026, 1, 1), until_on=None, granted_by=None,
            )  # fmt: skip
        engagement = self.served(house, person)
        return [
            self.visit(house, engagement, person, worker, self._at(day))
            for day in self.dates((self.dice.randrange(5),))
        ]

    def _during_stay(self, house: House, worker: UUID, person: UUID) -> list[UUID]:
        """In day care, or at home, while they live in a home, or (every other time) are in a hospital."""
        day = self._day()
        before, after = day - timedelta(days=3), day + timedelta(days=9)
        setting = self.dice.choice((CareSetting.HOME, CareSetting.SEMI_IN_PATIENT))
        engagement = self.served(house, person, setting=setting)
        if self._way():
            self.add(SuspensionRow, engagement_id=engagement, from_on=before, until_on=after)
        else:
            self.served(house, person, setting=CareSetting.IN_PATIENT, from_on=before, until_on=after)
        return [self.visit(house, engagement, person, worker, self._at(day))]

    def _too_regular(self, house: House, worker: UUID, person: UUID) -> list[UUID]:
        engagement, at = self.served(house, person), time(10, self.dice.randrange(60), self.dice.randrange(60))
        days = [day for day in self.dates((0, 3)) if day.month == self.first.month]
        return [self.visit(house, engagement, person, worker, datetime.combine(day, at, ALMATY), 57) for day in days]


def build(*, houses: int, workers: int, frauds: int, days: int, seed: int = 1) -> Region:
    region = Region(random.Random(seed), date(2026, 3, 1), days)
    region.open()
    there = [region.house(number) for number in range(houses)]
    for house in there:
        region.serve(house, workers)
    kinds = list(Suspicion)
    for number in range(frauds):
        region.plant(kinds[number % len(kinds)], region.dice.choice(there))
    return region


def count(database: Database, model: type[Base]) -> int:
    with database.engine.connect() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(table_of(model))) or 0)
