"""Giving a role with its scope and its days, and taking it back. Two roles that one person may not hold are refused in
words."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from contracts.kernel.work import HOUSE, Role, Work
from market.provider.queries import provider_numbered
from market.provider.rules import ProviderNotFound
from market.recipient.queries import recipient_numbered
from market.recipient.representation import MAX_GROUND, appoint
from market.recipient.rules import RecipientNotFound
from market.user import queries, service
from market.user.rules import OFFICES, PERSONAL_ROLES, GrantNotFound, IncompatibleRoles
from market.web.formats import filters, place_names
from market.web.language import _, language_of
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.pages.officer.users import show
from market.web.rendering import render
from market.web.work import Caller, Id, TheCaller, WebRequest

COUNTRY = "0"  # an answer for the whole country, whose prefix is empty
DAY = timedelta(days=1)


@get("/users/{user_id:uuid}/grants/new", sync_to_thread=True)
def ask_for_grant(request: WebRequest, caller: TheCaller, user_id: Id) -> Response[str]:
    return _ask(request, caller, user_id, EMPTY, request.query_params.get("role", ""))


def _ask(request: WebRequest, caller: Caller, user_id: UUID, filled: Filled, role: str) -> Response[str]:
    caller.actor.require(Role.ADMINISTRATOR)

    def read(work: Work) -> dict[str, Any]:
        return {"user": queries.user(work, user_id), "today": work.today}

    chosen = Role(role) if role in set(Role) else Role.OPERATOR
    regions = sorted(place_names(language_of(request)).items(), key=lambda one: one[1])
    return render(
        request, "officer/new_grant.html", filled=filled, key=new_key(), role=chosen, needs=needs(chosen),
        country=COUNTRY, regions=regions, **caller.read(read),
    )  # fmt: skip


def needs(role: Role) -> str:
    """Which scope the role has: that of an organisation, a person, a territory, or none."""
    if role in HOUSE:
        return "provider"
    if role in PERSONAL_ROLES:
        return "recipient"
    return "territory" if role in OFFICES else ""


@post("/users/{user_id:uuid}/grants/new", sync_to_thread=True)
def grant(request: WebRequest, caller: TheCaller, user_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        work.actor.require(Role.ADMINISTRATOR)
        reading = Reading(data)
        try:
            _give(work, user_id, reading)
        except IncompatibleRoles as refused:
            word = filters(language_of(request))["words"]
            one, other = (word(Role(role)) for role in refused.members["roles"])  # type: ignore[attr-defined] # two words
            reading.wrong(
                "role", _("One person may not be %(one)s and %(other)s at the same time"), one=one, other=other
            )
            reading.check()

    return submit(
        request, caller, data, do=do,
        again=lambda filled: _ask(request, caller, user_id, filled, data.get("role", "")),
        to=f"/users/{user_id}", said=_("The role is given."),
    )  # fmt: skip


def _give(work: Work, user_id: UUID, reading: Reading) -> None:
    role = reading.choice("role", Role)
    scope = _scope(work, reading, needs(role))
    from_on, last_on = reading.day("from_on"), reading.day("until_on", required=False)
    if from_on is not None and last_on is not None and last_on < from_on:
        reading.wrong("until_on", _("The last day is not before the first"))
    ground = reading.text("ground", max_length=MAX_GROUND) if role is Role.REPRESENTATIVE else ""
    reading.check()
    assert from_on is not None, "a required day that passed the check is one"
    until_on = None if last_on is None else last_on + DAY
    if role is Role.REPRESENTATIVE:
        appoint(work, scope["recipient_id"], user_id=user_id, ground=ground, from_on=from_on, until_on=until_on)
    else:
        service.grant(work, user_id, role=role, from_on=from_on, until_on=until_on, **scope)


def _scope(work: Work, reading: Reading, kind: str) -> dict[str, Any]:
    match kind:
        case "provider":
            number = reading.text("provider")
            try:
                return {"provider_id": provider_numbered(work, number).id}
            except ProviderNotFound:
                if number:
                    reading.wrong("provider", _("There is no organisation with this number"))
        case "recipient":
            number = reading.text("recipient")
            try:
                return {"recipient_id": recipient_numbered(work, number).id}
            except RecipientNotFound:
                if number:
                    reading.wrong("recipient", _("There is no recipient with this number"))
        case "territory":
            territory = reading.text("territory")
            return {"territory": "" if territory == COUNTRY else territory}
    return {}


@post("/users/{user_id:uuid}/grants/{grant_id:uuid}/revocation", sync_to_thread=True)
def revoke(request: WebRequest, caller: TheCaller, user_id: Id, grant_id: Id, data: Form) -> Response[Any]:
    def do(work: Work) -> None:
        work.actor.require(Role.ADMINISTRATOR)
        if queries.grant(work, grant_id).user_id != user_id:
            raise GrantNotFound
        service.revoke(work, grant_id)

    return submit(
        request, caller, data, do=do, again=lambda filled: show(request, caller, user_id, filled),
        to=f"/users/{user_id}", said=_("The role is taken back."),
    )  # fmt: skip


HANDLERS = [ask_for_grant, grant, revoke]
