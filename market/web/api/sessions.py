"""Signing in and out, and who I am."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import JSONBody
from pydantic import Field

from contracts.kernel.work import Role
from market.user import queries, service
from market.web.auth import bearer_token, open_session
from market.web.routes import reads, removes, writes
from market.web.wire import Asked, shown
from market.web.work import TheCaller, WebRequest


class SignIn(Asked):
    login: Annotated[str, Field(min_length=1, max_length=120)]
    password: Annotated[str, Field(min_length=1, max_length=256)]


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
def sign_in(caller: TheCaller, data: JSONBody[SignIn]) -> SessionView:
    session = open_session(caller.site.database, login=data.login, password=data.password)
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
