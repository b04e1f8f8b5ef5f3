"""An office in Astana after a month of work: Aigerim was visited in March, and "Warm Home" handed in the act."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from contracts.kernel.work import Role
from tests.web.officer.reader import Reader
from tests.web.street import Street, build
from tests.web.town import Person, Town, made

VISITS = 3
PRICE = 2_500  # tenge a visit


@dataclass(slots=True)
class Office:
    street: Street
    holder: Person
    voucher: str
    engagement: str
    contract: str
    act: str  # its number
    act_id: str
    provider: str  # its number

    @property
    def town(self) -> Town:
        return self.street.town

    def reader(self, person: Person, *, language: str = "en") -> Reader:
        return Reader.of(self.town, person, language=language)

    def neighbour(self, role: Role) -> Reader:
        """Somebody with the role in another territory."""
        return self.reader(self.town.person(role, territory="75"))


def build_office(town: Town, *, submitted: bool = True) -> Office:
    street = build(town)
    holder, voucher = street.holder()
    placement = made(holder.post(f"/api/vouchers/{voucher}/bookings", {"offer_id": street.offer}, key="book"))
    engagement = made(street.house.post(f"/api/placements/{placement['id']}/acceptance", key="take"))["engagement_id"]
    street.travel(3)
    for number in range(VISITS):
        start = datetime(2026, 3, 3, 5 + number, tzinfo=UTC)
        entry = {
            "client_id": f"visit-{number}", "worker_id": street.worker, "place": "at home", "quantity": 1,
            "started_at": start.isoformat(), "ended_at": (start + timedelta(minutes=45)).isoformat(),
        }  # fmt: skip
        entered = made(street.house.post(f"/api/engagements/{engagement}/entries", entry))
        made(holder.post(f"/api/entries/{entered['id']}/confirmation"))
    street.travel(31)
    contract = street.house.get(f"/api/engagements/{engagement}").json()["contract_id"]
    act = made(street.house.post(f"/api/contracts/{contract}/acts", {"month": "2026-03"}))
    if submitted:
        made(street.house.post(f"/api/acts/{act['id']}/submission"))
    number = street.house.get(f"/api/contracts/{contract}").json()["number"]
    provider = street.house.get(f"/api/providers/{street.provider}").json()["number"]
    return Office(street, holder, voucher, engagement, number, act["number"], act["id"], provider)


def build_accepted(town: Town) -> Office:
    """The office, and the act is accepted."""
    office = build_office(town)
    made(office.street.budget.post(f"/api/acts/{office.act_id}/acceptance", key="accept"))
    return office
