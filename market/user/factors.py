"""What proves who somebody is: a password, a code, a passkey; and how long each proof is good for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from contracts.kernel.errors import Conflict, DomainError, NotFound, NotSignedIn, RuleBroken, WrongState
from contracts.kernel.work import Actor, Role
from market.user.rules import OFFICES, UserNotFound

HALF_SESSION_LIFETIME = timedelta(minutes=10)  # to fetch the phone from another room
CHALLENGE_LIFETIME = timedelta(minutes=5)  # as long as a browser lets a device think
CODE_STEP_SECONDS = 30  # RFC 6238; every authenticator app assumes it
CODE_STEPS_ASTRAY = 1  # a phone's clock may be half a minute wrong
RECOVERY_CODES = 10
MAX_TYPED_CODE = 40  # a recovery code with spaces between its letters
RECOVERY_CODE_LETTERS = 16  # of 32: 80 bits, out of reach even for who has the hashes
MAX_PASSKEYS = 10  # a phone, a tablet, a computer, and those of the years before
MAX_PASSKEY_NAME = 80
MAX_RULE_SOURCE = 500
MAX_DEVICE = 60  # "Samsung Internet, Android"
STRONG_ROLES = OFFICES | {Role.ADMINISTRATOR}  # whose stolen password would cost others money, or their secrets


class TooManyRequests(DomainError):
    code = "too-many-requests"
    title = "Too many requests; wait a little"


class WrongPassword(RuleBroken):
    """Of somebody who is signed in and is asked once more."""

    code = "wrong-password"
    title = "This is not your present password"


class SecondFactorNeeded(NotSignedIn):
    """The password was right."""

    code = "second-factor-needed"
    title = "Send the code of your authenticator app as well"


class WrongCode(NotSignedIn):
    """Wrong, too old, or used already."""

    code = "wrong-code"
    title = "This code is wrong or was used already; wait for the next one"


class SecondStepExpired(NotSignedIn):
    code = "second-step-expired"
    title = "This took too long; enter your name and password again"


class CodeNotConfirmed(RuleBroken):
    """At the set-up of an authenticator app."""

    code = "code-not-confirmed"
    title = "This is not the code that the app shows now"


class AuthenticatorNotBegun(WrongState):
    code = "authenticator-not-begun"
    title = "Begin to set up the authenticator app first"


class NoSecondFactor(WrongState):
    code = "no-second-factor"
    title = "No second step is set up"


class PasskeyNotFound(NotFound):
    code = "passkey-not-found"
    title = "There is no such passkey"


class PasskeyRefused(NotSignedIn):
    """Unknown, removed, of another host, asked too long ago, or signed by something else."""

    code = "passkey-refused"
    title = "This passkey was not accepted"


class PasskeysNotHere(RuleBroken):
    code = "passkeys-not-here"
    title = "Passkeys work only at a secure address with a name"


class TooManyPasskeys(RuleBroken):
    code = "too-many-passkeys"
    title = f"A user may have {MAX_PASSKEYS} passkeys; remove one first"


class SessionNotFound(NotFound):
    code = "session-not-found"
    title = "There is no such session"


class DemandExists(Conflict):
    code = "second-factor-rule-exists"
    title = "A rule begins on this day already"


class Means(StrEnum):
    """How a session was opened."""

    PASSWORD = "password"  # noqa: S105 - a word, not a secret
    CODE = "password-and-code"
    RECOVERY = "password-and-recovery-code"
    SECOND_PASSKEY = "password-and-passkey"
    PASSKEY = "passkey"
    DEMONSTRATION = "demonstration"


class ChallengePurpose(StrEnum):
    REGISTRATION = "registration"
    SIGNING_IN = "signing-in"
    SECOND_STEP = "second-step"


class Demand(StrEnum):
    """What is asked of who holds an office and has no second factor. Required: the office does not count until then."""

    RECOMMENDED = "recommended"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class FreshPassword:
    """The user's own password, checked a moment ago in a transaction of its own. A verb that takes it can be called
    by no one who only found a browser open."""

    user_id: UUID


@dataclass(frozen=True, slots=True)
class HalfSession:
    """``token`` goes into a cookie of its own; we keep its hash."""

    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Ways:
    """What a user can give as a second step."""

    code: bool
    passkey: bool
    recovery_codes: int

    @property
    def any(self) -> bool:
        return self.code or self.passkey


def check_own(actor: Actor, proof: FreshPassword) -> UUID:
    """Whose password it was: the actor's own, or nobody is there."""
    if actor.id is None or actor.id != proof.user_id:
        raise UserNotFound
    return actor.id


def read_code(typed: str) -> str:
    """A code as people type it, with gaps, small letters, and letters that look like digits."""
    letters = "".join(typed[:MAX_TYPED_CODE].split()).replace("-", "").upper()
    return letters.translate(str.maketrans("OIL", "011")) if letters.isascii() else ""
