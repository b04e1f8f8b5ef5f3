"""What a line of an act comes to: cost, less what the officer took off, value-added tax, the recipient's own part.

Each figure that is printed is rounded once, half up, from figures that are printed too, so that a reader with a
pencil finds the same; what is paid is their sum. Nothing is ever computed from an unrounded figure nobody sees.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from contracts.contract.rules import HOUR
from contracts.kernel.money import price_of, round_half_up

SECONDS_AN_HOUR = 3600
BASIS_POINTS = 10_000  # a whole, in hundredths of a percent


class VatMode(StrEnum):
    EXEMPT = "exempt"  # special social services, unless the provider is registered for it
    INCLUDED = "included"  # the price holds it already
    ADDED = "added"  # it comes on top of the price


class Collector(StrEnum):
    """Who collects the recipient's part."""

    AGENCY = "agency"  # the provider is paid in full
    PROVIDER = "provider"  # the provider is paid the rest


@dataclass(frozen=True, slots=True)
class Vat:
    """``rate_bp`` in hundredths of a percent: 16 % is 1600."""

    mode: VatMode
    rate_bp: int


NO_VAT = Vat(VatMode.EXEMPT, 0)


@dataclass(frozen=True, slots=True)
class Priced:
    """``amount_minor`` is what the budget pays; the rest says how it came about."""

    cost_minor: int
    deducted_minor: int
    vat_minor: int
    copayment_minor: int
    amount_minor: int


def cost_of(unit: str, unit_price_minor: int, *, quantity: int, seconds: int, counted: bool = False) -> int:
    """Hours are paid by the exact second, all other units by count, as is what nobody measured (``counted``: a visit
    that did not take place). Rounded once a line, half up."""
    if unit == HOUR and not counted:
        return price_of(unit_price_minor, Fraction(seconds, SECONDS_AN_HOUR))
    return price_of(unit_price_minor, quantity)


def share_of(amount_minor: int, basis_points: int) -> int:
    """So many hundredths of a percent of it, half up."""
    return round_half_up(Fraction(amount_minor * basis_points, BASIS_POINTS))


def vat_of(net_minor: int, vat: Vat) -> int:
    """On top of the net, or the part of it that is tax (rate / (100 + rate))."""
    match vat.mode:
        case VatMode.EXEMPT:
            return 0
        case VatMode.ADDED:
            return share_of(net_minor, vat.rate_bp)
        case VatMode.INCLUDED:
            return round_half_up(Fraction(net_minor * vat.rate_bp, BASIS_POINTS + vat.rate_bp))


def priced(
    cost_minor: int,
    *,
    deducted_minor: int = 0,
    vat: Vat = NO_VAT,
    charge_minor: int = 0,
    collector: Collector = Collector.AGENCY,
) -> Priced:
    """``charge_minor``: what the recipient may still be asked for in this month; never more than the line comes to."""
    assert 0 <= deducted_minor <= cost_minor
    net = cost_minor - deducted_minor
    tax = vat_of(net, vat)
    whole = net + tax if vat.mode is VatMode.ADDED else net
    own = min(charge_minor, whole)
    return Priced(cost_minor, deducted_minor, tax, own, whole - own if collector is Collector.PROVIDER else whole)


def total_of(amounts: Sequence[int]) -> int:
    """The sum of the printed lines, never a rounded sum of what they were computed from."""
    return sum(amounts)


def monthly_charge(income_minor: int, *, kept_minor: int, share_bp: int) -> int:
    """What somebody on full state support pays of a month's pension or benefit: at most a share of it, and never so
    much that less is left than what the law lets them keep. max(0, min(share x income, income - kept))."""
    return max(0, min(share_of(income_minor, share_bp), income_minor - kept_minor))
