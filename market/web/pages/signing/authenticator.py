"""The second step by an app on the phone, and the recovery codes for the day the phone is lost."""

from typing import Any

import segno
from litestar import Response, get, post
from litestar.response import Redirect
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER
from markupsafe import Markup

from contracts.kernel.work import Work
from market.user import factor_queries, second_factor
from market.user.factors import MAX_TYPED_CODE, AuthenticatorNotBegun, Ways
from market.user.second_factor import Enrolment
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading
from market.web.pages.signing.proof import fresh_password
from market.web.pages.signing.refusal import MENDABLE, shown_again
from market.web.rendering import render, say_next
from market.web.work import Caller, TheCaller, WebRequest

PICTURE_SCALE = 5  # pixels a module: a phone's camera reads it from an arm's length
QUIET_ZONE = 4  # modules, as the standard asks for


# --- what there is ---------------------------------------------------------------------------------------------------
@get("/account/second-step", sync_to_thread=True)
def second_step_page(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _show(request, caller, EMPTY)


def _show(request: WebRequest, caller: Caller, filled: Filled) -> Response[str]:
    return render(request, "signing/second_step.html", filled=filled, ways=_ways(caller))


def _ways(caller: Caller) -> Ways:
    user_id = caller.actor.id
    assert user_id is not None, "the guard let a person in"
    return caller.read(lambda work: factor_queries.ways(work, user_id))


# --- an app ----------------------------------------------------------------------------------------------------------
@post("/account/second-step", sync_to_thread=True, status_code=HTTP_303_SEE_OTHER)
def begin(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    try:
        proof = fresh_password(request, caller, data)
        caller.write(lambda work: second_factor.begin_authenticator(work, caller.vault, proof))
    except MENDABLE as error:
        return shown_again(request, error, data, lambda filled: _show(request, caller, filled))
    return Redirect("/account/second-step/app", status_code=HTTP_303_SEE_OTHER)


@get("/account/second-step/app", sync_to_thread=True)
def app_page(request: WebRequest, caller: TheCaller) -> Response[Any]:
    try:
        return _show_app(request, caller, EMPTY)
    except AuthenticatorNotBegun:
        return Redirect("/account/second-step", status_code=HTTP_303_SEE_OTHER)


def _show_app(request: WebRequest, caller: Caller, filled: Filled) -> Response[str]:
    given = caller.read(lambda work: second_factor.begun(work, caller.vault))
    groups = [given.secret[at : at + 4] for at in range(0, len(given.secret), 4)]
    return render(
        request, "signing/app.html", filled=filled, picture=_picture(given), secret=" ".join(groups), uri=given.uri
    )


def _picture(given: Enrolment) -> Markup:
    """Black on white whatever the page's colours are: a camera must read it."""
    drawn = segno.make(given.uri, error="m", micro=False)
    return Markup(drawn.svg_inline(scale=PICTURE_SCALE, border=QUIET_ZONE, dark="#000", light="#fff"))  # noqa: S704 - drawn here


@post("/account/second-step/app", sync_to_thread=True, status_code=HTTP_200_OK)
def confirm(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    try:
        reading = Reading(data)
        code = reading.text("code", max_length=MAX_TYPED_CODE)
        reading.check()
        codes = caller.write(lambda work: second_factor.confirm_authenticator(work, caller.vault, code=code))
    except AuthenticatorNotBegun:
        return Redirect("/account/second-step", status_code=HTTP_303_SEE_OTHER)
    except MENDABLE as error:
        return shown_again(request, error, data, lambda filled: _show_app(request, caller, filled))
    return show_codes(request, codes) if codes else done(_("The app is set up. You are asked for a code from now on."))


# --- recovery codes --------------------------------------------------------------------------------------------------
def show_codes(request: WebRequest, codes: list[str]) -> Response[str]:
    """The one time that they are shown."""
    return render(request, "signing/codes.html", codes=codes)


def done(said: str) -> Response[Any]:
    return Redirect("/account/second-step", status_code=HTTP_303_SEE_OTHER, cookies=[say_next(said)])


@get("/account/second-step/codes", sync_to_thread=True)
def codes_page(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _show_renewal(request, caller, EMPTY)


def _show_renewal(request: WebRequest, caller: Caller, filled: Filled) -> Response[str]:
    return render(request, "signing/renew_codes.html", filled=filled, ways=_ways(caller))


@post("/account/second-step/codes", sync_to_thread=True, status_code=HTTP_200_OK)
def renew_codes(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    try:
        proof = fresh_password(request, caller, data)
        codes = caller.write(lambda work: second_factor.renew_recovery_codes(work, proof))
    except MENDABLE as error:
        return shown_again(request, error, data, lambda filled: _show_renewal(request, caller, filled))
    return show_codes(request, codes)


# --- taking the app away ---------------------------------------------------------------------------------------------
@get("/account/second-step/removal", sync_to_thread=True)
def removal_page(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _show_removal(request, caller, EMPTY)


def _show_removal(request: WebRequest, caller: Caller, filled: Filled) -> Response[str]:
    return render(request, "signing/remove_app.html", filled=filled, ways=_ways(caller))


@post("/account/second-step/removal", sync_to_thread=True, status_code=HTTP_303_SEE_OTHER)
def remove(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    def take_away(work: Work) -> None:
        second_factor.remove_authenticator(work, proof)

    try:
        proof = fresh_password(request, caller, data)
        caller.write(take_away)
    except MENDABLE as error:
        return shown_again(request, error, data, lambda filled: _show_removal(request, caller, filled))
    return done(_("The app is no longer asked for."))


HANDLERS = [
    second_step_page, begin, app_page, confirm, codes_page, renew_codes, removal_page, remove,
]  # fmt: skip
