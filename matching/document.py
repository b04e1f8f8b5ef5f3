"""JSON read strictly: every fault is found, and named by the JSON pointer of where it stands.

The standard parser keeps the last of two equal keys and takes floats, NaN and numbers of any length without a word;
here all of them survive the parse as what they are, so that they can be refused at their place.
"""

import json
from collections.abc import Iterable
from typing import Any, NoReturn

from matching.errors import MalformedInstance

LARGEST = 2**63 - 1
# no number of ours has more digits; the value of a longer one does not matter, only that it is too large
_DIGITS = 20


class Pairs(list[tuple[str, Any]]):
    """A JSON object as it was written: keys in order, repeated ones too."""


class NotAnInteger(str):
    """A number written with a point, an exponent, or as NaN or Infinity."""

    __slots__ = ()


class Reading:
    """Checks that raise `error` (a `MalformedInstance` or its heir) at the pointer of the fault."""

    def __init__(self, error: type[MalformedInstance]) -> None:
        self.error = error

    def fail(self, pointer: str, message: str) -> NoReturn:
        raise self.error(pointer, message)

    def parse(self, document: bytes) -> Any:
        try:
            return json.loads(
                document.decode("utf-8"),
                object_pairs_hook=Pairs,
                parse_float=NotAnInteger,
                parse_constant=NotAnInteger,
                parse_int=_integer,
            )
        except UnicodeDecodeError as fault:
            self.fail("", f"is not UTF-8 (byte {fault.start})")
        except json.JSONDecodeError as fault:
            self.fail("", f"is not JSON: {fault.msg} (line {fault.lineno}, column {fault.colno})")
        except RecursionError:
            self.fail("", "is nested too deeply")

    def members(
        self, pointer: str, value: Any, required: Iterable[str], optional: Iterable[str] | None = ()
    ) -> dict[str, Any]:
        """The members of an object; unknown (unless `optional` is None), repeated and missing keys are faults."""
        if not isinstance(value, Pairs):
            self.fail(pointer, "must be an object")
        found: dict[str, Any] = {}
        known = None if optional is None else {*required, *optional}
        for key, member in value:
            if known is not None and key not in known:
                self.fail(child(pointer, key), "is not a key of this format")
            if key in found:
                self.fail(child(pointer, key), "stands here twice")
            found[key] = member
        for key in required:
            if key not in found:
                self.fail(child(pointer, key), "is missing")
        return found

    def items(self, pointer: str, value: Any) -> list[Any]:
        if not isinstance(value, list) or isinstance(value, Pairs):
            self.fail(pointer, "must be a list")
        return value

    def integer(self, pointer: str, value: Any, least: int = 0, most: int = LARGEST) -> int:
        if type(value) is not int:
            self.fail(pointer, "must be an integer")
        if not least <= value <= most:
            self.fail(pointer, f"must lie between {least} and {most}")
        return value

    def integers(self, pointer: str, value: Any, least: int = 0, most: int = LARGEST) -> list[int]:
        return [
            self.integer(f"{pointer}/{at}", item, least, most) for at, item in enumerate(self.items(pointer, value))
        ]

    def text(self, pointer: str, value: Any) -> str:
        if not isinstance(value, str) or isinstance(value, NotAnInteger) or not value:
            self.fail(pointer, "must be a text that is not empty")
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            self.fail(pointer, "holds half of a surrogate pair")
        return value

    def word(self, pointer: str, value: Any, *allowed: str) -> str:
        if not isinstance(value, str) or value not in allowed:
            self.fail(pointer, f"must be {' or '.join(repr(word) for word in allowed)}")
        return value


def child(pointer: str, key: str) -> str:
    """RFC 6901: ~ and / inside a key are written ~0 and ~1."""
    return f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"


def _integer(digits: str) -> int:
    return int(digits) if len(digits) <= _DIGITS else int(f"{digits[:_DIGITS]}0")
