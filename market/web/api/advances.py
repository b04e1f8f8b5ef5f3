"""Advances: what contracts and rules allow, what is asked for and decided, and what is still owed of it."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import FromQuery, JSONBody
from pydantic import Field

from contracts.contract.queries import contract_for_reader
from contracts.kernel.work import Role, Work
from contracts.payment import advance_queries as queries
from contracts.payment import advancing
from contracts.payment.advance_rules import LONGEST_PURPOSE, Advance, AdvanceStatus
from market.web import queries as lists
from market.web.api.act_terms import BasisPoints
from market.web.api.approvals import StandingView, Word, standing_view
from market.web.api.catalogue import Prefix
from market.web.api.payments import PaymentView
from market.web.api.payments import show as show_payment
from market.web.lists import TheSlice
from market.web.routes import reads, writes
from market.web.wire import Asked, Day, Listing, Money, Tenge, TerritoryPrefix, Text, shown
from market.web.work import Id, TheCaller, TheKey

Status = FromQuery[AdvanceStatus | None]


class NewAdvance(Asked):
    amount: Tenge
    purpose: Annotated[str, Field(min_length=1, max_length=LONGEST_PURPOSE)]


class NewRule(Asked):
    """No contract of the territory may advance more than this share of what it has still to give."""

    territory: TerritoryPrefix
    most_bp: BasisPoints
    from_on: Day
    source: Text


class NewAgreement(Asked):
    """What the contract, or what supplements it, says of advances from that day on; 0: none any more."""

    most_bp: BasisPoints
    from_on: Day
    source: Text


class RuleView(msgspec.Struct, frozen=True):
    id: UUID
    territory: str
    most_bp: int
    from_on: date
    source: str


class TermView(msgspec.Struct, frozen=True):
    id: UUID
    most_bp: int
    from_on: date
    source: str


class AllowanceView(msgspec.Struct, frozen=True):
    """``most`` may be advanced now: ``share_bp`` of ``base``, what the contract's engagements still hold. ``open``: an
    advance is asked for, under way or not used up, and there is no second one beside it."""

    base: Money
    share_bp: int
    most: Money
    open: bool
    terms: list[TermView]


class AdvanceView(msgspec.Struct, frozen=True):
    """``owed``: what its provider has of it and has not served for; ``set_off``: what acts were paid with; both once it
    is ordered. ``payment_id`` tells where the money is."""

    id: UUID
    number: str
    contract_id: UUID
    provider_id: UUID
    territory: str
    line_id: UUID
    amount: Money
    purpose: str
    status: AdvanceStatus
    asked_at: datetime
    closed_at: datetime | None
    payment_id: UUID | None
    owed: Money | None
    set_off: Money | None


def _views(work: Work, advances: list[Advance]) -> list[AdvanceView]:
    used = queries.uses(work, [one.id for one in advances])
    paid = queries.payments_of(work, [one.id for one in advances])
    return [
        shown(
            AdvanceView, one, payment_id=paid.get(one.id),
            owed=Money.of(used[one.id].owed_minor) if one.id in used else None,
            set_off=Money.of(used[one.id].set_off_minor) if one.id in used else None,
        )
        for one in advances
    ]  # fmt: skip


def show(work: Work, advance_id: UUID) -> AdvanceView:
    return _views(work, [advancing.seen(work, queries.advance(work, advance_id))])[0]


@reads("/advances")
def list_advances(
    caller: TheCaller, at: TheSlice, territory: Prefix = None, status: Status = None
) -> Listing[AdvanceView]:
    found = caller.read(lambda work: _views(work, lists.advances(work, at, territory=territory, status=status)))
    return at.listing(found, lambda one: one, lambda one: one.id)


@reads("/advances/{advance_id:uuid}")
def get_advance(caller: TheCaller, advance_id: Id) -> AdvanceView:
    return caller.read(lambda work: show(work, advance_id))


@writes("/contracts/{contract_id:uuid}/advances")
def ask(caller: TheCaller, once: TheKey, contract_id: Id, data: JSONBody[NewAdvance]) -> Response[AdvanceView]:
    """By the contract's provider: money before the service, which is set off against its next acts."""

    def change(work: Work) -> AdvanceView:
        return show(work, advancing.ask(work, contract_id, amount_minor=data.amount.minor, purpose=data.purpose))

    return caller.write_once(once, change)


@writes("/advances/{advance_id:uuid}/withdrawal")
def withdraw(caller: TheCaller, advance_id: Id) -> AdvanceView:
    """By its provider, before it is ordered."""
    return caller.do(lambda work: advancing.withdraw(work, advance_id), lambda work: show(work, advance_id))


@writes("/advances/{advance_id:uuid}/approvals")
def decide(caller: TheCaller, advance_id: Id, data: JSONBody[Word]) -> StandingView:
    """A finance officer who did not ask for it says yes, or no with a reason: a no ends it."""
    return caller.do(
        lambda work: advancing.decide(work, advance_id, verdict=data.verdict, reason=data.reason),
        lambda work: _standing(work, advance_id),
    )


@reads("/advances/{advance_id:uuid}/approvals")
def show_standing(caller: TheCaller, advance_id: Id) -> StandingView:
    return caller.read(lambda work: _standing(work, advance_id))


def _standing(work: Work, advance_id: UUID) -> StandingView:
    advance = advancing.seen(work, queries.advance(work, advance_id))
    return standing_view(advancing.standing_of(work, advance), advance.amount_minor)


@writes("/advances/{advance_id:uuid}/payment")
def order(caller: TheCaller, once: TheKey, advance_id: Id) -> Response[PaymentView]:
    """By a finance officer who did not approve it; the worker sends it."""
    return caller.write_once(once, lambda work: show_payment(work, advancing.order(work, advance_id)))


# --- what is allowed --------------------------------------------------------------------------------------------------
@reads("/contracts/{contract_id:uuid}/advance-terms")
def show_allowance(caller: TheCaller, contract_id: Id) -> AllowanceView:
    return caller.read(lambda work: _allowance(work, contract_id))


@writes("/contracts/{contract_id:uuid}/advance-terms")
def agree(caller: TheCaller, contract_id: Id, data: JSONBody[NewAgreement]) -> AllowanceView:
    """By who concludes contracts in its territory."""
    return caller.do(
        lambda work: advancing.agree(work, contract_id, **data.values()), lambda work: _allowance(work, contract_id)
    )


def _allowance(work: Work, contract_id: UUID) -> AllowanceView:
    contract = contract_for_reader(work, contract_id)
    allowed = queries.allowance(work, contract)
    return AllowanceView(
        base=Money.of(allowed.base_minor),
        share_bp=allowed.share_bp,
        most=Money.of(allowed.ceiling_minor),
        open=queries.is_open(work, contract_id),
        terms=[shown(TermView, one) for one in queries.terms_of(work, contract_id)],
    )


@writes("/advance-rules")
def set_rule(caller: TheCaller, data: JSONBody[NewRule]) -> Listing[RuleView]:
    """By a budget officer; the strictest of the territory and of those it lies in decides."""
    return caller.do(lambda work: advancing.set_rule(work, **data.values()), _rules)


@reads("/advance-rules")
def list_rules(caller: TheCaller) -> Listing[RuleView]:
    caller.actor.require(*advancing.READERS, Role.PROVIDER)
    return caller.read(_rules)


def _rules(work: Work) -> Listing[RuleView]:
    return Listing([shown(RuleView, one) for one in queries.all_rules(work)])


HANDLERS = [
    list_advances, get_advance, ask, withdraw, decide, show_standing, order, show_allowance, agree, set_rule,
    list_rules,
]  # fmt: skip
