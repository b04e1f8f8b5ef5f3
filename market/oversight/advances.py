"""Advances on officers' desks, with what is still owed of each and where its payment is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from contracts.contract.models import ContractRow
from contracts.kernel.work import Work
from contracts.ledger.models import AccountRow
from contracts.ledger.rules import AccountKind
from contracts.payment.advance_models import AdvanceRow
from contracts.payment.advance_rules import AdvanceStatus
from contracts.payment.models import PaymentRow
from contracts.payment.rules import PaymentStatus
from market.oversight.desk import inside, page_of
from market.provider.models import ProviderRow


@dataclass(frozen=True, slots=True)
class DeskAdvance:
    """``owed_minor``: arrived, and neither set off nor given back."""

    id: UUID
    number: str
    provider_name: str
    contract_number: str
    territory: str
    amount_minor: int
    status: AdvanceStatus
    asked_at: datetime
    payment_status: PaymentStatus | None
    owed_minor: int


def advances(
    work: Work,
    territories: Sequence[str],
    *,
    status: AdvanceStatus | None = None,
    after: UUID | None = None,
    limit: int,
) -> list[DeskAdvance]:
    """The newest first."""
    owes = sa.and_(AccountRow.kind == AccountKind.RECOVERY, AccountRow.owner_id == PaymentRow.id)
    chosen = (
        sa.select(
            AdvanceRow.id, AdvanceRow.number, ProviderRow.name, ContractRow.number, AdvanceRow.territory,
            AdvanceRow.amount_minor, AdvanceRow.status, AdvanceRow.asked_at, PaymentRow.status,
            sa.func.coalesce(AccountRow.credits_posted - AccountRow.debits_posted, 0),
        )
        .join(ContractRow, ContractRow.id == AdvanceRow.contract_id)
        .join(ProviderRow, ProviderRow.id == AdvanceRow.provider_id)
        .outerjoin(PaymentRow, PaymentRow.advance_id == AdvanceRow.id)
        .outerjoin(AccountRow, owes)
        .where(inside(AdvanceRow.territory, territories))
    )  # fmt: skip
    if status is not None:
        chosen = chosen.where(AdvanceRow.status == status)
    return page_of(work, DeskAdvance, chosen, AdvanceRow.id, after=after, limit=limit, newest=True)
