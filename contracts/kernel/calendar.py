"""Civil dates of the country and working days.

The whole country keeps UTC+5 since 1 March 2024; the zone's own history (tzdata 2024a or newer) covers earlier days.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

ALMATY = ZoneInfo("Asia/Almaty")


def civil_date(instant: datetime) -> date:
    """The day it is in the country at that instant."""
    assert instant.tzinfo is not None, "an instant is aware"
    return instant.astimezone(ALMATY).date()


def start_of(day: date) -> datetime:
    """The instant at which the day begins in the country."""
    return datetime(day.year, day.month, day.day, tzinfo=ALMATY).astimezone(UTC)


@lru_cache(maxsize=64)
def _holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("KZ", years=year))


def is_working_day(day: date, moved: dict[date, bool] | None = None) -> bool:
    """``moved`` overrides the calendar: the Government moves days off each year (day -> is it a working day)."""
    if moved and day in moved:
        return moved[day]
    return day.weekday() < 5 and day not in _holidays(day.year)  # noqa: PLR2004 - Saturday


def add_working_days(day: date, count: int, moved: dict[date, bool] | None = None) -> date:
    """The day on which a term of ``count`` working days that begins after ``day`` ends."""
    assert count >= 0
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day, moved)
    return day
