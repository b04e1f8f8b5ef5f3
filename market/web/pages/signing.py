"""Signing in and out by form; one click where the clock is a demonstration's."""

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER

from contracts.kernel.clock import is_travelling
from contracts.kernel.errors import NotSignedIn
from contracts.kernel.work import NOBODY, SYSTEM, Work
from market.user import queries, service
from market.user.rules import Session
from market.web.auth import (
    FORM_TOKEN,
    DemoOnly,
    form_seed,
    form_token,
    no_session_cookie,
    session_cookie,
    session_cookie_name,
    visitor_cookie,
)
from market.web.entrance import come_in_at_once, visitor_of
from market.web.pages.form import Form
from market.web.queries import demo_people
from market.web.rendering import render
from market.web.work import Site, TheCaller, WebRequest

PUBLIC: dict[str, Any] = {"public": True}


@get("/sign-in", sync_to_thread=True, opt=PUBLIC)
def sign_in_page(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _sign_in_page(request, caller.site)


def _sign_in_page(request: WebRequest, site: Site, *, wrong: str = "", login: str = "") -> Response[str]:
    """With a cookie to bind the form to, for who has none yet."""
    cookies = [] if form_seed(request) else [visitor_cookie(request)]
    if cookies:
        request.scope["state"][FORM_TOKEN] = form_token(cookies[0].value or "")
    people = site.database.read(NOBODY, lambda work: demo_people(work) if is_travelling(work.connection) else [])
    status = 200 if not wrong else 401
    page = render(request, "sign_in.html", status=status, people=people, wrong=wrong, login=login)
    page.cookies.extend(cookies)
    return page


@post("/sign-in", sync_to_thread=True, opt=PUBLIC, status_code=HTTP_303_SEE_OTHER)
def sign_in(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    login, password = data.get("login", "")[:120], data.get("password", "")[:256]
    try:
        session = come_in_at_once(caller.site, visitor_of(request), login=login, password=password, code=None)
    except NotSignedIn as error:
        return _sign_in_page(request, caller.site, wrong=error.detail, login=login)
    return _welcome(request, caller.site, session)


@post("/demo/sign-in", sync_to_thread=True, opt=PUBLIC, status_code=HTTP_303_SEE_OTHER)
def sign_in_for_the_demo(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    """Anybody as anybody: only ever where the database's clock is a demonstration's."""

    def open_for_them(work: Work) -> Session:
        if not is_travelling(work.connection):
            raise DemoOnly
        found = queries.credentials(work, data.get("login", "")[:120])
        if found is None or found.disabled_at is not None:
            raise NotSignedIn
        work.actor = queries.actor_of_user(work, found.id)
        return service.open_session(work, found.id)

    return _welcome(request, caller.site, caller.site.database.write(SYSTEM, open_for_them))


def _welcome(request: WebRequest, site: Site, session: Session) -> Response[Any]:
    now = site.database.read(NOBODY, lambda work: work.now)
    return Redirect(
        "/", status_code=HTTP_303_SEE_OTHER, cookies=[session_cookie(request, session.token, session.expires_at, now)]
    )


@post("/sign-out", sync_to_thread=True, opt=PUBLIC, status_code=HTTP_303_SEE_OTHER)
def sign_out(request: WebRequest, caller: TheCaller) -> Response[Any]:
    token = request.cookies.get(session_cookie_name(request))
    if token:
        caller.write(lambda work: service.sign_out(work, token))
    return Redirect("/", status_code=HTTP_303_SEE_OTHER, cookies=[no_session_cookie(request)])


HANDLERS = [sign_in_page, sign_in, sign_in_for_the_demo, sign_out]
