"""An engagement's price changes from a day on: service of earlier days keeps the price of its day."""

from datetime import date
from uuid import UUID

from contracts.audit.service import record
from contracts.contract import queries
from contracts.contract.models import EngagementPriceRow
from contracts.contract.rules import EngagementWrong, PriceAgreed, PriceChangeTooLate, check_source
from contracts.contract.service import CONCLUDERS
from contracts.kernel.ids import new_id
from contracts.kernel.money import MAX_MINOR
from contracts.kernel.period import Month
from contracts.kernel.work import Work


def change_price(work: Work, engagement_id: UUID, *, unit_price_minor: int, from_on: date, source: str) -> UUID:
    """By an officer, with the document it rests on, from a day of this month or later: no act of that day can stand.
    What was committed stays: service that costs more than that is refused when its act is accepted.

    Raises PriceAgreed where an award fixed the price, PriceChangeTooLate, EngagementWrong.
    """
    engagement, contract = queries.engagement_of(work, engagement_id, *CONCLUDERS, lock=True)
    work.actor.require(*CONCLUDERS, territory=contract.territory)
    if contract.unit_price_minor is not None:
        raise PriceAgreed(rule="as-agreed")
    if not 0 < unit_price_minor <= MAX_MINOR:
        raise EngagementWrong(pointer="/unit_price", rule="positive")
    changes = queries.prices(work, engagement_id)
    latest = changes[-1].from_on if changes else engagement.from_on
    first = max(Month.of(work.today).first_day, latest)
    if not first <= from_on < engagement.until_on or from_on == latest:
        raise PriceChangeTooLate(pointer="/from_on", rule="not-in-months-gone-by")
    price_id = new_id()
    work.insert(
        EngagementPriceRow,
        id=price_id,
        engagement_id=engagement_id,
        unit_price_minor=unit_price_minor,
        from_on=from_on,
        source=check_source(source),
        changed_by=work.actor.id or UUID(int=0),  # the system
        changed_at=work.now,
    )
    record(work, "engagement", engagement_id, "price-changed")
    return price_id
