"""Signing in and out, and who I am."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import JSONBody
from pydantic import Field

from contracts.kernel.work import Role
from market.user import queries, service
from market.user.factors import MAX_TYPED_CODE
from market.web.auth import bearer_token
from market.web.entrance import come_in_at_once, visitor_of
from market.web.routes import reads, removes, writes
from market.web.wire import Asked, shown
from market.web.work import TheCaller, WebRequest


class SignIn(Asked):
    """``code``: of the authenticator app, or a recovery code, where a second step is set up. Without it the answer is
    then 401 ``second-factor-needed``. A program rather uses an API key, which needs no second step."""

    login: Annotated[str, Field(min_length=1, max_length=120)]
    password: Annotated[str, Field(min_length=1, max_length=256)]
    code: Annotated[str, Field(min_length=1, max_length=MAX_TYPED_CODE)] | None = None


class SessionView(msgspec.Struct, frozen=True):
    """``token`` goes into ``Authorization: Bearer``; it is shown once."""

    token: str
    expires_at: datetime


class GrantView(msgspec.Struct, frozen=True):
    id: UUID
    role: Role
    provider_id: UUID | None
    recipient_id: UUID | None
    territory: str | None
    from_on: date
    until_on: date | None


class Me(msgspec.Struct, frozen=True):
    id: UUID
    login: str
    grants: list[GrantView]


@writes("/sessions", public=True)
def sign_in(caller: TheCaller, request: WebRequest, data: JSONBody[SignIn]) -> SessionView:
    """After too many failures it is refused for some minutes (429, ``Retry-After``), the right password, too."""
    visitor = visitor_of(request)
    session = come_in_at_once(caller.site, visitor, login=data.login, password=data.password, code=data.code)
    return SessionView(session.token, session.expires_at)


@removes("/sessions/current")
def sign_out(caller: TheCaller, request: WebRequest) -> None:
    caller.write(lambda work: service.sign_out(work, bearer_token(request)))


@reads("/me")
def me(caller: TheCaller) -> Me:
    user_id = caller.actor.id
    assert user_id is not None, "the guard let a person in"
    held = caller.read(lambda work: queries.grants_of(work, user_id))
    return Me(user_id, caller.actor.name, [shown(GrantView, grant) for grant in held])


HANDLERS = [sign_in, sign_out, me]
