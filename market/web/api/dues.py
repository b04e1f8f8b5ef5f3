"""What recipients owe of their co-payments: asked, paid, remitted, given back."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import FromQuery, JSONBody
from pydantic import Field

from contracts.collection import queries, service
from contracts.collection.queries import Account
from contracts.collection.rules import CollectionKind, CollectionStatus
from contracts.kernel.work import Role, Work
from market.oversight.desk import scope
from market.recipient.queries import recipient
from market.web.lists import TheSlice
from market.web.routes import reads, writes
from market.web.wire import Asked, Listing, Money, ReasonGiven, Tenge, shown
from market.web.work import Id, TheCaller, TheKey


class DueView(msgspec.Struct, frozen=True):
    """``asked``: by accepted acts; ``paid`` includes what was ``returned`` later; ``left``: what is still to be paid;
    ``owed_back``: what was paid too much and is not on its way back. ``stopped``: a person must look."""

    id: UUID
    number: str
    engagement_id: UUID
    recipient_id: UUID
    provider_id: UUID
    territory: str
    kind: str
    month: str
    asked: Money
    remitted: Money
    paid: Money
    returned: Money
    left: Money
    owed_back: Money
    pay_by_on: date
    opened_at: datetime
    stopped: bool


class CollectionView(msgspec.Struct, frozen=True):
    """``gateway_id``: what it is called at the payment server; ``paying``: the server is being asked to take it from
    the recipient's method; ``declined_at``: the last try was refused."""

    id: UUID
    kind: CollectionKind
    status: CollectionStatus
    amount: Money
    gateway_id: str | None
    ordered_at: datetime
    paying: bool
    declined_at: datetime | None
    ended_at: datetime | None


class OneDue(DueView, frozen=True):
    collections: list[CollectionView]


class NewPayment(Asked):
    """``method``: what the payment server calls the way to pay, as its own form gave it to the payer."""

    method: Annotated[str, Field(min_length=4, max_length=64, examples=["pm_card_visa"])]


class NewRemission(ReasonGiven):
    amount: Tenge


def _view(account: Account) -> DueView:
    return shown(DueView, account.due, **_money(account))


def _money(account: Account) -> dict[str, object]:
    amounts = {name: Money.of(getattr(account, f"{name}_minor")) for name in ("paid", "returned", "left", "owed_back")}
    return {**amounts, "stopped": account.stopped}


def _one(work: Work, due_id: UUID) -> OneDue:
    account = queries.account_of(work, service.show(work, due_id))
    latest = queries.latest_collections(work, due_id)
    moves = [shown(CollectionView, one, paying=one.method is not None) for one in latest]
    return shown(OneDue, account.due, collections=moves, **_money(account))


@reads("/dues")
def list_dues(caller: TheCaller, at: TheSlice, stopped: FromQuery[bool] = False) -> Listing[DueView]:
    """Of the officer's territories, the newest first."""
    caller.actor.require(*service.READERS)
    held = scope(caller.actor, *service.READERS)
    found = caller.read(lambda work: queries.dues_in(work, held, stopped=stopped, after=at.after, limit=at.limit + 1))
    return at.listing(found, _view, lambda account: account.due.id)


@reads("/recipients/{recipient_id:uuid}/dues")
def list_dues_of_recipient(caller: TheCaller, recipient_id: Id) -> Listing[DueView]:
    """The latest months first."""

    def read(work: Work) -> list[Account]:
        territory = recipient(work, recipient_id).territory
        work.actor.require_recipient(recipient_id, *service.READERS, Role.OPERATOR, territory=territory)
        return service.dues_of(work, recipient_id)

    return Listing([_view(account) for account in caller.read(read)])


@reads("/dues/{due_id:uuid}")
def get_due(caller: TheCaller, due_id: Id) -> OneDue:
    return caller.read(lambda work: _one(work, due_id))


@writes("/dues/{due_id:uuid}/payment")
def pay(caller: TheCaller, once: TheKey, due_id: Id, data: JSONBody[NewPayment]) -> Response[OneDue]:
    """All that is left, by the recipient or who stands in for them; the worker does it, and the due says what came of
    it."""
    return caller.do_once(
        once, lambda work: service.pay(work, due_id, method=data.method), lambda work: _one(work, due_id)
    )


@writes("/dues/{due_id:uuid}/remission")
def remit(caller: TheCaller, once: TheKey, due_id: Id, data: JSONBody[NewRemission]) -> Response[OneDue]:
    """So much of it is not owed after all: less is asked, and what was paid of it goes back."""
    return caller.do_once(
        once,
        lambda work: service.remit(work, due_id, amount_minor=data.amount.minor, reason=data.reason),
        lambda work: _one(work, due_id),
    )


@writes("/dues/{due_id:uuid}/resumption")
def resume(caller: TheCaller, due_id: Id) -> OneDue:
    """Tries again what waits for a person."""
    return caller.do(lambda work: service.resume(work, due_id), lambda work: _one(work, due_id))


HANDLERS = [list_dues, list_dues_of_recipient, get_due, pay, remit, resume]
