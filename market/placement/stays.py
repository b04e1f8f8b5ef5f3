"""Absences as the market sees them: a stay in hospital stops the voucher's clock, so its days are given back at the end
of the voucher and of the service, where nobody else has those days.

No money is given back with them: what the stay left unserved pays for them. They do not reach beyond the year of that
money, the contract, or the next voucher for the same service.
"""

from datetime import date, timedelta
from uuid import UUID

from contracts.act.service import withdraw_absence
from contracts.audit.service import record
from contracts.budget import queries as budget
from contracts.contract import queries as contracts
from contracts.contract import service as contracting
from contracts.contract.rules import Engagement
from contracts.kernel.work import Work
from contracts.register import absence, absences
from contracts.register.absence_rules import AbsenceKind, NewAbsence
from market.placement import queries
from market.placement.answering import move_placement
from market.placement.rules import Placement, PlacementStatus
from market.voucher import queries as vouchers
from market.voucher import service as granting
from market.voucher.rules import Voucher, is_valid


def enter(work: Work, engagement_id: UUID, new: NewAbsence) -> UUID:
    """As :func:`contracts.register.absence.enter`."""
    placement = _held(work, engagement_id)
    absence_id = absence.enter(work, engagement_id, new)
    if new.kind is AbsenceKind.HOSPITAL:
        _set_clock(work, placement)
    return absence_id


def withdraw(work: Work, absence_id: UUID, *, reason: str) -> None:
    """As :func:`contracts.act.service.withdraw_absence`. Days that were given back are taken again, as far as nobody
    was served on them."""
    found = absences.absence(work, absence_id)
    placement = _held(work, found.engagement_id)
    withdraw_absence(work, absence_id, reason=reason)
    if found.kind is AbsenceKind.HOSPITAL:
        _set_clock(work, placement)


def _held(work: Work, engagement_id: UUID) -> Placement:
    """Before what comes after it: who ends a placement takes the same turns."""
    return queries.placement(work, contracts.engagement(work, engagement_id).placement_id, lock=True)


def _set_clock(work: Work, placement: Placement) -> None:
    assert placement.engagement_id is not None
    voucher = vouchers.voucher(work, placement.voucher_id, lock=True)
    engagement = contracts.engagement(work, placement.engagement_id)
    to_the_end = placement.ends_on == engagement.until_on == voucher.last_until
    if placement.status is not PlacementStatus.ACCEPTED or not is_valid(voucher, work.today) or not to_the_end:
        return
    until_on = _end(work, voucher, engagement)
    if until_on == voucher.until_on:
        return
    granting.move_end(work, voucher, until_on=until_on)
    contracting.move_end(work, engagement.id, until_on=until_on)
    move_placement(work, placement, placement.status, ends_on=until_on)
    record(work, "placement", placement.id, "end-moved")


def _end(work: Work, voucher: Voucher, engagement: Engagement) -> date:
    given = voucher.granted_until + timedelta(days=absences.days_of_voucher(work, voucher.id))
    year = budget.line(work, voucher.line_id).year
    last = [date(year + 1, 1, 1), contracts.contract(work, engagement.contract_id).until_on]
    if (follows := vouchers.next_begins_on(work, voucher)) is not None:
        last.append(follows)
    until_on = max(voucher.granted_until, min(given, *last))
    if until_on >= voucher.until_on:
        return until_on
    first = absences.first_day_after_all(work, engagement.id) or until_on
    return min(voucher.until_on, max(until_on, first, work.today + timedelta(days=1)))
