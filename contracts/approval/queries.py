"""Thresholds in force, what was decided, and who is not free to decide."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from contracts.approval.models import ApprovalRow, InterestRow, ThresholdRow
from contracts.approval.rules import Decision, Interest, Standing, Subject, Threshold, Verdict, last_words, needed_for
from contracts.kernel.work import Work

MOST = 500  # thresholds or interests in one answer; of one subject nobody decides so often


def approved(work: Work, subject: Subject, amount_minor: int) -> Standing:
    """What this amount needs in the subject's territory now, and who has said what about it. A word on another amount
    does not count: what was approved is what is paid."""
    in_force = thresholds(work, territory=subject.territory, at=work.now)
    return _standing(subject, amount_minor, in_force, decisions(work, subject.id, amount_minor=amount_minor))


def standings(work: Work, asked: Sequence[tuple[Subject, int]]) -> dict[UUID, Standing]:
    """As ``approved``, of a page of subjects with their amounts, in two SELECTs."""
    everywhere = thresholds(work, at=work.now)
    ids = [subject.id for subject, _amount in asked]
    said = work.find_all(Decision, ApprovalRow, ApprovalRow.subject_id.in_(ids), order_by=(ApprovalRow.id,), limit=MOST)
    found = {}
    for subject, amount in asked:
        own = [one for one in said if one.subject_id == subject.id and one.amount_minor == amount]
        around = [one for one in everywhere if subject.territory.startswith(one.territory)]
        found[subject.id] = _standing(subject, amount, around, own)
    return found


def _standing(subject: Subject, amount_minor: int, in_force: Sequence[Threshold], said: Sequence[Decision]) -> Standing:
    words = last_words(said).values()
    return Standing(
        max(subject.least, needed_for(amount_minor, in_force, subject.beside)),
        [one for one in words if one.verdict is Verdict.APPROVED],
        [one for one in words if one.verdict is Verdict.REJECTED],
    )


def thresholds(work: Work, *, territory: str | None = None, at: datetime) -> list[Threshold]:
    """In force at the moment, for a territory or (None) everywhere, the smallest amount first."""
    row, later = ThresholdRow, sa.orm.aliased(ThresholdRow)
    superseded = sa.exists().where(
        later.territory == row.territory,
        later.least_minor == row.least_minor,
        later.from_at <= at,
        later.from_at > row.from_at,
    )
    where = [row.from_at <= at, ~superseded]
    if territory is not None:
        where.append(sa.literal(territory).startswith(row.territory))
    return work.find_all(Threshold, row, *where, order_by=(row.least_minor, row.territory), limit=MOST)


def all_thresholds(work: Work) -> list[Threshold]:
    """Also those of days to come and gone, the newest first."""
    order_by = (ThresholdRow.from_on.desc(), ThresholdRow.least_minor, ThresholdRow.territory)
    return work.find_all(Threshold, ThresholdRow, order_by=order_by, limit=MOST)


def decisions(work: Work, subject_id: UUID, *, amount_minor: int | None = None) -> list[Decision]:
    """In the order in which they were taken."""
    where = [ApprovalRow.subject_id == subject_id]
    if amount_minor is not None:
        where.append(ApprovalRow.amount_minor == amount_minor)
    return work.find_all(Decision, ApprovalRow, *where, order_by=(ApprovalRow.id,), limit=MOST)


def interested_in(work: Work, user_id: UUID, provider_ids: Collection[UUID]) -> list[UUID]:
    """Those of the providers towards whom the person is not free."""
    holds = (InterestRow.user_id == user_id, InterestRow.ended_at.is_(None))
    found = sa.select(InterestRow.provider_id).where(*holds, InterestRow.provider_id.in_(provider_ids))
    return [row.provider_id for row in work.rows(found.order_by(InterestRow.id).limit(MOST))]


def is_interested(work: Work, user_id: UUID, provider_ids: Collection[UUID]) -> bool:
    holds = (InterestRow.user_id == user_id, InterestRow.ended_at.is_(None))
    found = sa.select(InterestRow.id).where(*holds, InterestRow.provider_id.in_(provider_ids))
    return work.scalar(found.limit(1)) is not None


def is_free(work: Work, provider_id: UUID) -> bool:
    """Whether the actor declared no interest in the provider: a page shows no button that would be refused."""
    return work.actor.id is None or not is_interested(work, work.actor.id, [provider_id])


def interests(work: Work, user_id: UUID) -> list[Interest]:
    """Those that hold."""
    where = (InterestRow.user_id == user_id, InterestRow.ended_at.is_(None))
    return work.find_all(Interest, InterestRow, *where, order_by=(InterestRow.id,), limit=MOST)


def interest(work: Work, interest_id: UUID, *, lock: bool = False) -> Interest | None:
    return work.find(Interest, InterestRow, InterestRow.id == interest_id, lock=lock)
