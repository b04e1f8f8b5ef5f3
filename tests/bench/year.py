"""A year of work on top of a nation whose round has been run: contracts, engagements, visits and acts, and then
(:mod:`tests.bench.year_money`) payments, bank lines, cases and flags, so that every list of every desk has as many rows
behind it as it would have.

The organisation and the person who sign in are given far more than their share: 100,000 visits and half of the batches,
because what they see must be as quick as what everybody sees. Rows are written in bulk, without the verbs: what is
measured here only reads.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.act.together import draft_together
from contracts.audit.service import record
from contracts.contract.models import ContractRow, EngagementRow
from contracts.contract.rules import Basis, ContractStatus, EngagementStatus
from contracts.kernel.bulk import bare_id, copy_rows, new_ids, read_rows
from contracts.kernel.database import Base, table_of
from contracts.kernel.money import KZT
from contracts.kernel.period import Month
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.ledger.models import AccountRow
from contracts.ledger.rules import AccountKind
from contracts.payee.models import PayeeRow
from contracts.register.models import BatchRow, EntryRow
from contracts.register.rules import Confirmation, EntryStatus
from market.placement.models import PlacementRow
from market.placement.rules import PlacementStatus
from market.user.models import GrantRow
from market.voucher.models import VoucherRow
from tests.bench.guards import without_guards

LEFT_OPEN = 10  # every tenth offer of the round still waits for its answer
MONTHS_BACK = 3
VISITS_EACH = 6  # of an engagement in these months
HOUSE_VISITS = 100_000  # of the organisation that signs in, and at least as many flags in all
LONG_TRAIL = 500  # events of one engagement
CLERK = Actor(UUID(int=1), "clerk", (Grant(Role.ADMINISTRATOR),))
NOBODY, OTHER = UUID(int=2), UUID(int=3)
ENTRY = (
    "id", "month", "engagement_id", "contract_id", "recipient_id", "worker_id", "client_id", "served_on", "started_at",
    "ended_at", "place", "quantity", "status", "entered_by", "entered_at", "confirmed_by", "confirmed_at",
    "confirmed_how", "batch_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Served:
    """An engagement to be; ids as 32 digits."""

    id: str
    contract_id: str
    provider_id: str
    recipient_id: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Who signs in; ids as 32 digits."""

    provider_id: str
    recipient_id: str


def work_a_year(database: Database, *, share: float) -> None:
    """Up to the acts, which are drawn up and lie where they were drawn up. ``share``: of the nation, as seeded.

    PostgreSQL's two indexes that refuse overlaps are not put back: no page reads by them, and to build them over two
    million visits takes longer than all the rest."""
    house = max(100, round(HOUSE_VISITS * share))
    guards = [one for one in without_guards(database) if " EXCLUDE " not in one]
    served = database.write(SYSTEM, _engage)
    database.write(SYSTEM, lambda work: _serve(work, served, house))
    with database.engine.begin() as connection:
        for guard in guards:
            connection.exec_driver_sql(guard)
        connection.execute(sa.text("ANALYZE"))
    database.write(CLERK, lambda work: draft_together(work, months_of(work)[:-1]))


def months_of(work: Work) -> list[Month]:
    """The closed months of the year's work and the present one."""
    last = Month.of(work.today)
    months = [last]
    for _ in range(MONTHS_BACK):
        months.insert(0, Month.of(months[0].first_day - timedelta(days=1)))
    return months


def desk_of(work: Work) -> Desk:
    def holds(role: Role, column: Any) -> str:
        return str(read_rows(work, sa.select(bare_id(work, column)).where(GrantRow.role == role))[0][0])

    return Desk(holds(Role.PROVIDER, GrantRow.provider_id), holds(Role.RECIPIENT, GrantRow.recipient_id))


def write_rows(work: Work, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        copy_rows(work, model, tuple(rows[0]), (tuple(row.values()) for row in rows))


# --- contracts and engagements ---------------------------------------------------------------------------------------
def _engage(work: Work) -> list[Served]:
    """Most offers of the round are accepted."""
    desk, p, v = desk_of(work), PlacementRow, VoucherRow
    wanted = (p.id, p.voucher_id, p.recipient_id, p.offer_id, p.provider_id, v.line_id)
    offered = sa.select(*(bare_id(work, one) for one in wanted), v.territory, v.kind, v.setting, v.unit,
                        v.units_a_month, p.unit_price_minor)  # fmt: skip
    offered = offered.join(v, v.id == p.voucher_id).where(p.status == PlacementStatus.OFFERED).order_by(p.id)
    rows = read_rows(work, offered)
    kept = [row for n, row in enumerate(rows) if n % LEFT_OPEN or desk.recipient_id == row[2]]
    first, until = date(work.today.year, 1, 1), date(work.today.year + 1, 1, 1)
    contracts = _contracts(work, kept, first, until)
    ids, accounts = new_ids(len(kept)), new_ids(len(kept))
    write_rows(work, AccountRow, [
        {"id": accounts[n], "kind": AccountKind.COMMITTED, "owner_id": ids[n], "line_id": row[5], "currency": KZT,
         "debits_posted": 0, "credits_posted": row[10] * row[11] * 12, "debits_pending": 0, "credits_pending": 0}
        for n, row in enumerate(kept)
    ])  # fmt: skip
    write_rows(work, EngagementRow, [
        {"id": ids[n], "number": f"E-{n:07d}", "contract_id": contracts[row[4], row[5]], "placement_id": row[0],
         "voucher_id": row[1], "recipient_id": row[2], "offer_id": row[3], "kind": row[7], "setting": row[8],
         "unit": row[9], "unit_price_minor": row[11], "units_a_month": row[10], "from_on": first, "until_on": until,
         "status": EngagementStatus.ACTIVE, "account_id": accounts[n]}
        for n, row in enumerate(kept)
    ])  # fmt: skip
    _accept(work, until)
    record(work, "bench", "year", "engaged")
    return [Served(ids[n], contracts[row[4], row[5]], row[4], row[2]) for n, row in enumerate(kept)]


def _contracts(work: Work, kept: Sequence[Sequence[Any]], first: date, until: date) -> dict[tuple[str, str], str]:
    payees = dict(read_rows(work, sa.select(bare_id(work, PayeeRow.provider_id), bare_id(work, PayeeRow.id))))
    territory = {(row[4], row[5]): row[6] for row in kept}
    contracts = dict(zip(territory, new_ids(len(territory)), strict=True))
    write_rows(work, ContractRow, [
        {"id": one, "number": f"C-{n:06d}", "provider_id": key[0], "payee_id": payees[key[0]], "line_id": key[1],
         "territory": territory[key], "basis": Basis.VOUCHER_LIST, "from_on": first, "until_on": until,
         "terms": {"kind": None, "setting": None, "unit": None, "unit_price_minor": None},
         "status": ContractStatus.ACTIVE, "concluded_at": work.now}
        for n, (key, one) in enumerate(contracts.items())
    ])  # fmt: skip
    return contracts


def _accept(work: Work, until: date) -> None:
    placement, engaged = table_of(PlacementRow), table_of(EngagementRow)
    taken = sa.select(engaged.c.id).where(engaged.c.placement_id == placement.c.id).scalar_subquery()
    accepted = sa.update(placement).where(placement.c.id.in_(sa.select(engaged.c.placement_id)))
    work.execute(accepted.values(
        status=PlacementStatus.ACCEPTED, engagement_id=taken, decided_at=work.now, ends_on=until
    ))  # fmt: skip
    work.note_set("placement", verb="accepted")


# --- visits ----------------------------------------------------------------------------------------------------------
def _serve(work: Work, served: Sequence[Served], house: int) -> None:
    desk = desk_of(work)
    own = [one for one in served if one.provider_id == desk.provider_id]
    batches = new_ids(200)
    write_rows(work, BatchRow, [
        {"id": one, "provider_id": desk.provider_id, "digest": f"{n:064d}", "name": f"visits-{n}.csv", "form": "csv",
         "rows": 100, "entered": 99, "wrong": 1, "sent_by": NOBODY, "sent_at": work.now}
        for n, one in enumerate(batches)
    ])  # fmt: skip
    others = [one for one in served if one.provider_id != desk.provider_id]
    copy_rows(work, EntryRow, ENTRY, _visits(work, others, VISITS_EACH, _Hours(2, 60), None))
    if own:
        copy_rows(work, EntryRow, ENTRY, _visits(work, own, -(-house // len(own)), _Hours(12, 1), batches))
    record(work, "bench", "year", "served")


@dataclass(frozen=True, slots=True)
class _Hours:
    """When a day's first visit begins (UTC), and how long each is. Several services of one person follow each other."""

    first: int
    minutes: int


def _visits(
    work: Work, served: Sequence[Served], each: int, hours: _Hours, batches: Sequence[str] | None
) -> Iterator[tuple[object, ...]]:
    """Spread over the months; in the present one some wait for the recipient's word."""
    services: Counter[str] = Counter()
    minutes = hours.minutes
    months, clerk, other = months_of(work), NOBODY.hex, OTHER.hex
    first = months[0].first_day
    days = max(1, (work.today - first).days)
    for one in served:
        ids, hour = new_ids(each), hours.first + services[one.recipient_id]
        services[one.recipient_id] += 1
        for k in range(each):
            day = first + timedelta(days=k * days // each)
            again = k - -(-(k * days // each) * each // days)  # the how manieth of its day
            start = datetime(day.year, day.month, day.day, hour, tzinfo=UTC) + timedelta(minutes=minutes * again)
            waits = Month.of(day) == months[-1] and k % 3 == 0
            yield (
                ids[k], Month.of(day), one.id, one.contract_id, one.recipient_id, one.id, ids[k], day, start,
                start + timedelta(minutes=minutes), "at home", 1,
                EntryStatus.ENTERED if waits else EntryStatus.CONFIRMED, clerk, work.now, None if waits else other,
                None if waits else work.now, None if waits else Confirmation.OPERATOR,
                batches[k % len(batches)] if batches else None,
            )  # fmt: skip
