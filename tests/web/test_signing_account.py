"""One's own account by form: nothing that a thief of a session would like best goes without the password."""

import re
from uuid import UUID

import pyotp
import pytest

from contracts.audit.queries import events_of
from contracts.kernel.work import NOBODY, SYSTEM, Role
from market.user import factor_queries, queries, second_factor, service
from market.user.factors import Demand
from market.user.tries import PASSWORDS_HERE
from tests.user.people import CHEAP
from tests.user.proofs import next_code
from tests.web.door import HTML, PASSWORD, knock, send, set_up_app, settle, token_in
from tests.web.town import Town, problem

PAGES = (
    "/account",
    "/account/password",
    "/account/second-step",
    "/account/second-step/codes",
    "/account/second-step/removal",
    "/account/passkeys",
    "/account/keys",
)


@pytest.fixture
def marat(town: Town) -> UUID:
    """Signed in here with the password."""
    user_id = settle(town, "marat")
    assert knock(town.client, "marat").status_code == 303
    return user_id


def verbs(town: Town, user_id: UUID) -> list[str]:
    return town.database.read(NOBODY, lambda work: [event.verb for event in events_of(work, "user", user_id)])


def page(town: Town, path: str) -> str:
    shown = town.client.get(path, headers=HTML)
    assert shown.status_code == 200, (path, shown.status_code)
    return str(shown.text)


def test_a_visitor_sees_no_account(hall: Town) -> None:
    for path in (*PAGES, "/account/second-step/app"):
        assert hall.client.get(path, headers=HTML).status_code == 401, path


def test_every_page_of_the_account_is_there_in_three_languages_and_asks_nobody_else(hall: Town) -> None:
    settle(hall, "reader")
    knock(hall.client, "reader")
    for path in PAGES:
        told = {page(hall, f"{path}?lang={language}") for language in ("kk", "ru", "en")}
        assert len(told) == 3, path
        for one in told:
            assert not re.findall(r"""(?:src|href|action)="(?:https?:)?//(?!localhost)""", one), path
            assert " style=" not in one
            assert PASSWORD not in one


# --- the password -----------------------------------------------------------------------------------------------------
def test_the_old_password_gives_a_new_one_and_other_places_are_signed_out(town: Town, marat: UUID) -> None:
    elsewhere = town.database.write(SYSTEM, lambda work: service.open_session(work, marat)).token
    wrong = send(town.client, "/account/password", password="not this one", new="a longer walk")
    assert wrong.status_code == 422
    assert "This is not your present password" in wrong.text
    short = send(town.client, "/account/password", password=PASSWORD, new="short")
    assert short.status_code == 400
    assert "Write a password of 8 to 256 characters" in short.text
    done = send(town.client, "/account/password", password=PASSWORD, new="a longer walk")
    assert (done.status_code, done.headers["location"]) == (303, "/account")
    assert "Your password is changed." in page(town, "/account")
    problem(town.client.get("/api/me", headers={"Authorization": f"Bearer {elsewhere}"}), 401, "not-signed-in")
    town.client.cookies.clear()
    assert knock(town.client, "marat").status_code == 401
    assert knock(town.client, "marat", "a longer walk").status_code == 303
    assert verbs(town, marat)[-2:] == ["password-set", "signed-in"]


def test_a_thief_of_a_session_guesses_the_password_no_faster_than_at_the_door(town: Town, marat: UUID) -> None:
    for _ in range(PASSWORDS_HERE.most):
        assert send(town.client, "/account/second-step", password="wrong").status_code == 422
    refused = send(town.client, "/account/password", password=PASSWORD, new="a longer walk")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "password-set" not in verbs(town, marat)


# --- the second step --------------------------------------------------------------------------------------------------
def test_an_app_is_set_up_by_form_and_taken_away_by_form(town: Town, marat: UUID) -> None:
    assert send(town.client, "/account/second-step").status_code == 400, "the password is asked"
    assert send(town.client, "/account/second-step", password="wrong").status_code == 422
    begun = send(town.client, "/account/second-step", password=PASSWORD)
    assert (begun.status_code, begun.headers["location"]) == (303, "/account/second-step/app")
    shown = page(town, "/account/second-step/app")
    assert "<svg" in shown
    found = re.search(r'translate="no">([A-Z2-7 ]+)<', shown)
    assert found
    secret = found[1].replace(" ", "")
    wrong = send(town.client, "/account/second-step/app", code="000000")
    assert wrong.status_code == 422
    assert "This is not the code that the app shows now" in wrong.text
    codes = send(town.client, "/account/second-step/app", code=pyotp.TOTP(secret).now())
    assert codes.status_code == 200
    assert len(re.findall(r"<code[^>]*>[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}</code>", codes.text)) == 10
    assert codes.headers["cache-control"] == "no-store"

    assert send(town.client, "/account/second-step/removal", password="wrong").status_code == 422
    gone = send(town.client, "/account/second-step/removal", password=PASSWORD)
    assert gone.status_code == 303
    town.client.cookies.clear()
    assert knock(town.client, "marat").headers["location"] == "/"
    assert [verb for verb in verbs(town, marat) if verb.startswith("authenticator")] == [
        "authenticator-begun", "authenticator-confirmed", "authenticator-removed",
    ]  # fmt: skip


def test_the_secret_is_not_shown_before_the_password_nor_after_the_code(town: Town, marat: UUID) -> None:
    early = town.client.get("/account/second-step/app", headers=HTML, follow_redirects=False)
    assert (early.status_code, early.headers["location"]) == (303, "/account/second-step")
    secret, _codes = set_up_app(town.database, town.site.vault, marat)
    late = town.client.get("/account/second-step/app", headers=HTML)
    assert late.url.path == "/account/second-step"
    assert secret[:4] not in late.text


def test_new_recovery_codes_cost_the_password(town: Town, marat: UUID) -> None:
    _secret, old = set_up_app(town.database, town.site.vault, marat)
    assert send(town.client, "/account/second-step/codes", password="wrong").status_code == 422
    shown = send(town.client, "/account/second-step/codes", password=PASSWORD)
    assert shown.status_code == 200
    assert not any(code in shown.text for code in old)
    assert verbs(town, marat)[-1] == "recovery-codes-issued"


def test_who_holds_an_office_is_told_to_set_up_a_second_step(town: Town) -> None:
    def officer(work):
        user_id = service.create_user(work, login="auditor.one", password=PASSWORD, hasher=CHEAP)
        service.grant(work, user_id, role=Role.AUDITOR, territory="", from_on=work.today)
        return user_id

    user_id = town.database.write(SYSTEM, officer)
    knock(town.client, "auditor.one")
    assert "stolen password" in page(town, "/account")

    def require(work):
        second_factor.set_rule(work, demand=Demand.REQUIRED, from_on=work.today, source="order 12")

    town.database.write(SYSTEM, require)
    assert "Your office counts here only once" in page(town, "/account")
    secret, _codes = set_up_app(town.database, town.site.vault, user_id)
    shown = page(town, "/account")
    assert "stolen password" not in shown
    assert "Your office counts" not in shown
    assert next_code(secret)


def test_who_holds_no_office_is_left_in_peace(town: Town, marat: UUID) -> None:
    assert "stolen password" not in page(town, "/account")


# --- keys for programs ------------------------------------------------------------------------------------------------
def test_a_key_is_shown_once_works_and_is_revoked(town: Town, marat: UUID) -> None:
    before = page(town, "/account/keys")
    form = {"form_token": token_in(before), "key": "one-wish", "name": "accounting", "password": PASSWORD}
    shown = town.client.post("/account/keys", data=form, headers=HTML, follow_redirects=False)
    assert shown.status_code == 200
    (key,) = re.findall(r"tps_[A-Za-z0-9_-]{43}", shown.text)
    bearer = {"Authorization": f"Bearer {key}"}
    assert town.client.get("/api/me", headers=bearer).json()["id"] == str(marat)
    again = town.client.post("/account/keys", data=form, headers=HTML, follow_redirects=False)
    assert (again.status_code, again.headers["location"]) == (303, "/account/keys")
    listed = page(town, "/account/keys")
    assert "accounting" in listed
    assert key not in listed
    (stored,) = town.database.read(NOBODY, lambda work: queries.keys_of(work, marat))
    revoked = send(town.client, f"/account/keys/{stored.id}/revocation", at="/account/keys")
    assert revoked.status_code == 303
    problem(town.client.get("/api/me", headers=bearer), 401, "not-signed-in")
    assert verbs(town, marat)[-2:] == ["key-issued", "key-revoked"]


def test_a_key_without_a_name_or_the_password_is_not_issued(town: Town, marat: UUID) -> None:
    for fields in ({"name": "", "password": PASSWORD}, {"name": "accounting", "password": ""}):
        assert send(town.client, "/account/keys", **fields).status_code == 400
    wrong = send(town.client, "/account/keys", name="accounting", password="wrong")
    assert wrong.status_code == 422
    assert 'value="accounting"' in wrong.text
    assert town.database.read(NOBODY, lambda work: queries.keys_of(work, marat)) == []


def test_anothers_key_is_not_there(town: Town, marat: UUID) -> None:
    other = settle(town, "aliya")
    town.database.write(SYSTEM, lambda work: service.issue_api_key(work, other, name="hers"))
    (hers,) = town.database.read(NOBODY, lambda work: queries.keys_of(work, other))
    refused = send(town.client, f"/account/keys/{hers.id}/revocation", at="/account/keys")
    assert refused.status_code == 404


# --- sessions ---------------------------------------------------------------------------------------------------------
def test_a_session_left_open_elsewhere_is_seen_and_ended(town: Town, marat: UUID) -> None:
    def open_elsewhere(work):
        return service.open_session(work, marat, device="Firefox, Windows").token

    one, other = (town.database.write(SYSTEM, open_elsewhere) for _ in "12")
    assert page(town, "/account").count("Firefox, Windows") >= 2
    found = town.database.read(NOBODY, lambda work: queries.session(work, one))
    assert found is not None
    assert send(town.client, f"/account/sessions/{found.id}/end", at="/account").status_code == 303
    problem(town.client.get("/api/me", headers={"Authorization": f"Bearer {one}"}), 401, "not-signed-in")
    assert town.client.get("/api/me", headers={"Authorization": f"Bearer {other}"}).status_code == 200
    assert send(town.client, "/account/sessions/end", at="/account").status_code == 303
    problem(town.client.get("/api/me", headers={"Authorization": f"Bearer {other}"}), 401, "not-signed-in")
    assert "Firefox" not in page(town, "/account")
    assert verbs(town, marat)[-2:] == ["session-ended", "sessions-ended"]


def test_anothers_session_is_not_there(town: Town, marat: UUID) -> None:
    other = settle(town, "aliya")
    token = town.database.write(SYSTEM, lambda work: service.open_session(work, other)).token
    found = town.database.read(NOBODY, lambda work: queries.session(work, token))
    assert found is not None
    assert send(town.client, f"/account/sessions/{found.id}/end", at="/account").status_code == 404
    assert town.client.get("/api/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_anothers_passkey_is_not_there(town: Town, marat: UUID) -> None:
    at = f"/account/passkeys/{UUID(int=7)}/removal"
    assert town.client.get(at, headers=HTML).status_code == 404
    assert town.database.read(NOBODY, lambda work: factor_queries.passkeys(work, marat)) == []
