"""A file of visits is read row by row, whatever wrote it; what it may not hold is refused, and nothing crashes."""

import io
import json
import os
import random
import resource
import time
import zipfile

import pytest

from contracts.kernel.errors import DomainError
from market.placement import visit_file
from market.placement.sheet import Column, ColumnsMissing, Line
from market.placement.visit_file import (
    MAX_PART,
    BadLine,
    FileForm,
    FileTooLarge,
    FileUnreadable,
    form_of,
    lines_of,
)
from tests.placement.files import csv_file, mutated, ndjson_file, repacked, xlsx_file

ROWS = [
    ("E-1", "2026-03-02", "09:00", "10:00", "Мадина", 1, "Abai 10", ""),
    ("E-2", "2026-03-02", "11:00", "12:30", "Ерлан", 2, "", "123456"),
]
WRITERS = {FileForm.CSV: csv_file, FileForm.XLSX: xlsx_file, FileForm.NDJSON: ndjson_file}
FUZZ = int(os.environ.get("MARKET_FUZZ_FILES", "100000"))  # of each kind, a long run


def read(content: bytes) -> list[Line | BadLine]:
    file = io.BytesIO(content)
    return list(lines_of(file, form_of(file)))


def cells(lines: list[Line | BadLine]) -> list[list[str]]:
    return [[line.cell(column) for column in Column] for line in lines if isinstance(line, Line)]


@pytest.mark.parametrize("form", list(FileForm))
def test_the_three_kinds_say_the_same(form: FileForm) -> None:
    content = WRITERS[form](ROWS)
    assert form_of(io.BytesIO(content)) is form
    first, second = cells(read(content))
    assert first[:2] == ["E-1", "2026-03-02"]
    assert [text.removesuffix(":00") if text.count(":") == 2 else text for text in first[2:4]] == ["09:00", "10:00"]
    assert first[4:] == ["Мадина", "1", "Abai 10", ""]
    assert second[5:] == ["2", "", "123456"]


def test_columns_may_be_named_in_kazakh_and_stand_in_any_order() -> None:
    head = ("Қызметкер", "Күні", "Нөмірі", "Аяқталуы", "Басталуы", "түсініктеме")
    (row,) = cells(read(csv_file([("Мадина", "02.03.2026", "E-1", "10:00", "9:00", "so")], head)))
    assert row[:5] == ["E-1", "02.03.2026", "9:00", "10:00", "Мадина"]
    with pytest.raises(ColumnsMissing):
        read(csv_file(ROWS, ("person", "day", "start")))


def test_a_cell_that_looks_like_a_formula_is_text() -> None:
    rows = [("E-1", "2026-03-02", "9:00", "10:00", "=cmd|' /C calc'!A0", 1, "@SUM(1+1)", "")]
    for form in (FileForm.CSV, FileForm.NDJSON):
        (row,) = cells(read(WRITERS[form](rows)))
        assert (row[4], row[6]) == ("=cmd|' /C calc'!A0", "@SUM(1+1)")


@pytest.mark.parametrize(
    "row",
    [
        '{"person": NaN}', '{"person": 1.5}', '{"quantity": 1e3}', '{"person": "a", "person": "b"}', "[1]", '"x"',
        '{"person": null}', '{"person": ["x"]}', '{"salary": 1}', "{", '{"a":' * 500,
    ],
)  # fmt: skip
def test_a_row_of_json_that_means_two_things_or_none_is_refused_alone(row: str) -> None:
    good = json.dumps({"person": "E-1"})
    found = read(f"{good}\n{row}\n{good}\n".encode())
    assert [type(one) for one in found] == [Line, BadLine, Line]
    assert found[1].number == 2


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00a", b"a,b\0c\n", b"x" * 20_000, b"a" + b"," * 60, b"PK\x03\x04nothing", b"PK\x03\x04"]
)
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises((FileUnreadable, FileTooLarge)):
        read(content)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = repacked(xlsx_file(ROWS), "xl/worksheets/sheet1.xml", b"<a>" + b" " * 300_000_000)
    assert len(bomb) < 1_000_000
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(FileTooLarge):
        read(bomb)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024
    assert time.process_time() - began < 5


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    content = bytearray(repacked(xlsx_file(ROWS), "xl/worksheets/sheet1.xml", b" " * 300_000_000))
    said = (300_000_000).to_bytes(4, "little")
    assert said in content
    with pytest.raises((FileTooLarge, FileUnreadable)):
        read(bytes(content).replace(said, (1_000).to_bytes(4, "little")))


@pytest.mark.parametrize(
    "xml",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><x/>'.encode("utf-16"),
        b" " * 65_533 + b"<!DOCTYPE x><x/>",
    ],
)
def test_entities_are_refused(xml: bytes) -> None:
    for part in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "docProps/core.xml"):
        with pytest.raises((FileUnreadable, FileTooLarge)):
            read(repacked(xlsx_file(ROWS), part, xml))


def test_a_spreadsheet_of_too_many_parts_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(MAX_PART + 1):
            archive.writestr(f"../../{number}", b"")
    with pytest.raises(FileUnreadable):
        read(out.getvalue())


def test_rows_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visit_file, "MAX_ROWS", 3)
    assert len(read(csv_file(ROWS[:1] * 3))) == 3
    with pytest.raises(FileTooLarge):
        read(csv_file(ROWS[:1] * 4))


def fuzz(seed: int, count: int) -> int:
    """How many were read all the same. Whatever else than a refusal comes out of a reader fails the test."""
    dice, whole = random.Random(seed), [write(ROWS * 3) for write in WRITERS.values()]
    readable = 0
    for _ in range(count):
        for content in whole:
            try:
                readable += bool(read(mutated(content, dice)))
            except DomainError as refusal:
                assert isinstance(refusal, FileUnreadable | FileTooLarge | ColumnsMissing)  # noqa: PT017 - it is one
    return readable


def test_no_mutated_file_crashes_a_reader() -> None:
    assert fuzz(seed=1, count=150)


@pytest.mark.soak
def test_no_mutated_file_crashes_a_reader_in_a_long_run() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert fuzz(seed=2, count=FUZZ // 3)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024
