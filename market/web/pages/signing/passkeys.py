"""One's own passkeys: which devices sign in by themselves, another one, one less."""

import re
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Redirect
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER

from contracts.kernel.work import Work
from market.user import factor_queries
from market.user import passkeys as service
from market.user.factor_queries import Passkey
from market.user.factors import MAX_PASSKEY_NAME, ChallengePurpose
from market.user.passkeys import MAX_ANSWER
from market.web.entrance import host_of
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading
from market.web.pages.signing.authenticator import show_codes
from market.web.pages.signing.door import takes_passkeys
from market.web.pages.signing.proof import fresh_password
from market.web.pages.signing.refusal import MENDABLE, shown_again
from market.web.rendering import render, say_next
from market.web.work import Caller, Id, TheCaller, WebRequest

LOOPBACK = re.compile(r"(127\.0\.0\.1|\[::1\])(?P<port>:[0-9]{1,5})?", re.ASCII)


@get("/account/passkeys", sync_to_thread=True)
def passkeys_page(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _show(request, caller, EMPTY)


def _show(request: WebRequest, caller: Caller, filled: Filled) -> Response[str]:
    held = caller.read(lambda work: factor_queries.passkeys(work, _own_id(work)))
    return render(
        request,
        "signing/passkeys.html",
        filled=filled,
        passkeys=held,
        takes_passkeys=takes_passkeys(request),
        by_name=_address_by_name(request),
    )


def _own_id(work: Work) -> UUID:
    assert work.actor.id is not None, "the guard let a person in"
    return work.actor.id


def _address_by_name(request: WebRequest) -> str | None:
    """This very page at a name, where the machine itself was called by its number."""
    found = LOOPBACK.fullmatch(request.headers.get("host", ""))
    return f"http://localhost{found['port'] or ''}/account/passkeys" if found else None


@post("/account/passkeys", sync_to_thread=True, status_code=HTTP_200_OK)
def ask(request: WebRequest, caller: TheCaller, data: Form) -> Response[str]:
    """The page on which the browser speaks with the device."""
    try:
        reading = Reading(data)
        name = reading.text("name", max_length=MAX_PASSKEY_NAME)
        host, proof = host_of(request), fresh_password(request, caller, data, reading)
        options = caller.write(lambda work: service.ask_to_register(work, host, proof))
    except MENDABLE as error:
        return shown_again(request, error, data, lambda filled: _show(request, caller, filled))
    return render(request, "signing/new_passkey.html", options=options, name=name)


@post("/account/passkeys/new", sync_to_thread=True, status_code=HTTP_200_OK)
def add(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    answer, name = data.get("answer", "")[: MAX_ANSWER + 1], data.get("name", "")
    try:
        host = host_of(request)
        taken = caller.write(lambda work: service.take_challenge(work, host, ChallengePurpose.REGISTRATION, answer))
        codes = caller.write(lambda work: service.add(work, host, taken, name=name, answer=answer))
    except MENDABLE as error:
        return shown_again(request, error, data, lambda filled: _show(request, caller, filled))
    return show_codes(request, codes) if codes else _back(_("The passkey is added."))


@get("/account/passkeys/new", sync_to_thread=False)
def nothing_here() -> Response[Any]:
    """Where a reload ends up."""
    return Redirect("/account/passkeys", status_code=HTTP_303_SEE_OTHER)


def _back(said: str) -> Response[Any]:
    return Redirect("/account/passkeys", status_code=HTTP_303_SEE_OTHER, cookies=[say_next(said)])


@get("/account/passkeys/{passkey_id:uuid}/removal", sync_to_thread=True)
def removal_page(request: WebRequest, caller: TheCaller, passkey_id: Id) -> Response[str]:
    return _show_removal(request, caller, passkey_id, EMPTY)


def _show_removal(request: WebRequest, caller: Caller, passkey_id: UUID, filled: Filled) -> Response[str]:
    def read(work: Work) -> tuple[Passkey, bool]:
        user_id = _own_id(work)
        alone = len(factor_queries.passkeys(work, user_id)) == 1 and not factor_queries.ways(work, user_id).code
        return factor_queries.passkey(work, user_id, passkey_id), alone

    found, last = caller.read(read)
    return render(request, "signing/remove_passkey.html", filled=filled, passkey=found, last=last)


@post("/account/passkeys/{passkey_id:uuid}/removal", sync_to_thread=True, status_code=HTTP_303_SEE_OTHER)
def remove(request: WebRequest, caller: TheCaller, passkey_id: Id, data: Form) -> Response[Any]:
    try:
        proof = fresh_password(request, caller, data)
        caller.write(lambda work: service.remove(work, proof, passkey_id))
    except MENDABLE as error:
        return shown_again(request, error, data, lambda filled: _show_removal(request, caller, passkey_id, filled))
    return _back(_("The passkey is removed."))


HANDLERS = [passkeys_page, ask, add, nothing_here, removal_page, remove]
