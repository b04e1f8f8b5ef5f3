"""Where a funding line's money went: its contracts, the engagements under each, the lines of their acts."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActLineRow, ActRow, TakeBackRow
from contracts.act.queries import not_paid_of
from contracts.act.rules import DeductionCode, LineNotFound, LineOf
from contracts.act.take_back import TakeBackStatus
from contracts.contract.models import ContractRow, EngagementRow
from contracts.contract.rules import Basis, ContractStatus, EngagementStatus
from contracts.kernel.work import Work
from contracts.ledger.models import AccountRow
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.oversight.desk import page_of
from market.provider.models import ProviderRow


@dataclass(frozen=True, slots=True)
class LineContract:
    """A contract with what its acts came to: accepted in all, and of that paid and not taken back."""

    id: UUID
    number: str
    provider_name: str
    basis: Basis
    status: ContractStatus
    from_on: date
    until_on: date
    accepted: int
    paid: int


def contracts_of_line(work: Work, line_id: UUID, *, after: UUID | None = None, limit: int) -> list[LineContract]:
    def act_sum(column: Any) -> sa.ScalarSelect[int]:
        joined = sa.select(sa.func.coalesce(sa.func.sum(column), 0)).join(
            AccountRow, ActRow.account_id == AccountRow.id
        )
        return joined.where(ActRow.contract_id == ContractRow.id).scalar_subquery()

    back = (
        sa.select(sa.func.coalesce(sa.func.sum(TakeBackRow.amount_minor), 0))
        .where(TakeBackRow.act_id == ActRow.id, TakeBackRow.status == TakeBackStatus.TAKEN)
        .correlate(ActRow)
        .scalar_subquery()
    )
    held = AccountRow.credits_posted - AccountRow.debits_posted  # running totals also count what came back

    chosen: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            ContractRow.id, ContractRow.number, ProviderRow.name, ContractRow.basis, ContractRow.status,
            ContractRow.from_on, ContractRow.until_on, act_sum(ActRow.total_minor),
            act_sum(ActRow.total_minor - held - not_paid_of(back)),
        )
        .join(ProviderRow, ProviderRow.id == ContractRow.provider_id)
        .where(ContractRow.line_id == line_id)
    )  # fmt: skip
    return page_of(work, LineContract, chosen, ContractRow.id, after=after, limit=limit)


@dataclass(frozen=True, slots=True)
class ContractEngagement:
    """``left``: what is still committed to it, in minor units."""

    id: UUID
    number: str
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    unit_price_minor: int
    from_on: date
    until_on: date
    status: EngagementStatus
    left: int


def engagements_of_contract(
    work: Work, contract_id: UUID, *, after: UUID | None = None, limit: int
) -> list[ContractEngagement]:
    one = EngagementRow
    chosen: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            one.id, one.number, one.kind, one.setting, one.unit, one.unit_price_minor, one.from_on, one.until_on,
            one.status, AccountRow.credits_posted - AccountRow.debits_posted,
        )
        .join(AccountRow, AccountRow.id == one.account_id)
        .where(one.contract_id == contract_id)
    )  # fmt: skip
    found = page_of(work, ContractEngagement, chosen, one.id, after=after, limit=limit)
    return [
        replace(e, kind=ServiceKind(e.kind), setting=CareSetting(e.setting), unit=Unit(e.unit), left=int(e.left))
        for e in found
    ]


def committed_to(work: Work, contract_id: UUID) -> int:
    """What all engagements of a contract still hold, in minor units."""
    left = sa.func.coalesce(sa.func.sum(AccountRow.credits_posted - AccountRow.debits_posted), 0)
    accounts = sa.select(left).join(EngagementRow, EngagementRow.account_id == AccountRow.id)
    return int(work.scalar(accounts.where(EngagementRow.contract_id == contract_id)))


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line of an act. ``left``: what its engagement may still give; more than that cannot be accepted."""

    id: UUID
    engagement_id: UUID
    engagement_number: str
    recipient_id: UUID
    kind: ServiceKind
    setting: CareSetting
    unit: Unit
    what: LineOf
    entries: int
    quantity: int
    seconds: int
    unit_price_minor: int
    cost_minor: int
    deducted_minor: int
    deduct_code: DeductionCode | None
    deduct_note: str | None
    vat_minor: int
    copayment_minor: int
    amount_minor: int
    left: int

    @property
    def is_covered(self) -> bool:
        return self.amount_minor <= self.left


_LEFT = AccountRow.credits_posted - AccountRow.debits_posted - AccountRow.debits_pending


def _lines(act_id: UUID) -> sa.Select[*tuple[Any, ...]]:
    line = ActLineRow
    return (
        sa.select(
            line.id, line.engagement_id, EngagementRow.number, line.recipient_id, line.kind, line.setting, line.unit,
            line.what, line.entries, line.quantity, line.seconds, line.unit_price_minor, line.cost_minor,
            line.deducted_minor, line.deduct_code, line.deduct_note, line.vat_minor, line.copayment_minor,
            line.amount_minor, _LEFT,
        )
        .join(EngagementRow, EngagementRow.id == line.engagement_id)
        .join(AccountRow, AccountRow.id == EngagementRow.account_id)
        .where(line.act_id == act_id)
    )  # fmt: skip


def lines_of_act(work: Work, act_id: UUID, *, after: UUID | None = None, limit: int) -> list[PricedLine]:
    """In the order in which they are printed; ``after`` is a line's id."""
    found = page_of(work, PricedLine, _lines(act_id), ActLineRow.id, after=after, limit=limit)
    return [_worded(one) for one in found]


def lines_of_engagement(work: Work, act_id: UUID, engagement_number: str) -> list[PricedLine]:
    """One for each price it had."""
    lines = _lines(act_id).where(EngagementRow.number == engagement_number).order_by(ActLineRow.id)
    return [_worded(PricedLine(*row)) for row in work.rows(lines)]


def engagement_of_line(work: Work, act_id: UUID, line_id: UUID) -> str:
    """Its number. Raises LineNotFound."""
    of_line = sa.select(EngagementRow.number).join(ActLineRow, ActLineRow.engagement_id == EngagementRow.id)
    number: str | None = work.scalar(of_line.where(ActLineRow.id == line_id, ActLineRow.act_id == act_id))
    if number is None:
        raise LineNotFound
    return number


def _worded(line: PricedLine) -> PricedLine:
    """Contracts keep words as text; here they are words again."""
    return replace(line, kind=ServiceKind(line.kind), setting=CareSetting(line.setting), unit=Unit(line.unit))


def uncovered_lines(work: Work, act_id: UUID) -> int:
    """How many lines cost more than their engagement has left."""
    lines = _lines(act_id).where(ActLineRow.amount_minor > _LEFT).subquery()
    return int(work.scalar(sa.select(sa.func.count()).select_from(lines)))


def count_lines(work: Work, act_id: UUID) -> int:
    return int(work.scalar(sa.select(sa.func.count()).select_from(ActLineRow).where(ActLineRow.act_id == act_id)))
