"""Setting what acts are made by: how a provider is taxed, what a recipient pays, who collects it, which signatures."""

from datetime import date
from typing import Any  # column values, as Work.insert_if_new takes them
from uuid import UUID

from contracts.act import dated
from contracts.act.models import ActTermRow, CopaymentRow, VatRow
from contracts.act.pricing import BASIS_POINTS, VatMode
from contracts.act.rules import TERMS, TermCode, TermNotSet
from contracts.audit.service import record
from contracts.contract import queries as contracts
from contracts.contract.rules import EngagementNotFound, check_source
from contracts.kernel.errors import Malformed
from contracts.kernel.ids import new_id
from contracts.kernel.money import MAX_MINOR
from contracts.kernel.period import Month
from contracts.kernel.work import Role, Work

ASSESSORS = (Role.OPERATOR, Role.BUDGET_OFFICER)


def set_vat(
    work: Work, provider_id: UUID, *, territory: str, mode: VatMode, rate_bp: int, from_month: Month, source: str
) -> UUID:
    """By a finance officer of the provider's ``territory`` (contracts know no provider's place: the caller does), from
    this month or a later one: no act of it can stand yet. Raises TermNotSet where the month has a row."""
    work.actor.require(Role.FINANCE_OFFICER, territory=territory)
    if (mode is VatMode.EXEMPT) != (rate_bp == 0) or not 0 <= rate_bp <= BASIS_POINTS:
        raise Malformed("A rate lies above 0 and up to 100 %, and what is exempt has none", pointer="/rate")
    _check_month(work, from_month)
    vat_id = new_id()
    values: dict[str, Any] = {
        "id": vat_id,
        "provider_id": provider_id,
        "mode": mode,
        "rate_bp": rate_bp,
        "from_month": from_month,
    }
    if not work.insert_if_new(VatRow, **values, **_signed(work, source)):
        raise TermNotSet(pointer="/from_month", rule="one-a-month")
    record(work, "vat", provider_id, "set")
    return vat_id


def set_copayment(work: Work, engagement_id: UUID, *, charge_minor: int, from_month: Month, source: str) -> UUID:
    """What the recipient pays a month from now on, as assessed. By an operator or a budget officer of the territory."""
    territory = dated.territory_of(work, engagement_id)
    if territory is None or not work.actor.has(*ASSESSORS, territory=territory):
        raise EngagementNotFound
    contracts.engagement(work, engagement_id, lock=True)
    if not 0 <= charge_minor <= MAX_MINOR:
        raise Malformed("A charge is not negative", pointer="/charge")
    _check_month(work, from_month)
    copayment_id = new_id()
    values: dict[str, Any] = {"id": copayment_id, "engagement_id": engagement_id, "charge_minor": charge_minor}
    if not work.insert_if_new(CopaymentRow, **values, from_month=from_month, **_signed(work, source)):
        raise TermNotSet(pointer="/from_month", rule="one-a-month")
    record(work, "engagement", engagement_id, "copayment-set")
    return copayment_id


def set_term(work: Work, *, code: TermCode, territory: str, value: str, from_on: date, source: str) -> UUID:
    """By a finance officer of the territory, from today or a later day. Raises TermNotSet where the day has a row."""
    work.actor.require(Role.FINANCE_OFFICER, territory=territory)
    if value not in set(TERMS[code]):
        raise Malformed(f"{code} is one of {', '.join(TERMS[code])}", pointer="/value")
    if from_on < work.today:
        raise TermNotSet(pointer="/from_on", rule="not-in-the-past")
    term_id = new_id()
    values: dict[str, Any] = {"id": term_id, "code": code, "territory": territory, "value": value, "from_on": from_on}
    if not work.insert_if_new(ActTermRow, **values, **_signed(work, source)):
        raise TermNotSet(pointer="/from_on", rule="one-a-day")
    record(work, "act-term", code, "set")
    return term_id


def _check_month(work: Work, from_month: Month) -> None:
    if from_month < Month.of(work.today):
        raise TermNotSet(pointer="/from_month", rule="not-in-the-past")


def _signed(work: Work, source: str) -> dict[str, Any]:
    """Who set it, when, and on the ground of what."""
    return {"source": check_source(source), "set_by": work.actor.id or UUID(int=0), "set_at": work.now}
