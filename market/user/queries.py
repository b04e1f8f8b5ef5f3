"""Who is behind a token, and who holds what."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.database import Invariant
from contracts.kernel.errors import NotSignedIn
from contracts.kernel.work import HOME, Actor, Grant, Role, Work
from market.user.factor_queries import has_factor, is_required
from market.user.factors import STRONG_ROLES, Means, SessionNotFound
from market.user.models import ApiKeyRow, GrantRow, PersonKeyRow, SessionRow, UserRow
from market.user.rules import GrantNotFound, Holding, KeyNotFound, UserNotFound, are_incompatible

PAGE = 200


@dataclass(frozen=True, slots=True)
class User:
    id: UUID
    login: str
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Credentials:
    id: UUID
    password_hash: str | None
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldGrant:
    id: UUID
    user_id: UUID
    role: Role
    provider_id: UUID | None
    recipient_id: UUID | None
    territory: str | None
    from_on: date
    until_on: date | None
    granted_by: UUID | None


@dataclass(frozen=True, slots=True)
class ApiKey:
    id: UUID
    user_id: UUID
    name: str
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenSession:
    id: UUID
    user_id: UUID
    created_at: datetime
    expires_at: datetime
    means: Means | None
    device: str | None


def hash_of(secret: str) -> str:
    """SHA-256 is enough for 256 random bits: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def user(work: Work, user_id: UUID, *, lock: bool = False) -> User:
    found = work.find(User, UserRow, UserRow.id == user_id, lock=lock)
    if found is None:
        raise UserNotFound
    return found


def users(work: Work, *, after: str = "", limit: int = PAGE) -> list[User]:
    return work.find_all(User, UserRow, UserRow.login > after, order_by=(UserRow.login,), limit=min(limit, PAGE))


def credentials(work: Work, login: str) -> Credentials | None:
    return work.find(Credentials, UserRow, UserRow.login == login)


def grant(work: Work, grant_id: UUID) -> HeldGrant:
    found = work.find(HeldGrant, GrantRow, GrantRow.id == grant_id)
    if found is None:
        raise GrantNotFound
    return found


def grants_of(work: Work, user_id: UUID) -> list[HeldGrant]:
    """Past, present and future."""
    return work.find_all(HeldGrant, GrantRow, GrantRow.user_id == user_id, order_by=(GrantRow.from_on, GrantRow.id))


def personal_grants(work: Work, recipient_id: UUID) -> list[UUID]:
    """Grants of those who are, or speak for, the recipient; ended ones, too."""
    own = (GrantRow.recipient_id == recipient_id, GrantRow.role.in_(HOME))
    return [row.id for row in work.rows(sa.select(GrantRow.id).where(*own).order_by(GrantRow.user_id, GrantRow.id))]


def user_of_login(work: Work, login: str) -> User:
    """Raises UserNotFound."""
    found = work.find(User, UserRow, UserRow.login == login.strip().lower())
    if found is None:
        raise UserNotFound
    return found


def holdings(work: Work, user_id: UUID) -> list[Holding]:
    return work.find_all(Holding, GrantRow, GrantRow.user_id == user_id)


def api_key(work: Work, key_id: UUID) -> ApiKey:
    found = work.find(ApiKey, ApiKeyRow, ApiKeyRow.id == key_id)
    if found is None:
        raise KeyNotFound
    return found


def keys_of(work: Work, user_id: UUID) -> list[ApiKey]:
    """The ones that still open the door."""
    return work.find_all(
        ApiKey,
        ApiKeyRow,
        ApiKeyRow.user_id == user_id,
        ApiKeyRow.revoked_at.is_(None),
        order_by=(ApiKeyRow.created_at, ApiKeyRow.id),
    )


def session(work: Work, token: str) -> OpenSession | None:
    return work.find(OpenSession, SessionRow, SessionRow.token_hash == hash_of(token), SessionRow.ended_at.is_(None))


def session_by_id(work: Work, session_id: UUID) -> OpenSession:
    found = work.find(OpenSession, SessionRow, SessionRow.id == session_id, SessionRow.ended_at.is_(None))
    if found is None:
        raise SessionNotFound
    return found


def open_sessions(work: Work, user_id: UUID) -> list[OpenSession]:
    where = (SessionRow.user_id == user_id, SessionRow.ended_at.is_(None), SessionRow.expires_at > work.now)
    return work.find_all(OpenSession, SessionRow, *where, order_by=(SessionRow.id,))


def actor_of_token(work: Work, token: str) -> Actor:
    """Who holds the session, with the grants of today. Raises NotSignedIn: unknown, expired, ended, or disabled.

    Where a second factor is required and the user has none, offices do not count until there is one."""
    valid = sa.and_(
        SessionRow.token_hash == hash_of(token), SessionRow.ended_at.is_(None), SessionRow.expires_at > work.now
    )
    counts = sa.or_(GrantRow.role.not_in(STRONG_ROLES), has_factor(UserRow.id), sa.not_(is_required(work.today)))
    return _actor(work, sa.select(SessionRow.user_id).where(valid), counts)


def actor_of_key(work: Work, key: str) -> Actor:
    """Who the API key acts for, with the grants of today. Raises NotSignedIn."""
    valid = sa.and_(ApiKeyRow.key_hash == hash_of(key), ApiKeyRow.revoked_at.is_(None))
    return _actor(work, sa.select(ApiKeyRow.user_id).where(valid))


def actor_of_user(work: Work, user_id: UUID) -> Actor:
    """The same for a user who is known already (a demonstration, a test)."""
    return _actor(work, sa.select(UserRow.id).where(UserRow.id == user_id))


def _actor(work: Work, user_id: sa.Select[UUID], *counts: sa.ColumnElement[bool]) -> Actor:
    today = sa.and_(
        GrantRow.user_id == UserRow.id,
        GrantRow.from_on <= work.today,
        sa.or_(GrantRow.until_on.is_(None), GrantRow.until_on > work.today),
        *counts,
    )
    rows = work.rows(
        sa.select(
            UserRow.id,
            UserRow.login,
            GrantRow.role,
            GrantRow.provider_id,
            GrantRow.recipient_id,
            GrantRow.territory,
        )
        .outerjoin(GrantRow, today)
        .where(UserRow.id == user_id.scalar_subquery(), UserRow.disabled_at.is_(None))
        .order_by(GrantRow.id)
    )
    if not rows:
        raise NotSignedIn
    grants = tuple(Grant(r.role, r.provider_id, r.recipient_id, r.territory) for r in rows if r.role is not None)
    return Actor(rows[0].id, rows[0].login, grants)


def wrapped_key(work: Work, person_id: UUID) -> bytes | None:
    found: bytes | None = work.scalar(sa.select(PersonKeyRow.wrapped).where(PersonKeyRow.person_id == person_id))
    return found


def wrapped_keys(work: Work, ids: Collection[UUID]) -> list[tuple[UUID, bytes]]:
    """Who was erased has none."""
    statement = sa.select(PersonKeyRow.person_id, PersonKeyRow.wrapped).where(PersonKeyRow.person_id.in_(ids))
    return [(row.person_id, row.wrapped) for row in work.rows(statement)]


def invariants() -> list[Invariant]:
    one, other = sa.orm.aliased(GrantRow), sa.orm.aliased(GrantRow)
    pairs = [(a, b) for a in Role for b in Role if a < b and are_incompatible(a, b)]
    both = sa.or_(*(sa.and_(one.role == a, other.role == b) for a, b in pairs))
    overlap = sa.and_(
        sa.or_(other.until_on.is_(None), one.from_on < other.until_on),
        sa.or_(one.until_on.is_(None), other.from_on < one.until_on),
        sa.or_(one.until_on.is_(None), one.from_on < one.until_on),
        sa.or_(other.until_on.is_(None), other.from_on < other.until_on),
    )
    return [
        Invariant(
            "nobody holds two incompatible roles on one day",
            sa.select(sa.func.count()).select_from(GrantRow),
            sa.select(one.id).join(other, one.user_id == other.user_id).where(both, overlap),
        )
    ]
