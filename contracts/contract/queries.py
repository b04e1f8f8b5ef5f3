"""Contracts and engagements, as the frozen values of the rules, and the sentences that hold over them."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from contracts.contract.models import ContractRow, EngagementRow, SuspensionRow
from contracts.contract.rules import (
    Basis,
    Contract,
    ContractNotFound,
    ContractStatus,
    Engagement,
    EngagementNotFound,
    EngagementStatus,
    Suspension,
)
from contracts.kernel.database import Invariant
from contracts.kernel.errors import NotFound
from contracts.kernel.period import Period
from contracts.kernel.work import Role, Work
from contracts.ledger.models import AccountRow, TransferRow
from contracts.ledger.rules import AccountKind
from contracts.payee.models import PayeeRow

PAGE = 500
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
    work: Work, contract_id: UUID, *officers: Role, recipient_id: UUID | None = None, lock: bool = False
) -> Contract:
    """The contract for its provider's people, for officers with such a role in its territory, or for a recipient
    served under it. Raises ContractNotFound to all others."""
    found = contract(work, contract_id, lock=lock)
    if recipient_id is not None and recipient_id in work.actor.recipients():
        return found
    try:
        work.actor.require_provider(found.provider_id, *officers, territory=found.territory)
    except NotFound:
        raise ContractNotFound from None
    return found


def contract_for_reader(work: Work, contract_id: UUID) -> Contract:
    """As the signed-in person may see it. Raises ContractNotFound."""
    return contract_of(work, contract_id, *READERS)


def keep_open(work: Work, contract_id: UUID) -> None:
    """Hold off whoever would end the contract until this transaction is over; others who engage are not held off."""
    work.scalar(sa.select(ContractRow.id).where(ContractRow.id == contract_id).with_for_update(read=True))


def contract_of_award(work: Work, award_id: UUID) -> Contract | None:
    return work.find(Contract, ContractRow, ContractRow.award_id == award_id)


def voucher_contract(work: Work, *, provider_id: UUID, line_id: UUID) -> Contract | None:
    return work.find(
        Contract,
        ContractRow,
        ContractRow.provider_id == provider_id,
        ContractRow.line_id == line_id,
        ContractRow.basis == Basis.VOUCHER_LIST,
    )


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


def engagement_of(work: Work, engagement_id: UUID, *officers: Role, lock: bool = False) -> tuple[Engagement, Contract]:
    """For its provider's people, its recipient, or officers in the contract's territory. Raises EngagementNotFound."""
    found = engagement(work, engagement_id, lock=lock)
    try:
        return found, contract_of(work, found.contract_id, *officers, recipient_id=found.recipient_id)
    except ContractNotFound:
        raise EngagementNotFound from None


def engagement_for_reader(work: Work, engagement_id: UUID) -> Engagement:
    """As the signed-in person may see it. Raises EngagementNotFound."""
    return engagement_of(work, engagement_id, *READERS)[0]


def engagement_of_placement(work: Work, placement_id: UUID) -> Engagement | None:
    return work.find(Engagement, EngagementRow, EngagementRow.placement_id == placement_id)


def engagements_of_contract(work: Work, contract_id: UUID, *, limit: int | None = PAGE) -> list[Engagement]:
    return _engagements(work, EngagementRow.contract_id == contract_id, limit=limit)


def engagements_of_provider(work: Work, provider_id: UUID, *, limit: int = PAGE) -> list[Engagement]:
    own = sa.select(ContractRow.id).where(ContractRow.provider_id == provider_id)
    return _engagements(work, EngagementRow.contract_id.in_(own), limit=limit)


def engagements_of_recipient(work: Work, recipient_id: UUID, *, limit: int = PAGE) -> list[Engagement]:
    return _engagements(work, EngagementRow.recipient_id == recipient_id, limit=limit)


def _engagements(work: Work, where: sa.ColumnElement[bool], *, limit: int | None) -> list[Engagement]:
    order_by = (EngagementRow.from_on, EngagementRow.id)
    return work.find_all(Engagement, EngagementRow, where, order_by=order_by, limit=limit)


def suspensions(work: Work, engagement_id: UUID) -> list[Suspension]:
    where = SuspensionRow.engagement_id == engagement_id
    return work.find_all(Suspension, SuspensionRow, where, order_by=(SuspensionRow.from_on,))


def _plan() -> sa.ColumnElement[int]:
    """rules.plan_minor in SQL: a month is touched from its first day on."""
    from_on, until_on = EngagementRow.from_on, EngagementRow.until_on
    months = (
        (sa.extract("year", until_on) - sa.extract("year", from_on)) * 12
        + sa.extract("month", until_on)
        - sa.extract("month", from_on)
        + sa.case((sa.extract("day", until_on) > 1, 1), else_=0)
    )
    touched = sa.case((from_on < until_on, months), else_=0)
    return EngagementRow.unit_price_minor * EngagementRow.units_a_month * touched


def invariants() -> list[Invariant]:
    engagements = sa.select(sa.func.count()).select_from(EngagementRow)
    account = sa.select(EngagementRow.id).join(AccountRow, AccountRow.id == EngagementRow.account_id)
    balance = AccountRow.credits_posted - AccountRow.debits_posted
    uneven = sa.and_(EngagementRow.status != EngagementStatus.ENDED, AccountRow.credits_posted != _plan())
    source = aliased(AccountRow)
    foreign = (
        sa.select(EngagementRow.id)
        .join(TransferRow, TransferRow.credit_id == EngagementRow.account_id)
        .join(source, source.id == TransferRow.debit_id)
        .where(sa.or_(source.kind != AccountKind.RESERVED, source.owner_id != EngagementRow.voucher_id))
    )
    misnamed = account.where(sa.or_(AccountRow.kind != AccountKind.COMMITTED, AccountRow.owner_id != EngagementRow.id))
    return [
        Invariant(
            "an engagement never holds more than its plan",
            engagements,
            account.where(sa.or_(balance > _plan(), uneven)),
        ),
        Invariant("an engagement's money came from its own voucher", engagements, foreign),
        Invariant("an engagement's account is its own", engagements, misnamed),
    ]
