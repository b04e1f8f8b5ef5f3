"""The sentences that must always hold over acts."""

from typing import Any

import sqlalchemy as sa

from contracts.act import missed, taken_back
from contracts.act.models import ActEditionRow, ActEntryRow, ActLineRow, ActRow, ActTotalRow
from contracts.act.pricing import Collector, VatMode
from contracts.act.rules import ACCEPTED, ActStatus, LineOf
from contracts.kernel.database import Invariant
from contracts.ledger.models import AccountRow, TransferRow
from contracts.ledger.rules import AccountKind
from contracts.register.models import EntryRow
from contracts.register.queries import seconds_between


def _lines_that_differ_from_entries() -> sa.Select[Any]:
    sums = (
        sa.select(
            ActEntryRow.act_line_id,
            sa.func.count().label("entries"),
            sa.func.sum(EntryRow.quantity).label("quantity"),
            sa.func.sum(seconds_between(EntryRow.started_at, EntryRow.ended_at)).label("seconds"),
        )
        .join(EntryRow, EntryRow.id == ActEntryRow.entry_id)
        .group_by(ActEntryRow.act_line_id)
        .subquery()
    )
    return (
        sa.select(ActLineRow.id)
        .outerjoin(sums, sums.c.act_line_id == ActLineRow.id)
        .where(
            ActLineRow.what == LineOf.VISITS,
            sa.or_(
                ActLineRow.entries != sa.func.coalesce(sums.c.entries, 0),
                ActLineRow.quantity != sa.func.coalesce(sums.c.quantity, 0),
                ActLineRow.seconds != sa.func.coalesce(sums.c.seconds, 0),
            ),
        )
    )


def _entries_in_another_act() -> sa.Select[Any]:
    """The register's own note of the act and the act's list of visits must say the same."""
    return (
        sa.select(EntryRow.id)
        .outerjoin(ActEntryRow, ActEntryRow.entry_id == EntryRow.id)
        .outerjoin(ActLineRow, ActLineRow.id == ActEntryRow.act_line_id)
        .where(
            sa.or_(
                EntryRow.act_id.is_distinct_from(ActLineRow.act_id),
                sa.and_(ActLineRow.id.is_not(None), ActLineRow.engagement_id != EntryRow.engagement_id),
            )
        )
    )


def _figures_that_do_not_add_up() -> sa.Select[Any]:
    """What is paid of a line is its cost, less what was taken off, plus tax that comes on top, less what the provider
    collects from the recipient."""
    on_top = sa.case((ActRow.vat_mode == VatMode.ADDED, ActLineRow.vat_minor), else_=0)
    own = sa.case((ActRow.collector == Collector.PROVIDER, ActLineRow.copayment_minor), else_=0)
    figures = ActLineRow.cost_minor - ActLineRow.deducted_minor + on_top - own
    return (
        sa.select(ActLineRow.id)
        .join(ActRow, ActRow.id == ActLineRow.act_id)
        .where(
            sa.or_(
                ActLineRow.amount_minor != figures, (ActRow.vat_mode == VatMode.EXEMPT) & (ActLineRow.vat_minor != 0)
            )
        )
    )


def _astray_from_their_edition() -> sa.Select[Any]:
    """An accepted act says what its last edition says, and its editions are counted."""
    last = sa.and_(ActEditionRow.act_id == ActRow.id, ActEditionRow.number == ActRow.editions)
    every = sa.orm.aliased(ActEditionRow)
    count = sa.select(sa.func.count()).where(every.act_id == ActRow.id).scalar_subquery()
    accepted = sa.and_(ActRow.status == ActStatus.ACCEPTED, ActRow.editions > 0)
    return (
        sa.select(ActRow.id)
        .outerjoin(ActEditionRow, last)
        .where(
            sa.or_(
                ActRow.editions != count,
                sa.and_(accepted, ActEditionRow.total_minor.is_distinct_from(ActRow.total_minor)),
            )
        )
    )


def _corrections_astray() -> sa.Select[Any]:
    """An act that corrects another is of its contract and month, and that one is accepted."""
    first = sa.orm.aliased(ActRow)
    same = sa.and_(first.contract_id == ActRow.contract_id, first.month == ActRow.month, first.part == 0)
    return (
        sa.select(ActRow.id)
        .join(first, first.id == ActRow.corrects_id)
        .where(sa.or_(~same, first.status != ActStatus.ACCEPTED))
    )


def _unpaid() -> sa.Select[Any]:
    """What acceptance moved: a payment that came back, or that the bank paid less of, credits the account once more."""
    accepted = ActRow.status == ActStatus.ACCEPTED
    moved = (
        sa.select(TransferRow.credit_id, sa.func.sum(TransferRow.amount_minor).label("sum"))
        .where(TransferRow.reason == ACCEPTED)
        .group_by(TransferRow.credit_id)
        .subquery()
    )
    own = sa.and_(AccountRow.owner_id == ActRow.id, AccountRow.kind == AccountKind.PAYABLE)
    return (
        sa.select(ActRow.id)
        .outerjoin(AccountRow, own)
        .outerjoin(moved, moved.c.credit_id == AccountRow.id)
        .where(
            sa.or_(
                sa.and_(accepted, sa.func.coalesce(moved.c.sum, 0) != ActRow.total_minor),
                sa.and_(accepted, sa.or_(AccountRow.id.is_(None), ActRow.account_id.is_distinct_from(AccountRow.id))),
                sa.and_(accepted, ActRow.payee_version_id.is_(None)),
                sa.and_(~accepted, AccountRow.id.is_not(None)),
            )
        )
    )


def invariants() -> list[Invariant]:
    acts = sa.select(sa.func.count()).select_from(ActRow)
    printed = sa.select(sa.func.sum(ActLineRow.amount_minor)).where(ActLineRow.act_id == ActRow.id).scalar_subquery()
    totals = sa.select(ActRow.id).where(ActRow.total_minor != sa.func.coalesce(printed, 0))
    one_hand = sa.select(ActRow.id).where(ActRow.accepted_by.in_([ActRow.drafted_by, ActRow.submitted_by]))
    count_lines = sa.select(sa.func.count()).select_from(ActLineRow)
    count_entries = sa.select(sa.func.count()).select_from(EntryRow)
    return [
        Invariant("an act's total is the sum of its printed lines", acts, totals),
        Invariant("the figures of an act's line add up to what is paid", count_lines, _figures_that_do_not_add_up()),
        Invariant("an accepted act says what its last edition says", acts, _astray_from_their_edition()),
        Invariant("an act corrects the accepted act of its month", acts, _corrections_astray()),
        Invariant("an act's line is the sum of its visits", count_lines, _lines_that_differ_from_entries()),
        Invariant("a visit stands in the act that took it and in no other", count_entries, _entries_in_another_act()),
        Invariant("an accepted act's account was credited with exactly its total", acts, _unpaid()),
        Invariant("an act was accepted by a second person", acts, one_hand),
        Invariant("what is kept of a line's acts by month is what they come to", acts, _sums_that_differ()),
        *missed.invariants(),
        *taken_back.invariants(),
    ]


def _sums_that_differ() -> sa.Select[Any]:
    """Lines whose kept totals are not what their acts come to."""
    kept = ActTotalRow
    stands = sa.select(
        ActRow.line_id, ActRow.month, ActRow.status.cast(sa.String(32)).label("status"), ActRow.total_minor
    )
    both = stands.union_all(sa.select(kept.line_id, kept.month, kept.status, -kept.total_minor)).subquery()
    grouped = sa.select(both.c.line_id).group_by(both.c.line_id, both.c.month, both.c.status)
    return grouped.having(sa.func.sum(both.c.total_minor) != 0)
