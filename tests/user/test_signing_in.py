"""Signing in and out, API keys, and the actor behind them."""

from datetime import timedelta
from uuid import UUID

import pytest

from contracts.kernel.clock import move_clock, start_travelling
from contracts.kernel.errors import Malformed, NotAllowed, NotSignedIn
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import NOBODY, SYSTEM, Actor, Work
from market.user import queries, service
from market.user.factors import FreshPassword, WrongPassword
from market.user.rules import (
    MAX_KEYS,
    KeyNotFound,
    LoginTaken,
    NotToOneself,
    TooManyKeys,
    UserNotFound,
    WrongCredentials,
    parse_login,
)
from tests.user.people import ADMINISTRATOR, CHEAP, PASSWORD, somebody, trail, verbs


def sign_in(database: Database, login: str = "aigul", password: str = PASSWORD) -> str:
    session = database.write(NOBODY, lambda work: service.sign_in(work, login=login, password=password, hasher=CHEAP))
    return session.token


def actor_of(database: Database, token: str) -> Actor:
    return database.read(NOBODY, lambda work: queries.actor_of_token(work, token))


def api_key(database: Database, user_id: UUID, name: str = "accounting") -> str:
    return database.write(ADMINISTRATOR, lambda work: service.issue_api_key(work, user_id, name=name))


def test_who_signs_in_is_an_actor_without_any_grant_until_one_is_given(database: Database) -> None:
    user_id = somebody(database)
    assert actor_of(database, sign_in(database, "  AIGUL ")) == Actor(user_id, "aigul", ())
    assert verbs(database, user_id) == ["created", "signed-in"]


def test_an_unknown_login_a_wrong_password_and_a_disabled_user_get_the_same_answer(database: Database) -> None:
    somebody(database)
    off = somebody(database, "off")
    database.write(ADMINISTRATOR, lambda work: service.create_user(work, login="robot"))
    database.write(ADMINISTRATOR, lambda work: service.disable(work, off))
    answers = set()
    for login, password in (
        ("nobody-at-all", PASSWORD),
        ("aigul", "wrong password"),
        ("aigul", PASSWORD + "x" * 5000),
        ("off", PASSWORD),
        ("robot", ""),
    ):
        with pytest.raises(WrongCredentials) as refused:
            sign_in(database, login, password)
        answers.add((refused.value.code, refused.value.detail, str(refused.value.members)))
    assert len(answers) == 1


def test_an_unknown_login_costs_a_full_verification(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    verify = type(CHEAP).verify

    def counting(self: object, known: str, password: str) -> bool:
        checked.append(known)
        return verify(CHEAP, known, password)

    monkeypatch.setattr(type(CHEAP), "verify", counting)
    with pytest.raises(WrongCredentials):
        sign_in(database, "nobody-at-all")
    (against,) = checked
    assert against.startswith("$argon2id$")
    assert not CHEAP.check_needs_rehash(against), "as slow as a real one"


def test_neither_a_password_nor_its_hash_nor_a_token_enters_the_trail(database: Database) -> None:
    user_id = somebody(database)
    token, key = sign_in(database), api_key(database, user_id)
    database.write(
        ADMINISTRATOR, lambda work: service.set_password(work, user_id, password="another one", hasher=CHEAP)
    )
    written = "".join(event.body for event in trail(database, user_id))
    for secret in (PASSWORD, "another one", "argon2", token, key):
        assert secret not in written
    assert queries.hash_of(token) in written
    assert verbs(database, user_id) == ["created", "signed-in", "key-issued", "password-set"]


def test_a_session_ends_when_signed_out_and_twelve_hours_later_by_itself(database: Database) -> None:
    database.write(SYSTEM, lambda work: start_travelling(work.connection))
    user_id = somebody(database)
    first, second = sign_in(database), sign_in(database)
    database.write(NOBODY, lambda work: service.sign_out(work, first))
    database.write(NOBODY, lambda work: service.sign_out(work, first))  # nothing left to do
    with pytest.raises(NotSignedIn):
        actor_of(database, first)
    assert actor_of(database, second).id == user_id
    database.write(SYSTEM, lambda work: move_clock(work.connection, timedelta(hours=12)))
    with pytest.raises(NotSignedIn):
        actor_of(database, second)
    assert verbs(database, user_id) == ["created", "signed-in", "signed-in", "signed-out"]


def change_password(
    database: Database, by: Actor, user_id: UUID, *, keep_token: str = "", proof: FreshPassword | None = None
) -> None:
    def change(work: Work) -> None:
        service.set_password(work, user_id, password="another one", proof=proof, keep_token=keep_token, hasher=CHEAP)

    database.write(by, change)


def test_a_password_set_by_an_administrator_ends_every_session_and_leaves_keys_and_others(database: Database) -> None:
    user_id, other_id = somebody(database), somebody(database, "serik")
    stolen, own, others = sign_in(database), sign_in(database), sign_in(database, "serik")
    key = api_key(database, user_id)
    change_password(database, ADMINISTRATOR, user_id, keep_token=others)
    for token in (stolen, own):
        with pytest.raises(NotSignedIn):
            actor_of(database, token)
    assert actor_of(database, others).id == other_id
    assert database.read(NOBODY, lambda work: queries.actor_of_key(work, key)).id == user_id
    assert actor_of(database, sign_in(database, password="another one")).id == user_id
    event = next(event for event in trail(database, user_id) if event.verb == "password-set")
    assert event.body.count("ended_at") == 2


def test_who_changes_the_own_password_stays_signed_in_here_and_nowhere_else(database: Database) -> None:
    user_id = somebody(database)
    here, elsewhere = sign_in(database), sign_in(database)
    with pytest.raises(WrongPassword):
        change_password(database, actor_of(database, here), user_id, keep_token=here)
    change_password(database, actor_of(database, here), user_id, proof=FreshPassword(user_id), keep_token=here)
    assert actor_of(database, here).id == user_id
    with pytest.raises(NotSignedIn):
        actor_of(database, elsewhere)
    with pytest.raises(UserNotFound):
        change_password(database, Actor(new_id(), "stranger"), user_id, proof=FreshPassword(user_id))
    with pytest.raises(WrongPassword):
        change_password(database, Actor(user_id, "aigul"), user_id, proof=FreshPassword(new_id()))
    change_password(database, Actor(user_id, "aigul"), user_id, proof=FreshPassword(user_id))  # by an API key
    with pytest.raises(NotSignedIn):
        actor_of(database, here)


def test_a_made_up_token_or_key_opens_nothing(database: Database) -> None:
    somebody(database)
    for made_up in ("", "x", "'; --", "а" * 50):
        for actor_of_secret in (queries.actor_of_token, queries.actor_of_key):
            with pytest.raises(NotSignedIn):
                database.read(NOBODY, lambda work, f=actor_of_secret, t=made_up: f(work, t))  # type: ignore[misc]


def test_an_api_key_acts_for_its_user_until_it_is_revoked(database: Database) -> None:
    user_id = somebody(database)
    aigul = Actor(user_id, "aigul", ())
    key = database.write(aigul, lambda work: service.issue_api_key(work, user_id, name="accounting"))
    assert database.read(NOBODY, lambda work: queries.actor_of_key(work, key)) == aigul
    (stored,) = database.read(aigul, lambda work: queries.keys_of(work, user_id))
    with pytest.raises(KeyNotFound):
        database.write(Actor(new_id(), "stranger"), lambda work: service.revoke_key(work, stored.id))
    database.write(aigul, lambda work: service.revoke_key(work, stored.id))
    with pytest.raises(NotSignedIn):
        database.read(NOBODY, lambda work: queries.actor_of_key(work, key))
    with pytest.raises(KeyNotFound):
        database.write(aigul, lambda work: service.revoke_key(work, stored.id))
    assert verbs(database, user_id) == ["created", "key-issued", "key-revoked"]


def test_nobody_issues_a_key_for_somebody_else_and_nobody_hoards_them(database: Database) -> None:
    user_id = somebody(database)
    with pytest.raises(UserNotFound):
        database.write(Actor(new_id(), "stranger"), lambda work: service.issue_api_key(work, user_id, name="mine now"))
    for number in range(MAX_KEYS):
        api_key(database, user_id, f"key {number}")
    with pytest.raises(TooManyKeys):
        api_key(database, user_id)
    with pytest.raises(Malformed):
        api_key(database, user_id, " ")


def test_a_disabled_user_is_refused_with_every_session_and_key(database: Database) -> None:
    user_id = somebody(database)
    token, key = sign_in(database), api_key(database, user_id)
    with pytest.raises(NotToOneself):
        database.write(Actor(user_id, "aigul", ADMINISTRATOR.grants), lambda work: service.disable(work, user_id))
    database.write(ADMINISTRATOR, lambda work: service.disable(work, user_id))
    with pytest.raises(NotSignedIn):
        actor_of(database, token)
    with pytest.raises(NotSignedIn):
        database.read(NOBODY, lambda work: queries.actor_of_key(work, key))
    with pytest.raises(UserNotFound):
        api_key(database, user_id)
    assert verbs(database, user_id)[-1] == "disabled"


@pytest.mark.parametrize("login", ["", "a", "with space", "айгуль", "a" * 121, "-dash", "a\u0000b"])
def test_a_login_that_is_no_login_is_refused_and_the_field_is_named(login: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse_login(login)
    assert refused.value.members["errors"][0]["pointer"] == "/login"  # type: ignore[index]


def test_two_users_never_share_a_login_and_a_password_has_a_length(database: Database) -> None:
    somebody(database)
    with pytest.raises(LoginTaken):
        somebody(database, "Aigul")
    for password in ("short", "x" * 257):
        with pytest.raises(Malformed):
            database.write(
                ADMINISTRATOR,
                lambda work, p=password: service.create_user(  # type: ignore[misc]  # a default cannot be inferred
                    work, login="new", password=p, hasher=CHEAP
                ),
            )
    assert [user.login for user in database.read(SYSTEM, queries.users)] == ["aigul"]


def test_only_an_administrator_makes_users(database: Database) -> None:
    with pytest.raises(NotAllowed):
        database.write(Actor(new_id(), "stranger"), lambda work: service.create_user(work, login="friend"))
