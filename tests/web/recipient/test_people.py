"""Whom one acts for, and to whom a person's pages are not there."""

import pytest

from contracts.kernel.work import SYSTEM, Role
from tests.web.recipient.reader import Reader, represented, settle, verbs
from tests.web.street import Street, iin
from tests.web.town import made

PAGES = ("", "/visits", "/payments", "/representatives")
NAME = "Айгерім Сейтқали"


def test_a_recipient_finds_her_own_page_at_once_and_is_not_told_whom_she_acts_for(street: Street) -> None:
    home = settle(street)
    reader = Reader(street.town, home.person)
    page = reader.follow(reader._ask("GET", "/my"))
    assert "My care" in page.words
    assert "You are acting for" not in page.words
    for path in PAGES:
        reader.open(home.at + path)
    assert "name-shown" not in verbs(street, "recipient", home.recipient)


def test_the_way_to_her_page_keeps_the_language_that_its_address_asks_for(street: Street) -> None:
    home = settle(street)
    reader = Reader(street.town, home.person, language="ru")
    assert reader.open("/my?lang=kk", 303).location == f"{home.at}?lang=kk"
    assert 'lang="kk"' in reader.follow(reader._ask("GET", "/my?lang=kk")).text
    assert reader.open("/my?lang=tlh", 303).location == home.at


def test_a_representative_of_two_finds_both_by_name_with_a_banner_on_each_page(street: Street) -> None:
    first, second = settle(street), settle(street)
    son = represented(street, first)
    body = {"login": son.login, "ground": "Power of attorney 7 of 1 February 2026", "from_on": "2026-02-01"}
    made(street.operator.post(f"/api/recipients/{second.recipient}/representatives", body))
    reader = Reader(street.town, son)
    page = reader.follow(reader._ask("GET", "/my"))
    assert page.words.count(NAME) == 2
    for home in (first, second):
        for path in (*PAGES, f"/vouchers/{home.voucher}", f"/vouchers/{home.voucher}/choose"):
            shown = reader.open(home.at + path)
            assert f"You are acting for {NAME} {home.number}" in shown.words
            assert "as representative" in shown.words
    assert verbs(street, "recipient", first.recipient).count("name-shown") == 1, "a look a day"


def test_who_acts_for_nobody_is_told_where_to_go(street: Street) -> None:
    assert Reader(street.town, street.budget).open("/people", 403)
    home = settle(street)
    son = represented(street, home, until_on="2026-03-10")
    street.travel(8)
    reader = Reader(street.town, son)
    assert reader.open("/people", 403), "a grant that has ended is none"


@pytest.mark.parametrize("who", ["neighbour", "other representative", "director", "budget", "operator elsewhere"])
def test_to_strangers_a_persons_pages_are_not_there(street: Street, who: str) -> None:
    home, other = settle(street), settle(street)
    stranger = {
        "neighbour": lambda: other.person,
        "other representative": lambda: represented(street, other),
        "director": lambda: street.house,
        "budget": lambda: street.budget,
        "operator elsewhere": lambda: street.town.person(Role.OPERATOR, territory="10"),
    }[who]()
    reader = Reader(street.town, stranger)
    own = f"/vouchers/{home.voucher}"
    for path in (*PAGES, own, f"{own}/choose", f"{own}/wishes", f"{own}/compare?offer={street.offer}"):
        page = reader.open(home.at + path, 404)
        assert NAME not in page.words
    if who in {"neighbour", "other representative"}:
        reader.open(f"{other.at}/vouchers/{home.voucher}", 404)


def test_a_representation_taken_back_or_over_shows_nothing_more(street: Street) -> None:
    home = settle(street)
    son, daughter = represented(street, home), represented(street, home)
    reader = Reader(street.town, son)
    reader.open(home.at)
    held = street.operator.get(f"/api/recipients/{home.recipient}/representatives").json()["items"]
    grant = next(one["grant_id"] for one in held if one["login"] == son.login)
    made(street.operator.post(f"/api/representations/{grant}/revocation"))
    reader.open(home.at, 404)
    Reader(street.town, daughter).open(home.at)


def test_an_operator_finds_a_person_by_number_or_iin_and_acts_under_a_banner(street: Street) -> None:
    home = settle(street)
    reader = Reader(street.town, street.operator)
    search = reader.open("/people")
    for asked in (home.number, iin(street.holders)):
        page = reader.follow(reader.press(search, "/people/search", who=asked))
        assert f"You are acting for {NAME}" in page.words
        assert "as operator" in page.words
    kept = verbs(street, "recipient", home.recipient)
    assert [verb for verb in kept if verb.startswith("found")] == ["found-by-number", "found-by-iin"]


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("R-00000-00000", 404, "Nobody with this number lives in your territory"),
        ("480517", 400, "An IIN has twelve digits"),
        ("", 400, "Write the number on the person's papers"),
    ],
)
def test_a_search_that_finds_nobody_keeps_what_was_typed_and_says_why(
    street: Street, asked: str, status: int, said: str
) -> None:
    reader = Reader(street.town, street.operator)
    page = reader.press(reader.open("/people"), "/people/search", who=asked)
    assert page.status == status
    assert page.words.count(said) == 2, "in the summary and beside the field"
    assert 'href="#who"' in page.text
    assert f'value="{asked}"' in page.text or not asked


def test_only_operators_search(street: Street) -> None:
    home = settle(street)
    reader = Reader(street.town, home.person)
    assert not reader.open("/people").has_form("/people/search")
    token = reader.open("/people").text.split('name="form_token" value="')[1].split('"')[0]
    refused = reader._ask("POST", "/people/search", data={"who": home.number, "form_token": token})
    assert refused.status == 403


def test_what_a_stand_in_does_is_kept_as_done_for_the_person(street: Street) -> None:
    home = settle(street)
    reader = Reader(street.town, street.operator)
    offers = f"{home.voucher_at}/choose"
    assert "Warm Home" in reader.open(offers).words
    number = street.town.client.get(f"/api/offers/{street.offer}").json()["number"]
    at = f"{home.voucher_at}/offers/{number}"
    place = reader.press(reader.open(at), f"{at}/book")
    assert place.location is not None
    about = place.location.rpartition("/")[2]
    (event, *_) = street.auditor.get(f"/api/audit/placement/{about}").json()["items"]
    assert (event["verb"], event["actor_id"]) == ("requested", str(street.operator.id))
    stood_in = [c for c in event["changes"] if c["table"] == "standing-in"]
    assert [(c["key"], c["after"]["capacity"]) for c in stood_in] == [(home.recipient, "operator")]


def test_after_a_death_the_pages_say_so_and_nobody_acts(street: Street) -> None:
    home = settle(street)
    son = represented(street, home)
    day = street.town.database.read(SYSTEM, lambda work: work.today)
    made(street.operator.post(f"/api/recipients/{home.recipient}/death", {"died_on": day.isoformat()}))
    for person in (home.person, son):
        Reader(street.town, person).open(home.at, 404)
    page = Reader(street.town, street.operator).open(home.at)
    assert "The death of this person is recorded" in page.words
    assert "Choose who helps you" not in page.words
