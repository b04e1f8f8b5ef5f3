"""Months follow each other; a period does not hold the day it ends on."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.kernel.errors import Malformed
from contracts.kernel.period import Month, Period

days = st.dates(date(2000, 1, 1), date(2098, 12, 31))


def test_a_month_is_written_year_first() -> None:
    assert Month.parse("2026-03") == Month(2026, 3)
    assert str(Month(2026, 3)) == "2026-03"


@pytest.mark.parametrize(
    "text", ["2026-3", "2026-13", "2026-00", "26-03", "1999-12", "2026-03-01", "", "2026-03\n", "٢٠٢٦-٠٣"]
)
def test_any_other_writing_is_refused_and_the_field_is_named(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        Month.parse(text, pointer="/month")
    assert refused.value.members["errors"][0]["pointer"] == "/month"  # type: ignore[index]


@given(days)
def test_a_day_lies_in_its_month_and_not_in_the_next(day: date) -> None:
    month = Month.of(day)
    assert month.first_day <= day < month.until
    assert month < month.next
    assert month.next.first_day == month.until
    assert Month.parse(str(month)) == month


@given(days, st.integers(1, 800))
def test_a_period_holds_its_first_day_and_not_its_end(first: date, length: int) -> None:
    period = Period(first, first + timedelta(days=length))
    assert first in period
    assert period.until_on not in period
    assert period.until_on - timedelta(days=1) in period
    assert first - timedelta(days=1) not in period
    assert period.covers(period)


@given(days, st.integers(0, 800))
def test_a_period_that_does_not_move_forward_is_refused(first: date, back: int) -> None:
    with pytest.raises(Malformed):
        Period(first, first - timedelta(days=back))


@pytest.mark.parametrize(
    ("from_on", "until_on", "months"),
    [
        (date(2026, 1, 1), date(2026, 2, 1), 1),
        (date(2026, 1, 31), date(2026, 2, 2), 2),
        (date(2025, 12, 31), date(2026, 1, 1), 1),
        (date(2025, 11, 15), date(2026, 3, 1), 4),
        (date(2026, 1, 1), date(2027, 1, 1), 12),
    ],
)
def test_a_period_counts_the_months_it_touches(from_on: date, until_on: date, months: int) -> None:
    assert Period(from_on, until_on).months() == months


@given(days, st.integers(1, 800))
def test_the_months_counted_are_those_its_days_lie_in(first: date, length: int) -> None:
    period = Period(first, first + timedelta(days=length))
    assert period.months() == len({Month.of(first + timedelta(days=n)) for n in range(length)})


def test_a_longer_period_covers_a_shorter_one_and_not_the_reverse() -> None:
    year, spring = Period(date(2026, 1, 1), date(2027, 1, 1)), Period(date(2026, 3, 1), date(2026, 6, 1))
    assert year.covers(spring)
    assert not spring.covers(year)
