"""Signing in and out by form; one click where the clock is a demonstration's."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER

from contracts.kernel.clock import is_travelling
from contracts.kernel.work import NOBODY, Role, Work
from market.user import service
from market.user.factors import PasskeysNotHere
from market.user.rules import MAX_PASSWORD, Session
from market.web.auth import (
    FORM_TOKEN,
    form_seed,
    form_token,
    half_session_cookie,
    no_half_session_cookie,
    no_session_cookie,
    session_cookie,
    session_cookie_name,
    visitor_cookie,
)
from market.web.entrance import MAX_LOGIN, come_in, come_in_for_the_demo, host_of, prove_password, visitor_of
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading
from market.web.pages.preferences import local_address
from market.web.pages.signing.refusal import MENDABLE, shown_again
from market.web.queries import demo_people
from market.web.rendering import render
from market.web.work import Site, TheCaller, WebRequest

PUBLIC: dict[str, Any] = {"public": True}
FILL_IN = _("Fill in this field")


@get("/sign-in", sync_to_thread=True, opt=PUBLIC)
def sign_in_page(request: WebRequest, caller: TheCaller) -> Response[str]:
    return show_door(request, caller.site, EMPTY, next_page=local_address(request.query_params.get("next")))


def show_door(request: WebRequest, site: Site, filled: Filled, *, next_page: str) -> Response[str]:
    """With a cookie to bind the form to, for who has none yet."""
    cookies = [] if form_seed(request) else [visitor_cookie(request)]
    if cookies:
        request.scope["state"][FORM_TOKEN] = form_token(cookies[0].value or "")
    people = site.database.read(NOBODY, _one_click)
    page = render(
        request,
        "signing/sign_in.html",
        filled=filled,
        people=people,
        next_page=next_page,
        has_passkeys=takes_passkeys(request),
    )
    page.cookies.extend(cookies)
    return page


def _one_click(work: Work) -> list[tuple[str, Role]]:
    """Whom anybody may be, in a demonstration: the name they sign in with, and one of their roles."""
    if not is_travelling(work.connection):
        return []
    return [(person.login, Role(person.roles)) for person in demo_people(work)]


def takes_passkeys(request: WebRequest) -> bool:
    try:
        host_of(request)
    except PasskeysNotHere:
        return False
    return True


@post("/sign-in", sync_to_thread=True, opt=PUBLIC, status_code=HTTP_303_SEE_OTHER)
def sign_in(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    site, visitor, next_page = caller.site, visitor_of(request), local_address(data.get("next"))
    try:
        login, password = _read(data)
        user_id = prove_password(site, visitor, login=login, password=password)
        opened = come_in(site, visitor, user_id)
    except MENDABLE as error:
        return shown_again(request, error, data, lambda filled: show_door(request, site, filled, next_page=next_page))
    if isinstance(opened, Session):
        return welcome(request, site, opened, next_page)
    to = f"/sign-in/code?next={quote(next_page)}"
    return Redirect(to, status_code=HTTP_303_SEE_OTHER, cookies=[half_session_cookie(request, opened.token)])


def _read(data: dict[str, str]) -> tuple[str, str]:
    reading, password = Reading(data), data.get("password", "")[: MAX_PASSWORD + 1]
    login = reading.text("login", max_length=MAX_LOGIN)
    if not password:
        reading.wrong("password", FILL_IN)
    reading.check()
    return login, password


@post("/demo/sign-in", sync_to_thread=True, opt=PUBLIC, status_code=HTTP_303_SEE_OTHER)
def sign_in_for_the_demo(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    session = come_in_for_the_demo(caller.site, visitor_of(request), data.get("login", ""))
    return welcome(request, caller.site, session, local_address(data.get("next")))


def welcome(request: WebRequest, site: Site, session: Session, next_page: str) -> Response[Any]:
    """Whoever was signed in here before is no more."""
    before = request.cookies.get(session_cookie_name(request))
    if before:
        site.database.write(request.user, lambda work: service.sign_out(work, before))
    now = site.database.read(NOBODY, lambda work: work.now)
    cookies = [session_cookie(request, session.token, session.expires_at, now), no_half_session_cookie(request)]
    return Redirect(next_page, status_code=HTTP_303_SEE_OTHER, cookies=cookies)


@post("/sign-out", sync_to_thread=True, opt=PUBLIC, status_code=HTTP_303_SEE_OTHER)
def sign_out(request: WebRequest, caller: TheCaller) -> Response[Any]:
    token = request.cookies.get(session_cookie_name(request))
    if token:
        caller.write(lambda work: service.sign_out(work, token))
    return Redirect("/", status_code=HTTP_303_SEE_OTHER, cookies=[no_session_cookie(request)])


HANDLERS = [sign_in_page, sign_in, sign_in_for_the_demo, sign_out]
