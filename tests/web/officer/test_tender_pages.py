"""A tender from the first word to the contract, by forms; a form that grows lot by lot and loses nothing."""

import re

import pytest

from contracts.audit.queries import events_of
from contracts.kernel.work import SYSTEM, Role, Work
from market.competition.queries import tender_numbered
from tests.payment.houses import next_bin
from tests.web.moulds import Cast
from tests.web.officer.office import Office, build_office
from tests.web.officer.reader import Reader, faults, links
from tests.web.street import tenge
from tests.web.town import ASTANA, Person, made

NEW = "/tenders-desk/new"


@pytest.fixture
def fresh(cast: Cast) -> Office:
    return cast(build_office)


def draft(office: Office) -> dict[str, str]:
    return {
        "title": "Home visits in Astana", "territory": ASTANA, "deadline_at": "20.04.2026", "deadline_time": "18:00",
        "lots.0.line_id": office.street.line, "lots.0.setting": "home", "lots.0.unit": "visit", "lots.0.units": "100",
        "lots.0.ceiling": "3 000", "lots.0.from_on": "01.05.2026", "lots.0.until_on": "31.08.2026",
    }  # fmt: skip


def verbs(office: Office, number: str) -> list[str]:
    def read(work: Work) -> list[str]:
        return [e.verb for e in events_of(work, "tender", tender_numbered(work, number).id)]

    return office.town.database.read(SYSTEM, read)


def test_a_tender_is_written_published_opened_and_decided_by_two_officers(fresh: Office) -> None:
    buyer = fresh.reader(fresh.street.buyer)
    at = buyer.done(NEW, NEW, **draft(fresh))
    number = at.rpartition("/")[2]
    assert "31 August 2026" in buyer.open(at)
    buyer.done(at, f"{at}/publication")
    assert not buyer.offers(at, f"{at}/deadline"), "nothing changes after the publication"
    assert not buyer.offers(at, f"{at}/opening"), "not before the deadline"
    _two_bids(fresh, number)
    assert "2,400 ₸" not in fresh.reader(fresh.street.auditor).open(at), "sealed"
    fresh.street.travel(17)
    buyer = fresh.reader(fresh.street.buyer)
    buyer.done(at, f"{at}/opening")
    page = buyer.open(at)
    assert "2,400 ₸" in page
    assert "another officer decides" in page
    assert "/award" not in page
    second = fresh.reader(fresh.town.person(Role.PROCUREMENT_OFFICER))
    page = second.open(at)
    (action,) = re.findall(rf'action="({at}/lots/[0-9a-f-]+/award)"', page)
    assert second.send(page, action).status_code == 303
    page = second.open(at)
    assert "Warm Home won at 2,400 ₸ a unit." in page
    assert any(link.startswith("/budget/contracts/C-") for link in links(page))
    assert verbs(fresh, number) == ["created", "published", "opened", "decided"]


def test_who_declared_an_interest_in_a_bidder_neither_opens_the_bids_nor_decides(fresh: Office) -> None:
    buyer, second = fresh.street.buyer, fresh.town.person(Role.PROCUREMENT_OFFICER)
    desk = fresh.reader(buyer)
    at = desk.done(NEW, NEW, **draft(fresh))
    desk.done(at, f"{at}/publication")
    _two_bids(fresh, at.rpartition("/")[2])
    for person in (buyer, second):
        body = {"provider_id": fresh.street.provider, "reason": "my brother works there"}
        made(person.post("/api/interests", body, key=f"declared-{person.id}"))
    assert "somebody else opens the bids" not in desk.open(at), "who bids is not told before the deadline"
    fresh.street.travel(17)
    page = fresh.reader(buyer).open(at)
    assert f"{at}/opening" not in page
    assert "somebody else opens the bids" in page
    fresh.reader(fresh.town.person(Role.PROCUREMENT_OFFICER)).done(at, f"{at}/opening")
    page = fresh.reader(second).open(at)
    assert "/award" not in page
    assert "somebody else decides this lot" in page
    assert "/award" in fresh.reader(fresh.town.person(Role.PROCUREMENT_OFFICER)).open(at)


def _two_bids(office: Office, number: str) -> None:
    tenders = office.street.buyer.get("/api/tenders").json()["items"]
    (tender,) = [one for one in tenders if one["number"] == number]
    lot = office.street.buyer.get(f"/api/tenders/{tender['id']}").json()["lots"][0]["id"]
    other, provider = _other_house(office)
    for person, who, price in ((office.street.house, office.street.provider, "2400"), (other, provider, "2500")):
        made(person.post(f"/api/lots/{lot}/bids", {"provider_id": who, "unit_price": tenge(price)}))


def _other_house(office: Office) -> tuple[Person, str]:
    director = office.town.person()
    body = {"bin": next_bin(), "name": "Kind Hands", "sector": "ngo", "organisation_type": "ngo", "territory": ASTANA}
    provider = made(director.post("/api/providers", body))["id"]
    made(
        director.post(f"/api/providers/{provider}/licences", {"number": f"L-{provider[-6:]}", "from_on": "2025-01-01"})
    )
    point = {"name": "House two", "locality_id": 1526273, "address": "Second street 2"}
    made(director.post(f"/api/providers/{provider}/service-points", point))
    made(office.street.buyer.post(f"/api/providers/{provider}/admission"))
    return director, provider


def test_lots_are_added_and_taken_away_and_nothing_typed_is_lost(office: Office) -> None:
    buyer = office.reader(office.street.buyer)
    grown = buyer.press(NEW, NEW, **draft(office), action="add").text
    assert 'name="lots.1.units"' in grown
    for text in (
        "Home visits in Astana",
        'value="3 000"',
        'value="01.05.2026"',
        f'value="{office.street.line}" selected',
    ):
        assert text in grown
    second = {name.replace("lots.0", "lots.1"): text for name, text in draft(office).items() if "lots.0" in name}
    faulty = buyer.send(grown, NEW, **second | {"lots.1.units": "many"})
    assert faulty.status_code == 400
    assert 'href="#lots.1.units"' in faulty.text
    assert 'value="many"' in faulty.text
    assert buyer.send(grown, NEW, **second).status_code == 303
    shrunk = buyer.send(grown, NEW, action="remove").text
    assert 'name="lots.1.units"' not in shrunk


def test_what_the_law_refuses_is_told_beside_the_lots_own_field(office: Office) -> None:
    buyer = office.reader(office.street.buyer)
    early = buyer.refused(NEW, NEW, 422, **draft(office) | {"lots.0.from_on": "20.04.2026"})
    assert 'href="#lots.0.from_on"' in early
    dear = buyer.refused(NEW, NEW, 422, **draft(office) | {"lots.0.ceiling": "99 000"})
    assert 'href="#lots.0.ceiling"' in dear
    wrong = buyer.refused(NEW, NEW, 400, **draft(office) | {"deadline_time": "25:00", "title": ""})
    assert "Write a time, such as 18:00" in faults(wrong)


def test_a_draft_gets_another_deadline_and_is_cancelled_with_a_reason(office: Office) -> None:
    buyer = office.reader(office.street.buyer)
    at = buyer.done(NEW, NEW, **draft(office))
    buyer.done(at, f"{at}/deadline", deadline_at="22.04.2026", deadline_time="10:00")
    assert "22 April 2026, 10:00" in buyer.open(at)
    assert buyer.press(at, f"{at}/deadline", deadline_at="01.01.2026", deadline_time="10:00").status_code == 422
    buyer.refused(at, f"{at}/cancellation", 400, reason="")
    buyer.done(at, f"{at}/cancellation", reason="Money went elsewhere")
    page = buyer.open(at)
    assert "Money went elsewhere" in page
    assert not [a for a in re.findall(r'action="([^"]+)"', page) if a.startswith(at)]
    assert at in links(buyer.open("/tenders-desk?status=cancelled"))


def test_others_look_and_neighbours_find_no_draft(office: Office) -> None:
    buyer = office.reader(office.street.buyer)
    at = buyer.done(NEW, NEW, **draft(office))
    for person in (office.street.budget, office.street.auditor):
        page = office.reader(person).open(at)
        assert not [a for a in re.findall(r'action="([^"]+)"', page) if a.startswith(at)]
        office.reader(person).open(NEW, status=403)
    neighbour = office.neighbour(Role.PROCUREMENT_OFFICER)
    assert at not in links(neighbour.open("/tenders-desk"))
    neighbour.open(at, status=404)
    assert _forged(buyer, neighbour, at) == 404
    for person in (office.holder, office.street.house, office.street.finance):
        office.reader(person).open("/tenders-desk", status=403)


def _forged(owner: Reader, other: Reader, at: str) -> int:
    page = owner.open(at)
    token = _token(other.open("/account"))
    return other.send(page.replace(_token(page), token), f"{at}/publication").status_code


def _token(page: str) -> str:
    return page.partition('name="form_token" value="')[2].partition('"')[0]


def test_without_a_funding_line_there_is_nothing_to_write(office: Office) -> None:
    assert "none is open in your territory" in office.neighbour(Role.PROCUREMENT_OFFICER).open(NEW)
