"""A death is recorded at the service centre in two steps: the day, then a yes to what follows from it."""

from datetime import timedelta

import pytest

from contracts.kernel.work import SYSTEM, Role
from tests.web.recipient.reader import Home, Page, Reader, engaged, represented, settle, verbs
from tests.web.street import Street


@pytest.fixture
def home(street: Street) -> Home:
    return settle(street)


def at(home: Home) -> str:
    return f"{home.at}/death"


def day(street: Street, days: int = 0) -> str:
    found = street.town.database.read(SYSTEM, lambda work: work.today) + timedelta(days=days)
    return found.strftime("%d.%m.%Y")


def operator(street: Street) -> Reader:
    return Reader(street.town, street.operator)


def asked(reader: Reader, home: Home, died_on: str) -> Page:
    return reader.press(reader.open(at(home)), at(home), died_on=died_on)


def test_what_follows_is_told_before_and_after_and_nothing_happens_without_a_yes(street: Street, home: Home) -> None:
    son, engagement, reader = represented(street, home), engaged(street, home), operator(street)
    assert f'href="{at(home)}"' in reader.open(home.at).text
    page = asked(reader, home, day(street))
    assert page.status == 200
    for said in ("1 voucher is closed.", "1 service ends.", "1 representative can act no longer.", home.voucher):
        assert said in page.words
    assert "The places are free for others at once." in page.words
    assert "death-recorded" not in verbs(street, "recipient", home.recipient), "nobody said yes"
    Reader(street.town, son).open(home.at)
    free = street.house.get(f"/api/offers/{street.offer}").json()["free"]
    page = reader.follow(reader.press(page, at(home)))
    assert "The vouchers are closed and the services have ended." in page.words
    assert not page.has_form(at(home))
    assert "death-recorded" in verbs(street, "recipient", home.recipient)
    assert street.auditor.get(f"/api/engagements/{engagement}").json()["status"] == "ended"
    assert street.auditor.get(f"/api/vouchers/{home.voucher_id}").json()["status"] == "closed"
    assert street.house.get(f"/api/offers/{street.offer}").json()["free"] == free + 1
    Reader(street.town, son).open(home.at, 404)
    page = reader.open(home.at)
    assert "This person has died" not in page.words
    assert f'href="{at(home)}"' in page.text


def test_what_nobody_has_is_not_told_of(street: Street, home: Home) -> None:
    words = asked(operator(street), home, day(street)).words
    assert "1 voucher is closed." in words
    for none in ("representative can act", "representatives can act", "services end"):
        assert none not in words


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ("", 400, "Fill in this field"),
        ("31.02.2026", 400, "Write a day that exists"),
        ("01.01.2030", 422, "A death is recorded on its day or later"),
    ],
)
def test_a_day_that_cannot_be_is_said_beside_the_field(
    street: Street, home: Home, typed: str, status: int, said: str
) -> None:
    page = asked(operator(street), home, typed)
    assert page.status == status
    assert page.words.count(said) == 2
    assert 'href="#died_on"' in page.text
    assert f'value="{typed}"' in page.text


def test_a_day_before_birth_comes_back_from_the_second_step(street: Street, home: Home) -> None:
    reader = operator(street)
    page = reader.press(asked(reader, home, "16.05.1948"), at(home))
    assert page.status == 422
    assert page.words.count("Nobody dies before the day of birth") == 2
    assert 'value="16.05.1948"' in page.form(at(home))
    assert "death-recorded" not in verbs(street, "recipient", home.recipient)


def test_the_family_is_sent_to_the_service_centre_and_others_find_nobody(street: Street, home: Home) -> None:
    for person in (home.person, represented(street, home)):
        reader = Reader(street.town, person)
        assert f'href="{at(home)}"' not in reader.open(home.at).text
        page = reader.open(at(home))
        assert "Bring the death certificate there." in page.words
        assert not page.has_form(at(home))
        token = page.text.split('name="form_token" value="')[1].split('"')[0]
        forged = {"died_on": day(street), "confirmed": "yes", "form_token": token, "key": "k"}
        assert reader._ask("POST", at(home), data=forged).status == 404
    for stranger in (street.house, street.town.person(Role.OPERATOR, territory="75")):
        Reader(street.town, stranger).open(at(home), 404)
    assert "death-recorded" not in verbs(street, "recipient", home.recipient)


def test_the_page_speaks_all_languages(street: Street, home: Home) -> None:
    for language, said in (("kk", "Адам қайтыс болды"), ("ru", "Человек умер")):
        assert said in Reader(street.town, street.operator, language).open(at(home)).words
