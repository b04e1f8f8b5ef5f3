"""What taking visits back comes to, held against exact fractions: never a tiyn more or less than the line."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from math import floor

import hypothesis.strategies as st
from hypothesis import given

from contracts.act.pricing import Collector, Vat, VatMode, cost_of, priced
from contracts.act.rules import Act, ActLine, ActStatus, DeductionCode, LineOf
from contracts.act.take_back import Served, worth_of
from contracts.kernel.ids import new_id
from contracts.kernel.period import Month

NOW = datetime(2026, 4, 1, tzinfo=UTC)
VISITS = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 40_000)), min_size=1, max_size=8)
VATS = st.one_of(
    st.just(Vat(VatMode.EXEMPT, 0)),
    st.builds(Vat, st.sampled_from([VatMode.ADDED, VatMode.INCLUDED]), st.integers(1, 10_000)),
)


def exact(
    unit: str, price: int, visits: list[tuple[int, int]], off: int, vat: Vat, charge: int, collector: Collector
) -> tuple[int, int]:
    """The budget's and the recipient's part, by fractions that are rounded half up where a figure is printed."""

    def half_up(figure: Fraction) -> int:
        return floor(figure + Fraction(1, 2))

    units = Fraction(sum(s for _, s in visits), 3600) if unit == "hour" else Fraction(sum(q for q, _ in visits))
    net = max(0, half_up(price * units) - off)
    whole = net + half_up(Fraction(net * vat.rate_bp, 10_000)) if vat.mode is VatMode.ADDED else net
    own = min(charge, whole)
    return (whole - own if collector is Collector.PROVIDER else whole), own


@given(
    unit=st.sampled_from(["hour", "visit"]), price=st.integers(1, 10**7), visits=VISITS,
    share=st.integers(0, 100), vat=VATS, charge=st.integers(0, 10**8), collector=st.sampled_from(Collector),
)  # fmt: skip
def test_what_is_taken_back_is_what_the_line_loses_by_it(
    unit: str, price: int, visits: list[tuple[int, int]], share: int, vat: Vat, charge: int, collector: Collector
) -> None:
    quantity, seconds = (sum(column) for column in zip(*visits, strict=True))
    cost = cost_of(unit, price, quantity=quantity, seconds=seconds)
    off = cost * share // 100
    billed = priced(cost, deducted_minor=off, vat=vat, charge_minor=charge, collector=collector)
    act, line = _billed(unit, price, visits, vat, collector)
    line = replace(
        line, cost_minor=cost, deducted_minor=off, vat_minor=billed.vat_minor, amount_minor=billed.amount_minor,
        copayment_minor=billed.copayment_minor, deduct_code=DeductionCode.OTHER if off else None,
    )  # fmt: skip
    gone, taken, own = Served(0, 0), 0, 0
    for place, (units, length) in enumerate(visits):
        with_it = Served(gone.quantity + units, gone.seconds + length)
        worth = worth_of(act, line, before=gone, with_it=with_it)
        assert worth.amount_minor >= 0
        assert worth.copayment_minor >= 0
        gone, taken, own = with_it, taken + worth.amount_minor, own + worth.copayment_minor
        left = exact(unit, price, visits[place + 1 :], off, vat, charge, collector)
        assert (billed.amount_minor - taken, billed.copayment_minor - own) == left
    assert (taken, own) == (billed.amount_minor, billed.copayment_minor), "all of them: all of the line"


def _billed(
    unit: str, price: int, visits: list[tuple[int, int]], vat: Vat, collector: Collector
) -> tuple[Act, ActLine]:
    act = Act(
        new_id(), "C/2026-03", new_id(), new_id(), "75", new_id(), Month(2026, 3), 0, None, ActStatus.ACCEPTED,
        vat.mode, vat.rate_bp, collector, 0, new_id(), NOW, None, None, None, None, None, None, None, 1, 1,
    )  # fmt: skip
    line = ActLine(
        new_id(), act.id, new_id(), new_id(), "domestic", "home", unit, LineOf.VISITS, len(visits),
        sum(q for q, _ in visits), sum(s for _, s in visits), price, 0, 0, None, None, None, 0, 0, 0,
    )  # fmt: skip
    return act, line
