"""Visits as a clerk's spreadsheet has them: pasted text to cells, cells to days and times. Pure.

Columns stand in the order of :class:`Column`, or as a header in Kazakh, Russian or English names them.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from babel import Locale

from contracts.kernel.errors import Malformed, RuleBroken
from contracts.register.many import MOST

LONGEST_CELL = 200  # characters: a place has 120, a worker's name 300 at most and never in a sheet
SHORTEST_STEM = 5  # letters of a word that may take an ending: shorter ones begin too many others
MIDNIGHT = 24 * 3600  # seconds
_CENTURY = 2000


class Column(StrEnum):
    PERSON = "person"  # the number of the engagement or of the recipient
    DAY = "day"
    START = "start"
    END = "end"
    WORKER = "worker"
    QUANTITY = "quantity"
    PLACE = "place"
    CODE = "code"


NEEDED = (Column.PERSON, Column.DAY, Column.START, Column.END, Column.WORKER)
HEADS: Mapping[str, Column] = {
    word: column
    for column, words in {
        Column.PERSON: "number person recipient engagement номер получатель нөмір нөмірі алушы қызмет алушы услуга",
        Column.DAY: "date day дата день күні күн",
        Column.START: "start from begin began начало с басталуы басы",
        Column.END: "end until to ended конец окончание по аяқталуы соңы",
        Column.WORKER: "worker carer employee работник сотрудник специалист қызметкер маман",
        Column.QUANTITY: "quantity units количество единиц единицы саны бірлік",
        Column.PLACE: "place where место где орны орын жері",
        Column.CODE: "code код",
    }.items()
    for word in words.split()
}
NUMBERS = {"number", "номер", "нөмір", "нөмірі"}
_ALIKE = str.maketrans(
    "АВСЕНКМОРТХУІ–—‑−", "ABCEHKMOPTXY1----"
)  # Cyrillic that looks Latin; dashes of a word processor
_MISREAD = str.maketrans("OIL", "011")  # letters that our numbers do not have (Crockford)
_NUMBERED = re.compile(r"([A-Z])-?([0-9A-Z]{5})-?([0-9A-Z]{5})", re.ASCII)
_DAY = re.compile(
    r"(?:(\d{1,2})[./](\d{1,2})[./](\d{2}|\d{4})|(\d{4})-(\d{1,2})-(\d{1,2}))"
    r"(?:[T ]0?0:00(?::00)?)?",  # midnight, where a program of accounts writes a day as a moment
    re.ASCII,
)
_YEAR_SIGN = re.compile(r"\s*[гж]?\.?$")
_TIME = re.compile(r"(\d{1,2})[:.-](\d{2})(?:[:.](\d{2}))?\s*([ap]m)?", re.ASCII)
_QUANTITY = re.compile(r"(\d{1,4})(?:[.,]0+)?", re.ASCII)


class TooManyRows(RuleBroken):
    code = "too-many-rows"
    title = f"At most {MOST} rows are entered at once; split the sheet"


class ColumnsMissing(RuleBroken):
    code = "sheet-columns-missing"
    title = "The header must name the number, the date, the start, the end and the worker"


class CellMissing(RuleBroken):
    code = "visit-cell-missing"
    title = "Fill in this cell"


class DayUnreadable(RuleBroken):
    code = "visit-day-unreadable"
    title = "Write the day as 31.12.2026"


class TimeUnreadable(RuleBroken):
    code = "visit-time-unreadable"
    title = "Write the time as 9:30"


@dataclass(frozen=True, slots=True)
class Line:
    """``number``: the line of the paste, or the row of a form, that it came from. ``text``: as it stood there."""

    number: int
    cells: Mapping[Column, str]
    text: str = ""

    def cell(self, column: Column) -> str:
        return self.cells.get(column, "").strip()


def read_sheet(text: str) -> list[Line]:
    """Rows of tabs, semicolons or commas; empty rows are passed over. Raises TooManyRows, ColumnsMissing, Malformed."""
    rows = _rows(text)
    if not rows:
        return []
    order: Sequence[Column | None] = tuple(Column)
    if (named := header_of(rows[0][1])) is not None:
        order, rows = named, rows[1:]
    if len(rows) > MOST:
        raise TooManyRows(pointer="/sheet", rule="rows-at-once", limit=MOST)
    return [Line(number, cells_of(order, values), text) for number, values, text in rows]


def header_text(text: str) -> str:
    """The row that names the columns, as it was pasted; "" where none does."""
    rows = _rows(text)
    return rows[0][2] if rows and header_of(rows[0][1]) is not None else ""


def _rows(text: str) -> list[tuple[int, list[str], str]]:
    """Line number, cells and the text of each row that is not empty."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = next((line for line in lines if line.strip()), "")
    delimiter = next((mark for mark in ("\t", ";") if mark in first), ",")
    # a lone quote would swallow what follows: then every line is a row, and its own quotes are all that count
    blocks = [[line] for line in lines] if text.count('"') % 2 else [lines]
    found: list[tuple[int, list[str], str]] = []
    begun = 0
    for block in blocks:
        found += _rows_of(block, begun, delimiter)
        begun += len(block)
        if len(found) > MOST + 1:
            raise TooManyRows(pointer="/sheet", rule="rows-at-once", limit=MOST)
    return found


def _rows_of(lines: Sequence[str], before: int, delimiter: str) -> list[tuple[int, list[str], str]]:
    """``before``: how many lines stand above these."""
    table = "\n".join(lines)
    lone = table.count('"') % 2
    reader = csv.reader(io.StringIO(table), delimiter=delimiter, quoting=csv.QUOTE_NONE if lone else csv.QUOTE_MINIMAL)
    found, begun = [], 0
    try:
        for values in reader:
            if any(value.strip() for value in values):
                found.append((before + begun + 1, values, "\n".join(lines[begun : reader.line_num])))
            begun = reader.line_num
            if len(found) > MOST + 1:
                raise TooManyRows(pointer="/sheet", rule="rows-at-once", limit=MOST)
    except csv.Error:
        raise Malformed("This text cannot be read as rows of a table", pointer="/sheet", rule="sheet-form") from None
    return found


def header_of(values: Sequence[str]) -> list[Column | None] | None:
    """What each column is where the first row names columns (an unknown one is passed over); None where it does not."""
    named = [_column(value) for value in values]
    few = len([column for column in named if column]) < 2  # noqa: PLR2004 - one word may be a place or a name
    if few or any(parse_day(value) for value in values):
        return None
    if missing := [str(column) for column in NEEDED if column not in named]:
        raise ColumnsMissing(pointer="/sheet", rule="needed-columns", missing=missing)
    kept = {column: min(i for i, one in enumerate(named) if one is column) for column in named if column}
    numbers = [i for i, one in enumerate(named) if one is Column.PERSON and _words(values[i]) & NUMBERS]
    kept[Column.PERSON] = (numbers or [kept[Column.PERSON]])[0]  # a name beside the number is for people
    return [column if column and kept[column] == i else None for i, column in enumerate(named)]


def _column(head: str) -> Column | None:
    """A worker's number is a worker: the word "number" alone says least."""
    meant = {column for word in _words(head) if (column := _meaning(word))}
    return next(iter(sorted(meant - {Column.PERSON}) or sorted(meant)), None)


def _meaning(word: str) -> Column | None:
    """Also with an ending: "работника" is the worker's. The longest word it begins with decides."""
    stems = [stem for stem in HEADS if word == stem or (len(stem) >= SHORTEST_STEM and word.startswith(stem))]
    return HEADS[max(stems, key=len)] if stems else None


def _words(head: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", head.lower()))


def cells_of(order: Sequence[Column | None], values: Sequence[str]) -> dict[Column, str]:
    pairs = zip(order, values, strict=False)
    return {column: " ".join(value.split())[:LONGEST_CELL] for column, value in pairs if column is not None}


# --- cells -----------------------------------------------------------------------------------------------------------
def clean_number(text: str) -> str:
    """A human number as we write it, whatever keyboard it was typed on."""
    latin = text.strip().upper().translate(_ALIKE).replace(" ", "")
    found = _NUMBERED.fullmatch(latin)
    if found is None:
        return latin
    return "-".join([found[1], found[2].translate(_MISREAD), found[3].translate(_MISREAD)])


def clean_name(text: str) -> str:
    """Names are the same in any case, with any spaces, and whether or not ё has its dots."""
    return " ".join(text.casefold().replace("ё", "е").split())


def parse_day(text: str) -> date | None:
    """31.12.2026, 31.12.26, 31/12/2026, 2026-12-31, or with the month as a word of the three languages."""
    found = _DAY.fullmatch(_YEAR_SIGN.sub("", text.strip()))
    if found is None:
        return _day_in_words(text)
    d, m, y = (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
    return _real_day(int(y) if len(y) > 2 else _CENTURY + int(y), int(m), int(d))  # noqa: PLR2004 - a year of two digits


def parse_time(text: str) -> int | None:
    """Seconds since midnight of 9:30, 09.30, 9-30, 9:30:07 or 9:30 pm; 24:00 is the day's end."""
    found = _TIME.fullmatch(text.strip().lower())
    if found is None:
        return None
    hours, minutes, seconds = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4]:
        hours = hours % 12 + (12 if found[4] == "pm" else 0)
    at = hours * 3600 + minutes * 60 + seconds
    return at if max(minutes, seconds) < 60 and at <= MIDNIGHT else None  # noqa: PLR2004 - of an hour, of a minute


def parse_quantity(text: str) -> int | None:
    found = _QUANTITY.fullmatch(text.strip())
    return int(found[1]) if found else None


def _day_in_words(text: str) -> date | None:
    words = [w for w in re.findall(r"[^\W\d_]+", text.lower()) if w in _months()]
    numbers = re.findall(r"\d+", text)
    years, days = [n for n in numbers if len(n) == 4], [n for n in numbers if len(n) <= 2]  # noqa: PLR2004 - digits
    if len(words) != 1 or len(years) != 1 or len(days) != 1 or len(numbers) != 2:  # noqa: PLR2004 - a year and a day
        return None
    return _real_day(int(years[0]), _months()[words[0]], int(days[0]))


def _real_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    """Every name of a month in the three languages, also short ones."""
    names: dict[str, int] = {}
    for code in ("kk", "ru", "en"):
        for forms in Locale.parse(code).months.values():
            for width in ("wide", "abbreviated"):
                names |= {str(name).lower().rstrip("."): number for number, name in forms[width].items()}
    return names
