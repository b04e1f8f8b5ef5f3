"""Acts and their lines, and the sentences that hold over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActLineRow, ActRow, ActTotalRow, TakeBackRow
from contracts.act.rules import Act, ActLine, ActNotFound, ActStatus
from contracts.act.take_back import TakeBackStatus
from contracts.contract.queries import PAGE, READERS
from contracts.kernel.errors import NotFound
from contracts.kernel.period import Month
from contracts.kernel.work import Role, Work
from contracts.ledger.models import OUTSTANDING, AccountRow
from contracts.payee.models import PayeeVersionRow
from contracts.payee.rules import VersionStatus
from contracts.register.absence_rules import Absence
from contracts.register.models import AbsenceRow, EntryRow
from contracts.register.rules import Entry


@dataclass(frozen=True, slots=True)
class MonthFigure:
    """What was served in a month and what became of its money, in minor units: handed in and not decided; accepted in
    all, and of that paid, taken back because a visit was untrue, on its way to the payee, and not ordered yet."""

    month: Month
    submitted: int
    accepted: int
    paid: int
    sent: int
    taken_back: int = 0

    @property
    def unordered(self) -> int:
        return self.accepted - self.paid - self.taken_back - self.sent


def active_payee_version_id(work: Work, payee_id: UUID) -> UUID | None:
    active = sa.and_(PayeeVersionRow.payee_id == payee_id, PayeeVersionRow.status == VersionStatus.ACTIVE)
    found: UUID | None = work.scalar(sa.select(PayeeVersionRow.id).where(active))
    return found


def act(work: Work, act_id: UUID, *, lock: bool = False) -> Act:
    """Raises ActNotFound."""
    found = work.find(Act, ActRow, ActRow.id == act_id, lock=lock)
    if found is None:
        raise ActNotFound
    return found


def act_of(work: Work, act_id: UUID, *officers: Role, lock: bool = False) -> Act:
    """The act for its provider's people, or for officers with such a role in its territory. Raises ActNotFound."""
    found = act(work, act_id, lock=lock)
    try:
        work.actor.require_provider(found.provider_id, *officers, territory=found.territory)
    except NotFound:
        raise ActNotFound from None
    return found


def act_for_reader(work: Work, act_id: UUID) -> Act:
    """As the signed-in person may see it. Raises ActNotFound."""
    return act_of(work, act_id, *READERS)


def act_for(work: Work, contract_id: UUID, month: Month, *, lock: bool = False) -> Act | None:
    """The month's act, or the last one that corrects it: only that one can still change."""
    where = (ActRow.contract_id == contract_id, ActRow.month == month)
    later = sa.orm.aliased(ActRow)
    is_followed = sa.exists().where(later.contract_id == contract_id, later.month == month, later.part > ActRow.part)
    return work.find(Act, ActRow, *where, ~is_followed, lock=lock)


def lines(work: Work, act_id: UUID) -> list[ActLine]:
    """In the order in which they are printed, and in which accounts are locked."""
    order_by = (ActLineRow.engagement_id, ActLineRow.what.desc(), ActLineRow.unit_price_minor)
    return work.find_all(ActLine, ActLineRow, ActLineRow.act_id == act_id, order_by=order_by)


def lines_of_engagement(work: Work, act_id: UUID, engagement_id: UUID) -> list[ActLine]:
    """In the order in which they ask the recipient."""
    where = (ActLineRow.act_id == act_id, ActLineRow.engagement_id == engagement_id)
    return work.find_all(ActLine, ActLineRow, *where, order_by=(ActLineRow.id,))


def count_lines(work: Work, act_id: UUID) -> int:
    return int(work.scalar(sa.select(sa.func.count()).select_from(ActLineRow).where(ActLineRow.act_id == act_id)))


def parts_of(work: Work, act: Act) -> list[Act]:
    """The month's act and those that correct it, in order."""
    where = (ActRow.contract_id == act.contract_id, ActRow.month == act.month)
    return work.find_all(Act, ActRow, *where, order_by=(ActRow.part,))


def acts_of_contract(work: Work, contract_id: UUID, *, limit: int = PAGE) -> list[Act]:
    where = ActRow.contract_id == contract_id
    return work.find_all(Act, ActRow, where, order_by=(ActRow.month, ActRow.part), limit=limit)


def acts_of_provider(work: Work, provider_id: UUID, *, limit: int = PAGE) -> list[Act]:
    where = ActRow.provider_id == provider_id
    return work.find_all(Act, ActRow, where, order_by=(ActRow.month.desc(), ActRow.id), limit=limit)


def acts_in(
    work: Work, *, territory: str = "", status: ActStatus = ActStatus.SUBMITTED, limit: int = PAGE
) -> list[Act]:
    """What lies on an officer's desk, oldest month first."""
    where = (ActRow.territory.startswith(territory, autoescape=True), ActRow.status == status)
    return work.find_all(Act, ActRow, *where, order_by=(ActRow.month, ActRow.id), limit=limit)


def months_of_lines(work: Work, lines: Sequence[UUID] | sa.Select[UUID]) -> list[MonthFigure]:
    """The acts of some lines by month of service (the month in which the visits took place, not that in which they were
    paid), in order: kept totals, and beside them the accounts on which money is left."""
    total = ActTotalRow
    handed_in, accepted = (
        sa.func.sum(sa.case((total.status == one.value, total.total_minor), else_=0))
        for one in (ActStatus.SUBMITTED, ActStatus.ACCEPTED)
    )
    left = AccountRow.credits_posted - AccountRow.debits_posted
    unpaid = (
        sa.select(ActRow.month, sa.func.sum(left), sa.func.sum(AccountRow.debits_pending))
        .join(AccountRow, AccountRow.owner_id == ActRow.id)
        .where(sa.text(OUTSTANDING), ActRow.line_id.in_(lines))
        .group_by(ActRow.month)
    )
    owed = {month: (int(rest), int(sent)) for month, rest, sent in work.rows(unpaid)}
    untrue = _taken_back(work, lines)
    figures = []
    months = sa.select(total.month, handed_in, accepted).where(total.line_id.in_(lines))
    for month, submitted, came_to in work.rows(months.group_by(total.month).order_by(total.month)):
        rest, sent = owed.get(month, (0, 0))
        back = untrue.get(month, 0)
        figures.append(MonthFigure(month, int(submitted), int(came_to), int(came_to) - rest - back, sent, back))
    return figures


def not_paid_of(back: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """What was taken back of an act, beside its account. Of an act whose payment came back only what left its account
    counts: the rest is not paid anyway."""
    gone = ActRow.total_minor - (AccountRow.credits_posted - AccountRow.debits_posted)
    return sa.case((back > gone, gone), else_=back)


def _taken_back(work: Work, lines: Sequence[UUID] | sa.Select[UUID]) -> dict[Month, int]:
    """By month of service."""
    summed = (
        sa.select(TakeBackRow.act_id, sa.func.sum(TakeBackRow.amount_minor).label("back"))
        .where(TakeBackRow.line_id.in_(lines), TakeBackRow.status == TakeBackStatus.TAKEN)
        .group_by(TakeBackRow.act_id)
        .subquery()
    )
    statement = (
        sa.select(ActRow.month, sa.func.sum(not_paid_of(summed.c.back)))
        .join(summed, summed.c.act_id == ActRow.id)
        .join(AccountRow, AccountRow.id == ActRow.account_id)
        .group_by(ActRow.month)
    )
    return {month: int(back) for month, back in work.rows(statement)}


def act_numbered(work: Work, number: str) -> Act:
    """Raises ActNotFound."""
    found = work.find(Act, ActRow, ActRow.number == number)
    if found is None:
        raise ActNotFound
    return found


def visits_of_line(
    work: Work, act_id: UUID, engagement_id: UUID, *, after: UUID | None = None, limit: int = PAGE
) -> list[Entry]:
    """The visits behind a line in order of time, after the one that ended the page before; one more than ``limit``
    where there is a next page."""
    where = [EntryRow.act_id == act_id, EntryRow.engagement_id == engagement_id]
    if after is not None:
        last = sa.select(EntryRow.started_at).where(EntryRow.id == after).scalar_subquery()
        where.append(sa.or_(EntryRow.started_at > last, sa.and_(EntryRow.started_at == last, EntryRow.id > after)))
    return work.find_all(Entry, EntryRow, *where, order_by=(EntryRow.started_at, EntryRow.id), limit=limit + 1)


def missed_of_line(work: Work, act_id: UUID, engagement_id: UUID) -> list[Absence]:
    """The visits that did not take place and that the act pays a part of, in order of time: at most a month's."""
    where = (AbsenceRow.act_id == act_id, AbsenceRow.engagement_id == engagement_id)
    return work.find_all(Absence, AbsenceRow, *where, order_by=(AbsenceRow.planned_at, AbsenceRow.id), limit=PAGE)
