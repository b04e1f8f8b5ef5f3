"""What a user can prove themselves with, and the door's own bookkeeping."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.clock import real_clock
from contracts.kernel.work import Work
from market.user.factors import Demand, PasskeyNotFound, Ways
from market.user.models import (
    AuthenticatorRow,
    HalfSessionRow,
    PasskeyRow,
    RecoveryCodeRow,
    SecondFactorRuleRow,
    TryRow,
    UserRow,
)


@dataclass(frozen=True, slots=True)
class Authenticator:
    """``secret_sealed`` opens with the user's own key."""

    id: UUID
    user_id: UUID
    secret_sealed: bytes
    created_at: datetime
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Passkey:
    id: UUID
    user_id: UUID
    credential_id: str
    public_key: bytes
    rp_id: str
    name: str
    sign_count: int
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class RecoveryCode:
    id: UUID


@dataclass(frozen=True, slots=True)
class SecondFactorRule:
    demand: Demand
    from_on: date
    source: str


def _live_authenticator(user_id: Any) -> sa.ColumnElement[bool]:
    return sa.and_(
        AuthenticatorRow.user_id == user_id,
        AuthenticatorRow.confirmed_at.is_not(None),
        AuthenticatorRow.removed_at.is_(None),
    )


def _live_passkey(user_id: Any) -> sa.ColumnElement[bool]:
    return sa.and_(PasskeyRow.user_id == user_id, PasskeyRow.removed_at.is_(None))


def has_factor(user_id: Any) -> sa.ColumnElement[bool]:
    return sa.or_(sa.exists().where(_live_authenticator(user_id)), sa.exists().where(_live_passkey(user_id)))


def is_required(today: date) -> sa.ColumnElement[bool]:
    """Whether the newest rule of the past demands a second factor; without any rule it does not."""
    newest = sa.select(sa.func.max(SecondFactorRuleRow.from_on)).where(SecondFactorRuleRow.from_on <= today)
    rule = sa.and_(
        SecondFactorRuleRow.from_on == newest.scalar_subquery(), SecondFactorRuleRow.demand == Demand.REQUIRED
    )
    return sa.exists().where(rule)


def second_factor_rule(work: Work) -> SecondFactorRule | None:
    """What is demanded today. None: nobody ever set a rule; a second factor is recommended."""
    past = work.find_all(
        SecondFactorRule,
        SecondFactorRuleRow,
        SecondFactorRuleRow.from_on <= work.today,
        order_by=(SecondFactorRuleRow.from_on.desc(),),
        limit=1,
    )
    return past[0] if past else None


def ways(work: Work, user_id: UUID) -> Ways:
    """What the user can give as a second step."""
    left = sa.select(sa.func.count()).select_from(RecoveryCodeRow).where(_unspent(user_id)).scalar_subquery()
    code, passkey = sa.exists().where(_live_authenticator(user_id)), sa.exists().where(_live_passkey(user_id))
    row = work.rows(sa.select(code, passkey, left))[0]
    return Ways(bool(row[0]), bool(row[1]), int(row[2]))


def authenticator(work: Work, user_id: UUID) -> Authenticator | None:
    """The one whose codes count."""
    return work.find(Authenticator, AuthenticatorRow, _live_authenticator(user_id))


def begun_authenticators(work: Work, user_id: UUID) -> list[Authenticator]:
    """Set up but not confirmed; the newest is the one shown."""
    begun = (
        AuthenticatorRow.user_id == user_id,
        AuthenticatorRow.confirmed_at.is_(None),
        AuthenticatorRow.removed_at.is_(None),
    )
    return work.find_all(Authenticator, AuthenticatorRow, *begun, order_by=(AuthenticatorRow.id.desc(),))


def _unspent(user_id: UUID) -> sa.ColumnElement[bool]:
    return sa.and_(RecoveryCodeRow.user_id == user_id, RecoveryCodeRow.spent_at.is_(None))


def recovery_codes(work: Work, user_id: UUID) -> list[RecoveryCode]:
    return work.find_all(RecoveryCode, RecoveryCodeRow, _unspent(user_id), order_by=(RecoveryCodeRow.id,))


def recovery_code(work: Work, user_id: UUID, code_hash: str) -> RecoveryCode | None:
    return work.find(RecoveryCode, RecoveryCodeRow, _unspent(user_id), RecoveryCodeRow.code_hash == code_hash)


def passkeys(work: Work, user_id: UUID, *, rp_id: str | None = None) -> list[Passkey]:
    """The ones in use; with ``rp_id``, those of one host."""
    here = () if rp_id is None else (PasskeyRow.rp_id == rp_id,)
    return work.find_all(
        Passkey, PasskeyRow, _live_passkey(user_id), *here, order_by=(PasskeyRow.created_at, PasskeyRow.id)
    )


def passkey(work: Work, user_id: UUID, passkey_id: UUID) -> Passkey:
    found = work.find(Passkey, PasskeyRow, _live_passkey(user_id), PasskeyRow.id == passkey_id)
    if found is None:
        raise PasskeyNotFound
    return found


def passkey_by_credential(work: Work, credential_id: str) -> Passkey | None:
    """Whoever has it, unless the user is disabled."""
    owner = sa.exists().where(UserRow.id == PasskeyRow.user_id, UserRow.disabled_at.is_(None))
    return work.find(
        Passkey, PasskeyRow, PasskeyRow.credential_id == credential_id, PasskeyRow.removed_at.is_(None), owner
    )


# --- bookkeeping of the door ----------------------------------------------------------------------------------------
def user_half_in(work: Work, token_hash: str) -> UUID | None:
    """Whose password was right a moment ago; by the real clock, as a demonstration's may run a day in an hour."""
    found: UUID | None = work.scalar(
        sa.select(HalfSessionRow.user_id).where(
            HalfSessionRow.token_hash == token_hash, HalfSessionRow.expires_at > real_clock(work.connection)
        )
    )
    return found


def is_familiar(work: Work, limit_name: str, subject: str, now: datetime) -> bool:
    return bool(
        work.scalar(
            sa.select(
                sa.exists().where(TryRow.limit_name == limit_name, TryRow.subject == subject, TryRow.ends_at > now)
            )
        )
    )
