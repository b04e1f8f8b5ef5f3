"""Who may hold which role in which scope, and which two roles nobody may hold at once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from contracts.kernel.errors import Conflict, Malformed, NotAllowed, NotFound, NotSignedIn, RuleBroken
from contracts.kernel.work import HOUSE, Role

SESSION_LIFETIME = timedelta(hours=12)  # one working day: a shared desk at a service centre is free the next morning
MIN_PASSWORD, MAX_PASSWORD = 8, 256  # the upper limit keeps a flood of long passwords from costing memory
MAX_KEYS = 20  # a key for each program an organisation runs; more is a leak nobody noticed
MAX_KEY_NAME = 80
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,119}", re.ASCII)
_PREFIX = re.compile(r"[0-9]{0,9}", re.ASCII)

PERSONAL_ROLES = frozenset({Role.RECIPIENT, Role.REPRESENTATIVE})
OFFICES = frozenset(
    {
        Role.OPERATOR,
        Role.PROCUREMENT_OFFICER,
        Role.COMMITTEE_MEMBER,
        Role.BUDGET_OFFICER,
        Role.FINANCE_OFFICER,
        Role.AUDITOR,
    }
)
INCOMPATIBLE: dict[Role, frozenset[Role]] = {
    # who is paid is not among those who choose, accept, pay or hand out roles, and says for nobody that he was served
    Role.PROVIDER: OFFICES | {Role.ADMINISTRATOR, Role.REPRESENTATIVE},
    # who serves is paid by it: a carer neither chooses, accepts nor pays
    Role.CARER: frozenset({Role.PROCUREMENT_OFFICER, Role.COMMITTEE_MEMBER, Role.BUDGET_OFFICER, Role.FINANCE_OFFICER}),
    # who accepts an act does not pay it
    Role.BUDGET_OFFICER: frozenset({Role.FINANCE_OFFICER, Role.ADMINISTRATOR}),
    Role.FINANCE_OFFICER: frozenset({Role.ADMINISTRATOR}),
    # who audits writes nothing that would be audited
    Role.AUDITOR: frozenset(Role) - {Role.AUDITOR},
}


class UserNotFound(NotFound):
    code = "user-not-found"
    title = "There is no such user"


class GrantNotFound(NotFound):
    code = "grant-not-found"
    title = "There is no such grant"


class KeyNotFound(NotFound):
    code = "api-key-not-found"
    title = "There is no such API key"


class LoginTaken(Conflict):
    code = "login-taken"
    title = "Somebody signs in with this name already"


class WrongCredentials(NotSignedIn):
    """The same for an unknown login, a wrong password and a disabled user."""

    code = "wrong-credentials"
    title = "The name or the password is wrong"


class NotToOneself(NotAllowed):
    code = "grant-to-oneself"
    title = "Nobody grants a role to themselves or disables themselves"


class IncompatibleRoles(RuleBroken):
    code = "incompatible-roles"
    title = "One person may not hold these two roles"


class WrongScope(RuleBroken):
    code = "wrong-scope"
    title = "This role needs another scope"


class TooManyKeys(RuleBroken):
    code = "too-many-api-keys"
    title = f"A user may hold {MAX_KEYS} API keys; revoke one first"


@dataclass(frozen=True, slots=True)
class Session:
    """``token`` is shown once and goes into a cookie; we keep its hash."""

    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Holding:
    """A role somebody holds, and its days (``until_on`` None: without end)."""

    role: Role
    from_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True)
class Scope:
    provider_id: UUID | None = None
    recipient_id: UUID | None = None
    territory: str | None = None


def parse_login(text: str) -> str:
    """Lower case, ASCII: two logins that look the same are the same."""
    login = text.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise Malformed("A login has 2 to 120 letters a-z, digits or . _ @ + -", pointer="/login", rule="login-form")
    return login


def check_password_length(password: str) -> None:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Malformed(
            f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters", pointer="/password", rule="password-length"
        )


def check_scope(role: Role, scope: Scope) -> None:
    """A provider's people, carers too, name the provider, a recipient's people the recipient, officers a territory
    prefix ("" is the whole country). An administrator has none."""
    if role in HOUSE:
        wanted = {"provider_id"}
    elif role in PERSONAL_ROLES:
        wanted = {"recipient_id"}
    else:
        wanted = {"territory"} if role in OFFICES else set()
    given = {
        name
        for name, value in (
            ("provider_id", scope.provider_id),
            ("recipient_id", scope.recipient_id),
            ("territory", scope.territory),
        )
        if value is not None
    }
    if role is Role.ADMINISTRATOR and scope.territory == "":
        given.discard("territory")
    if wanted != given:
        field = min(wanted ^ given)
        raise WrongScope(
            f"The role {role} needs {' and '.join(sorted(wanted)) or 'no scope'}",
            pointer=f"/{field}",
            rule="scope-of-role",
            role=str(role),
        )
    if scope.territory is not None and not _PREFIX.fullmatch(scope.territory):
        raise Malformed("A territory is a prefix of a nine-digit code", pointer="/territory", rule="territory-form")


def are_incompatible(one: Role, other: Role) -> bool:
    return other in INCOMPATIBLE.get(one, ()) or one in INCOMPATIBLE.get(other, ())


def check_compatible(new: Holding, held: Iterable[Holding]) -> None:
    """Raises IncompatibleRoles where a role held on any day of the new one excludes it."""
    for old in held:
        if are_incompatible(new.role, old.role) and _overlap(new, old):
            raise IncompatibleRoles(
                f"Who is {old.role} may not be {new.role} on the same day",
                pointer="/role",
                rule="separation-of-duties",
                roles=sorted([str(old.role), str(new.role)]),
            )


def _overlap(one: Holding, other: Holding) -> bool:
    if one.until_on == one.from_on or other.until_on == other.from_on:
        return False  # revoked before it began
    begins_before_end = other.until_on is None or one.from_on < other.until_on
    ends_after_begin = one.until_on is None or other.from_on < one.until_on
    return begins_before_end and ends_after_begin
