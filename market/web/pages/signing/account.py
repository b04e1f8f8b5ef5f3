"""One's own account: who I am here, how my sign-in is protected, where I am signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.status_codes import HTTP_303_SEE_OTHER

from contracts.kernel.work import Work
from market.user import factor_queries, queries, service
from market.user.factors import STRONG_ROLES, Demand, Means, Ways
from market.user.queries import HeldGrant, OpenSession
from market.web.auth import session_cookie_name
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, new_key, submit
from market.web.rendering import render
from market.web.words import WORDS
from market.web.work import Id, TheCaller, WebRequest

MAX_SESSIONS = 50  # shown; somebody with more ends them all at once
HOW: dict[Means | None, str] = {None: _("with a password"), **WORDS[Means]}


@dataclass(frozen=True, slots=True)
class Account:
    """``advice``: whether the user holds an office and has no second step, and what that means today."""

    grants: Sequence[HeldGrant]
    ways: Ways
    passkeys: int
    keys: int
    sessions: Sequence[OpenSession]
    more_sessions: bool
    here: UUID | None
    advice: Demand | None


def _account(work: Work, token: str) -> Account:
    user_id = work.actor.id
    assert user_id is not None, "the guard let a person in"
    grants = [grant for grant in queries.grants_of(work, user_id) if _is_held(grant, work)]
    ways, sessions = factor_queries.ways(work, user_id), queries.open_sessions(work, user_id)
    rule, here = factor_queries.second_factor_rule(work), queries.session(work, token)
    exposed = not ways.any and any(grant.role in STRONG_ROLES for grant in grants)
    return Account(
        grants=grants,
        ways=ways,
        passkeys=len(factor_queries.passkeys(work, user_id)),
        keys=len(queries.keys_of(work, user_id)),
        sessions=sessions[::-1][:MAX_SESSIONS],
        more_sessions=len(sessions) > MAX_SESSIONS,
        here=here.id if here else None,
        advice=(rule.demand if rule else Demand.RECOMMENDED) if exposed else None,
    )


def _is_held(grant: HeldGrant, work: Work) -> bool:
    return grant.from_on <= work.today and (grant.until_on is None or work.today < grant.until_on)


@get("/account", sync_to_thread=True)
def account_page(request: WebRequest, caller: TheCaller) -> Response[str]:
    return _show(request, caller, EMPTY)


def _show(request: WebRequest, caller: TheCaller, filled: Filled) -> Response[str]:
    token = request.cookies.get(session_cookie_name(request), "")
    account = caller.read(lambda work: _account(work, token))
    return render(request, "signing/account.html", filled=filled, account=account, how=HOW, key=new_key())


@post("/account/sessions/{session_id:uuid}/end", sync_to_thread=True, status_code=HTTP_303_SEE_OTHER)
def end_session(request: WebRequest, caller: TheCaller, session_id: Id, data: Form) -> Response[Any]:
    return submit(
        request,
        caller,
        data,
        do=lambda work: service.end_session(work, session_id),
        again=lambda filled: _show(request, caller, filled),
        to="/account",
        said=_("That session has ended."),
    )


@post("/account/sessions/end", sync_to_thread=True, status_code=HTTP_303_SEE_OTHER)
def end_other_sessions(request: WebRequest, caller: TheCaller, data: Form) -> Response[Any]:
    token = request.cookies.get(session_cookie_name(request), "")
    return submit(
        request,
        caller,
        data,
        do=lambda work: service.end_other_sessions(work, keep_token=token),
        again=lambda filled: _show(request, caller, filled),
        to="/account",
        said=_("You are signed in here only."),
    )


HANDLERS = [account_page, end_session, end_other_sessions]
