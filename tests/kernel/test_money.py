"""Money is an integer with a currency; what is split adds up again."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.kernel.errors import Malformed
from contracts.kernel.money import MAX_MINOR, Money, decimal_string, parse_amount, price_of, round_half_up, split

amounts = st.integers(-MAX_MINOR, MAX_MINOR)


@given(amounts)
def test_an_amount_survives_the_wire(minor: int) -> None:
    assert parse_amount(decimal_string(minor)) == minor


@pytest.mark.parametrize(
    ("text", "minor"), [("1250.00", 125_000), ("1250", 125_000), ("0.5", 50), ("0", 0), ("-0.01", -1), ("-0", 0)]
)
def test_an_amount_is_a_decimal_string_with_at_most_two_places(text: str, minor: int) -> None:
    assert parse_amount(text) == minor


@pytest.mark.parametrize(
    "thing",
    [
        "NaN", "Infinity", "1e3", "1.234", "01", ".5", "5.", "", " 1", "1\n", "+1", "1,000", "١", "1" * 17,
        1, 1.5, float("nan"), True, None, ["1"],
    ],
)  # fmt: skip
def test_anything_else_is_refused_and_the_field_is_named(thing: object) -> None:
    with pytest.raises(Malformed) as refused:
        parse_amount(thing, pointer="/price/amount")
    assert refused.value.members["errors"][0]["pointer"] == "/price/amount"  # type: ignore[index]


def test_a_float_or_a_flag_is_not_money() -> None:
    for thing in (1.0, True, "1"):
        with pytest.raises(AssertionError):
            Money(thing)  # type: ignore[arg-type]


def test_an_amount_beyond_every_budget_is_refused() -> None:
    assert Money(MAX_MINOR).minor == MAX_MINOR
    with pytest.raises(Malformed):
        Money(MAX_MINOR + 1)
    with pytest.raises(Malformed):
        Money(MAX_MINOR) + Money(1)


def test_currencies_do_not_mix() -> None:
    with pytest.raises(AssertionError):
        Money(1) + Money(1, "USD")
    with pytest.raises(AssertionError):
        Money(1) - Money(1, "USD")


@given(amounts, amounts)
def test_adding_and_taking_away_undo_each_other(one: int, other: int) -> None:
    if abs(one + other) <= MAX_MINOR:
        assert Money(one) + Money(other) - Money(other) == Money(one)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(Fraction(1, 2), 1), (Fraction(-1, 2), -1), (Fraction(3, 2), 2), (Fraction(49, 100), 0), (Fraction(-3, 2), -2)],
)
def test_halves_are_rounded_away_from_zero(value: Fraction, rounded: int) -> None:
    assert round_half_up(value) == rounded


@given(st.fractions())
def test_rounding_is_to_the_nearest(value: Fraction) -> None:
    assert abs(round_half_up(value) - value) <= Fraction(1, 2)
    assert round_half_up(-value) == -round_half_up(value)


def test_a_price_is_rounded_once() -> None:
    assert price_of(333, Fraction(1, 2)) == 167
    assert price_of(333, 3) == 999


@given(st.integers(0, MAX_MINOR), st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any))
def test_shares_add_up_and_differ_from_the_exact_share_by_less_than_one(total: int, weights: list[int]) -> None:
    shares = split(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(total * weight, sum(weights))) < 1


def test_what_is_left_over_goes_to_the_earlier_of_equal_shares() -> None:
    assert split(100, [1, 1, 1]) == [34, 33, 33]


@pytest.mark.parametrize(("total", "weights"), [(1, []), (1, [0, 0]), (-1, [1]), (1, [2, -1])])
def test_a_split_without_a_meaning_is_our_mistake(total: int, weights: list[int]) -> None:
    with pytest.raises(AssertionError):
        split(total, weights)
