"""Contracts and engagements, as the frozen values of the rules, and the sentences that hold over them."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from contracts.contract.models import ContractRow, EngagementPriceRow, EngagementRow, SuspensionRow
from contracts.contract.rules import (
    Basis,
    Contract,
    ContractNotFound,
    ContractStatus,
    Engagement,
    EngagementNotFound,
    EngagementStatus,
    EngagementTerms,
    PriceChange,
    Suspension,
)
from contracts.kernel.database import Invariant
from contracts.kernel.errors import NotFound
from contracts.kernel.period import Month, Period
from contracts.kernel.work import Role, Work
from contracts.ledger.models import AccountRow, TransferRow
from contracts.ledger.rules import AccountKind
from contracts.payee.models import PayeeRow

PAGE = 500
BACK = ("engagement-ended", "engagement-unused")  # why money returns to a voucher
READERS = (
    Role.OPERATOR,
    Role.PROCUREMENT_OFFICER,
    Role.BUDGET_OFFICER,
    Role.FINANCE_OFFICER,
    Role.AUDITOR,
)


def payee_id_of(work: Work, provider_id: UUID) -> UUID | None:
    found: UUID | None = work.scalar(sa.select(PayeeRow.id).where(PayeeRow.provider_id == provider_id))
    return found


def contract(work: Work, contract_id: UUID, *, lock: bool = False) -> Contract:
    """Raises ContractNotFound."""
    found = work.find(Contract, ContractRow, ContractRow.id == contract_id, lock=lock)
    if found is None:
        raise ContractNotFound
    return found


def contract_of(
    work: Work,
    contract_id: UUID,
    *officers: Role,
    recipient_id: UUID | None = None,
    carers: bool = False,
    lock: bool = False,
) -> Contract:
    """The contract for who speaks for its provider (or serves there: ``carers``), for officers with such a role in its
    territory, or for a recipient served under it. Raises ContractNotFound to all others."""
    found = contract(work, contract_id, lock=lock)
    if recipient_id is not None and work.actor.capacity_for(recipient_id, *officers, territory=found.territory):
        work.act_for(recipient_id, *officers, territory=found.territory)
        return found
    try:
        work.actor.require_provider(found.provider_id, *officers, territory=found.territory, carers=carers)
    except NotFound:
        raise ContractNotFound from None
    return found


def contract_numbered(work: Work, number: str, *officers: Role) -> Contract:
    """As :func:`contract_of`, by its number. Raises ContractNotFound."""
    key: UUID | None = work.scalar(sa.select(ContractRow.id).where(ContractRow.number == number))
    if key is None:
        raise ContractNotFound
    return contract_of(work, key, *officers)


def contract_for_reader(work: Work, contract_id: UUID) -> Contract:
    """As the signed-in person may see it. Raises ContractNotFound."""
    return contract_of(work, contract_id, *READERS)


def keep_open(work: Work, contract_id: UUID) -> None:
    """Hold off whoever would end the contract until this transaction is over; others who engage are not held off."""
    work.scalar(sa.select(ContractRow.id).where(ContractRow.id == contract_id).with_for_update(read=True))


def contract_of_award(work: Work, award_id: UUID) -> Contract | None:
    return work.find(Contract, ContractRow, ContractRow.award_id == award_id)


def voucher_contract(work: Work, *, provider_id: UUID, line_id: UUID) -> Contract | None:
    """The active one on the voucher list."""
    return work.find(
        Contract,
        ContractRow,
        ContractRow.provider_id == provider_id,
        ContractRow.line_id == line_id,
        ContractRow.basis == Basis.VOUCHER_LIST,
        ContractRow.status == ContractStatus.ACTIVE,
    )


def voucher_contracts_until(work: Work, *, provider_id: UUID, line_id: UUID) -> date | None:
    """The first day after all contracts that stood on the voucher list and are over. None: there was none."""
    last = sa.select(sa.func.max(ContractRow.until_on)).where(
        ContractRow.provider_id == provider_id,
        ContractRow.line_id == line_id,
        ContractRow.basis == Basis.VOUCHER_LIST,
        ContractRow.status != ContractStatus.ACTIVE,
    )
    until_on: date | None = work.scalar(last)
    return until_on


def awarded_contract(
    work: Work, *, provider_id: UUID, line_id: UUID, service: tuple[str, str, str], period: Period
) -> Contract | None:
    """The active contract by award under which the provider gives this service (kind, setting, unit) on all days of the
    period; the cheapest where there are several."""
    standing = work.find_all(
        Contract,
        ContractRow,
        ContractRow.provider_id == provider_id,
        ContractRow.line_id == line_id,
        ContractRow.basis == Basis.AWARD,
        ContractRow.status == ContractStatus.ACTIVE,
        ContractRow.from_on <= period.from_on,
        ContractRow.until_on >= period.until_on,
        order_by=(ContractRow.id,),
    )
    fitting = [one for one in standing if one.service == service]
    return min(fitting, key=lambda one: one.unit_price_minor or 0) if fitting else None


def contracts_of_provider(work: Work, provider_id: UUID, *, limit: int = PAGE) -> list[Contract]:
    where = ContractRow.provider_id == provider_id
    return work.find_all(Contract, ContractRow, where, order_by=(ContractRow.from_on, ContractRow.id), limit=limit)


def engagement(work: Work, engagement_id: UUID, *, lock: bool = False) -> Engagement:
    """Raises EngagementNotFound."""
    found = work.find(Engagement, EngagementRow, EngagementRow.id == engagement_id, lock=lock)
    if found is None:
        raise EngagementNotFound
    return found


def engagement_of(
    work: Work, engagement_id: UUID, *officers: Role, carers: bool = False, lock: bool = False
) -> tuple[Engagement, Contract]:
    """For its provider's people, its recipient, or officers in the contract's territory. Raises EngagementNotFound."""
    found = engagement(work, engagement_id, lock=lock)
    try:
        of_it = contract_of(work, found.contract_id, *officers, recipient_id=found.recipient_id, carers=carers)
    except ContractNotFound:
        raise EngagementNotFound from None
    return found, of_it


def engagement_for_reader(work: Work, engagement_id: UUID) -> Engagement:
    """As the signed-in person may see it, who delivers the service too. Raises EngagementNotFound."""
    return engagement_of(work, engagement_id, *READERS, carers=True)[0]


def engagement_of_placement(work: Work, placement_id: UUID) -> Engagement | None:
    return work.find(Engagement, EngagementRow, EngagementRow.placement_id == placement_id)


def engagements_of_contract(work: Work, contract_id: UUID, *, limit: int | None = PAGE) -> list[Engagement]:
    return _engagements(work, EngagementRow.contract_id == contract_id, limit=limit)


def engagements_of_provider(work: Work, provider_id: UUID, *, limit: int = PAGE) -> list[Engagement]:
    own = sa.select(ContractRow.id).where(ContractRow.provider_id == provider_id)
    return _engagements(work, EngagementRow.contract_id.in_(own), limit=limit)


def engagements_of_recipient(work: Work, recipient_id: UUID, *, limit: int = PAGE) -> list[Engagement]:
    return _engagements(work, EngagementRow.recipient_id == recipient_id, limit=limit)


def going_on(contract_id: UUID, on: date) -> tuple[sa.ColumnElement[bool], ...]:
    """Engagements under the contract that have days from that one on."""
    return (EngagementRow.contract_id == contract_id, EngagementRow.until_on > on)


def _engagements(work: Work, where: sa.ColumnElement[bool], *, limit: int | None) -> list[Engagement]:
    order_by = (EngagementRow.from_on, EngagementRow.id)
    return work.find_all(Engagement, EngagementRow, where, order_by=order_by, limit=limit)


def is_month_shared(work: Work, terms: EngagementTerms) -> bool:
    """Whether another engagement served this voucher in the month in which this one would begin."""
    same = _engagements(work, EngagementRow.voucher_id == terms.voucher_id, limit=None)
    month, day = Month.of(terms.from_on), timedelta(days=1)
    return any(one.from_on < one.until_on and Month.of(one.until_on - day) == month for one in same)


def over(work: Work, day: date, *, limit: int) -> list[Engagement]:
    """Not ended yet, but their days are over; locked."""
    names = list(Engagement.__dataclass_fields__)
    statement = (
        sa.select(*[EngagementRow.__table__.c[name] for name in names])
        .where(EngagementRow.status != EngagementStatus.ENDED, EngagementRow.until_on <= day)
        .order_by(EngagementRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Engagement(*row) for row in work.rows(statement)]


def returned_minor(work: Work, engagement: Engagement) -> int:
    """What has gone back to the voucher so far."""
    back = _returned().where(TransferRow.debit_id == engagement.account_id).subquery()
    return int(work.scalar(sa.select(sa.func.coalesce(sa.func.sum(back.c.amount), 0))))


def _returned() -> sa.Select[UUID, int]:
    """By committed account, what went back to reserved ones."""
    target = aliased(AccountRow)
    return (
        sa.select(TransferRow.debit_id.label("account_id"), sa.func.sum(TransferRow.amount_minor).label("amount"))
        .join(target, target.id == TransferRow.credit_id)
        .where(target.kind == AccountKind.RESERVED, TransferRow.reason.in_(BACK))
        .group_by(TransferRow.debit_id)
    )


def suspensions(work: Work, engagement_id: UUID) -> list[Suspension]:
    where = SuspensionRow.engagement_id == engagement_id
    return work.find_all(Suspension, SuspensionRow, where, order_by=(SuspensionRow.from_on,))


def prices(work: Work, engagement_id: UUID) -> list[PriceChange]:
    """Its changes, the earliest first."""
    where = EngagementPriceRow.engagement_id == engagement_id
    return work.find_all(PriceChange, EngagementPriceRow, where, order_by=(EngagementPriceRow.from_on,))


def price_of_day(work: Work, engagement: Engagement, day: date) -> int:
    """What a unit costs on that day."""
    changes = [one.unit_price_minor for one in prices(work, engagement.id) if one.from_on <= day]
    return changes[-1] if changes else engagement.unit_price_minor


def prices_of(work: Work, engagement_ids: Collection[UUID]) -> dict[UUID, list[PriceChange]]:
    """Of a page of engagements; few ever change their price."""
    where = EngagementPriceRow.engagement_id.in_(engagement_ids)
    found: dict[UUID, list[PriceChange]] = {}
    for one in work.find_all(PriceChange, EngagementPriceRow, where, order_by=(EngagementPriceRow.from_on,)):
        found.setdefault(one.engagement_id, []).append(one)
    return found


def price_on(day: sa.ColumnElement[date]) -> sa.ColumnElement[int]:
    """The price of an engagement on a day, for a statement over engagements. Few ever change, and only those are looked
    up."""
    change = EngagementPriceRow
    latest = (
        sa.select(change.unit_price_minor)
        .where(change.engagement_id == EngagementRow.id, change.from_on <= day)
        .order_by(change.from_on.desc())
        .limit(1)
        .scalar_subquery()
    )
    changed = EngagementRow.id.in_(sa.select(change.engagement_id))
    return sa.case(
        (changed, sa.func.coalesce(latest, EngagementRow.unit_price_minor)), else_=EngagementRow.unit_price_minor
    )


def _plan() -> sa.ColumnElement[int]:
    """rules.plan_minor in SQL: a month is touched from its first day on."""
    from_on, planned = EngagementRow.from_on, EngagementRow.planned_until_on
    until_on = sa.case((planned < EngagementRow.until_on, planned), else_=EngagementRow.until_on)
    months = (
        (sa.extract("year", until_on) - sa.extract("year", from_on)) * 12
        + sa.extract("month", until_on)
        - sa.extract("month", from_on)
        + sa.case((sa.extract("day", until_on) > 1, 1), else_=0)
    )
    touched = sa.case((from_on < until_on, months), else_=0)
    return EngagementRow.unit_price_minor * EngagementRow.units_a_month * touched


def _uneven() -> sa.Select[Any]:
    """Holding more than the plan; or not ended, but given something else. Less is right by at most the volume of
    one month: where an end was set within a month, or where its first month was shared with another engagement of
    the voucher. More is right where acts have taken more than the plan of days that were cut since: none is left."""
    back, other = _returned().subquery(), aliased(EngagementRow)
    plan, returned = _plan(), sa.func.coalesce(back.c.amount, 0)
    net, balance = AccountRow.credits_posted - returned, AccountRow.credits_posted - AccountRow.debits_posted
    goes_on = EngagementRow.status != EngagementStatus.ENDED
    shared = sa.exists().where(other.voucher_id == EngagementRow.voucher_id, other.id != EngagementRow.id)
    month = EngagementRow.unit_price_minor * EngagementRow.units_a_month
    return (
        sa.select(EngagementRow.id)
        .join(AccountRow, AccountRow.id == EngagementRow.account_id)
        .outerjoin(back, back.c.account_id == EngagementRow.account_id)
        .where(
            sa.or_(
                balance > plan,
                goes_on & (net > plan) & (balance > 0),
                goes_on & (net < plan - month),
                goes_on & (net < plan) & (returned == 0) & ~shared,
            ),
        )
    )


def invariants() -> list[Invariant]:
    engagements = sa.select(sa.func.count()).select_from(EngagementRow)
    account = sa.select(EngagementRow.id).join(AccountRow, AccountRow.id == EngagementRow.account_id)
    source = aliased(AccountRow)
    foreign = (
        sa.select(EngagementRow.id)
        .join(TransferRow, TransferRow.credit_id == EngagementRow.account_id)
        .join(source, source.id == TransferRow.debit_id)
        .where(sa.or_(source.kind != AccountKind.RESERVED, source.owner_id != EngagementRow.voucher_id))
    )
    misnamed = account.where(sa.or_(AccountRow.kind != AccountKind.COMMITTED, AccountRow.owner_id != EngagementRow.id))
    outliving = (
        sa.select(EngagementRow.id)
        .join(ContractRow, ContractRow.id == EngagementRow.contract_id)
        .where(
            ContractRow.status == ContractStatus.TERMINATED,
            EngagementRow.until_on > ContractRow.until_on,
            EngagementRow.until_on > EngagementRow.from_on,
        )
    )
    return [
        Invariant("an engagement never holds more than its plan", engagements, _uneven()),
        Invariant("an engagement's money came from its own voucher", engagements, foreign),
        Invariant("an engagement's account is its own", engagements, misnamed),
        Invariant("nobody is served under a contract that was terminated", engagements, outliving),
    ]
