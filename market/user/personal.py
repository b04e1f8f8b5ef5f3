"""Sealing what is personal: each person has a data key, wrapped by the installation's key and kept in one row.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; the person's id is associated data, so that a value copied to
another person does not open. Erasing a person destroys their key: what is sealed in tables and in the audit trail stays
as noise. Backups that still hold the key must be let expire.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.audit.service import record
from contracts.kernel.database import table_of
from contracts.kernel.errors import NotFound
from contracts.kernel.work import Role, Work
from market.keys import random_key, secret_file
from market.settings import KEY_BYTES, Settings
from market.user.models import PersonKeyRow
from market.user.queries import wrapped_key, wrapped_keys

NONCE_BYTES = 12
FORMAT = b"\x01"  # one byte before every sealed value, for the day the cipher changes
_keys = table_of(PersonKeyRow)


class PersonErased(NotFound):
    code = "person-erased"
    title = "This person's data is not here or was erased"


@dataclass(frozen=True, slots=True)
class Person:
    """Seals and opens the values of one person. Never stored, never shown."""

    id: UUID
    cipher: AESGCM = field(repr=False)

    def seal(self, plain: bytes) -> bytes:
        return _seal(self.cipher, plain, b"value" + self.id.bytes)

    def open(self, sealed: bytes) -> bytes:
        """Raises InvalidTag (a fault of ours, not of the caller) where the value was sealed for somebody else."""
        return _open(self.cipher, sealed, b"value" + self.id.bytes)

    def seal_text(self, plain: str) -> bytes:
        return self.seal(plain.encode())

    def open_text(self, sealed: bytes) -> str:
        return self.open(sealed).decode()


class Vault:
    """Holds the installation's two keys in memory: one wraps people's keys, one makes an IIN findable."""

    def __init__(self, master_key: bytes, hmac_key: bytes) -> None:
        assert len(master_key) == len(hmac_key) == KEY_BYTES
        assert master_key != hmac_key, "one key, one purpose"
        self._wrapper = AESGCM(master_key)
        self._hmac_key = hmac_key

    @classmethod
    def at(cls, folder: Path) -> "Vault":
        """The keys in ``folder/keys``, made on first use; of two processes that begin at once one makes them."""
        return cls(secret_file(folder, "master.key", random_key()), secret_file(folder, "iin.key", random_key()))

    @classmethod
    def of(cls, settings: Settings) -> "Vault":
        """The keys of the environment, each replaced by its file where it is not given."""
        return cls(
            settings.master_key or secret_file(settings.home, "master.key", random_key()),
            settings.iin_key or secret_file(settings.home, "iin.key", random_key()),
        )

    def iin_hmac(self, iin: str) -> bytes:
        """Finds a person by IIN without storing it; twelve digits alone would be guessed, hence the key."""
        return hmac.new(self._hmac_key, iin.encode(), hashlib.sha256).digest()

    @property
    def visit_key(self) -> bytes:
        """Makes the codes that confirm visits: a key of its own, drawn from the look-up key under a name that no IIN
        can have."""
        return hmac.new(self._hmac_key, b"tapsyrys/visit-codes/1", hashlib.sha256).digest()

    def new_person(self, work: Work, person_id: UUID) -> Person:
        return self.new_people(work, [person_id])[0]

    def new_people(self, work: Work, ids: Sequence[UUID]) -> list[Person]:
        """A key for each, written in one go without an after-image: a key in the trail could never be destroyed."""
        keys = [secrets.token_bytes(KEY_BYTES) for _ in ids]
        work.execute(
            sa.insert(_keys),
            [
                {"person_id": i, "wrapped": _seal(self._wrapper, key, b"key" + i.bytes)}
                for i, key in zip(ids, keys, strict=True)
            ],
        )
        return [Person(i, AESGCM(key)) for i, key in zip(ids, keys, strict=True)]

    def person_or_new(self, work: Work, person_id: UUID) -> Person:
        """For who may have no key yet; the caller holds a row of the person, so that two at once do not make two."""
        return (
            self.new_person(work, person_id) if wrapped_key(work, person_id) is None else self.person(work, person_id)
        )

    def person(self, work: Work, person_id: UUID) -> Person:
        """Raises PersonErased."""
        wrapped = wrapped_key(work, person_id)
        if wrapped is None:
            raise PersonErased
        return Person(person_id, AESGCM(_open(self._wrapper, wrapped, b"key" + person_id.bytes)))

    def people(self, work: Work, ids: Collection[UUID]) -> dict[UUID, Person]:
        """Those of them who were not erased; one statement for a page of people."""
        keys = {i: _open(self._wrapper, wrapped, b"key" + i.bytes) for i, wrapped in wrapped_keys(work, ids)}
        return {person_id: Person(person_id, AESGCM(key)) for person_id, key in keys.items()}


def erase(work: Work, person_id: UUID) -> None:
    """Destroy the person's key; every value sealed with it is lost for good. Raises PersonErased when done before."""
    work.actor.require(Role.ADMINISTRATOR)
    if work.execute(sa.delete(_keys).where(_keys.c.person_id == person_id)).rowcount == 0:
        raise PersonErased
    record(work, "person", person_id, "erased")


def _seal(cipher: AESGCM, plain: bytes, about: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return FORMAT + nonce + cipher.encrypt(nonce, plain, about)


def _open(cipher: AESGCM, sealed: bytes, about: bytes) -> bytes:
    assert sealed[:1] == FORMAT, "sealed by a later release"
    return cipher.decrypt(sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :], about)
