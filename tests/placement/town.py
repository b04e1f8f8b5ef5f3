"""A spring in Almaty: Warm Home and its offers on the map, people with vouchers, and a clock that tests can move."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from contracts.kernel.clock import move_clock, start_travelling
from contracts.kernel.ids import check_digit
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from market.catalogue.rules import CareSetting, Category, Language, ServiceKind, Unit, counted_in
from market.placement import queries, request_queries, service
from market.placement.rules import Placement, Request
from market.provider import queries as providers
from market.provider import service as providing
from market.provider.rules import NewOffer, NewProvider, OrganisationType, Sector
from tests.recipient.homes import ALMATY, ALMATY_CITY, register
from tests.voucher.desks import issue, line_with, open_office

NOON = datetime(2026, 4, 10, 7, tzinfo=UTC)  # a Friday, 12:00 in Almaty
CENTRE = (43.238, 76.945)  # where everybody lives unless a test says otherwise
METRE = 1 / 111_194.93  # degrees of latitude
ADMISSION = Actor(UUID(int=701), "procurement in Almaty", (Grant(Role.PROCUREMENT_OFFICER, territory="75"),))
BUDGET = Actor(UUID(int=702), "budget in Almaty", (Grant(Role.BUDGET_OFFICER, territory=""),))
CLERK = SYSTEM  # the worker: what time releases
T = TypeVar("T")


@dataclass(slots=True)
class Person:
    """A holder, with the voucher."""

    id: UUID
    voucher_id: UUID

    @property
    def self(self) -> Actor:
        return Actor(UUID(int=710), "the holder", (Grant(Role.RECIPIENT, recipient_id=self.id),))


@dataclass(slots=True)
class House:
    """An admitted provider with one offer, and its people."""

    provider_id: UUID
    offer_id: UUID

    @property
    def people(self) -> Actor:
        return Actor(UUID(int=711), "people of the house", (Grant(Role.PROVIDER, provider_id=self.provider_id),))


@dataclass(slots=True)
class Town:
    database: Database
    line_id: UUID
    persons: int = 0
    houses: list[House] = field(default_factory=list)

    def do(self, actor: Actor, fn: Callable[[Work], T]) -> T:
        return self.database.write(actor, fn)

    def see(self, fn: Callable[[Work], T]) -> T:
        return self.database.read(SYSTEM, fn)

    def wait(self, **by: int) -> None:
        with self.database.engine.begin() as connection:
            move_clock(connection, timedelta(**by))

    # --- who is there ----------------------------------------------------------------------------------------------
    def person(
        self,
        *,
        north_m: int = 0,
        tier: int = 3,
        category: Category = Category.ELDERLY,
        ceiling: int = 1_000_00,
        until_on: date = date(2026, 7, 1),
        from_on: date | None = None,
        unit: Unit = Unit.VISIT,
        units_a_month: int = 8,
    ) -> Person:
        self.persons += 1
        person = register(
            self.database, self.persons, latitude=CENTRE[0] + north_m * METRE, longitude=CENTRE[1], tier=tier,
            category=category,
        )  # fmt: skip
        today = self.see(lambda work: work.today)
        voucher = issue(
            self.database, person, self.line_id, ceiling_minor=ceiling, unit=unit, units_a_month=units_a_month,
            from_on=from_on or today,
            until_on=until_on,
        )  # fmt: skip
        return Person(person, voucher)

    def house(
        self,
        name: str = "Warm Home",
        *,
        away_m: int = 1_000,
        capacity: int = 1,
        price: int = 900_00,
        radius_m: int | None = None,
        unit: Unit = Unit.VISIT,
        category: Category = Category.ELDERLY,
    ) -> House:
        serial = len(self.houses) + 1

        def found(work: Work) -> House:
            provider_id = providing.register(work, NewProvider(
                bin=bin_of(serial), name=name, sector=Sector.NGO, organisation_type=OrganisationType.NGO,
                territory=ALMATY, iban="KZ86125KZT5004100100",
            ))  # fmt: skip
            providing.add_licence(work, provider_id, number=f"SSS-{serial}", from_on=work.today - timedelta(days=30))
            point = providing.add_service_point(
                work, provider_id, name="Point", locality_id=ALMATY_CITY, address="Abai 1",
                latitude=CENTRE[0] + away_m * METRE, longitude=CENTRE[1],
            )  # fmt: skip
            offer = providing.open_offer(work, NewOffer(
                provider_id=provider_id, service_point_id=point, kind=ServiceKind.DOMESTIC, setting=CareSetting.HOME,
                unit=unit, capacity_unit=counted_in(CareSetting.HOME, unit), capacity=capacity, categories=[category],
                languages=[Language.KAZAKH], price_minor=price, radius_m=radius_m,
            ))  # fmt: skip
            return House(provider_id, offer)

        house = self.do(SYSTEM, found)
        self.do(ADMISSION, lambda work: providing.admit(work, house.provider_id))
        self.houses.append(house)
        return house

    # --- what they do ----------------------------------------------------------------------------------------------
    def ask(self, person: Person) -> UUID:
        return self.do(person.self, lambda work: service.ask(work, person.voucher_id))

    def wish(self, person: Person, *houses: House) -> UUID:
        ids = [house.offer_id for house in houses]
        return self.do(person.self, lambda work: service.set_wishes(work, person.voucher_id, offer_ids=ids))

    def book(self, person: Person, house: House) -> UUID:
        return self.do(person.self, lambda work: service.book(work, person.voucher_id, house.offer_id))

    def placed(self, person: Person, house: House) -> UUID:
        """Booked and accepted."""
        placement = self.book(person, house)
        self.do(house.people, lambda work: service.accept(work, placement))
        return placement

    # --- what is seen ----------------------------------------------------------------------------------------------
    def taken(self, house: House) -> int:
        return self.see(lambda work: providers.offer(work, house.offer_id)).taken

    def request(self, person: Person) -> Request:
        return self.see(lambda work: queries.request_of_voucher(work, person.voucher_id))

    def placement(self, placement_id: UUID) -> Placement:
        return self.see(lambda work: queries.placement(work, placement_id))

    def live(self, person: Person) -> Placement | None:
        request = self.request(person)
        return self.see(lambda work: queries.live_placement_of(work, request.id))

    def broken(self) -> list[str]:
        """The names of the sentences that do not hold."""
        every = [*queries.invariants(), *request_queries.invariants()]
        return self.see(lambda work: [i.name for i in every if work.rows(i.broken.limit(1))])


def open_town(database: Database) -> Town:
    with database.engine.begin() as connection:
        start_travelling(connection, shown_at=NOON)
    open_office(database)
    return Town(database, line_with(database, 10_000_000_00))


def bin_of(serial: int) -> str:
    """A registered BIN; the serials for which no check digit exists are skipped."""
    for number in range(serial * 7, serial * 7 + 7):
        eleven = f"190540{number:05d}"
        if (digit := check_digit(eleven)) is not None:
            return f"{eleven}{digit}"
    raise AssertionError("seven serials in a row cannot all be without a check digit")
