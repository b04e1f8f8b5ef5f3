"""Bidding by form: sealed, within the ceiling, withdrawn before the deadline; a contract won is signed."""

from tests.web.provider.houses import at, director, drafted, next_door, tendered
from tests.web.recipient.reader import Reader, verbs
from tests.web.street import Street, tenge
from tests.web.town import Person, Role, made


def test_an_ngo_bids_withdraws_and_bids_again(street: Street) -> None:
    number, _, lot = tendered(street)
    reader = director(street)
    assert f'href="{at(street, f"/tenders/{number}")}"' in reader.open(at(street, "/tenders")).text
    there, bids = at(street, f"/tenders/{number}"), at(street, f"/tenders/{number}/lots/{lot}/bids")
    above = reader.press(reader.open(there), bids, unit_price="3 000,01")
    assert (above.status, f'href="#unit_price-{lot}"' in above.text) == (422, True)
    assert 'value="3 000,01"' in above.text
    typed = reader.press(reader.open(there), bids, unit_price="cheap")
    assert "Write an amount in tenge" in typed.words
    page = reader.follow(reader.press(reader.open(there), bids, unit_price="2 900"))
    assert "Your bid is in." in page.words
    (bid,) = street.house.get(f"/api/lots/{lot}/bids").json()["items"]
    assert bid["unit_price"] == tenge("2900.00")
    assert "Not decided yet" in reader.open(at(street, "/bids")).words
    withdrawal = at(street, f"/bids/{bid['id']}/withdrawal")
    page = reader.follow(reader.press(page, withdrawal))
    assert "Your bid is withdrawn." in page.words
    assert reader.press(page, bids, unit_price="2 800").status == 303


def test_nobody_else_sees_or_withdraws_a_bid(street: Street) -> None:
    number, _, lot = tendered(street)
    made(street.house.post(f"/api/lots/{lot}/bids", {"provider_id": street.provider, "unit_price": tenge("2345.00")}))
    (bid,) = street.house.get(f"/api/lots/{lot}/bids").json()["items"]
    other = next_door(street)
    mine = next(one for one in other.get("/api/providers").json()["items"] if one["bin"] == "061240001236")
    reader = Reader(street.town, other)
    page = reader.open(f"/organisations/{mine['number']}/tenders/{number}")
    assert "2,345" not in page.words
    refused = reader.press(page, f"/organisations/{mine['number']}/tenders/{number}/lots/{lot}/bids", unit_price="2000")
    assert (refused.status, "admitted" in refused.words) == (422, True), refused.words
    reader.open(at(street, f"/tenders/{number}"), 404)
    hidden = drafted(street)["number"]
    director(street).open(at(street, f"/tenders/{hidden}"), 404)
    assert bid["status"] == "submitted"


def test_a_late_bid_is_refused_on_the_page_and_a_won_contract_is_signed(fresh_street: Street) -> None:
    street = fresh_street
    number, tender, lot = tendered(street)
    another = next_door(street)
    admitted = _admitted(street, another)
    for person, provider, price in ((street.house, street.provider, "2000.00"), (another, admitted, "2100.00")):
        made(person.post(f"/api/lots/{lot}/bids", {"provider_id": provider, "unit_price": tenge(price)}))
    reader = director(street)
    there = at(street, f"/tenders/{number}")
    page = reader.open(there)
    (bid,) = street.house.get(f"/api/lots/{lot}/bids").json()["items"]
    street.travel(11)
    reader = director(street)
    fresh = reader.open(there)
    assert "Withdraw the bid" not in fresh.words
    hidden = {"form_token": fresh.text.partition('name="form_token" value="')[2].partition('"')[0]}
    late = reader.press(page, at(street, f"/bids/{bid['id']}/withdrawal"), **hidden)
    assert (late.status, "deadline" in late.words) == (409, True)
    made(street.buyer.post(f"/api/tenders/{tender}/opening"))
    decides = street.town.person(Role.PROCUREMENT_OFFICER)
    made(decides.post(f"/api/lots/{lot}/award", key="award"))
    assert "Sign one contract" in reader.open(at(street)).words
    assert "You won: the contract waits for your signature." in reader.open(at(street, "/bids")).words
    contract = street.house.get("/api/contracts").json()["items"][-1]["id"]
    signature = at(street, f"/contracts/{contract}/signature")
    page = reader.follow(reader.press(reader.open(at(street, "/contracts")), signature))
    assert "The contract is signed and in force." in page.words
    assert f'action="{signature}"' not in page.text
    assert verbs(street, "contract", contract)[-1] == "signed"


def _admitted(street: Street, person: Person) -> str:
    """The house next door, as it is after its admission."""
    found = next(one for one in person.get("/api/providers").json()["items"] if one["bin"] == "061240001236")
    at_door = f"/api/providers/{found['id']}"
    made(person.post(f"{at_door}/licences", {"number": "SSS-2", "from_on": "2025-01-01"}))
    point = {"name": "Point", "locality_id": 1526273, "address": "Street 2"}
    made(person.post(f"{at_door}/service-points", point))
    made(street.buyer.post(f"{at_door}/admission"))
    return str(found["id"])
