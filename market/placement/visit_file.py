"""A file of visits, as a provider's program or spreadsheet wrote it: CSV, XLSX or NDJSON, read row by row.

Nothing of a file is believed: its size, what it unpacks to, its rows and its cells are counted, and what is beyond a
limit is refused before anything is unpacked or written. A cell is text, whatever it looks like; a formula's cell is
what the spreadsheet last showed there.
"""

import codecs
import csv
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import IO, Any

import openpyxl
from defusedxml.common import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from contracts.kernel.errors import DomainError, Malformed, RuleBroken
from market.placement.sheet import Column, Line, cells_of, header_of

MAX_FILE = 64 * 1024 * 1024  # bytes as it arrives: a million visits of NDJSON are about a hundred, and come in two
MAX_ROWS = 500_000
MAX_LINE = 10_000  # characters of a row of CSV or NDJSON: eight cells of two hundred and their names
MAX_UNPACKED = 256 * 1024 * 1024  # bytes of an XLSX, all parts together
MAX_PART = 64  # parts of an XLSX: a workbook of one sheet has about twelve
MAX_RATIO = 200  # what a part may grow by; the XML of a sheet grows by twenty
MAX_COLUMNS = 50
_CHUNK = 64 * 1024
_XLSX = b"PK\x03\x04"
_ENTITIES = (b"<!DOCTYPE", b"<!ENTITY")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_DIALECTS = ("\t", ";", ",")


class FileForm(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    NDJSON = "ndjson"


class FileTooLarge(RuleBroken):
    code = "visit-file-too-large"
    title = f"A file of visits has at most {MAX_FILE // 1024 // 1024} MB and {MAX_ROWS} rows; split it"


class FileUnreadable(Malformed):
    code = "visit-file-unreadable"
    title = "This file cannot be read as CSV, XLSX or NDJSON"


class RowUnreadable(RuleBroken):
    code = "visit-row-unreadable"
    title = "This row cannot be read"


@dataclass(frozen=True, slots=True)
class BadLine:
    """A row of which no cell can be told. ``number`` as in :class:`Line`."""

    number: int
    fault: DomainError


def form_of(file: IO[bytes]) -> FileForm:
    """By what it holds, not by its name. Leaves the file at its beginning."""
    file.seek(0)
    head = file.read(_CHUNK).removeprefix(codecs.BOM_UTF8)
    file.seek(0)
    if head.startswith(_XLSX):
        return FileForm.XLSX
    return FileForm.NDJSON if head.lstrip()[:1] == b"{" else FileForm.CSV


def lines_of(file: IO[bytes], form: FileForm) -> Iterator[Line | BadLine]:
    """Row after row; the columns as the first row names them, or in the order of :class:`Column`.

    Raises FileTooLarge, FileUnreadable, ColumnsMissing, also after rows were given: read to the end before writing.
    """
    match form:
        case FileForm.NDJSON:
            rows = _ndjson(file)
        case FileForm.CSV:
            rows = _table(_csv(file))
        case FileForm.XLSX:
            rows = _table(_xlsx(file))
    for at, row in enumerate(rows):
        if at >= MAX_ROWS:
            raise FileTooLarge(pointer="/file", rule="rows-of-a-file", limit=MAX_ROWS)
        yield row


Rows = Iterable[tuple[int, Sequence[str]]]


def _table(rows: Rows) -> Iterator[Line | BadLine]:
    order: Sequence[Column | None] | None = None
    for number, values in rows:
        if not any(value.strip() for value in values):
            continue
        if order is None:
            named = header_of(values)
            order = named if named is not None else tuple(Column)
            if named is not None:
                continue
        yield Line(number, cells_of(order, values))


# --- text ------------------------------------------------------------------------------------------------------------
def _text_lines(file: IO[bytes]) -> Iterator[str]:
    """UTF-8, with or without its mark; a line no longer than a row of ours."""
    file.seek(0)
    reader = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        while line := reader.readline(MAX_LINE + 1):
            if len(line) > MAX_LINE:
                raise FileUnreadable(f"A row has at most {MAX_LINE} characters", pointer="/file", rule="row-length")
            if "\0" in line:
                raise FileUnreadable("The file holds a zero character", pointer="/file", rule="text-form")
            yield line
    except UnicodeDecodeError:
        raise FileUnreadable("The file is not UTF-8", pointer="/file", rule="utf-8") from None
    finally:
        if not file.closed:  # whoever gave it has; then nothing is left to close with us
            reader.detach()


def _csv(file: IO[bytes]) -> Rows:
    lines = _text_lines(file)
    first = next((line for line in lines if line.strip()), "")
    delimiter = next((mark for mark in _DIALECTS if mark in first), ",")
    reader = csv.reader(_rewound(first, lines), delimiter=delimiter)
    try:
        for values in reader:
            if len(values) > MAX_COLUMNS:
                raise FileUnreadable(f"A row has at most {MAX_COLUMNS} columns", pointer="/file", rule="columns")
            yield reader.line_num, values
    except csv.Error:
        raise FileUnreadable(
            f"Row {reader.line_num} is no row of a table", pointer="/file", rule="table-form"
        ) from None


def _rewound(first: str, rest: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def _ndjson(file: IO[bytes]) -> Iterator[Line | BadLine]:
    for number, text in enumerate(_text_lines(file), start=1):
        if not text.strip():
            continue
        try:
            yield Line(number, _object(text))
        except RowUnreadable as fault:
            yield BadLine(number, fault)


def _object(text: str) -> Mapping[Column, str]:
    """``{"person": "E-...", "day": "2026-03-02", "start": "09:00", ...}``: texts and whole numbers, each key once."""
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_no_number)
    except (ValueError, RecursionError):
        raise RowUnreadable("This row is no JSON object of texts and whole numbers", rule="json-row") from None
    if not isinstance(found, dict):
        raise RowUnreadable("A row is a JSON object", rule="json-row")
    unknown = sorted(set(found) - set(Column))
    if unknown:
        raise RowUnreadable(f"Nobody asked for {unknown[0][:40]!r}", rule="known-columns")
    if any(type(value) not in {str, int} for value in found.values()):
        raise RowUnreadable("A value is a text or a whole number", rule="plain-values")
    return cells_of(tuple(Column(name) for name in found), [str(value) for value in found.values()])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise RowUnreadable("A key stands twice in this row", rule="one-value-a-key")
    return found


def _no_number(text: str) -> Any:
    raise RowUnreadable(f"{text[:20]} is no whole number", rule="whole-numbers")


# --- spreadsheets ----------------------------------------------------------------------------------------------------
def _xlsx(file: IO[bytes]) -> Rows:
    _check_archive(file)
    file.seek(0)
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says of its own size is not believed
            for number, values in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), start=1):
                yield number, [_cell(value) for value in values]
        finally:
            book.close()
    except _BROKEN as error:
        raise FileUnreadable("This spreadsheet is broken", pointer="/file", rule="spreadsheet") from error


# What openpyxl lets through of a mutated file: it reads trusting, and says so in many ways.
_BROKEN = (
    ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, AssertionError, RecursionError, OSError,
    zlib.error, struct.error, RuntimeError,
    EOFError, SyntaxError, DefusedXmlException, InvalidFileException, zipfile.BadZipFile, NotImplementedError,
)  # fmt: skip


def _check_archive(file: IO[bytes]) -> None:
    """Every part is unpacked once, into nothing: counted, and looked through for what an XML parser must not see."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PART:
                raise FileUnreadable(f"A spreadsheet has at most {MAX_PART} parts", pointer="/file", rule="parts")
            left = MAX_UNPACKED
            for part in parts:
                packed = part.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
                if (
                    not packed
                    or part.flag_bits & 1
                    or part.file_size > min(left, MAX_RATIO * max(part.compress_size, 1_000))
                ):
                    raise FileTooLarge("It unpacks to too much", pointer="/file", rule="unpacked")
                left -= _weighed(archive, part, left)
    except _BROKEN as error:
        raise FileUnreadable("This spreadsheet is broken", pointer="/file", rule="spreadsheet") from error


def _weighed(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    """How many bytes the part really has: its own word is not believed."""
    weight, before = 0, b""
    with archive.open(part) as packed:
        while chunk := packed.read(_CHUNK):
            weight += len(chunk)
            if weight > left:
                raise FileTooLarge("It unpacks to too much", pointer="/file", rule="unpacked")
            if not before and chunk.startswith(_WIDE):
                raise FileUnreadable("A part of the spreadsheet is not UTF-8", pointer="/file", rule="utf-8")
            if any(mark in (before + chunk).upper() for mark in _ENTITIES):
                raise FileUnreadable("A part of the spreadsheet declares entities", pointer="/file", rule="entities")
            before = chunk[-16:]
    return weight


def _cell(value: object) -> str:
    """As a clerk would type it: days and times by their form, whole numbers without a point."""
    match value:
        case None:
            return ""
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return value.isoformat()
        case time():
            return value.strftime("%H:%M:%S")
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
