"""Pages of every object, and a holder's way to a place without a script."""

import re
from typing import Any

import httpx
import pytest

from contracts.kernel.work import SYSTEM
from market.user import queries, service
from market.web.pages.record.nouns import NOUNS
from tests.web.street import Street, build
from tests.web.test_signing import HTML, token_of
from tests.web.town import Person, Town, made


@pytest.fixture(scope="module")
def street(hall: Town) -> Street:
    return build(hall)


class Reader:
    """Somebody with a browser: a cookie, pages, forms."""

    def __init__(self, town: Town, person: Person) -> None:
        actor = town.database.read(SYSTEM, lambda work: queries.actor_of_user(work, person.id))
        session = town.database.write(actor, lambda work: service.open_session(work, person.id))
        town.client.cookies.clear()
        town.client.cookies.set("session", session.token)
        self.client = town.client

    def open(self, path: str) -> str:
        response = self.client.get(path, headers=HTML)
        assert response.status_code == 200, (path, response.status_code, response.text)
        return response.text

    def press(self, page: str, action: str, **filled: str) -> httpx.Response:
        (form,) = [f for f in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'action="{action}"' in f]
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
        return self.client.post(action, data=hidden | filled, headers=HTML, follow_redirects=False)


def test_a_holder_books_by_form_and_the_provider_accepts(hall: Town, street: Street) -> None:
    holder, voucher = street.holder()
    reader = Reader(hall, holder)
    assert f"/vouchers/{voucher}" in reader.open("/vouchers")
    page = reader.open(f"/vouchers/{voucher}")
    assert "Warm Home" in page
    assert f'<option value="{street.offer}">' in page
    action = f"/vouchers/{voucher}/bookings"
    answer = reader.press(page, action, offer_id=street.offer)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/vouchers/{voucher}")
    assert reader.press(page, action, offer_id=street.offer).status_code == 303, "pressed twice, done once"
    (placement,) = holder.get("/api/placements").json()["items"]
    assert f'action="{action}"' not in reader.open(f"/vouchers/{voucher}"), "no form that its service would refuse"
    hidden = {"form_token": token_of(page), "key": "another wish", "offer_id": street.offer}
    again = reader.client.post(action, data=hidden, headers=HTML, follow_redirects=False)
    assert again.status_code == 409
    assert "text/html" in again.headers["content-type"]
    answering = Reader(hall, street.house)
    path = f"/placements/{placement['id']}"
    assert answering.press(answering.open(path), f"{path}/acceptance").status_code == 303
    assert holder.get(f"/api{path}").json()["status"] == "accepted"


def test_a_form_without_our_token_does_nothing(hall: Town, street: Street) -> None:
    holder, voucher = street.holder()
    reader = Reader(hall, holder)
    action = f"/vouchers/{voucher}/bookings"
    wish = {"offer_id": street.offer, "key": "k"}
    assert reader.client.post(action, data=wish, headers=HTML).status_code == 403
    assert holder.get("/api/placements").json()["items"] == []


def test_every_list_and_object_has_a_page_that_loads_nothing_from_outside(hall: Town, street: Street) -> None:
    holder, voucher = street.holder()
    placement = made(holder.post(f"/api/vouchers/{voucher}/bookings", {"offer_id": street.offer}, key="b"))
    accepted = made(street.house.post(f"/api/placements/{placement['id']}/acceptance", key="a"))
    round_id = made(street.budget.post("/api/rounds", {}))["id"]
    reader = Reader(hall, street.auditor)
    paths = [f"/{noun.path}" for noun in NOUNS if noun.every]
    paths += [
        f"/vouchers/{voucher}", f"/placements/{placement['id']}", f"/engagements/{accepted['engagement_id']}",
        f"/recipients/{placement['recipient_id']}", f"/providers/{street.provider}", f"/offers/{street.offer}",
        f"/funding-lines/{street.line}", f"/rounds/{round_id}", f"/audit/voucher/{voucher}", "/",
    ]  # fmt: skip
    for path in paths:
        page = reader.open(path)
        assert len(re.findall(r"<h1[ >]", page)) == 1, path
        assert not re.findall(r"""(?:src|href|action)="(?:https?:)?//""", page), path
        assert not re.findall(r"<script(?![^>]* src=)[^>]*>|<style| style=| on[a-z]+=", page), path
        assert "undefined" not in page


def test_a_page_that_is_not_yours_is_not_there(hall: Town, street: Street) -> None:
    _, voucher = street.holder()
    stranger = Reader(hall, hall.person())
    for path in (f"/vouchers/{voucher}", f"/funding-lines/{street.line}", f"/audit/voucher/{voucher}"):
        assert stranger.client.get(path, headers=HTML).status_code in {403, 404}
    hall.client.cookies.clear()
    response = hall.client.get("/vouchers", headers=HTML)
    assert response.status_code == 401
    assert 'href="/sign-in"' in response.text
    assert "Warm Home" in hall.client.get("/providers", headers=HTML).text


def test_long_lists_are_walked_by_links(hall: Town, street: Street) -> None:
    for year in range(2030, 2090):
        line: dict[str, Any] = {"programme": "p", "territory": "710000000", "service_kind": "legal", "year": year}
        made(street.budget.post("/api/funding-lines", line))
    reader = Reader(hall, street.budget)
    page = reader.open("/funding-lines")
    (following,) = re.findall(r'href="(/funding-lines\?[^"]+)" rel="next"', page)
    assert ">2089<" not in page
    assert ">2089<" in reader.open(following.replace("&amp;", "&"))


def test_a_choice_left_open_is_not_asked_for(hall: Town) -> None:
    for query in ("?territory=&name=", "?after=&limit=", "?name=&"):
        assert hall.client.get(f"/directory{query}", headers=HTML).status_code == 200, query
