"""Places asked for: answered by form with yes, or with no and a reason, before the deadline; names come after a yes."""

import re

from tests.web.provider.houses import at, director
from tests.web.recipient.reader import Home, settle, verbs
from tests.web.street import Street
from tests.web.town import made


def asked(street: Street) -> tuple[Home, str]:
    home = settle(street)
    booking = {"offer_id": street.offer}
    placement = made(home.person.post(f"/api/vouchers/{home.voucher_id}/bookings", booking, key=home.number))
    return home, placement["id"]


def test_a_place_is_given_and_the_person_is_named_then(both_streets: Street) -> None:
    street = both_streets
    home, placement = asked(street)
    reader = director(street)
    start = reader.open(at(street))
    assert "Answer one place, by the end of 4 March 2026" in start.words
    there = at(street, f"/places/{placement}")
    listed = reader.open(at(street, "/places"))
    assert f'href="{there}"' in listed.text
    page = reader.open(there)
    assert "Айгерім Сейтқали" not in page.words
    assert home.number not in page.words, "nothing that tells who asks"
    assert "8 visits a month" in page.words
    page = reader.follow(reader.press(page, f"{there}/acceptance"))
    assert "The place is given." in page.words
    assert "Айгерім Сейтқали" in page.words
    assert "Abai avenue 10" in page.words
    assert verbs(street, "placement", placement)[-1] == "accepted"
    assert "people-read" in verbs(street, "provider", street.provider)
    assert "Nothing waits for you now." in reader.open(at(street)).words


def test_a_no_needs_a_reason(street: Street) -> None:
    _, placement = asked(street)
    reader = director(street, "kk")
    there = at(street, f"/places/{placement}")
    empty = reader.press(reader.open(there), f"{there}/refusal", reason=" ")
    assert empty.status == 400
    assert re.search(r'href="#reason"', empty.text)
    page = reader.follow(reader.press(reader.open(there), f"{there}/refusal", reason="қазақша сөйлейтін маман жоқ"))
    assert "Сіз бас тарттыңыз." in page.words
    declined = reader.open(at(street, "/places?show=declined"))
    assert f'href="{there}"' in declined.text
    assert "қазақша сөйлейтін маман жоқ" in reader.open(there).words
    assert "Айгерім" not in reader.open(there).words
    assert verbs(street, "placement", placement)[-1] == "declined"


def test_an_answer_after_the_deadline_is_told_on_the_page(fresh_street: Street) -> None:
    street = fresh_street
    _, placement = asked(street)
    street.travel(7)
    reader = director(street)
    there = at(street, f"/places/{placement}")
    page = reader.press(reader.open(there), f"{there}/acceptance")
    assert page.status == 409
    assert "It ended at" in page.words or "The time to answer is over" in page.words
    assert verbs(street, "placement", placement) == ["requested"]


def test_another_houses_place_is_not_there(street: Street) -> None:
    director(street).open(at(street, f"/places/{street.offer}"), 404)
    director(street).open(at(street, "/places?show=stolen"), 400)
