"""What a reader chose for all pages: the language, large print, high contrast. Kept in cookies, for a year."""

from typing import Any

from litestar import Response, get
from litestar.datastructures import Cookie
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER

from market.web.language import LANGUAGE_COOKIE, LANGUAGES
from market.web.problems import NoSuchAddress
from market.web.rendering import DISPLAY_COOKIE, DISPLAYS, display_of
from market.web.work import WebRequest

PUBLIC: dict[str, Any] = {"public": True}
A_YEAR = 365 * 24 * 3600  # seconds
MAX_ADDRESS = 2000


def local_address(asked: str | None) -> str:
    """An address of our own and no other site's."""
    inside = asked is not None and asked.startswith("/") and not asked.startswith(("//", "/\\"))
    return asked if asked is not None and inside and len(asked) <= MAX_ADDRESS and asked.isprintable() else "/"


def _remembered(name: str, value: str) -> Cookie:
    return Cookie(key=name, value=value, max_age=A_YEAR, path="/", httponly=True, samesite="lax")


@get("/language/{code:str}", sync_to_thread=False, opt=PUBLIC, status_code=HTTP_303_SEE_OTHER)
def choose_language(request: WebRequest, code: FromPath[str]) -> Response[Any]:
    if code not in LANGUAGES:
        raise NoSuchAddress
    back = local_address(request.query_params.get("next"))
    return Redirect(back, status_code=HTTP_303_SEE_OTHER, cookies=[_remembered(LANGUAGE_COOKIE, code)])


@get("/display/{name:str}/{switch:str}", sync_to_thread=False, opt=PUBLIC, status_code=HTTP_303_SEE_OTHER)
def choose_display(request: WebRequest, name: FromPath[str], switch: FromPath[str]) -> Response[Any]:
    if name not in DISPLAYS or switch not in {"on", "off"}:
        raise NoSuchAddress
    chosen = {*display_of(request), name} if switch == "on" else set(display_of(request)) - {name}
    back = local_address(request.query_params.get("next"))
    cookie = _remembered(DISPLAY_COOKIE, ".".join(sorted(chosen)))
    return Redirect(back, status_code=HTTP_303_SEE_OTHER, cookies=[cookie])


HANDLERS = [choose_language, choose_display]
