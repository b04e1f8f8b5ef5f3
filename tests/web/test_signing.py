"""Who asks: keys, tokens, cookies, and what happens without them."""

import re
from typing import Any

import pytest
from argon2 import PasswordHasher

from contracts.audit.queries import events_of
from contracts.kernel.clock import start_travelling
from contracts.kernel.work import NOBODY, SYSTEM, Role
from market.user import service
from tests.web.town import Town, problem

PASSWORD = "a long walk on the steppe"


def settle(town: Town, login: str) -> Any:
    return town.database.write(SYSTEM, lambda work: service.create_user(work, login=login, password=PASSWORD))


def test_a_person_signs_in_sees_who_they_are_and_signs_out(town: Town) -> None:
    user_id = settle(town, "aigerim")
    signed = town.client.post("/api/sessions", json={"login": "Aigerim", "password": PASSWORD})
    assert signed.status_code == 201, signed.text
    header = {"Authorization": f"Bearer {signed.json()['token']}"}
    assert town.client.get("/api/me", headers=header).json() == {"id": str(user_id), "login": "aigerim", "grants": []}
    assert town.client.delete("/api/sessions/current", headers=header).status_code == 204
    problem(town.client.get("/api/me", headers=header), 401, "not-signed-in")
    verbs = town.database.read(NOBODY, lambda work: [e.verb for e in events_of(work, "user", user_id)])
    assert verbs == ["created", "signed-in", "signed-out"]


def test_a_new_password_ends_the_other_sessions_and_keeps_the_one_that_asked(town: Town) -> None:
    user_id, said = settle(town, "aigerim"), {"login": "aigerim", "password": PASSWORD}
    here, elsewhere = (
        {"Authorization": f"Bearer {town.client.post('/api/sessions', json=said).json()['token']}"} for _ in range(2)
    )
    at, new = f"/api/users/{user_id}/password", {"password": "another walk"}
    for current in ({}, {"current_password": "not this one"}):
        refused = town.client.post(at, json=new | current, headers=here)
        assert problem(refused, 422, "wrong-password")["pointer"] == "/current_password"
    changed = town.client.post(at, json=new | {"current_password": PASSWORD}, headers=here)
    assert changed.status_code == 201, changed.text
    assert town.client.get("/api/me", headers=here).status_code == 200
    problem(town.client.get("/api/me", headers=elsewhere), 401, "not-signed-in")
    chief = town.person(Role.ADMINISTRATOR)
    assert chief.post(f"/api/users/{user_id}/password", {"password": "a third walk"}).status_code == 201
    problem(town.client.get("/api/me", headers=here), 401, "not-signed-in")


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer_for_the_same_work(
    hall: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Work is counted, not timed: one slow check each, of a hash with the same costs."""
    settle(hall, "known")
    checked: list[str] = []
    verify = PasswordHasher.verify

    def counting(self: PasswordHasher, known: str, password: str) -> bool:
        checked.append(known)
        return verify(self, known, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    answers = []
    for login in ("known", "unknown"):
        told = problem(
            hall.client.post("/api/sessions", json={"login": login, "password": "wrong"}), 401, "wrong-credentials"
        )
        answers.append({name: value for name, value in told.items() if name != "instance"})
    assert answers[0] == answers[1]
    known, unknown = checked
    assert known != unknown
    assert known.rpartition("$")[0].rpartition("$")[0] == unknown.rpartition("$")[0].rpartition("$")[0]


def test_nobody_without_a_credential(hall: Town) -> None:
    response = hall.client.get("/api/me")
    problem(response, 401, "not-signed-in")
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Basic YTpi", "Bearer nothing", "Bearer tps_nothing", "Bearer " + "x" * 500, "é"]
)
def test_a_wrong_credential_is_refused_even_where_none_is_needed(hall: Town, header: str) -> None:
    for path in ("/api/me", "/api/territories"):
        problem(hall.client.get(path, headers={b"Authorization": header.encode()}), 401, "not-signed-in")


def test_an_api_key_works_until_it_is_revoked(hall: Town) -> None:
    person = hall.person(Role.BUDGET_OFFICER)
    issued = person.post(f"/api/users/{person.id}/keys", {"name": "accounting program"}).json()
    key = {"Authorization": f"Bearer {issued['key']}"}
    assert hall.client.get("/api/me", headers=key).json()["id"] == str(person.id)
    (_, listed) = person.get(f"/api/users/{person.id}/keys").json()["items"]
    assert issued["key"] not in str(listed)
    assert person.post(f"/api/keys/{listed['id']}/revocation").status_code == 201
    problem(hall.client.get("/api/me", headers=key), 401, "not-signed-in")


def test_a_revoked_grant_stops_working_with_the_next_request(hall: Town) -> None:
    officer, chief = hall.person(Role.BUDGET_OFFICER), hall.person(Role.ADMINISTRATOR)
    (grant,) = officer.get("/api/me").json()["grants"]
    body = {"programme": "P", "territory": "100000000", "service_kind": "domestic", "year": 2026}
    told = problem(officer.post("/api/funding-lines", body), 422, "unknown-territory")
    assert told["pointer"] == "/territory"
    assert chief.post(f"/api/grants/{grant['id']}/revocation").status_code == 201
    problem(officer.post("/api/funding-lines", body), 403, "not-allowed")


def test_a_stranger_sees_no_user(hall: Town) -> None:
    stranger, somebody = hall.person(Role.AUDITOR), hall.person()
    problem(stranger.get(f"/api/users/{somebody.id}"), 404, "user-not-found")
    problem(stranger.get(f"/api/users/{somebody.id}/keys"), 404, "user-not-found")
    problem(stranger.post(f"/api/users/{somebody.id}/password", {"password": PASSWORD}), 404, "user-not-found")
    problem(stranger.get("/api/users"), 403, "not-allowed")


# --- pages -----------------------------------------------------------------------------------------------------------
HTML = {"Accept": "text/html"}


def token_of(page: str) -> str:
    found = re.search(r'name="form_token" value="([0-9a-f]{80})"', page)
    assert found, page
    return found[1]


def sign_in_by_form(town: Town, login: str, password: str, **more: Any) -> Any:
    page = town.client.get("/sign-in", headers=HTML)
    form = {"form_token": token_of(page.text), "login": login, "password": password} | more
    return town.client.post("/sign-in", data=form, headers=HTML, follow_redirects=False)


def test_a_person_signs_in_and_out_by_form(town: Town) -> None:
    settle(town, "marat")
    answer = sign_in_by_form(town, "marat", PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    start = town.client.get("/", headers=HTML)
    assert "marat" in start.text
    out = town.client.post("/sign-out", data={"form_token": token_of(start.text)}, headers=HTML, follow_redirects=False)
    assert out.status_code == 303
    assert "marat" not in town.client.get("/", headers=HTML).text


def test_over_https_the_cookie_is_this_hosts_alone(hall: Town) -> None:
    settle(hall, "secure")
    hall.client.base_url = "https://market.example"
    try:
        cookie = sign_in_by_form(hall, "secure", PASSWORD).headers["set-cookie"]
    finally:
        hall.client.base_url = "http://testserver.local"
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_the_session_cookie_opens_no_door_of_the_api(hall: Town) -> None:
    settle(hall, "cookie")
    sign_in_by_form(hall, "cookie", PASSWORD)
    problem(hall.client.get("/api/me"), 401, "not-signed-in")


def test_wrong_words_keep_the_name_and_say_so(hall: Town) -> None:
    answer = sign_in_by_form(hall, "who<b>", "wrong")
    assert answer.status_code == 401
    assert "who&lt;b&gt;" in answer.text
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_a_form_from_elsewhere_is_refused(hall: Town, token: str) -> None:
    settled = sign_in_by_form(hall, "nobody", "x", form_token=token)
    assert settled.status_code == 403
    assert "text/html" in settled.headers["content-type"]


def test_a_form_of_another_origin_is_refused(hall: Town) -> None:
    page = hall.client.get("/sign-in", headers=HTML)
    form = {"form_token": token_of(page.text), "login": "a", "password": "b"}
    answer = hall.client.post("/sign-in", data=form, headers=HTML | {"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403


def test_one_click_signs_in_only_where_the_clock_is_a_demonstrations(town: Town) -> None:
    settle(town, "demo-officer")
    page = town.client.get("/sign-in", headers=HTML).text
    assert "demo-officer" not in page
    click = {"form_token": token_of(page), "login": "demo-officer"}
    assert town.client.post("/demo/sign-in", data=click, headers=HTML).status_code == 404
    with town.database.engine.begin() as connection:
        start_travelling(connection)
    answer = town.client.post("/demo/sign-in", data=click, headers=HTML, follow_redirects=False)
    assert answer.status_code == 303
    assert "demo-officer" in town.client.get("/", headers=HTML).text


def test_pages_load_nothing_from_outside(hall: Town) -> None:
    for path in ("/", "/sign-in", "/problems", "/problems/not-found", "/schema", "/nowhere"):
        page = hall.client.get(path, headers=HTML).text
        assert page.startswith("<!DOCTYPE html>"), path
        assert not re.findall(r"""(?:src|href|action)="(?:https?:)?//""", page), path
        assert not re.findall(r"<script(?![^>]* src=)[^>]*>|<style| style=| on[a-z]+=", page), path
        assert "style=" not in page
    assert hall.client.get("/assets/frame.css").status_code == 200
    assert hall.client.get("/assets/../wire.py").status_code == 404
