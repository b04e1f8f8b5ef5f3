"""What rounds are held to, over HTTP: set by the budget office of the place, read by everybody."""

from datetime import timedelta

import pytest

from contracts.audit.queries import events_of
from contracts.kernel.work import NOBODY, Role
from tests.web.town import Person, Town, problem


@pytest.fixture
def officer(town: Town) -> Person:
    town.load_catalogue()
    return town.person(Role.BUDGET_OFFICER, territory="10")


def test_a_rule_is_set_read_by_everybody_and_ended(town: Town, officer: Person) -> None:
    today = town.database.read(NOBODY, lambda work: work.today)
    days = {"from_on": str(today), "until_on": str(today + timedelta(days=300)), "source": "order 7"}
    far = {"code": "worst-distance", "territory": "10", "value": 40_000, **days}
    answer = officer.post("/api/round-rules", far, key="k1")
    assert answer.status_code == 201, answer.text
    rule = answer.json()
    assert (rule["value"], rule["amount"], rule["kind"]) == (40_000, None, None)
    money = {"code": "money-cap", "territory": "10", "kind": "domestic", "amount": {"amount": "1250.00"}, **days}
    limit = officer.post("/api/round-rules", money, key="k2").json()
    assert (limit["value"], limit["amount"]) == (None, {"amount": "1250.00", "currency": "KZT"})
    shown = town.client.get("/api/round-rules").json()
    assert {one["id"] for one in shown["items"]} == {limit["id"], rule["id"]}
    until = str(today + timedelta(days=2))
    ended = officer.post(f"/api/round-rules/{rule['id']}/ending", {"until_on": until}, key="k3")
    assert ended.json()["until_on"] == until
    verbs = town.database.read(NOBODY, lambda work: [e.verb for e in events_of(work, "round-rule", rule["id"])])
    assert verbs == ["set", "ended"]


def test_a_rule_without_its_number_or_of_another_region_is_refused(town: Town, officer: Person) -> None:
    today = town.database.read(NOBODY, lambda work: work.today)
    days = {"from_on": str(today), "until_on": str(today + timedelta(days=300)), "source": "order 7"}
    for wrong, pointer in (
        ({"code": "money-cap", "value": 5}, "/amount"),
        ({"code": "place-cap", "amount": {"amount": "5.00"}}, "/value"),
        ({"code": "place-cap", "value": 5, "amount": {"amount": "5.00"}}, "/value"),
    ):
        answer = officer.post("/api/round-rules", {"territory": "10", **wrong, **days})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    abroad = officer.post("/api/round-rules", {"code": "place-cap", "value": 5, "territory": "75", **days})
    assert abroad.status_code == 403
    twice = {"code": "place-cap", "value": 5, "territory": "10", **days}
    assert officer.post("/api/round-rules", twice, key="a").status_code == 201
    problem(officer.post("/api/round-rules", twice, key="b"), 409, "round-rule-period-taken")
