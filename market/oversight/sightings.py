"""SELECTs that find visits which look untrue, among those whose ids lie in a range, and what stands beside them.

Each is set-based and reads by the register's own indexes: the people, services and months of the range, not the whole.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from contracts.contract.models import ContractRow, EngagementRow, SuspensionRow
from contracts.kernel.work import HOME, HOUSE, Work
from contracts.register.models import AbsenceRow, EntryRow
from contracts.register.queries import seconds_between
from contracts.register.rules import EntryStatus
from market.catalogue.rules import CareSetting, Unit
from market.oversight.suspicion import (
    REGULAR_SECONDS,
    REGULAR_VISITS,
    UNNOTICED_M,
    Leg,
    Sighting,
    Suspicion,
    is_impossible,
)
from market.provider.models import OfferRow, ServicePointRow
from market.recipient.models import RecipientRow
from market.user.models import GrantRow
from market.voucher.models import VoucherRow

_DAY = timedelta(days=1)
_DAY_SECONDS = 24 * 3600
_AN_HOUR = 3600
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WALL_CLOCK = 5 * 3600  # ahead of UTC: a visit at night is no other day's
_METRES_A_DEGREE = 111_000  # of latitude; of longitude fewer: what is below this bound needs no sphere
_LONGEST_WAY = timedelta(hours=12)  # by then one is anywhere in the country
_ROUND_THE_CLOCK = (CareSetting.IN_PATIENT, CareSetting.TEMPORARY_STAY)
_COMES_AND_GOES = (CareSetting.HOME, CareSetting.SEMI_IN_PATIENT)


@dataclass(frozen=True, slots=True)
class Range:
    """So many entries with ids after ``after`` up to and with ``upto``; ``first`` and ``last``: when they began."""

    after: UUID
    upto: UUID
    first: datetime
    last: datetime
    count: int

    def has(self) -> sa.ColumnElement[bool]:
        return sa.and_(EntryRow.id > self.after, EntryRow.id <= self.upto)


def range_of(work: Work, after: UUID, before: UUID, *, limit: int) -> Range | None:
    """The next entries after the one and before the other. None where there is none."""
    ids = (
        sa.select(EntryRow.id, EntryRow.started_at)
        .where(EntryRow.id > after, EntryRow.id < before)
        .order_by(EntryRow.id)
        .limit(limit)
        .subquery()
    )
    found = work.rows(sa.select(ids.c.id, ids.c.started_at).order_by(ids.c.id))
    if not found:
        return None
    starts = [row.started_at for row in found]
    return Range(after, found[-1].id, min(starts), max(starts), len(found))


def sightings(work: Work, among: Range) -> Iterator[Sighting]:
    for look in _LOOKS:
        yield from look(work, among)


_lived = EntryRow.status != EntryStatus.CANCELLED


# --- impossible travel -----------------------------------------------------------------------------------------------
def _travelled(who: Any) -> Callable[[Work, Range], Iterator[Sighting]]:
    def look(work: Work, among: Range) -> Iterator[Sighting]:
        for row in work.rows(_legs(who, among)):
            leg = Leg(row[0], row[1], row[2], row[3], (row[4], row[5]), (row[6], row[7]))
            if is_impossible(leg):
                facts = {"who": who.key, "before": str(leg.before_id), "metres": leg.metres, "seconds": leg.seconds}
                yield Sighting(leg.entry_id, Suspicion.IMPOSSIBLE_TRAVEL, facts)

    return look


def _legs(who: Any, among: Range) -> sa.Select[Any]:
    """Each visit of these people with the one before, where the two are apart. At home the recipient's home is the
    place, elsewhere the offer's service point."""
    touched = sa.select(who).where(among.has())
    at_home = EngagementRow.setting == CareSetting.HOME
    latitude = sa.case((at_home, RecipientRow.latitude), else_=ServicePointRow.latitude)
    longitude = sa.case((at_home, RecipientRow.longitude), else_=ServicePointRow.longitude)
    order: Any = {"partition_by": who, "order_by": (EntryRow.started_at, EntryRow.id)}
    visits = (
        sa.select(
            EntryRow.id,
            sa.func.lag(EntryRow.id, type_=EntryRow.id.type).over(**order).label("before_id"),
            sa.func.lag(EntryRow.ended_at, type_=EntryRow.ended_at.type).over(**order).label("left_at"),
            EntryRow.started_at,
            sa.func.lag(latitude).over(**order).label("from_latitude"),
            sa.func.lag(longitude).over(**order).label("from_longitude"),
            latitude.label("to_latitude"),
            longitude.label("to_longitude"),
        )
        .join(EngagementRow, EngagementRow.id == EntryRow.engagement_id)
        .join(RecipientRow, RecipientRow.id == EntryRow.recipient_id)
        .outerjoin(OfferRow, OfferRow.id == EngagementRow.offer_id)
        .outerjoin(ServicePointRow, ServicePointRow.id == OfferRow.service_point_id)
        .where(who.in_(touched), EntryRow.started_at.between(among.first - _DAY, among.last + _DAY), _lived)
        .subquery()
    )
    c = visits.c
    degrees = sa.func.abs(c.to_latitude - c.from_latitude) + sa.func.abs(c.to_longitude - c.from_longitude)
    near = seconds_between(c.left_at, c.started_at) < int(_LONGEST_WAY.total_seconds())
    return sa.select(visits).where(c.before_id.is_not(None), degrees > UNNOTICED_M / _METRES_A_DEGREE / 2, near)


# --- the programme's volume ------------------------------------------------------------------------------------------
def _months(among: Range) -> sa.Subquery:
    return sa.select(EntryRow.engagement_id, EntryRow.month).where(among.has()).distinct().subquery()


def _over_volume(work: Work, among: Range) -> Iterator[Sighting]:
    months = _months(among)
    hours = EngagementRow.unit == Unit.HOUR
    taken = sa.case((hours, seconds_between(EntryRow.started_at, EntryRow.ended_at)), else_=EntryRow.quantity)
    granted = (EngagementRow.units_a_month - _absent_units()) * sa.case((hours, _AN_HOUR), else_=1)
    order: Any = {
        "partition_by": (EntryRow.engagement_id, EntryRow.month), "order_by": (EntryRow.started_at, EntryRow.id)
    }  # fmt: skip
    visits = (
        sa.select(EntryRow.id, sa.func.sum(taken).over(**order).label("so_far"), granted.label("granted"))
        .join(EngagementRow, EngagementRow.id == EntryRow.engagement_id)
        .join(months, sa.and_(months.c.engagement_id == EntryRow.engagement_id, months.c.month == EntryRow.month))
        .where(_lived)
        .subquery()
    )
    for row in work.rows(sa.select(visits).where(visits.c.so_far > visits.c.granted)):
        yield Sighting(row[0], Suspicion.OVER_VOLUME, {"so_far": int(row[1]), "granted": int(row[2])})


def _absent_units() -> sa.ScalarSelect[int]:
    """What absences have taken off the volume of the entry's month."""
    taken = sa.func.coalesce(sa.func.sum(AbsenceRow.quantity), 0)
    return (
        sa.select(taken)
        .where(
            AbsenceRow.engagement_id == EntryRow.engagement_id,
            AbsenceRow.month == EntryRow.month,
            AbsenceRow.counts,
            AbsenceRow.withdrawn_at.is_(None),
        )
        .correlate(EntryRow)
        .scalar_subquery()
    )


# --- after the end ---------------------------------------------------------------------------------------------------
def _after(work: Work, among: Range) -> Iterator[Sighting]:
    statement = (
        sa.select(EntryRow.id, RecipientRow.died_on, EngagementRow.until_on, VoucherRow.until_on, VoucherRow.ended_on)
        .add_columns(EntryRow.served_on)
        .join(EngagementRow, EngagementRow.id == EntryRow.engagement_id)
        .join(RecipientRow, RecipientRow.id == EntryRow.recipient_id)
        .outerjoin(VoucherRow, VoucherRow.id == EngagementRow.voucher_id)
        .where(
            among.has(),
            _lived,
            sa.or_(
                EntryRow.served_on > RecipientRow.died_on,
                EntryRow.served_on >= EngagementRow.until_on,
                EntryRow.served_on >= VoucherRow.until_on,
                EntryRow.served_on >= VoucherRow.ended_on,
            ),
        )
    )
    for entry_id, died_on, end, valid_until, ended_on, served_on in work.rows(statement):
        expiry = min(day for day in (valid_until, ended_on, end) if day is not None)
        if died_on is not None and served_on > died_on:
            yield Sighting(entry_id, Suspicion.AFTER_DEATH, {"died_on": died_on.isoformat()})
        elif served_on >= end:
            yield Sighting(entry_id, Suspicion.AFTER_END, {"until_on": end.isoformat()})
        else:
            yield Sighting(entry_id, Suspicion.AFTER_EXPIRY, {"until_on": expiry.isoformat()})


# --- whose people they are -------------------------------------------------------------------------------------------
def _relatives(work: Work, among: Range) -> Iterator[Sighting]:
    """The recipient, or who speaks for them, is one of the provider's people: the first visit of each month."""
    paid, served = aliased(GrantRow), aliased(GrantRow)
    first = _firsts(among)
    statement = (
        sa.select(EntryRow.id, served.role, paid.role)
        .join(first, first.c.id == EntryRow.id)
        .join(ContractRow, ContractRow.id == EntryRow.contract_id)
        .join(served, sa.and_(served.recipient_id == EntryRow.recipient_id, served.role.in_(HOME)))
        .join(paid, sa.and_(paid.user_id == served.user_id, paid.provider_id == ContractRow.provider_id))
        .where(paid.role.in_(HOUSE), _held(paid), _held(served))
    )
    for entry_id, home, house in work.rows(statement):
        yield Sighting(entry_id, Suspicion.OWN_RELATIVE, {"home": str(home), "house": str(house)})


def _held(grant: Any) -> sa.ColumnElement[bool]:
    """On the day of the visit."""
    day = EntryRow.served_on
    return sa.and_(grant.from_on <= day, sa.or_(grant.until_on.is_(None), grant.until_on > day))


def _firsts(among: Range) -> sa.Subquery:
    """The first visit of each month and service of the range: what is said of a month is said once, there."""
    months = _months(among)
    order: Any = {
        "partition_by": (EntryRow.engagement_id, EntryRow.month), "order_by": (EntryRow.started_at, EntryRow.id)
    }  # fmt: skip
    same = sa.and_(months.c.engagement_id == EntryRow.engagement_id, months.c.month == EntryRow.month)
    visits = (
        sa.select(EntryRow.id, sa.func.row_number().over(**order).label("at")).join(months, same).where(_lived)
    ).subquery()
    return sa.select(visits.c.id).where(visits.c.at == 1).subquery()


# --- in a home or a hospital -----------------------------------------------------------------------------------------
def _during_stay(work: Work, among: Range) -> Iterator[Sighting]:
    other, away = aliased(EngagementRow), aliased(SuspensionRow)
    day = EntryRow.served_on
    absent = sa.exists().where(
        away.engagement_id == other.id, away.from_on <= day, sa.or_(away.until_on.is_(None), away.until_on > day)
    )
    statement = (
        sa.select(EntryRow.id, other.number)
        .join(EngagementRow, EngagementRow.id == EntryRow.engagement_id)
        .join(other, sa.and_(other.recipient_id == EntryRow.recipient_id, other.id != EngagementRow.id))
        .where(
            among.has(),
            _lived,
            EngagementRow.setting.in_(_COMES_AND_GOES),
            other.setting.in_(_ROUND_THE_CLOCK),
            other.from_on <= day,
            other.until_on > day,
            ~absent,
        )
    )
    for entry_id, number in work.rows(statement):
        yield Sighting(entry_id, Suspicion.DURING_STAY, {"engagement": number})
    hospital = (
        sa.select(EntryRow.id, SuspensionRow.from_on)
        .join(SuspensionRow, SuspensionRow.engagement_id == EntryRow.engagement_id)
        .where(among.has(), _lived, SuspensionRow.from_on <= day)
        .where(sa.or_(SuspensionRow.until_on.is_(None), SuspensionRow.until_on > day))
    )
    for entry_id, from_on in work.rows(hospital):
        yield Sighting(entry_id, Suspicion.DURING_STAY, {"suspended_from": from_on.isoformat()})


# --- too regular to be true ------------------------------------------------------------------------------------------
def _too_regular(work: Work, among: Range) -> Iterator[Sighting]:
    """Visits at home; a day centre opens and closes by the clock."""
    months, first = _months(among), _firsts(among)
    start = (seconds_between(sa.literal(_EPOCH, EntryRow.started_at.type), EntryRow.started_at) + _WALL_CLOCK) % (
        _DAY_SECONDS
    )
    length = seconds_between(EntryRow.started_at, EntryRow.ended_at)
    same = sa.and_(months.c.engagement_id == EntryRow.engagement_id, months.c.month == EntryRow.month)
    count = sa.func.count()
    starts = sa.func.max(start) - sa.func.min(start)
    lengths = sa.func.max(length) - sa.func.min(length)
    alike = (
        sa.select(EntryRow.engagement_id, EntryRow.month, count.label("visits"))
        .join(months, same)
        .join(EngagementRow, EngagementRow.id == EntryRow.engagement_id)
        .where(_lived, EngagementRow.setting == CareSetting.HOME)
        .group_by(EntryRow.engagement_id, EntryRow.month)
        .having(sa.and_(count >= REGULAR_VISITS, starts <= REGULAR_SECONDS, lengths <= REGULAR_SECONDS))
        .subquery()
    )
    of_it = sa.and_(alike.c.engagement_id == EntryRow.engagement_id, alike.c.month == EntryRow.month)
    statement = sa.select(EntryRow.id, alike.c.visits).join(alike, of_it).join(first, first.c.id == EntryRow.id)
    for entry_id, visits in work.rows(statement):
        yield Sighting(entry_id, Suspicion.TOO_REGULAR, {"visits": int(visits)})


_LOOKS: Sequence[Callable[[Work, Range], Iterator[Sighting]]] = (
    _travelled(EntryRow.worker_id), _travelled(EntryRow.recipient_id), _over_volume, _after, _relatives, _during_stay,
    _too_regular,
)  # fmt: skip
