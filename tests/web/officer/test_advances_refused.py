"""What cannot be an advance is refused by the API, with the place in the body that is wrong, and leaves nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.audit.models import EventRow
from contracts.kernel.database import table_of
from contracts.payment.advance_models import AdvanceRow, AdvanceRuleRow, AdvanceTermRow
from tests.web.officer.office import Office
from tests.web.officer.test_advance_pages import budget_day, contract_id, open_to_advances
from tests.web.street import tenge
from tests.web.town import Person, Town, made

BEYOND = 10**19  # more than the eight bytes of a whole number
PURPOSE = {"purpose": "two bicycles"}


@pytest.fixture(scope="module")
def office(hall: Town) -> Office:
    return open_to_advances(hall)


def amounts() -> Iterator[tuple[object, str]]:
    """An amount on the wire, and what of it is wrong."""
    for text in ("", "-1.00", "-0", "+5", "1e3", "NaN", "Infinity", "1,000", "1000.005", "0x10", " 5", "5\n", "٥"):
        yield {"amount": text, "currency": "KZT"}, "/amount/amount"
    for other in (1000, 1000.5, -1, BEYOND, str(BEYOND), True, None, ["5"], {}, float("nan"), float("-inf")):
        yield {"amount": other, "currency": "KZT"}, "/amount/amount"
    for currency in ("USD", "kzt", "", None, 398):
        yield {"amount": "1000.00", "currency": currency}, "/amount/currency"
    yield {"currency": "KZT"}, "/amount/amount"
    yield {"amount": "5", "currency": "KZT", "minor": 500}, "/amount/minor"
    for no_money in ("1000.00", 1000, 1000.5, BEYOND, None, [], float("nan")):
        yield no_money, "/amount"
    for too_little_or_much in ("0", "0.00", "9999999999999.99"):
        yield tenge(too_little_or_much), "/amount"


def bodies() -> Iterator[tuple[str, str]]:
    for amount, pointer in amounts():
        yield json.dumps({"amount": amount} | PURPOSE), pointer
    yield json.dumps(PURPOSE), "/amount"
    yield json.dumps({"amount": tenge("5")}), "/purpose"
    for purpose in ("", "  ", "x" * 1000, 5, None):
        yield json.dumps({"amount": tenge("5"), "purpose": purpose}), "/purpose"
    yield json.dumps({"amount": tenge("5"), "share_bp": 1} | PURPOSE), "/share_bp"
    yield '{"amount": {"amount": "5", "amount": "6"}, "purpose": "x"}', "/amount/amount"


def shares() -> Iterator[tuple[dict[str, Any], str]]:
    for share in (-1, 10_001, BEYOND, 30.5, "3000", None, True, float("nan")):
        yield {"most_bp": share}, "/most_bp"
    for day in ("2026-02-30", "yesterday", "1899-12-31", 20260401, None, "2026-01-01"):
        yield {"from_on": day}, "/from_on"
    for source in ("", None, 7, "x" * 301):
        yield {"source": source}, "/source"


def refused(person: Person, path: str, body: str, key: str) -> list[str]:
    """The places that are wrong."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    answer = person.ask("POST", path, content=body, headers=headers)
    assert 400 <= answer.status_code < 500, (body, answer.status_code, answer.text)
    assert answer.headers["content-type"].startswith("application/problem+json"), body
    problem = answer.json()
    return [fault["pointer"] for fault in problem.get("errors", [problem])]


def kept(office: Office) -> list[int]:
    tables = [table_of(row) for row in (AdvanceRow, AdvanceRuleRow, AdvanceTermRow, EventRow)]
    with office.town.database.engine.connect() as connection:
        return [connection.execute(sa.select(sa.func.count()).select_from(one)).scalar_one() for one in tables]


def test_what_is_no_amount_is_refused_where_it_stands_and_nothing_is_written(office: Office) -> None:
    house, path = office.street.house, f"/api/contracts/{contract_id(office)}/advances"
    before = kept(office)
    for number, (body, pointer) in enumerate(bodies()):
        assert pointer in refused(house, path, body, f"ask-{number}"), body
    assert kept(office) == before
    assert house.get("/api/advances").json()["items"] == []


def test_a_share_that_is_none_is_refused_where_it_stands_and_nothing_is_written(office: Office) -> None:
    budget, right = office.street.budget, {"most_bp": 1000, "from_on": budget_day(office), "source": "order 8"}
    before = kept(office)
    places = {"/api/advance-rules": {"territory": "71"}, f"/api/contracts/{contract_id(office)}/advance-terms": {}}
    for path, of in places.items():
        for number, (wrong, pointer) in enumerate(shares()):
            body = json.dumps(right | of | wrong)
            assert pointer in refused(budget, path, body, f"share-{number}"), body
    assert kept(office) == before


def test_a_list_of_advances_is_asked_for_rightly_or_not_answered(office: Office) -> None:
    for query in ("status=paid", "limit=0", "limit=-1", f"limit={BEYOND}", "limit=NaN", "after=1", "territory=x"):
        answer = office.street.finance.get(f"/api/advances?{query}")
        assert answer.status_code == 400, query
        assert answer.headers["content-type"].startswith("application/problem+json"), query
    assert office.street.finance.get(f"/api/advances/{BEYOND}").status_code == 404


def test_the_least_that_is_an_amount_is_an_advance(town: Town) -> None:
    office = open_to_advances(town)
    path = f"/api/contracts/{contract_id(office)}/advances"
    assert made(office.street.house.post(path, {"amount": tenge("0.01")} | PURPOSE, key="a tiyn"))["status"] == "asked"
