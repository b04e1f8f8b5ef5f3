"""Months and half-open periods: ``until`` is never included."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

from contracts.kernel.errors import Malformed

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, written ``2026-03``."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str, *, pointer: str = "") -> Self:
        found = _MONTH.fullmatch(text)
        if not found:
            raise Malformed("A month is written 2026-03", pointer=pointer)
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def until(self) -> date:
        return self.next.first_day

    @property
    def next(self) -> "Month":
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``from_on`` up to, not including, ``until_on``. Empty periods are refused."""

    from_on: date
    until_on: date

    def __post_init__(self) -> None:
        if self.from_on >= self.until_on:
            raise Malformed("A period must end after it begins")

    def __contains__(self, day: date) -> bool:
        return self.from_on <= day < self.until_on

    def covers(self, other: "Period") -> bool:
        return self.from_on <= other.from_on and other.until_on <= self.until_on

    def months(self) -> int:
        """How many calendar months the period touches: what a monthly volume is multiplied by."""
        last = self.until_on
        touched = (last.year - self.from_on.year) * 12 + last.month - self.from_on.month
        return touched + (1 if last.day > 1 else 0)
