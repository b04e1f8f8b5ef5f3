"""What somebody on full state support pays of their pension or benefit: assessed from dated legal numbers."""

from enum import StrEnum
from uuid import UUID

from contracts.act import terms
from contracts.act.pricing import monthly_charge
from contracts.kernel.errors import Malformed
from contracts.kernel.money import MAX_MINOR
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from market.catalogue.queries import indicator_on
from market.catalogue.rules import IndicatorCode


class IncomeKind(StrEnum):
    """Where it comes from, which decides what is left to the person."""

    PENSION = "pension"  # the minimum pension
    DISABILITY_BENEFIT = "disability-benefit"  # the subsistence minimum


KEPT = {
    IncomeKind.PENSION: IndicatorCode.MINIMUM_PENSION,
    IncomeKind.DISABILITY_BENEFIT: IndicatorCode.SUBSISTENCE_MINIMUM,
}


def assess_copayment(
    work: Work, engagement_id: UUID, *, income: IncomeKind, income_minor: int, from_month: Month, source: str
) -> int:
    """The monthly charge from that month on, in tiyn. The income itself is kept nowhere: ``source`` names the paper
    that states it. By an operator or a budget officer of the territory. Raises IndicatorNotSet, EngagementNotFound."""
    if not 0 <= income_minor <= MAX_MINOR:
        raise Malformed("An income is not negative", pointer="/income")
    day = from_month.first_day
    kept = indicator_on(work, KEPT[income], day).value
    share = indicator_on(work, IndicatorCode.COPAYMENT_SHARE, day).value
    charge = monthly_charge(income_minor, kept_minor=kept, share_bp=share)
    terms.set_copayment(work, engagement_id, charge_minor=charge, from_month=from_month, source=source)
    return charge
