"""Queries: what was set for a day or a month (tax, the recipient's part, who collects it, which signatures)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActLineRow, ActRow, ActTermRow, CopaymentRow, TakeBackRow, VatRow
from contracts.act.pricing import NO_VAT, Vat, VatMode
from contracts.act.rules import TERMS, UNTIL_SET, TermCode
from contracts.act.take_back import TakeBackStatus
from contracts.contract.models import ContractRow, EngagementRow
from contracts.contract.queries import PAGE
from contracts.kernel.period import Month
from contracts.kernel.work import Work


@dataclass(frozen=True, slots=True)
class VatSetting:
    id: UUID
    provider_id: UUID
    mode: VatMode
    rate_bp: int
    from_month: Month
    source: str


@dataclass(frozen=True, slots=True)
class Copayment:
    id: UUID
    engagement_id: UUID
    charge_minor: int
    from_month: Month
    source: str


@dataclass(frozen=True, slots=True)
class Term:
    id: UUID
    code: TermCode
    territory: str
    value: str
    from_on: date
    source: str


def vat_settings(work: Work, provider_id: UUID) -> list[VatSetting]:
    where = VatRow.provider_id == provider_id
    return work.find_all(VatSetting, VatRow, where, order_by=(VatRow.from_month,), limit=PAGE)


def vat_of_provider(work: Work, provider_id: UUID, month: Month) -> Vat:
    set_by_then = [one for one in vat_settings(work, provider_id) if one.from_month <= month]
    return Vat(set_by_then[-1].mode, set_by_then[-1].rate_bp) if set_by_then else NO_VAT


def vats_of(work: Work, provider_ids: Collection[UUID], month: Month) -> dict[UUID, Vat]:
    """Of those for whom something was set."""
    rows = work.rows(
        sa.select(VatRow.provider_id, VatRow.mode, VatRow.rate_bp)
        .where(VatRow.provider_id.in_(provider_ids), VatRow.from_month <= month)
        .order_by(VatRow.from_month)
    )
    return {provider_id: Vat(mode, rate) for provider_id, mode, rate in rows}


def terms(work: Work) -> list[Term]:
    return work.find_all(
        Term, ActTermRow, order_by=(ActTermRow.code, ActTermRow.territory, ActTermRow.from_on), limit=PAGE
    )


def term_on(work: Work, code: TermCode, *, territory: str, day: date) -> StrEnum:
    """What the longest prefix of the territory says for the day, the latest row of it; the default where none does."""
    here = sa.literal(territory).startswith(ActTermRow.territory)
    rows = work.rows(
        sa.select(ActTermRow.value)
        .where(ActTermRow.code == code, here, ActTermRow.from_on <= day)
        .order_by(sa.func.length(ActTermRow.territory).desc(), ActTermRow.from_on.desc())
        .limit(1)
    )
    return TERMS[code](rows[0].value) if rows else UNTIL_SET[code]


@dataclass(frozen=True, slots=True)
class MadeBy:
    """What acts of a day are made by."""

    vat: Vat
    collector: StrEnum
    signatures: StrEnum


def made_by(work: Work, provider_id: UUID, *, territory: str, day: date) -> MadeBy:
    return MadeBy(
        vat_of_provider(work, provider_id, Month.of(day)),
        term_on(work, TermCode.COLLECTOR, territory=territory, day=day),
        term_on(work, TermCode.SIGNATURES, territory=territory, day=day),
    )


def copayments(work: Work, engagement_id: UUID) -> list[Copayment]:
    where = CopaymentRow.engagement_id == engagement_id
    return work.find_all(Copayment, CopaymentRow, where, order_by=(CopaymentRow.from_month,), limit=PAGE)


def charges_left(work: Work, contract_id: UUID, month: Month, *, besides: UUID | None = None) -> dict[UUID, int]:
    """By engagement, what its recipient may still be asked for in the month: the charge less what the other acts of the
    month ask for. Engagements without a charge are not there."""
    charges = _charges(month, EngagementRow.contract_id == contract_id)
    left = {row.engagement_id: int(row.charge_minor) for row in work.rows(charges)}
    if left:
        for engagement_id, asked in _asked(work, contract_id, month, besides):
            if engagement_id in left:
                left[engagement_id] = max(0, left[engagement_id] - asked)
    return left


def charges_of_month(work: Work, month: Month) -> dict[UUID, int]:
    """Of all engagements that have one: few are on full support."""
    return {row.engagement_id: int(row.charge_minor) for row in work.rows(_charges(month, sa.true()))}


def _charges(month: Month, which: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    row, later = CopaymentRow, sa.orm.aliased(CopaymentRow)
    superseded = sa.exists().where(
        later.engagement_id == row.engagement_id, later.from_month <= month, later.from_month > row.from_month
    )
    return (
        sa.select(row.engagement_id, row.charge_minor)
        .join(EngagementRow, EngagementRow.id == row.engagement_id)
        .where(which, row.from_month <= month, ~superseded)
    )


def _asked(work: Work, contract_id: UUID, month: Month, besides: UUID | None) -> list[tuple[UUID, int]]:
    """What was forgiven for visits that were untrue is asked of nobody."""
    forgiven = sa.select(sa.func.coalesce(sa.func.sum(TakeBackRow.copayment_minor), 0)).where(
        TakeBackRow.act_line_id == ActLineRow.id, TakeBackRow.status == TakeBackStatus.TAKEN
    )
    where = [ActRow.contract_id == contract_id, ActRow.month == month]
    if besides is not None:
        where.append(ActRow.id != besides)
    rows = work.rows(
        sa.select(
            ActLineRow.engagement_id, ActLineRow.copayment_minor - forgiven.correlate(ActLineRow).scalar_subquery()
        )
        .join(ActRow, ActRow.id == ActLineRow.act_id)
        .where(*where, ActLineRow.copayment_minor > 0)
    )
    return [(row[0], int(row[1])) for row in rows]


def territory_of(work: Work, engagement_id: UUID) -> str | None:
    """Of the contract that the engagement is under."""
    found = sa.select(ContractRow.territory).join(EngagementRow, EngagementRow.contract_id == ContractRow.id)
    territory: str | None = work.scalar(found.where(EngagementRow.id == engagement_id))
    return territory
