"""Making a batch: acts of one territory and budget year are collected, and handed in; from then on nothing changes."""

from collections.abc import Collection, Sequence
from typing import Protocol
from uuid import UUID

from contracts.act.rules import Act, ActStatus
from contracts.audit.service import record
from contracts.budget import queries as budget
from contracts.kernel.database import table_of
from contracts.kernel.ids import human_number, new_id
from contracts.kernel.money import MAX_MINOR
from contracts.kernel.period import Month
from contracts.kernel.work import Role, Work
from contracts.payment import batch_queries as queries
from contracts.payment.batch_models import BatchLineRow, BatchRow
from contracts.payment.batch_rules import (
    BATCH,
    MOST_ACTS,
    OPEN,
    ActInBatch,
    ActNotForBatch,
    Batch,
    BatchEmpty,
    BatchFull,
    BatchLine,
    BatchNotFound,
    BatchNotOpen,
    BatchNotReady,
    BatchOver,
    BatchStatus,
    Lack,
    LineStatus,
    total_of,
)
from contracts.payment.rules import check_third_person

READERS = (Role.FINANCE_OFFICER, Role.BUDGET_OFFICER, Role.AUDITOR)
MOST_NAMED = 10  # acts in one refusal

_batches, _lines = table_of(BatchRow), table_of(BatchLineRow)


def open_batch(work: Work, *, territory: str, year: int) -> UUID:
    """By a finance officer of the territory: an empty batch for acts paid from its lines of the year."""
    work.actor.require(Role.FINANCE_OFFICER, territory=territory)
    batch_id = new_id()
    work.insert(
        BatchRow, id=batch_id, number=human_number("PB"), territory=territory, year=year, status=BatchStatus.DRAFT,
        total_minor=0, ordered_minor=0, day_minor=0, month_minor=0, opened_by=check_third_person(work.actor.id),
        opened_at=work.now, submitted_by=None, submitted_at=None, ordered_by=None, ordered_at=None, dissolved_by=None,
        dissolved_at=None,
    )  # fmt: skip
    record(work, "payment-batch", batch_id, "opened")
    return batch_id


def show(work: Work, batch_id: UUID) -> Batch:
    """To officers and auditors of the territory. Raises BatchNotFound."""
    return seen(work, queries.batch(work, batch_id))


def seen(work: Work, batch: Batch) -> Batch:
    """The batch, if the actor may look at it. Raises BatchNotFound."""
    if not work.actor.has(*READERS, territory=batch.territory):
        raise BatchNotFound
    return batch


def owned(work: Work, batch_id: UUID) -> Batch:
    """The batch, locked, for a finance officer of its territory. Raises BatchNotFound."""
    work.actor.require(Role.FINANCE_OFFICER)
    batch = queries.batch(work, batch_id, lock=True)
    if not work.actor.has(Role.FINANCE_OFFICER, territory=batch.territory):
        raise BatchNotFound
    return batch


def _draft(work: Work, batch_id: UUID) -> Batch:
    batch = owned(work, batch_id)
    if batch.status is not BatchStatus.DRAFT:
        raise BatchNotOpen(rule="draft", status=str(batch.status))
    return batch


def add(work: Work, batch_id: UUID, act_ids: Collection[UUID]) -> int:
    """Acts chosen by hand; all of them or none. How many are in the batch now. Raises BatchNotOpen, BatchFull,
    ActNotForBatch, ActInBatch."""
    batch = _draft(work, batch_id)
    chosen = set(act_ids)
    if not chosen or len(chosen) > MOST_ACTS:
        raise ActNotForBatch(f"Choose 1 to {MOST_ACTS} acts", rule="some-acts", pointer="/acts")
    acts = list(queries.acts_of(work, chosen, lock=True).values())
    strange = [one for one in acts if not _belongs(work, batch, one)]
    if strange or len(acts) < len(chosen):
        numbers = _numbers(strange) or "one of them"
        raise ActNotForBatch(f"Not an accepted act of this territory and year: {numbers}", rule="same-purse")
    how = queries.conditions(work, acts)
    lacking = [one for one in acts if how[one.id].lack]
    if lacking:
        raise ActNotForBatch(f"It cannot be paid now: {_numbers(lacking)}", rule="payable")
    return _take(work, batch, acts)


def add_payable(work: Work, batch_id: UUID, *, month: Month | None = None, limit: int = MOST_ACTS) -> int:
    """All acts that can be paid now, of a month of service or of all, the oldest first, as far as there is room. How
    many came in."""
    batch = _draft(work, batch_id)
    room = min(limit, MOST_ACTS - len(queries.lines(work, batch_id)))
    fit: list[Act] = []
    after: UUID | None = None
    while len(fit) < room:
        found = queries.payable_acts(work, territory=batch.territory, year=batch.year, month=month, after=after)
        if not found:
            break
        after = found[-1].id
        locked = queries.acts_of(work, [one.id for one in found], lock=True)
        held = queries.held_by(work, locked)
        how = queries.conditions(work, locked.values())
        fit += [one for one in found if one.id not in held and how[one.id].lack is None]
    taken = fit[: max(room, 0)]
    if taken:
        _take(work, batch, taken)
    return len(taken)


def _belongs(work: Work, batch: Batch, act: Act) -> bool:
    accepted = act.status is ActStatus.ACCEPTED and act.total_minor > 0
    return accepted and act.territory == batch.territory and budget.line(work, act.line_id).year == batch.year


def _take(work: Work, batch: Batch, acts: Sequence[Act]) -> int:
    present = queries.lines(work, batch.id)
    if len(present) + len(acts) > MOST_ACTS:
        raise BatchFull(rule="so-many-acts", pointer="/acts")
    how = queries.conditions(work, acts)
    for act in acts:
        if not work.insert_if_new(
            BatchLineRow, id=new_id(), batch_id=batch.id, act_id=act.id, provider_id=act.provider_id,
            line_id=act.line_id, amount_minor=how[act.id].left_minor, status=LineStatus.HELD, lack=None,
            payment_id=None,
        ):  # fmt: skip
            raise ActInBatch(f"It is in a batch: {act.number}", rule="one-batch")
    _record_total(work, batch, "collected")
    return len(present) + len(acts)


def remove(work: Work, batch_id: UUID, act_id: UUID) -> None:
    """Takes an act out of a draft. Raises BatchNotOpen, ActNotForBatch."""
    batch = _draft(work, batch_id)
    found = [one for one in queries.lines(work, batch_id) if one.act_id == act_id]
    if not found:
        raise ActNotForBatch("It is not in this batch", rule="in-the-batch")
    _remove(work, batch, found)


def remove_unpayable(work: Work, batch_id: UUID) -> int:
    """Takes out what cannot be paid as things stand; how many acts."""
    batch = _draft(work, batch_id)
    lines = queries.lines(work, batch_id)
    how = conditions_of(work, lines)
    lacking = [one for one in lines if how[one.act_id].lack not in (None, Lack.AMOUNT)]
    if lacking:
        _remove(work, batch, lacking)
    return len(lacking)


class Held(Protocol):
    """A line of a batch, or a row of one on a desk."""

    @property
    def act_id(self) -> UUID: ...
    @property
    def amount_minor(self) -> int: ...


def conditions_of(work: Work, lines: Collection[Held]) -> dict[UUID, queries.Condition]:
    acts = queries.acts_of(work, [one.act_id for one in lines])
    return queries.conditions(work, acts.values(), {one.act_id: one.amount_minor for one in lines})


def _remove(work: Work, batch: Batch, lines: Collection[BatchLine]) -> None:
    move(work, lines, LineStatus.REMOVED)
    _record_total(work, batch, "reduced")


def move(work: Work, lines: Collection[BatchLine], status: LineStatus) -> None:
    for line in lines:
        assert work.update(BatchLineRow, line.id, _lines.c.status == LineStatus.HELD, status=status)


def _record_total(work: Work, batch: Batch, verb: str) -> None:
    total = total_of(queries.lines(work, batch.id))
    if total > MAX_MINOR:
        raise BatchFull(rule="so-much-money", pointer="/acts")
    assert work.update(BatchRow, batch.id, _batches.c.status == BatchStatus.DRAFT, total_minor=total)
    record(work, "payment-batch", batch.id, verb)


def submit(work: Work, batch_id: UUID) -> None:
    """From here on neither acts nor amounts change; what is left of an act now is what it is paid. Raises BatchNotOpen,
    BatchEmpty, BatchNotReady."""
    batch = _draft(work, batch_id)
    lines = queries.lines(work, batch_id)
    if not lines:
        raise BatchEmpty(rule="some-acts")
    acts = queries.acts_of(work, [one.act_id for one in lines], lock=True)
    how = conditions_of(work, lines)
    lacking = [acts[one.act_id] for one in lines if how[one.act_id].lack not in (None, Lack.AMOUNT)]
    if lacking:
        raise BatchNotReady(f"It cannot be paid now: {_numbers(lacking)}", rule="payable")
    for line in lines:
        left = how[line.act_id].left_minor
        if left != line.amount_minor:
            assert work.update(BatchLineRow, line.id, _lines.c.status == LineStatus.HELD, amount_minor=left)
    total = sum(how[one.act_id].left_minor for one in lines)
    assert work.update(
        BatchRow, batch_id, _batches.c.status == batch.status, status=BATCH.after("submitted", batch.status),
        total_minor=total, submitted_by=work.actor.id, submitted_at=work.now,
    )  # fmt: skip
    record(work, "payment-batch", batch_id, "submitted")


def dissolve(work: Work, batch_id: UUID) -> None:
    """Its acts are free again: what others have said about it counts no more. Raises BatchOver."""
    batch = owned(work, batch_id)
    if batch.status not in OPEN:
        raise BatchOver(rule="open", status=str(batch.status))
    move(work, queries.lines(work, batch_id), LineStatus.RELEASED)
    assert work.update(
        BatchRow, batch_id, _batches.c.status == batch.status, status=BATCH.after("dissolved", batch.status),
        dissolved_by=work.actor.id, dissolved_at=work.now,
    )  # fmt: skip
    record(work, "payment-batch", batch_id, "dissolved")


def _numbers(acts: Sequence[Act]) -> str:
    return ", ".join(one.number for one in acts[:MOST_NAMED])
