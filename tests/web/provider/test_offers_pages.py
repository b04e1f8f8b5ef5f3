"""Offers as a table: capacities changed where they stand, prices by day, and what another one wrote meanwhile."""

import re

from tests.web.provider.houses import at, director, next_door, offer_number, served
from tests.web.recipient.reader import Page, Reader, verbs
from tests.web.street import Street
from tests.web.town import made

NEW = {
    "kind": "domestic", "setting": "home", "unit": "visit", "capacity": "3", "price": "2 500,50", "from_on": "",
    "radius_km": "20", "category-elderly": "yes", "language-kk": "yes", "language-ru": "yes",
}  # fmt: skip


def capacity(street: Street) -> int:
    return int(street.house.get(f"/api/offers/{street.offer}").json()["capacity"])


def save(reader: Reader, street: Street, value: str, page: Page | None = None) -> Page:
    there = at(street, "/offers")
    return reader.press(page or reader.open(there), there, **{f"capacity-{offer_number(street)}": value})


def test_a_capacity_is_changed_where_it_stands(both_streets: Street) -> None:
    street = both_streets
    served(street)
    reader = director(street)
    assert "9 9 9 9 10 " in reader.open(at(street, "/offers")).words, "its place is free again in July"
    page = reader.follow(save(reader, street, "7"))
    assert "The capacities are saved." in page.words
    assert (capacity(street), verbs(street, "offer", street.offer)[-1]) == (7, "capacity-set")
    assert "6 6 6 6 7 " in page.words


def test_what_another_wrote_meanwhile_is_told_and_the_next_pressing_wins(both_streets: Street) -> None:
    street = both_streets
    reader = director(street, "ru")
    page = reader.open(at(street, "/offers"))
    street.set_capacity(12)
    stale = save(reader, street, "8", page)
    assert stale.status == 400
    assert "кто-то другой указал здесь 12" in stale.words
    assert 'value="8"' in stale.text, "what was typed stays"
    assert capacity(street) == 12
    assert save(reader, street, "8", stale).status == 303
    assert capacity(street) == 8


def test_a_capacity_below_what_is_taken_or_no_number_is_refused(both_streets: Street) -> None:
    street = both_streets
    served(street)
    reader = director(street)
    page = save(reader, street, "0")
    assert "1 are taken already" in page.words
    assert "Write a whole number" in save(reader, street, "many").words
    assert capacity(street) == 10


def test_a_price_begins_on_a_day_and_stays_within_the_limits(street: Street) -> None:
    reader = director(street)
    there = at(street, f"/offers/{offer_number(street)}")
    page = reader.open(there)
    assert "between 1,000 ₸ and 4,000 ₸" in page.words
    above = reader.press(page, f"{there}/prices", price="4 000,01", from_on="01.04.2026")
    assert (above.status, 'href="#price"' in above.text, 'value="4 000,01"' in above.text) == (422, True, True)
    past = reader.press(page, f"{there}/prices", price="2600", from_on="01.02.2026")
    assert 'href="#from_on"' in past.text
    page = reader.follow(reader.press(reader.open(there), f"{there}/prices", price="2 600", from_on="01.04.2026"))
    assert "1 April 2026 2,600 ₸" in page.words
    assert "from 1 April 2026: 2,600 ₸" in reader.open(at(street, "/offers")).words
    twice = reader.press(reader.open(there), f"{there}/prices", price="2700", from_on="01.04.2026")
    assert twice.status == 409
    assert verbs(street, "offer", street.offer)[-1] == "tariff-set"


def test_an_offer_is_closed_and_opened_again(street: Street) -> None:
    reader = director(street)
    there = at(street, f"/offers/{offer_number(street)}")
    page = reader.follow(reader.press(reader.open(there), f"{there}/closure"))
    assert "The offer is closed." in page.words
    page = reader.follow(reader.press(page, f"{there}/reopening"))
    assert "The offer is open again." in page.words
    assert verbs(street, "offer", street.offer)[-2:] == ["closed", "reopened"]


def test_a_new_offer_is_opened_and_a_wrong_one_keeps_what_was_typed(street: Street) -> None:
    reader = director(street)
    there = at(street, "/new-offer")
    page = reader.open(there)
    (point,) = re.findall(r'<option value="([0-9a-f-]{36})"', page.text)
    filled = NEW | {"service_point_id": point}
    nobody = {key: value for key, value in filled.items() if not key.startswith(("category", "language"))}
    wrong = reader.press(page, there, **nobody | {"unit": "night"})
    assert wrong.status == 400
    for said in ("not counted like this", "Tick at least one group", "Tick at least one language"):
        assert wrong.words.count(said) == 2, said
    assert 'value="2 500,50"' in wrong.text
    opened = reader.follow(reader.press(reader.open(there), there, **filled))
    assert "2,500.50 ₸ for a visit" in opened.words
    assert "20 km" in opened.words


def test_another_houses_offer_is_not_there(street: Street) -> None:
    other = next_door(street, "061240000015")
    number = other.get("/api/providers").json()["items"]
    mine = next(one["number"] for one in number if one["bin"] == "061240000015")
    Reader(street.town, other).open(f"/organisations/{mine}/offers/{offer_number(street)}", 404)


def test_a_form_with_another_houses_offer_changes_nothing(street: Street) -> None:
    other = next_door(street, "061140003407")
    mine = next(one for one in other.get("/api/providers").json()["items"] if one["bin"] == "061140003407")
    reader = Reader(street.town, other)
    page = reader.open(f"/organisations/{mine['number']}/new-offer")
    there = f"/organisations/{mine['number']}/offers"
    before, number = capacity(street), offer_number(street)
    token = f'<input type="hidden" name="form_token" value="{_token(reader)}">'
    page.text = f'<form action="{there}">{token}</form>'
    fields = {f"capacity-{number}": "1", f"shown-{number}": "2", f"version-{number}": "1"}
    sent = reader.press(page, there, key="k", **fields)
    assert sent.status == 303
    assert capacity(street) == before


def _token(reader: Reader) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', reader.open("/organisations/new").text)
    assert found is not None
    return found[1]


def test_two_free_places_more_are_seen_at_once(street: Street) -> None:
    before = capacity(street)
    made(street.house.post(f"/api/offers/{street.offer}/capacity", {"capacity": before + 2}))
    assert f'value="{before + 2}"' in director(street).open(at(street, "/offers")).text
