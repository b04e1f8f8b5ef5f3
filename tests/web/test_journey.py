"""The whole chain over HTTP: from money on a line to an ordered payment, and the trail of it."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.kernel.work import SYSTEM, Role
from contracts.ledger import queries as ledger
from tests.web.street import HOME, Street, build, tenge
from tests.web.town import ASTANA, Person, Town, made, problem


@pytest.fixture
def street(town: Town) -> Street:
    return build(town)


@pytest.fixture(scope="module")
def quiet_street(hall: Town) -> Street:
    """On SQLite, shared by the tests that a database cannot decide."""
    return build(hall)


def test_a_booking_becomes_a_payment(street: Street) -> None:
    holder, voucher = street.holder()
    cards = holder.get(f"/api/vouchers/{voucher}/offers").json()["items"]
    assert [(c["offer_id"], c["provider_name"], c["price"]) for c in cards] == [
        (street.offer, "Warm Home", tenge("2500.00"))
    ]
    placement = made(holder.post(f"/api/vouchers/{voucher}/bookings", {"offer_id": street.offer}, key="b"))
    assert placement["status"] == "requested"
    accepted = made(street.house.post(f"/api/placements/{placement['id']}/acceptance", key="a"))
    assert accepted["status"] == "accepted"
    visits(street, accepted["engagement_id"], holder)
    act = a_month_later(street, accepted["engagement_id"])
    assert act["total"] == tenge("7500.00")
    problem(street.house.post(f"/api/acts/{act['id']}/acceptance", key="own"), 403, "not-allowed")
    taken = made(street.budget.post(f"/api/acts/{act['id']}/acceptance", key="x"))
    assert taken["status"] == "accepted"
    problem(street.budget.post(f"/api/acts/{act['id']}/payment", key="y"), 403, "not-allowed")
    payment = made(street.finance.post(f"/api/acts/{act['id']}/payment", key="z"))
    assert (payment["status"], payment["amount"]) == ("ordered", tenge("7500.00"))
    assert street.house.get(f"/api/payments/{payment['id']}").json() == payment
    assert [p["id"] for p in street.finance.get("/api/payments").json()["items"]] == [payment["id"]]
    books_balance(street)
    verbs = {
        stream: [e["verb"] for e in street.auditor.get(f"/api/audit/{stream}/{about}").json()["items"]]
        for stream, about in (("placement", placement["id"]), ("act", act["id"]), ("payment", payment["id"]))
    }
    assert verbs == {
        "placement": ["requested", "accepted"],
        "act": ["drafted", "submitted", "accepted"],
        "payment": ["ordered"],
    }


def visits(street: Street, engagement: str, holder: Person) -> None:
    street.travel(2)
    for number in range(3):
        start = datetime(2026, 3, 3, 5 + number, tzinfo=UTC)
        entry = {
            "client_id": f"visit-{number}", "worker_id": street.worker, "place": "at home", "quantity": 1,
            "started_at": start.isoformat(), "ended_at": (start + timedelta(minutes=45)).isoformat(),
        }  # fmt: skip
        entered = made(street.house.post(f"/api/engagements/{engagement}/entries", entry))
        assert made(street.house.post(f"/api/engagements/{engagement}/entries", entry))["id"] == entered["id"]
        problem(street.house.post(f"/api/entries/{entered['id']}/confirmation"), 404, "entry-not-found")
        assert made(holder.post(f"/api/entries/{entered['id']}/confirmation"))["status"] == "confirmed"


def a_month_later(street: Street, engagement: str) -> dict[str, object]:
    contract = street.house.get(f"/api/engagements/{engagement}").json()["contract_id"]
    path = f"/api/contracts/{contract}/acts"
    problem(street.house.post(path, {"month": "2026-03"}), 422, "month-not-over")
    street.travel(31)
    act = made(street.house.post(path, {"month": "2026-03"}))
    problem(street.house.post(path, {"month": "2026-03"}), 409, "act-exists")
    stale = street.house.post(f"/api/acts/{act['id']}/submission", headers={"If-Match": f'"{act["version"] + 1}"'})
    problem(stale, 409, "stale-version")
    current = {"If-Match": street.house.get(f"/api/acts/{act['id']}").headers["etag"]}
    return made(street.house.post(f"/api/acts/{act['id']}/submission", headers=current))  # type: ignore[no-any-return]


def books_balance(street: Street) -> None:
    line = street.budget.get(f"/api/funding-lines/{street.line}").json()
    minor = {name: int(line[name]["amount"].replace(".", "")) for name in line if isinstance(line[name], dict)}
    assert minor["appropriated"] == sum(minor[n] for n in ("free", "reserved", "committed", "payable", "paid"))
    for invariant in ledger.invariants():
        assert street.town.database.read(SYSTEM, lambda work, i=invariant: work.rows(i.broken)) == []  # type: ignore[misc]


def test_a_lot_is_won_and_its_contract_signed(street: Street) -> None:
    deadline = datetime(2026, 3, 12, 7, tzinfo=UTC)
    lot = HOME | {"line_id": street.line, "units": 100, "ceiling": tenge("3000.00")}
    tender = {
        "title": "Home visits in Astana", "territory": ASTANA, "deadline_at": deadline.isoformat(),
        "lots": [lot | {"from_on": "2026-05-01", "until_on": "2026-09-01"}],
    }  # fmt: skip
    made_tender = made(street.buyer.post("/api/tenders", tender))
    path, lot_id = f"/api/tenders/{made_tender['id']}", made_tender["lots"][0]["id"]
    problem(street.house.get(path), 404, "tender-not-found")
    problem(street.house.get(f"/api/lots/{lot_id}"), 404, "lot-not-found")
    made(street.buyer.post(f"{path}/publication"))
    offer = {"provider_id": street.provider, "unit_price": tenge("2400.00")}
    dear = street.house.post(f"/api/lots/{lot_id}/bids", offer | {"unit_price": tenge("3100.00")})
    assert problem(dear, 422, "bid-above-ceiling")["pointer"] == "/unit_price"
    bid = made(street.house.post(f"/api/lots/{lot_id}/bids", offer))
    for reader in (street.buyer, street.auditor):
        problem(reader.get(f"/api/bids/{bid['id']}"), 403, "bids-still-sealed")
        assert reader.get(f"/api/lots/{lot_id}/bids").json()["items"] == []
    problem(street.auditor.get(f"/api/audit/bid/{bid['id']}"), 403, "bids-still-sealed")
    # how many bids stand is for officers of the territory only, until the opening
    for stranger in (street.town.client.get(f"/api/lots/{lot_id}"), street.house.get(f"/api/lots/{lot_id}")):
        assert stranger.json()["bids"] is None
    assert street.buyer.get(f"/api/lots/{lot_id}").json()["bids"] == 1
    problem(street.buyer.post(f"{path}/opening"), 409, "opening-too-early")
    street.travel(11)
    problem(street.house.post(f"/api/lots/{lot_id}/bids", offer), 409, "bid-late")
    made(street.buyer.post(f"{path}/opening"))
    assert street.town.client.get(f"/api/lots/{lot_id}").json()["bids"] == 1
    problem(street.buyer.post(f"/api/lots/{lot_id}/award", key="a"), 403, "second-person-needed")
    other = street.town.person(Role.PROCUREMENT_OFFICER)
    award = made(other.post(f"/api/lots/{lot_id}/award", key="a"))["award"]
    contract = made(street.house.post(f"/api/contracts/{award['contract_id']}/signature"))
    assert (contract["status"], contract["unit_price"]) == ("active", tenge("2400.00"))
    assert street.auditor.get(f"/api/audit/bid/{bid['id']}").status_code == 200


def test_what_is_asked_for_wrongly_is_refused_with_its_place(quiet_street: Street) -> None:
    holder, voucher = quiet_street.holder()
    at = f"/api/offers/{quiet_street.offer}"
    told = problem(quiet_street.house.post(f"{at}/capacity", {"capacity": -1}), 400, "malformed-input")
    assert told["errors"][0]["pointer"] == "/capacity"
    problem(quiet_street.house.post(f"{at}/capacity", {"capacity": 1.0}), 400, "malformed-input")
    dear = quiet_street.house.post(f"{at}/tariffs", {"price": tenge("4000.01"), "from_on": "2026-04-01"})
    assert problem(dear, 422, "tariff-above-ceiling")["pointer"] == "/price"
    stale = quiet_street.house.post(f"{at}/capacity", {"capacity": 5}, headers={"If-Match": '"99"'})
    problem(stale, 409, "stale-version")
    told = problem(
        quiet_street.house.post(f"{at}/capacity", {"capacity": 5}, headers={"If-Match": "5"}), 400, "malformed-input"
    )
    assert told["errors"][0]["pointer"] == "/If-Match"
    wishes = {"offer_ids": [quiet_street.offer, quiet_street.offer]}
    assert problem(holder.post(f"/api/vouchers/{voucher}/wishes", wishes), 422, "wishes")["pointer"] == "/offer_ids/1"
    unknown = {"offer_ids": ["00000000-0000-0000-0000-000000000007"]}
    assert problem(holder.post(f"/api/vouchers/{voucher}/wishes", unknown), 422, "wishes")["rule"] == "known-offer"
    bad_month = quiet_street.house.get("/api/engagements/00000000-0000-0000-0000-000000000007/entries?month=2026-13")
    assert problem(bad_month, 400, "malformed-input")["errors"][0]["pointer"] == "/month"
    body = {"iin": "480517400018", "name": "x", "address": "y", "territory": ASTANA, "locality_id": 1526273}
    body |= {"latitude": 51.1, "longitude": 71.4, "category": "elderly", "tier": 3, "language": "kk"}
    told = problem(quiet_street.operator.post("/api/recipients", body), 400, "malformed-input")
    assert told["errors"][0]["pointer"] == "/iin"


def test_what_a_voucher_names_wrongly_is_refused_with_its_place(quiet_street: Street) -> None:
    _, voucher = quiet_street.holder()
    recipient = quiet_street.budget.get(f"/api/vouchers/{voucher}").json()["recipient_id"]
    body = HOME | {"recipient_id": recipient, "line_id": quiet_street.line, "units_a_month": 8}
    body |= {"ceiling": tenge("3000.00"), "from_on": "2026-03-03", "until_on": "2026-07-01"}
    nothing = "00000000-0000-0000-0000-000000000007"
    for change, status, code, pointer, rule in (
        ({"unit": "hour"}, 422, "no-price-limit", "/ceiling", "price-limit"),
        ({"line_id": nothing}, 404, "funding-line-not-found", "/line_id", "funding-line-known"),
        ({"recipient_id": nothing}, 404, "recipient-not-found", "/recipient_id", "recipient-known"),
        ({"from_on": "2026-02-28"}, 422, "voucher-wrong-period", "/from_on", "voucher-not-backdated"),
    ):
        told = problem(
            quiet_street.budget.post("/api/vouchers", body | change, key=f"wrong-{pointer}-{code}"), status, code
        )
        assert (told["pointer"], told["rule"]) == (pointer, rule)
    lot = HOME | {"line_id": nothing, "units": 100, "ceiling": tenge("3000.00")}
    lots = [lot | {"from_on": "2026-05-01", "until_on": "2026-09-01"}]
    tender = {"title": "x", "territory": ASTANA, "deadline_at": "2026-03-12T07:00:00Z", "lots": lots}
    told = problem(quiet_street.buyer.post("/api/tenders", tender), 404, "funding-line-not-found")
    assert (told["pointer"], told["rule"]) == ("/lots/0/line_id", "funding-line-known")


def test_a_round_is_written_down_once_and_waits_for_the_worker(quiet_street: Street) -> None:
    asked = made(quiet_street.budget.post("/api/rounds", {"territory": ASTANA}))
    assert (asked["status"], asked["number"]) == ("requested", 1)
    problem(quiet_street.budget.post("/api/rounds", {}), 409, "round-under-way")
    assert quiet_street.auditor.get(f"/api/rounds/{asked['id']}").json() == asked
    problem(quiet_street.house.get(f"/api/rounds/{asked['id']}"), 404, "round-not-found")
    problem(quiet_street.house.post("/api/rounds", {}), 403, "not-allowed")
    assert [e["verb"] for e in quiet_street.auditor.get(f"/api/audit/round/{asked['id']}").json()["items"]] == [
        "requested"
    ]


def test_a_payees_account_changes_by_a_second_person_after_a_while(quiet_street: Street) -> None:
    path = f"/api/providers/{quiet_street.provider}/payee"
    change = {"legal_name": "Warm Home", "iban": "KZ86125KZT5004100100"}
    problem(quiet_street.buyer.post(path, change), 404, "not-found")
    waiting = made(quiet_street.house.post(path, change))["versions"][-1]
    assert waiting["status"] == "waiting"
    approval = f"/api/payee-versions/{waiting['id']}/approval"
    problem(quiet_street.finance.post(approval), 409, "payee-change-too-early")
    quiet_street.travel(4)
    assert [v["status"] for v in made(quiet_street.finance.post(approval))["versions"]] == ["superseded", "active"]


def test_who_a_recipient_is_stays_with_few_and_each_look_leaves_a_trace(quiet_street: Street) -> None:
    holder, voucher = quiet_street.holder()
    recipient = holder.get(f"/api/vouchers/{voucher}").json()["recipient_id"]
    assert made(holder.post(f"/api/recipients/{recipient}/disclosure"))["name"] == "Айгерім Сейтқали"
    made(quiet_street.operator.post(f"/api/recipients/{recipient}/disclosure"))
    for stranger in (quiet_street.budget, quiet_street.finance, quiet_street.auditor, quiet_street.house):
        problem(stranger.post(f"/api/recipients/{recipient}/disclosure"), 404, "recipient-not-found")
    trail = quiet_street.auditor.get(f"/api/audit/recipient/{recipient}")
    assert [e["verb"] for e in trail.json()["items"]] == ["registered", "revealed"]
    for page in (
        trail,
        quiet_street.budget.get(f"/api/recipients/{recipient}"),
        quiet_street.budget.get("/api/recipients"),
    ):
        assert "Сейтқали" not in page.text
        assert "48051740" not in page.text


def test_the_clock_travels_for_an_administrator_of_a_demonstration_only(quiet_street: Street) -> None:
    problem(quiet_street.budget.post("/api/demo/clock", {"days": 1}), 403, "not-allowed")
    for days in (-1, 401, 0.5):
        problem(quiet_street.chief.post("/api/demo/clock", {"days": days}), 400, "malformed-input")
    assert made(quiet_street.chief.post("/api/demo/clock", {"days": 2}))["now"].startswith("2026-03-")
