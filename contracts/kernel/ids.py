"""Identifiers: our own (UUIDv7) and the state's (IIN, BIN, IBAN).

Source of the check digit: both numbers share one rule, two passes of weights modulo 11.
"""

import re
import secrets
from datetime import date
from uuid import UUID

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException
from uuid_utils.compat import uuid7

from contracts.kernel.errors import Malformed

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_TWELVE = re.compile(r"[0-9]{12}", re.ASCII)
_FIRST = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
_TEN = 10
_CENTURY = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}
ENTITY_KINDS = "456"  # BIN digit 5: resident entity, non-resident entity, sole trader


def new_id() -> UUID:
    """A time-ordered UUIDv7. Order of events still comes from sequences, never from an id."""
    return uuid7()


def human_number(prefix: str) -> str:
    """A number for people to quote, such as ``V-7K3M9-QXT0B``: 50 random bits, no letter that reads as a digit.

    Random, not counted: nobody learns how many there are, and no writer waits for a counter.
    """
    bits = secrets.randbits(50)
    letters = "".join(_CROCKFORD[bits >> shift & 31] for shift in range(0, 50, 5))
    return f"{prefix}-{letters[:5]}-{letters[5:]}"


def check_digit(first_eleven: str) -> int | None:
    """The twelfth digit of an IIN or BIN, or None where no valid one exists."""
    digits = [int(d) for d in first_eleven]
    for weights in (_FIRST, _SECOND):
        k = sum(d * w for d, w in zip(digits, weights, strict=True)) % 11
        if k != _TEN:
            return k
    return None


def _checked(text: str, name: str, pointer: str) -> str:
    if not isinstance(text, str) or not _TWELVE.fullmatch(text) or text == "0" * 12:
        raise Malformed(
            f"An {name} has twelve digits" if name == "IIN" else f"A {name} has twelve digits",
            pointer=pointer,
            rule=f"{name.lower()}-form",
        )
    if check_digit(text[:11]) != int(text[11]):
        raise Malformed(f"The check digit of this {name} is wrong", pointer=pointer, rule=f"{name.lower()}-check-digit")
    return text


def parse_iin(text: str, *, pointer: str = "/iin") -> str:
    """Twelve digits: birth date, century and sex, serial, check digit."""
    _checked(text, "IIN", pointer)
    birth_date(text, pointer=pointer)
    return text


def birth_date(iin: str, *, pointer: str = "/iin") -> date:
    try:
        return date(_CENTURY[iin[6]] + int(iin[:2]), int(iin[2:4]), int(iin[4:6]))
    except (ValueError, KeyError):
        raise Malformed("This IIN holds no birth date", pointer=pointer, rule="iin-birth-date") from None


def parse_bin(text: str, *, pointer: str = "/bin") -> str:
    """Twelve digits: registration year and month, kind of entity, head or branch, serial, check digit."""
    _checked(text, "BIN", pointer)
    if not 1 <= int(text[2:4]) <= 12 or text[4] not in ENTITY_KINDS or text[5] not in "0123":  # noqa: PLR2004
        raise Malformed("This BIN names no month or no kind of entity", pointer=pointer, rule="bin-form")
    return text


def parse_iban(text: str, *, pointer: str = "/iban") -> str:
    """A Kazakh IBAN, 20 characters, without spaces."""
    try:
        iban = IBAN(text)
    except SchwiftyException:
        raise Malformed("This is not a valid IBAN", pointer=pointer, rule="iban-form") from None
    if iban.country_code != "KZ":
        raise Malformed("The account must be with a bank in Kazakhstan", pointer=pointer, rule="iban-country")
    return str(iban)
