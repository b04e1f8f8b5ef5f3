"""A password alone opens nothing where a second step is set up: at the API, at the forms, after a reset."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.audit.queries import events_of
from contracts.kernel.database import table_of
from contracts.kernel.work import NOBODY, SYSTEM, Role, Work
from market.user import queries
from market.user.factors import Means
from market.user.models import HalfSessionRow
from market.user.tries import CODES_HERE
from tests.user.device import Device
from tests.user.proofs import code_of, next_code
from tests.web.door import HTML, PASSWORD, knock, send, set_up_app, settle
from tests.web.town import Town, problem


@pytest.fixture
def app(town: Town) -> tuple[UUID, str, list[str]]:
    """Marat, the secret in his app, his recovery codes."""
    user_id = settle(town, "marat")
    return user_id, *set_up_app(town.database, town.site.vault, user_id)


def ask(town: Town, **more: Any) -> Any:
    return town.client.post("/api/sessions", json={"login": "marat", "password": PASSWORD} | more)


def verbs(town: Town, user_id: UUID) -> list[str]:
    return town.database.read(NOBODY, lambda work: [event.verb for event in events_of(work, "user", user_id)])


def means(town: Town, user_id: UUID) -> list[Means | None]:
    opened = town.database.read(NOBODY, lambda work: queries.open_sessions(work, user_id))
    return [one.means for one in opened]


# --- the API ----------------------------------------------------------------------------------------------------------
def test_the_api_asks_for_the_code_after_the_right_password_only(town: Town, app: tuple[UUID, str, list[str]]) -> None:
    user_id, secret, _codes = app
    problem(ask(town, password="wrong"), 401, "wrong-credentials")
    problem(ask(town, password="wrong", code=next_code(secret)), 401, "wrong-credentials")
    problem(ask(town), 401, "second-factor-needed")
    problem(ask(town, code="000000"), 401, "wrong-code")
    assert means(town, user_id) == []
    opened = ask(town, code=next_code(secret))
    assert opened.status_code == 201, opened.text
    assert town.client.get("/api/me", headers={"Authorization": f"Bearer {opened.json()['token']}"}).status_code == 200
    problem(ask(town, code=next_code(secret)), 401, "wrong-code")
    assert means(town, user_id) == [Means.CODE]


def test_a_recovery_code_does_it_too_and_a_code_hurts_nobody_without_a_second_step(
    town: Town, app: tuple[UUID, str, list[str]]
) -> None:
    user_id, _secret, codes = app
    assert ask(town, code=codes[0]).status_code == 201
    problem(ask(town, code=codes[0]), 401, "wrong-code")
    assert means(town, user_id) == [Means.RECOVERY]
    assert verbs(town, user_id)[-2:] == ["recovery-code-used", "signed-in"]
    settle(town, "aliya")
    assert ask(town, login="aliya", code="123456").status_code == 201


def test_guessed_codes_run_out(town: Town, app: tuple[UUID, str, list[str]]) -> None:
    _user_id, secret, _codes = app
    for _ in range(CODES_HERE.most):
        problem(ask(town, code="000000"), 401, "wrong-code")
    refused = ask(town, code=next_code(secret))
    problem(refused, 429, "too-many-requests")
    assert int(refused.headers["retry-after"]) > 0


def test_a_key_needs_no_second_step(town: Town) -> None:
    person = town.person(Role.BUDGET_OFFICER)
    set_up_app(town.database, town.site.vault, person.id)
    assert person.get("/api/me").status_code == 200


# --- the forms --------------------------------------------------------------------------------------------------------
def test_the_form_leads_to_the_second_step_which_alone_opens_the_door(
    town: Town, app: tuple[UUID, str, list[str]]
) -> None:
    user_id, secret, _codes = app
    step = knock(town.client, "marat", next="/account")
    assert (step.status_code, step.headers["location"]) == (303, "/sign-in/code?next=/account")
    half = town.client.cookies["half-session"]
    assert "session" not in town.client.cookies
    assert town.client.get("/account", headers=HTML).status_code == 401
    problem(town.client.get("/api/me", headers={"Authorization": f"Bearer {half}"}), 401, "not-signed-in")
    town.client.cookies.set("session", half)
    assert town.client.get("/account", headers=HTML).status_code == 401
    town.client.cookies.delete("session")

    at = step.headers["location"]
    wrong = send(town.client, "/sign-in/code", at=at, code="000000", next="/account")
    assert wrong.status_code == 401
    assert "This code is wrong or was used already" in wrong.text
    right = send(town.client, "/sign-in/code", at=at, code=next_code(secret), next="/account")
    assert (right.status_code, right.headers["location"]) == (303, "/account")
    assert "marat" in town.client.get("/account", headers=HTML).text
    assert means(town, user_id) == [Means.CODE]
    assert town.client.get("/sign-in/code", headers=HTML).status_code == 401, "the half is used up"


def test_half_a_session_that_took_too_long_begins_again(town: Town, app: tuple[UUID, str, list[str]]) -> None:
    knock(town.client, "marat")

    def expire(work: Work) -> None:
        work.execute(sa.update(table_of(HalfSessionRow)).values(expires_at=work.now - timedelta(days=1)))

    token = send(town.client, "/sign-in/code", code="").status_code  # what the page shows while it is open
    assert token == 400
    town.database.write(SYSTEM, expire)
    page = town.client.get("/sign-in/code", headers=HTML)
    assert page.status_code == 401
    assert "This took too long" in page.text
    assert 'name="password"' in page.text


def test_another_site_is_no_place_to_go_on_to(town: Town) -> None:
    settle(town, "aliya")
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example"):
        assert knock(town.client, "aliya", next=elsewhere).headers["location"] == "/"
        town.client.cookies.clear()


def test_who_signs_in_again_leaves_no_older_session_open(town: Town) -> None:
    user_id = settle(town, "aliya")
    knock(town.client, "aliya")
    knock(town.client, "aliya")
    assert means(town, user_id) == [Means.PASSWORD]


# --- passkeys over HTTP -----------------------------------------------------------------------------------------------
ORIGIN = "https://market.example"


@pytest.fixture
def secure(town: Town) -> Town:
    town.client.base_url = ORIGIN
    return town


def add_passkey(town: Town, phone: Device) -> Any:
    page = send(town.client, "/account/passkeys", name="my phone", password=PASSWORD)
    assert page.status_code == 200, page.text
    options = page.text.partition('data-options="')[2].partition('"')[0].replace("&#34;", '"').replace("&#39;", "'")
    answer = phone.create(options)
    return send(town.client, "/account/passkeys/new", at="/account/passkeys", name="my phone", answer=answer)


def challenge(town: Town, path: str, at: str) -> str:
    asked = send(town.client, f"{path}/challenge", at=at)
    assert asked.status_code == 200, asked.text
    assert asked.headers["content-type"] == "application/json"
    return str(asked.text)


def test_a_passkey_is_added_signs_in_alone_and_is_a_second_step(secure: Town) -> None:
    user_id, phone, client = settle(secure, "marat"), Device(ORIGIN), secure.client
    knock(client, "marat")
    codes = add_passkey(secure, phone)
    assert codes.text.count("<li><code") == 10
    client.cookies.clear()

    answer = phone.get(challenge(secure, "/sign-in/passkey", "/sign-in"))
    opened = send(client, "/sign-in/passkey", at="/sign-in", answer=answer)
    assert (opened.status_code, opened.headers["location"]) == (303, "/")
    client.cookies.clear()
    again = send(client, "/sign-in/passkey", at="/sign-in", answer=answer)
    assert again.status_code == 401
    assert "This passkey was not accepted" in again.text

    assert knock(client, "marat").headers["location"].startswith("/sign-in/code")
    answer = phone.get(challenge(secure, "/sign-in/code/passkey", "/sign-in/code"))
    assert send(client, "/sign-in/code/passkey", at="/sign-in/code", answer=answer).status_code == 303
    assert means(secure, user_id) == [Means.PASSWORD, Means.PASSKEY, Means.SECOND_PASSKEY]
    assert verbs(secure, user_id).count("passkey-added") == 1


def test_an_answer_meant_for_another_origin_is_refused(secure: Town) -> None:
    settle(secure, "marat")
    phone, client = Device(ORIGIN), secure.client
    knock(client, "marat")
    add_passkey(secure, phone)
    client.cookies.clear()
    phone.origin = "https://evil.example"
    answer = phone.get(challenge(secure, "/sign-in/passkey", "/sign-in"))
    assert send(client, "/sign-in/passkey", at="/sign-in", answer=answer).status_code == 401


@pytest.mark.parametrize("base", ["http://market.example", "http://127.0.0.1:8000", "https://10.0.0.1"])
def test_where_no_browser_gives_passkeys_none_is_asked_for(town: Town, base: str) -> None:
    settle(town, "marat")
    town.client.base_url = base
    assert "data-passkey" not in town.client.get("/sign-in", headers=HTML).text
    assert send(town.client, "/sign-in/passkey/challenge", at="/sign-in").status_code == 422
    knock(town.client, "marat")
    assert send(town.client, "/account/passkeys", name="my phone", password=PASSWORD).status_code == 422


@pytest.mark.parametrize(
    "answer", ["", "{}", "[]", "nonsense", '{"response": {"clientDataJSON": "AAAA"}}', "x" * 30000]
)
def test_rubbish_for_an_answer_is_refused_in_words(secure: Town, answer: str) -> None:
    refused = send(secure.client, "/sign-in/passkey", at="/sign-in", answer=answer)
    assert refused.status_code == 401
    assert "This passkey was not accepted" in refused.text


# --- administrators ---------------------------------------------------------------------------------------------------
def test_an_administrator_sees_and_takes_away_a_second_step(town: Town, app: tuple[UUID, str, list[str]]) -> None:
    user_id, secret, _codes = app
    chief = town.person(Role.ADMINISTRATOR)
    assert chief.get(f"/api/users/{user_id}").json()["second_factor"] is True
    problem(town.person().post(f"/api/users/{user_id}/second-factor/removal"), 403, "not-allowed")
    assert chief.post(f"/api/users/{user_id}/second-factor/removal").json()["second_factor"] is False
    problem(chief.post(f"/api/users/{user_id}/second-factor/removal"), 409, "no-second-factor")
    assert ask(town).status_code == 201
    assert code_of(secret)


def test_a_rule_from_a_day_on_makes_an_office_count_with_a_second_step_only(town: Town) -> None:
    chief, officer = town.person(Role.ADMINISTRATOR), town.person(Role.AUDITOR)
    found = chief.get("/api/second-factor-rules/current").json()
    assert found == {"demand": "recommended", "from_on": None, "source": None}
    today = str(town.database.read(NOBODY, lambda work: work.today))
    rule = {"demand": "required", "from_on": today, "source": "order 12 of 1 March"}
    problem(officer.post("/api/second-factor-rules", rule), 403, "not-allowed")
    assert chief.post("/api/second-factor-rules", rule).json() == rule
    problem(chief.post("/api/second-factor-rules", rule), 409, "second-factor-rule-exists")
    assert officer.get("/api/second-factor-rules/current").json() == rule
