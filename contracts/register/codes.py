"""Six digits that a recipient tells who came: one visit, one day, one engagement. Nothing of them is stored.

code = HMAC-SHA256(the installation's key, engagement, civil day, how many visits of that day a code has confirmed
already), its first eight bytes modulo a million. So a code is spent by its visit, and whoever knows one knows no other.
Five guesses a day find one with a chance of one in 200,000.
"""

import hashlib
import hmac
from datetime import date
from uuid import UUID

from contracts.kernel.errors import Malformed, RuleBroken

DIGITS = 6
MAX_WRONG = 5  # for an engagement and day; then the recipient or an operator confirms
PAPER_DAYS = 31  # codes on a sheet of paper: a month is as long as a lost sheet may matter
_USE = b"tapsyrys-visit-code/1"
_SEPARATORS = str.maketrans("", "", " -\N{NO-BREAK SPACE}")


class WrongCode(RuleBroken):
    """``left``: how many more may be tried for that day."""

    code = "visit-code-wrong"
    title = "This is not the code of this visit; ask the recipient once more"

    def __init__(self, left: int) -> None:
        super().__init__(pointer="/code", rule="visit-code", left=left)


class CodesLocked(RuleBroken):
    code = "visit-code-locked"
    title = "Too many wrong codes for this day; the recipient or an operator must confirm the visit"

    def __init__(self) -> None:
        super().__init__(pointer="/code", rule="visit-code-tries")


def code_of(key: bytes, engagement_id: UUID, day: date, spent: int) -> str:
    """The code of the next visit, after ``spent`` of the day were confirmed by code."""
    message = b"\0".join([_USE, engagement_id.bytes, day.isoformat().encode(), str(spent).encode()])
    digest = hmac.new(key, message, hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}d}"


def parse_code(text: str) -> str:
    """As people write it, "123 456" too. Not six digits: Malformed, and no guess."""
    code = text.translate(_SEPARATORS)
    if len(code) != DIGITS or not code.isascii() or not code.isdigit():
        raise Malformed(f"A code has {DIGITS} digits", pointer="/code", rule="code-form")
    return code


def is_same(given: str, expected: str) -> bool:
    """Takes as long for a near miss as for a far one."""
    return hmac.compare_digest(given.encode(), expected.encode())
