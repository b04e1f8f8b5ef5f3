"""The whole story through the HTTP API: lot, bid, award, contract, voucher, choice and round, visits, act, payment.

The money in it: the lot is won at 850.00 a visit; five visits are confirmed, so the act is 4,250.00.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import Any

from contracts.kernel.calendar import ALMATY
from contracts.kernel.period import Month
from market.seed.desks import Desk, StoryBroke, Town, tenge

TERRITORY = "350000000"  # Karaganda region
SERVICE = {"kind": "domestic", "setting": "home", "unit": "visit"}
PATIENCE_SECONDS = 90.0
TOTAL = "4250.00"
OFFICES = {
    "budget": "budget-officer",
    "finance": "finance-officer",
    "procurement": "procurement-officer",
    "committee": "procurement-officer",
    "operator": "operator",
}
NGOS = {  # BIN, IBAN, bid
    "warm-home": ("190540009117", "KZ74125KZT0000000005", "850.00"),
    "kind-hands": ("061240001236", "KZ47125KZT0000000006", "900.00"),
}
PEOPLE = {  # IIN, tier
    "aisulu": ("470401498033", 0),
    "bolat": ("830313396297", 1),
    "dina": ("660901479035", 2),
}
WISHES = {"bolat": ("warm-home", "kind-hands"), "dina": ("warm-home", "kind-hands")}
VISITS = {"aisulu": 3, "bolat": 2}
UNDER_WAY = {"ordered", "sending", "sent"}


@dataclass(slots=True)
class Steps:
    """How long each step took."""

    say: Callable[[str], None]
    taken: list[dict[str, object]] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        begun = perf_counter()
        yield
        seconds = round(perf_counter() - begun, 3)
        self.taken.append({"name": name, "seconds": seconds})
        self.say(f"{seconds:8.2f} s  {name}")


@dataclass(slots=True)
class Journey:
    """Told once, on an installation that holds only the catalogue and an administrator. Ids by the names above."""

    town: Town
    locality: dict[str, Any]
    year: int
    line: str = ""
    desk: dict[str, Desk] = field(default_factory=dict)
    provider: dict[str, str] = field(default_factory=dict)
    offer: dict[str, str] = field(default_factory=dict)
    voucher: dict[str, str] = field(default_factory=dict)
    engagement: dict[str, str] = field(default_factory=dict)
    contract: str = ""
    payment: str = ""

    def tell(self, steps: Steps) -> None:
        for name, part in (
            ("officers and money", self.open_offices),
            ("providers register and are admitted", self.admit_providers),
            ("lot, bids, a late bid refused, opening, award, contract signed", self.compete),
            ("offers of one place", self.open_offers),
            ("recipients, vouchers with money behind them", self.issue_vouchers),
            ("free choice: compare, book, accept; the last place is gone", self.choose),
            ("a matching round for who waits", self.match),
            ("visits entered and confirmed", self.serve),
            ("act assembled, submitted, accepted; payment ordered, each by another person", self.account),
            ("payment sent and settled", self.settle),
        ):
            with steps.step(name):
                part()

    def open_offices(self) -> None:
        for login, role in OFFICES.items():
            self.desk[login] = self.town.person(login, role, territory=TERRITORY)
        budget = self.desk["budget"]
        budget.post("/price-limits", {
            "territory": TERRITORY, **SERVICE, "floor": tenge("500.00"), "ceiling": tenge("1500.00"),
            "from_on": f"{self.year}-01-01", "until_on": f"{self.year + 1}-01-01", "source": "for the journey",
        })  # fmt: skip
        line = {"programme": "journey", "territory": TERRITORY, "service_kind": "domestic", "year": self.year}
        self.line = budget.post("/funding-lines", line)["id"]
        for _ in range(2):  # the same key appropriates once
            budget.post(f"/funding-lines/{self.line}/appropriations", {"amount": tenge("1000000.00")}, key="once")
        self.expect("appropriated", "1000000.00")

    def admit_providers(self) -> None:
        for login, (bin_, iban, _) in NGOS.items():
            desk, _ = self.town.newcomer(login)
            body = {"bin": bin_, "name": f"NGO {login}", "sector": "ngo", "organisation_type": "ngo",
                    "territory": TERRITORY, "iban": iban}  # fmt: skip
            provider = desk.post("/providers", body)["id"]
            licence = {"number": f"SSS-{login}", "from_on": f"{self.year}-01-01", "until_on": f"{self.year + 3}-01-01"}
            desk.post(f"/providers/{provider}/licences", licence)
            point = {"name": login, "locality_id": self.locality["id"], "address": "Abay avenue 1"}
            desk.post(f"/providers/{provider}/service-points", point)
            desk.refused("not-allowed", f"/providers/{provider}/admission")
            self.desk["procurement"].post(f"/providers/{provider}/admission")
            self.desk[login], self.provider[login] = desk, provider

    def compete(self) -> None:
        officer = self.desk["procurement"]
        deadline = self.town.now() + timedelta(days=10)
        begin = str(self.town.today() + timedelta(days=12))
        lot = {"line_id": self.line, **SERVICE, "units": 500, "ceiling": tenge("1000.00"),
               "from_on": begin, "until_on": f"{self.year + 1}-01-01"}  # fmt: skip
        body = {"title": "Home care", "territory": TERRITORY, "deadline_at": deadline.isoformat(), "lots": [lot]}
        tender = officer.post("/tenders", body)
        officer.post(f"/tenders/{tender['id']}/publication")
        lot_id = tender["lots"][0]["id"]
        too_high = {"provider_id": self.provider["warm-home"], "unit_price": tenge("1000.01")}
        self.desk["warm-home"].refused("bid-above-ceiling", f"/lots/{lot_id}/bids", too_high)
        for login, (_, _, price) in NGOS.items():
            bid = {"provider_id": self.provider[login], "unit_price": tenge(price)}
            self.desk[login].post(f"/lots/{lot_id}/bids", bid)
        self.town.travel(days=10, hours=1)
        late = {"provider_id": self.provider["kind-hands"], "unit_price": tenge("600.00")}
        self.desk["kind-hands"].refused("bid-late", f"/lots/{lot_id}/bids", late)
        officer.post(f"/tenders/{tender['id']}/opening")
        officer.refused("second-person-needed", f"/lots/{lot_id}/award")
        award = self.desk["committee"].post(f"/lots/{lot_id}/award")
        self.contract = award["award"]["contract_id"]
        self.desk["warm-home"].post(f"/contracts/{self.contract}/signature")

    def open_offers(self) -> None:
        self.town.travel(days=2)
        for login, (_, _, price) in NGOS.items():
            desk, provider = self.desk[login], self.provider[login]
            point = desk.get(f"/providers/{provider}")["service_points"][0]["id"]
            body = {"provider_id": provider, "service_point_id": point, **SERVICE, "capacity_unit": "places",
                    "capacity": 1, "categories": ["elderly"], "languages": ["kk", "ru"], "price": tenge(price),
                    "radius_m": 20_000}  # fmt: skip
            self.offer[login] = desk.post("/offers", body)["id"]
            above = {"price": tenge("1500.01"), "from_on": str(self.town.today() + timedelta(days=1))}
            desk.refused("tariff-above-ceiling", f"/offers/{self.offer[login]}/tariffs", above)

    def issue_vouchers(self) -> None:
        for login, (iin, tier) in PEOPLE.items():
            body = {"iin": iin, "name": login.capitalize(), "address": "Abay avenue 2", "territory": TERRITORY,
                    "locality_id": self.locality["id"], "latitude": self.locality["latitude"],
                    "longitude": self.locality["longitude"], "category": "elderly", "tier": tier, "language": "kk",
                    "synthetic": True}  # fmt: skip
            recipient = self.desk["operator"].post("/recipients", body)["id"]
            self.desk[login] = self.town.person(login, "recipient", recipient_id=recipient)
            voucher = {"recipient_id": recipient, "line_id": self.line, **SERVICE, "units_a_month": 8,
                       "ceiling": tenge("1000.00"), "from_on": str(self.town.today()),
                       "until_on": f"{self.year + 1}-01-01"}  # fmt: skip
            self.voucher[login] = self.desk["budget"].post("/vouchers", voucher)["id"]

    def choose(self) -> None:
        """Aisulu books the one place of the NGO that won the lot; Bolat finds it gone."""
        cards = self.desk["aisulu"].get(f"/vouchers/{self.voucher['aisulu']}/offers")["items"]
        if {card["offer_id"] for card in cards} != set(self.offer.values()):
            raise StoryBroke(f"both offers should be in reach, not {cards}")
        wish = {"offer_id": self.offer["warm-home"]}
        placement = self.desk["aisulu"].post(f"/vouchers/{self.voucher['aisulu']}/bookings", wish)
        self.desk["bolat"].refused("no-free-place", f"/vouchers/{self.voucher['bolat']}/bookings", wish)
        accepted = self.desk["warm-home"].post(f"/placements/{placement['id']}/acceptance")
        self.engagement["aisulu"] = accepted["engagement_id"]

    def match(self) -> None:
        """The NGO makes room for one more; Bolat, more urgent than Dina, gets it; Dina gets her second wish."""
        self.desk["warm-home"].post(f"/offers/{self.offer['warm-home']}/capacity", {"capacity": 2})
        for login, ngos in WISHES.items():
            self.desk[login].post(f"/vouchers/{self.voucher[login]}/request")
            wishes = {"offer_ids": [self.offer[ngo] for ngo in ngos]}
            self.desk[login].post(f"/vouchers/{self.voucher[login]}/wishes", wishes)
        asked = self.desk["budget"].post("/rounds", {"territory": TERRITORY, "seed": 7})
        done = self.wait(
            lambda: self.desk["budget"].get(f"/rounds/{asked['id']}"), lambda r: r["status"] in {"complete", "failed"}
        )
        if (done["status"], done["certificate"], done["served"]) != ("complete", "verified", 2):
            raise StoryBroke(f"the round should place both, with a proof: {done}")
        for login, ngo in (("bolat", "warm-home"), ("dina", "kind-hands")):
            (offered,) = self.desk[login].get("/placements", status="offered")["items"]
            if offered["offer_id"] != self.offer[ngo]:
                raise StoryBroke(f"{login} should be placed with {ngo}")
            accepted = self.desk[login].post(f"/placements/{offered['id']}/acceptance")
            self.engagement[login] = accepted["engagement_id"]

    def serve(self) -> None:
        """Visits in the month after, entered by the NGO, confirmed by who was visited."""
        ngo, provider = self.desk["warm-home"], self.provider["warm-home"]
        worker = {"name": "Asem", "speciality": "social worker", "from_on": str(self.town.today())}
        worker_id = ngo.post(f"/providers/{provider}/staff", worker)["items"][0]["id"]
        first = Month.of(self.town.today()).next.first_day
        self.town.travel(days=(first - self.town.today()).days + 20)
        hour = 9
        for login, visits in VISITS.items():
            for number in range(visits):
                begun = self._at(first + timedelta(days=number), hour)
                entry = {"client_id": f"{login}-{number}", "worker_id": worker_id, "started_at": begun.isoformat(),
                         "ended_at": (begun + timedelta(hours=1)).isoformat(), "quantity": 1,
                         "place": "at home"}  # fmt: skip
                path = f"/engagements/{self.engagement[login]}/entries"
                entry_id = ngo.post(path, entry)["id"]
                if ngo.post(path, entry)["id"] != entry_id:
                    raise StoryBroke("a visit sent twice is one visit")
                self.desk[login].post(f"/entries/{entry_id}/confirmation")
            hour += 2
        self.town.travel(days=(Month.of(first).until - self.town.today()).days)

    def account(self) -> None:
        month = str(Month.of(self.town.today() - timedelta(days=self.town.today().day)))
        ngo, budget = self.desk["warm-home"], self.desk["budget"]
        act = ngo.post(f"/contracts/{self.contract}/acts", {"month": month})
        ngo.refused("act-exists", f"/contracts/{self.contract}/acts", {"month": month})
        if act["total"]["amount"] != TOTAL:
            raise StoryBroke(f"the act should be {TOTAL}: {act}")
        ngo.post(f"/acts/{act['id']}/submission")
        budget.post(f"/acts/{act['id']}/acceptance")
        self.expect("payable", TOTAL)
        budget.refused("not-allowed", f"/acts/{act['id']}/payment")
        self.payment = self.desk["finance"].post(f"/acts/{act['id']}/payment")["id"]

    def settle(self) -> None:
        done = self.wait(
            lambda: self.desk["finance"].get(f"/payments/{self.payment}"), lambda p: p["status"] not in UNDER_WAY
        )
        if done["status"] != "settled" or done["amount"]["amount"] != TOTAL:
            raise StoryBroke(f"the payment should be settled: {done}")
        self.expect("paid", TOTAL)

    def expect(self, stage: str, amount: str) -> None:
        said = self.desk["budget"].get(f"/funding-lines/{self.line}")[stage]["amount"]
        if said != amount:
            raise StoryBroke(f"{stage} should be {amount}, is {said}")

    def wait(self, ask: Callable[[], dict[str, Any]], is_done: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE_SECONDS
        while not is_done(said := ask()):
            if time.monotonic() > until:
                raise StoryBroke(f"nothing happened for {PATIENCE_SECONDS:.0f} s: {said}")
            time.sleep(0.1)
        return said

    def _at(self, day: date, hour: int) -> datetime:
        return datetime(day.year, day.month, day.day, hour, tzinfo=ALMATY).astimezone(UTC)
