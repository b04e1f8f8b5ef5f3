"""Civil dates of the country, and its working days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.kernel.calendar import add_working_days, civil_date, is_working_day, start_of

days = st.dates(date(2024, 3, 2), date(2030, 12, 31))


def test_the_day_turns_at_seven_in_the_evening_of_greenwich() -> None:
    assert civil_date(datetime(2026, 3, 1, 18, 59, tzinfo=UTC)) == date(2026, 3, 1)
    assert civil_date(datetime(2026, 3, 1, 19, 0, tzinfo=UTC)) == date(2026, 3, 2)


def test_before_march_2024_the_day_turned_an_hour_earlier() -> None:
    assert civil_date(datetime(2024, 2, 1, 18, 0, tzinfo=UTC)) == date(2024, 2, 2)


def test_an_instant_without_a_zone_is_our_mistake() -> None:
    with pytest.raises(AssertionError):
        civil_date(datetime(2026, 3, 1))  # noqa: DTZ001


@given(days)
def test_a_day_begins_with_its_first_instant(day: date) -> None:
    first = start_of(day)
    assert civil_date(first) == day
    assert civil_date(first - timedelta(microseconds=1)) == day - timedelta(days=1)


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 1),  # New Year
        date(2026, 1, 7),  # Orthodox Christmas
        date(2026, 3, 23),  # Nauryz, the third day
        date(2026, 12, 16),  # Independence Day
        date(2026, 11, 21),  # a Saturday
    ],
)
def test_holidays_and_weekends_are_not_worked(day: date) -> None:
    assert not is_working_day(day)


def test_a_day_off_moved_by_the_government_wins_over_the_calendar() -> None:
    saturday, monday = date(2026, 11, 21), date(2026, 11, 23)
    moved = {saturday: True, monday: False}
    assert is_working_day(saturday, moved)
    assert not is_working_day(monday, moved)
    assert add_working_days(date(2026, 11, 20), 1, moved) == saturday


def test_a_term_of_working_days_leaps_over_nauryz() -> None:
    # Friday 20 March 2026, then the weekend with Nauryz, the days off in its place, and work again
    end = add_working_days(date(2026, 3, 20), 1)
    assert end > date(2026, 3, 23)
    assert is_working_day(end)


@given(days, st.integers(0, 40))
def test_a_term_holds_exactly_its_working_days(day: date, count: int) -> None:
    end = add_working_days(day, count)
    between = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert sum(map(is_working_day, between)) == count
    assert count == 0 or is_working_day(end)
