"""Errors are part of the contract: a stable public code, a sentence, and members. They know nothing of HTTP.

The six families are told apart by what the reader can do about them (RFC 9457 problem details are made of them in
``market/web/problems.py``).
"""

from typing import ClassVar


class DomainError(Exception):
    """Anything the domain refuses. ``members`` are extra facts, already fit to be shown to the caller."""

    code: ClassVar[str] = "domain-error"
    title: ClassVar[str] = "The request cannot be carried out"

    def __init__(self, detail: str = "", **members: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.members = members


class NotFound(DomainError):
    """It is not there, or it is not yours: the two look the same from outside."""

    code = "not-found"
    title = "There is no such thing"


class NotAllowed(DomainError):
    """The role is missing."""

    code = "not-allowed"
    title = "Your role does not allow this"


class NotSignedIn(DomainError):
    code = "not-signed-in"
    title = "Sign in, or send an API key"


class WrongState(DomainError):
    code = "wrong-state"
    title = "The object is not in a state that allows this"


class Conflict(DomainError):
    code = "conflict"
    title = "Somebody else was first"


class RuleBroken(DomainError):
    code = "rule-broken"
    title = "A rule does not allow this"


class Malformed(DomainError):
    """The input cannot be read. ``errors`` is a list of ``{"pointer": ..., "message": ...}``."""

    code = "malformed-input"
    title = "The input cannot be read"

    def __init__(self, detail: str = "", *, pointer: str = "", **members: object) -> None:
        errors = members.pop("errors", None) or [{"pointer": pointer, "message": detail or self.title}]
        super().__init__(detail, errors=errors, **members)


class Unavailable(DomainError):
    """Try again later; nothing was decided."""

    code = "unavailable"
    title = "Temporarily unavailable"


class StaleVersion(Conflict):
    code = "stale-version"
    title = "The object was changed since you read it"
