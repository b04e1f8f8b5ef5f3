"""A payee's bank account changes slowly and by two people: it is the commonest way to steal a payment."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from contracts.kernel.errors import Conflict, Malformed, NotAllowed, NotFound, WrongState
from contracts.kernel.lifecycle import Lifecycle

WAITING_TIME = timedelta(days=3)  # for the notice to reach somebody who can say "that was not us"
MAX_NAME = 300
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # controls, bidi marks, zero width, unassigned


class VersionStatus(StrEnum):
    """``active`` is the one that is paid; ``waiting`` needs time and a second person."""

    WAITING = "waiting"
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"


VERSION = Lifecycle(
    "payee version",
    {
        "approved": (frozenset({VersionStatus.WAITING}), VersionStatus.ACTIVE),
        "rejected": (frozenset({VersionStatus.WAITING}), VersionStatus.REJECTED),
        "stopped": (frozenset({VersionStatus.WAITING}), VersionStatus.REJECTED),  # by the organisation itself
        "superseded": (frozenset({VersionStatus.ACTIVE}), VersionStatus.SUPERSEDED),
    },
)


class PayeeNotFound(NotFound):
    code = "payee-not-found"
    title = "There is no such payee"


class PayeeExists(Conflict):
    code = "payee-exists"
    title = "This organisation is a payee already"


class ChangeWaits(Conflict):
    code = "payee-change-waits"
    title = "A change of this payee waits for a decision already"


class ChangeTooEarly(WrongState):
    code = "payee-change-too-early"
    title = "A change of bank account cannot be approved yet"


class SecondPersonNeeded(NotAllowed):
    code = "second-person-needed"
    title = "Who asked for this may not approve it"


class PersonNeeded(NotAllowed):
    code = "person-needed"
    title = "A person must act here"


@dataclass(frozen=True, slots=True)
class Payee:
    id: UUID
    provider_id: UUID
    bin: str


@dataclass(frozen=True, slots=True)
class Version:
    """``iban`` is where the money goes; ``connected_account`` the payment server's name for it, once it has one."""

    id: UUID
    payee_id: UUID
    version: int
    legal_name: str
    iban: str
    status: VersionStatus
    requested_by: UUID
    requested_at: datetime
    approved_by: UUID | None
    approved_at: datetime | None
    connected_account: str | None


def clean_name(text: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not 0 < len(name) <= MAX_NAME or any(unicodedata.category(sign) in _UNSEEN for sign in name):
        raise Malformed(
            f"A legal name has 1 to {MAX_NAME} visible characters", pointer="/legal_name", rule="legal-name"
        )
    return name


def check_approval(version: Version, *, by: UUID, now: datetime) -> None:
    """A second person, and not before the waiting time is over. Raises SecondPersonNeeded, ChangeTooEarly."""
    if version.requested_by == by:
        raise SecondPersonNeeded(rule="second-person")
    ready_at = version.requested_at + WAITING_TIME
    if now < ready_at:
        raise ChangeTooEarly(f"It can be approved from {ready_at.isoformat()}", rule="waiting-time")
