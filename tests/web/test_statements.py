"""What a page asks of the database does not depend on how much stands behind it: each list answers a page at most, asks
as many questions for fifty rows as for five, none of them reads a large table from end to end, and twenty times the
rows behind a page take the database no more steps."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.kernel.work import SYSTEM, Role
from market.web.pages.record.nouns import NOUNS
from tests.web.crowd import Crowd, gather
from tests.web.growing import counted, grow
from tests.web.officer.reader import Reader
from tests.web.town import Town

PAGE = 50
LARGE = {  # tables that grow with the country or with its years
    "account", "act", "act_entry", "act_line", "audit_event", "audit_head", "bank_line", "collection", "contract",
    "due", "due_part", "engagement", "payment", "placement", "provider_vat", "recipient", "reconciliation_case",
    "register_batch", "register_entry", "request", "outcome_page", "transfer", "visit_flag", "voucher", "wish",
}  # fmt: skip
FROM_END_TO_END = re.compile(r"^SCAN (\w+)(?! USING)")
ROOM = 5_000  # steps: a page may look into a few more pages of an index
COUNTED = {  # what a page counts, and how many steps it may take for it: a millisecond is about 60,000
    "/budget": 75_000,  # acts whose money is under way
    "/budget?year=2026": 75_000,
    "/budget/lines/line": 75_000,
    "/organisations/P-0/visits": 80_000,
    "/organisations/P-0/visits/schedule": 60_000,
    "/payments-desk": 30_000,  # what is under way
    "/payments-desk/list/trouble": 15_000,
}
Asked = list[tuple[str, Any]]


@pytest.fixture(scope="module")
def crowd(hall: Town) -> Crowd:
    return gather(hall)


@contextmanager
def heard() -> Iterator[Asked]:
    """Every statement of any engine of this process."""
    asked: Asked = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        asked.append((statement, parameters))

    sa.event.listen(sa.Engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", hear)


def pages(crowd: Crowd) -> dict[str, list[str]]:
    house, person = f"/organisations/{crowd.house}", f"/people/{crowd.recipient}"
    lists = [f"/{noun.path}" for noun in NOUNS if noun.every]
    objects = [f"/acts/{crowd.act_id}", f"/contracts/{crowd.contract_id}"]
    return {
        Role.BUDGET_OFFICER: [
            "/budget", "/budget?year=2026", "/budget/lines/line",
            "/acts-desk", "/acts-desk?status=accepted", f"/acts-desk/{crowd.act}", "/flags-desk",
            "/tariffs", "/registry", "/registry?status=admitted", "/approvals", "/rounds-desk",
        ],
        Role.FINANCE_OFFICER: [
            "/payments-desk", "/payments-desk/accounts", "/payments-desk/dues", "/payments-desk/dues?stopped=true",
            "/reconciliation", "/batches-desk",
            *(f"/payments-desk/list/{heap}" for heap in ("trouble", "order", "under-way", "paid")),
        ],
        Role.AUDITOR: [*lists, *objects, "/budget"],
        Role.OPERATOR: ["/people", "/registry"],
        Role.ADMINISTRATOR: ["/users", "/users?name=o"],
        Role.PROVIDER: [
            house, *(f"{house}/{desk}" for desk in (
                "acts", "contracts", "journal", "licences", "offers", "payments", "places", "points", "staff",
                "tenders", "visits", "visits/files", "visits/schedule", f"acts/{crowd.act_id}",
            )), *lists, *objects,
        ],
        Role.RECIPIENT: [person, f"{person}/visits", f"{person}/payments", f"{person}/dues", *lists],
    }  # fmt: skip


def looked_at(reader: Reader, path: str, limit: int) -> Asked:
    with heard() as asked:
        reader.open(f"{path}{'&' if '?' in path else '?'}limit={limit}")
    return asked


def each(crowd: Crowd) -> Iterator[tuple[Reader, str]]:
    for who, paths in pages(crowd).items():
        reader = Reader.of(crowd.town, crowd.people[who])
        for path in paths:
            yield reader, path


def test_a_page_asks_as_many_questions_for_fifty_rows_as_for_five(crowd: Crowd) -> None:
    grown = {}
    for reader, path in each(crowd):
        few, many = len(looked_at(reader, path, 5)), len(looked_at(reader, path, PAGE))
        if many > few:
            grown[path] = (few, many)
    assert not grown


def test_no_page_reads_a_large_table_from_end_to_end(crowd: Crowd) -> None:
    asked: dict[str, tuple[Any, str]] = {}
    for reader, path in each(crowd):
        for statement, parameters in looked_at(reader, path, PAGE):
            asked.setdefault(statement, (parameters, path))
    read = crowd.town.database.read(SYSTEM, lambda work: {
        (table, path): statement
        for statement, (parameters, path) in asked.items()
        for table in scanned(work.connection, statement, parameters)
    })  # fmt: skip
    assert not read


def scanned(connection: sa.Connection, statement: str, parameters: Any) -> set[str]:
    if not statement.lstrip().upper().startswith(("SELECT", "WITH")):
        return set()
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    found = (FROM_END_TO_END.match(row[3]) for row in plan)
    return {match[1] for match in found if match and match[1] in LARGE}


def test_a_list_has_a_page_of_rows_at_most(crowd: Crowd) -> None:
    for reader, path in each(crowd):
        tables = reader.open(path).split("<tbody")[1:]
        longest = max((table.partition("</tbody>")[0].count("<tr") for table in tables), default=0)
        assert longest <= PAGE, (path, longest)


def test_many_times_the_rows_behind_a_page_take_the_database_no_more_steps(crowd: Crowd) -> None:
    before = steps_of(crowd)
    assert grow(crowd.town.database) > 25_000
    grown = {
        path: (few, many)
        for path, many in steps_of(crowd).items()
        if many > max(2 * (few := before[path]) + ROOM, COUNTED.get(path.partition("/acts/")[0], 0))
    }
    assert not grown


def steps_of(crowd: Crowd) -> dict[str, int]:
    found: dict[str, int] = {}
    for reader, path in each(crowd):
        with counted() as steps:
            reader.open(path)
        found[path] = max(found.get(path, 0), steps.taken)
    return found
