from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.database import Invariant
from contracts.kernel.work import Work
from contracts.payee.models import PayeeRow, PayeeVersionRow
from contracts.payee.rules import WAITING_TIME, Payee, PayeeNotFound, Version, VersionStatus


def payee(work: Work, payee_id: UUID) -> Payee:
    found = work.find(Payee, PayeeRow, PayeeRow.id == payee_id)
    if found is None:
        raise PayeeNotFound
    return found


def payee_of(work: Work, provider_id: UUID) -> Payee | None:
    return work.find(Payee, PayeeRow, PayeeRow.provider_id == provider_id)


def version(work: Work, version_id: UUID, *, lock: bool = False) -> Version:
    found = work.find(Version, PayeeVersionRow, PayeeVersionRow.id == version_id, lock=lock)
    if found is None:
        raise PayeeNotFound
    return found


def active_version(work: Work, payee_id: UUID) -> Version | None:
    return work.find(
        Version,
        PayeeVersionRow,
        PayeeVersionRow.payee_id == payee_id,
        PayeeVersionRow.status == VersionStatus.ACTIVE,
    )


def versions(work: Work, payee_id: UUID) -> list[Version]:
    mine = PayeeVersionRow.payee_id == payee_id
    return work.find_all(Version, PayeeVersionRow, mine, order_by=(PayeeVersionRow.version,))


def change_to_notice(work: Work, provider_id: UUID) -> Version | None:
    """What the organisation's people must be told of its account: a change that waits, or that took effect lately."""
    row = PayeeVersionRow
    of = sa.select(PayeeRow.id).where(PayeeRow.provider_id == provider_id).scalar_subquery()
    waits = row.status == VersionStatus.WAITING
    fresh = sa.and_(row.status == VersionStatus.ACTIVE, row.approved_at > work.now - WAITING_TIME)
    found = work.find_all(
        Version, row, row.payee_id == of, sa.or_(waits, fresh), order_by=(row.version.desc(),), limit=1
    )
    return found[0] if found else None


def invariants() -> list[Invariant]:
    alone = sa.select(PayeeVersionRow.id).where(
        PayeeVersionRow.version > 1,
        PayeeVersionRow.status.in_([VersionStatus.ACTIVE, VersionStatus.SUPERSEDED]),
        sa.or_(PayeeVersionRow.approved_by.is_(None), PayeeVersionRow.approved_by == PayeeVersionRow.requested_by),
    )
    changes = sa.select(sa.func.count()).select_from(PayeeVersionRow).where(PayeeVersionRow.version > 1)
    return [Invariant("a changed bank account was approved by a second person", changes, alone)]
