"""Approvals: from which amount how many must agree, what they said of an act's payment, and declared interests."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import JSONBody
from pydantic import Field

from contracts.act.queries import act_for_reader
from contracts.approval import queries, service
from contracts.approval.rules import CountedOver, Decision, Standing, Verdict
from contracts.kernel.work import Role, Work
from contracts.payment.clearance import decide_on_act, standing_of
from market.provider.queries import provider
from market.web.routes import reads, writes
from market.web.wire import Asked, Day, Listing, Money, ReasonGiven, Tenge, TerritoryPrefix, Text, shown
from market.web.work import Id, TheCaller

READERS = (*service.DECIDERS, Role.AUDITOR)


class NewThreshold(Asked):
    """From ``least`` on ``approvers`` people must agree, from that day on; 0 lifts it. The strictest of the territory
    and of those it lies in decides. ``counted_over``: one order, or all that was ordered for the same organisation on
    the same day or in the same month."""

    territory: TerritoryPrefix
    least: Tenge
    approvers: Annotated[int, Field(ge=0, le=5)]
    from_on: Day
    source: Text
    counted_over: Annotated[CountedOver, Field(strict=False)] = CountedOver.MONTH


class ThresholdView(msgspec.Struct, frozen=True):
    id: UUID
    territory: str
    least: Money
    approvers: int
    counted_over: CountedOver
    from_on: date
    source: str


class Word(Asked):
    """A reason is needed to reject."""

    verdict: Verdict
    reason: Annotated[str, Field(max_length=500)] = ""


class DecisionView(msgspec.Struct, frozen=True):
    verdict: Verdict
    amount: Money
    reason: str | None
    decided_by: UUID
    decided_at: datetime


class StandingView(msgspec.Struct, frozen=True):
    """``needed`` people must approve ``amount``; ``approved``, ``rejected``: whose last word is yes or no."""

    amount: Money
    needed: int
    complete: bool
    approved: list[DecisionView]
    rejected: list[DecisionView]


class NewInterest(ReasonGiven):
    provider_id: UUID


class InterestView(msgspec.Struct, frozen=True):
    id: UUID
    provider_id: UUID
    reason: str
    declared_at: datetime


class Ended(msgspec.Struct, frozen=True):
    id: UUID


@writes("/approval-thresholds")
def set_threshold(caller: TheCaller, data: JSONBody[NewThreshold]) -> Listing[ThresholdView]:
    """By a budget officer: who pays does not set how many must agree."""
    return caller.do(lambda work: service.set_threshold(work, **data.values()), _thresholds)


@reads("/approval-thresholds")
def list_thresholds(caller: TheCaller) -> Listing[ThresholdView]:
    caller.actor.require(*READERS)
    return caller.read(_thresholds)


def _thresholds(work: Work) -> Listing[ThresholdView]:
    return Listing([shown(ThresholdView, one) for one in queries.all_thresholds(work)])


@writes("/acts/{act_id:uuid}/approvals")
def decide(caller: TheCaller, act_id: Id, data: JSONBody[Word]) -> StandingView:
    """A finance officer who had no part in the act says yes or no to its payment."""
    return caller.do(
        lambda work: decide_on_act(work, act_id, verdict=data.verdict, reason=data.reason),
        lambda work: _standing(work, act_id),
    )


@reads("/acts/{act_id:uuid}/approvals")
def show_standing(caller: TheCaller, act_id: Id) -> StandingView:
    return caller.read(lambda work: _standing(work, act_id))


def _standing(work: Work, act_id: UUID) -> StandingView:
    act = act_for_reader(work, act_id)
    return standing_view(standing_of(work, act), act.total_minor)


def standing_view(standing: Standing, amount_minor: int) -> StandingView:
    return StandingView(
        amount=Money.of(amount_minor),
        needed=standing.needed,
        complete=standing.is_complete,
        approved=[_decision(one) for one in standing.approved],
        rejected=[_decision(one) for one in standing.rejected],
    )


def _decision(one: Decision) -> DecisionView:
    return shown(DecisionView, one)


@writes("/interests")
def declare(caller: TheCaller, data: JSONBody[NewInterest]) -> InterestView:
    """From now on you decide nothing about this provider."""

    def change(work: Work) -> InterestView:
        provider(work, data.provider_id)
        interest_id = service.declare_interest(work, provider_id=data.provider_id, reason=data.reason)
        return shown(InterestView, queries.interest(work, interest_id))

    return caller.write(change)


@reads("/interests")
def list_interests(caller: TheCaller) -> Listing[InterestView]:
    """Your own."""

    def read(work: Work) -> Listing[InterestView]:
        own = queries.interests(work, work.actor.id) if work.actor.id else []
        return Listing([shown(InterestView, one) for one in own])

    return caller.read(read)


@writes("/interests/{interest_id:uuid}/ending")
def end_interest(caller: TheCaller, interest_id: Id) -> Ended:
    """By an administrator: nobody sets themselves free."""
    return caller.do(lambda work: service.end_interest(work, interest_id), lambda _work: Ended(interest_id))


HANDLERS = [
    set_threshold, list_thresholds, decide, show_standing, declare, list_interests, end_interest,
]  # fmt: skip
