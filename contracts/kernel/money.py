"""Money is an integer count of minor units (tiyn) with a currency. No float, one rounding rule, one way to split."""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from contracts.kernel.errors import Malformed

KZT = "KZT"
MINOR_PER_MAJOR = 100
MAX_MINOR = 10**15  # ten trillion tenge: above the whole budget, below 2^53, so no reader can lose a digit
_AMOUNT = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """``minor`` tiyn. Addition keeps the currency; multiplication goes through :func:`price_of`."""

    minor: int
    currency: str = KZT

    def __post_init__(self) -> None:
        assert type(self.minor) is int, "money is an integer"
        if abs(self.minor) > MAX_MINOR:
            raise Malformed(f"An amount may not exceed {MAX_MINOR // MINOR_PER_MAJOR} {self.currency}")

    def __add__(self, other: "Money") -> "Money":
        assert self.currency == other.currency
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        assert self.currency == other.currency
        return Money(self.minor - other.minor, self.currency)

    def __str__(self) -> str:
        return decimal_string(self.minor)


def decimal_string(minor: int) -> str:
    """125000 -> "1250.00": the form of money on the wire."""
    sign = "-" if minor < 0 else ""
    whole, part = divmod(abs(minor), MINOR_PER_MAJOR)
    return f"{sign}{whole}.{part:02d}"


def parse_amount(text: object, *, pointer: str = "") -> int:
    """Minor units from a decimal string with at most two places; ASCII digits only, no exponent, no float."""
    if not isinstance(text, str) or not _AMOUNT.fullmatch(text):
        raise Malformed('An amount is a decimal string such as "1250.00"', pointer=pointer)
    minor = int(Decimal(text) * MINOR_PER_MAJOR)
    if abs(minor) > MAX_MINOR:
        raise Malformed(f"An amount may not exceed {MAX_MINOR // MINOR_PER_MAJOR}", pointer=pointer)
    return minor


def round_half_up(value: Fraction | int) -> int:
    """The one rounding rule: to the nearest minor unit, halves away from zero (as the tax code rounds)."""
    numerator, denominator = value.numerator, value.denominator
    rounded = (2 * abs(numerator) + denominator) // (2 * denominator)
    return rounded if numerator >= 0 else -rounded


def price_of(unit_price_minor: int, quantity: Fraction | int) -> int:
    """Unit price times quantity, rounded once."""
    return round_half_up(unit_price_minor * quantity)


def split(total_minor: int, weights: list[int]) -> list[int]:
    """Shares that add up to the total: largest remainder, ties to the earlier share."""
    whole = sum(weights)
    assert whole > 0, "weights must have a positive sum"
    assert total_minor >= 0
    assert all(w >= 0 for w in weights)
    shares = [total_minor * w // whole for w in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(total_minor * weights[i] % whole), i))
    for i in order[: total_minor - sum(shares)]:
        shares[i] += 1
    return shares
