"""Representatives, operators and carers' codes, over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.kernel.work import SYSTEM, Role
from contracts.register import queries as registers
from market.oversight.replay import replay_everything
from market.tables import METADATA
from market.user import queries as users
from tests.web.street import Street, build, iin
from tests.web.town import Person, Town, made, problem

ORDER = "Court order 2-114 of 12 January 2026"


@pytest.fixture
def street(town: Town) -> Street:
    return build(town)


@pytest.fixture(scope="module")
def quiet_street(hall: Town) -> Street:
    return build(hall)


def recipient_of(street: Street, voucher: str) -> str:
    return str(street.budget.get(f"/api/vouchers/{voucher}").json()["recipient_id"])


def engaged(street: Street, holder: Person, voucher: str) -> str:
    """Booked, accepted; the third day of service."""
    placement = made(holder.post(f"/api/vouchers/{voucher}/bookings", {"offer_id": street.offer}, key=voucher))
    accepted = made(street.house.post(f"/api/placements/{placement['id']}/acceptance", key=placement["id"]))
    street.travel(2)
    return str(accepted["engagement_id"])


def visit(street: Street, number: int = 0, **more: Any) -> dict[str, Any]:
    begun = street.town.database.read(SYSTEM, lambda work: work.now).replace(microsecond=0)
    start = begun - timedelta(hours=3 - number)
    return {
        "client_id": f"visit-{number}", "worker_id": street.worker, "place": "at home", "quantity": 1,
        "started_at": start.isoformat(), "ended_at": (start + timedelta(minutes=45)).isoformat(), **more,
    }  # fmt: skip


def test_a_representative_acts_for_a_person_until_it_is_taken_back(street: Street) -> None:
    _, voucher = street.holder()
    recipient, son = recipient_of(street, voucher), street.town.person(login="son")
    problem(son.get(f"/api/vouchers/{voucher}"), 404, "voucher-not-found")
    path = f"/api/recipients/{recipient}/representatives"
    body = {"login": "son", "ground": ORDER, "from_on": "2026-03-01", "until_on": "2026-12-01"}
    grant = made(street.operator.post(path, body))
    assert (grant["login"], grant["ground"], grant["granted_by"]) == ("son", ORDER, str(street.operator.id))
    assert son.get(path).json()["items"] == [grant]
    placement = made(son.post(f"/api/vouchers/{voucher}/bookings", {"offer_id": street.offer}, key="b"))
    trail = street.auditor.get(f"/api/audit/placement/{placement['id']}").json()["items"]
    stood_in = [c for e in trail for c in e["changes"] if c["table"] == "standing-in"]
    assert stood_in == [{"table": "standing-in", "key": recipient, "after": {"capacity": "representative"}}]
    made(street.operator.post(f"/api/representations/{grant['grant_id']}/revocation"))
    problem(son.get(f"/api/vouchers/{voucher}"), 404, "voucher-not-found")
    problem(son.get(path), 404, "recipient-not-found")


def test_a_representation_ends_on_its_day_and_with_a_death(street: Street) -> None:
    _, voucher = street.holder()
    recipient, son = recipient_of(street, voucher), street.town.person(login="son")
    path = f"/api/recipients/{recipient}/representatives"
    days = {"from_on": "2026-03-01", "until_on": "2026-03-12"}
    made(street.operator.post(path, {"login": "son", "ground": ORDER, **days}))
    street.travel(10)
    problem(son.get(f"/api/vouchers/{voucher}"), 404, "voucher-not-found")
    made(street.operator.post(path, {"login": "son", "ground": ORDER, "from_on": "2026-03-12"}))
    assert son.get(f"/api/vouchers/{voucher}").status_code == 200
    made(street.operator.post(f"/api/recipients/{recipient}/death", {"died_on": "2026-03-12"}))
    problem(son.get(f"/api/vouchers/{voucher}"), 404, "voucher-not-found")
    again = {"login": "son", "ground": ORDER, "from_on": "2026-03-13"}
    problem(street.operator.post(path, again), 409, "death-already-recorded")


def test_a_representatives_grant_needs_its_ground_whoever_gives_it(quiet_street: Street) -> None:
    street = quiet_street
    _, voucher = street.holder()
    recipient, son = recipient_of(street, voucher), street.town.person()
    path = f"/api/users/{son.id}/grants"
    body = {"role": "representative", "recipient_id": recipient, "from_on": "2026-03-01"}
    told = problem(street.chief.post(path, body), 400, "malformed-input")
    assert told["errors"][0]["pointer"] == "/ground"
    made(street.chief.post(path, body | {"ground": ORDER}))
    assert son.get(f"/api/vouchers/{voucher}").status_code == 200
    told = problem(street.chief.post(path, body | {"ground": ORDER}), 409, "already-represents")
    listed = street.operator.get(f"/api/recipients/{recipient}/representatives").json()["items"]
    assert [one["ground"] for one in listed] == [ORDER]


def test_who_may_not_appoint_learns_nothing(quiet_street: Street) -> None:
    street = quiet_street
    holder, voucher = street.holder()
    path = f"/api/recipients/{recipient_of(street, voucher)}/representatives"
    elsewhere = street.town.person(Role.OPERATOR, territory="10")
    for login in ("nobody-of-this-name", street.operator.login):
        body = {"login": login, "ground": ORDER, "from_on": "2026-03-01"}
        for stranger in (holder, elsewhere, street.auditor, street.house):
            problem(stranger.post(path, body), 404, "recipient-not-found")
    body = {"login": "nobody-of-this-name", "ground": ORDER, "from_on": "2026-03-01"}
    assert problem(street.operator.post(path, body), 404, "user-not-found")["pointer"] == "/login"


def test_an_operator_finds_people_of_the_territory_and_each_search_is_kept(quiet_street: Street) -> None:
    street = quiet_street
    _, voucher = street.holder()
    recipient = recipient_of(street, voucher)
    number = street.budget.get(f"/api/recipients/{recipient}").json()["number"]
    for who in (number, iin(street.holders)):
        assert made(street.operator.post("/api/recipients/search", {"who": who}))["id"] == recipient
    verbs = [e["verb"] for e in street.auditor.get(f"/api/audit/recipient/{recipient}").json()["items"]]
    assert verbs == ["registered", "found-by-number", "found-by-iin"]
    elsewhere = street.town.person(Role.OPERATOR, territory="10")
    told = problem(elsewhere.post("/api/recipients/search", {"who": number}), 404, "recipient-not-found")
    assert told["pointer"] == "/who"
    kept = street.chief.get(f"/api/audit/user/{elsewhere.id}").json()["items"]
    assert [e["verb"] for e in kept if e["actor_id"] == str(elsewhere.id)] == ["searched-in-vain"]
    for stranger in (street.budget, street.auditor, street.house):
        problem(stranger.post("/api/recipients/search", {"who": number}), 403, "not-allowed")
    problem(street.operator.post("/api/recipients/search", {"who": "480517"}), 400, "malformed-input")


def test_a_visit_entered_with_the_code_is_confirmed_by_it(street: Street) -> None:
    holder, voucher = street.holder()
    engagement = engaged(street, holder, voucher)
    path = f"/api/engagements/{engagement}"
    code = made(holder.post(f"{path}/code"))
    assert code["day"] == "2026-03-04"
    for stranger in (street.house, street.auditor, street.budget):
        problem(stranger.post(f"{path}/code"), 404, "engagement-not-found")
    sent = visit(street, code=code["code"])
    entry = made(street.house.post(f"{path}/entries", sent))
    assert (entry["status"], entry["confirmed_how"]) == ("confirmed", "code")
    assert made(street.house.post(f"{path}/entries", sent))["id"] == entry["id"], "sent again: as it stands"
    problem(street.house.post(f"{path}/entries", visit(street, 1, code=code["code"])), 422, "visit-code-wrong")
    assert len(street.house.get(f"{path}/entries").json()["items"]) == 1, "with a wrong code nothing is entered"
    second = made(street.house.post(f"{path}/entries", visit(street, 1)))
    assert second["status"] == "entered"
    problem(street.house.post(f"/api/entries/{second['id']}/confirmation"), 404, "entry-not-found")
    following = made(street.operator.post(f"{path}/code"))["code"]
    told = made(street.house.post(f"/api/entries/{second['id']}/code", {"code": following}))
    assert (told["status"], told["confirmed_how"]) == ("confirmed", "code")


def test_guesses_are_counted_over_requests_and_then_refused(street: Street) -> None:
    holder, voucher = street.holder()
    engagement = engaged(street, holder, voucher)
    path = f"/api/engagements/{engagement}"
    right = made(holder.post(f"{path}/code"))["code"]
    wrong = [code for n in range(9) if (code := f"{n:06d}") != right]
    for left in (4, 3, 2, 1, 0):
        told = problem(street.house.post(f"{path}/entries", visit(street, code=wrong[left])), 422, "visit-code-wrong")
        assert (told["pointer"], told["left"]) == ("/code", left)
    for code in (wrong[7], right):
        problem(street.house.post(f"{path}/entries", visit(street, code=code)), 422, "visit-code-locked")
    problem(street.house.post(f"{path}/entries", visit(street, code="12345x")), 400, "malformed-input")
    entered = made(street.house.post(f"{path}/entries", visit(street)))
    confirmed = made(holder.post(f"/api/entries/{entered['id']}/confirmation"))
    assert (confirmed["status"], confirmed["confirmed_how"]) == ("confirmed", "tap")
    verbs = [e["verb"] for e in street.auditor.get(f"/api/audit/engagement/{engagement}").json()["items"]]
    assert verbs.count("code-refused") == 5
    assert right not in street.auditor.get(f"/api/audit/engagement/{engagement}").text


def test_codes_are_printed_for_who_has_no_telephone(street: Street) -> None:
    holder, voucher = street.holder()
    engagement = engaged(street, holder, voucher)
    sheet = made(street.operator.post(f"/api/engagements/{engagement}/code-sheet"))["items"]
    assert len(sheet) == 31
    assert sheet[0] == made(holder.post(f"/api/engagements/{engagement}/code"))
    problem(street.house.post(f"/api/engagements/{engagement}/code-sheet"), 404, "engagement-not-found")
    trail = street.auditor.get(f"/api/audit/engagement/{engagement}").json()["items"]
    assert [(e["verb"], e["actor_id"]) for e in trail[1:]] == [("codes-printed", str(street.operator.id))]


def test_a_code_given_in_the_evening_is_of_the_day_of_the_visit(street: Street) -> None:
    holder, voucher = street.holder()
    engagement = engaged(street, holder, voucher)
    path = f"/api/engagements/{engagement}"
    code = made(holder.post(f"{path}/code"))["code"]
    sent = visit(street, code=code)
    street.travel(3)
    assert made(street.house.post(f"{path}/entries", sent))["confirmed_how"] == "code"
    later = datetime(2026, 3, 5, 5, tzinfo=UTC)
    other = sent | {
        "client_id": "next",
        "started_at": later.isoformat(),
        "ended_at": (later + timedelta(hours=1)).isoformat(),
    }
    problem(street.house.post(f"{path}/entries", other), 422, "visit-code-wrong")


def test_all_of_it_is_rebuilt_from_the_trail_and_holds(street: Street) -> None:
    holder, voucher = street.holder()
    recipient = recipient_of(street, voucher)
    street.town.person(login="son")
    path = f"/api/recipients/{recipient}/representatives"
    grant = made(street.operator.post(path, {"login": "son", "ground": ORDER, "from_on": "2026-03-01"}))
    made(street.operator.post(f"/api/representations/{grant['grant_id']}/revocation"))
    engagement = engaged(street, holder, voucher)
    code = made(holder.post(f"/api/engagements/{engagement}/code"))["code"]
    wrong = next(one for n in range(2) if (one := f"{n:06d}") != code)
    for given in (wrong, wrong):
        problem(
            street.house.post(f"/api/engagements/{engagement}/entries", visit(street, code=given)),
            422,
            "visit-code-wrong",
        )
    made(street.house.post(f"/api/engagements/{engagement}/entries", visit(street, code=code)))
    found = street.town.database.read(SYSTEM, lambda work: replay_everything(work, METADATA))
    assert found.differences == []
    sentences = [*registers.invariants(), *users.invariants()]
    broken = street.town.database.read(SYSTEM, lambda work: [s.name for s in sentences if work.rows(s.broken)])
    assert broken == []
