"""A paste from a spreadsheet: looked at first, then entered; the wrong rows stay in the box with what is wrong."""

import csv
import html
import io
import re

import pytest

from contracts.contract.rules import Engagement
from market.placement.sheet import read_sheet
from tests.web.provider.houses import at, director, next_door, recipient_number, served
from tests.web.provider.test_visits_entered import entries
from tests.web.recipient.reader import Page, Reader
from tests.web.street import Street
from tests.web.town import made, problem

HEAD = "Нөмірі\tКүні\tБасталуы\tАяқталуы\tҚызметкер"


def paste(reader: Reader, street: Street, text: str, *, do: str = "enter", place: str = "") -> Page:
    there = at(street, "/visits/paste")
    return reader.press(reader.open(there), there, sheet=text, place=place, do=do)


def box(page: Page) -> str:
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page.text, re.DOTALL)
    assert found is not None
    return html.unescape(found[1]).removeprefix("\n")


def line(engagement: Engagement, start: str = "9:00", end: str = "10:00", worker: str = "Мадина Ахметова") -> str:
    return f"{engagement.number}\t03.03.2026\t{start}\t{end}\t{worker}"


def test_a_dry_run_says_what_would_be_entered_and_enters_nothing(both_streets: Street) -> None:
    street = both_streets
    _, engagement = served(street)
    street.travel(2)
    text = "\n".join([HEAD, line(engagement), line(engagement, "11:00", "12:75")])
    page = paste(director(street, "kk"), street, text, do="look")
    assert page.status == 422, "a row needs another look"
    assert "Мыналар енгізіледі 1 жаңа келу 1 жолды қайта қарау керек" in page.words
    assert "Уақытты 9:30 түрінде жазыңыз" in page.words
    assert box(page) == text, "nothing typed is lost"
    assert entries(street, engagement) == []


def test_the_right_rows_are_entered_and_the_wrong_ones_stay_in_the_box(both_streets: Street) -> None:
    street = both_streets
    _, engagement = served(street)
    street.travel(2)
    reader = director(street, "ru")
    wrong = line(engagement, worker="Никто")
    page = paste(reader, street, "\n".join([HEAD, line(engagement), wrong]), place="дача")
    assert page.status == 422
    assert "Вот что внесено 1 новое посещение 1 строку нужно проверить" in page.words
    assert "В вашем списке работников нет никого с таким именем" in page.words
    assert box(page) == f"{HEAD}\n{wrong}"
    assert [entry.place for entry in entries(street, engagement)] == ["дача"]
    mended = box(page).replace("Никто", "мадина ахметова").replace("9:00\t10:00", "13:00\t14:00")
    assert "Все строки таблицы внесены." in reader.follow(paste(reader, street, mended)).words
    assert len(entries(street, engagement)) == 2


def test_the_same_paste_twice_enters_nothing_twice(both_streets: Street) -> None:
    street = both_streets
    _, engagement = served(street)
    street.travel(2)
    reader = director(street)
    text = "\n".join([line(engagement), line(engagement, "11:00", "12:00")])
    for _ in range(2):
        assert paste(reader, street, text).status == 303
    assert len(entries(street, engagement)) == 2
    looked = paste(reader, street, text, do="look")
    assert "2 rows stand in the journal already and are not entered again" in looked.words


def test_what_is_no_sheet_is_told_and_kept(fresh_street: Street) -> None:
    street = fresh_street
    reader = director(street)
    assert "Paste the rows of your sheet here" in paste(reader, street, "  \n").words
    headless = "Number;Date;Start\nE-1;03.03.2026;9:00"
    page = paste(reader, street, headless)
    assert (page.status, "The header must name" in page.words, box(page)) == (422, True, headless)
    many = "\n".join(["E-1;03.03.2026;9:00;10:00;X"] * 1001)
    assert "At most 1000 rows" in paste(reader, street, many).words


def test_a_sheet_to_begin_with_is_pasted_back(fresh_street: Street) -> None:
    street = fresh_street
    (_, first), (_, second) = served(street), served(street)
    street.travel(2)
    reader = director(street, "ru")
    paste(reader, street, line(first))
    sheet = reader.open(at(street, "/visits/sheet.csv?on=2026-03-04")).text
    rows = list(csv.reader(io.StringIO(sheet.removeprefix("\ufeff")), delimiter=";"))
    assert rows[0][:3] == ["Номер", "Фамилия, имя, отчество", "Дата"]
    filled = {row[0]: row for row in rows[1:]}
    assert filled[first.number][1:6] == ["Айгерім Сейтқали", "04.03.2026", "09:00", "10:00", "Мадина Ахметова"]
    assert filled[second.number][3:6] == ["", "", ""]
    assert len(read_sheet(sheet.removeprefix("\ufeff"))) == 2
    street.travel(1)
    reader = director(street, "ru")
    only_first = "\n".join(text for text in sheet.removeprefix("\ufeff").splitlines() if second.number not in text)
    assert paste(reader, street, only_first).status == 303
    assert len(entries(street, first)) == 2


@pytest.mark.parametrize("cell", ["=1+1", "\uff1d1+1"])
def test_a_cell_that_a_spreadsheet_would_compute_is_only_text(fresh_street: Street, cell: str) -> None:
    """The second sign is the wide one of East Asian keyboards."""
    street = fresh_street
    _, engagement = served(street)
    street.travel(2)
    reader = director(street)
    paste(reader, street, line(engagement) + f"\t1\t{cell}")
    assert f";'{cell};" in reader.open(at(street, "/visits/sheet.csv?on=2026-03-04")).text


def test_programs_enter_many_visits_too(both_streets: Street) -> None:
    street = both_streets
    _, engagement = served(street)
    street.travel(2)
    door = f"/api/providers/{street.provider}/visits"
    visit = {
        "person": recipient_number(street, engagement), "day": "2026-03-03", "start": "09:00", "end": "10:00",
        "worker": street.worker,
    }  # fmt: skip
    body = {"visits": [visit, visit | {"worker": "Nobody"}, visit | {"start": "09:30", "end": "09:45"}]}
    dry = made(street.house.post(door, body | {"dry_run": True}))
    assert ([row["status"] for row in dry["rows"]], dry["entered"]) == (["right", "wrong", "wrong"], 0)
    assert entries(street, engagement) == []
    done = made(street.house.post(door, body))
    assert done["entered"] == 1
    assert [fault["pointer"] for row in done["rows"] for fault in row["faults"]] == [
        "/visits/1/worker",
        "/visits/2/worker",
    ]
    assert [fault["code"] for row in done["rows"] for fault in row["faults"]] == [
        "visit-worker-unknown",
        "worker-elsewhere",
    ]
    again = made(street.house.post(door, body))
    assert [row["status"] for row in again["rows"]] == ["stands", "wrong", "wrong"]
    assert again["rows"][0]["entry_id"] == done["rows"][0]["entry_id"]
    problem(next_door(street).post(door, body), 404, "provider-not-found")
    problem(street.house.post(door, {"visits": []}), 400, "malformed-input")
    problem(street.house.post(door, {"visits": [visit | {"start": "9:75"}]}), 400, "malformed-input")
