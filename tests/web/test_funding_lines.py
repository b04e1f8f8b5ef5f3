"""Money on the wire, and a key that makes a request happen once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from contracts.audit.queries import events_of
from contracts.kernel.work import NOBODY, Role
from tests.web.town import ABAI, Person, Town, problem

LINE = {"programme": "state-order", "territory": ABAI, "service_kind": "domestic", "year": 2026}


@pytest.fixture
def officer(town: Town) -> Person:
    town.load_catalogue()
    return town.person(Role.BUDGET_OFFICER, territory="10")


def test_money_put_on_a_line_is_free_there(town: Town, officer: Person) -> None:
    line = officer.post("/api/funding-lines", LINE).json()
    body = {"amount": {"amount": "1250000.5", "currency": "KZT"}}
    answer = officer.post(f"/api/funding-lines/{line['id']}/appropriations", body, key="k1")
    assert answer.status_code == 201, answer.text
    assert answer.json()["free"] == {"amount": "1250000.50", "currency": "KZT"}
    assert answer.json() == officer.get(f"/api/funding-lines/{line['id']}").json()
    verbs = town.database.read(NOBODY, lambda work: [e.verb for e in events_of(work, "funding-line", line["id"])])
    assert verbs == ["opened", "appropriated"]


@pytest.mark.parametrize(
    ("amount", "pointer"),
    [
        ('{"amount": 1250.00, "currency": "KZT"}', "/amount/amount"),
        ('{"amount": 1250, "currency": "KZT"}', "/amount/amount"),
        ('{"amount": NaN, "currency": "KZT"}', "/amount/amount"),
        ('{"amount": 10000000000000000000}', "/amount/amount"),
        ('{"amount": "1", "amount": "2"}', "/amount/amount"),
        ('{"amount": "1e3"}', "/amount/amount"),
        ('{"amount": "-5.00"}', "/amount/amount"),
        ('{"amount": "1.005"}', "/amount/amount"),
        ('{"amount": "١٢"}', "/amount/amount"),
        ('{"amount": "99999999999999"}', "/amount/amount"),
        ('{"amount": "1.00", "currency": "USD"}', "/amount/currency"),
        ('{"amount": "1.00", "tax": "0"}', "/amount/tax"),
        ('"1250.00"', "/amount"),
        ("1250.00", "/amount"),
        ("null", "/amount"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_place_and_nothing_is_written(
    hall: Town, amount: str, pointer: str
) -> None:
    hall.load_catalogue()
    officer = hall.person(Role.BUDGET_OFFICER)
    lines = officer.get("/api/funding-lines").json()["items"] or [officer.post("/api/funding-lines", LINE).json()]
    path = f"/api/funding-lines/{lines[0]['id']}"
    headers = {"Idempotency-Key": "bad", "Content-Type": "application/json"}
    response = officer.ask("POST", f"{path}/appropriations", content=f'{{"amount": {amount}}}', headers=headers)
    assert [e["pointer"] for e in problem(response, 400, "malformed-input")["errors"]] == [pointer]
    assert officer.get(path).json()["appropriated"]["amount"] == "0.00"


def test_a_zero_appropriation_breaks_a_rule(town: Town, officer: Person) -> None:
    line = officer.post("/api/funding-lines", LINE).json()["id"]
    body = {"amount": {"amount": "0.00"}}
    told = problem(officer.post(f"/api/funding-lines/{line}/appropriations", body, key="z"), 400, "malformed-input")
    assert told["errors"][0]["pointer"] == "/amount"


def test_the_same_key_is_carried_out_once(town: Town, officer: Person) -> None:
    line = officer.post("/api/funding-lines", LINE).json()["id"]
    path, body = f"/api/funding-lines/{line}/appropriations", {"amount": {"amount": "10.00"}}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: officer.post(path, body, key="same"), range(16)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.text for a in answers}) == 1
    assert sorted(a.headers.get("idempotent-replayed", "") for a in answers) == [""] + ["true"] * 15
    assert officer.get(f"/api/funding-lines/{line}").json()["appropriated"]["amount"] == "10.00"


def test_the_same_key_with_another_wish_is_refused(town: Town, officer: Person) -> None:
    line = officer.post("/api/funding-lines", LINE).json()["id"]
    other = officer.post("/api/funding-lines", LINE | {"year": 2027}).json()["id"]
    body = {"amount": {"amount": "10.00"}}
    assert officer.post(f"/api/funding-lines/{line}/appropriations", body, key="k").status_code == 201
    more = {"amount": {"amount": "11.00"}}
    for path, wish in ((line, more), (other, body)):
        told = officer.post(f"/api/funding-lines/{path}/appropriations", wish, key="k")
        problem(told, 422, "idempotency-key-reused")
    assert officer.get(f"/api/funding-lines/{other}").json()["appropriated"]["amount"] == "0.00"


def test_a_key_is_its_owners(town: Town, officer: Person) -> None:
    line = officer.post("/api/funding-lines", LINE).json()["id"]
    path, body = f"/api/funding-lines/{line}/appropriations", {"amount": {"amount": "10.00"}}
    colleague = town.person(Role.BUDGET_OFFICER, territory="10")
    assert officer.post(path, body, key="k").status_code == 201
    assert "idempotent-replayed" not in colleague.post(path, body, key="k").headers
    assert officer.get(f"/api/funding-lines/{line}").json()["appropriated"]["amount"] == "20.00"


@pytest.mark.parametrize("key", [None, "", "x" * 256, "with\ttab"])
def test_without_a_key_no_money_moves(hall: Town, key: str | None) -> None:
    officer = hall.person(Role.BUDGET_OFFICER)
    headers = {} if key is None else {"Idempotency-Key": key}
    path = "/api/funding-lines/00000000-0000-0000-0000-000000000007/appropriations"
    response = officer.ask("POST", path, json={"amount": {"amount": "1.00"}}, headers=headers)
    assert problem(response, 400, "malformed-input")["errors"][0]["pointer"] == "/Idempotency-Key"


def test_a_line_of_another_territory_is_not_there(town: Town, officer: Person) -> None:
    line = officer.post("/api/funding-lines", LINE).json()["id"]
    for stranger in (town.person(Role.BUDGET_OFFICER, territory="71"), town.person()):
        problem(stranger.get(f"/api/funding-lines/{line}"), 404, "funding-line-not-found")
        assert stranger.get("/api/funding-lines").json() == {"items": [], "next": None}
        body = {"amount": {"amount": "1.00"}}
        answer = stranger.post(f"/api/funding-lines/{line}/appropriations", body, key="k")
        problem(answer, 404, "funding-line-not-found")


def test_a_list_is_walked_page_by_page(town: Town, officer: Person) -> None:
    made = [officer.post("/api/funding-lines", LINE | {"year": year}).json()["id"] for year in range(2020, 2027)]
    path, seen = "/api/funding-lines?limit=3&territory=10", []
    while path:
        page = officer.get(path).json()
        seen.append([line["id"] for line in page["items"]])
        path = page["next"]
    assert [len(page) for page in seen] == [3, 3, 1]
    assert [line for page in seen for line in page] == made
    assert officer.get("/api/funding-lines?territory=71").json()["items"] == []
