"""Who signs in: an administrator lets people in, looks after their keys, and shuts the door."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Redirect

from contracts.approval import queries as approvals
from contracts.approval import service as approving
from contracts.approval.rules import InterestNotFound
from contracts.kernel.work import Role, Work
from market.oversight.names import names
from market.oversight.people import users
from market.user import factor_queries, queries, second_factor, service
from market.user.queries import HeldGrant
from market.user.rules import MAX_KEY_NAME, MAX_PASSWORD, MIN_PASSWORD
from market.web.language import _
from market.web.lists import TheSlice
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.rendering import render
from market.web.work import Caller, Id, TheCaller, WebRequest

MAX_LOGIN = 120
DAY = timedelta(days=1)


@get("/users", sync_to_thread=True)
def list_users(request: WebRequest, caller: TheCaller, at: TheSlice) -> Response[str]:
    """By name; the name that ends a page is the cursor."""
    caller.actor.require(Role.ADMINISTRATOR)
    beginning = at.query.get("name", "").strip().lower()[:MAX_LOGIN]
    since = at.query.get("since", "")[:MAX_LOGIN]
    found = caller.read(lambda work: users(work, beginning=beginning, after=since, limit=at.limit))
    page = found[: at.limit]
    following = f"/users?{urlencode({'name': beginning, 'since': page[-1].login})}" if len(found) > at.limit else None
    return render(request, "officer/users.html", users=page, following=following, beginning=beginning)


@get("/users/new", sync_to_thread=True)
def ask_for_user(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _ask(request, caller, EMPTY)


def _ask(request: WebRequest, caller: Caller, filled: Filled) -> Response[str]:
    caller.actor.require(Role.ADMINISTRATOR)
    return render(request, "officer/new_user.html", filled=filled, key=new_key(), shortest=MIN_PASSWORD)


@post("/users/new", sync_to_thread=True)
def create(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    def do(work: Work) -> str:
        reading = Reading(data)
        login, password = reading.text("login", max_length=MAX_LOGIN), _password(reading, required=False)
        reading.check()
        return f"/users/{service.create_user(work, login=login, password=password or None)}"

    said = _("This person can sign in. Give them a role now.")
    return submit(
        request, caller, data, do=do, again=lambda filled: _ask(request, caller, unsaid(filled)), to="/users", said=said
    )  # fmt: skip


def _password(reading: Reading, *, required: bool = True) -> str:
    """As it was typed, spaces and all."""
    password = reading.data.get("password", "")
    if (password or required) and not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        reading.wrong(
            "password", _("Write a password of %(low)s to %(high)s characters"), low=MIN_PASSWORD, high=MAX_PASSWORD
        )
    return password


def unsaid(filled: Filled) -> Filled:
    """A password is never sent back to a page."""
    return Filled({name: text for name, text in filled.typed.items() if name != "password"}, filled.faults)


@get("/users/{user_id:uuid}", sync_to_thread=True)
def show_user(request: WebRequest, caller: TheCaller, user_id: Id) -> Response[str]:
    return show(request, caller, user_id, EMPTY)


def show(request: WebRequest, caller: Caller, user_id: UUID, filled: Filled) -> Response[str]:
    caller.actor.require(Role.ADMINISTRATOR)

    def read(work: Work) -> dict[str, Any]:
        grants, interests = queries.grants_of(work, user_id), approvals.interests(work, user_id)
        return {
            "interests": interests,
            "houses": names(work, [("provider", one.provider_id) for one in interests]),
            "user": queries.user(work, user_id),
            "grants": sorted(grants, key=lambda one: (not _runs(one, work), one.from_on)),
            "running": {one.id for one in grants if _runs(one, work)},
            "keys": queries.keys_of(work, user_id),
            "scopes": names(work, _scopes(grants)),
            "has_second": factor_queries.ways(work, user_id).any,
        }

    return render(
        request, "officer/user.html", filled=filled, key=new_key(), roles=list(Role), one_day=DAY,
        is_self=caller.actor.id == user_id, **caller.read(read),
    )  # fmt: skip


def _runs(grant: HeldGrant, work: Work) -> bool:
    """Today or from a later day on."""
    return grant.until_on is None or grant.until_on > max(work.today, grant.from_on)


def _scopes(grants: list[HeldGrant]) -> list[tuple[str, UUID]]:
    providers = [("provider", one.provider_id) for one in grants if one.provider_id]
    return providers + [("recipient", one.recipient_id) for one in grants if one.recipient_id]


@post("/users/{user_id:uuid}/password", sync_to_thread=True)
def set_password(request: WebRequest, caller: TheCaller, user_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        reading = Reading(data)
        password = _password(reading)
        reading.check()
        service.set_password(work, user_id, password=password)

    return _do(
        request, caller, user_id, data, do, _("The new password holds. Open sessions of this person have ended.")
    )


@post("/users/{user_id:uuid}/second-factor", sync_to_thread=True)
def take_second_factor(request: WebRequest, caller: TheCaller, user_id: Id, data: Form) -> Response[Any]:
    said = _("The second step is taken away. The person sets up a new one after signing in.")
    return _do(request, caller, user_id, data, lambda work: second_factor.reset(work, user_id), said)


@post("/users/{user_id:uuid}/disablement", sync_to_thread=True)
def disable(request: WebRequest, caller: TheCaller, user_id: Id, data: Form) -> Response[Any]:
    said = _("This person can no longer sign in.")
    return _do(request, caller, user_id, data, lambda work: service.disable(work, user_id), said)


@post("/users/{user_id:uuid}/keys", sync_to_thread=True)
def issue_key(request: WebRequest, caller: TheCaller, user_id: Id, data: Form) -> Response[Any]:
    """The key is on this answer alone; the form sent again leads to the user's page without it."""
    issued: list[str] = []

    def do(work: Work) -> None:
        work.actor.require(Role.ADMINISTRATOR)
        reading = Reading(data)
        name = reading.text("name", max_length=MAX_KEY_NAME)
        reading.check()
        issued[:] = [service.issue_api_key(work, user_id, name=name)]

    answer = _do(request, caller, user_id, data, do, _("This key was shown before. Issue another one if it is lost."))
    if not issued or not isinstance(answer, Redirect):
        return answer
    return render(request, "officer/key.html", user_id=user_id, name=data.get("name", ""), issued=issued[0])


@post("/users/{user_id:uuid}/keys/{key_id:uuid}/revocation", sync_to_thread=True)
def revoke_key(request: WebRequest, caller: TheCaller, user_id: Id, key_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        work.actor.require(Role.ADMINISTRATOR)
        service.revoke_key(work, key_id)

    return _do(request, caller, user_id, data, do, _("The key no longer works."))


@post("/users/{user_id:uuid}/interests/{interest_id:uuid}/ending", sync_to_thread=True)
def end_interest(request: WebRequest, caller: TheCaller, user_id: Id, interest_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        if interest_id not in {one.id for one in approvals.interests(work, user_id)}:
            raise InterestNotFound
        approving.end_interest(work, interest_id)

    return _do(request, caller, user_id, data, do, _("The interest has ended. This person may decide again."))


def _do(request: WebRequest, caller: Caller, user_id: UUID, data: Form, do: Any, said: str) -> Response[Any]:
    caller.actor.require(Role.ADMINISTRATOR)
    return submit(
        request, caller, data, do=do, again=lambda filled: show(request, caller, user_id, unsaid(filled)),
        to=f"/users/{user_id}", said=said,
    )  # fmt: skip


HANDLERS = [
    list_users, ask_for_user, create, show_user, set_password, take_second_factor, disable, issue_key, revoke_key,
    end_interest,
]  # fmt: skip
