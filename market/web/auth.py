"""Who asks: an API key or a session token in ``Authorization: Bearer``; for pages, a session cookie.

The API never looks at the cookie, so nothing another site makes a browser send can act there. The actor is built from
the grants of today on every request: a revoked grant or key stops working with the next one.
"""

import asyncio
import hashlib
import secrets
from datetime import datetime
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.handlers import BaseRouteHandler

from contracts.kernel.errors import Malformed, NotAllowed, NotFound, NotSignedIn
from contracts.kernel.runner import Database
from contracts.kernel.work import NOBODY, Actor
from market.user import queries
from market.user.factors import HALF_SESSION_LIFETIME
from market.user.service import KEY_MARK
from market.web.work import WebRequest

Connection = ASGIConnection[Any, Any, Any, Any]
MAX_TOKEN = 200  # ours have 47 characters
FORM_TOKEN = "form_token"  # noqa: S105 - the name of a field
SALT_LENGTH = 16  # hexadecimal digits


class DemoOnly(NotFound):
    code = "demo-only"
    title = "This exists in a demonstration only"


class FormExpired(NotAllowed):
    code = "form-expired"
    title = "This form was not sent from our page, or is too old; load the page again"


async def identify_by_header(connection: Connection, handler: BaseRouteHandler) -> None:
    """Guard of the API: sets ``request.user``. A wrong credential is refused even where none is needed."""
    token = _bearer(connection)
    if token is None:
        if not handler.opt.get("public"):
            raise NotSignedIn
        connection.scope["user"] = NOBODY
        return
    connection.scope["user"] = await asyncio.to_thread(_actor_of, connection.app.state.site.database, token)


async def identify_by_cookie(connection: Connection, handler: BaseRouteHandler) -> None:
    """Guard of the pages. A cookie that opens nothing any more is a visitor's."""
    token = connection.cookies.get(session_cookie_name(connection))
    actor = NOBODY
    if token:
        try:
            actor = await asyncio.to_thread(_actor_of, connection.app.state.site.database, token)
        except NotSignedIn:
            actor = NOBODY
    connection.scope["user"] = actor
    connection.scope["state"][FORM_TOKEN] = form_token(form_seed(connection))
    if actor is NOBODY and not handler.opt.get("public"):
        raise NotSignedIn


def _bearer(connection: Connection) -> str | None:
    header = connection.headers.get("authorization")
    if header is None:
        return None
    scheme, _space, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > MAX_TOKEN or not token.isascii():
        raise NotSignedIn("Send the header 'Authorization: Bearer' with an API key or a session token")
    return token


def bearer_token(request: WebRequest) -> str:
    token = _bearer(request)
    if token is None:
        raise NotSignedIn
    return token


def _actor_of(database: Database, token: str) -> Actor:
    find = queries.actor_of_key if token.startswith(KEY_MARK) else queries.actor_of_token
    return database.read(NOBODY, lambda work: find(work, token))


# --- cookies and forms -------------------------------------------------------------------------------------------
def is_secure(connection: Connection) -> bool:
    return bool(connection.scope["scheme"] == "https")


def session_cookie_name(connection: Connection) -> str:
    """The prefix makes a browser refuse the cookie from anybody but this very host over https."""
    return "__Host-session" if is_secure(connection) else "session"


def session_cookie(connection: Connection, token: str, expires_at: datetime, now: datetime) -> Cookie:
    return _cookie(connection, session_cookie_name(connection), token, int((expires_at - now).total_seconds()))


def no_session_cookie(connection: Connection) -> Cookie:
    return _cookie(connection, session_cookie_name(connection), "", 0)


def half_session_cookie_name(connection: Connection) -> str:
    return "__Host-half-session" if is_secure(connection) else "half-session"


def half_session_cookie(connection: Connection, token: str) -> Cookie:
    """Between the password and the second step; no guard looks at it."""
    seconds = int(HALF_SESSION_LIFETIME.total_seconds())
    return _cookie(connection, half_session_cookie_name(connection), token, seconds)


def no_half_session_cookie(connection: Connection) -> Cookie:
    return _cookie(connection, half_session_cookie_name(connection), "", 0)


def visitor_cookie(connection: Connection) -> Cookie:
    """What a form is bound to before anybody has signed in."""
    return _cookie(connection, "visitor", secrets.token_urlsafe(32), 3600)


def _cookie(connection: Connection, name: str, value: str, max_age: int) -> Cookie:
    return Cookie(
        key=name, value=value, max_age=max_age, path="/", httponly=True, samesite="lax", secure=is_secure(connection)
    )


def form_seed(connection: Connection) -> str:
    return connection.cookies.get(session_cookie_name(connection)) or connection.cookies.get("visitor") or ""


def form_token(seed: str) -> str:
    """Proves that the form came from a page that was shown to the holder of the cookie: who does not know the cookie
    cannot compute it, and the page does not give the cookie away. It is another one on every page, so that the length
    of compressed pages tells nothing of it (BREACH)."""
    return _form_token(secrets.token_hex(SALT_LENGTH // 2), seed) if seed else ""


def is_form_token(given: str, seed: str) -> bool:
    return bool(seed) and secrets.compare_digest(given.encode(), _form_token(given[:SALT_LENGTH], seed).encode())


def _form_token(salt: str, seed: str) -> str:
    return salt + hashlib.sha256(f"form:{salt}:{seed}".encode()).hexdigest()


async def check_form(request: WebRequest) -> None:
    """Before any page's POST is parsed. Raises FormExpired."""
    if request.method != "POST":
        return
    taken = {"multipart/form-data"} if request.route_handler.opt.get("file") else {"application/x-www-form-urlencoded"}
    if request.content_type[0] not in taken:
        raise Malformed("A form is sent as {}".format(*taken))
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        raise FormExpired
    given = str((await request.form()).get(FORM_TOKEN, ""))
    if not is_form_token(given, form_seed(request)):
        raise FormExpired
