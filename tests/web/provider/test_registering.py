"""An organisation is registered, and what it needs is written down: by form, with what was typed kept."""

import re

import pytest

from tests.web.provider.houses import at, director
from tests.web.recipient.reader import Reader, verbs
from tests.web.street import Street

NEW = {
    "bin": "061240001236", "name": "Мейірім", "sector": "ngo", "organisation_type": "ngo", "territory": "710000000",
    "iban": "KZ86 125K ZT50 0410 0100", "legal_name": "",
}  # fmt: skip


def test_somebody_registers_an_organisation_and_speaks_for_it(street: Street) -> None:
    reader = Reader(street.town, street.town.person(), "kk")
    page = reader.open("/organisations/new")
    there = reader.follow(reader.press(page, "/organisations/new", **NEW))
    assert "Мейірім" in there.words
    assert there.words.count("Ұйым тіркелді.") == 1
    assert "Бүгін жарамды лицензияны жазыңыз" in there.words, "what is missing is asked for"
    assert "Ақша түсетін банк шотын көрсетіңіз" not in there.words, "the account was named"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("bin", "061240001237", "check digit"),
        ("bin", "", "Fill in this field"),
        ("iban", "KZ00125KZT5004100100", "not a valid IBAN"),
        ("sector", "circus", "Choose one of the answers"),
        ("territory", "000000000", "no territory"),
    ],
)
def test_a_wrong_answer_stays_and_says_what_is_wrong(street: Street, field: str, value: str, said: str) -> None:
    reader = Reader(street.town, street.town.person())
    page = reader.press(reader.open("/organisations/new"), "/organisations/new", **NEW | {field: value})
    assert page.status in {400, 422}
    assert said in page.words
    assert f'href="#{field}"' in page.text, "the summary leads to the field"
    assert 'value="Мейірім"' in page.text, "what was typed is kept"


def test_a_bin_is_registered_once(street: Street) -> None:
    reader = Reader(street.town, street.town.person())
    taken = NEW | {"bin": "190540009117"}
    page = reader.press(reader.open("/organisations/new"), "/organisations/new", **taken)
    assert (page.status, 'href="#bin"' in page.text) == (409, True)


def test_licences_points_and_staff_are_written_down(street: Street) -> None:
    reader = director(street)
    licence = {"number": "SSS-77", "from_on": "01.03.2026", "last_on": "31.12.2026"}
    page = reader.follow(reader.press(reader.open(at(street, "/licences")), at(street, "/licences"), **licence))
    assert "SSS-77" in page.words
    assert "31 December 2026" in page.words
    licences = street.house.get(f"/api/providers/{street.provider}").json()["licences"]
    (stored,) = [one for one in licences if one["number"] == "SSS-77"]
    assert stored["until_on"] == "2027-01-01", "the last day is one of its days"
    point = {"name": "House on the hill", "locality_id": "1526273", "address": "Hill 2", "coordinates": "51.2, 71.5"}
    page = reader.follow(reader.press(reader.open(at(street, "/points")), at(street, "/points"), **point))
    assert "House on the hill" in page.words
    assert "<svg" in page.text
    worker = {"name": "Сәуле Ким", "speciality": "nurse", "from_on": "2026-03-01"}
    page = reader.follow(reader.press(reader.open(at(street, "/staff")), at(street, "/staff"), **worker))
    assert "Сәуле Ким" in page.words
    assert {"licence-added", "service-point-added", "staff-added"} <= set(verbs(street, "provider", street.provider))


POINT = {"name": "P", "locality_id": "1526273", "address": "A"}


@pytest.mark.parametrize(
    ("room", "typed", "field", "said"),
    [
        ("/licences", {"number": "L", "from_on": "31.02.2026"}, "from_on", "a day that exists"),
        ("/licences", {"number": "L", "from_on": "02.03.2026", "last_on": "01.03.2026"}, "last_on", "not lie before"),
        ("/licences", {"number": "SSS-1", "from_on": "02.03.2026"}, "number", "registered already"),
        ("/points", POINT | {"coordinates": "north"}, "coordinates", "latitude"),
        ("/points", POINT | {"coordinates": "71.4,51.1"}, "coordinates", "outside"),
        ("/points", POINT | {"locality_id": "7"}, "locality_id", "no locality"),
        ("/staff", {"name": "", "speciality": "nurse", "from_on": "02.03.2026"}, "name", "Fill in this field"),
        ("/account", {"legal_name": "W", "iban": "GB82WEST12345698765432"}, "iban", "Kazakhstan"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_nothing_typed_is_lost(
    street: Street, room: str, typed: dict[str, str], field: str, said: str
) -> None:
    reader = director(street)
    page = reader.press(reader.open(at(street, room)), at(street, room), **typed)
    assert page.status in {400, 409, 422}, page.words[:300]
    assert said in page.words
    assert f'href="#{field}"' in page.text
    for name, value in typed.items():
        assert f'name="{name}"' in page.text
        assert not value or name == "locality_id" or f'value="{value}"' in page.text, name


def test_a_worker_leaves_on_a_day(street: Street) -> None:
    reader = director(street)
    worker = {"name": "Болат Ли", "speciality": "driver", "from_on": "02.03.2026"}
    reader.press(reader.open(at(street, "/staff")), at(street, "/staff"), **worker)
    (link,) = re.findall(r'href="([^"]+/staff/[^"]+)">Болат Ли', reader.open(at(street, "/staff")).text)
    early = reader.press(reader.open(link), f"{link}/end", last_on="01.03.2026")
    assert (early.status, "must not lie before" in early.words) == (400, True)
    page = reader.follow(reader.press(reader.open(link), f"{link}/end", last_on="02.03.2026"))
    assert page.words.count("2 March 2026") >= 2
    assert f'action="{link}/end"' not in reader.open(link).text, "set once"
    assert verbs(street, "provider", street.provider)[-1] == "staff-left"


def test_a_second_account_waits_for_somebody_else(street: Street) -> None:
    reader = director(street)
    account = {"legal_name": "Warm Home", "iban": "KZ74125KZT0000000005"}
    page = reader.follow(reader.press(reader.open(at(street, "/account")), at(street, "/account"), **account))
    assert "The new account waits" in page.words
    assert f'action="{at(street, "/account")}"' not in page.text


def test_who_goes_back_and_answers_otherwise_is_told_what_happened_and_sends_it_once_more(street: Street) -> None:
    reader, there = director(street), at(street, "/licences")
    page = reader.open(there)
    reader.follow(reader.press(page, there, number="SSS-88", from_on="02.03.2026"))
    again = reader.press(page, there, number="SSS-89", from_on="02.03.2026")
    assert again.status == 422
    assert "This form was sent before with other answers, and those were carried out." in again.words
    assert 'value="SSS-89"' in again.text
    shown = reader.follow(reader.press(again, there, number="SSS-89", from_on="02.03.2026"))
    assert "SSS-88" in shown.words
    assert "SSS-89" in shown.words


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("bin", "061240001237", "Последняя цифра БИН проверяет остальные"),
        ("bin", "0612", "в нём двенадцать цифр"),
        ("iban", "KZ00125KZT5004100100", "Это не номер счёта"),
        ("iban", "GB82WEST12345698765432", "Счёт должен быть в банке Казахстана"),
    ],
)
def test_what_cannot_be_read_is_said_in_the_readers_language_beside_its_field(
    street: Street, field: str, value: str, said: str
) -> None:
    reader = Reader(street.town, street.town.person(), "ru")
    page = reader.press(reader.open("/organisations/new"), "/organisations/new", **NEW | {field: value})
    assert said in page.words
    assert f'id="{field}-error"' in page.text
