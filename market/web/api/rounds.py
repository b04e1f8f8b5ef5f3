"""Matching rounds: asked for here, carried out by the worker, read here."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.params import JSONBody
from pydantic import Field

from contracts.kernel.errors import NotFound
from contracts.kernel.work import Work
from market.placement import queries
from market.placement.asking import ask_what_if
from market.placement.publishing import publish_round
from market.placement.report_queries import report_kept
from market.placement.requesting import request_round
from market.placement.rules import Policy, RoundNotFound, RoundStatus
from market.placement.supposing import MOST_PLACES, Kind, Question, Stand
from market.web import queries as lists
from market.web.api import round_rules
from market.web.api.catalogue import Prefix
from market.web.asking import answer
from market.web.lists import TheSlice
from market.web.routes import reads, writes
from market.web.sight import check_seen
from market.web.wire import Asked, Listing, Tenge, TerritoryPrefix, shown
from market.web.work import Id, TheCaller

MAX_SECONDS = 3600


class NewRound(Asked):
    """For everyone who waits under the territory prefix."""

    territory: TerritoryPrefix = ""
    policy: Policy = Policy.WELFARE
    seed: Annotated[int, Field(ge=0, le=2**31)] = 1
    time_limit_seconds: Annotated[int, Field(ge=1, le=MAX_SECONDS)] = 600


class RoundView(msgspec.Struct, frozen=True):
    """``certificate`` is "verified" or says why not; ``facts``: the phase it is in, then its figures."""

    id: UUID
    number: int
    territory: str
    policy: Policy
    seed: int
    time_limit_seconds: int
    status: RoundStatus
    requested_at: datetime
    finished_at: datetime | None
    instance_sha256: str | None
    requests: int | None
    served: int | None
    served_by_tier: list[int] | None
    cost: int | None
    certificate: str | None
    facts: dict[str, Any] | None
    published_at: datetime | None


class ReportView(msgspec.Struct, frozen=True):
    """``fairness``: what the round's own policy and, on a copy, the other one did for the same people; pairs are
    [served, of], distances metres by percent. ``diagnosis``: ``parts`` with too few places whatever anybody does, and
    what one more place is worth, by offer and region: [offer, price, tier it would serve, rest of it in 100 m]."""

    made_at: datetime
    fairness: dict[str, Any]
    diagnosis: dict[str, Any]


class Supposition(Asked):
    """``add`` so many places at an offer, ``close`` it, ``move`` places ``to`` another, another ``price`` of it, the
    ``best`` places to add anywhere, the other ``policy``."""

    kind: Kind
    offer_id: UUID | None = None
    to_id: UUID | None = None
    count: Annotated[int, Field(ge=0, le=MOST_PLACES)] = 0
    price: Tenge | None = None

    def question(self) -> Question:
        return Question(self.kind, self.offer_id, self.to_id, self.count, self.price.minor if self.price else 0)


class StandView(msgspec.Struct, frozen=True):
    served_by_tier: list[int]
    way_m: int
    firsts: int


class AdviceView(msgspec.Struct, frozen=True):
    offer_id: UUID
    served_by_tier: list[int]


class SuppositionView(msgspec.Struct, frozen=True):
    """For the ``asked`` requests that the question touches. ``advice``: one more place at each, one after the other."""

    policy: Policy
    asked: int
    before: StandView
    after: StandView
    gained: int
    lost: int
    moved: int
    advice: list[AdviceView]
    seconds: float


class RoundNotReported(NotFound):
    code = "round-not-reported"
    title = "The report of this round is not counted yet, or the round is older than reports are"


def show(work: Work, round_id: UUID) -> RoundView:
    found = queries.round_(work, round_id)
    check_seen(work.actor, RoundNotFound, territory=found.territory)
    return shown(RoundView, found)


@writes("/rounds")
def start_round(caller: TheCaller, data: JSONBody[NewRound]) -> RoundView:
    """Written down as requested; the worker runs it. One at a time."""
    return caller.write(lambda work: show(work, request_round(work, **data.values())))


@reads("/rounds")
def list_rounds(caller: TheCaller, at: TheSlice, territory: Prefix = None) -> Listing[RoundView]:
    found = caller.read(lambda work: lists.rounds(work, at, territory=territory))
    return at.listing(found, lambda one: shown(RoundView, one), lambda one: one.id)


@reads("/rounds/{round_id:uuid}")
def get_round(caller: TheCaller, round_id: Id) -> RoundView:
    return caller.read(lambda work: show(work, round_id))


@writes("/rounds/{round_id:uuid}/publication")
def publish(caller: TheCaller, round_id: Id) -> RoundView:
    """A round takes effect at once; from now on everybody may read its summary, without small numbers."""

    def publish_seen(work: Work) -> RoundView:
        show(work, round_id)  # to whom it is not shown, it is not there
        publish_round(work, round_id)
        return show(work, round_id)

    return caller.write(publish_seen)


@reads("/rounds/{round_id:uuid}/report")
def get_report(caller: TheCaller, round_id: Id) -> ReportView:
    """How the round treated people and where it fell short, counted a moment after it has ended."""

    def read(work: Work) -> ReportView:
        show(work, round_id)
        kept = report_kept(work, round_id)
        if kept is None:
            raise RoundNotReported
        return ReportView(*kept)

    return caller.read(read)


@writes("/rounds/{round_id:uuid}/what-if")
def what_if(caller: TheCaller, round_id: Id, data: JSONBody[Supposition]) -> SuppositionView:
    """Solves the round again on a copy with one change; takes seconds. Nothing is written but that it was asked."""
    question = data.question()

    def asked(work: Work) -> int:
        show(work, round_id)
        return ask_what_if(work, round_id, question)

    told = answer(caller.site.settings, caller.write(asked), question)
    return SuppositionView(
        policy=told.policy,
        asked=told.asked,
        before=_stand(told.before),
        after=_stand(told.after),
        gained=told.gained,
        lost=told.lost,
        moved=told.moved,
        advice=[AdviceView(offer, list(served)) for offer, served in told.advice],
        seconds=told.seconds,
    )


def _stand(one: Stand) -> StandView:
    return StandView(list(one.served_by_tier), one.way_m, one.firsts)


HANDLERS = [start_round, list_rounds, get_round, publish, get_report, what_if, *round_rules.HANDLERS]
