"""Who waits for what, who is placed where, and what each round decided and why."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contracts.kernel.database import Base
from market.catalogue.rules import CareSetting, ServiceKind, Unit
from market.placement.rules import (
    PlacementStatus,
    Policy,
    RequestStatus,
    RoundPart,
    RoundRuleCode,
    RoundStatus,
)


def _one_of(*statuses: PlacementStatus) -> sa.TextClause:
    """As comparisons in a row: of a list in brackets SQLite makes a table anew for every row it writes."""
    return sa.text(" OR ".join(f"status = '{status}'" for status in statuses))


def _as_in_index(condition: sa.TextClause, table: str) -> sa.ColumnElement[bool]:
    """Written as in the index: with bound values SQLite cannot know that it may use it, and reads every placement
    instead. Without a type: of a Boolean SQLAlchemy would write "(...) = 1", which is no index's condition either."""
    return sa.literal_column(f"({condition.text.replace('status', f'{table}.status')})")


_S = PlacementStatus
_LIVE = _one_of(_S.OFFERED, _S.REQUESTED, _S.ACCEPTED)
_OPEN = _one_of(_S.OFFERED, _S.REQUESTED)
_ACCEPTED = sa.text("status = 'accepted'")
_PAST = _one_of(_S.DECLINED, _S.LAPSED, _S.ENDED)
_TOLD = sa.text("status <> 'offered'")
IS_LIVE, IS_OPEN, IS_PAST = (_as_in_index(one, "placement") for one in (_LIVE, _OPEN, _PAST))
IS_TOLD = _as_in_index(_TOLD, "placement")  # its provider is: what a round offered is the holder's until they answer
_NOT_CLOSED = sa.text("status <> 'closed'")
IS_NOT_CLOSED = _as_in_index(_NOT_CLOSED, "request")


def _partial(name: str, *columns: str, where: sa.TextClause, unique: bool = False) -> sa.Index:
    return sa.Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


class RequestRow(Base):
    """One voucher still to be placed. Kind, setting, unit, size, ceiling are the voucher's; tier, locality, category
    and language the recipient's, copied so that a round reads one table; coordinates stay with the recipient.

    ``status`` is waiting until it is closed. Whether it is placed its live placement says (``queries.state``), so that
    a round places half a million people without changing a row of theirs."""

    __tablename__ = "request"
    __table_args__ = (
        sa.Index("ix_request_waiting", "territory", "kind", sqlite_where=_NOT_CLOSED, postgresql_where=_NOT_CLOSED),
        sa.CheckConstraint("size > 0", name="size"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    voucher_id: Mapped[UUID] = mapped_column(sa.ForeignKey("voucher.id"), unique=True)
    recipient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("recipient.id"), index=True)
    territory: Mapped[str] = mapped_column(sa.String(9))
    locality_id: Mapped[int] = mapped_column(sa.ForeignKey("locality.id"))
    kind: Mapped[ServiceKind]
    setting: Mapped[CareSetting]
    unit: Mapped[Unit]
    size: Mapped[int]
    ceiling_minor: Mapped[int]
    tier: Mapped[int] = mapped_column(sa.Integer)
    category: Mapped[str] = mapped_column(sa.String(32))
    language: Mapped[str] = mapped_column(sa.String(2))
    waiting_since: Mapped[datetime]
    status: Mapped[RequestStatus]


class WishRow(Base):
    """The holder's own ranking, 1 is best."""

    __tablename__ = "wish"
    __table_args__ = (
        sa.UniqueConstraint("request_id", "offer_id"),
        sa.CheckConstraint("rank BETWEEN 1 AND 10", name="rank"),
    )
    request_id: Mapped[UUID] = mapped_column(sa.ForeignKey("request.id"), primary_key=True)
    rank: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    offer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("offer.id"))


class RoundRow(Base):
    """``certificate`` is "verified" or says why not; ``facts``: the phase it is in, then its figures. A round takes
    effect at once; ``published_at``: since when everybody may read its summary."""

    __tablename__ = "matching_round"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    territory: Mapped[str] = mapped_column(sa.String(9))
    policy: Mapped[Policy]
    seed: Mapped[int]
    time_limit_seconds: Mapped[int]
    status: Mapped[RoundStatus]
    requested_by: Mapped[UUID | None]
    requested_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    instance_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    requests: Mapped[int | None]
    served: Mapped[int | None]
    served_by_tier: Mapped[list[Any] | None]
    cost: Mapped[int | None]
    certificate: Mapped[str | None]
    facts: Mapped[dict[str, Any] | None]
    published_at: Mapped[datetime | None]
    published_by: Mapped[UUID | None]


class RoundLeaseRow(Base):
    """Who runs a round: the number of the run, and its last sign of life by the real clock."""

    __tablename__ = "round_lease"
    round_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matching_round.id"), primary_key=True)
    run: Mapped[int] = mapped_column(sa.Integer)
    alive_at: Mapped[datetime]


class RoundFileRow(Base):
    """What a round solved and what came of it (see ``columns``), compressed, in pieces; written once."""

    __tablename__ = "round_file"
    __table_args__ = (sa.CheckConstraint("piece >= 0", name="piece"),)
    round_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matching_round.id"), primary_key=True)
    part: Mapped[RoundPart] = mapped_column(primary_key=True)
    piece: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    data: Mapped[bytes]


class RoundRuleRow(Base):
    """A dated decision on what rounds are held to; ``value`` in the unit of the code. Only limits on places and money
    are of one kind or one provider."""

    __tablename__ = "round_rule"
    __table_args__ = (
        sa.CheckConstraint("from_on < until_on", name="period"),
        sa.CheckConstraint("value >= 0", name="value"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[RoundRuleCode]
    territory: Mapped[str] = mapped_column(sa.String(9))
    kind: Mapped[ServiceKind | None]
    provider_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("provider.id"))
    value: Mapped[int]
    from_on: Mapped[date]
    until_on: Mapped[date]
    source: Mapped[str] = mapped_column(sa.String(500))


class RoundPriceRow(Base):
    __tablename__ = "round_price"
    round_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matching_round.id"), primary_key=True)
    offer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("offer.id"), primary_key=True)
    price: Mapped[int]


class OutcomePageRow(Base):
    """What a round decided for ``requests`` people, from ``first_id`` on by request id (see ``outcomes``); append-only.

    Its ids were read in the same round: ``market round verify`` counts every page again from the round's files."""

    __tablename__ = "outcome_page"
    __table_args__ = (sa.CheckConstraint("requests > 0", name="requests"),)
    round_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matching_round.id"), primary_key=True)
    first_id: Mapped[UUID] = mapped_column(primary_key=True)
    requests: Mapped[int] = mapped_column(sa.Integer)
    data: Mapped[bytes]


class NightlyProofRow(Base):
    """What the nightly solve from scratch found (see ``nightly``); append-only. No ``drift``: all was well."""

    __tablename__ = "nightly_proof"
    day: Mapped[date] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    waiting: Mapped[int]
    placeable: Mapped[int]
    steps: Mapped[int]
    drift: Mapped[str | None] = mapped_column(sa.String(500))


class RoundReportRow(Base):
    """How a round treated people and where it fell short (see ``report``), counted once after it has ended."""

    __tablename__ = "round_report"
    round_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matching_round.id"), primary_key=True)
    made_at: Mapped[datetime]
    fairness: Mapped[dict[str, Any]]
    diagnosis: Mapped[dict[str, Any]]


class RoundSlotRow(Base):
    """An offer as a round saw it (see ``grounds.Seen``)."""

    __tablename__ = "round_slot"
    round_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matching_round.id"), primary_key=True)
    offer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("offer.id"), primary_key=True)
    places: Mapped[int]
    used: Mapped[int]
    last_tier: Mapped[int | None] = mapped_column(sa.Integer)
    serving_price: Mapped[int]
    seating_price: Mapped[int]


class RoundGroundRow(Base):
    """For a request that did not get what it would have liked best: that offer, and ``opens``, where one more place
    would have been enough, as ids of 32 digits with metres: "id:metres,id:metres". For one that no offer suited: the
    nearest that would suit but for its distance."""

    __tablename__ = "round_ground"
    round_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matching_round.id"), primary_key=True)
    request_id: Mapped[UUID] = mapped_column(sa.ForeignKey("request.id"), primary_key=True)
    wanted_id: Mapped[UUID] = mapped_column(sa.ForeignKey("offer.id"))
    wanted_m: Mapped[int]
    opens: Mapped[str] = mapped_column(sa.String(200))


class PlacementRow(Base):
    """Holds ``size`` of the offer's counter from the moment it is offered or requested until it is declined, lapses
    or ends. One live placement a request. ``ends_on``: the first day without service; the place is free from then.
    No foreign keys: half a million ids a round, read in that round, would each be looked up again. ``market check``
    holds them against what they repeat, in sets."""

    __tablename__ = "placement"
    __table_args__ = (
        sa.CheckConstraint(_one_of(*PlacementStatus), name="placementstatus"),
        # No more of them than are read: a round writes half a million rows through each that knows an offered one.
        _partial("uq_placement_live", "recipient_id", "request_id", where=_LIVE, unique=True),
        _partial("ix_placement_open", "respond_until", where=_OPEN),
        _partial("ix_placement_accepted", "ends_on", where=_ACCEPTED),
        _partial("ix_placement_past", "recipient_id", where=_PAST),
        _partial("ix_placement_provider_id_status", "provider_id", "status", "id", where=_TOLD),
        _partial("ix_placement_offer_id_status", "offer_id", "status", where=_TOLD),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID]
    voucher_id: Mapped[UUID]
    recipient_id: Mapped[UUID]
    offer_id: Mapped[UUID]
    provider_id: Mapped[UUID]
    round_id: Mapped[UUID | None]
    size: Mapped[int]
    unit_price_minor: Mapped[int]
    distance_m: Mapped[int]
    status: Mapped[PlacementStatus] = mapped_column(
        sa.Enum(PlacementStatus, native_enum=False, length=32, values_callable=lambda kind: [*map(str, kind)])
    )
    created_at: Mapped[datetime]
    respond_until: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decline_reason: Mapped[str | None] = mapped_column(sa.String(500))
    engagement_id: Mapped[UUID | None]
    ends_on: Mapped[date | None]
