"""A town for the tests of the web: people with roles, each with a token, and their way of asking."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
from litestar.testing import TestClient

from contracts.kernel.clock import start_travelling
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Role
from market.catalogue import service as catalogue
from market.user import service
from market.web.work import Site

ABAI = "100000000"
ASTANA = "710000000"
SINCE = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an API key."""

    id: UUID
    login: str
    token: str
    client: TestClient[Any]

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("GET", path, **options)

    def post(self, path: str, body: object = None, *, key: str | None = None, **options: Any) -> httpx.Response:
        headers = options.pop("headers", {}) | ({"Idempotency-Key": key} if key else {})
        return self.ask("POST", path, json=body, headers=headers, **options)

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        return self.client.request(method, path, headers=headers, **options)


@dataclass(slots=True)
class Town:
    client: TestClient[Any]
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def site(self) -> Site:
        found: Site = self.client.app.state.site
        return found

    @property
    def database(self) -> Database:
        return self.site.database

    def load_catalogue(self) -> None:
        self.database.write(SYSTEM, catalogue.load)

    def travel_to(self, moment: datetime) -> None:
        with self.database.engine.begin() as connection:
            start_travelling(connection, shown_at=moment)

    def person(self, role: Role | None = None, *, login: str | None = None, **scope: Any) -> Person:
        """A new person with the role; the scope is the whole country where the role has a territory."""
        name = login or f"{role or 'nobody'}-{uuid4().hex[:8]}"

        def settle(work: Any) -> tuple[UUID, str]:
            user_id = service.create_user(work, login=name)
            if role is not None:
                service.grant(work, user_id, role=role, from_on=SINCE, **_scope(role, scope))
            return user_id, service.issue_api_key(work, user_id, name="tests")  # outlives a journey of the clock

        user_id, token = self.database.write(SYSTEM, settle)
        return Person(user_id, name, token, self.client)


def _scope(role: Role, scope: dict[str, Any]) -> dict[str, Any]:
    in_territory = role not in {
        Role.PROVIDER,
        Role.RECIPIENT,
        Role.REPRESENTATIVE,
        Role.CARER,
        Role.ADMINISTRATOR,
    }
    return {"territory": ""} | scope if in_territory else scope


def made(response: httpx.Response) -> Any:
    """What a verb made."""
    assert response.status_code == 201, (response.status_code, response.text)
    return response.json()


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The refusal, after checking its form."""
    assert response.status_code == status, (response.status_code, response.text)
    assert response.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = response.json()
    assert told["type"] == f"/problems/{told['code']}"
    assert told["status"] == status
    assert told["code"] == code, told
    assert told["title"]
    assert told["instance"] == f"urn:uuid:{response.headers['x-request-id']}"
    return told
