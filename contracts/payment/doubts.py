"""What we ourselves say in ``last_error``, beside the server's own words: sentences that can be read back, so that a
page says them in its reader's language."""

import re
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from contracts.payment.rules import SECOND_TRANSFER

_VALUE = re.compile(r"%\((\w+)\)s")


class OurWords(StrEnum):
    """The first that fits a text is the one it was made of."""

    def of(self, **values: object) -> str:
        return self.value % values


class Doubt(OurWords):
    NO_WORD = "%(tries)s tries in a row ended without a word"
    SECOND_TRANSFER = f"{SECOND_TRANSFER} %(transfer)s"
    SEVERAL_TRANSFERS = "The server has %(many)s transfers: %(transfers)s"
    OTHER_THAN_ORDERED = "Transfer %(transfer)s: %(what)s is %(theirs)s, ordered was %(ours)s"
    BACK_IN_PART = "Transfer %(transfer)s was reversed in part: %(back)s of %(whole)s"
    BACK_BOOKED_IN_PART = "The server says that all the money came back, of which two people have booked a part already"
    BACK_BESIDE_ANOTHER = "The money came back while payment %(payment)s of the same act is on its way"


class Said(NamedTuple):
    doubt: OurWords
    values: dict[str, str]


def read_back(text: str, *kinds: type[OurWords]) -> Said | None:
    """None: in words of none of these kinds."""
    for doubt in chain.from_iterable(kinds):
        if found := _pattern(doubt).fullmatch(text):
            return Said(doubt, found.groupdict())
    return None


@lru_cache(maxsize=4 * len(Doubt))
def _pattern(doubt: OurWords) -> re.Pattern[str]:
    between = _VALUE.split(doubt)
    return re.compile("".join(f"(?P<{part}>.+?)" if odd % 2 else re.escape(part) for odd, part in enumerate(between)))
