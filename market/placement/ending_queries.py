"""What a contract that ends takes along."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from contracts.contract.models import ContractRow, EngagementRow
from contracts.contract.queries import going_on
from contracts.contract.rules import Contract, ContractStatus
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.register.models import EntryRow
from contracts.register.rules import EntryStatus
from market.placement.models import IS_OPEN, PlacementRow
from market.placement.queries import placements_locked
from market.placement.rules import Placement
from market.voucher.models import VoucherRow


def served_from(work: Work, contract_id: UUID, on: date) -> list[Placement]:
    """Placements whose service under the contract has days from that one on; locked, in order of their offers."""
    led_to = sa.select(EngagementRow.placement_id).where(*going_on(contract_id, on))
    return placements_locked(work, PlacementRow.id.in_(led_to))


def count_served_from(work: Work, contract_id: UUID, on: date) -> int:
    counted = sa.select(sa.func.count()).select_from(EngagementRow)
    return int(work.scalar(counted.where(*going_on(contract_id, on))))


def unanswered_with(work: Work, contract: Contract) -> list[Placement]:
    """Asked for or offered at the contract's provider, and to be paid from its line; locked."""
    of_line = sa.exists().where(VoucherRow.id == PlacementRow.voucher_id, VoucherRow.line_id == contract.line_id)
    return placements_locked(work, IS_OPEN, PlacementRow.provider_id == contract.provider_id, of_line)


def last_confirmed_under(work: Work, contract_id: UUID, on: date) -> date | None:
    """The last day, from that one on, on which somebody was served: confirmed visits only."""
    confirmed = (
        EntryRow.contract_id == contract_id,
        EntryRow.month >= Month.of(on),
        EntryRow.status == EntryStatus.CONFIRMED,
        EntryRow.served_on >= on,
    )
    found: date | None = work.scalar(sa.select(sa.func.max(EntryRow.served_on)).where(*confirmed))
    return found


def left_by_contract(work: Work, placement_ids: Collection[UUID]) -> set[UUID]:
    """Those of the placements that last as long as their contract did, which was ended before its time."""
    cut = (
        sa.select(EngagementRow.placement_id)
        .join(ContractRow, ContractRow.id == EngagementRow.contract_id)
        .where(
            EngagementRow.placement_id.in_(placement_ids),
            ContractRow.status == ContractStatus.TERMINATED,
            EngagementRow.until_on >= ContractRow.until_on,
        )
    )
    return {row.placement_id for row in work.rows(cut)}
