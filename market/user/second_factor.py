"""The codes of an authenticator app (RFC 6238) and the recovery codes for the day the phone is lost.

Time steps follow the real clock, as the phone's do, also in a demonstration. No secret enters the trail in the clear:
the shared one is sealed with the user's own key, recovery codes are kept as hashes of 80 random bits.
"""

import secrets
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pyotp
import sqlalchemy as sa

from contracts.audit.service import record
from contracts.kernel.clock import real_clock
from contracts.kernel.database import table_of
from contracts.kernel.errors import Malformed
from contracts.kernel.ids import new_id
from contracts.kernel.work import Role, Work
from market.user import factor_queries, queries
from market.user.factor_queries import Authenticator
from market.user.factors import (
    CODE_STEP_SECONDS,
    CODE_STEPS_ASTRAY,
    MAX_RULE_SOURCE,
    RECOVERY_CODE_LETTERS,
    RECOVERY_CODES,
    AuthenticatorNotBegun,
    CodeNotConfirmed,
    Demand,
    DemandExists,
    FreshPassword,
    Means,
    NoSecondFactor,
    WrongCode,
    check_own,
    read_code,
)
from market.user.models import AuthenticatorRow, PasskeyRow, RecoveryCodeRow, SecondFactorRuleRow, SessionRow
from market.user.personal import Vault
from market.user.rules import NotToOneself

ISSUER = "Tapsyrys"  # how the app names the entry
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none of them reads as another
_authenticators = table_of(AuthenticatorRow)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """``secret`` to type into the app, ``uri`` the same as a link (and as a picture to scan)."""

    secret: str
    uri: str


def begin_authenticator(work: Work, vault: Vault, proof: FreshPassword) -> None:
    """A new secret, which counts once :func:`confirm_authenticator` has seen a code of it. One begun before is void."""
    user_id = check_own(work.actor, proof)
    queries.user(work, user_id, lock=True)
    for older in factor_queries.begun_authenticators(work, user_id):
        work.update(AuthenticatorRow, older.id, removed_at=work.now)
    own = vault.person_or_new(work, user_id)
    work.insert(
        AuthenticatorRow,
        seal=own.seal,
        id=new_id(),
        user_id=user_id,
        secret_sealed=own.seal_text(pyotp.random_base32()),
        created_at=work.now,
        confirmed_at=None,
        removed_at=None,
        last_step=None,
    )
    record(work, "user", user_id, "authenticator-begun")


def begun(work: Work, vault: Vault) -> Enrolment:
    """What the user's app is to be given. Raises AuthenticatorNotBegun."""
    secret = _secret(work, vault, _newest_begun(work))
    uri = _totp(secret).provisioning_uri(name=work.actor.name, issuer_name=ISSUER)
    return Enrolment(secret, uri)


def confirm_authenticator(work: Work, vault: Vault, *, code: str) -> list[str]:
    """The app shows the right code: from now on it is asked for. Recovery codes, if the user had none: to be shown
    once. Another app's codes stop counting. Raises AuthenticatorNotBegun, CodeNotConfirmed."""
    assert work.actor.id is not None
    queries.user(work, work.actor.id, lock=True)
    new = _newest_begun(work)
    step = _step_of(work, _secret(work, vault, new), code)
    if step is None:
        raise CodeNotConfirmed(pointer="/code", rule="code-of-the-app")
    former = factor_queries.authenticator(work, work.actor.id)
    if former is not None:
        work.update(AuthenticatorRow, former.id, removed_at=work.now)
    work.update(AuthenticatorRow, new.id, confirmed_at=work.now)
    _take_step(work, new.id, step)
    codes = first_recovery_codes(work, work.actor.id)
    record(work, "user", work.actor.id, "authenticator-confirmed")
    return codes


def remove_authenticator(work: Work, proof: FreshPassword) -> None:
    """The app's codes are asked for no more. With the last second factor the recovery codes end."""
    user_id = check_own(work.actor, proof)
    queries.user(work, user_id, lock=True)
    found = factor_queries.authenticator(work, user_id)
    if found is None:
        raise NoSecondFactor
    work.update(AuthenticatorRow, found.id, removed_at=work.now)
    end_recovery_without_factor(work, user_id)
    record(work, "user", user_id, "authenticator-removed")


def renew_recovery_codes(work: Work, proof: FreshPassword) -> list[str]:
    """Ten new ones, to be shown once; the older ones are void."""
    user_id = check_own(work.actor, proof)
    queries.user(work, user_id, lock=True)
    if not factor_queries.ways(work, user_id).any:
        raise NoSecondFactor
    _spend_all(work, user_id)
    codes = _issue(work, user_id)
    record(work, "user", user_id, "recovery-codes-issued")
    return codes


def take_code(work: Work, vault: Vault, user_id: UUID, *, code: str) -> Means:
    """A code of the app or a recovery code, used up by this; of two at once one succeeds. Raises WrongCode."""
    digits = read_code(code)
    if len(digits) == RECOVERY_CODE_LETTERS:
        return _take_recovery_code(work, user_id, digits)
    found = factor_queries.authenticator(work, user_id)
    step = None if found is None else _step_of(work, _secret(work, vault, found), digits)
    if found is None or step is None or not _take_step(work, found.id, step):
        raise WrongCode(pointer="/code", rule="code-of-the-app")
    return Means.CODE


def reset(work: Work, user_id: UUID) -> None:
    """By an administrator, for somebody who lost the phone and the recovery codes, after seeing who they are. Every
    second factor and every open session of the user ends."""
    work.actor.require(Role.ADMINISTRATOR)
    if work.actor.id == user_id:
        raise NotToOneself(rule="not-to-oneself")
    queries.user(work, user_id, lock=True)
    found = factor_queries.authenticator(work, user_id)
    if not factor_queries.ways(work, user_id).any:
        raise NoSecondFactor
    if found is not None:
        work.update(AuthenticatorRow, found.id, removed_at=work.now)
    for passkey in factor_queries.passkeys(work, user_id):
        work.update(PasskeyRow, passkey.id, removed_at=work.now)
    _spend_all(work, user_id)
    for opened in queries.open_sessions(work, user_id):
        work.update(SessionRow, opened.id, SessionRow.ended_at.is_(None), ended_at=work.now)
    record(work, "user", user_id, "second-factor-reset")


def set_rule(work: Work, *, demand: Demand, from_on: date, source: str) -> None:
    """What is demanded of offices from a day on, by which order. Raises DemandExists."""
    work.actor.require(Role.ADMINISTRATOR)
    if not 0 < len(source.strip()) <= MAX_RULE_SOURCE:
        raise Malformed("Name the order this rule comes from", pointer="/source", rule="source-named")
    rule_id = new_id()
    written = work.insert_if_new(
        SecondFactorRuleRow,
        id=rule_id,
        demand=demand,
        from_on=from_on,
        source=source.strip(),
        set_by=work.actor.id,
    )
    if not written:
        raise DemandExists(pointer="/from_on", rule="one-rule-a-day")
    record(work, "second-factor-rule", rule_id, "set")


# --- recovery codes -------------------------------------------------------------------------------------------------
def first_recovery_codes(work: Work, user_id: UUID) -> list[str]:
    """For the first second factor; whoever has codes keeps them. Recorded by the caller."""
    return [] if factor_queries.recovery_codes(work, user_id) else _issue(work, user_id)


def end_recovery_without_factor(work: Work, user_id: UUID) -> None:
    if not factor_queries.ways(work, user_id).any:
        _spend_all(work, user_id)


def _issue(work: Work, user_id: UUID) -> list[str]:
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(RECOVERY_CODE_LETTERS)) for _ in range(RECOVERY_CODES)]
    for code in codes:
        work.insert(
            RecoveryCodeRow,
            id=new_id(),
            user_id=user_id,
            code_hash=queries.hash_of(code),
            created_at=work.now,
            spent_at=None,
        )
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


def _spend_all(work: Work, user_id: UUID) -> None:
    for one in factor_queries.recovery_codes(work, user_id):
        work.update(RecoveryCodeRow, one.id, RecoveryCodeRow.spent_at.is_(None), spent_at=work.now)


def _take_recovery_code(work: Work, user_id: UUID, letters: str) -> Means:
    found = factor_queries.recovery_code(work, user_id, queries.hash_of(letters))
    if found is None or not work.update(
        RecoveryCodeRow, found.id, RecoveryCodeRow.spent_at.is_(None), spent_at=work.now
    ):
        raise WrongCode(pointer="/code", rule="recovery-code")
    record(work, "user", user_id, "recovery-code-used")
    return Means.RECOVERY


# --- codes of the app -----------------------------------------------------------------------------------------------
def _totp(secret: str) -> pyotp.TOTP:
    return pyotp.TOTP(secret, interval=CODE_STEP_SECONDS)


def _newest_begun(work: Work) -> Authenticator:
    found = factor_queries.begun_authenticators(work, work.actor.id) if work.actor.id else []
    if not found:
        raise AuthenticatorNotBegun
    return found[0]


def _secret(work: Work, vault: Vault, found: Authenticator) -> str:
    return vault.person(work, found.user_id).open_text(found.secret_sealed)


def _step_of(work: Work, secret: str, code: str) -> int | None:
    """The time step whose code this is, of those a phone may think it is now."""
    totp = _totp(secret)
    now = totp.timecode(real_clock(work.connection))
    steps = range(now - CODE_STEPS_ASTRAY, now + CODE_STEPS_ASTRAY + 1)
    return next((step for step in steps if secrets.compare_digest(totp.generate_otp(step), read_code(code))), None)


def _take_step(work: Work, authenticator_id: UUID, step: int) -> bool:
    """Whether no code of this step or a later one was taken yet; decided by the row, for all processes at once."""
    newer = sa.or_(_authenticators.c.last_step.is_(None), _authenticators.c.last_step < step)
    mine = sa.update(_authenticators).where(_authenticators.c.id == authenticator_id, newer).values(last_step=step)
    return work.execute(mine).rowcount == 1
