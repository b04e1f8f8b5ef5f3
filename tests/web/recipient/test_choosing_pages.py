"""Choosing: the list and the map, sifting, comparing, one provider in full, asking for a place."""

import re

import pytest

from tests.placement.town import bin_of
from tests.web.recipient.reader import Home, Reader, settle
from tests.web.street import HOME, Street, tenge
from tests.web.town import Person, made


@pytest.fixture(scope="module")
def numbers(street: Street) -> dict[str, str]:
    """Three more providers around, and what their offers are called: full, only in Russian, too dear."""
    found = {"Warm Home": _number(street, street.offer)}
    for serial, (name, languages, price, capacity) in enumerate(
        (("Full House", ["kk"], "2600", 0), ("Spoken Russian", ["ru"], "2700", 3), ("Dear House", ["kk"], "3900", 3))
    ):
        director = street.town.person()
        offer = _open(street, director, serial, name, languages=languages, price=price, capacity=capacity)
        found[name] = _number(street, offer)
    return found


def _number(street: Street, offer: str) -> str:
    return str(street.town.client.get(f"/api/offers/{offer}").json()["number"])


def _open(
    street: Street, director: Person, serial: int, name: str, *, languages: list[str], price: str, capacity: int
) -> str:
    body = {
        "bin": bin_of(serial + 50), "name": name, "sector": "ngo", "organisation_type": "ngo", "territory": "710000000",
        "iban": "KZ86125KZT5004100100",
    }  # fmt: skip
    provider = made(director.post("/api/providers", body))["id"]
    at = f"/api/providers/{provider}"
    made(director.post(f"{at}/licences", {"number": f"SSS-{name}", "from_on": "2025-01-01"}))
    point = {"name": f"{name} on the hill", "locality_id": 1526273, "address": f"Hill street {serial}"}
    place = made(director.post(f"{at}/service-points", point))["service_points"][0]["id"]
    made(street.buyer.post(f"{at}/admission"))
    offer = HOME | {
        "provider_id": provider, "service_point_id": place, "capacity_unit": "places", "capacity": capacity,
        "categories": ["elderly"], "languages": languages, "price": tenge(f"{price}.00"), "radius_m": 20000,
    }  # fmt: skip
    return str(made(director.post("/api/offers", offer))["id"])


@pytest.fixture
def home(street: Street, numbers: dict[str, str]) -> Home:
    assert numbers
    return settle(street)


@pytest.fixture
def reader(street: Street, home: Home) -> Reader:
    return Reader(street.town, home.person)


def shown(reader: Reader, home: Home, query: str = "") -> list[str]:
    page = reader.open(f"{home.voucher_at}/choose{query}")
    return re.findall(r'href="[^"]+/offers/[^"]+">([^<]+)</a></h3>', page.text)


def test_what_can_be_had_is_listed_with_what_it_costs_and_drawn_on_a_map(reader: Reader, home: Home) -> None:
    assert shown(reader, home) == ["Warm Home", "Full House", "Spoken Russian"], "the dear one is not there"
    page = reader.open(f"{home.voucher_at}/choose")
    assert "Nothing. The state pays all of it: 2,500 ₸ for a visit." in page.words
    assert "10 free places" in page.words
    assert "No free place now" in page.words
    assert 'class="reach__offer" href="#offer-1"' in page.text
    assert "<svg" in page.text


def test_the_list_is_sifted_by_address_and_nonsense_asks_for_nothing(reader: Reader, home: Home) -> None:
    assert shown(reader, home, "?free=yes") == ["Warm Home", "Spoken Russian"]
    assert shown(reader, home, "?language=ru&free=yes") == ["Warm Home", "Spoken Russian"]
    assert shown(reader, home, "?language=kk") == ["Warm Home", "Full House"]
    assert shown(reader, home, "?language=en") == []
    assert "No provider fits what you asked for" in reader.open(f"{home.voucher_at}/choose?language=en").words
    assert len(shown(reader, home, "?within=2&language=de&free=1")) <= 3
    reader.open(f"{home.voucher_at}/choose?after=nonsense", 400)


def test_up_to_three_are_compared_and_no_other_number(reader: Reader, home: Home) -> None:
    page = reader.open(f"{home.voucher_at}/choose")
    offers = re.findall(r'name="offer" value="([^"]+)"', page.text)
    asked = "&".join(f"offer={one}" for one in offers)
    words = reader.open(f"{home.voucher_at}/compare?{asked}").words
    for said in ("Warm Home", "Full House", "Spoken Russian", "It costs you", "Away from your home", "Languages"):
        assert said in words
    for query in ("", "?offer=x", f"?{asked}&offer={offers[0]}"):
        page = reader.open(f"{home.voucher_at}/compare{query}", 422)
        assert page.words.count("Choose from one to 3 providers to compare") == 1
        assert "The list" in page.words, "the list is there to choose again"
    assert page.text.count(" checked>") == 3, "what was ticked is ticked still"


def test_an_offer_is_asked_for_once_and_the_answer_is_awaited(
    street: Street, reader: Reader, home: Home, numbers: dict[str, str]
) -> None:
    at = f"{home.voucher_at}/offers/{numbers['Warm Home']}"
    page = reader.open(at)
    sent = reader.press(page, f"{at}/book")
    assert reader.press(page, f"{at}/book").location == sent.location, "pressed twice, done once"
    place = reader.follow(sent)
    assert "The provider has been asked and holds a place for you" in place.words
    assert "You asked for this place. The provider answers by" in place.words
    assert len(home.person.get("/api/placements").json()["items"]) == 1
    again = reader.open(at)
    assert not again.has_form(f"{at}/book")
    assert "an answer is awaited" in again.words
    assert street.budget.get(f"/api/vouchers/{home.voucher_id}").status_code == 200


def test_when_the_last_place_is_gone_the_page_says_so_and_loses_nothing(
    street: Street, numbers: dict[str, str]
) -> None:
    first, second = settle(street), settle(street)
    at = "/offers/" + numbers["Spoken Russian"]
    readers = [Reader(street.town, one.person) for one in (first, second)]
    pages = [reader.open(home.voucher_at + at) for reader, home in zip(readers, (first, second), strict=True)]
    offer = street.town.client.get("/api/offers").json()["items"]
    spoken = next(o for o in offer if o["number"] == numbers["Spoken Russian"])
    rivals = [settle(street) for _ in range(spoken["capacity"])]
    for rival in rivals:
        booking = {"offer_id": spoken["id"]}
        made(rival.person.post(f"/api/vouchers/{rival.voucher_id}/bookings", booking, key=rival.number))
    late = readers[1].press(pages[1], f"{second.voucher_at}{at}/book")
    assert late.status == 409
    assert "There is no free place left" in late.words
    assert "Spoken Russian" in late.words
    assert late.has_form(f"{second.voucher_at}/wishes/add"), "it can still be wished for"
    assert second.person.get("/api/placements").json()["items"] == []


def test_what_cannot_be_had_says_why(reader: Reader, home: Home, numbers: dict[str, str]) -> None:
    at = f"{home.voucher_at}/offers/{numbers['Dear House']}"
    page = reader.open(at)
    assert "The price is above what the voucher pays" in page.words
    assert not page.has_form(f"{at}/book")
    reader.open(f"{home.voucher_at}/offers/F-00000-00000", 404)


def test_wishes_are_added_raised_and_taken_away(reader: Reader, home: Home, numbers: dict[str, str]) -> None:
    wishes = f"{home.voucher_at}/wishes"
    assert "You have named no wish." in reader.open(wishes).words
    for name in ("Warm Home", "Full House", "Spoken Russian"):
        page = reader.open(f"{home.voucher_at}/offers/{numbers[name]}")
        page = reader.follow(reader.press(page, f"{wishes}/add"))
    assert ranked(page.text) == ["Warm Home", "Full House", "Spoken Russian"]
    page = reader.follow(press_for(reader, page.text, f"{wishes}/raise", numbers["Spoken Russian"]))
    assert ranked(page.text) == ["Warm Home", "Spoken Russian", "Full House"]
    assert "The order of your wishes is changed." in page.words
    page = reader.follow(press_for(reader, page.text, f"{wishes}/remove", numbers["Warm Home"]))
    assert ranked(page.text) == ["Spoken Russian", "Full House"]
    kept = home.person.get(f"/api/vouchers/{home.voucher_id}/request").json()
    assert (kept["status"], len(kept["wishes"])) == ("waiting", 2)


def test_who_has_a_place_cannot_wish(street: Street, reader: Reader, home: Home, numbers: dict[str, str]) -> None:
    at = f"{home.voucher_at}/offers/{numbers['Full House']}"
    page = reader.open(at)
    booking = {"offer_id": street.offer}
    made(home.person.post(f"/api/vouchers/{home.voucher_id}/bookings", booking, key="first"))
    refused = reader.press(page, f"{home.voucher_at}/wishes/add")
    assert refused.status == 409
    assert "This voucher has a place already" in refused.words
    assert "Wishes count again when you wait" in refused.words


def ranked(text: str) -> list[str]:
    return re.findall(r'/offers/[^"]+">([^<]+)</a></h2>', text)


def press_for(reader: Reader, text: str, action: str, offer: str) -> object:
    """One of several forms with this action: the one about this offer."""
    forms = [f for f in re.findall(r"<form.*?</form>", text, re.DOTALL) if f'action="{action}"' in f]
    (form,) = [f for f in forms if f'value="{offer}"' in f]
    typed = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    return reader._ask("POST", action, data=typed)
