"""Numbers on the command line, with their limits."""

from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import TypeVar

N = TypeVar("N", int, float)
LARGEST_PORT = 65_535
LARGEST_SEED = 2**31 - 1
LONGEST_SECONDS = 86_400
LARGEST_ROUND = 2**31 - 1
LARGEST_SCALE = 20.0  # times the nation: what this was measured on


def _within(kind: type[N], least: N, most: N, what: str) -> Callable[[str], N]:
    def read(text: str) -> N:
        try:
            value = kind(text)
        except ValueError:
            raise ArgumentTypeError(f"{text[:40]!r} is not {what}") from None
        if not least <= value <= most:  # also refuses NaN
            raise ArgumentTypeError(f"{what} is {least} to {most}, not {text[:40]}")
        return value

    return read


port = _within(int, 0, LARGEST_PORT, "a port")
round_number = _within(int, 1, LARGEST_ROUND, "a round's number")
seed_number = _within(int, 0, LARGEST_SEED, "a seed")
seconds = _within(int, 1, LONGEST_SECONDS, "a number of seconds")
fraction_of_seconds = _within(float, 0.001, float(LONGEST_SECONDS), "a number of seconds")
scale = _within(float, 0.0001, LARGEST_SCALE, "a scale")
