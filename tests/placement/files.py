"""Files of visits as programs write them, and what is done to them."""

import csv
import io
import json
import random
import zipfile
from collections.abc import Sequence
from datetime import date, time

import openpyxl

HEAD = ("person", "day", "start", "end", "worker", "quantity", "place", "code")
Row = Sequence[object]


def csv_file(rows: Sequence[Row], head: Sequence[str] = HEAD) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([head, *rows])
    return out.getvalue().encode()


def ndjson_file(rows: Sequence[Row], head: Sequence[str] = HEAD) -> bytes:
    return "\n".join(json.dumps(dict(zip(head, row, strict=False)), ensure_ascii=False) for row in rows).encode()


def xlsx_file(rows: Sequence[Row], head: Sequence[str] = HEAD) -> bytes:
    """Days and times as a spreadsheet keeps them."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(head))
    for row in rows:
        sheet.append([_typed(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _typed(cell: object) -> object:
    text = str(cell)
    if len(text) == 10 and text[4:5] == "-":
        return date.fromisoformat(text)
    if len(text) == 5 and text[2:3] == ":":
        return time.fromisoformat(text)
    return cell


def repacked(xlsx: bytes, name: str, content: bytes) -> bytes:
    """The spreadsheet with one part replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part.filename, old.read(part.filename))
        new.writestr(name, content)
    return out.getvalue()


def mutated(content: bytes, dice: random.Random) -> bytes:
    """Some bytes changed, cut out, doubled or added."""
    data = bytearray(content)
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(data) + 1)
        match dice.randrange(5):
            case 0 if data:
                data[at % len(data)] = dice.randrange(256)
            case 1:
                del data[at : at + dice.randrange(1, 40)]
            case 2:
                data[at:at] = data[at : at + dice.randrange(1, 200)]
            case 3:
                data[at:at] = dice.choice(
                    (b"\0", b"\r", b'"', b"\xff\xfe", b"\xef\xbb\xbf", b"{", b"NaN", b"1e999", b"=1+1")
                )
            case _:
                data = data[: dice.randrange(len(data) + 1)]
    return bytes(data)
