"""Answering an offered place: why this one, yes or no in time, and nothing after it."""

import pytest

from market.placement.round import run_requested
from tests.web.recipient.reader import Home, Page, Reader, represented, settle, verbs
from tests.web.street import Street, build
from tests.web.town import Town, made


@pytest.fixture
def street(fresh_street: Street) -> Street:
    return fresh_street


@pytest.fixture
def home(street: Street) -> Home:
    return offered_to(street)


def offered_to(street: Street) -> Home:
    home = settle(street)
    made(home.person.post(f"/api/vouchers/{home.voucher_id}/wishes", {"offer_ids": [street.offer]}))
    made(street.budget.post("/api/rounds", {}))
    run_requested(street.town.database)
    return home


def offered(home: Home) -> str:
    (place,) = home.person.get("/api/placements?status=offered").json()["items"]
    return f"{home.at}/places/{place['id']}"


def status(home: Home, at: str) -> str:
    return str(home.person.get(f"/api/placements/{at.rpartition('/')[2]}").json()["status"])


def test_an_offered_place_waits_on_top_is_explained_and_accepted(town: Town) -> None:
    street = build(town)
    home = offered_to(street)
    reader, at = Reader(street.town, home.person), offered(home)
    top = reader.open(home.at)
    assert "A place is offered to you: Warm Home" in top.words
    assert "Please answer by 10 March 2026." in top.words, "five working days, and 9 March is moved off 8 March"
    page = reader.open(at)
    for said in (
        "It was your first wish, and it had a free place for you.",
        "measured from your town or village",
        "If you say no, you stay on the waiting list from the same day as before.",
    ):
        assert said in page.words
    page = reader.follow(reader.press(page, f"{at}/accept"))
    assert "You have accepted the place." in page.words
    assert "This place is yours until 30 June 2026." in page.words
    assert not page.has_form(f"{at}/accept")
    assert verbs(street, "placement", at.rpartition("/")[2]) == ["accepted"]


@pytest.mark.parametrize(("language", "said"), [("kk", "Бұл бірінші тілегіңіз"), ("ru", "Это ваше первое пожелание")])
def test_the_explanation_is_in_the_readers_language(street: Street, home: Home, language: str, said: str) -> None:
    assert said in Reader(street.town, home.person, language).open(offered(home)).words


def test_a_place_is_declined_with_a_reason_by_a_representative(street: Street, home: Home) -> None:
    reader, at = Reader(street.town, represented(street, home)), offered(home)
    page = reader.follow(reader.press(reader.open(at), f"{at}/decline", why="far", reason="no bus"))
    assert "The place is free for others now." in page.words
    assert status(home, at) == "declined"
    request = home.person.get(f"/api/vouchers/{home.voucher_id}/request").json()
    assert request["status"] == "waiting"
    trail = street.auditor.get(f"/api/audit/placement/{at.rpartition('/')[2]}").json()["items"][-1]
    assert "It is too far away. no bus" in str(trail["changes"])
    assert "representative" in str(trail["changes"])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Fill in this field"),
        ({"why": "other", "reason": " "}, "Fill in this field"),
        ({"why": "because", "reason": "my own words"}, "Choose one of the answers"),
        ({"why": "far", "reason": "x" * 501}, "Write at most 500 characters"),
    ],
)
def test_a_no_without_a_reason_keeps_what_was_typed(
    street: Street, home: Home, typed: dict[str, str], said: str
) -> None:
    reader, at = Reader(street.town, home.person), offered(home)
    page = reader.press(reader.open(at), f"{at}/decline", **typed)
    assert page.status == 400
    assert said in page.words
    assert typed.get("reason", "").strip() in page.text
    assert status(home, at) == "offered"


def test_after_the_last_day_nothing_can_be_answered(street: Street, home: Home) -> None:
    made(street.chief.post("/api/demo/clock", {"days": 8, "hours": 6}))  # seven in the evening of the last day
    reader, at = Reader(street.town, home.person), offered(home)
    early = reader.open(at)
    assert early.has_form(f"{at}/accept")
    made(street.chief.post("/api/demo/clock", {"days": 0, "hours": 7}))
    late = reader.press(early, f"{at}/accept")
    assert late.status == 409
    assert "The time to answer is over" in late.words
    assert "The last day to answer was 10 March 2026." in late.words
    page: Page = reader.open(at)
    assert not page.has_form(f"{at}/accept")
    assert not page.has_form(f"{at}/decline")
    assert status(home, at) == "offered", "the worker lapses it"


def test_a_place_of_somebody_else_is_not_there(street: Street, home: Home) -> None:
    other, at = settle(street), offered(home)
    reader = Reader(street.town, other.person)
    own = f"{other.at}/places/{at.rpartition('/')[2]}"
    reader.open(own, 404)
    reader.open(at, 404)
    page = reader.open(other.at)
    token = page.text.split('name="form_token" value="')[1].split('"')[0]
    for action in (f"{own}/accept", f"{at}/accept", f"{own}/decline"):
        sent = {"form_token": token, "key": action[-40:], "why": "far"}
        assert reader._ask("POST", action, data=sent).status == 404
    assert status(home, at) == "offered"


def test_ones_own_request_is_taken_back(street: Street) -> None:
    home = settle(street)
    placed = made(home.person.post(f"/api/vouchers/{home.voucher_id}/bookings", {"offer_id": street.offer}, key="b"))
    reader, at = Reader(street.town, home.person), f"{home.at}/places/{placed['id']}"
    page = reader.open(at)
    assert not page.has_form(f"{at}/accept")
    page = reader.follow(reader.press(page, f"{at}/decline", why="elsewhere", reason=""))
    assert status(home, at) == "declined"
    made(street.house.post(f"/api/offers/{street.offer}/capacity", {"capacity": 0}))


SUSPENDED = "This organisation may take nobody new for now"


def suspend(street: Street) -> None:
    body = {"reason": "the licence is being looked at"}
    made(street.buyer.post(f"/api/providers/{street.provider}/suspension", body))


def test_an_offer_of_an_organisation_that_may_take_nobody_says_so_and_has_no_button_that_would_be_refused(
    street: Street, home: Home
) -> None:
    reader, at = Reader(street.town, home.person), offered(home)
    early = reader.open(at)
    suspend(street)
    for page in (reader.open(home.at), reader.open(home.voucher_at), reader.open(at)):
        assert SUSPENDED in page.words
        assert "Please answer by" not in page.words
    page = reader.open(at)
    assert "If it may take people again by 10 March 2026, you still can" in page.words
    assert not page.has_form(f"{at}/accept")
    late = reader.press(early, f"{at}/accept")
    assert late.status == 422
    assert SUSPENDED in late.words
    made(street.buyer.post(f"/api/providers/{street.provider}/readmission"))
    assert reader.open(at).has_form(f"{at}/accept"), "what was said came true"
    suspend(street)
    reader.follow(reader.press(reader.open(at), f"{at}/decline", why="other", reason="I choose somebody else"))
    assert status(home, at) == "declined"


def test_a_place_asked_for_at_such_an_organisation_says_so_to_both(street: Street) -> None:
    home = settle(street)
    placed = made(home.person.post(f"/api/vouchers/{home.voucher_id}/bookings", {"offer_id": street.offer}, key="b"))
    suspend(street)
    reader, at = Reader(street.town, home.person), f"{home.at}/places/{placed['id']}"
    page = reader.open(at)
    assert SUSPENDED in page.words
    assert "it still can" in page.words
    assert SUSPENDED in reader.open(home.voucher_at).words
    assert page.has_form(f"{at}/decline")
    house = Reader(street.town, street.house)
    number = street.house.get(f"/api/providers/{street.provider}").json()["number"]
    there = f"/organisations/{number}/places/{placed['id']}"
    page = house.open(there)
    assert "You may take nobody new for now" in page.words
    assert not page.has_form(f"{there}/acceptance")
    assert page.has_form(f"{there}/refusal")
