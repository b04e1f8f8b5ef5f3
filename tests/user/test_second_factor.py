"""The second step: codes of an app, recovery codes, and who may take a second factor away."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pyotp
import pytest
import sqlalchemy as sa

from contracts.kernel.clock import start_travelling
from contracts.kernel.database import table_of
from contracts.kernel.errors import NotAllowed, NotSignedIn
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database, open_database
from contracts.kernel.work import NOBODY, SYSTEM, Actor, Role, Work
from market.user import factor_queries, queries, second_factor, service, signing
from market.user.factors import (
    RECOVERY_CODES,
    AuthenticatorNotBegun,
    CodeNotConfirmed,
    Demand,
    DemandExists,
    FreshPassword,
    Means,
    NoSecondFactor,
    SecondStepExpired,
    SessionNotFound,
    Ways,
    WrongCode,
    WrongPassword,
    read_code,
)
from market.user.models import HalfSessionRow
from market.user.rules import NotToOneself, UserNotFound
from tests.user.people import ADMINISTRATOR, CHEAP, OTHER_ADMINISTRATOR, PASSWORD, country, somebody, trail, verbs
from tests.user.proofs import VAULT, app, begin_app, code_of, fresh, next_code, person

NO_WAYS, APP = Ways(code=False, passkey=False, recovery_codes=0), Ways(True, False, RECOVERY_CODES)


def ways(database: Database, user_id: UUID) -> Ways:
    return database.read(NOBODY, lambda work: factor_queries.ways(work, user_id))


def take(database: Database, user_id: UUID, code: str) -> Means:
    return database.write(SYSTEM, lambda work: second_factor.take_code(work, VAULT, user_id, code=code))


@pytest.fixture
def aigul(database: Database) -> UUID:
    return somebody(database)


def test_an_app_counts_once_it_has_shown_a_code(database: Database, aigul: UUID) -> None:
    secret = begin_app(database, aigul)
    assert ways(database, aigul) == NO_WAYS
    who = person(database, aigul)
    with pytest.raises(CodeNotConfirmed):
        database.write(who, lambda work: second_factor.confirm_authenticator(work, VAULT, code="000000"))
    code = code_of(secret)
    codes = database.write(who, lambda work: second_factor.confirm_authenticator(work, VAULT, code=code))
    assert len(set(codes)) == RECOVERY_CODES
    assert ways(database, aigul) == APP
    assert take(database, aigul, next_code(secret)) is Means.CODE
    assert verbs(database, aigul) == ["created", "authenticator-begun", "authenticator-confirmed"]


def test_the_app_is_told_who_and_where(database: Database, aigul: UUID) -> None:
    secret = begin_app(database, aigul)
    given = database.read(person(database, aigul), lambda work: second_factor.begun(work, VAULT))
    read = pyotp.parse_uri(given.uri)
    assert isinstance(read, pyotp.TOTP)
    assert (read.secret, read.name, read.issuer) == (secret, "aigul", "Tapsyrys")


def test_neither_the_secret_nor_a_recovery_code_stands_anywhere_in_the_clear(database: Database, aigul: UUID) -> None:
    secret, codes = app(database, aigul)
    stored = database.read(SYSTEM, lambda work: factor_queries.authenticator(work, aigul))
    assert stored is not None
    written = "".join(event.body for event in trail(database, aigul))
    for hidden in (secret, *codes, *(code.replace("-", "") for code in codes)):
        assert hidden not in written
        assert hidden.encode() not in stored.secret_sealed


def test_a_code_opens_once_and_no_earlier_one_after_it(database: Database, aigul: UUID) -> None:
    secret, _codes = app(database, aigul)
    before, now, after = (code_of(secret, step) for step in (-1, 0, 1))
    with pytest.raises(WrongCode):
        take(database, aigul, now)  # confirmed the app
    assert take(database, aigul, after[:3] + " " + after[3:]) is Means.CODE
    for code in (after, now, before, "", "12345", "1234567", "٣٣٣٣٣٣", "abcdef", "0" * 500):
        with pytest.raises(WrongCode):
            take(database, aigul, code)


def test_of_many_who_send_one_code_at_once_one_gets_in(database: Database, database_url: str, aigul: UUID) -> None:
    secret, recovery = app(database, aigul)
    other = open_database(database_url)
    for code in (next_code(secret), recovery[0]):

        def enter(number: int, code: str = code) -> bool:
            try:
                take((database, other)[number % 2], aigul, code)
            except WrongCode:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(enter, range(16))).count(True) == 1
    other.close()


def test_a_phone_a_day_wrong_is_not_believed_and_the_demonstrations_clock_is_not_the_phones(
    database: Database, aigul: UUID
) -> None:
    def travel(work: Work) -> None:
        start_travelling(work.connection, shown_at=work.now + timedelta(days=30), rate=60)

    database.write(SYSTEM, travel)
    secret, _codes = app(database, aigul)
    for steps in (-2, 3, 2880):
        with pytest.raises(WrongCode):
            take(database, aigul, code_of(secret, steps))
    assert take(database, aigul, next_code(secret)) is Means.CODE


def test_a_recovery_code_opens_once_however_it_is_typed(database: Database, aigul: UUID) -> None:
    _secret, codes = app(database, aigul)
    assert take(database, aigul, codes[0].lower().replace("-", " ")) is Means.RECOVERY
    with pytest.raises(WrongCode):
        take(database, aigul, codes[0])
    assert ways(database, aigul).recovery_codes == RECOVERY_CODES - 1
    assert verbs(database, aigul)[-1] == "recovery-code-used"
    other = somebody(database, "serik")
    with pytest.raises(WrongCode):
        take(database, other, codes[1])


def test_letters_that_look_like_digits_are_read_as_digits() -> None:
    assert read_code(" 1o3-L5i ") == "103151"
    assert read_code("кириллица") == ""


def test_new_recovery_codes_make_the_old_ones_void(database: Database, aigul: UUID) -> None:
    _secret, old = app(database, aigul)
    proof, who = fresh(database, aigul), person(database, aigul)
    new = database.write(who, lambda work: second_factor.renew_recovery_codes(work, proof))
    with pytest.raises(WrongCode):
        take(database, aigul, old[0])
    assert take(database, aigul, new[0]) is Means.RECOVERY
    assert ways(database, aigul).recovery_codes == RECOVERY_CODES - 1
    assert "recovery-codes-issued" in verbs(database, aigul)


def test_a_new_phone_takes_the_old_ones_place_and_the_recovery_codes_stay(database: Database, aigul: UUID) -> None:
    first, codes = app(database, aigul)
    second, none = app(database, aigul)
    assert none == []
    with pytest.raises(WrongCode):
        take(database, aigul, next_code(first))
    assert take(database, aigul, next_code(second)) is Means.CODE
    assert take(database, aigul, codes[0]) is Means.RECOVERY


def test_a_second_beginning_makes_the_first_void(database: Database, aigul: UUID) -> None:
    first, _second = begin_app(database, aigul), begin_app(database, aigul)
    with pytest.raises(CodeNotConfirmed):
        database.write(
            person(database, aigul),
            lambda work: second_factor.confirm_authenticator(work, VAULT, code=code_of(first)),
        )


def test_without_a_beginning_there_is_nothing_to_confirm(database: Database, aigul: UUID) -> None:
    who = person(database, aigul)
    with pytest.raises(AuthenticatorNotBegun):
        database.write(who, lambda work: second_factor.confirm_authenticator(work, VAULT, code="123456"))
    with pytest.raises(AuthenticatorNotBegun):
        database.read(who, lambda work: second_factor.begun(work, VAULT))


def test_it_is_taken_away_with_the_password_and_the_recovery_codes_go_with_it(database: Database, aigul: UUID) -> None:
    secret, codes = app(database, aigul)
    with pytest.raises(WrongPassword):
        fresh(database, aigul, "not this one")
    proof, who = fresh(database, aigul), person(database, aigul)
    database.write(who, lambda work: second_factor.remove_authenticator(work, proof))
    assert ways(database, aigul) == NO_WAYS
    for code in (next_code(secret), codes[0]):
        with pytest.raises(WrongCode):
            take(database, aigul, code)
    with pytest.raises(NoSecondFactor):
        database.write(who, lambda work: second_factor.remove_authenticator(work, proof))
    assert verbs(database, aigul)[-1] == "authenticator-removed"


def test_ones_own_password_proves_nothing_for_another(database: Database, aigul: UUID) -> None:
    stranger = Actor(new_id(), "stranger", ADMINISTRATOR.grants)
    proof = FreshPassword(aigul)
    for verb in (
        lambda work: second_factor.begin_authenticator(work, VAULT, proof),
        lambda work: second_factor.remove_authenticator(work, proof),
        lambda work: second_factor.renew_recovery_codes(work, proof),
        lambda work: signing.change_password(work, proof, new="another one", keep_token="", hasher=CHEAP),
    ):
        with pytest.raises(UserNotFound):
            database.write(stranger, verb)


# --- between the password and the session -----------------------------------------------------------------------------
def half(database: Database, user_id: UUID) -> str:
    return database.write(SYSTEM, lambda work: signing.begin_second_step(work, user_id)).token


def test_half_a_session_opens_nothing_and_becomes_a_whole_one_once(database: Database, aigul: UUID) -> None:
    token = half(database, aigul)
    with pytest.raises(NotSignedIn):
        database.read(NOBODY, lambda work: queries.actor_of_token(work, token))
    session = database.write(
        SYSTEM, lambda work: signing.finish_second_step(work, token, means=Means.CODE, device="Chrome, Android")
    )
    assert database.read(NOBODY, lambda work: queries.actor_of_token(work, session.token)).id == aigul
    (opened,) = database.read(NOBODY, lambda work: queries.open_sessions(work, aigul))
    assert (opened.means, opened.device) == (Means.CODE, "Chrome, Android")
    with pytest.raises(SecondStepExpired):
        database.write(SYSTEM, lambda work: signing.finish_second_step(work, token, means=Means.CODE))
    assert verbs(database, aigul) == ["created", "signed-in"]


def test_half_a_session_expires_and_is_swept_away(database: Database, aigul: UUID) -> None:
    token, rows = half(database, aigul), table_of(HalfSessionRow)

    def expire(work: Work) -> None:
        work.execute(sa.update(rows).values(expires_at=work.now - timedelta(seconds=1)))

    database.write(SYSTEM, expire)
    with pytest.raises(SecondStepExpired):
        database.read(NOBODY, lambda work: signing.half_in(work, token))
    half(database, aigul)
    assert database.read(SYSTEM, lambda work: work.scalar(sa.select(sa.func.count()).select_from(rows))) == 1


def test_a_new_password_stops_who_came_half_in_with_the_old_one(database: Database, aigul: UUID) -> None:
    token = half(database, aigul)
    database.write(ADMINISTRATOR, lambda work: service.set_password(work, aigul, password="another one", hasher=CHEAP))
    with pytest.raises(SecondStepExpired):
        database.read(NOBODY, lambda work: signing.half_in(work, token))


def test_who_was_disabled_meanwhile_does_not_finish(database: Database, aigul: UUID) -> None:
    token = half(database, aigul)
    database.write(ADMINISTRATOR, lambda work: service.disable(work, aigul))
    with pytest.raises(NotSignedIn):
        database.write(SYSTEM, lambda work: signing.finish_second_step(work, token, means=Means.CODE))


# --- an administrator, and what is demanded of offices ----------------------------------------------------------------
def test_an_administrator_helps_who_lost_everything_and_every_session_ends(database: Database, aigul: UUID) -> None:
    secret, codes = app(database, aigul)
    stolen = database.write(SYSTEM, lambda work: service.open_session(work, aigul)).token
    with pytest.raises(NotAllowed):
        database.write(person(database, aigul), lambda work: second_factor.reset(work, aigul))
    with pytest.raises(NotToOneself):
        database.write(Actor(aigul, "aigul", ADMINISTRATOR.grants), lambda work: second_factor.reset(work, aigul))
    database.write(OTHER_ADMINISTRATOR, lambda work: second_factor.reset(work, aigul))
    assert ways(database, aigul) == NO_WAYS
    for code in (next_code(secret), codes[0]):
        with pytest.raises(WrongCode):
            take(database, aigul, code)
    with pytest.raises(NotSignedIn):
        database.read(NOBODY, lambda work: queries.actor_of_token(work, stolen))
    with pytest.raises(NoSecondFactor):
        database.write(OTHER_ADMINISTRATOR, lambda work: second_factor.reset(work, aigul))
    event = trail(database, aigul)[-1]
    assert (event.verb, event.actor_id) == ("second-factor-reset", OTHER_ADMINISTRATOR.id)


def demand(database: Database, what: Demand, days: int, by: Actor = ADMINISTRATOR) -> None:
    def set_rule(work: Work) -> None:
        second_factor.set_rule(work, demand=what, from_on=work.today + timedelta(days=days), source="order 12")

    database.write(by, set_rule)


def roles(database: Database, user_id: UUID) -> set[Role]:
    token = database.write(SYSTEM, lambda work: service.open_session(work, user_id)).token
    return {
        grant.role for grant in database.read(NOBODY, lambda work: queries.actor_of_token(work, token)).grants or ()
    }


def test_offices_count_without_a_second_factor_until_a_rule_demands_one(database: Database, aigul: UUID) -> None:
    country(database)

    def give(work: Work) -> str:
        today = work.today
        service.grant(work, aigul, role=Role.BUDGET_OFFICER, territory="", from_on=today)
        service.grant(work, aigul, role=Role.RECIPIENT, recipient_id=UUID(int=7), from_on=today)
        return service.issue_api_key(work, aigul, name="accounting")

    key = database.write(ADMINISTRATOR, give)
    both = {Role.BUDGET_OFFICER, Role.RECIPIENT}
    assert roles(database, aigul) == both
    assert database.read(NOBODY, factor_queries.second_factor_rule) is None
    demand(database, Demand.REQUIRED, 1)
    assert roles(database, aigul) == both
    demand(database, Demand.REQUIRED, 0)
    assert roles(database, aigul) == {Role.RECIPIENT}
    by_key = database.read(NOBODY, lambda work: queries.actor_of_key(work, key))
    assert {grant.role for grant in by_key.grants or ()} == both
    app(database, aigul)
    assert roles(database, aigul) == both


def test_the_newest_rule_of_the_past_decides_and_one_begins_a_day(database: Database) -> None:
    demand(database, Demand.REQUIRED, -2)
    demand(database, Demand.RECOMMENDED, -1)
    rule = database.read(NOBODY, factor_queries.second_factor_rule)
    assert rule is not None
    assert (rule.demand, rule.source) == (Demand.RECOMMENDED, "order 12")
    with pytest.raises(DemandExists):
        demand(database, Demand.REQUIRED, -1)
    with pytest.raises(NotAllowed):
        demand(database, Demand.REQUIRED, 5, by=Actor(new_id(), "stranger"))


# --- one's own password and sessions ----------------------------------------------------------------------------------
def test_who_knows_the_old_password_sets_a_new_one(database: Database, aigul: UUID) -> None:
    proof, who = fresh(database, aigul), person(database, aigul)
    here = database.write(SYSTEM, lambda work: service.open_session(work, aigul)).token
    database.write(
        who, lambda work: signing.change_password(work, proof, new="another one", keep_token=here, hasher=CHEAP)
    )
    assert fresh(database, aigul, "another one") == FreshPassword(aigul)
    with pytest.raises(WrongPassword):
        fresh(database, aigul, PASSWORD)
    assert database.read(NOBODY, lambda work: queries.actor_of_token(work, here)).id == aigul


def test_a_session_left_open_somewhere_is_ended_by_its_owner_alone(database: Database, aigul: UUID) -> None:
    here, one, other = (database.write(SYSTEM, lambda work: service.open_session(work, aigul)).token for _ in "123")
    who, stranger = person(database, aigul), Actor(new_id(), "stranger")
    found = database.read(who, lambda work: queries.session(work, one))
    assert found is not None
    with pytest.raises(SessionNotFound):
        database.write(stranger, lambda work: service.end_session(work, found.id))
    database.write(who, lambda work: service.end_session(work, found.id))
    with pytest.raises(SessionNotFound):
        database.write(who, lambda work: service.end_session(work, found.id))
    assert database.write(who, lambda work: service.end_other_sessions(work, keep_token=here)) == 1
    assert database.write(who, lambda work: service.end_other_sessions(work, keep_token=here)) == 0
    assert database.read(NOBODY, lambda work: queries.actor_of_token(work, here)).id == aigul
    with pytest.raises(NotSignedIn):
        database.read(NOBODY, lambda work: queries.actor_of_token(work, other))
    assert verbs(database, aigul)[-2:] == ["session-ended", "sessions-ended"]
