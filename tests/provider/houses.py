"""A small country: one region, one price limit, the provider "Warm Home" and the people around it."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from market.catalogue import service as catalogue
from market.catalogue.rules import CapacityUnit, CareSetting, Category, Language, ServiceKind, Unit
from market.provider import service
from market.provider.rules import NewOffer, NewProvider, OrganisationType, Sector
from market.tariff.service import set_price_limit

ASTANA, ASTANA_CITY = "710000000", 1526273
WARM_HOME_BIN, OTHER_BIN = "190540009117", "061240000015"
OFFICER = Actor(UUID(int=501), "procurement.astana", (Grant(Role.PROCUREMENT_OFFICER, territory="71"),))
ALMATY_OFFICER = Actor(UUID(int=502), "procurement.almaty", (Grant(Role.PROCUREMENT_OFFICER, territory="75"),))
BUDGET = Actor(UUID(int=503), "budget", (Grant(Role.BUDGET_OFFICER, territory=""),))
WARM_HOME = NewProvider(
    bin=WARM_HOME_BIN,
    name="Warm Home",
    sector=Sector.NGO,
    organisation_type=OrganisationType.NGO,
    territory=ASTANA,
)


def own(provider_id: UUID) -> Actor:
    return Actor(UUID(int=600), "warm.home", (Grant(Role.PROVIDER, provider_id=provider_id),))


@dataclass(frozen=True, slots=True)
class House:
    provider_id: UUID
    point_id: UUID
    people: Actor

    def offer(self, **changes: object) -> NewOffer:
        return replace(self._offer(), **changes)  # type: ignore[arg-type]  # the names are NewOffer's own

    def _offer(self) -> NewOffer:
        return NewOffer(
            provider_id=self.provider_id,
            service_point_id=self.point_id,
            kind=ServiceKind.DOMESTIC,
            setting=CareSetting.HOME,
            unit=Unit.VISIT,
            capacity_unit=CapacityUnit.PLACES,
            capacity=10,
            categories=[Category.ELDERLY],
            languages=[Language.KAZAKH, Language.RUSSIAN],
            price_minor=2_500_00,
            radius_m=20_000,
        )


def limits(work: Work) -> None:
    """Home visits from 1,000 to 4,000 tenge in Astana, last year to next year."""
    year = work.today.year
    set_price_limit(
        work,
        territory=ASTANA,
        kind=ServiceKind.DOMESTIC,
        setting=CareSetting.HOME,
        unit=Unit.VISIT,
        floor_minor=1_000_00,
        ceiling_minor=4_000_00,
        from_on=date(year - 1, 1, 1),
        until_on=date(year + 2, 1, 1),
        source="akimat resolution 17",
    )


def country(database: Database) -> None:
    database.write(SYSTEM, catalogue.load)
    database.write(BUDGET, limits)


def warm_home(work: Work) -> House:
    """Registered, licensed, with a point, not yet admitted."""
    provider_id = service.register(work, WARM_HOME)
    service.add_licence(work, provider_id, number="SSS-71-0001", from_on=work.today - timedelta(days=30))
    point_id = service.add_service_point(
        work, provider_id, name="Home on the river", locality_id=ASTANA_CITY, address="Kabanbay batyr 1"
    )
    return House(provider_id, point_id, own(provider_id))


def admitted_home(database: Database) -> House:
    country(database)
    house = database.write(SYSTEM, warm_home)
    database.write(OFFICER, lambda work: service.admit(work, house.provider_id))
    return house
