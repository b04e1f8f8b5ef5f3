"""Today's visits by one form with a row for each person: the right rows are entered, the wrong ones stay as typed."""

import re

from contracts.contract.rules import Engagement
from contracts.kernel.work import SYSTEM
from contracts.register import queries as registers
from contracts.register.codes import code_of
from contracts.register.rules import Entry, EntryStatus
from tests.web.provider.houses import at, carer, director, served
from tests.web.recipient.reader import Page, Reader, verbs
from tests.web.street import Street

DAY = "2026-03-03"


def entries(street: Street, engagement: Engagement) -> list[Entry]:
    return street.town.database.read(SYSTEM, lambda w: registers.entries_of_engagement(w, engagement.id))


def row(street: Street, engagement: Engagement, start: str = "9:00", end: str = "10:00", **more: str) -> dict[str, str]:
    cells = {"use": "yes", "start": start, "end": end, "worker": street.worker, "quantity": "1"} | more
    return {f"{name}-{engagement.number}": value for name, value in cells.items()}


def send(reader: Reader, street: Street, *rows: dict[str, str], page: Page | None = None) -> Page:
    """As a browser sends the form: what each field holds, ticked rows with their boxes."""
    there = at(street, f"/visits?on={DAY}")
    form = (page or reader.open(there)).form(there)
    names = re.findall(r'<input class="govuk-input[^"]*" id="[^"]+" name="([^"]+)" value="([^"]*)"', form)
    typed = dict(names)
    for filled in rows:
        typed |= filled
    return reader.press(page or reader.open(there), there, **typed)


def test_the_ticked_rows_are_entered_and_the_next_form_is_filled_in_as_they_were(both_streets: Street) -> None:
    street = both_streets
    (_, first), (_, second) = served(street), served(street)
    street.travel(2)
    reader = director(street, "ru")
    page = reader.open(at(street, f"/visits?on={DAY}"))
    assert page.words.count("Айгерім Сейтқали") >= 2, "names, for who serves"
    page = reader.follow(send(reader, street, row(street, first, "09.00", "9:45", place="дача")))
    assert "Посещения внесены." in page.words
    (entry,) = entries(street, first)
    assert (entry.place, entry.status, entries(street, second)) == ("дача", EntryStatus.ENTERED, [])
    form = page.form(at(street, f"/visits?on={DAY}"))
    filled = dict(re.findall(r'name="([a-z]+)-' + first.number + r'" value="([^"]*)"', form))
    assert (filled["start"], filled["end"], filled["place"]) == ("09:00", "09:45", "дача")
    assert f'<option value="{street.worker}" selected>' in form
    assert verbs(street, "entry", str(entry.id)) == ["entered"]
    assert "people-read" in verbs(street, "provider", street.provider)


def test_a_wrong_row_stays_as_typed_beside_a_right_one_that_is_entered(both_streets: Street) -> None:
    street = both_streets
    (_, first), (_, second) = served(street), served(street)
    street.travel(2)
    reader = director(street, "kk")
    page = send(reader, street, row(street, first), row(street, second, "9:30", "1o:00", place="мектеп"))
    assert page.status == 422
    assert len(entries(street, first)) == 1
    assert entries(street, second) == []
    assert "1 келу енгізілді. Қалғандары төменде." in page.words
    assert page.words.count("Уақытты 9:30 түрінде жазыңыз") == 2, "in the summary and beside the field"
    assert f'href="#end-{second.number}"' in page.text
    assert 'value="1o:00"' in page.text
    assert 'value="мектеп"' in page.text
    assert f'id="use-{second.number}" name="use-{second.number}" value="yes" checked' in page.text
    assert f'id="use-{first.number}" name="use-{first.number}" value="yes" checked' not in page.text
    busy = send(reader, street, row(street, second, "9:30", "10:00"))
    assert f'href="#worker-{second.number}"' in busy.text, "the worker is with the first one then"
    assert entries(street, second) == []


def test_a_form_sent_twice_enters_nothing_twice(both_streets: Street) -> None:
    street = both_streets
    _, engagement = served(street)
    street.travel(2)
    reader = director(street)
    page = reader.open(at(street, f"/visits?on={DAY}"))
    for _ in range(2):
        assert send(reader, street, row(street, engagement), page=page).status == 303
    assert len(entries(street, engagement)) == 1


def test_a_code_told_to_a_carer_confirms_the_visit(fresh_street: Street) -> None:
    street = fresh_street
    _, engagement = served(street)
    street.travel(2)
    reader = Reader(street.town, carer(street))
    key = street.town.site.vault.visit_key
    code = code_of(key, engagement.id, engagement.from_on, 0)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    page = send(reader, street, row(street, engagement, code=wrong))
    assert (page.status, f'href="#code-{engagement.number}"' in page.text) == (422, True)
    assert entries(street, engagement) == []
    send(reader, street, row(street, engagement, code=f"{code[:3]} {code[3:]}"))
    (entry,) = entries(street, engagement)
    assert entry.status is EntryStatus.CONFIRMED


def test_nothing_ticked_and_no_day_are_told_once(fresh_street: Street) -> None:
    street = fresh_street
    _, engagement = served(street)
    street.travel(2)
    reader = director(street)
    assert "Tick who was visited" in send(reader, street).words
    page = send(reader, street, row(street, engagement), {"day": "soon"})
    assert page.words.count("Write a day that exists") == 1
    assert 'value="9:00"' in page.text, "and the row stays"


def test_a_day_to_come_lists_people_and_takes_no_visits(fresh_street: Street) -> None:
    street = fresh_street
    served(street)
    page = director(street).open(at(street, "/visits?on=03.03.2026"))
    assert "Айгерім Сейтқали" in page.words
    assert "A visit is entered when it is over." in page.words
    assert "use-" not in page.text
    assert "Nobody is served on that day." in director(street).open(at(street, "/visits")).words


def test_a_workers_day_shows_whom_that_worker_visits(fresh_street: Street) -> None:
    street = fresh_street
    (_, first), (_, second) = served(street), served(street)
    street.travel(2)
    reader = director(street)
    send(reader, street, row(street, first))
    page = reader.open(at(street, f"/visits?on=2026-03-04&worker={street.worker}"))
    assert f"use-{first.number}" in page.text
    assert f"use-{second.number}" not in page.text


def test_the_journal_shows_a_visit_that_is_taken_back_or_confirmed_by_its_code(fresh_street: Street) -> None:
    street = fresh_street
    _, engagement = served(street)
    street.travel(2)
    reader = director(street)
    send(reader, street, row(street, engagement), row(street, engagement, "9:00", "10:00"))
    send(reader, street, row(street, engagement, "11:00", "12:00"))
    first, second = entries(street, engagement)
    listed = reader.open(at(street, "/journal?month=2026-03&show=entered"))
    assert "Мадина Ахметова" in listed.words
    there = at(street, f"/journal/{first.id}")
    assert f'href="{there}"' in listed.text
    empty = reader.press(reader.open(there), f"{there}/cancellation", reason="")
    assert (empty.status, "Fill in this field" in empty.words) == (400, True)
    page = reader.follow(reader.press(reader.open(there), f"{there}/cancellation", reason="nobody was there"))
    assert "The visit is taken back." in page.words
    assert verbs(street, "entry", str(first.id)) == ["entered", "cancelled"]
    other = at(street, f"/journal/{second.id}")
    code = code_of(street.town.site.vault.visit_key, engagement.id, engagement.from_on, 0)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    sent = reader.press(reader.open(other), f"{other}/confirmation", code=wrong)
    assert "Tries left today: 4" in reader.follow(sent).words
    page = reader.follow(reader.press(reader.open(other), f"{other}/confirmation", code=code))
    assert "confirmed" in page.words
    assert f'action="{other}/confirmation"' not in page.text
    assert verbs(street, "entry", str(second.id)) == ["entered", "confirmed"]


def test_a_day_that_is_none_is_said_beside_its_field(street: Street) -> None:
    page = director(street).open(at(street, "/visits?on=31.02.2026"))
    assert "Write a day that exists, such as 31.12.2026" in page.words
    assert 'href="#on"' in page.text
    assert 'value="31.02.2026"' in page.text
