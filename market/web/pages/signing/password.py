"""A new password of one's own."""

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER

from market.user import signing
from market.user.rules import MAX_PASSWORD, MIN_PASSWORD
from market.web.auth import session_cookie_name
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading
from market.web.pages.signing.proof import fresh_password
from market.web.pages.signing.refusal import MENDABLE, shown_again
from market.web.rendering import render, say_next
from market.web.work import TheCaller, WebRequest


@get("/account/password", sync_to_thread=False)
def password_page(request: WebRequest) -> Response[str]:
    return _show(request, EMPTY)


def _show(request: WebRequest, filled: Filled) -> Response[str]:
    return render(request, "signing/password.html", filled=filled, shortest=MIN_PASSWORD)


@post("/account/password", sync_to_thread=True, status_code=HTTP_303_SEE_OTHER)
def change_password(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    try:
        reading, new = Reading(data), data.get("new", "")
        if not MIN_PASSWORD <= len(new) <= MAX_PASSWORD:
            sentence = _("Write a password of %(low)s to %(high)s characters")
            reading.wrong("new", sentence, low=MIN_PASSWORD, high=MAX_PASSWORD)
        proof = fresh_password(request, caller, data, reading)
        token = request.cookies.get(session_cookie_name(request), "")
        caller.write(lambda work: signing.change_password(work, proof, new=new, keep_token=token))
    except MENDABLE as error:
        return shown_again(request, error, data, lambda filled: _show(request, filled))
    said = say_next(_("Your password is changed. You are signed in here only."))
    return Redirect("/account", status_code=HTTP_303_SEE_OTHER, cookies=[said])


HANDLERS = [password_page, change_password]
