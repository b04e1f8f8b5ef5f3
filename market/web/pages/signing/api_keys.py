"""Keys for programs that act as oneself: shown once, revoked at any time."""

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER

from contracts.kernel.idempotency import Once, once
from contracts.kernel.work import Work
from market.user import queries, service
from market.user.rules import MAX_KEY_NAME
from market.web.language import _
from market.web.pages.form import EMPTY, KEY, Filled, Form, Reading, new_key, submit
from market.web.pages.signing.proof import fresh_password
from market.web.pages.signing.refusal import MENDABLE, shown_again
from market.web.rendering import render
from market.web.work import Caller, Id, TheCaller, WebRequest


@get("/account/keys", sync_to_thread=True)
def keys_page(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _show(request, caller, EMPTY)


def _show(request: WebRequest, caller: Caller, filled: Filled) -> Response[str]:
    user_id = caller.actor.id
    assert user_id is not None, "the guard let a person in"
    keys = caller.read(lambda work: queries.keys_of(work, user_id))
    return render(request, "signing/keys.html", filled=filled, keys=keys, key=new_key())


@post("/account/keys", sync_to_thread=True, status_code=HTTP_200_OK)
def issue(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    """A page that is loaded again issues no second key, and shows none either."""
    try:
        reading = Reading(data)
        name = reading.text("name", max_length=MAX_KEY_NAME)
        fresh_password(request, caller, data, reading)
        wish = Once.of("form /account/keys", data.get(KEY) or new_key(), name.encode())
        secret = caller.write(lambda work: _issue_once(work, wish, name))
    except MENDABLE as error:
        return shown_again(request, error, data, lambda filled: _show(request, caller, filled))
    if secret is None:
        return Redirect("/account/keys", status_code=HTTP_303_SEE_OTHER)
    return render(request, "signing/issued_key.html", name=name, secret=secret)


def _issue_once(work: Work, wish: Once, name: str) -> str | None:
    """The key; None where this form has had its key. What is kept of the answer holds no secret."""
    issued: list[str] = []

    def issue_key(work: Work) -> dict[str, Any]:
        assert work.actor.id is not None
        issued.append(service.issue_api_key(work, work.actor.id, name=name))
        return {}

    once(work, wish, issue_key)
    return issued[0] if issued else None


@post("/account/keys/{key_id:uuid}/revocation", sync_to_thread=True, status_code=HTTP_303_SEE_OTHER)
def revoke(request: WebRequest, caller: TheCaller, key_id: Id, data: Form) -> Response[Any]:
    return submit(
        request,
        caller,
        data,
        do=lambda work: service.revoke_key(work, key_id),
        again=lambda filled: _show(request, caller, filled),
        to="/account/keys",
        said=_("The key is revoked. Programs that use it are refused from now on."),
    )


HANDLERS = [keys_page, issue, revoke]
