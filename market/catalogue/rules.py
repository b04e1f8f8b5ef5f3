"""The words of the catalogue: kinds of service, care settings, units, organisation types, categories."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from contracts.kernel.errors import Conflict, Malformed, NotFound, RuleBroken


class ServiceKind(StrEnum):
    """The eight kinds of special social services (each "social-...")."""

    DOMESTIC = "domestic"
    MEDICAL = "medical"
    PSYCHOLOGICAL = "psychological"
    PEDAGOGICAL = "pedagogical"
    LABOUR = "labour"
    CULTURAL = "cultural"
    ECONOMIC = "economic"
    LEGAL = "legal"


# As the law counts them; stands in numbers, which are the same in every language.
KIND_CODE: dict[ServiceKind, str] = {kind: str(place) for place, kind in enumerate(ServiceKind, start=1)}


class CareSetting(StrEnum):
    IN_PATIENT = "in-patient"
    SEMI_IN_PATIENT = "semi-in-patient"
    HOME = "home"
    TEMPORARY_STAY = "temporary-stay"


class Unit(StrEnum):
    PERSON_DAY = "person-day"
    VISIT = "visit"
    HOUR = "hour"
    SESSION = "session"
    NIGHT = "night"


class CapacityUnit(StrEnum):
    PLACES = "places"
    MINUTES = "minutes"  # a week


class Category(StrEnum):
    """Who is served: the five categories of home care, and the grounds beside disability and age."""

    CHILD_PSYCHONEUROLOGICAL = "child-psychoneurological"  # 1.5 to 18
    CHILD_LOCOMOTOR = "child-locomotor"  # 1.5 to 18
    ADULT_PSYCHONEUROLOGICAL = "adult-psychoneurological"  # over 18
    DISABILITY_1_2 = "disability-1-2"  # groups I and II
    ELDERLY = "elderly"  # unable to care for themselves
    DIFFICULT_SITUATION = "difficult-situation"  # maladjustment, deprivation, difficult environment


class Language(StrEnum):
    KAZAKH = "kk"
    RUSSIAN = "ru"
    ENGLISH = "en"


class IndicatorCode(StrEnum):
    """The legal numbers and the capacity rules of this marketplace."""

    MRP = "monthly-calculation-index"
    MINIMUM_PENSION = "minimum-pension"
    SUBSISTENCE_MINIMUM = "subsistence-minimum"
    WEEKS_A_YEAR = "weeks-a-year"
    MINUTES_A_VISIT = "minutes-a-visit"
    MINUTES_AN_HOUR = "minutes-an-hour"
    MINUTES_A_SESSION = "minutes-a-session"
    COPAYMENT_SHARE = "copayment-share"  # of a pension or benefit, on full state support
    MINIMUM_BIDS = "minimum-admitted-bids"  # with fewer a lot is unsuccessful


class IndicatorUnit(StrEnum):
    TIYN = "tiyn"
    MINUTES = "minutes"
    WEEKS = "weeks"
    BIDS = "bids"
    BASIS_POINTS = "basis-points"  # hundredths of a percent


UNIT_OF: dict[IndicatorCode, IndicatorUnit] = {
    IndicatorCode.MRP: IndicatorUnit.TIYN,
    IndicatorCode.MINIMUM_PENSION: IndicatorUnit.TIYN,
    IndicatorCode.SUBSISTENCE_MINIMUM: IndicatorUnit.TIYN,
    IndicatorCode.WEEKS_A_YEAR: IndicatorUnit.WEEKS,
    IndicatorCode.MINUTES_A_VISIT: IndicatorUnit.MINUTES,
    IndicatorCode.MINUTES_AN_HOUR: IndicatorUnit.MINUTES,
    IndicatorCode.MINUTES_A_SESSION: IndicatorUnit.MINUTES,
    IndicatorCode.COPAYMENT_SHARE: IndicatorUnit.BASIS_POINTS,
    IndicatorCode.MINIMUM_BIDS: IndicatorUnit.BIDS,
}
MINUTES_CODE: dict[Unit, IndicatorCode] = {
    Unit.VISIT: IndicatorCode.MINUTES_A_VISIT,
    Unit.HOUR: IndicatorCode.MINUTES_AN_HOUR,
    Unit.SESSION: IndicatorCode.MINUTES_A_SESSION,
}
MONTHS_A_YEAR = 12
MAX_UNITS_A_MONTH = 1_000  # more than a visit an hour round the clock is a slip of the pen
MAX_SIZE = 1_000_000  # what a matching instance allows
MAX_INDICATOR = 10**15
MAX_SOURCE = 500


class UnknownTerritory(RuleBroken):
    code = "unknown-territory"
    title = "There is no such territory"


class UnknownLocality(RuleBroken):
    code = "unknown-locality"
    title = "There is no such locality"


class IndicatorNotSet(NotFound):
    code = "indicator-not-set"
    title = "This number is not set for that day"


class IndicatorPeriodTaken(Conflict):
    code = "indicator-period-taken"
    title = "A later row of this number begins within the period"


class UnitTakesNoTime(RuleBroken):
    code = "unit-takes-no-time"
    title = "A day or a night is a place: it has no minutes"


def counted_in(setting: CareSetting, unit: Unit) -> CapacityUnit:
    """What a placement takes of an offer: minutes a week where care at home is granted in hours or sessions, else a
    place. Offers and vouchers both follow it, so that a size means the same to both."""
    timed = setting is CareSetting.HOME and unit in {Unit.HOUR, Unit.SESSION}
    return CapacityUnit.MINUTES if timed else CapacityUnit.PLACES


@dataclass(frozen=True, slots=True)
class Conversion:
    """The capacity rule of a day: how long a unit takes, and how many weeks a year has."""

    minutes_a_unit: Mapping[Unit, int]
    weeks_a_year: int


def size_of(capacity_unit: CapacityUnit, unit: Unit, units_a_month: int, conversion: Conversion) -> int:
    """What a monthly volume takes of an offer's counter: one place, or so many minutes a week.

    Minutes a week = units a month x minutes a unit x 12 / weeks a year, rounded up: nobody gets less than promised.
    """
    assert type(units_a_month) is int
    if not 0 < units_a_month <= MAX_UNITS_A_MONTH:
        raise Malformed(
            f"Units a month are 1 to {MAX_UNITS_A_MONTH}", pointer="/units_a_month", rule="units-a-month-range"
        )
    if capacity_unit is CapacityUnit.PLACES:
        return 1
    minutes = conversion.minutes_a_unit.get(unit)
    if minutes is None:
        raise UnitTakesNoTime(pointer="/unit", rule="minutes-of-unit", unit=str(unit))
    size = -(-units_a_month * minutes * MONTHS_A_YEAR // conversion.weeks_a_year)
    assert 0 < size <= MAX_SIZE
    return size
