"""The reference rows: complete, sourced, loaded once, and the legal numbers by day."""

import re
from datetime import date

import pytest
import sqlalchemy as sa

from contracts.audit.queries import events_of
from contracts.kernel.errors import Malformed, NotAllowed
from contracts.kernel.runner import Database
from contracts.kernel.work import NOBODY, SYSTEM, Actor, Grant, Role, Work
from market.catalogue import queries, service
from market.catalogue.models import TerritoryRow
from market.catalogue.rules import (
    CapacityUnit,
    CareSetting,
    Conversion,
    IndicatorCode,
    IndicatorNotSet,
    IndicatorPeriodTaken,
    ServiceKind,
    Unit,
    UnitTakesNoTime,
    UnknownLocality,
    UnknownTerritory,
    counted_in,
    size_of,
)

OFFICER = Actor(None, "ministry", (Grant(Role.BUDGET_OFFICER, territory=""),))
HOME_VISITS = Conversion({Unit.VISIT: 60, Unit.HOUR: 60, Unit.SESSION: 45}, weeks_a_year=52)


def test_everything_is_loaded_once_and_recorded(database: Database) -> None:
    with pytest.raises(NotAllowed):
        database.write(NOBODY, service.load)
    database.write(SYSTEM, service.load)
    database.write(SYSTEM, service.load)

    def look(work: Work) -> None:
        assert len(queries.territories(work)) == 20
        assert len(queries.localities(work)) == 351
        assert {kind.code for kind in queries.kinds(work)} == set(ServiceKind)
        assert 40 <= len(queries.items(work)) <= 50
        (event,) = events_of(work, "catalogue", "reference")
        assert event.verb == "loaded"
        (invariant,) = queries.invariants()
        assert work.rows(invariant.broken) == []

    database.read(SYSTEM, look)


def test_what_is_missing_is_added_and_what_was_changed_stays(database: Database) -> None:
    database.write(SYSTEM, service.load)

    def change(work: Work) -> None:
        astana = TerritoryRow.code == "710000000"
        work.execute(sa.update(TerritoryRow).where(astana).values(name_en="Capital"))
        work.execute(sa.text("DELETE FROM service_item WHERE code = 'nails'"))

    database.write(SYSTEM, change)
    database.write(SYSTEM, service.load)

    def look(work: Work) -> None:
        assert queries.territory(work, "710000000").name_en == "Capital"
        assert "nails" in {item.code for item in queries.items(work)}
        assert len(events_of(work, "catalogue", "reference")) == 2

    database.read(SYSTEM, look)


def test_fuel_and_water_have_a_limit_a_visit_and_every_kind_has_items_in_three_languages(database: Database) -> None:
    database.write(SYSTEM, service.load)
    items = database.read(SYSTEM, queries.items)
    limits = {item.code: (item.limit_amount, item.limit_unit) for item in items if item.limit_amount}
    assert limits == {"fuel": (30, "kg"), "water": (30, "l")}
    assert {item.kind for item in items} == set(ServiceKind)
    for item in items:
        assert all((item.name_kk, item.name_ru, item.name_en))
        assert item.name_kk != item.name_ru


@pytest.mark.parametrize(
    ("locality", "territory"),
    [
        (1526273, "71"), (1526384, "75"), (1518980, "79"),  # Astana, Almaty, Shymkent
        (1519422, "10"), (1517721, "10"), (1520316, "63"),  # Semey, Urzhar, Oskemen
        (1518542, "33"), (1519948, "19"),  # Taldykorgan, Konayev
        (1516589, "62"), (609655, "35"),  # Zhezqazghan, Karagandy
        (1517945, "61"), (1516905, "31"), (1519922, "43"), (1521368, "43"),  # Turkistan, Taraz, Kyzylorda, Baikonur
        (610611, "15"), (610529, "23"), (608668, "27"), (610612, "47"),  # Aktobe, Atyrau, Oral, Aktau
        (1519928, "39"), (1520172, "59"), (1522203, "11"), (1520240, "55"),  # Kostanay, Petropavl, Kokshetau, Pavlodar
    ],
)  # fmt: skip
def test_well_known_cities_lie_in_their_region_of_today(locality: int, territory: str) -> None:
    (row,) = [row for row in service._localities() if row["id"] == locality]
    assert row["territory"] == territory + "0" * 7


def test_every_place_has_a_name_in_kazakh_and_russian() -> None:
    for row in service.shipped("localities"):
        for name in (row["name_kk"], row["name_ru"]):
            assert re.fullmatch(r"[А-ЯЁӘҒҚҢӨҰҮҺІа-яёәғқңөұүһі -]+", name), row
        assert not re.search("[ӘҒҚҢӨҰҮҺІәғқңөұүһі]", row["name_ru"]), row


def test_places_lie_in_the_country_and_belong_to_a_region() -> None:
    codes = {row["code"] for row in service.shipped("territories")}
    for row in service._localities():
        assert row["territory"] in codes
        assert 40.5 < row["latitude"] < 55.5
        assert 46.4 < row["longitude"] < 87.4
        assert row["population"] >= 0
        assert row["kato"] is None


def test_territories_and_localities_are_found_by_prefix_and_unknown_ones_refused(database: Database) -> None:
    database.write(SYSTEM, service.load)

    def look(work: Work) -> None:
        assert queries.localities(work, territory="75")[0].name == "Almaty"
        assert queries.localities(work, territory="%") == []
        queries.check_territory_prefix(work, "")
        queries.check_territory_prefix(work, "71")
        for refused in ("72", "%", "_1", "7100000000"):
            with pytest.raises(UnknownTerritory):
                queries.check_territory_prefix(work, refused)
        with pytest.raises(UnknownTerritory) as named:
            queries.territory(work, "71")
        assert named.value.members["pointer"] == "/territory"
        with pytest.raises(UnknownLocality):
            queries.locality(work, 1)

    database.read(SYSTEM, look)


def test_a_legal_number_is_the_one_of_the_day_and_names_its_source(database: Database) -> None:
    database.write(SYSTEM, service.load)

    def look(work: Work) -> None:
        on = {
            year: queries.indicator_on(work, IndicatorCode.MINIMUM_PENSION, date(year, 6, 1)) for year in (2024, 2026)
        }
        assert on[2026].value == 69_049_00
        assert on[2026].unit == "tiyn"
        assert "unconfirmed" in on[2024].source
        last, first = date(2025, 12, 31), date(2026, 1, 1)
        assert queries.indicator_on(work, IndicatorCode.MRP, last).value == 3_932_00
        assert queries.indicator_on(work, IndicatorCode.MRP, first).value == 4_325_00
        with pytest.raises(IndicatorNotSet):
            queries.indicator_on(work, IndicatorCode.MRP, date(2023, 12, 31))
        assert queries.conversion_on(work, first) == HOME_VISITS
        with pytest.raises(IndicatorNotSet):
            queries.conversion_on(work, date(2020, 1, 1))

    database.read(SYSTEM, look)


def set_number(work: Work, *, value: int = 1, from_on: date, until_on: date, source: str = "act") -> None:
    service.set_indicator(
        work, code=IndicatorCode.MINUTES_A_VISIT, value=value, from_on=from_on, until_on=until_on, source=source
    )


def test_a_new_legal_number_ends_the_one_before_it(database: Database) -> None:
    database.write(SYSTEM, service.load)
    begins, ends = date(2026, 7, 1), date(2100, 1, 1)
    database.write(OFFICER, lambda work: set_number(work, value=90, from_on=begins, until_on=ends))

    def look(work: Work) -> None:
        assert queries.conversion_on(work, date(2026, 6, 30)).minutes_a_unit[Unit.VISIT] == 60
        assert queries.conversion_on(work, begins).minutes_a_unit[Unit.VISIT] == 90
        assert [e.verb for e in events_of(work, "indicator", IndicatorCode.MINUTES_A_VISIT)] == ["set"]

    database.read(SYSTEM, look)


def test_a_legal_number_out_of_order_or_without_a_source_is_refused(database: Database) -> None:
    database.write(SYSTEM, service.load)
    begins, ends = date(2026, 7, 1), date(2100, 1, 1)
    database.write(OFFICER, lambda work: set_number(work, from_on=begins, until_on=ends))
    for taken in (begins, date(2026, 5, 1)):
        with pytest.raises(IndicatorPeriodTaken):
            database.write(OFFICER, lambda work, day=taken: set_number(work, from_on=day, until_on=ends))  # type: ignore[misc]
    with pytest.raises(Malformed):
        database.write(OFFICER, lambda work: set_number(work, from_on=begins, until_on=begins))
    with pytest.raises(Malformed):
        database.write(OFFICER, lambda work: set_number(work, value=0, from_on=ends, until_on=date(2101, 1, 1)))
    with pytest.raises(Malformed):
        database.write(OFFICER, lambda work: set_number(work, source=" ", from_on=ends, until_on=date(2101, 1, 1)))
    astana = Actor(None, "akimat", (Grant(Role.BUDGET_OFFICER, territory="71"),))
    with pytest.raises(NotAllowed):
        database.write(astana, lambda work: set_number(work, from_on=ends, until_on=date(2101, 1, 1)))
    database.read(SYSTEM, _one_event)


def _one_event(work: Work) -> None:
    assert len(events_of(work, "indicator", IndicatorCode.MINUTES_A_VISIT)) == 1


@pytest.mark.parametrize(
    ("unit", "units_a_month", "minutes"),
    [(Unit.VISIT, 8, 111), (Unit.VISIT, 13, 180), (Unit.HOUR, 1, 14), (Unit.SESSION, 52, 540), (Unit.VISIT, 26, 360)],
)
def test_minutes_a_week_are_a_years_minutes_over_its_weeks_rounded_up(
    unit: Unit, units_a_month: int, minutes: int
) -> None:
    assert size_of(CapacityUnit.MINUTES, unit, units_a_month, HOME_VISITS) == minutes


def test_a_place_is_one_whatever_the_volume_and_a_day_has_no_minutes() -> None:
    assert size_of(CapacityUnit.PLACES, Unit.PERSON_DAY, 22, HOME_VISITS) == 1
    with pytest.raises(UnitTakesNoTime) as refused:
        size_of(CapacityUnit.MINUTES, Unit.NIGHT, 22, HOME_VISITS)
    assert refused.value.members["pointer"] == "/unit"
    for wrong in (0, -1, 1001):
        with pytest.raises(Malformed):
            size_of(CapacityUnit.PLACES, Unit.VISIT, wrong, HOME_VISITS)
    with pytest.raises(AssertionError):
        size_of(CapacityUnit.PLACES, Unit.VISIT, 1.0, HOME_VISITS)  # type: ignore[arg-type]


def test_only_hours_and_sessions_at_home_are_counted_in_minutes() -> None:
    in_minutes = {(s, u) for s in CareSetting for u in Unit if counted_in(s, u) is CapacityUnit.MINUTES}
    assert in_minutes == {(CareSetting.HOME, Unit.HOUR), (CareSetting.HOME, Unit.SESSION)}
