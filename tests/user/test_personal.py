"""Sealed values open for their person only, and for nobody after erasure."""

import stat
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from contracts.audit.queries import events_of
from contracts.kernel.errors import Malformed, NotAllowed, NotFound
from contracts.kernel.ids import new_id
from contracts.kernel.runner import Database
from contracts.kernel.work import NOBODY, SYSTEM, Work
from market.settings import Settings
from market.user.models import PersonKeyRow
from market.user.personal import Person, PersonErased, Vault, erase
from market.user.queries import wrapped_key

VAULT = Vault(b"m" * 32, b"i" * 32)


def test_a_sealed_name_opens_again_and_looks_different_each_time(database: Database) -> None:
    person_id = new_id()

    def seal(work: Work) -> tuple[bytes, bytes]:
        person = VAULT.new_person(work, person_id)
        return person.seal_text("Әсел Нұрланқызы"), person.seal_text("Әсел Нұрланқызы")

    first, second = database.write(SYSTEM, seal)
    assert first != second
    assert "Әсел".encode() not in first
    person = database.read(SYSTEM, lambda work: VAULT.person(work, person_id))
    assert person.open_text(first) == person.open_text(second) == "Әсел Нұрланқызы"


def test_a_value_copied_to_another_person_or_changed_does_not_open(database: Database) -> None:
    one, other = database.write(SYSTEM, lambda work: VAULT.new_people(work, [new_id(), new_id()]))
    sealed = one.seal(b"diagnosis")
    with pytest.raises(InvalidTag):
        other.open(sealed)
    with pytest.raises(InvalidTag):
        one.open(sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_a_persons_key_moved_to_another_row_does_not_unwrap(database: Database) -> None:
    one, other = new_id(), new_id()
    database.write(SYSTEM, lambda work: VAULT.new_people(work, [one, other]))

    def swap(work: Work) -> None:
        wrapped = wrapped_key(work, one)
        work.execute(sa.update(PersonKeyRow).where(PersonKeyRow.person_id == other).values(wrapped=wrapped))

    database.write(SYSTEM, swap)
    assert database.read(SYSTEM, lambda work: VAULT.person(work, one)).id == one
    with pytest.raises(InvalidTag):
        database.read(SYSTEM, lambda work: VAULT.person(work, other))


def test_erasing_a_person_makes_every_sealed_value_noise(database: Database) -> None:
    person_id = new_id()
    database.write(SYSTEM, lambda work: VAULT.new_person(work, person_id))
    with pytest.raises(NotAllowed):
        database.write(NOBODY, lambda work: erase(work, person_id))
    database.write(SYSTEM, lambda work: erase(work, person_id))
    with pytest.raises(PersonErased) as refused:
        database.read(SYSTEM, lambda work: VAULT.person(work, person_id))
    assert isinstance(refused.value, NotFound)
    with pytest.raises(PersonErased):
        database.write(SYSTEM, lambda work: erase(work, person_id))
    (event,) = database.read(SYSTEM, lambda work: events_of(work, "person", person_id))
    assert event.verb == "erased"
    assert "wrapped" not in event.body


def test_an_iin_is_found_by_a_keyed_hash_only() -> None:
    other = Vault(b"m" * 32, b"j" * 32)
    assert VAULT.iin_hmac("061211600012") == VAULT.iin_hmac("061211600012")
    assert VAULT.iin_hmac("061211600012") != other.iin_hmac("061211600012")
    assert len(VAULT.iin_hmac("061211600012")) == 32


def test_keys_are_made_once_readable_by_their_owner_only(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        hashes = set(pool.map(lambda _: Vault.at(tmp_path).iin_hmac("x"), range(32)))
    assert len(hashes) == 1
    files = sorted((tmp_path / "keys").iterdir())
    assert [file.name for file in files] == ["iin.key", "master.key"]
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def _hash_at(folder: Path) -> bytes:
    return Vault.at(folder).iin_hmac("x")


def test_processes_that_begin_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        assert len(set(pool.map(_hash_at, [tmp_path] * 4))) == 1


def test_keys_of_the_environment_win_and_leave_no_file(tmp_path: Path) -> None:
    given_keys = {"MARKET_HOME": str(tmp_path), "MARKET_MASTER_KEY": "6d" * 32, "MARKET_IIN_KEY": "69" * 32}
    settings = Settings.from_environment(given_keys)
    assert Vault.of(settings).iin_hmac("x") == VAULT.iin_hmac("x")
    assert list(tmp_path.iterdir()) == []
    assert "6d6d" not in repr(settings)
    assert b"mmm".hex() not in repr(settings)


def test_one_key_of_the_environment_is_joined_by_a_file(tmp_path: Path) -> None:
    settings = Settings.from_environment({"MARKET_HOME": str(tmp_path), "MARKET_IIN_KEY": "69" * 32})
    assert Vault.of(settings).iin_hmac("x") == VAULT.iin_hmac("x")
    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["master.key"]


@pytest.mark.parametrize("text", ["secret", "6d" * 31, "zz" * 32, "6d" * 33])
def test_a_key_that_is_no_key_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        Settings.from_environment({"MARKET_MASTER_KEY": text})
    assert text not in str(refused.value) + str(refused.value.members)


@given(st.binary(max_size=200))
def test_any_value_survives_sealing(plain: bytes) -> None:
    person = Person(UUID(int=5), AESGCM(b"k" * 32))
    assert person.open(person.seal(plain)) == plain
