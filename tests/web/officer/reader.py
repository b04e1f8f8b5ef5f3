"""Somebody at a desk with a browser that knows no scripts: pages, links, forms."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx
from litestar.testing import TestClient

from contracts.kernel.work import SYSTEM
from market.user import queries, service
from tests.web.town import Person, Town

HTML = {"Accept": "text/html"}


@dataclass(slots=True)
class Reader:
    client: TestClient[Any]
    cookie: str

    @classmethod
    def of(cls, town: Town, person: Person, *, language: str = "en") -> "Reader":
        actor = town.database.read(SYSTEM, lambda work: queries.actor_of_user(work, person.id))
        session = town.database.write(actor, lambda work: service.open_session(work, person.id))
        return cls(town.client, f"session={session.token}; language={language}")

    def get(self, path: str) -> httpx.Response:
        self.client.cookies.clear()
        return self.client.get(path, headers=HTML | {"Cookie": self.cookie}, follow_redirects=False)

    def open(self, path: str, *, status: int = 200) -> str:
        response = self.get(path)
        assert response.status_code == status, (path, response.status_code, response.text[:3000])
        page = plain(response.text)
        if status == 200:
            assert page.count("<h1") == 1, path
            assert "undefined" not in page
        return page

    def send(self, page: str, action: str, /, **filled: str) -> httpx.Response:
        """Press the button of the form with this action; what the form shows is sent with it."""
        fields = fields_of(page, action)
        assert fields is not None, f"no form {action}"
        self.client.cookies.clear()
        headers = HTML | {"Cookie": self.cookie}
        return self.client.post(action, data=fields | filled, headers=headers, follow_redirects=False)

    def press(self, path: str, action: str, /, **filled: str) -> httpx.Response:
        return self.send(self.open(path), action, **filled)

    def done(self, path: str, action: str, /, **filled: str) -> str:
        """The form is carried out; where it leads."""
        answer = self.press(path, action, **filled)
        assert answer.status_code == 303, (action, answer.status_code, faults(answer.text), answer.text[:500])
        return answer.headers["location"]

    def refused(self, path: str, action: str, status: int, /, **filled: str) -> str:
        """The form comes back with what was typed and what is wrong; the page."""
        answer = self.press(path, action, **filled)
        assert answer.status_code == status, (action, answer.status_code, answer.text[:500])
        page = plain(answer.text)
        assert "govuk-error-summary" in page, action
        for name, text in filled.items():
            assert name == "password" or text in page, f"{name} was lost"
        return page

    def offers(self, path: str, action: str) -> bool:
        return fields_of(self.open(path), action) is not None


def plain(html: str) -> str:
    return unescape(html).replace("\N{NO-BREAK SPACE}", " ")


def fields_of(page: str, action: str) -> dict[str, str] | None:
    found = [f for f in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'action="{action}"' in f]
    if not found:
        return None
    fields = {}
    for tag in re.findall(r"<input[^>]*>", found[0]):
        said = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if said.get("type") not in {"checkbox", "radio"} and said.get("name"):
            fields[said["name"]] = said.get("value", "")
    for name, inner in re.findall(r'<select[^>]*name="([^"]+)".*?>(.*?)</select>', found[0], re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inner) or re.search(r'<option value="([^"]*)"', inner)
        fields[name] = chosen[1] if chosen else ""
    return fields


def faults(page: str) -> list[str]:
    """What the error summary says."""
    summary = re.search(r'class="govuk-error-summary.*?</ul>', page, re.DOTALL)
    return [plain(text).strip() for text in re.findall(r"<li>\s*(?:<a[^>]*>)?([^<]+)", summary[0])] if summary else []


def links(page: str) -> list[str]:
    return re.findall(r'href="(/[^"#]*)"', page)
