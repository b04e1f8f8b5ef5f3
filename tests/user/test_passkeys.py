"""Passkeys: bound to a host, opened by their owner, asked once."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from contracts.kernel.clock import real_clock
from contracts.kernel.database import table_of
from contracts.kernel.errors import Malformed
from contracts.kernel.runner import Database, open_database
from contracts.kernel.work import NOBODY, SYSTEM, Work
from market.user import factor_queries, passkeys, second_factor, service
from market.user.factors import (
    MAX_PASSKEYS,
    RECOVERY_CODES,
    ChallengePurpose,
    FreshPassword,
    PasskeyNotFound,
    PasskeyRefused,
    TooManyPasskeys,
    UserNotFound,
    Ways,
)
from market.user.models import PasskeyChallengeRow
from market.user.passkeys import Host, Taken
from tests.user.device import Device
from tests.user.people import ADMINISTRATOR, OTHER_ADMINISTRATOR, somebody, verbs
from tests.user.proofs import app, fresh, person

HERE = Host("market.example", "https://market.example")
ELSEWHERE = Host("other.example", "https://other.example")


def taken(database: Database, purpose: ChallengePurpose, answer: str, host: Host = HERE) -> Taken:
    return database.write(SYSTEM, lambda work: passkeys.take_challenge(work, host, purpose, answer))


def add(database: Database, user_id: UUID, device: Device, host: Host = HERE, name: str = "my phone") -> list[str]:
    proof, who = fresh(database, user_id), person(database, user_id)
    answer = device.create(database.write(who, lambda work: passkeys.ask_to_register(work, host, proof)))
    asked = taken(database, ChallengePurpose.REGISTRATION, answer, host)
    return database.write(who, lambda work: passkeys.add(work, host, asked, name=name, answer=answer))


def ask(database: Database, host: Host = HERE, user_id: UUID | None = None) -> str:
    return database.write(SYSTEM, lambda work: passkeys.ask_to_sign(work, host, user_id))


def enter(database: Database, answer: str, host: Host = HERE, purpose: str = "signing-in") -> UUID:
    asked = taken(database, ChallengePurpose(purpose), answer, host)
    return database.write(SYSTEM, lambda work: passkeys.check(work, host, asked, answer=answer))


@pytest.fixture
def aigul(database: Database) -> UUID:
    return somebody(database)


@pytest.fixture
def phone() -> Device:
    return Device(HERE.origin)


def test_a_passkey_signs_in_by_itself(database: Database, aigul: UUID, phone: Device) -> None:
    assert len(add(database, aigul, phone)) == RECOVERY_CODES
    assert enter(database, phone.get(ask(database))) == aigul
    assert enter(database, phone.get(ask(database))) == aigul
    (stored,) = database.read(NOBODY, lambda work: factor_queries.passkeys(work, aigul))
    assert (stored.name, stored.sign_count, stored.rp_id) == ("my phone", 2, HERE.name)
    assert stored.last_used_at is not None
    assert verbs(database, aigul) == ["created", "passkey-added"]


def test_it_is_asked_for_the_owners_finger_or_pin_and_for_no_makers_papers(database: Database, aigul: UUID) -> None:
    proof, who = fresh(database, aigul), person(database, aigul)
    asked = json.loads(database.write(who, lambda work: passkeys.ask_to_register(work, HERE, proof)))
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["attestation"] == "none"
    assert asked["rp"]["id"] == HERE.name
    assert json.loads(ask(database))["userVerification"] == "required"
    assert json.loads(ask(database)).get("allowCredentials", []) == []


def test_an_answer_counts_once(database: Database, aigul: UUID, phone: Device) -> None:
    add(database, aigul, phone)
    answer = phone.get(ask(database))
    assert enter(database, answer) == aigul
    with pytest.raises(PasskeyRefused):
        enter(database, answer)


def test_a_wrong_answer_uses_the_challenge_up(database: Database, aigul: UUID, phone: Device) -> None:
    add(database, aigul, phone)
    options = ask(database)
    with pytest.raises(PasskeyRefused):
        enter(database, Device(HERE.origin).get(options))
    with pytest.raises(PasskeyRefused):
        enter(database, phone.get(options))
    assert enter(database, phone.get(ask(database))) == aigul


def test_a_challenge_is_good_for_minutes_one_purpose_and_one_host(
    database: Database, aigul: UUID, phone: Device
) -> None:
    add(database, aigul, phone)
    for host, purpose in ((ELSEWHERE, "signing-in"), (HERE, "registration"), (HERE, "second-step")):
        with pytest.raises(PasskeyRefused):
            enter(database, phone.get(ask(database)), host, purpose)

    rows = table_of(PasskeyChallengeRow)
    options = ask(database)

    def expire(work: Work) -> None:
        work.execute(sa.update(rows).values(expires_at=real_clock(work.connection) - timedelta(seconds=1)))

    database.write(SYSTEM, expire)
    with pytest.raises(PasskeyRefused):
        enter(database, phone.get(options))
    ask(database)
    assert database.read(SYSTEM, lambda work: work.scalar(sa.select(sa.func.count()).select_from(rows))) == 1


def _without_finger(phone: Device, options: str) -> str:
    phone.verifies = False
    return phone.get(options)


def _copied(phone: Device, options: str) -> str:
    phone.counter = 0  # it signed with 1 before
    return phone.get(options)


Turn = Callable[[Device, str], str]
TRICKS: dict[str, Turn] = {
    "a page of another origin": lambda phone, options: phone.get(options, origin="https://evil.example"),
    "a port of another server": lambda phone, options: phone.get(options, origin=f"{HERE.origin}:8443"),
    "an answer of another kind": lambda phone, options: phone.get(options, type="webauthn.create"),
    "nobody verified": _without_finger,
    "a copy of the passkey": _copied,
    "another key": lambda phone, options: Device(HERE.origin, 50, credential_id=phone.credential_id).get(options),
    "another host": lambda phone, options: phone.get(json.dumps(json.loads(options) | {"rpId": ELSEWHERE.name})),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_trick_is_refused(database: Database, aigul: UUID, phone: Device, trick: str) -> None:
    add(database, aigul, phone)
    assert enter(database, phone.get(ask(database))) == aigul
    with pytest.raises(PasskeyRefused):
        enter(database, TRICKS[trick](phone, ask(database)))


def test_a_passkey_of_one_host_opens_no_other(database: Database, aigul: UUID, phone: Device) -> None:
    add(database, aigul, phone)
    phone.origin = ELSEWHERE.origin
    with pytest.raises(PasskeyRefused):
        enter(database, phone.get(ask(database, ELSEWHERE)), ELSEWHERE)


def test_at_the_second_step_only_the_one_who_is_half_in_may_answer(
    database: Database, aigul: UUID, phone: Device
) -> None:
    serik, other = somebody(database, "serik"), Device(HERE.origin)
    add(database, aigul, phone)
    add(database, serik, other)
    options = ask(database, user_id=aigul)
    assert [one["id"] for one in json.loads(options)["allowCredentials"]] == [bytes_to_base64url(phone.credential_id)]
    with pytest.raises(PasskeyRefused):
        enter(database, other.get(options), purpose="second-step")
    assert enter(database, phone.get(ask(database, user_id=aigul)), purpose="second-step") == aigul


def test_a_removed_one_a_reset_one_and_a_disabled_users_one_open_nothing(
    database: Database, aigul: UUID, phone: Device
) -> None:
    add(database, aigul, phone)
    (stored,) = database.read(NOBODY, lambda work: factor_queries.passkeys(work, aigul))
    serik, proof = somebody(database, "serik"), fresh(database, aigul)
    theirs = fresh(database, serik)
    with pytest.raises(PasskeyNotFound):
        database.write(person(database, serik), lambda work: passkeys.remove(work, theirs, stored.id))
    who = person(database, aigul)
    database.write(who, lambda work: passkeys.remove(work, proof, stored.id))
    with pytest.raises(PasskeyRefused):
        enter(database, phone.get(ask(database)))
    none = Ways(code=False, passkey=False, recovery_codes=0)
    assert database.read(NOBODY, lambda work: factor_queries.ways(work, aigul)) == none
    for ends in (second_factor.reset, service.disable):
        device = Device(HERE.origin)
        add(database, aigul, device)
        database.write(OTHER_ADMINISTRATOR, lambda work, end=ends: end(work, aigul))  # type: ignore[misc]
        with pytest.raises(PasskeyRefused):
            enter(database, device.get(ask(database)))
    assert verbs(database, aigul)[1:] == [
        "passkey-added", "passkey-removed", "passkey-added", "second-factor-reset", "passkey-added", "disabled",
    ]  # fmt: skip


def test_recovery_codes_stay_while_there_is_another_second_factor(
    database: Database, aigul: UUID, phone: Device
) -> None:
    app(database, aigul)
    assert add(database, aigul, phone) == []
    (stored,) = database.read(NOBODY, lambda work: factor_queries.passkeys(work, aigul))
    proof = fresh(database, aigul)
    database.write(person(database, aigul), lambda work: passkeys.remove(work, proof, stored.id))
    assert database.read(NOBODY, lambda work: factor_queries.ways(work, aigul)) == Ways(True, False, RECOVERY_CODES)


def test_a_registration_needs_the_owner_verified_a_name_and_the_own_challenge(database: Database, aigul: UUID) -> None:
    serik, device = somebody(database, "serik"), Device(HERE.origin, verifies=False)
    with pytest.raises(PasskeyRefused):
        add(database, aigul, device)
    device.verifies = True
    for name in ("", " ", "x" * 81, "a\u0000b"):
        with pytest.raises(Malformed):
            add(database, aigul, device, name=name)
    proof, who = fresh(database, aigul), person(database, aigul)
    answer = device.create(database.write(who, lambda work: passkeys.ask_to_register(work, HERE, proof)))
    asked = taken(database, ChallengePurpose.REGISTRATION, answer)
    with pytest.raises(PasskeyRefused):
        database.write(
            person(database, serik), lambda work: passkeys.add(work, HERE, asked, name="mine", answer=answer)
        )
    with pytest.raises(UserNotFound):
        database.write(ADMINISTRATOR, lambda work: passkeys.ask_to_register(work, HERE, FreshPassword(aigul)))
    add(database, aigul, device)
    with pytest.raises(PasskeyRefused):
        add(database, serik, device)  # one owner a passkey


def test_nobody_hoards_passkeys_and_a_device_is_not_asked_twice(database: Database, aigul: UUID) -> None:
    devices = [Device(HERE.origin) for _ in range(MAX_PASSKEYS)]
    for device in devices[:-1]:
        add(database, aigul, device)
    proof, who = fresh(database, aigul), person(database, aigul)
    options = json.loads(database.write(who, lambda work: passkeys.ask_to_register(work, HERE, proof)))
    assert len(options["excludeCredentials"]) == MAX_PASSKEYS - 1
    add(database, aigul, devices[-1])
    with pytest.raises(TooManyPasskeys):
        add(database, aigul, Device(HERE.origin))


# --- rubbish ----------------------------------------------------------------------------------------------------------
LEAF = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["webauthn.get", "AA", "-_"])
TREE = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner))
SPOILED = LEAF | st.binary(max_size=80).map(bytes_to_base64url)


@given(st.text(max_size=50) | TREE.map(json.dumps))
def test_rubbish_is_refused_before_anything_is_asked(rubbish: str) -> None:
    for read in (passkeys._challenge_in, passkeys._credential_in):
        try:
            read(rubbish)
        except PasskeyRefused:
            continue


def test_a_nest_too_deep_and_an_answer_too_long_are_refused() -> None:
    for rubbish in ("[" * 16_000, '{"id": "' + "x" * 20_000 + '"}'):
        with pytest.raises(PasskeyRefused):
            passkeys._credential_in(rubbish)


@pytest.fixture(scope="module")
def known(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, UUID, Device]]:
    """Aigul with a passkey, once for many examples."""
    file = tmp_path_factory.mktemp("passkeys") / "market.db"
    shutil.copy(sqlite_template, file)
    database = open_database(f"sqlite:///{file}")
    aigul, phone = somebody(database), Device(HERE.origin)
    add(database, aigul, phone)
    yield database, aigul, phone
    database.close()


def register(database: Database, user_id: UUID, spoil: Callable[[dict[str, Any]], None]) -> None:
    proof, who = fresh(database, user_id), person(database, user_id)
    options = database.write(who, lambda work: passkeys.ask_to_register(work, HERE, proof))
    answer = json.loads(Device(HERE.origin).create(options))
    spoil(answer)
    text = json.dumps(answer)
    asked = taken(database, ChallengePurpose.REGISTRATION, text)
    database.write(who, lambda work: passkeys.add(work, HERE, asked, name="x", answer=text))


@settings(max_examples=80, deadline=None)
@given(field=st.sampled_from(["clientDataJSON", "attestationObject"]), value=SPOILED)
def test_a_spoiled_registration_is_refused(known: tuple[Database, UUID, Device], field: str, value: object) -> None:
    database, aigul, _phone = known
    with pytest.raises(PasskeyRefused):
        register(database, aigul, lambda answer: answer["response"].update({field: value}))


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, 200), byte=st.integers(0, 255))
def test_a_changed_byte_of_a_registration_is_no_crash(known: tuple[Database, UUID, Device], at: int, byte: int) -> None:
    """Some bytes are free, such as the maker's; then the device is another one, and that is taken back."""
    database, aigul, _phone = known

    def change(answer: dict[str, Any]) -> None:
        whole = bytearray(base64url_to_bytes(answer["response"]["attestationObject"]))
        whole[at % len(whole)] = byte
        answer["response"]["attestationObject"] = bytes_to_base64url(bytes(whole))

    with suppress(PasskeyRefused):
        register(database, aigul, change)
        for stored in database.read(NOBODY, lambda work: factor_queries.passkeys(work, aigul)):
            if stored.name == "x":
                proof = fresh(database, aigul)
                database.write(
                    person(database, aigul),
                    lambda work, p=proof, s=stored: passkeys.remove(work, p, s.id),  # type: ignore[misc]
                )


@settings(max_examples=120, deadline=None)
@given(field=st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]), value=SPOILED)
def test_a_spoiled_answer_is_refused(known: tuple[Database, UUID, Device], field: str, value: object) -> None:
    database, _aigul, phone = known
    answer = json.loads(phone.get(ask(database)))
    answer["response"][field] = value
    with pytest.raises(PasskeyRefused):
        enter(database, json.dumps(answer))


@settings(max_examples=60, deadline=None)
@given(place=st.sampled_from(["id", "rawId", "type", "response", "authenticatorAttachment"]), value=SPOILED)
def test_a_spoiled_frame_of_an_answer_is_no_crash(
    known: tuple[Database, UUID, Device], place: str, value: object
) -> None:
    database, aigul, phone = known
    answer = json.loads(phone.get(ask(database))) | {place: value}
    with suppress(PasskeyRefused):
        assert enter(database, json.dumps(answer)) == aigul


def test_a_user_handle_that_is_none_is_no_crash(known: tuple[Database, UUID, Device]) -> None:
    database, _aigul, phone = known
    for value in ("é", "A", "*", 7, []):
        answer = json.loads(phone.get(ask(database)))
        answer["response"]["userHandle"] = value
        with suppress(PasskeyRefused):
            enter(database, json.dumps(answer))
