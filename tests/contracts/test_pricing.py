"""What a line comes to, to the tiyn: figures on which real systems disagree with themselves, and an exact oracle."""

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.act.pricing import (
    NO_VAT,
    Collector,
    Vat,
    VatMode,
    cost_of,
    monthly_charge,
    priced,
    share_of,
    total_of,
    vat_of,
)
from contracts.kernel.money import round_half_up

LINES = 1_000_000
SHORT = 20_000
INCOMES = st.integers(0, 10**11)


def test_the_total_is_the_sum_of_printed_lines() -> None:
    lines = [cost_of("visit", 10_00, quantity=32, seconds=0), cost_of("visit", 4_75, quantity=32, seconds=0)]
    assert lines == [320_00, 152_00]
    assert total_of(lines) == 472_00


def test_a_share_off_and_a_tax_on_top_are_each_rounded_where_they_are_printed() -> None:
    """16 x 348.35 less 4 % plus 22 %: 5573.60, less 222.94, is 5350.66, whose 22 % are 1177.15."""
    cost = cost_of("session", 348_35, quantity=16, seconds=0)
    found = priced(cost, deducted_minor=share_of(cost, 400), vat=Vat(VatMode.ADDED, 2200))
    assert (found.cost_minor, found.deducted_minor, found.vat_minor) == (5573_60, 222_94, 1177_15)
    assert found.amount_minor == 6527_81 == 5573_60 - 222_94 + 1177_15


def test_half_a_tiyn_goes_up_where_binary_fractions_go_down() -> None:
    assert round_half_up(Fraction("32015.5")) == 320_16
    assert 30_00 + round_half_up(Fraction("664.5")) == 36_65
    assert priced(30_00, vat=Vat(VatMode.ADDED, 2215)).amount_minor == 36_65  # 22.15 % of 30.00 is 6.645
    assert cost_of("hour", 64_22, quantity=1, seconds=8_100) == 144_50  # 2.25 x 64.22 = 144.495


def test_all_of_it_off_leaves_nothing() -> None:
    cost = cost_of("hour", 64_22, quantity=1, seconds=8_100)
    assert priced(cost, deducted_minor=share_of(cost, 10_000), vat=Vat(VatMode.ADDED, 1600)).amount_minor == 0


def test_tax_is_rounded_line_by_line_and_not_once_more_in_the_total() -> None:
    on_top = [vat_of(net, Vat(VatMode.ADDED, 2300)) for net in (55_55, 11_11)]
    assert (on_top, total_of(on_top)) == ([12_78, 2_56], 15_34)  # 23 % of 66.66 would be 15.33
    assert priced(138_66, vat=Vat(VatMode.ADDED, 1900)).amount_minor == 165_01


def test_tax_inside_a_price_changes_nothing_that_is_paid() -> None:
    inside = priced(116_00, vat=Vat(VatMode.INCLUDED, 1600))
    assert (inside.vat_minor, inside.amount_minor) == (16_00, 116_00)
    assert priced(116_00).vat_minor == vat_of(116_00, NO_VAT) == 0


@pytest.mark.parametrize(("income", "charge"), [(69_049, 0), (100_000, 30_951), (230_163, 161_114), (300_000, 210_000)])
def test_a_pensioner_keeps_the_minimum_pension_and_three_tenths(income: int, charge: int) -> None:
    found = monthly_charge(income * 100, kept_minor=69_049_00, share_bp=7000)
    assert round_half_up(Fraction(found, 100)) == charge


@given(income=INCOMES, kept=INCOMES, share=st.integers(0, 10_000))
def test_nobody_pays_more_than_the_share_nor_from_what_they_keep(income: int, kept: int, share: int) -> None:
    charge = monthly_charge(income, kept_minor=kept, share_bp=share)
    assert 0 <= charge <= income
    assert charge == 0 or (income - charge >= kept and charge <= share_of(income, share))


def test_the_recipients_part_is_never_more_than_the_line_and_is_paid_once() -> None:
    asked = priced(100_00, charge_minor=130_00, collector=Collector.PROVIDER)
    assert (asked.copayment_minor, asked.amount_minor) == (100_00, 0)
    assert priced(100_00, charge_minor=30_00, collector=Collector.PROVIDER).amount_minor == 70_00
    assert priced(100_00, charge_minor=30_00, collector=Collector.AGENCY).amount_minor == 100_00


def exact(value: Fraction) -> int:
    """Half up for what is not negative, said in another way than the code says it."""
    whole, rest = divmod(value.numerator, value.denominator)
    return whole + (2 * rest >= value.denominator)


def wrong_lines(count: int, *, seed: int) -> int:
    dice, wrong, total, paid = random.Random(seed), 0, 0, 0
    for _ in range(count):
        unit = dice.choice(("hour", "visit"))
        price, quantity, seconds = dice.randint(1, 10**7), dice.randint(1, 300), dice.randint(1, 10**6)
        off, rate = dice.choice((0, 0, dice.randint(1, 10_000))), dice.choice((0, 1600, 1200, dice.randint(1, 9_999)))
        mode = dice.choice((VatMode.ADDED, VatMode.INCLUDED)) if rate else VatMode.EXEMPT
        cost = cost_of(unit, price, quantity=quantity, seconds=seconds)
        found = priced(cost, deducted_minor=share_of(cost, off), vat=Vat(mode, rate))
        whole = exact(Fraction(price * seconds, 3600) if unit == "hour" else Fraction(price * quantity))
        net = whole - exact(Fraction(whole * off, 10_000))
        tax = exact(Fraction(net * rate, 10_000 + (rate if mode is VatMode.INCLUDED else 0)))
        amount = net + (tax if mode is VatMode.ADDED else 0)
        wrong += (found.cost_minor, found.vat_minor, found.amount_minor) != (whole, tax, amount)
        total, paid = total + amount, paid + found.amount_minor
    return wrong + (total != paid)


def test_lines_are_what_exact_fractions_say() -> None:
    assert wrong_lines(SHORT, seed=1) == 0


@pytest.mark.soak
def test_a_million_lines_are_what_exact_fractions_say() -> None:
    assert wrong_lines(LINES, seed=2) == 0
