"""Every refusal as RFC 9457 problem details; for a browser that wants a page, the same as HTML.

``type`` is ``/problems/<code>``, an address that answers in three languages. ``instance`` names this one occurrence:
the request id that also stands in our log and in the header ``X-Request-Id``.
"""

import logging
import re
from typing import Any

import msgspec
from litestar import MediaType
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Response
from litestar.types import HTTPScope

from contracts.kernel.errors import (
    Conflict,
    DomainError,
    Malformed,
    NotAllowed,
    NotFound,
    NotSignedIn,
    RuleBroken,
    Unavailable,
    WrongState,
)
from contracts.kernel.ids import new_id
from market.user.factors import TooManyRequests
from market.web.body import BodyTooLarge, UnknownMediaType, escape
from market.web.language import language_of, problem_titles
from market.web.meanings import MEANINGS
from market.web.rendering import render
from market.web.work import WebRequest

log = logging.getLogger(__name__)
PROBLEM_JSON = "application/problem+json"
RETRY_AFTER_SECONDS = 2
BODY = "data"  # as litestar calls it; a body that is there is read by us


class NoSuchAddress(NotFound):
    code = "no-such-address"
    title = "There is nothing at this address"


class MethodNotAllowed(DomainError):
    code = "method-not-allowed"
    title = "This address does not take this method"


class OurFault(DomainError):
    code = "internal-error"
    title = "Something went wrong on our side"


STATUSES: dict[type[DomainError], int] = {
    Malformed: 400,
    NotSignedIn: 401,
    NotAllowed: 403,
    NotFound: 404,
    MethodNotAllowed: 405,
    WrongState: 409,
    Conflict: 409,
    BodyTooLarge: 413,
    UnknownMediaType: 415,
    RuleBroken: 422,
    TooManyRequests: 429,
    OurFault: 500,
    Unavailable: 503,
}
_HEADERS = {"idempotency_key": "Idempotency-Key", "if_match": "If-Match"}
_MISSING_HEADER = re.compile(r"header parameter '?([A-Za-z-]{1,40})")
_OF_LITESTAR: dict[int, type[DomainError]] = {
    404: NoSuchAddress,
    405: MethodNotAllowed,
    413: BodyTooLarge,
    429: TooManyRequests,
}


class FieldFault(msgspec.Struct, frozen=True):
    """``pointer``: RFC 6901, into the body; a query or header parameter by its name."""

    pointer: str
    message: str


class Problem(msgspec.Struct, frozen=True):
    """RFC 9457. Further members tell the facts of the case, such as ``rule``, ``pointer`` or ``allowed_from``."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[FieldFault] | None = None


def status_of(kind: type[DomainError]) -> int:
    return next((STATUSES[ancestor] for ancestor in kind.__mro__ if ancestor in STATUSES), 500)


def kinds(root: type[DomainError] = DomainError) -> dict[str, type[DomainError]]:
    """Every problem this program can answer with, by code."""
    found = {root.code: root}
    for kind in root.__subclasses__():
        for code, inner in kinds(kind).items():
            found.setdefault(code, inner)
    return found


def title_of(kind: type[DomainError], language: str) -> str:
    return problem_titles().get(kind.code, {}).get(language) or kind.title


def request_id(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    return request_id_of(connection.scope)


def request_id_of(scope: HTTPScope | Any) -> str:
    found: str = scope["state"].setdefault("request_id", str(new_id()))
    return found


def answer_domain_error(request: WebRequest, error: DomainError) -> Response[bytes] | Response[str]:
    status = status_of(type(error))
    if status >= STATUSES[OurFault]:
        log.warning("%s: %s (request %s)", error.code, error.detail, request_id(request))
    headers = headers_of(error)
    if wants_page(request):
        meaning = MEANINGS.get(status, "")
        problem = body_of(request, error)
        return render(request, "problem.html", status=status, headers=headers, problem=problem, meaning=meaning)
    return Response(
        msgspec.json.encode(body_of(request, error)), status_code=status, media_type=PROBLEM_JSON, headers=headers
    )


def headers_of(error: DomainError) -> dict[str, str]:
    """What a client does next: sends a credential, or comes back later."""
    headers: dict[str, str] = {}
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, Unavailable | TooManyRequests):
        headers["Retry-After"] = str(error.members.get("retry_after", RETRY_AFTER_SECONDS))
    return headers


def body_of(request: WebRequest, error: DomainError) -> dict[str, object]:
    told: dict[str, object] = {
        "type": f"/problems/{error.code}",
        "title": title_of(type(error), language_of(request)),
        "status": status_of(type(error)),
        "detail": error.detail,
        "instance": f"urn:uuid:{request_id(request)}",
        "code": error.code,
    }
    return {**told, **error.members, **told}


def answer_http_error(request: WebRequest, error: HTTPException) -> Response[bytes] | Response[str]:
    """What litestar itself refuses: an unknown address or method, a parameter that cannot be read."""
    if isinstance(error, ValidationException):
        return answer_domain_error(request, _parameters_at_fault(error))
    kind = _OF_LITESTAR.get(error.status_code)
    if kind is not None:
        return answer_domain_error(request, kind())
    if error.status_code < STATUSES[OurFault]:
        return answer_domain_error(request, Malformed("The request cannot be read"))
    return answer_crash(request, error)


def answer_crash(request: WebRequest, error: Exception) -> Response[bytes] | Response[str]:
    """A programmer's error: all of it into the log, none of it to the caller."""
    log.error("request %s failed: %s %s", request_id(request), request.method, request.scope["path"], exc_info=error)
    return answer_domain_error(request, OurFault())


def _parameters_at_fault(error: ValidationException) -> Malformed:
    extra = error.extra if isinstance(error.extra, list) else []
    faults = [
        {"pointer": f"/{escape(_on_the_wire(str(fault.get('key', ''))))}", "message": str(fault.get("message", ""))}
        for fault in extra
        if isinstance(fault, dict)
    ]
    if any(fault["pointer"] == f"/{BODY}" for fault in faults):
        return Malformed("The body is missing")
    missing = _MISSING_HEADER.search(error.detail)
    if not faults and missing:
        return Malformed("A header is missing", pointer=f"/{missing[1].title()}")
    return Malformed("A parameter cannot be read", errors=faults or None)


def _on_the_wire(parameter: str) -> str:
    return _HEADERS.get(parameter, parameter)


def wants_page(request: WebRequest) -> bool:
    """A browser outside the API."""
    return not request.scope["path"].startswith(("/api/", "/schema")) and MediaType.HTML in request.headers.get(
        "accept", ""
    )
