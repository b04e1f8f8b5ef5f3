"""Offers: what they may say, what they may cost, and a counter that never passes its capacity."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.audit.queries import events_of
from contracts.audit.service import record
from contracts.kernel.errors import DomainError, Malformed, NotFound, StaleVersion, WrongState
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from market.catalogue.rules import CapacityUnit, CareSetting, Language, ServiceKind, Unit
from market.provider import queries, service
from market.provider.rules import (
    CapacityBelowTaken,
    NoFreePlace,
    OfferNotFound,
    OfferStatus,
    PriceNotSet,
    ServicePointNotFound,
    TariffDayTaken,
    TariffInThePast,
    WrongRadius,
    WrongUnit,
    check_offer,
)
from market.tariff.rules import NoPriceLimit, TariffAboveCeiling, TariffBelowFloor
from tests.provider.houses import OFFICER, House, admitted_home, own


@pytest.fixture
def house(database: Database) -> House:
    return admitted_home(database)


@pytest.fixture
def offer_id(database: Database, house: House) -> UUID:
    return database.write(house.people, lambda work: service.open_offer(work, house.offer()))


def offer(database: Database, offer_id: UUID) -> queries.Offer:
    return database.read(SYSTEM, lambda work: queries.offer(work, offer_id))


def verbs(database: Database, offer_id: UUID) -> list[str]:
    return [e.verb for e in database.read(SYSTEM, lambda work: events_of(work, "offer", offer_id))]


def take(database: Database, offer_id: UUID, size: int = 1) -> None:
    def fn(work: Work) -> None:
        service.take(work, offer_id, size=size)
        record(work, "test-booking", new_id(), "taken")

    database.write(SYSTEM, fn)


def give_back(database: Database, offer_id: UUID, size: int = 1) -> None:
    def fn(work: Work) -> None:
        service.give_back(work, offer_id, size=size)
        record(work, "test-booking", new_id(), "given-back")

    database.write(SYSTEM, fn)


def test_an_offer_opens_with_nothing_taken_and_a_price_from_today(database: Database, house: House) -> None:
    offer_id = database.write(house.people, lambda work: service.open_offer(work, house.offer()))
    stored = offer(database, offer_id)
    assert (stored.taken, stored.free, stored.status) == (0, 10, OfferStatus.OPEN)
    assert (stored.territory, stored.languages) == ("710000000", ["kk", "ru"])
    assert stored.number.startswith("O-")
    assert database.read(SYSTEM, lambda work: queries.price_on(work, offer_id, work.today)) == 2_500_00
    with pytest.raises(PriceNotSet):
        database.read(SYSTEM, lambda work: queries.price_on(work, offer_id, work.today - timedelta(days=1)))
    assert verbs(database, offer_id) == ["opened"]
    assert len(database.read(SYSTEM, lambda work: queries.offers_of(work, house.provider_id))) == 1


HOUSE = House(UUID(int=1), UUID(int=2), own(UUID(int=1)))


@pytest.mark.parametrize(
    ("changes", "error", "rule"),
    [
        ({"capacity": -1}, Malformed, "capacity-range"),
        ({"capacity": 10_001}, Malformed, "capacity-range"),
        ({"capacity_unit": CapacityUnit.MINUTES, "capacity": 1_000_001}, Malformed, "capacity-range"),
        ({"unit": Unit.NIGHT}, WrongUnit, "unit-of-setting"),
        ({"setting": CareSetting.IN_PATIENT, "radius_m": None}, WrongUnit, "unit-of-setting"),
        (
            {
                "setting": CareSetting.IN_PATIENT,
                "unit": Unit.PERSON_DAY,
                "capacity_unit": CapacityUnit.MINUTES,
                "radius_m": None,
            },
            WrongUnit,
            "capacity-unit-of-unit",
        ),
        ({"capacity_unit": CapacityUnit.MINUTES}, WrongUnit, "capacity-unit-of-unit"),
        ({"unit": Unit.HOUR}, WrongUnit, "capacity-unit-of-unit"),
        ({"setting": CareSetting.IN_PATIENT, "unit": Unit.PERSON_DAY}, WrongRadius, "radius-of-setting"),
        ({"radius_m": 0}, Malformed, "radius-range"),
        ({"radius_m": 200_001}, Malformed, "radius-range"),
        ({"categories": []}, Malformed, "categories-named"),
        ({"languages": []}, Malformed, "languages-named"),
    ],
)
def test_an_offer_that_makes_no_sense_is_refused_by_rule(
    changes: dict[str, Any], error: type[DomainError], rule: str
) -> None:
    check_offer(HOUSE.offer())
    with pytest.raises(error) as refused:
        check_offer(HOUSE.offer(**changes))
    assert refused.value.members["rule"] == rule


def test_a_capacity_or_a_radius_that_is_no_integer_is_our_mistake() -> None:
    for changes in ({"capacity": 10.0}, {"capacity": True}, {"radius_m": 5000.0}):
        with pytest.raises(AssertionError):
            check_offer(HOUSE.offer(**changes))


def test_an_offer_outside_the_price_limits_is_refused_and_nothing_is_written(database: Database, house: House) -> None:
    year = database.read(SYSTEM, lambda work: work.today.year)
    refusals: list[tuple[dict[str, Any], type[DomainError]]] = [
        ({"price_minor": 4_000_01}, TariffAboveCeiling),
        ({"price_minor": 999_99}, TariffBelowFloor),
        ({"kind": ServiceKind.LEGAL}, NoPriceLimit),
        ({"from_on": date(year + 2, 1, 1)}, NoPriceLimit),
        ({"from_on": date(year - 1, 6, 1)}, TariffInThePast),
        ({"capacity": -1}, Malformed),
        ({"service_point_id": new_id()}, ServicePointNotFound),
    ]
    for changes, error in refusals:
        with pytest.raises(error) as refused:
            database.write(house.people, lambda work, c=changes: service.open_offer(work, house.offer(**c)))  # type: ignore[misc]
        assert "pointer" in str(refused.value.members) or error is ServicePointNotFound
    assert database.read(SYSTEM, lambda work: queries.offers_of(work, house.provider_id)) == []


def test_nobody_changes_another_providers_offer(database: Database, offer_id: UUID) -> None:
    stranger, answers = own(new_id()), set()
    for wanted in (offer_id, new_id()):
        for attempt in (
            lambda work, o: service.set_capacity(work, o, capacity=1),
            lambda work, o: service.set_tariff(work, o, price_minor=2_000_00, from_on=work.today),
            service.close_offer,
        ):
            with pytest.raises(NotFound) as refused:
                database.write(stranger, lambda work, a=attempt, o=wanted: a(work, o))  # type: ignore[misc]
            answers.add((refused.value.code, refused.value.detail))
    assert answers == {("offer-not-found", "There is no such offer")}
    with pytest.raises(OfferNotFound):
        database.write(OFFICER, lambda work: service.set_capacity(work, offer_id, capacity=1))
    assert verbs(database, offer_id) == ["opened"]


def test_prices_follow_each_other_by_day(database: Database, house: House, offer_id: UUID) -> None:
    today = database.read(SYSTEM, lambda work: work.today)
    later = today + timedelta(days=30)
    database.write(house.people, lambda work: service.set_tariff(work, offer_id, price_minor=3_000_00, from_on=later))
    prices = [
        database.read(SYSTEM, lambda work, d=day: queries.price_on(work, offer_id, d))  # type: ignore[misc]
        for day in (today, later - timedelta(days=1), later, later + timedelta(days=100))
    ]
    assert prices == [2_500_00, 2_500_00, 3_000_00, 3_000_00]
    assert verbs(database, offer_id) == ["opened", "tariff-set"]


def test_a_price_outside_its_limits_in_the_past_or_twice_a_day_is_refused(
    database: Database, house: House, offer_id: UUID
) -> None:
    today = database.read(SYSTEM, lambda work: work.today)
    tomorrow = today + timedelta(days=1)
    refusals: list[tuple[int, date, type[DomainError], str]] = [
        (4_000_01, tomorrow, TariffAboveCeiling, "/price"),
        (999_99, tomorrow, TariffBelowFloor, "/price"),
        (2_000_00, today - timedelta(days=1), TariffInThePast, "/from_on"),
        (2_000_00, today, TariffDayTaken, "/from_on"),
    ]
    for price, from_on, error, pointer in refusals:
        with pytest.raises(error) as refused:
            database.write(
                house.people,
                lambda work, p=price, d=from_on: service.set_tariff(work, offer_id, price_minor=p, from_on=d),  # type: ignore[misc]
            )
        assert refused.value.members["pointer"] == pointer
    assert verbs(database, offer_id) == ["opened"]


def test_capacity_follows_the_provider_but_never_below_what_is_taken(
    database: Database, house: House, offer_id: UUID
) -> None:
    def set_capacity(capacity: int, version: int | None = None) -> None:
        database.write(
            house.people, lambda work: service.set_capacity(work, offer_id, capacity=capacity, version=version)
        )

    take(database, offer_id, 4)
    set_capacity(4)
    with pytest.raises(CapacityBelowTaken) as refused:
        set_capacity(3)
    assert refused.value.members == {"pointer": "/capacity", "rule": "taken-within-capacity", "taken": 4}
    with pytest.raises(Malformed):
        set_capacity(-1)
    assert (offer(database, offer_id).capacity, offer(database, offer_id).version) == (4, 2)
    set_capacity(6, version=2)
    with pytest.raises(StaleVersion):
        set_capacity(7, version=2)
    assert offer(database, offer_id).capacity == 6
    assert verbs(database, offer_id) == ["opened", "capacity-set", "capacity-set"]


def test_places_are_taken_until_none_is_left_and_given_back(database: Database, offer_id: UUID) -> None:
    take(database, offer_id, 9)
    with pytest.raises(NoFreePlace) as refused:
        take(database, offer_id, 2)
    assert refused.value.code == "no-free-place"
    assert refused.value.members["offer"] == str(offer_id)
    take(database, offer_id)
    give_back(database, offer_id, 10)
    assert offer(database, offer_id).taken == 0
    with pytest.raises(AssertionError):
        give_back(database, offer_id)
    for wrong in (0, -1, 1.0):
        with pytest.raises(AssertionError):
            take(database, offer_id, wrong)  # type: ignore[arg-type]


def test_the_last_place_goes_to_exactly_one_of_many(database: Database, offer_id: UUID) -> None:
    take(database, offer_id, 9)

    def attempt(_number: int) -> bool:
        try:
            take(database, offer_id)
        except NoFreePlace:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(attempt, range(64))) == 1
    assert offer(database, offer_id).taken == 10


def test_a_closed_offer_takes_nobody_until_it_is_reopened(database: Database, house: House, offer_id: UUID) -> None:
    database.write(house.people, lambda work: service.close_offer(work, offer_id))
    with pytest.raises(NoFreePlace):
        take(database, offer_id)
    with pytest.raises(WrongState):
        database.write(house.people, lambda work: service.close_offer(work, offer_id))
    assert database.read(SYSTEM, lambda work: queries.admitted_offers(work, on=work.today)) == []
    database.write(house.people, lambda work: service.reopen_offer(work, offer_id))
    take(database, offer_id)
    assert verbs(database, offer_id) == ["opened", "closed", "reopened"]


def test_only_offers_of_admitted_licensed_providers_can_be_chosen(
    database: Database, house: House, offer_id: UUID
) -> None:
    def choices(on: date, **which: Any) -> list[queries.AdmittedOffer]:
        return database.read(SYSTEM, lambda work: queries.admitted_offers(work, on=on, **which))

    today = database.read(SYSTEM, lambda work: work.today)
    (found,) = choices(today, kind=ServiceKind.DOMESTIC, setting=CareSetting.HOME, unit=Unit.VISIT)
    assert (found.id, found.provider_name, found.price_minor, found.free) == (offer_id, "Warm Home", 2_500_00, 10)
    assert found.languages == [Language.KAZAKH, Language.RUSSIAN]
    assert 51 < found.latitude < 52
    assert choices(today, unit=Unit.HOUR) == []
    assert choices(today - timedelta(days=1)) == [], "no price yet"
    assert choices(today - timedelta(days=31)) == [], "no licence yet"
    database.write(OFFICER, lambda work: service.suspend(work, house.provider_id, reason="inspection"))
    assert choices(today) == []


def test_the_invariants_hold_and_find_what_was_forced(database: Database, offer_id: UUID) -> None:
    def broken(work: Work) -> list[str]:
        return [i.name for i in queries.invariants() if work.rows(i.broken)]

    assert database.read(SYSTEM, broken) == []

    def force(work: Work) -> None:
        work.connection.exec_driver_sql("UPDATE offer_tariff SET price_minor = 1")
        work.connection.exec_driver_sql("DELETE FROM licence")

    database.write(SYSTEM, force)
    assert database.read(SYSTEM, broken) == [
        "every price lay within a price limit of the day it began",
        "an admitted provider has a licence",
    ]
