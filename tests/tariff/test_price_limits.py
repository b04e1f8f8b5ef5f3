"""Floors and ceilings: the longest prefix and the day decide."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from contracts.audit.queries import events_of
from contracts.kernel.errors import DomainError, Malformed, NotAllowed
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from market.catalogue import service as catalogue
from market.catalogue.rules import CareSetting, ServiceKind, Unit, UnknownTerritory
from market.tariff import queries, service
from market.tariff.rules import (
    NoPriceLimit,
    PriceLimitPeriodTaken,
    TariffAboveCeiling,
    TariffBelowFloor,
    prefixes,
)

COUNTRY = Actor(UUID(int=1), "ministry", (Grant(Role.BUDGET_OFFICER, territory=""),))
ASTANA = Actor(UUID(int=2), "akimat", (Grant(Role.BUDGET_OFFICER, territory="71"),))
VISIT = {"kind": ServiceKind.DOMESTIC, "setting": CareSetting.HOME, "unit": Unit.VISIT}
YEAR = {"from_on": date(2026, 1, 1), "until_on": date(2027, 1, 1)}
STREAM = "710000000/domestic/home/visit"


def set_limit(database: Database, by: Actor = ASTANA, **changes: Any) -> UUID:
    values: dict[str, Any] = {
        "territory": "710000000",
        **VISIT,
        "floor_minor": 1_000_00,
        "ceiling_minor": 4_000_00,
        **YEAR,
        "source": "akimat resolution 17",
    }
    return database.write(by, lambda work: service.set_price_limit(work, **(values | changes)))


def price(database: Database, minor: int, *, territory: str = "710000000", on: date = date(2026, 6, 1)) -> None:
    database.read(SYSTEM, lambda work: service.check_price(work, minor, territory=territory, on=on, **VISIT))  # type: ignore[arg-type]  # three enums


def floor_in(database: Database, territory: str, on: date = date(2026, 6, 1)) -> int:
    return database.read(
        SYSTEM,
        lambda work: queries.limit_on(work, territory=territory, on=on, **VISIT).floor_minor,  # type: ignore[arg-type]
    )


@pytest.fixture(autouse=True)
def _country(database: Database) -> None:
    database.write(SYSTEM, catalogue.load)


def test_both_bounds_are_allowed_prices_and_what_lies_beyond_is_refused(database: Database) -> None:
    set_limit(database)
    for allowed in (1_000_00, 2_500_00, 4_000_00):
        price(database, allowed)
    with pytest.raises(TariffAboveCeiling) as above:
        price(database, 4_000_01)
    with pytest.raises(TariffBelowFloor) as below:
        price(database, 999_99)
    for refused in (above, below):
        facts = refused.value.members
        assert facts == {
            "pointer": "/price",
            "rule": "price-limit",
            "floor": "1000.00",
            "ceiling": "4000.00",
            "source": "akimat resolution 17",
        }
    assert (above.value.code, below.value.code) == ("tariff-above-ceiling", "tariff-below-floor")
    with pytest.raises(AssertionError):
        price(database, 2_500.0)  # type: ignore[arg-type]


def test_setting_a_limit_is_recorded(database: Database) -> None:
    limit_id = set_limit(database)
    (event,) = database.read(SYSTEM, lambda work: events_of(work, "price-limit", STREAM))
    assert event.verb == "set"
    assert str(limit_id) in event.body


def test_without_a_limit_no_price_is_allowed(database: Database) -> None:
    set_limit(database)
    for elsewhere in ({"territory": "750000000"}, {"on": date(2027, 1, 1)}, {"on": date(2025, 12, 31)}):
        with pytest.raises(NoPriceLimit) as refused:
            price(database, 2_500_00, **elsewhere)
        assert refused.value.code == "no-price-limit"


def test_the_longest_prefix_decides(database: Database) -> None:
    for floor, territory in ((3, ""), (2, "7"), (1, "710000000")):
        set_limit(database, COUNTRY, territory=territory, floor_minor=floor)
    assert floor_in(database, "710000000") == 1
    assert floor_in(database, "750000000") == 2
    assert floor_in(database, "100000000") == 3
    assert prefixes("71") == ["", "7", "71"]


def test_a_limit_of_the_longer_prefix_decides_on_its_days_only(database: Database) -> None:
    set_limit(database, COUNTRY, territory="", floor_minor=5)
    set_limit(database, until_on=date(2026, 7, 1), floor_minor=7)
    assert floor_in(database, "710000000", date(2026, 6, 30)) == 7
    assert floor_in(database, "710000000", date(2026, 7, 1)) == 5


def test_overlapping_periods_of_the_same_key_are_refused(database: Database) -> None:
    set_limit(database)
    for from_on, until_on in (
        (date(2026, 1, 1), date(2027, 1, 1)),
        (date(2026, 1, 1), date(2026, 2, 1)),
        (date(2026, 12, 31), date(2028, 1, 1)),
        (date(2025, 1, 1), date(2026, 1, 2)),
        (date(2025, 1, 1), date(2028, 1, 1)),
    ):
        with pytest.raises(PriceLimitPeriodTaken):
            set_limit(database, from_on=from_on, until_on=until_on)
    assert len(database.read(SYSTEM, queries.price_limits)) == 1
    assert len(database.read(SYSTEM, lambda work: events_of(work, "price-limit", STREAM))) == 1


def test_periods_that_meet_and_other_keys_do_not_overlap(database: Database) -> None:
    set_limit(database)
    set_limit(database, from_on=date(2027, 1, 1), until_on=date(2028, 1, 1))
    set_limit(database, unit=Unit.HOUR)
    set_limit(database, territory="71")
    (invariant,) = queries.invariants()

    def look(work: Work) -> None:
        assert len(queries.price_limits(work, territory="71")) == 4
        assert len(queries.price_limits(work, on=date(2027, 6, 1))) == 1
        assert queries.price_limits(work, territory="%") == []
        assert work.scalar(invariant.checked) == 4
        assert work.rows(invariant.broken) == []

    database.read(SYSTEM, look)


def test_of_two_officers_at_once_one_sets_the_limit(database: Database) -> None:
    def attempt(number: int) -> bool:
        try:
            set_limit(database, from_on=date(2026, 1, 1 + number), floor_minor=1 + number)
        except PriceLimitPeriodTaken:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(16))) == 1


REFUSALS: list[tuple[dict[str, Any], type[DomainError]]] = [
    ({"territory": "75"}, NotAllowed),
    ({"territory": ""}, NotAllowed),
    ({"territory": "7"}, NotAllowed),
    ({"territory": "719"}, UnknownTerritory),
    ({"floor_minor": 0}, Malformed),
    ({"floor_minor": -1}, Malformed),
    ({"floor_minor": 4_000_01}, Malformed),
    ({"ceiling_minor": 10**16}, Malformed),
    ({"until_on": date(2026, 1, 1)}, Malformed),
    ({"source": ""}, Malformed),
]


def test_a_limit_without_authority_or_sense_is_refused(database: Database) -> None:
    for changes, error in REFUSALS:
        with pytest.raises(error):
            set_limit(database, **changes)
    assert database.read(SYSTEM, queries.price_limits) == []
