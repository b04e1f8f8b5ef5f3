"""Headers on every answer, also on refusals: a request id, and a policy that lets a page load from us alone."""

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from market.web.problems import request_id_of

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
FIXED = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


async def add_headers(message: Message, scope: Scope) -> None:
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in FIXED.items():
        headers.setdefault(name, value)  # a page may have a policy of its own
    headers["X-Request-Id"] = request_id_of(scope)
    if "cache-control" not in headers:
        headers["Cache-Control"] = "no-store"  # what one actor sees is not for the next reader of a shared machine
