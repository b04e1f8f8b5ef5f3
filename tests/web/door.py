"""People at the door of the web: their forms, and the second step that they set up."""

import re
from typing import Any
from uuid import UUID

import httpx

from contracts.kernel.runner import Database
from contracts.kernel.work import NOBODY, SYSTEM, Actor
from market.user import queries, second_factor, service
from market.user.factors import FreshPassword
from market.user.personal import Vault
from tests.user.people import CHEAP
from tests.user.proofs import code_of
from tests.web.town import Town

HTML = {"Accept": "text/html"}
PASSWORD = "a long walk on the steppe"
Client = Any  # httpx.Client and litestar's own


def settle(town: Town, login: str) -> UUID:
    """With a hash that is quickly checked."""
    return town.database.write(
        SYSTEM, lambda work: service.create_user(work, login=login, password=PASSWORD, hasher=CHEAP)
    )


def token_in(page: str) -> str:
    found = re.search(r'name="form_token" value="([0-9a-f]+)"', page)
    assert found, page
    return found[1]


def send(client: Client, path: str, *, at: str | None = None, **fields: str) -> httpx.Response:
    """A form, as the page at ``at`` (or ``path``) shows it."""
    page = client.get(at or path, headers=HTML)
    assert page.status_code == 200, (at or path, page.status_code)
    form = {"form_token": token_in(page.text)} | fields
    answer: httpx.Response = client.post(path, data=form, headers=HTML, follow_redirects=False)
    return answer


def knock(client: Client, login: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    return send(client, "/sign-in", login=login, password=password, **more)


def set_up_app(database: Database, vault: Vault, user_id: UUID) -> tuple[str, list[str]]:
    """The secret in the app, and the recovery codes."""
    who: Actor = database.read(NOBODY, lambda work: queries.actor_of_user(work, user_id))
    database.write(who, lambda work: second_factor.begin_authenticator(work, vault, FreshPassword(user_id)))
    secret = database.read(who, lambda work: second_factor.begun(work, vault)).secret
    code = code_of(secret)
    return secret, database.write(who, lambda work: second_factor.confirm_authenticator(work, vault, code=code))
