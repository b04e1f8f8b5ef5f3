"""Between the password and the session: the second step, and the password asked once more."""

import secrets
from uuid import UUID

import sqlalchemy as sa
from argon2 import PasswordHasher

from contracts.kernel.clock import real_clock
from contracts.kernel.database import table_of
from contracts.kernel.errors import NotSignedIn
from contracts.kernel.work import Work
from market.user import factor_queries, queries, service
from market.user.factors import (
    HALF_SESSION_LIFETIME,
    FreshPassword,
    HalfSession,
    Means,
    SecondStepExpired,
    WrongPassword,
    check_own,
)
from market.user.models import HalfSessionRow
from market.user.rules import Session, WrongCredentials
from market.user.service import HASHER, TOKEN_BYTES

SWEPT_AT_ONCE = 20  # forgotten half sessions removed with each new one
_halves = table_of(HalfSessionRow)


def begin_second_step(work: Work, user_id: UUID) -> HalfSession:
    """For somebody whose password was just right and who has a second factor. Bookkeeping, and no session: no guard
    of any page or operation knows its token."""
    now = real_clock(work.connection)
    token, expires_at = secrets.token_urlsafe(TOKEN_BYTES), now + HALF_SESSION_LIFETIME
    values = {"token_hash": queries.hash_of(token), "user_id": user_id, "expires_at": expires_at}
    work.execute(sa.insert(_halves), values)
    old = sa.select(_halves.c.token_hash).where(_halves.c.expires_at <= now).limit(SWEPT_AT_ONCE)
    work.execute(sa.delete(_halves).where(_halves.c.token_hash.in_(old.with_for_update(skip_locked=True))))
    return HalfSession(token, expires_at)


def half_in(work: Work, token: str) -> UUID:
    """Who owes the second step. Raises SecondStepExpired."""
    found = factor_queries.user_half_in(work, queries.hash_of(token))
    if found is None:
        raise SecondStepExpired
    return found


def finish_second_step(work: Work, token: str, *, means: Means, device: str = "") -> Session:
    """The half session becomes a whole one, once. The caller has just taken the code or the passkey's answer in this
    transaction. Raises SecondStepExpired; NotSignedIn where the user was disabled meanwhile."""
    user_id = half_in(work, token)
    gone = sa.delete(_halves).where(_halves.c.token_hash == queries.hash_of(token))
    if work.execute(gone).rowcount != 1:
        raise SecondStepExpired
    work.actor = queries.actor_of_user(work, user_id)
    return service.open_session(work, user_id, means=means, device=device)


def check_own_password(
    work: Work, *, password: str, pointer: str = "/password", hasher: PasswordHasher = HASHER
) -> FreshPassword:
    """That it is the user in person who sits there. Slow, and writes nothing. Raises WrongPassword."""
    if work.actor.id is None:
        raise NotSignedIn
    try:
        user_id = service.check_password(work, login=work.actor.name, password=password, hasher=hasher)
    except WrongCredentials:
        raise WrongPassword(pointer=pointer, rule="present-password") from None
    assert user_id == work.actor.id
    return FreshPassword(user_id)


def change_password(
    work: Work, proof: FreshPassword, *, new: str, keep_token: str, hasher: PasswordHasher = HASHER
) -> None:
    """The user's other sessions end. Raises Malformed for one that is too short."""
    user_id = check_own(work.actor, proof)
    service.set_password(work, user_id, password=new, proof=proof, keep_token=keep_token, hasher=hasher)
