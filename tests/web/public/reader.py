"""Somebody with a browser: a cookie, pages, forms."""

import re

import httpx

from contracts.kernel.work import SYSTEM
from market.user import queries, service
from tests.web.town import Person, Town

HTML = {"Accept": "text/html"}


class Reader:
    """``person`` None: a visitor."""

    def __init__(self, town: Town, person: Person | None = None) -> None:
        self.client = town.client
        self.client.cookies.clear()
        if person is None:
            return
        actor = town.database.read(SYSTEM, lambda work: queries.actor_of_user(work, person.id))
        session = town.database.write(actor, lambda work: service.open_session(work, person.id))
        self.client.cookies.set("session", session.token)

    def ask(self, path: str) -> httpx.Response:
        return self.client.get(path, headers=HTML)

    def open(self, path: str) -> str:
        response = self.ask(path)
        assert response.status_code == 200, (path, response.status_code, response.text)
        return response.text

    def press(self, page: str, action: str, **filled: str) -> httpx.Response:
        (form,) = [f for f in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'action="{action}"' in f]
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
        return self.client.post(action, data=hidden | filled, headers=HTML, follow_redirects=False)
