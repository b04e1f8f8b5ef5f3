"""The NGO of the street at its desk: who speaks for it, who serves there, and strangers next door."""

from typing import Any
from uuid import UUID

from contracts.contract import queries as contracts
from contracts.contract.rules import Engagement
from contracts.kernel.work import SYSTEM, Role
from market.provider import queries as providers
from market.recipient import queries as recipients
from tests.web.recipient.reader import Home, Reader, engaged, settle
from tests.web.street import Street, tenge
from tests.web.town import ASTANA, Person, made

ROOMS = (
    "", "/places", "/visits", "/visits/paste", "/visits/sheet.csv", "/visits/files", "/visits/schedule", "/journal",
    "/offers", "/new-offer", "/acts", "/payments", "/contracts", "/tenders", "/bids", "/staff", "/points", "/licences",
    "/account",
)  # fmt: skip
FOR_CARERS = ("/visits", "/visits/paste", "/visits/sheet.csv", "/visits/files", "/visits/schedule", "/journal")


def number_of(street: Street) -> str:
    return street.town.database.read(SYSTEM, lambda w: providers.provider(w, UUID(street.provider))).number


def at(street: Street, path: str = "") -> str:
    return f"/organisations/{number_of(street)}{path}"


def director(street: Street, language: str = "en") -> Reader:
    return Reader(street.town, street.house, language)


def carer(street: Street) -> Person:
    return street.town.person(Role.CARER, provider_id=UUID(street.provider))


def next_door(street: Street, bin_: str = "061240001236") -> Person:
    """Somebody who has registered another organisation."""
    person = street.town.person()
    body = {"bin": bin_, "name": "Kind Hands", "sector": "ngo", "organisation_type": "ngo", "territory": ASTANA}
    made(person.post("/api/providers", body))
    return person


def served(street: Street) -> tuple[Home, Engagement]:
    """Somebody with a place, from tomorrow on."""
    home = settle(street)
    engagement_id = UUID(engaged(street, home))
    return home, street.town.database.read(SYSTEM, lambda w: contracts.engagement(w, engagement_id))


def recipient_number(street: Street, engagement: Engagement) -> str:
    return street.town.database.read(SYSTEM, lambda w: recipients.recipient(w, engagement.recipient_id)).number


def offer_number(street: Street) -> str:
    return str(street.house.get(f"/api/offers/{street.offer}").json()["number"])


def drafted(street: Street) -> dict[str, Any]:
    """A tender with one lot, bids until 12 March."""
    lot = {
        "line_id": street.line, "kind": "domestic", "setting": "home", "unit": "visit", "units": 100,
        "ceiling": tenge("3000.00"), "from_on": "2026-03-20", "until_on": "2027-01-01",
    }  # fmt: skip
    body = {
        "title": "Home care", "territory": ASTANA, "deadline_at": "2026-03-12T07:00:00+00:00", "lots": [lot],
    }  # fmt: skip
    tender: dict[str, Any] = made(street.buyer.post("/api/tenders", body))
    return tender


def tendered(street: Street) -> tuple[str, str, str]:
    """A tender that takes bids: its number, its id and its lot's."""
    tender = drafted(street)
    made(street.buyer.post(f"/api/tenders/{tender['id']}/publication"))
    return tender["number"], tender["id"], tender["lots"][0]["id"]
