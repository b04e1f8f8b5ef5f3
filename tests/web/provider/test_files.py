"""A file of visits: looked at, entered, sent again, taken back as a whole; what cannot be read leaves nothing."""

import html
import io
import random
import re
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.kernel.work import SYSTEM
from contracts.register import queries
from contracts.register.queries import Batch
from market.placement.sheet import Column
from tests.placement.files import csv_file, mutated, ndjson_file, xlsx_file
from tests.web.provider.houses import at, carer, director, next_door, recipient_number, served
from tests.web.provider.test_visits_entered import entries
from tests.web.recipient.reader import Page, Reader, verbs
from tests.web.street import Street
from tests.web.town import Person, made, problem

DAY = "2026-03-03"
WORKER = "Мадина Ахметова"


def rows(number: str) -> list[tuple[object, ...]]:
    """Three visits, and one by somebody nobody knows."""
    return [
        *((number, DAY, f"{hour:02}:00", f"{hour:02}:45", WORKER, 1, "", "") for hour in (9, 11, 13)),
        (number, DAY, "15:00", "15:45", "Nobody", 1, "", ""),
    ]


def send(person: Person, street: Street, content: bytes, **query: str) -> httpx.Response:
    door = f"/api/providers/{street.provider}/visit-files"
    return person.ask("POST", door, content=content, params=query, headers={"Content-Type": "application/octet-stream"})


def batches(street: Street) -> list[Batch]:
    from_house = street.house.get(f"/api/providers/{street.provider}/visit-files").json()["items"]
    ids = [UUID(one["id"]) for one in from_house]
    found = [street.town.database.read(SYSTEM, lambda w, i=one: queries.batch(w, i)) for one in ids]
    return [one for one in found if one is not None]


@pytest.mark.parametrize("write", [csv_file, xlsx_file, ndjson_file])
def test_a_file_is_looked_at_then_entered_and_once_more_enters_nothing(fresh_street: Street, write: Any) -> None:
    street = fresh_street
    _, engagement = served(street)
    street.travel(2)
    content = write(rows(recipient_number(street, engagement)))
    told = made(send(street.house, street, content, dry_run="true"))
    assert (told["new"], told["wrong"], told["batch"]) == (3, 1, None)
    assert entries(street, engagement) == []
    told = made(send(street.house, street, content, name="march"))
    assert (told["rows"], told["new"], told["stood"], told["wrong"]) == (4, 3, 0, 1)
    (row,) = told["wrong_rows"]
    assert row["row"] == (4 if write is ndjson_file else 5)
    assert [(fault["code"], fault["pointer"].rpartition("/")[2]) for fault in row["faults"]] == [
        ("visit-worker-unknown", Column.WORKER)
    ]
    assert (told["batch"]["rows"], told["batch"]["entered"], told["batch"]["wrong"]) == (4, 3, 1)
    again = made(send(street.house, street, content))
    assert (again["new"], again["stood"], again["batch"]["id"]) == (0, 3, told["batch"]["id"])
    assert {entry.batch_id for entry in entries(street, engagement)} == {batches(street)[0].id}
    assert verbs(street, "visit-batch", told["batch"]["id"]) == ["begun", "entered"]


def test_a_file_is_taken_back_as_a_whole_while_no_act_has_anything_of_it(both_streets: Street) -> None:
    street = both_streets
    _, engagement = served(street)
    street.travel(2)
    content = csv_file(rows(engagement.number))
    batch = made(send(street.house, street, content))["batch"]["id"]
    undoing = f"/api/visit-files/{batch}/undoing"
    problem(next_door(street).post(undoing, {"reason": "x"}), 404, "visit-batch-not-found")
    assert made(street.house.post(undoing, {"reason": "the wrong month"}))["undo_reason"] == "the wrong month"
    assert {entry.status for entry in entries(street, engagement)} == {"cancelled"}
    problem(street.house.post(undoing, {"reason": "again"}), 409, "visit-batch-undone")
    assert verbs(street, "visit-batch", batch)[-1] == "undone"
    told = made(send(street.house, street, content))
    assert (told["new"], told["batch"]["id"] == batch) == (3, False), "sent again on purpose, it is a new file"
    for entry in entries(street, engagement):
        if entry.status == "entered":
            made(street.operator.post(f"/api/entries/{entry.id}/confirmation"))
    street.travel(31)
    contract = street.house.get(f"/api/engagements/{engagement.id}").json()["contract_id"]
    made(street.house.post(f"/api/contracts/{contract}/acts", {"month": "2026-03"}))
    problem(street.house.post(f"/api/visit-files/{told['batch']['id']}/undoing", {"reason": "x"}), 409,
            "visit-batch-in-act")  # fmt: skip
    assert {e.status for e in entries(street, engagement) if str(e.batch_id) != batch} == {"confirmed"}


def test_a_visit_cancelled_by_itself_is_not_brought_back_by_its_file(both_streets: Street) -> None:
    street = both_streets
    _, engagement = served(street)
    street.travel(2)
    content = csv_file(rows(engagement.number)[:3])
    batch = made(send(street.house, street, content))["batch"]["id"]
    first = min(entries(street, engagement), key=lambda entry: entry.started_at)
    made(street.house.post(f"/api/entries/{first.id}/cancellation", {"reason": "nobody was there"}))
    for dry_run in ("true", "false"):
        told = made(send(street.house, street, content, dry_run=dry_run))
        assert (told["new"], told["stood"], told["wrong"]) == (0, 2, 1)
        (fault,) = told["wrong_rows"][0]["faults"]
        assert fault["code"] == "visit-cancelled-before"
        assert "nobody was there" in fault["message"]
    page = upload(director(street, "ru"), street, content, "look")
    assert (
        "Это посещение было отменено; если оно всё же состоялось, внесите его вручную (nobody was there)" in page.words
    )
    page = upload(director(street, "kk"), street, content, "look")
    assert "оны қолмен енгізіңіз (nobody was there)" in page.words
    made(street.house.post(f"/api/visit-files/{batch}/undoing", {"reason": "the wrong month"}))
    told = made(send(street.house, street, content))
    assert (told["new"], told["wrong"]) == (2, 1), "what the undoing took back comes again, and nothing else"
    by_hand = {"person": engagement.number, "day": DAY, "start": "09:00", "end": "09:45", "worker": WORKER}
    done = made(street.house.post(f"/api/providers/{street.provider}/visits", {"visits": [by_hand]}))
    assert [row["status"] for row in done["rows"]] == ["entered"]
    told = made(send(street.house, street, content))
    assert (told["new"], told["stood"], told["wrong"]) == (0, 3, 0), "what somebody entered again stands"


def test_what_cannot_be_read_leaves_nothing(fresh_street: Street) -> None:
    street = fresh_street
    _, engagement = served(street)
    street.travel(2)
    whole = csv_file(rows(engagement.number))
    for content in (b"", whole + b"\xff", whole + b"x" * 20_000, b"PK\x03\x04", xlsx_file(rows("x"))[:-400]):
        problem(send(street.house, street, content), 400, "visit-file-unreadable")
    problem(send(street.house, street, csv_file(rows("x"), ("person", "day"))), 422, "sheet-columns-missing")
    assert entries(street, engagement) == []
    assert batches(street) == []
    problem(send(next_door(street), street, whole), 404, "provider-not-found")
    assert send(street.holder()[0], street, whole).status_code == 404


def test_no_mutated_file_breaks_the_door_or_writes_in_part(fresh_street: Street) -> None:
    street = fresh_street
    _, engagement = served(street)
    street.travel(2)
    dice, good = random.Random(5), rows(engagement.number)[:3]
    for content in [mutated(write(good), dice) for write in (csv_file, xlsx_file, ndjson_file) for _ in range(3)]:
        answer = send(street.house, street, content)
        assert answer.status_code in {201, 400, 422}, answer.text
        standing = len([one for one in entries(street, engagement) if one.status != "cancelled"])
        if answer.status_code != 201:
            assert standing == 0
            continue
        told = answer.json()
        assert standing == told["new"]
        made(street.house.post(f"/api/visit-files/{told['batch']['id']}/undoing", {"reason": "a mutant"}))


# --- the page --------------------------------------------------------------------------------------------------------
def upload(reader: Reader, street: Street, content: bytes | None, do: str, name: str = "march.csv") -> Page:
    there = at(street, "/visits/files")
    token = re.search(r'name="form_token" value="([^"]*)"', reader.open(there).form(there))
    assert token is not None
    file = {"file": (name, io.BytesIO(content or b""))} if content is not None else {"nothing": ("", b"")}
    return reader._ask("POST", there, data={"form_token": token[1], "do": do}, files=file)


def test_the_page_looks_enters_and_takes_back(both_streets: Street) -> None:
    street = both_streets
    _, engagement = served(street)
    street.travel(2)
    reader, content = director(street, "ru"), xlsx_file(rows(engagement.number))
    page = upload(reader, street, content, "look", "март.xlsx")
    assert page.status == 422
    assert "Вот что будет внесено 3 новых посещения 1 строку нужно проверить" in page.words
    assert "В вашем списке работников нет никого с таким именем" in page.words
    assert entries(street, engagement) == []
    page = upload(reader, street, content, "enter", "март.xlsx")
    assert "Вот что внесено 3 новых посещения" in page.words
    assert "март.xlsx" in page.words
    (batch,) = batches(street)
    undoing = at(street, f"/visits/files/{batch.id}/undoing")
    assert reader.press(page, undoing, reason="").status == 400
    page = reader.follow(reader.press(page, undoing, reason="не тот месяц"))
    assert "Файл отозван. За его посещения не платят." in html.unescape(page.words)
    assert {entry.status for entry in entries(street, engagement)} == {"cancelled"}


def test_the_page_says_what_is_wrong_with_a_file_and_asks_for_one(fresh_street: Street) -> None:
    street = fresh_street
    reader = Reader(street.town, carer(street))
    page = upload(reader, street, b"PK\x03\x04 no spreadsheet", "enter")
    assert (page.status, "cannot be read" in page.words or "is broken" in page.words) == (400, True)
    assert "Choose a file" in upload(reader, street, None, "look").words
    there = at(street, "/visits/files")
    assert reader._ask("POST", there, data={"do": "look"}, files={"file": ("x", b"x")}).status == 403
    assert reader._ask("POST", there, data={"do": "look"}).status == 400


def test_a_form_that_takes_no_file_takes_no_multipart_either(fresh_street: Street) -> None:
    reader = director(fresh_street)
    there = at(fresh_street, "/visits/paste")
    assert reader._ask("POST", there, data={"sheet": "x"}, files={"x": ("x", b"x")}).status == 400
