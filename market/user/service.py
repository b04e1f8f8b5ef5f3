"""Users, their grants, keys and sessions. No secret enters the audit trail: only hashes of long random ones do."""

import secrets
from dataclasses import replace
from datetime import date
from functools import lru_cache
from uuid import UUID

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from contracts.audit.service import record
from contracts.kernel.database import table_of
from contracts.kernel.errors import Malformed, NotSignedIn
from contracts.kernel.ids import new_id
from contracts.kernel.work import Grant, Role, Work
from market.catalogue.queries import check_territory_prefix
from market.user import queries
from market.user.factors import MAX_DEVICE, FreshPassword, Means, SessionNotFound, WrongPassword
from market.user.models import ApiKeyRow, GrantRow, HalfSessionRow, SessionRow, UserRow
from market.user.rules import (
    MAX_KEY_NAME,
    MAX_KEYS,
    MAX_PASSWORD,
    SESSION_LIFETIME,
    Holding,
    KeyNotFound,
    LoginTaken,
    NotToOneself,
    Scope,
    Session,
    TooManyKeys,
    UserNotFound,
    WrongCredentials,
    check_compatible,
    check_password_length,
    check_scope,
    parse_login,
)

TOKEN_BYTES = 32
KEY_MARK = "tps_"  # lets a scanner find a key somebody published by mistake
_halves = table_of(HalfSessionRow)
HASHER = PasswordHasher()  # argon2id, the library's current parameters (RFC 9106); tests pass a cheaper one


@lru_cache(maxsize=4)
def _nobodys_hash(hasher: PasswordHasher) -> str:
    """What an unknown login is checked against, so that the answer takes as long as for a known one."""
    return hasher.hash(secrets.token_urlsafe(TOKEN_BYTES))


def create_user(work: Work, *, login: str, password: str | None = None, hasher: PasswordHasher = HASHER) -> UUID:
    """A user without any role. Without a password: a service account, which has API keys only. Raises LoginTaken."""
    work.actor.require(Role.ADMINISTRATOR)
    user_id, name = new_id(), parse_login(login)
    if password is not None:
        check_password_length(password)
    if not work.insert_if_new(
        UserRow, id=user_id, login=name, password_hash=None, created_at=work.now, disabled_at=None
    ):
        raise LoginTaken(pointer="/login", rule="one-login-a-user")
    if password is not None:
        _store_password(work, user_id, password, hasher)
    record(work, "user", user_id, "created")
    return user_id


def set_password(
    work: Work,
    user_id: UUID,
    *,
    password: str,
    proof: FreshPassword | None = None,
    keep_token: str = "",
    hasher: PasswordHasher = HASHER,
) -> None:
    """By the user, with ``proof`` of the present one, or by an administrator for somebody else who forgot it or was
    robbed of it. Every open session of the user ends but the one of ``keep_token``, in which one changes one's own.
    API keys were never given for the password and stay: they are revoked by themselves, or with the user. Raises
    WrongPassword for one's own without a proof."""
    _require_self_or_administrator(work, user_id)
    if work.actor.id == user_id and (proof is None or proof.user_id != user_id):
        raise WrongPassword(pointer="/current_password", rule="present-password")
    check_password_length(password)
    queries.user(work, user_id, lock=True)
    _store_password(work, user_id, password, hasher)
    kept = queries.session(work, keep_token) if keep_token else None
    for opened in queries.open_sessions(work, user_id):
        if opened != kept:
            work.update(SessionRow, opened.id, SessionRow.ended_at.is_(None), ended_at=work.now)
    work.execute(sa.delete(_halves).where(_halves.c.user_id == user_id))  # who came half in with the old one
    record(work, "user", user_id, "password-set")


def disable(work: Work, user_id: UUID) -> None:
    """Every session and key stops working at once; the grants stay as a record."""
    work.actor.require(Role.ADMINISTRATOR)
    _refuse_oneself(work, user_id)
    if not work.update(UserRow, user_id, UserRow.disabled_at.is_(None), disabled_at=work.now):
        raise UserNotFound
    record(work, "user", user_id, "disabled")


def grant(
    work: Work,
    user_id: UUID,
    *,
    role: Role,
    provider_id: UUID | None = None,
    recipient_id: UUID | None = None,
    territory: str | None = None,
    from_on: date,
    until_on: date | None = None,
) -> UUID:
    """A dated role in a scope. Raises NotToOneself, WrongScope, IncompatibleRoles. That the provider or the recipient
    is there is the caller's to know: they live above users."""
    work.actor.require(Role.ADMINISTRATOR)
    _refuse_oneself(work, user_id)
    scope = Scope(provider_id, recipient_id, territory)
    check_scope(role, scope)
    if territory:
        check_territory_prefix(work, territory)
    if until_on is not None and until_on <= from_on:
        raise Malformed("A grant must end after it begins", pointer="/until_on", rule="period")
    return add_grant(work, user_id, Holding(role, from_on, until_on), scope, granted_by=work.actor.id)


def become_provider(work: Work, provider_id: UUID) -> None:
    """Who registers an organisation speaks for it from then on, also in the rest of this transaction. Raises
    IncompatibleRoles for officers. The system registers without speaking for anybody."""
    if work.actor.grants is None:
        return
    if work.actor.id is None:
        raise NotSignedIn
    holding, scope = Holding(Role.PROVIDER, work.today, None), Scope(provider_id=provider_id)
    add_grant(work, work.actor.id, holding, scope, granted_by=None)
    work.actor = replace(work.actor, grants=(*work.actor.grants, Grant(Role.PROVIDER, provider_id=provider_id)))


def revoke(work: Work, grant_id: UUID) -> None:
    """The grant ends now: today is no longer one of its days. An ended grant stays as it is."""
    work.actor.require(Role.ADMINISTRATOR)
    end_grant(work, grant_id)


def let_represent(
    work: Work, user_id: UUID, *, recipient_id: UUID, from_on: date, until_on: date | None = None
) -> UUID:
    """Checks no role: for whoever has seen the document it rests on, and keeps it. Raises UserNotFound,
    IncompatibleRoles."""
    holding, scope = Holding(Role.REPRESENTATIVE, from_on, until_on), Scope(recipient_id=recipient_id)
    return add_grant(work, user_id, holding, scope, granted_by=work.actor.id)


def end_grant(work: Work, grant_id: UUID) -> None:
    """As :func:`revoke`. Checks no role: for whoever may decide on what the grant was for."""
    held = queries.grant(work, grant_id)
    end = max(held.from_on, work.today)
    still_runs = sa.or_(GrantRow.until_on.is_(None), GrantRow.until_on > end)
    if work.update(GrantRow, grant_id, still_runs, until_on=end):
        record(work, "user", held.user_id, "grant-revoked")


def issue_api_key(work: Work, user_id: UUID, *, name: str) -> str:
    """The key itself: it is shown once and never again. Raises TooManyKeys."""
    _require_self_or_administrator(work, user_id)
    label = name.strip()
    if not 0 < len(label) <= MAX_KEY_NAME or not label.isprintable():
        raise Malformed(f"A key's name has 1 to {MAX_KEY_NAME} characters", pointer="/name", rule="key-name")
    if queries.user(work, user_id, lock=True).disabled_at is not None:
        raise UserNotFound
    if len(queries.keys_of(work, user_id)) >= MAX_KEYS:
        raise TooManyKeys(rule="keys-a-user", limit=MAX_KEYS)
    key = KEY_MARK + secrets.token_urlsafe(TOKEN_BYTES)
    work.insert(
        ApiKeyRow,
        id=new_id(),
        user_id=user_id,
        name=label,
        key_hash=queries.hash_of(key),
        created_at=work.now,
        revoked_at=None,
    )
    record(work, "user", user_id, "key-issued")
    return key


def revoke_key(work: Work, key_id: UUID) -> None:
    key = queries.api_key(work, key_id)
    if not _is_self_or_administrator(work, key.user_id):
        raise KeyNotFound
    if not work.update(ApiKeyRow, key_id, ApiKeyRow.revoked_at.is_(None), revoked_at=work.now):
        raise KeyNotFound
    record(work, "user", key.user_id, "key-revoked")


def check_password(work: Work, *, login: str, password: str, hasher: PasswordHasher = HASHER) -> UUID:
    """Whose password this is. Slow on purpose, and writes nothing: the web runs it in a read transaction, so that a
    rush of sign-ins never holds up the one writer of SQLite. Raises WrongCredentials, as late for an unknown login."""
    found = queries.credentials(work, login.strip().lower())
    known = found.password_hash if found else None
    try:
        hasher.verify(known or _nobodys_hash(hasher), password[: MAX_PASSWORD + 1])
    except VerifyMismatchError:
        raise WrongCredentials from None
    if found is None or known is None or found.disabled_at is not None:
        raise WrongCredentials
    return found.id


def open_session(work: Work, user_id: UUID, *, means: Means = Means.PASSWORD, device: str = "") -> Session:
    """For somebody who was just found to be who they say. ``device``: what they sit at, in a few words."""
    token, expires_at = secrets.token_urlsafe(TOKEN_BYTES), work.now + SESSION_LIFETIME
    work.insert(
        SessionRow,
        id=new_id(),
        user_id=user_id,
        token_hash=queries.hash_of(token),
        created_at=work.now,
        expires_at=expires_at,
        ended_at=None,
        means=means,
        device=device[:MAX_DEVICE] or None,
    )
    record(work, "user", user_id, "signed-in")
    return Session(token, expires_at)


def sign_in(work: Work, *, login: str, password: str, hasher: PasswordHasher = HASHER) -> Session:
    """Password and session in one transaction, for scripts and tests that know of no second factor."""
    return open_session(work, check_password(work, login=login, password=password, hasher=hasher))


def sign_out(work: Work, token: str) -> None:
    """The session ends. A token that opens nothing is no error: the wish is fulfilled."""
    found = queries.session(work, token)
    if found and work.update(SessionRow, found.id, SessionRow.ended_at.is_(None), ended_at=work.now):
        record(work, "user", found.user_id, "signed-out")


def end_session(work: Work, session_id: UUID) -> None:
    """One's own, left open somewhere. Raises SessionNotFound."""
    found = queries.session_by_id(work, session_id)
    if found.user_id != work.actor.id or not work.update(
        SessionRow, session_id, SessionRow.ended_at.is_(None), ended_at=work.now
    ):
        raise SessionNotFound
    record(work, "user", found.user_id, "session-ended")


def end_other_sessions(work: Work, *, keep_token: str) -> int:
    """All of one's own but this one. How many they were."""
    assert work.actor.id is not None
    queries.user(work, work.actor.id, lock=True)
    kept = queries.session(work, keep_token)
    others = [opened for opened in queries.open_sessions(work, work.actor.id) if opened != kept]
    for opened in others:
        work.update(SessionRow, opened.id, SessionRow.ended_at.is_(None), ended_at=work.now)
    if others:
        record(work, "user", work.actor.id, "sessions-ended")
    return len(others)


def _store_password(work: Work, user_id: UUID, password: str, hasher: PasswordHasher) -> None:
    """Without an after-image: the trail is read by auditors, and a stolen hash can be guessed at leisure."""
    work.execute(sa.update(UserRow).where(UserRow.id == user_id).values(password_hash=hasher.hash(password)))


def add_grant(work: Work, user_id: UUID, holding: Holding, scope: Scope, *, granted_by: UUID | None) -> UUID:
    """Checks no role of the actor. Raises UserNotFound, IncompatibleRoles."""
    queries.user(work, user_id, lock=True)  # two grants at once see each other
    check_compatible(holding, queries.holdings(work, user_id))
    grant_id = new_id()
    work.insert(
        GrantRow,
        id=grant_id,
        user_id=user_id,
        role=holding.role,
        provider_id=scope.provider_id,
        recipient_id=scope.recipient_id,
        territory=scope.territory,
        from_on=holding.from_on,
        until_on=holding.until_on,
        granted_by=granted_by,
    )
    record(work, "user", user_id, "granted")
    return grant_id


def _is_self_or_administrator(work: Work, user_id: UUID) -> bool:
    return work.actor.id == user_id or work.actor.has(Role.ADMINISTRATOR)


def _require_self_or_administrator(work: Work, user_id: UUID) -> None:
    if not _is_self_or_administrator(work, user_id):
        raise UserNotFound


def _refuse_oneself(work: Work, user_id: UUID) -> None:
    if work.actor.id == user_id:
        raise NotToOneself(rule="not-to-oneself")
