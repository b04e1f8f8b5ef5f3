"""Representatives: shown to the person, appointed and dismissed at the service centre."""

import re

import pytest

from tests.web.recipient.reader import ORDER, Home, Reader, represented, settle
from tests.web.street import Street


@pytest.fixture
def home(street: Street) -> Home:
    return settle(street)


def test_an_operator_appoints_and_dismisses(street: Street, home: Home) -> None:
    son, reader = street.town.person(), Reader(street.town, street.operator)
    at = f"{home.at}/representatives"
    typed = {"login": son.login, "ground": ORDER, "from_on": "01.03.2026", "until_on": "31.12.2026"}
    page = reader.follow(reader.press(reader.open(at), at, **typed))
    assert "From the first day on this person may act for the recipient." in page.words
    assert f"{son.login} On the ground of: {ORDER}" in page.words
    assert "From 1 March 2026, and no longer on 31 December 2026." in page.words
    Reader(street.town, son).open(home.at)
    (end,) = re.findall(r'action="([^"]+/end)"', page.text)
    page = reader.follow(reader.press(page, end))
    assert "Ended." in page.words
    Reader(street.town, son).open(home.at, 404)


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"login": "nobody-of-this-name"}, "login", "Nobody signs in by this name"),
        ({"ground": " "}, "ground", "Fill in this field"),
        ({"from_on": "31.02.2026"}, "from_on", "Write a day that exists"),
        ({"until_on": "01.03.2026"}, "until_on", "It ends after it begins, and not before tomorrow"),
    ],
)
def test_a_wrong_answer_is_said_beside_its_field_and_nothing_typed_is_lost(
    street: Street, home: Home, changed: dict[str, str], field: str, said: str
) -> None:
    son, reader = street.town.person(), Reader(street.town, street.operator)
    at = f"{home.at}/representatives"
    typed = {"login": son.login, "ground": ORDER, "from_on": "01.03.2026", "until_on": ""} | changed
    page = reader.press(reader.open(at), at, **typed)
    assert page.status == 400
    assert page.words.count(said) == 2
    assert f'href="#{field}"' in page.text
    for value in typed.values():
        assert value.strip() in page.text
    assert "Nobody represents this person." in page.words


def test_nobody_appoints_themselves_or_twice(street: Street, home: Home) -> None:
    reader, at = Reader(street.town, street.operator), f"{home.at}/representatives"
    typed = {"ground": ORDER, "from_on": "01.03.2026", "until_on": ""}
    page = reader.press(reader.open(at), at, login=street.operator.login, **typed)
    assert "Nobody appoints themselves" in page.words
    son = represented(street, home)
    page = reader.press(reader.open(at), at, login=son.login, **typed)
    assert page.status == 409
    assert "This user represents this recipient on some of these days already" in page.words


def test_the_person_and_who_represents_them_see_it_and_change_nothing(street: Street, home: Home) -> None:
    son, at = represented(street, home), f"{home.at}/representatives"
    for person in (home.person, son):
        reader = Reader(street.town, person)
        page = reader.open(at)
        assert son.login in page.words
        assert "appointed and dismissed by a service centre" in page.words
        assert "<form" not in page.text.split("<main")[1]
        token = page.text.split('name="form_token" value="')[1].split('"')[0]
        typed = {"login": street.house.login, "ground": ORDER, "from_on": "01.03.2026", "form_token": token, "key": "k"}
        assert reader._ask("POST", at, data=typed).status == 404
