"""The programme in plain words: what waits on top, what is left, until when, who comes."""

from datetime import UTC, datetime, timedelta

import pytest

from market.placement.round import run_requested
from tests.web.recipient.reader import Reader, engaged, settle
from tests.web.street import Street
from tests.web.town import made


def visit(street: Street, engagement: str, number: int) -> str:
    start = datetime(2026, 3, 3, 5 + number, tzinfo=UTC)
    body = {
        "client_id": f"{engagement}-{number}", "worker_id": street.worker, "place": "at home", "quantity": 1,
        "started_at": start.isoformat(), "ended_at": (start + timedelta(minutes=45)).isoformat(),
    }  # fmt: skip
    return str(made(street.house.post(f"/api/engagements/{engagement}/entries", body))["id"])


def test_a_new_voucher_says_how_much_until_when_and_that_nobody_comes_yet(street: Street) -> None:
    home = settle(street)
    words = Reader(street.town, home.person).open(home.at).words
    assert "Nothing waits for your answer." in words
    assert "8 visits a month, from 3 March 2026" in words
    assert "You can use it until 30 June 2026." in words, "the last day, not the first without"
    assert "Nobody helps you with this yet." in words
    words = Reader(street.town, home.person).open(home.voucher_at).words
    assert "up to 3,000 ₸ for a visit" in words
    assert "never paid out in cash" in words


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("kk", ["айына 8 келу", "Пайдалануға болатын соңғы күн: 2026"]),
        ("ru", ["8 посещений в месяц, с 3 марта 2026", "Можно пользоваться до 30 июня 2026"]),
    ],
)
def test_it_is_said_in_the_readers_language(street: Street, language: str, said: list[str]) -> None:
    home = settle(street)
    words = Reader(street.town, home.person, language).open(home.at).words
    for sentence in said:
        assert sentence in words


def test_waiting_and_asking_and_being_served_are_told_apart(street: Street) -> None:
    home = settle(street)
    reader = Reader(street.town, home.person)
    page = reader.follow(reader.press(reader.open(home.voucher_at), f"{home.voucher_at}/wait"))
    assert "You are on the waiting list." in page.words
    assert "You have been waiting for a place since 2 March 2026." in page.words
    other = settle(street)
    reader = Reader(street.town, other.person)
    booking = {"offer_id": street.offer}
    placement = made(other.person.post(f"/api/vouchers/{other.voucher_id}/bookings", booking, key="asked"))
    assert "You asked Warm Home for a place. It answers by 4 March 2026." in reader.open(other.at).words
    made(street.house.post(f"/api/placements/{placement['id']}/acceptance", key="asked"))
    assert "Who helps you: Warm Home, from 3 March 2026" in reader.open(other.at).words
    assert "House on the river, River street 1" in reader.open(other.voucher_at).words


def test_a_round_that_left_somebody_waiting_is_explained_and_promises_nothing(street: Street) -> None:
    home = settle(street)
    made(home.person.post(f"/api/vouchers/{home.voucher_id}/request"))
    offer = street.town.client.get(f"/api/offers/{street.offer}").json()
    street.set_capacity(offer["capacity"] - offer["free"])
    made(street.budget.post("/api/rounds", {}))
    run_requested(street.town.database)
    words = Reader(street.town, home.person).open(home.voucher_at).words
    assert "What the last round decided for you, on 2 March 2026" in words
    assert "1 provider suits you, and it was full." in words
    assert "You stay on the waiting list and are considered in every round." in words
    russian = Reader(street.town, home.person, "ru").open(home.voucher_at).words
    assert "Вам подходит 1 поставщик, но свободных мест не было." in russian
    street.set_capacity(20)


def test_what_is_used_is_taken_from_what_is_left_and_unconfirmed_visits_wait_on_top(street: Street) -> None:
    home = settle(street)
    engagement = engaged(street, home)
    street.travel(2)
    for number in range(3):
        visit(street, engagement, number)
    words = Reader(street.town, home.person).open(home.at).words
    assert "3 visits wait for your confirmation" in words
    assert "5 visits left this month, of 8 visits" in words
    assert "3 посещения ждут вашего подтверждения" in Reader(street.town, home.person, "ru").open(home.at).words


def test_a_voucher_that_was_taken_back_is_among_those_that_are_over(street: Street) -> None:
    home = settle(street)
    taken_back = {"reason": "moved to another town"}
    made(street.budget.post(f"/api/vouchers/{home.voucher_id}/revocation", taken_back, key=home.number))
    reader = Reader(street.town, home.person)
    page = reader.open(home.at)
    assert "Vouchers that are over" in page.words
    assert "There is no voucher that can be used now." in page.words
    page = reader.open(home.voucher_at)
    assert "This voucher is over. Reason: moved to another town" in page.words
    assert not page.has_form(f"{home.voucher_at}/wait")
