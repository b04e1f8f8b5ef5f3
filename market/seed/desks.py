"""The people of the journey, each with an API key of their own, talking to a real server over HTTP."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import httpx

_keys = count(1)


class StoryBroke(AssertionError):
    """An answer the story did not expect."""


@dataclass(slots=True)
class Desk:
    """One caller. Every write carries an idempotency key of its own; the server asks for it where it matters."""

    client: httpx.Client
    name: str
    api_key: str

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        return self._answer(self.client.get(f"/api{path}", params=query, headers=self._headers()))

    def post(self, path: str, body: dict[str, Any] | None = None, *, key: str | None = None) -> dict[str, Any]:
        headers = self._headers() | {"Idempotency-Key": key or f"journey-{next(_keys)}"}
        return self._answer(self.client.post(f"/api{path}", json=body, headers=headers))

    def refused(self, code: str, path: str, body: dict[str, Any] | None = None) -> None:
        """The server must say no, with this problem."""
        headers = self._headers() | {"Idempotency-Key": f"journey-{next(_keys)}"}
        answer = self.client.post(f"/api{path}", json=body, headers=headers)
        said = answer.json()
        if answer.is_success or said.get("type", "").rsplit("/", 1)[-1] != code:
            raise StoryBroke(f"{self.name}: POST {path} should be refused as {code}, was {answer.status_code} {said}")

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_key}"}

    def _answer(self, answer: httpx.Response) -> dict[str, Any]:
        request = answer.request
        if not answer.is_success:
            raise StoryBroke(f"{self.name}: {request.method} {request.url.path}: {answer.status_code} {answer.text}")
        said: dict[str, Any] = answer.json() if answer.content else {}
        return said


@dataclass(slots=True)
class Town:
    """The server, its administrator, and everyone the administrator let in."""

    client: httpx.Client
    administrator: Desk

    @classmethod
    def at(cls, client: httpx.Client, api_key: str) -> "Town":
        return cls(client, Desk(client, "administrator", api_key))

    def newcomer(self, login: str) -> tuple[Desk, str]:
        """A desk without any role, and its user id."""
        user_id = self.administrator.post("/users", {"login": login})["id"]
        key = self.administrator.post(f"/users/{user_id}/keys", {"name": "journey"})["key"]
        return Desk(self.client, login, key), user_id

    def person(self, login: str, role: str, **scope: str) -> Desk:
        desk, user_id = self.newcomer(login)
        body = {"role": role, "from_on": str(self.today()), **scope}
        self.administrator.post(f"/users/{user_id}/grants", body)
        return desk

    def travel(self, *, days: int, hours: int = 0) -> datetime:
        """The demonstration's clock runs ahead; what time it is then."""
        return self._moment(self.administrator.post("/demo/clock", {"days": days, "hours": hours}))

    def now(self) -> datetime:
        return self._moment(self.administrator.post("/demo/clock", {"days": 0}))

    def today(self) -> date:
        return (self.now() + timedelta(hours=5)).date()

    def _moment(self, said: dict[str, Any]) -> datetime:
        return datetime.fromisoformat(said["now"]).astimezone(UTC)


def tenge(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "KZT"}
