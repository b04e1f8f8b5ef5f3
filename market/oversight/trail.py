"""The trail of one object as people read it: who did what, when, and what each value was before.

Auditors read every trail in their territory; officers those of the things they decide about. What lies in no territory
(users, the catalogue) is read by auditors of the whole country. To all others there is no such trail.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from contracts.act.models import ActRow
from contracts.audit.queries import Event, events_of
from contracts.budget.models import FundingLineRow
from contracts.contract.models import ContractRow, EngagementRow
from contracts.kernel.database import Base, table_of
from contracts.kernel.errors import NotFound
from contracts.kernel.work import STANDING_IN, Role, Work
from contracts.payee.models import PayeeRow
from contracts.payment.advance_models import AdvanceRow
from contracts.payment.batch_models import BatchRow
from contracts.payment.models import PaymentRow
from contracts.register.models import EntryRow
from market.competition.models import BidRow, LotRow, TenderRow
from market.competition.queries import may_read_bid
from market.competition.rules import BidsStillSealed
from market.placement.models import PlacementRow, RequestRow, RoundRow
from market.provider.models import OfferRow, ProviderRow
from market.recipient.models import RecipientRow
from market.tariff.models import PriceLimitRow
from market.voucher.models import VoucherRow

MAX_FOLDED = 20_000  # events read before a page to know what was there: a user who signed in daily for fifty years
MONEY = (Role.BUDGET_OFFICER, Role.FINANCE_OFFICER, Role.PROCUREMENT_OFFICER)
READERS: Mapping[str, tuple[Role, ...]] = {
    "act": MONEY,
    "advance": MONEY,
    "contract": MONEY,
    "engagement": MONEY,
    "funding-line": MONEY,
    "payee": MONEY,
    "payment": (Role.BUDGET_OFFICER, Role.FINANCE_OFFICER),
    "payment-batch": (Role.BUDGET_OFFICER, Role.FINANCE_OFFICER),
    "price-limit": MONEY,
    "provider": MONEY,
    "round": (Role.BUDGET_OFFICER, Role.PROCUREMENT_OFFICER),
    "tender": (Role.BUDGET_OFFICER, Role.PROCUREMENT_OFFICER, Role.COMMITTEE_MEMBER),
    "user": (Role.ADMINISTRATOR,),
}
_OWN_TERRITORY: Mapping[str, type[Base]] = {
    "act": ActRow,
    "advance": AdvanceRow,
    "contract": ContractRow,
    "funding-line": FundingLineRow,
    "offer": OfferRow,
    "payment": PaymentRow,
    "payment-batch": BatchRow,
    "price-limit": PriceLimitRow,
    "provider": ProviderRow,
    "recipient": RecipientRow,
    "request": RequestRow,
    "round": RoundRow,
    "tender": TenderRow,
    "voucher": VoucherRow,
}


_KEY: Mapping[str, Any] = {
    "engagement": EngagementRow.id,
    "entry": EntryRow.id,
    "placement": PlacementRow.id,
    "person": RecipientRow.id,
    "bid": BidRow.id,
    "payee": PayeeRow.id,
}
_ELSEWHERE: Mapping[str, sa.Select[Any]] = {
    "engagement": sa.select(ContractRow.territory).join(EngagementRow, EngagementRow.contract_id == ContractRow.id),
    "entry": sa.select(ContractRow.territory).join(EntryRow, EntryRow.contract_id == ContractRow.id),
    "placement": sa.select(VoucherRow.territory).join(PlacementRow, PlacementRow.voucher_id == VoucherRow.id),
    "person": sa.select(RecipientRow.territory),
    "bid": sa.select(LotRow.territory).join(BidRow, BidRow.lot_id == LotRow.id),
    "payee": sa.select(ProviderRow.territory).join(PayeeRow, PayeeRow.provider_id == ProviderRow.id),
}


class TrailNotFound(NotFound):
    code = "trail-not-found"
    title = "There is no such trail"


@dataclass(frozen=True, slots=True)
class Alteration:
    """One value of one row, as canonical JSON values. ``is_new``: the row was not there before."""

    table: str
    key: str
    column: str
    before: Any
    after: Any
    is_new: bool


@dataclass(frozen=True, slots=True)
class TrailEvent:
    """``sets``: facts about sets of rows changed at once (their count and hash). ``on_behalf_of``: whose name the
    actor acted in. ``is_legible`` False: the stored body is no event's."""

    id: UUID
    sequence: int
    at: datetime
    actor_id: UUID | None
    verb: str
    alterations: list[Alteration] = field(default_factory=list)
    sets: list[dict[str, Any]] = field(default_factory=list)
    on_behalf_of: UUID | None = None
    is_legible: bool = True


def check_readable(work: Work, stream: str, about: str) -> str:
    """The object's name in its stream, for whoever may read its trail. Raises NotAllowed where none of the actor's
    roles reads such trails, BidsStillSealed, TrailNotFound."""
    roles = (Role.AUDITOR, *READERS.get(stream, ()))
    work.actor.require(*roles)
    key = _id(about)
    if stream == "bid" and not (key and may_read_bid(work, key)):
        raise BidsStillSealed(rule="sealed-until-opening")
    national = (Role.AUDITOR, Role.ADMINISTRATOR) if stream == "user" else (Role.AUDITOR,)
    territory = territory_of(work, stream, key) if key else _prefix(stream, about)
    readable = (
        stream == "price-limit"  # what prices may be is public law
        or work.actor.has(*national, territory="")
        or (territory is not None and work.actor.has(*roles, territory=territory))
    )
    if not readable:
        raise TrailNotFound
    return _name(work, stream, key) if stream == "price-limit" and key else about


def trail(work: Work, stream: str, about: str, *, after: int = 0, limit: int) -> list[TrailEvent]:
    """The events after the sequence number ``after``, at most ``limit``, each with what it changed; none where the
    object was written among many at once. Raises what :func:`check_readable` does, and TrailNotFound where there is no
    such object."""
    name = check_readable(work, stream, about)
    earlier = events_of(work, stream, name, limit=min(after, MAX_FOLDED)) if after else []
    found = events_of(work, stream, name, after=after, limit=limit)
    if not earlier and not found:
        check_there(work, stream, about)
    known: dict[tuple[str, str], dict[str, Any]] = {}
    for event in earlier:
        _tell(event, known)
    return [_tell(event, known) for event in found]


def check_there(work: Work, stream: str, about: str) -> None:
    """For an object without an event of its own. Raises TrailNotFound where it has no row either."""
    key = _id(about)
    if key is None or territory_of(work, stream, key) is None:
        raise TrailNotFound


def _tell(event: Event, known: dict[tuple[str, str], dict[str, Any]]) -> TrailEvent:
    """``known``: every row as the events before left it; moved on by this one."""
    told = TrailEvent(event.id, event.sequence, event.at, event.actor_id, event.verb)
    try:
        changes = msgspec.json.decode(event.body)["changes"]
        for change in changes:
            if change["table"] == STANDING_IN:
                told = replace(told, on_behalf_of=_id(str(change["key"])))
            elif change["key"] == "*":
                told.sets.append({"table": change["table"], **change["after"]})
            else:
                told.alterations.extend(_altered(change, known))
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
        return TrailEvent(event.id, event.sequence, event.at, event.actor_id, event.verb, is_legible=False)
    return replace(told, alterations=_net(told.alterations))


def _altered(change: Mapping[str, Any], known: dict[tuple[str, str], dict[str, Any]]) -> Iterator[Alteration]:
    place = (str(change["table"]), str(change["key"]))
    is_new = place not in known
    before = known.setdefault(place, {})
    for column, after in change["after"].items():
        if is_new or before.get(column) != after:
            yield Alteration(*place, column, before.get(column), after, is_new)
        before[column] = after


def _net(alterations: list[Alteration]) -> list[Alteration]:
    """A value that one event changed twice changed once, from what was before the event to what was after it."""
    net: dict[tuple[str, str, str], Alteration] = {}
    for one in alterations:
        place = (one.table, one.key, one.column)
        first = net.get(place, one)
        net[place] = Alteration(*place, first.before, one.after, first.is_new)
    return [one for one in net.values() if one.is_new or one.before != one.after]


def territory_of(work: Work, stream: str, key: UUID) -> str | None:
    """Where the object lies; None where it has no territory of its own."""
    statement = _where(stream, key)
    found: str | None = None if statement is None else work.scalar(statement)
    return found


def _where(stream: str, key: UUID) -> sa.Select[Any] | None:
    if stream in _OWN_TERRITORY:
        table = table_of(_OWN_TERRITORY[stream])
        return sa.select(table.c.territory).where(table.c.id == key)
    statement = _ELSEWHERE.get(stream)
    return None if statement is None else statement.where(_KEY[stream] == key)


def _name(work: Work, stream: str, key: UUID) -> str:
    """A price limit's trail is that of its territory and service; a row of it leads there."""
    assert stream == "price-limit"
    limit = PriceLimitRow
    row = work.connection.execute(
        sa.select(limit.territory, limit.kind, limit.setting, limit.unit).where(limit.id == key)
    ).one_or_none()
    if row is None:
        raise TrailNotFound
    return "/".join(str(part) for part in row)


def _prefix(stream: str, about: str) -> str | None:
    return about.partition("/")[0] if stream == "price-limit" and "/" in about else None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
