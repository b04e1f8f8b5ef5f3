"""Pasted rows are read as people write them: days, times and numbers of three languages and two keyboards."""

from datetime import date

import pytest

from market.placement.sheet import (
    NEEDED,
    Column,
    ColumnsMissing,
    TooManyRows,
    clean_name,
    clean_number,
    parse_day,
    parse_quantity,
    parse_time,
    read_sheet,
)
from market.web.formats import Formats

MARCH_9 = date(2026, 3, 9)


@pytest.mark.parametrize(
    "text",
    ["09.03.2026", "9.3.2026", "9.3.26", "09/03/2026", "2026-03-09", "2026-03-09 00:00:00", "09.03.2026 0:00:00",
     "09.03.2026 00:00", "09.03.2026 г.", "09.03.2026 ж.", "2026 ж. 9 наурыз",
     "9 наурыз 2026 ж.", "9 марта 2026 г.", "9 мар. 2026", "9 March 2026", "Mar 9, 2026"],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert parse_day(text) == MARCH_9


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_day_copied_from_our_pages_is_read(language: str) -> None:
    for month in range(1, 13):
        assert parse_day(Formats(language).day(date(2026, month, 28))) == date(2026, month, 28)


@pytest.mark.parametrize(
    "text", ["", "31.02.2026", "9", "March", "2026", "9.3", "9 сентябрь", "09.03.2026 9:00", "١٢.٠٣.٢٠٢٦", "1.1.12026"]
)
def test_what_is_no_day_is_no_day(text: str) -> None:
    assert parse_day(text) is None


def test_times_and_quantities() -> None:
    times = {"9:30": 570, "09.30": 570, "9-30": 570, "9:30:00": 570, "9:30 PM": 1290, "12:00 am": 0, "24:00": 1440}
    assert {text: parse_time(text) for text in times} == {text: 60 * minutes for text, minutes in times.items()}
    assert parse_time("9:30:07") == parse_time("09.30.07") == 9 * 3600 + 30 * 60 + 7, "seconds are kept"
    assert parse_time("9:30:60") is None
    assert [parse_time(text) for text in ("9", "24:01", "9:60", "25:00", "", "noon", "٩:٣٠")] == [None] * 7
    assert [parse_quantity(text) for text in ("2", "2,0", "2.00", "2,5", "-1", "", "two")] == [
        2,
        2,
        2,
        None,
        None,
        None,
        None,
    ]


def test_a_number_is_found_on_any_keyboard() -> None:
    assert clean_number(" е-7к3м9-qxt0в ") == "E-7K3M9-QXT0B"  # Cyrillic letters
    assert clean_number("e7k3m9qxtol") == "E-7K3M9-QXT01"
    assert clean_number("E–7K3M9—QXT01") == "E-7K3M9-QXT01", "dashes of a word processor"
    assert clean_number("whatever") == "WHATEVER"
    assert clean_name("  Фёдорова  АННА ") == clean_name("федорова Анна")


@pytest.mark.parametrize("mark", ["\t", ";", ","])
def test_cells_stand_in_their_order(mark: str) -> None:
    text = mark.join(["E-1", "09.03.2026", "9:00", "10:00", "Мадина", "2", "at home", "123456"])
    first, second = read_sheet(f"\n{text}\r\n\n{text}{mark}extra\n")
    assert list(first.cells) == list(Column)
    assert first.cell(Column.PLACE) == "at home"
    assert (first.number, second.number) == (2, 4)
    assert first.text == text


@pytest.mark.parametrize(
    "header",
    ["Номер услуги;Ф. И. О.;Дата;Начало;Конец;Работник;Код",
     "Қызмет нөмірі;Аты-жөні;Күні;Басталуы;Аяқталуы;Қызметкер;Код",
     "Number;Name;Date;Start;End;Worker;Code"],
)  # fmt: skip
def test_a_header_names_the_columns_in_three_languages(header: str) -> None:
    (line,) = read_sheet(f"{header}\nE-1;Aisulu;09.03.2026;9:00;10:00;Мадина;123456")
    assert [line.cell(c) for c in (*NEEDED, Column.CODE)] == ["E-1", "09.03.2026", "9:00", "10:00", "Мадина", "123456"]
    assert Column.PLACE not in line.cells


def test_a_number_is_taken_before_a_name_beside_it_and_a_workers_number_is_a_workers() -> None:
    head = "Получатель;Номер;Дата;С;По;Номер работника"
    (line,) = read_sheet(f"{head}\nАйсулу;R-1;09.03.2026;9:00;10:00;Мадина")
    assert (line.cell(Column.PERSON), line.cell(Column.WORKER)) == ("R-1", "Мадина")


def test_a_header_without_a_needed_column_is_told() -> None:
    with pytest.raises(ColumnsMissing) as refused:
        read_sheet("Номер;Дата;Начало\nE-1;09.03.2026;9:00")
    assert refused.value.members["missing"] == ["end", "worker"]


def test_a_sheet_is_bounded_and_a_lone_quote_swallows_nothing() -> None:
    row = "E-1\t09.03.2026\t9:00\t10:00\tМадина"
    assert len(read_sheet("\n".join([row] * 1000))) == 1000
    with pytest.raises(TooManyRows):
        read_sheet("\n".join([row] * 1001))
    lines = read_sheet(f'{row}\t1\t"Warm Home\n{row}')
    assert [line.cell(Column.PLACE) for line in lines] == ['"Warm Home', ""]
    (quoted,) = read_sheet(f'{row}\t1\t"House\nof ""Hope"""')
    assert quoted.cell(Column.PLACE) == 'House of "Hope"'
    assert read_sheet(" \n\n") == []


def test_a_lone_quote_spoils_no_row_but_its_own() -> None:
    rows = [
        '"E-1"\t09.03.2026\t9:00\t10:00\t"Мадина"\t1\t"5 ""б"""',
        'E-1\t10.03.2026\t9:00\t10:00\tМадина\t1\t5" құбыр',
    ]
    quoted, lone = read_sheet("\n".join(rows))
    assert [quoted.cell(column) for column in (Column.PERSON, Column.WORKER, Column.PLACE)] == [
        "E-1",
        "Мадина",
        '5 "б"',
    ]
    assert lone.cell(Column.PLACE) == '5" құбыр'
    assert [quoted.number, lone.number] == [1, 2]
    assert [quoted.text, lone.text] == rows
