"""Whose desk it is: its own people's, carers' only as far as they serve, nobody else's."""

import re

import pytest

from contracts.kernel.work import Role
from tests.web.provider.houses import FOR_CARERS, ROOMS, at, carer, director, next_door, number_of
from tests.web.recipient.reader import Page, Reader
from tests.web.street import Street


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_room_is_there_in_every_language(street: Street, language: str) -> None:
    reader = director(street, language)
    for room in ROOMS:
        page = reader.open(at(street, room))
        if room.endswith(".csv"):
            continue
        assert page.text.count("<h1") == 1, room
        assert f'lang="{language}"' in page.text
        assert not re.findall(r"""(?:src|href|action)="(?:https?:)?//""", page.text), room
        assert "style=" not in page.text, room
        assert "undefined" not in page.words, room


def test_a_stranger_finds_no_desk(street: Street) -> None:
    people = [next_door(street), street.town.person(), street.town.person(Role.BUDGET_OFFICER), street.finance]
    for somebody in people:
        reader = Reader(street.town, somebody)
        for room in ROOMS:
            reader.open(at(street, room), 404)
    Reader(street.town, street.house).open("/organisations/P-NO-SUCH", 404)


def test_a_stranger_sends_no_form(street: Street) -> None:
    mine = Reader(street.town, street.house)
    stranger = Reader(street.town, next_door(street, "061240000015"))
    for room, action in (
        ("/licences", "/licences"), ("/points", "/points"), ("/staff", "/staff"), ("/offers", "/offers"),
        ("/new-offer", "/new-offer"), ("/account", "/account"), ("/visits/paste", "/visits/paste"),
    ):  # fmt: skip
        page = mine.open(at(street, room))
        sent = stranger.press(_with_token(page, stranger), at(street, action), sheet="x", do="enter")
        assert sent.status == 404, (action, sent.status)


def _with_token(page: Page, stranger: Reader) -> Page:
    """The page as it is, with the stranger's own token: the form is right, the desk is not theirs."""
    own = stranger.open("/organisations/new")
    token = re.search(r'name="form_token" value="([^"]+)"', own.text)
    assert token is not None
    page.text = re.sub(r'name="form_token" value="[^"]+"', f'name="form_token" value="{token[1]}"', page.text)
    return page


def test_a_carer_has_the_visits_and_nothing_else(street: Street) -> None:
    reader = Reader(street.town, carer(street))
    start = reader.open("/organisation", 303)
    assert start.location == at(street, "/visits")
    for room in ROOMS:
        reader.open(at(street, room), 200 if room in FOR_CARERS else 404)
    links = re.findall(r'class="rooms__link" href="([^"]+)"', reader.open(at(street, "/visits")).text)
    assert links == [at(street, "/visits"), at(street, "/journal")]


def test_the_only_organisation_is_found_and_several_are_offered(street: Street) -> None:
    assert director(street).open("/organisation", 303).location == at(street)
    assert director(street).open("/organisation?lang=kk", 303).location == at(street, "?lang=kk")
    nobody = Reader(street.town, street.town.person())
    page = nobody.open("/organisation")
    assert "You speak for no organisation yet." in page.words
    assert 'href="/organisations/new"' in page.text
    assert number_of(street).startswith("P-")
