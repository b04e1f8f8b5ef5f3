"""A street in Astana, built through the API alone: the NGO "Warm Home", Aigerim who needs help, and the offices.

The clock stands at noon of 2 March 2026 and travels.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contracts.kernel.ids import check_digit
from contracts.kernel.work import Role
from tests.web.town import ASTANA, Person, Town, made

MORNING = datetime(2026, 3, 2, 7, tzinfo=UTC)  # noon in Astana
ASTANA_CITY = 1526273  # the gazetteer's id
HOME = {"kind": "domestic", "setting": "home", "unit": "visit"}
YEAR = {"from_on": "2026-01-01", "until_on": "2027-01-01"}


def tenge(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "KZT"}


def iin(serial: int) -> str:
    for number in range(serial * 7, serial * 7 + 7):
        eleven = f"4805174{number:04d}"
        if (digit := check_digit(eleven)) is not None:
            return f"{eleven}{digit}"
    raise AssertionError("seven serials in a row cannot all be without a check digit")


@dataclass(slots=True)
class Street:
    town: Town
    chief: Person
    budget: Person
    buyer: Person
    finance: Person
    operator: Person
    auditor: Person
    line: str = ""
    director: Person | None = None
    provider: str = ""
    worker: str = ""
    offer: str = ""
    holders: int = 0

    @property
    def house(self) -> Person:
        assert self.director is not None
        return self.director

    def holder(self) -> tuple[Person, str]:
        """Another person who needs help, signed in, with a voucher that begins on 3 March."""
        self.holders += 1
        serial = self.holders
        body = {
            "iin": iin(serial), "name": "Айгерім Сейтқали", "address": "Abai avenue 10", "territory": ASTANA,
            "locality_id": ASTANA_CITY, "latitude": 51.1605, "longitude": 71.4704, "category": "elderly", "tier": 3,
            "language": "kk",
        }  # fmt: skip
        recipient = made(self.operator.post("/api/recipients", body))["id"]
        person = self.town.person()
        grant = {"role": "recipient", "recipient_id": recipient, "from_on": "2026-01-01"}
        made(self.chief.post(f"/api/users/{person.id}/grants", grant))
        voucher = {
            **HOME, "recipient_id": recipient, "line_id": self.line, "units_a_month": 8, "ceiling": tenge("3000.00"),
            "from_on": "2026-03-03", "until_on": "2026-07-01",
        }  # fmt: skip
        return person, made(self.budget.post("/api/vouchers", voucher, key=f"voucher-{serial}"))["id"]

    def set_capacity(self, capacity: int) -> None:
        made(self.house.post(f"/api/offers/{self.offer}/capacity", {"capacity": capacity}))

    def travel(self, days: int) -> None:
        made(self.chief.post("/api/demo/clock", {"days": days}))


def build(town: Town, *, capacity: int = 10) -> Street:
    town.load_catalogue()
    town.travel_to(MORNING)
    street = Street(
        town,
        chief=town.person(Role.ADMINISTRATOR),
        budget=town.person(Role.BUDGET_OFFICER),
        buyer=town.person(Role.PROCUREMENT_OFFICER),
        finance=town.person(Role.FINANCE_OFFICER),
        operator=town.person(Role.OPERATOR),
        auditor=town.person(Role.AUDITOR),
    )
    _money(street)
    _house(street, capacity)
    return street


def _money(street: Street) -> None:
    line = {"programme": "state-order", "territory": ASTANA, "service_kind": "domestic", "year": 2026}
    street.line = made(street.budget.post("/api/funding-lines", line))["id"]
    made(
        street.budget.post(
            f"/api/funding-lines/{street.line}/appropriations", {"amount": tenge("90000000.00")}, key="money"
        )
    )
    limit: dict[str, Any] = HOME | YEAR | {"territory": ASTANA, "source": "akimat resolution 17"}
    made(street.budget.post("/api/price-limits", limit | {"floor": tenge("1000"), "ceiling": tenge("4000.00")}))


def _house(street: Street, capacity: int) -> None:
    director = street.director = street.town.person()
    body = {
        "bin": "190540009117", "name": "Warm Home", "sector": "ngo", "organisation_type": "ngo", "territory": ASTANA,
        "iban": "KZ86125KZT5004100100",
    }  # fmt: skip
    at = f"/api/providers/{made(director.post('/api/providers', body))['id']}"
    street.provider = at.rpartition("/")[2]
    made(director.post(f"{at}/licences", {"number": "SSS-1", "from_on": "2025-01-01"}))
    point = {"name": "House on the river", "locality_id": ASTANA_CITY, "address": "River street 1"}
    place = made(director.post(f"{at}/service-points", point))["service_points"][0]["id"]
    worker = {"name": "Мадина Ахметова", "speciality": "social worker", "from_on": "2025-01-01"}
    street.worker = made(director.post(f"{at}/staff", worker))["items"][0]["id"]
    made(street.buyer.post(f"{at}/admission"))
    offer = HOME | {
        "provider_id": street.provider, "service_point_id": place, "capacity_unit": "places", "capacity": capacity,
        "categories": ["elderly"], "languages": ["kk", "ru"], "price": tenge("2500.00"), "radius_m": 20000,
    }  # fmt: skip
    street.offer = made(director.post("/api/offers", offer))["id"]
