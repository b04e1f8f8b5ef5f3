"""Passkeys (WebAuthn level 3): a key pair on the user's device, bound to the host, opened by finger, face or PIN.

Both are asked for the same: a discoverable credential with user verification, so that a passkey alone is two factors.
A challenge is kept as a hash, is good for five minutes and for one answer, whether that answer is right or not: it is
taken in a transaction of its own. Attestation is not asked for: which maker's device it is is nobody's business.
"""

import json
import secrets
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from contracts.audit.service import record
from contracts.kernel.clock import real_clock
from contracts.kernel.database import table_of
from contracts.kernel.errors import Malformed
from contracts.kernel.ids import new_id
from contracts.kernel.work import Work
from market.user import factor_queries, queries
from market.user.factor_queries import Passkey
from market.user.factors import (
    CHALLENGE_LIFETIME,
    MAX_PASSKEY_NAME,
    MAX_PASSKEYS,
    ChallengePurpose,
    FreshPassword,
    PasskeyRefused,
    TooManyPasskeys,
    check_own,
)
from market.user.models import PasskeyChallengeRow, PasskeyRow
from market.user.second_factor import ISSUER, end_recovery_without_factor, first_recovery_codes

CHALLENGE_BYTES = 32
SWEPT_AT_ONCE = 20  # unanswered challenges removed with each new one
MAX_ANSWER = 16_384  # characters of JSON; an answer with an attestation has about two thousand
UNREADABLE = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)
_challenges = table_of(PasskeyChallengeRow)
_passkeys = table_of(PasskeyRow)


@dataclass(frozen=True, slots=True)
class Host:
    """Where the passkeys belong to, as the browser sees it: ``name`` without a port, ``origin`` with everything."""

    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A challenge that is used up, and whose it was; empty: whoever has a passkey here."""

    challenge: bytes
    user_id: UUID | None


# --- asking ---------------------------------------------------------------------------------------------------------
def ask_to_register(work: Work, host: Host, proof: FreshPassword) -> str:
    """Options for ``navigator.credentials.create`` as JSON. Raises TooManyPasskeys."""
    user_id = check_own(work.actor, proof)
    known = factor_queries.passkeys(work, user_id)
    if len(known) >= MAX_PASSKEYS:
        raise TooManyPasskeys(rule="passkeys-a-user", limit=MAX_PASSKEYS)
    options = generate_registration_options(
        rp_id=host.name,
        rp_name=ISSUER,
        user_id=user_id.bytes,
        user_name=work.actor.name,
        challenge=_new_challenge(work, host, ChallengePurpose.REGISTRATION, user_id),
        timeout=_milliseconds(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_described(known, host),
    )
    return options_to_json(options)


def ask_to_sign(work: Work, host: Host, user_id: UUID | None = None) -> str:
    """Options for ``navigator.credentials.get`` as JSON: of one user at the second step, or of whoever is there."""
    purpose = ChallengePurpose.SIGNING_IN if user_id is None else ChallengePurpose.SECOND_STEP
    known = [] if user_id is None else factor_queries.passkeys(work, user_id, rp_id=host.name)
    options = generate_authentication_options(
        rp_id=host.name,
        challenge=_new_challenge(work, host, purpose, user_id),
        timeout=_milliseconds(),
        allow_credentials=_described(known, host),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def _described(known: list[Passkey], host: Host) -> list[PublicKeyCredentialDescriptor] | None:
    here = [one for one in known if one.rp_id == host.name]
    return [PublicKeyCredentialDescriptor(base64url_to_bytes(one.credential_id)) for one in here] or None


def _milliseconds() -> int:
    return int(CHALLENGE_LIFETIME.total_seconds() * 1000)


def _new_challenge(work: Work, host: Host, purpose: ChallengePurpose, user_id: UUID | None) -> bytes:
    now, challenge = real_clock(work.connection), secrets.token_bytes(CHALLENGE_BYTES)
    values = {
        "challenge_hash": _hash(challenge),
        "purpose": purpose,
        "rp_id": host.name,
        "user_id": user_id,
        "expires_at": now + CHALLENGE_LIFETIME,
    }
    work.execute(sa.insert(_challenges), values)
    old = sa.select(_challenges.c.challenge_hash).where(_challenges.c.expires_at <= now).limit(SWEPT_AT_ONCE)
    work.execute(sa.delete(_challenges).where(_challenges.c.challenge_hash.in_(old.with_for_update(skip_locked=True))))
    return challenge


# --- answers --------------------------------------------------------------------------------------------------------
def take_challenge(work: Work, host: Host, purpose: ChallengePurpose, answer: str) -> Taken:
    """The challenge that the answer answers, used up with this transaction. Raises PasskeyRefused where there is none
    of this purpose and host, or it was used or is too old."""
    challenge = _challenge_in(answer)
    mine = (
        _challenges.c.challenge_hash == _hash(challenge),
        _challenges.c.purpose == purpose,
        _challenges.c.rp_id == host.name,
        _challenges.c.expires_at > real_clock(work.connection),
    )
    row = work.execute(sa.delete(_challenges).where(*mine).returning(_challenges.c.user_id)).one_or_none()
    if row is None:
        raise PasskeyRefused(rule="challenge-once")
    return Taken(challenge, row.user_id)


def add(work: Work, host: Host, taken: Taken, *, name: str, answer: str) -> list[str]:
    """The device's public key is the user's. Recovery codes, if the user had none: to be shown once. Raises
    PasskeyRefused, TooManyPasskeys, Malformed for the name."""
    user_id = work.actor.id
    if user_id is None or taken.user_id != user_id:
        raise PasskeyRefused(rule="own-challenge")
    label = check_name(name)
    queries.user(work, user_id, lock=True)
    if len(factor_queries.passkeys(work, user_id)) >= MAX_PASSKEYS:
        raise TooManyPasskeys(rule="passkeys-a-user", limit=MAX_PASSKEYS)
    try:
        verified = verify_registration_response(
            credential=answer,
            expected_challenge=taken.challenge,
            expected_rp_id=host.name,
            expected_origin=host.origin,
            require_user_verification=True,
        )
    except UNREADABLE as error:
        raise PasskeyRefused(rule="registration") from error
    written = work.insert_if_new(
        PasskeyRow,
        id=new_id(),
        user_id=user_id,
        credential_id=bytes_to_base64url(verified.credential_id),
        public_key=verified.credential_public_key,
        rp_id=host.name,
        name=label,
        sign_count=verified.sign_count,
        created_at=work.now,
        last_used_at=None,
        removed_at=None,
    )
    if not written:
        raise PasskeyRefused(rule="one-owner-a-passkey")
    codes = first_recovery_codes(work, user_id)
    record(work, "user", user_id, "passkey-added")
    return codes


def check(work: Work, host: Host, taken: Taken, *, answer: str) -> UUID:
    """Whose passkey signed the challenge, here, just now. The device's counter moves on, in one statement: of two
    copies of a passkey that show one count the second is refused. Raises PasskeyRefused."""
    passkey = factor_queries.passkey_by_credential(work, _credential_in(answer))
    if passkey is None or passkey.rp_id != host.name or taken.user_id not in {None, passkey.user_id}:
        raise PasskeyRefused(rule="known-passkey")
    try:
        verified = verify_authentication_response(
            credential=answer,
            expected_challenge=taken.challenge,
            expected_rp_id=host.name,
            expected_origin=host.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except UNREADABLE as error:
        raise PasskeyRefused(rule="signature") from error
    unmoved = sa.and_(_passkeys.c.id == passkey.id, _passkeys.c.sign_count == passkey.sign_count)
    moved = sa.update(_passkeys).where(unmoved).values(sign_count=verified.new_sign_count, last_used_at=work.now)
    if work.execute(moved).rowcount != 1:
        raise PasskeyRefused(rule="sign-counter")
    return passkey.user_id


def remove(work: Work, proof: FreshPassword, passkey_id: UUID) -> None:
    """The device signs in no more. With the last second factor the recovery codes end. Raises PasskeyNotFound."""
    user_id = check_own(work.actor, proof)
    queries.user(work, user_id, lock=True)
    found = factor_queries.passkey(work, user_id, passkey_id)
    work.update(PasskeyRow, found.id, removed_at=work.now)
    end_recovery_without_factor(work, user_id)
    record(work, "user", user_id, "passkey-removed")


def check_name(name: str) -> str:
    label = name.strip()
    if not 0 < len(label) <= MAX_PASSKEY_NAME or not label.isprintable():
        raise Malformed(
            f"A passkey's name has 1 to {MAX_PASSKEY_NAME} characters", pointer="/name", rule="passkey-name"
        )
    return label


# --- reading what a browser sent ------------------------------------------------------------------------------------
def _hash(challenge: bytes) -> str:
    return queries.hash_of(bytes_to_base64url(challenge))


def _read(answer: str) -> dict[str, object]:
    if len(answer) > MAX_ANSWER:
        raise PasskeyRefused(rule="answer-form")
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        raise PasskeyRefused(rule="answer-form") from None
    if not isinstance(found, dict):
        raise PasskeyRefused(rule="answer-form")
    return found


def _challenge_in(answer: str) -> bytes:
    response = _read(answer).get("response")
    sent = response.get("clientDataJSON") if isinstance(response, dict) else None
    if not isinstance(sent, str):
        raise PasskeyRefused(rule="answer-form")
    try:
        return parse_client_data_json(base64url_to_bytes(sent)).challenge
    except (*UNREADABLE, RecursionError):
        raise PasskeyRefused(rule="answer-form") from None


def _credential_in(answer: str) -> str:
    sent = _read(answer).get("id")
    if not isinstance(sent, str):
        raise PasskeyRefused(rule="answer-form")
    return sent
