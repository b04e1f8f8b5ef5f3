"""Which things that a page names have a page that this reader may open: whole sets at once, one statement a kind."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActRow
from contracts.budget.models import FundingLineRow
from contracts.contract.models import ContractRow, EngagementRow
from contracts.kernel.work import Actor, Work
from contracts.payment.models import PaymentRow
from market.oversight.names import MOST
from market.placement.models import RoundRow
from market.recipient.models import RecipientRow
from market.voucher.models import VoucherRow
from market.web.queries import PAYMENT_READERS, visible

PUBLIC = frozenset({"lot", "offer", "provider", "tender"})


def openable(work: Work, wanted: Iterable[tuple[str, UUID]]) -> frozenset[UUID]:
    """``wanted``: pairs of a kind and an id. Of kinds that have no page of their own nothing is found."""
    guarded = _guarded(work.actor)
    by_kind: dict[str, set[UUID]] = {}
    found: set[UUID] = set()
    for kind, key in wanted:
        if kind in PUBLIC:
            found.add(key)
        elif kind in guarded:
            by_kind.setdefault(kind, set()).add(key)
    for kind, keys in sorted(by_kind.items()):
        where, seen = guarded[kind]
        found |= {key for (key,) in work.rows(sa.select(where).where(where.in_(sorted(keys)[:MOST]), seen))}
    return frozenset(found)


def _guarded(actor: Actor) -> Mapping[str, tuple[Any, sa.ColumnElement[bool]]]:
    """By kind its key, and which rows the actor sees."""
    own = RecipientRow.id.in_(actor.recipients())
    contracts = sa.or_(visible(actor, ContractRow), ContractRow.provider_id.in_(actor.providers()))
    served = sa.exists().where(ContractRow.id == EngagementRow.contract_id, contracts)
    return {
        "act": (ActRow.id, visible(actor, ActRow)),
        "contract": (ContractRow.id, visible(actor, ContractRow)),
        "engagement": (EngagementRow.id, sa.or_(visible(actor, EngagementRow), served)),
        "funding-line": (FundingLineRow.id, visible(actor, FundingLineRow)),
        "payment": (PaymentRow.id, visible(actor, PaymentRow, PAYMENT_READERS)),
        "recipient": (RecipientRow.id, sa.or_(own, visible(actor, RecipientRow))),
        "round": (RoundRow.id, visible(actor, RoundRow)),
        "voucher": (VoucherRow.id, visible(actor, VoucherRow)),
    }
