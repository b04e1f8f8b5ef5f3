"""What people call the thing that an id names: its number, an organisation's name, the login of who did something.

Whole sets at once, one statement a kind: a page of fifty rows asks a handful of times.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActRow
from contracts.budget.models import FundingLineRow
from contracts.collection.models import DueRow
from contracts.contract.models import ContractRow, EngagementRow
from contracts.kernel.work import Work
from contracts.payment.advance_models import AdvanceRow
from contracts.payment.batch_models import BatchRow
from contracts.payment.models import PaymentRow
from market.competition.models import LotRow, TenderRow
from market.placement.models import RoundRow
from market.provider.models import OfferRow, ProviderRow, ServicePointRow, StaffRow
from market.recipient.models import RecipientRow
from market.user.models import UserRow
from market.voucher.models import VoucherRow

NUMBERED = (
    "voucher", "recipient", "provider", "offer", "contract", "engagement", "act", "payment", "payment-batch", "tender",
    "funding-line", "due", "advance",
)  # fmt: skip
MOST = 500  # ids of one kind that are asked for at once: what a page can hold


@dataclass(frozen=True, slots=True)
class Kind:
    """Where the name of such a thing stands."""

    key: Any
    name: Any


KINDS: Mapping[str, Kind] = {
    "act": Kind(ActRow.id, ActRow.number),
    "advance": Kind(AdvanceRow.id, AdvanceRow.number),
    "contract": Kind(ContractRow.id, ContractRow.number),
    "due": Kind(DueRow.id, DueRow.number),
    "engagement": Kind(EngagementRow.id, EngagementRow.number),
    "funding-line": Kind(FundingLineRow.id, FundingLineRow.number),
    "lot": Kind(LotRow.id, LotRow.sequence),
    "offer": Kind(OfferRow.id, OfferRow.number),
    "payment": Kind(PaymentRow.id, PaymentRow.number),
    "payment-batch": Kind(BatchRow.id, BatchRow.number),
    "point": Kind(ServicePointRow.id, ServicePointRow.name),
    "provider": Kind(ProviderRow.id, ProviderRow.name),
    "recipient": Kind(RecipientRow.id, RecipientRow.number),
    "round": Kind(RoundRow.id, RoundRow.number),
    "tender": Kind(TenderRow.id, TenderRow.number),
    "user": Kind(UserRow.id, UserRow.login),
    "voucher": Kind(VoucherRow.id, VoucherRow.number),
    "worker": Kind(StaffRow.id, StaffRow.speciality),
}
OF_COLUMN: Mapping[str, str] = {
    "act_id": "act", "contract_id": "contract", "engagement_id": "engagement", "line_id": "funding-line",
    "lot_id": "lot", "offer_id": "offer", "provider_id": "provider", "recipient_id": "recipient",
    "round_id": "round", "service_point_id": "point", "tender_id": "tender", "voucher_id": "voucher",
    "user_id": "user", "actor_id": "user", "worker_id": "worker", "payment_id": "payment", "dissolved_by": "user",
    "granted_by": "user", "decided_by": "user", "requested_by": "user", "approved_by": "user", "ordered_by": "user",
    "reversal_ordered_by": "user", "drafted_by": "user", "submitted_by": "user", "accepted_by": "user",
    "issued_by": "user", "created_by": "user", "opened_by": "user", "entered_by": "user", "confirmed_by": "user",
    "published_by": "user", "owner_id": "user", "proposed_by": "user", "resolved_by": "user", "imported_by": "user",
    "made_by": "user", "set_off_by": "user", "advance_id": "advance", "asked_by": "user", "closed_by": "user",
}  # fmt: skip


def kind_of(column: str) -> str | None:
    """Which kind of thing a column of ids names; None: none that has a name."""
    return OF_COLUMN.get(column)


def names(work: Work, wanted: Iterable[tuple[str, UUID]]) -> dict[UUID, str]:
    """``wanted``: pairs of a kind and an id. What is not there has no entry."""
    by_kind: dict[str, set[UUID]] = {}
    for kind, key in wanted:
        by_kind.setdefault(kind, set()).add(key)
    found: dict[UUID, str] = {}
    for kind, keys in sorted(by_kind.items()):
        where = KINDS[kind]
        rows = work.rows(sa.select(where.key, where.name).where(where.key.in_(sorted(keys)[:MOST])))
        found |= {key: str(name) for key, name in rows}
    return found


def find_numbered(work: Work, text: str) -> tuple[str, UUID] | None:
    """The kind and the id of whatever has this human number. Whether the reader may see it is for its page to say."""
    for kind in NUMBERED:
        where = KINDS[kind]
        number = ProviderRow.number if kind == "provider" else where.name
        key: UUID | None = work.scalar(sa.select(where.key).where(number.in_([text, text.upper()])).limit(1))
        if key is not None:
            return kind, key
    return None
