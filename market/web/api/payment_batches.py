"""Batches of payments: accepted acts that are approved on their total and ordered as a whole."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import FromQuery, JSONBody
from pydantic import Field

from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.payment import batch_ordering, batching
from contracts.payment.batch_queries import Condition
from contracts.payment.batch_rules import MOST_ACTS, Batch, BatchStatus, Lack, LineStatus
from contracts.payment.rules import PaymentStatus
from market.oversight.batches import DeskLine, lines_of_batch
from market.web import queries as lists
from market.web.api.approvals import StandingView, Word, standing_view
from market.web.api.catalogue import Prefix
from market.web.lists import TheSlice
from market.web.routes import reads, writes
from market.web.wire import Asked, Listing, Money, MonthText, TerritoryCode, shown
from market.web.work import Id, TheCaller, TheKey

Status = FromQuery[BatchStatus | None]


class NewBatch(Asked):
    """``year``: the budget year whose lines pay."""

    territory: TerritoryCode
    year: Annotated[int, Field(ge=2000, le=2100)]


class ChosenActs(Asked):
    act_ids: Annotated[list[Annotated[UUID, Field(strict=False)]], Field(min_length=1, max_length=MOST_ACTS)]


class Collecting(Asked):
    """``month``: of service; without it all that waits."""

    month: MonthText | None = None


class Removal(Asked):
    """Without an act: all that cannot be paid as things stand."""

    act_id: Annotated[UUID | None, Field(strict=False)] = None


class BatchView(msgspec.Struct, frozen=True):
    """``total``: what is approved; ``ordered``: of what could still be paid when it was ordered."""

    id: UUID
    number: str
    territory: str
    year: int
    status: BatchStatus
    total: Money
    ordered: Money
    opened_by: UUID
    opened_at: datetime
    submitted_by: UUID | None
    submitted_at: datetime | None
    ordered_by: UUID | None
    ordered_at: datetime | None
    dissolved_at: datetime | None


class BatchLineView(msgspec.Struct, frozen=True):
    """``lack``: why it dropped out when the batch was ordered; ``lacks_now``: why it could not be paid now."""

    act_id: UUID
    act_number: str
    amount: Money
    status: LineStatus
    lack: Lack | None
    lacks_now: Lack | None
    account_changed: bool
    payment_number: str | None
    payment_status: PaymentStatus | None


def view(batch: Batch) -> BatchView:
    return shown(BatchView, batch)


def show(work: Work, batch_id: UUID) -> BatchView:
    return view(batching.show(work, batch_id))


@writes("/payment-batches")
def open_batch(caller: TheCaller, once: TheKey, data: JSONBody[NewBatch]) -> Response[BatchView]:
    """By a finance officer of the territory: empty at first."""
    return caller.write_once(once, lambda work: show(work, batching.open_batch(work, **data.values())))


@reads("/payment-batches")
def list_batches(
    caller: TheCaller, at: TheSlice, territory: Prefix = None, status: Status = None
) -> Listing[BatchView]:
    found = caller.read(lambda work: lists.payment_batches(work, at, territory=territory, status=status))
    return at.listing(found, view, lambda batch: batch.id)


@reads("/payment-batches/{batch_id:uuid}")
def get_batch(caller: TheCaller, batch_id: Id) -> BatchView:
    return caller.read(lambda work: show(work, batch_id))


@reads("/payment-batches/{batch_id:uuid}/lines")
def list_lines(caller: TheCaller, at: TheSlice, batch_id: Id) -> Listing[BatchLineView]:
    """The acts of the batch, and what each lacks while it is not ordered."""

    def read(work: Work) -> tuple[list[DeskLine], dict[UUID, Condition]]:
        batching.show(work, batch_id)
        found = lines_of_batch(work, batch_id, after=at.after, limit=at.limit)
        return found, batching.conditions_of(work, [one for one in found if one.status is LineStatus.HELD])

    found, how = caller.read(read)

    def line(one: DeskLine) -> BatchLineView:
        now = how.get(one.act_id)
        changed = now is not None and now.account_changed
        return shown(BatchLineView, one, lacks_now=now.lack if now else None, account_changed=changed)

    return at.listing(found, line, lambda one: one.id)


@writes("/payment-batches/{batch_id:uuid}/acts")
def add_acts(caller: TheCaller, batch_id: Id, data: JSONBody[ChosenActs]) -> BatchView:
    """All of them, or none."""
    return caller.do(lambda work: batching.add(work, batch_id, data.act_ids), lambda work: show(work, batch_id))


@writes("/payment-batches/{batch_id:uuid}/collection")
def collect(caller: TheCaller, batch_id: Id, data: JSONBody[Collecting]) -> BatchView:
    """Every act of the territory and year that can be paid now, as far as there is room, the oldest first."""
    month = Month.parse(data.month) if data.month else None
    return caller.do(lambda work: batching.add_payable(work, batch_id, month=month), lambda work: show(work, batch_id))


@writes("/payment-batches/{batch_id:uuid}/removals")
def remove(caller: TheCaller, batch_id: Id, data: JSONBody[Removal]) -> BatchView:
    def take_out(work: Work) -> None:
        if data.act_id is None:
            batching.remove_unpayable(work, batch_id)
        else:
            batching.remove(work, batch_id, data.act_id)

    return caller.do(take_out, lambda work: show(work, batch_id))


@writes("/payment-batches/{batch_id:uuid}/submission")
def submit(caller: TheCaller, batch_id: Id) -> BatchView:
    """From here on neither acts nor amounts change."""
    return caller.do(lambda work: batching.submit(work, batch_id), lambda work: show(work, batch_id))


@writes("/payment-batches/{batch_id:uuid}/dissolution")
def dissolve(caller: TheCaller, batch_id: Id) -> BatchView:
    """Its acts are free again."""
    return caller.do(lambda work: batching.dissolve(work, batch_id), lambda work: show(work, batch_id))


@writes("/payment-batches/{batch_id:uuid}/approvals")
def decide(caller: TheCaller, batch_id: Id, data: JSONBody[Word]) -> StandingView:
    """A finance officer who had no part in it, and is free towards everybody it pays, says yes or no to its total."""
    return caller.do(
        lambda work: batch_ordering.decide(work, batch_id, verdict=data.verdict, reason=data.reason),
        lambda work: _standing(work, batch_id),
    )


@reads("/payment-batches/{batch_id:uuid}/approvals")
def show_standing(caller: TheCaller, batch_id: Id) -> StandingView:
    return caller.read(lambda work: _standing(work, batch_id))


def _standing(work: Work, batch_id: UUID) -> StandingView:
    batch = batching.show(work, batch_id)
    return standing_view(batch_ordering.standing_of(work, batch), batch.total_minor)


@writes("/payment-batches/{batch_id:uuid}/order")
def order(caller: TheCaller, once: TheKey, batch_id: Id) -> Response[BatchView]:
    """As a whole; what cannot be paid any more drops out with its reason. The worker sends the payments."""
    return caller.do_once(once, lambda work: batch_ordering.order(work, batch_id), lambda work: show(work, batch_id))


HANDLERS = [
    open_batch, list_batches, get_batch, list_lines, add_acts, collect, remove, submit, dissolve, decide, show_standing,
    order,
]  # fmt: skip
