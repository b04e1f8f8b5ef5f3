"""An engagement's price changes: what was missed on days that have the new one costs its share of that."""

from datetime import date
from uuid import UUID

from contracts.audit.service import record
from contracts.contract import pricing
from contracts.contract import queries as contracts
from contracts.kernel.work import Work
from contracts.register import absences
from contracts.register.absence_rules import payable_of
from contracts.register.models import AbsenceRow
from contracts.register.service import take_turns


def change_price(work: Work, engagement_id: UUID, *, unit_price_minor: int, from_on: date, source: str) -> UUID:
    """As :func:`contracts.contract.pricing.change_price`, for the visits of its days that were noted as missed
    already, too: no act can have them."""
    engagement = contracts.engagement(work, engagement_id)
    take_turns(work, engagement.recipient_id)  # who notes an absence meanwhile was before us, or finds the new price
    price_id = pricing.change_price(
        work, engagement_id, unit_price_minor=unit_price_minor, from_on=from_on, source=source
    )
    for missed, rule in absences.missed_from(work, engagement_id, from_on):
        price = contracts.price_of_day(work, engagement, missed.from_on)
        payable = payable_of(price, missed.quantity, rule)
        if payable != missed.payable_minor:
            assert work.update(AbsenceRow, missed.id, AbsenceRow.act_id.is_(None), payable_minor=payable)
            record(work, "absence", missed.id, "repriced")
    return price_id
