"""Users, their grants and API keys: an administrator's desk; one's own keys are one's own."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import JSONBody
from pydantic import Field

from contracts.kernel.work import Role, Work
from market.provider import queries as providers
from market.recipient import queries as recipients
from market.recipient import representation
from market.user import factor_queries, queries, second_factor, service
from market.user.factors import MAX_RULE_SOURCE, Demand
from market.user.rules import UserNotFound
from market.web import queries as lists
from market.web.api.sessions import GrantView
from market.web.auth import bearer_token
from market.web.entrance import prove_own_password, visitor_of
from market.web.lists import TheSlice
from market.web.routes import reads, writes
from market.web.wire import Asked, Day, Listing, TerritoryPrefix, shown
from market.web.work import Id, TheCaller, WebRequest

Password = Annotated[str, Field(min_length=8, max_length=256)]


class NewUser(Asked):
    login: Annotated[str, Field(min_length=2, max_length=120)]
    password: Password | None = None


class NewPassword(Asked):
    """``current_password``: needed for one's own, so that a stolen session or key does not become an account."""

    password: Password
    current_password: Annotated[str, Field(min_length=1, max_length=256)] | None = None


class NewGrant(Asked):
    """The scope is the provider, the recipient or the territory prefix, as the role needs it. A representative's grant
    also needs its ``ground``: the document by kind, number and date."""

    role: Role
    from_on: Day
    until_on: Day | None = None
    provider_id: UUID | None = None
    recipient_id: UUID | None = None
    territory: TerritoryPrefix | None = None
    ground: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class NewKey(Asked):
    name: Annotated[str, Field(min_length=1, max_length=80)]


class UserView(msgspec.Struct, frozen=True):
    id: UUID
    login: str
    created_at: datetime
    disabled_at: datetime | None


class UserDetails(msgspec.Struct, frozen=True):
    """``second_factor``: whether a second step is asked for after the password."""

    id: UUID
    login: str
    created_at: datetime
    disabled_at: datetime | None
    second_factor: bool
    grants: list[GrantView]


class NewRule(Asked):
    """``required``: from that day on, offices of who has no second factor do not count in sessions. ``source``: the
    order by number and date."""

    demand: Demand
    from_on: Day
    source: Annotated[str, Field(min_length=1, max_length=MAX_RULE_SOURCE)]


class RuleView(msgspec.Struct, frozen=True):
    """What is demanded today; ``from_on`` and ``source`` null where no rule was ever set."""

    demand: Demand
    from_on: date | None
    source: str | None


class KeyView(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    created_at: datetime


class IssuedKey(msgspec.Struct, frozen=True):
    """``key`` goes into ``Authorization: Bearer``; it is shown once."""

    name: str
    key: str


def show(work: Work, user_id: UUID) -> UserDetails:
    """To the user and to an administrator."""
    if work.actor.id != user_id and not work.actor.has(Role.ADMINISTRATOR):
        raise UserNotFound
    grants = [shown(GrantView, grant) for grant in queries.grants_of(work, user_id)]
    second = factor_queries.ways(work, user_id).any
    return shown(UserDetails, queries.user(work, user_id), grants=grants, second_factor=second)


@writes("/users")
def create_user(caller: TheCaller, data: JSONBody[NewUser]) -> UserDetails:
    return caller.write(lambda work: show(work, service.create_user(work, login=data.login, password=data.password)))


@reads("/users")
def list_users(caller: TheCaller, at: TheSlice) -> Listing[UserView]:
    caller.actor.require(Role.ADMINISTRATOR)
    found = caller.read(lambda work: lists.users(work, at))
    return at.listing(found, lambda user: shown(UserView, user), lambda user: user.id)


@reads("/users/{user_id:uuid}")
def get_user(caller: TheCaller, user_id: Id) -> UserDetails:
    return caller.read(lambda work: show(work, user_id))


@writes("/users/{user_id:uuid}/password")
def set_password(caller: TheCaller, request: WebRequest, user_id: Id, data: JSONBody[NewPassword]) -> UserDetails:
    """Ends the user's open sessions, except the one that asks."""
    token, proof = bearer_token(request), None
    if user_id == caller.actor.id and data.current_password is not None:
        proof = prove_own_password(caller, visitor_of(request), data.current_password, pointer="/current_password")
    return caller.do(
        lambda work: service.set_password(work, user_id, password=data.password, proof=proof, keep_token=token),
        lambda work: show(work, user_id),
    )


@writes("/users/{user_id:uuid}/second-factor/removal")
def reset_second_factor(caller: TheCaller, user_id: Id) -> UserDetails:
    """For somebody who lost the phone and the recovery codes: an administrator sees who they are, and takes every
    second factor away. Ends the user's open sessions."""
    return caller.do(lambda work: second_factor.reset(work, user_id), lambda work: show(work, user_id))


@writes("/second-factor-rules")
def set_second_factor_rule(caller: TheCaller, data: JSONBody[NewRule]) -> RuleView:
    """What is demanded of who holds an office, from a day on."""
    return caller.do(lambda work: second_factor.set_rule(work, **data.values()), _rule)


@reads("/second-factor-rules/current")
def current_second_factor_rule(caller: TheCaller) -> RuleView:
    return caller.read(_rule)


def _rule(work: Work) -> RuleView:
    found = factor_queries.second_factor_rule(work)
    return shown(RuleView, found) if found else RuleView(Demand.RECOMMENDED, None, None)


@writes("/users/{user_id:uuid}/disablement")
def disable_user(caller: TheCaller, user_id: Id) -> UserDetails:
    return caller.do(lambda work: service.disable(work, user_id), lambda work: show(work, user_id))


@writes("/users/{user_id:uuid}/grants")
def grant(caller: TheCaller, user_id: Id, data: JSONBody[NewGrant]) -> UserDetails:
    def change(work: Work) -> UserDetails:
        _check_scope_exists(work, data)
        _give(work, user_id, data)
        return show(work, user_id)

    return caller.write(change)


def _give(work: Work, user_id: UUID, data: NewGrant) -> None:
    given = data.values()
    ground = given.pop("ground")
    if data.role is Role.REPRESENTATIVE and data.recipient_id is not None:
        representation.appoint(
            work, data.recipient_id, user_id=user_id, ground=ground or "", from_on=data.from_on, until_on=data.until_on
        )
    else:
        service.grant(work, user_id, **given)


def _check_scope_exists(work: Work, data: NewGrant) -> None:
    """Users know nothing of providers and recipients: the door does."""
    work.actor.require(Role.ADMINISTRATOR)
    if data.provider_id is not None:
        providers.provider(work, data.provider_id)
    if data.recipient_id is not None:
        recipients.recipient(work, data.recipient_id)


@writes("/grants/{grant_id:uuid}/revocation")
def revoke_grant(caller: TheCaller, grant_id: Id) -> UserDetails:
    def change(work: Work) -> UserDetails:
        service.revoke(work, grant_id)
        return show(work, queries.grant(work, grant_id).user_id)

    return caller.write(change)


@writes("/users/{user_id:uuid}/keys")
def issue_key(caller: TheCaller, user_id: Id, data: JSONBody[NewKey]) -> IssuedKey:
    return IssuedKey(data.name, caller.write(lambda work: service.issue_api_key(work, user_id, name=data.name)))


@reads("/users/{user_id:uuid}/keys")
def list_keys(caller: TheCaller, user_id: Id) -> Listing[KeyView]:
    def read(work: Work) -> list[KeyView]:
        show(work, user_id)
        return [shown(KeyView, key) for key in queries.keys_of(work, user_id)]

    return Listing(caller.read(read))


@writes("/keys/{key_id:uuid}/revocation")
def revoke_key(caller: TheCaller, key_id: Id) -> UserDetails:
    def change(work: Work) -> UserDetails:
        service.revoke_key(work, key_id)
        return show(work, queries.api_key(work, key_id).user_id)

    return caller.write(change)


HANDLERS = [
    create_user, list_users, get_user, set_password, disable_user,
    reset_second_factor, set_second_factor_rule, current_second_factor_rule,
    grant, revoke_grant, issue_key, list_keys, revoke_key,
]  # fmt: skip
