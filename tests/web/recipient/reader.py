"""Somebody with a browser and no script: pages, links and forms; and the street they live in."""

import html
import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from contracts.kernel.work import SYSTEM
from market.recipient import queries as recipients
from market.user import queries, service
from tests.web.street import Street
from tests.web.town import Person, Town, made

HTML = {"accept": "text/html"}
ORDER = "Court order 2-114 of 12 January 2026"


@dataclass(slots=True)
class Page:
    status: int
    text: str
    location: str | None

    @property
    def words(self) -> str:
        """What is read, on one line."""
        body = re.sub(r"<(head|style|script).*?</\1>", " ", self.text, flags=re.DOTALL)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())

    def form(self, action: str) -> str:
        (found,) = [f for f in re.findall(r"<form.*?</form>", self.text, re.DOTALL) if f'action="{action}"' in f]
        return str(found)

    def has_form(self, action: str) -> bool:
        return f'action="{action}"' in self.text


@dataclass(slots=True)
class Reader:
    town: Town
    person: Person
    language: str = "en"
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        actor = self.town.database.read(SYSTEM, lambda work: queries.actor_of_user(work, self.person.id))
        session = self.town.database.write(actor, lambda work: service.open_session(work, self.person.id))
        self.cookies = {"session": session.token, "language": self.language}

    def open(self, path: str, status: int = 200) -> Page:
        page = self._ask("GET", path)
        assert page.status == status, (path, page.status, page.words[:600])
        return page

    def press(self, page: Page, action: str, **filled: str) -> Page:
        """The form with this action, filled in and sent."""
        form = page.form(action)
        typed = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', form))
        return self._ask("POST", action, data={k: html.unescape(v) for k, v in typed.items()} | filled)

    def follow(self, page: Page) -> Page:
        assert page.status == 303, (page.status, page.words[:600])
        assert page.location is not None
        return self.open(page.location)

    def _ask(self, method: str, path: str, **options: Any) -> Page:
        self.town.client.cookies.clear()
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = HTML | {"Cookie": jar}
        answer: httpx.Response = self.town.client.request(
            method, path, headers=headers, follow_redirects=False, **options
        )
        for name, value in answer.cookies.items():
            self.cookies[name] = value
        return Page(answer.status_code, answer.text, answer.headers.get("location"))


@dataclass(frozen=True, slots=True)
class Home:
    """A holder of the street, with a voucher."""

    person: Person
    recipient: str
    number: str
    voucher_id: str
    voucher: str

    @property
    def at(self) -> str:
        return f"/people/{self.number}"

    @property
    def voucher_at(self) -> str:
        return f"{self.at}/vouchers/{self.voucher}"


def settle(street: Street) -> Home:
    person, voucher_id = street.holder()
    voucher = street.budget.get(f"/api/vouchers/{voucher_id}").json()
    recipient = voucher["recipient_id"]
    found = street.town.database.read(SYSTEM, lambda work: recipients.recipient(work, UUID(recipient)))
    return Home(person, recipient, found.number, voucher_id, voucher["number"])


def represented(street: Street, home: Home, *, until_on: str | None = None) -> Person:
    """A new person who speaks for the holder."""
    who = street.town.person()
    body = {"login": who.login, "ground": ORDER, "from_on": "2026-01-01", "until_on": until_on}
    made(street.operator.post(f"/api/recipients/{home.recipient}/representatives", body))
    return who


def engaged(street: Street, home: Home) -> str:
    """Booked and accepted: the engagement's id. Service begins tomorrow."""
    booking = {"offer_id": street.offer}
    placement = made(home.person.post(f"/api/vouchers/{home.voucher_id}/bookings", booking, key=home.number))
    accepted = made(street.house.post(f"/api/placements/{placement['id']}/acceptance", key=home.number))
    return str(accepted["engagement_id"])


def verbs(street: Street, stream: str, about: str) -> list[str]:
    return [e["verb"] for e in street.auditor.get(f"/api/audit/{stream}/{about}").json()["items"]]
