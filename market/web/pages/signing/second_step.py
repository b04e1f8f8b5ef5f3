"""After the password: a code of the app, a recovery code or a passkey. And a passkey alone, at the first page."""

from typing import Any

from litestar import MediaType, Response, get, post
from litestar.response import Redirect
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER

from contracts.kernel.work import NOBODY
from market.user import factor_queries
from market.user.factors import MAX_TYPED_CODE, PasskeyRefused, PasskeysNotHere, SecondStepExpired
from market.user.passkeys import MAX_ANSWER
from market.web.auth import half_session_cookie_name, no_half_session_cookie
from market.web.entrance import (
    ask_for_passkey,
    come_in_by_passkey,
    finish_with_code,
    finish_with_passkey,
    half_in,
    host_of,
    visitor_of,
)
from market.web.pages.form import EMPTY, Filled, Form, Reading
from market.web.pages.preferences import local_address
from market.web.pages.signing.door import PUBLIC, show_door, takes_passkeys, welcome
from market.web.pages.signing.refusal import MENDABLE, shown_again
from market.web.rendering import render
from market.web.work import TheCaller, WebRequest


@get("/sign-in/code", sync_to_thread=True, opt=PUBLIC)
def code_page(request: WebRequest, caller: TheCaller) -> Response[Any]:
    next_page = local_address(request.query_params.get("next"))
    try:
        return _show(request, caller, EMPTY, next_page)
    except SecondStepExpired as error:
        return _from_the_start(request, caller, error, next_page)


def _show(request: WebRequest, caller: TheCaller, filled: Filled, next_page: str) -> Response[str]:
    """Raises SecondStepExpired."""
    user_id = half_in(caller.site, _token(request))
    ways = caller.site.database.read(NOBODY, lambda work: factor_queries.ways(work, user_id))
    has_passkey = ways.passkey and takes_passkeys(request)
    return render(request, "signing/code.html", filled=filled, ways=ways, has_passkey=has_passkey, next_page=next_page)


def _from_the_start(request: WebRequest, caller: TheCaller, error: SecondStepExpired, next_page: str) -> Response[Any]:
    page = shown_again(request, error, {}, lambda filled: show_door(request, caller.site, filled, next_page=next_page))
    page.cookies.append(no_half_session_cookie(request))
    return page


def _token(request: WebRequest) -> str:
    return request.cookies.get(half_session_cookie_name(request), "")


@post("/sign-in/code", sync_to_thread=True, opt=PUBLIC, status_code=HTTP_303_SEE_OTHER)
def enter_code(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    site, next_page = caller.site, local_address(data.get("next"))
    try:
        reading = Reading(data)
        code = reading.text("code", max_length=MAX_TYPED_CODE)
        reading.check()
        session = finish_with_code(site, visitor_of(request), _token(request), code=code)
    except SecondStepExpired as error:
        return _from_the_start(request, caller, error, next_page)
    except MENDABLE as error:
        return shown_again(request, error, data, lambda filled: _show(request, caller, filled, next_page))
    return welcome(request, site, session, next_page)


@post("/sign-in/code/passkey", sync_to_thread=True, opt=PUBLIC, status_code=HTTP_303_SEE_OTHER)
def answer_second(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    site, next_page = caller.site, local_address(data.get("next"))
    try:
        host, answer = host_of(request), data.get("answer", "")[: MAX_ANSWER + 1]
        session = finish_with_passkey(site, visitor_of(request), _token(request), host, answer=answer)
    except SecondStepExpired as error:
        return _from_the_start(request, caller, error, next_page)
    except (PasskeyRefused, PasskeysNotHere) as error:
        return shown_again(request, error, data, lambda filled: _show(request, caller, filled, next_page))
    return welcome(request, site, session, next_page)


@post("/sign-in/code/passkey/challenge", sync_to_thread=True, opt=PUBLIC, status_code=HTTP_200_OK)
def ask_second(request: WebRequest, caller: TheCaller) -> Response[str]:
    user_id = half_in(caller.site, _token(request))
    return _as_json(ask_for_passkey(caller.site, visitor_of(request), host_of(request), user_id))


@post("/sign-in/passkey/challenge", sync_to_thread=True, opt=PUBLIC, status_code=HTTP_200_OK)
def ask_first(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _as_json(ask_for_passkey(caller.site, visitor_of(request), host_of(request)))


@post("/sign-in/passkey", sync_to_thread=True, opt=PUBLIC, status_code=HTTP_303_SEE_OTHER)
def answer_first(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    site, next_page = caller.site, local_address(data.get("next"))
    try:
        answer = data.get("answer", "")[: MAX_ANSWER + 1]
        session = come_in_by_passkey(site, visitor_of(request), host_of(request), answer=answer)
    except MENDABLE as error:
        return shown_again(request, error, data, lambda filled: show_door(request, site, filled, next_page=next_page))
    return welcome(request, site, session, next_page)


def _as_json(options: str) -> Response[str]:
    return Response(options, media_type=MediaType.TEXT, headers={"Content-Type": "application/json"})


@get("/sign-in/passkey", sync_to_thread=False, opt=PUBLIC)
def nothing_here() -> Response[Any]:
    """Where a reload after a refused passkey ends up."""
    return Redirect("/sign-in", status_code=HTTP_303_SEE_OTHER)


HANDLERS = [code_page, enter_code, answer_second, ask_second, ask_first, answer_first, nothing_here]
