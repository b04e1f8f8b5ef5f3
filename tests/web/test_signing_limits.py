"""Guessing at the door: stopped over all processes, and nobody honest is shut out by it."""

from collections.abc import Iterator

import httpx
import pytest

from contracts.kernel.runner import open_database
from contracts.kernel.work import SYSTEM
from market.app import create_app
from market.settings import Settings
from market.user import service
from market.user.tries import PASSWORDS_HERE, PASSWORDS_OF_ONE
from tests.web.door import PASSWORD, knock, settle
from tests.web.opening import open_web
from tests.web.server import running
from tests.web.town import Town, problem

HOME, FAR = "198.51.100.7", "203.0.113.200"


def guess(client: httpx.Client, login: str = "marat", password: str = "wrong", address: str = "") -> httpx.Response:
    headers = {"X-Forwarded-For": address} if address else {}
    return client.post("/api/sessions", json={"login": login, "password": password}, headers=headers)


@pytest.fixture
def other(settings: Settings) -> Iterator[Town]:
    """Another web process on the same database."""
    with open_web(settings) as client:
        yield Town(client)


def test_two_processes_count_together_and_then_refuse_even_the_right_password(town: Town, other: Town) -> None:
    settle(town, "marat")
    for number in range(PASSWORDS_HERE.most):
        problem(guess((town, other)[number % 2].client), 401, "wrong-credentials")
    for one in (town, other):
        refused = guess(one.client, password=PASSWORD)
        told = problem(refused, 429, "too-many-requests")
        assert 0 < int(refused.headers["retry-after"]) <= PASSWORDS_HERE.window.total_seconds()
        assert told["retry_after"] == int(refused.headers["retry-after"])


def test_an_unknown_name_is_counted_like_a_known_one(town: Town) -> None:
    for _ in range(PASSWORDS_HERE.most):
        problem(guess(town.client, "nobody-at-all"), 401, "wrong-credentials")
    problem(guess(town.client, "nobody-at-all"), 429, "too-many-requests")


def test_right_passwords_are_not_counted(town: Town) -> None:
    settle(town, "marat")
    for _ in range(PASSWORDS_HERE.most + 2):
        assert guess(town.client, password=PASSWORD).status_code == 201


def test_the_form_says_when_to_come_back_and_keeps_the_name(town: Town) -> None:
    settle(town, "marat")
    for _ in range(PASSWORDS_HERE.most):
        assert knock(town.client, "marat", "wrong").status_code == 401
    refused = knock(town.client, "marat")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "Too many tries. You can try again in 10 min." in refused.text
    assert 'value="marat"' in refused.text
    assert PASSWORD not in refused.text


def test_a_stranger_far_away_does_not_shut_out_who_signs_in_at_home(settings: Settings) -> None:
    """Behind a proxy, which says whom it speaks for."""
    database = open_database(settings.database_url)
    database.write(SYSTEM, lambda work: service.create_user(work, login="marat", password=PASSWORD))
    database.close()
    with running(create_app(settings)) as address, httpx.Client(base_url=address, timeout=60) as client:
        assert guess(client, password=PASSWORD, address=HOME).status_code == 201
        for number in range(PASSWORDS_OF_ONE.most):
            assert guess(client, address=f"203.0.113.{number}").status_code == 401
        problem(guess(client, password=PASSWORD, address=FAR), 429, "too-many-requests")
        assert guess(client, password=PASSWORD, address=HOME).status_code == 201
