"""A year's acts of a country's visits in one go, on both databases: by default 12,000 acts of a million visits.

The bare limit is the database grouping the same visits by contract, month and engagement in one statement, in the same
run: what any way of drawing up acts has to do, and writes nothing.
"""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from uuid import UUID

import sqlalchemy as sa

from contracts.act.together import draft_together
from contracts.audit.service import record
from contracts.budget import service as budgeting
from contracts.contract.models import ContractRow, EngagementRow
from contracts.contract.rules import Basis, ContractStatus, EngagementStatus
from contracts.kernel.bulk import copy_rows, new_ids
from contracts.kernel.period import Month
from contracts.kernel.runner import Database, open_database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.ledger import service as ledger
from contracts.ledger.rules import AccountKind
from contracts.payee.models import PayeeRow
from contracts.register.models import EntryRow
from contracts.register.queries import seconds_between
from contracts.register.rules import Confirmation, EntryStatus
from market.migrate import migrate
from tests.bench.guards import without_guards
from tests.bench.places import databases
from tests.bench.report import publish

VISITS = int(os.environ.get("MARKET_BENCH_VISITS", "1000000"))
CONTRACTS = max(1, VISITS // 1000)  # so that a contract has an act of about 83 visits each month
PEOPLE = 10  # engagements under a contract
YEAR = 2025
MONTHS = [Month(YEAR, number) for number in range(1, 13)]
CLERK = Actor(UUID(int=1), "clerk", (Grant(Role.ADMINISTRATOR),))
LIMITS = {"sqlite_seconds": 60.0, "postgresql_seconds": 90.0}
ENTRY = (
    "id", "month", "engagement_id", "contract_id", "recipient_id", "worker_id", "client_id", "served_on", "started_at",
    "ended_at", "place", "quantity", "status", "entered_by", "entered_at", "confirmed_by", "confirmed_at",
    "confirmed_how", "paper_page", "cancel_reason", "act_id",
)  # fmt: skip


def furnish(work: Work) -> list[tuple[str, str]]:
    """Contracts and their engagements; (contract, engagement) as 32 digits."""
    line = budgeting.open_line(work, programme="bench", territory="750000000", service_kind="domestic", year=YEAR)
    account = ledger.open_account(work, AccountKind.COMMITTED, UUID(int=9), line_id=line).hex
    payees, contracts, engagements = new_ids(CONTRACTS), new_ids(CONTRACTS), new_ids(CONTRACTS * PEOPLE)
    copy_rows(work, PayeeRow, ("id", "provider_id", "bin"), ((p, p, f"{n:012d}") for n, p in enumerate(payees)))
    first, until = date(YEAR, 1, 1), date(YEAR + 1, 1, 1)
    fixed = ("750000000", Basis.AWARD, first, until, {}, ContractStatus.ACTIVE, work.now)
    names = (
        "id", "number", "provider_id", "payee_id", "line_id", "territory", "basis", "from_on", "until_on", "terms",
        "status", "concluded_at",
    )  # fmt: skip
    copy_rows(
        work, ContractRow, names,
        ((c, f"C-{n}", payees[n], payees[n], line.hex, *fixed) for n, c in enumerate(contracts)),
    )  # fmt: skip
    terms = ("domestic", "home", "hour", 1_234_57, 40, first, until, EngagementStatus.ACTIVE, account)
    names = (
        "id", "number", "contract_id", "placement_id", "voucher_id", "recipient_id", "offer_id", "kind", "setting",
        "unit", "unit_price_minor", "units_a_month", "from_on", "until_on", "status", "account_id",
    )  # fmt: skip
    copy_rows(
        work, EngagementRow, names,
        ((e, f"E-{n}", contracts[n // PEOPLE], e, e, e, e, *terms) for n, e in enumerate(engagements)),
    )  # fmt: skip
    record(work, "bench", "acts", "furnished")
    return [(contracts[n // PEOPLE], e) for n, e in enumerate(engagements)]


def visits(under: list[tuple[str, str]], now: datetime) -> Iterator[tuple[object, ...]]:
    """Spread over the days of the year, each of an hour and some seconds, by a worker of the recipient's own."""
    each = VISITS // len(under)
    clerk, other = UUID(int=2).hex, UUID(int=3).hex
    for n, (contract, engagement) in enumerate(under):
        ids = new_ids(each)
        for k in range(each):
            day = date(YEAR, 1, 1) + timedelta(days=k * 365 // each)
            start = datetime(YEAR, 1, 1, 4, tzinfo=UTC) + (day - date(YEAR, 1, 1))
            end = start + timedelta(seconds=3600 + (n + k) % 997)
            yield (
                ids[k], Month.of(day), engagement, contract, engagement, engagement, f"v{k}", day, start, end,
                "at home", 1, EntryStatus.CONFIRMED, clerk, now, other, now, Confirmation.OPERATOR, None, None, None,
            )  # fmt: skip


def grouped_seconds(database: Database) -> float:
    by = (EntryRow.contract_id, EntryRow.month, EntryRow.engagement_id)
    seconds = sa.func.sum(seconds_between(EntryRow.started_at, EntryRow.ended_at))
    statement = sa.select(*by, sa.func.count(), sa.func.sum(EntryRow.quantity), seconds).group_by(*by)
    begun = perf_counter()
    database.read(SYSTEM, lambda work: work.rows(sa.select(sa.func.count()).select_from(statement.subquery())))
    return perf_counter() - begun


def measured(url: str) -> dict[str, float]:
    migrate(url)
    database = open_database(url)

    def fill(work: Work) -> None:
        copy_rows(work, EntryRow, ENTRY, visits(furnish(work), work.now))
        record(work, "bench", "acts", "filled")

    begun = perf_counter()
    guards = without_guards(database)
    database.write(SYSTEM, fill)
    with database.engine.begin() as connection:
        for guard in guards:
            connection.exec_driver_sql(guard)
    loaded = perf_counter() - begun
    bare = grouped_seconds(database)
    begun = perf_counter()
    acts = database.write(CLERK, lambda work: draft_together(work, MONTHS))
    together = perf_counter() - begun
    database.close()
    return {"visits": VISITS, "acts": acts, "load_seconds": loaded, "grouping_seconds": bare, "acts_seconds": together}


def main() -> None:
    with databases() as urls:
        found = {kind: measured(url) for kind, url in urls.items()}
    figures: dict[str, object] = {
        kind: {name: round(value, 3) for name, value in one.items()} for kind, one in found.items()
    }
    ratio = {kind: one["acts_seconds"] / one["grouping_seconds"] for kind, one in found.items()}
    publish("acts_together", figures, ratio=ratio, limits=LIMITS)


if __name__ == "__main__":
    main()
