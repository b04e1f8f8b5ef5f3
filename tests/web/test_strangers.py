"""Every role at every door: what is not yours looks like what is not there."""

import re
from typing import Any
from uuid import UUID

import pytest

from contracts.kernel.work import Role
from tests.web.street import Street, build
from tests.web.town import Person, Town, made

NOT_YOURS = {403, 404}


@pytest.fixture(scope="module")
def street(hall: Town) -> Street:
    return build(hall)


@pytest.fixture(scope="module")
def objects(street: Street) -> dict[str, str]:
    """One of everything, by the name of its path parameter."""
    holder, voucher = street.holder()
    placement = made(holder.post(f"/api/vouchers/{voucher}/bookings", {"offer_id": street.offer}, key="b"))
    engagement = made(street.house.post(f"/api/placements/{placement['id']}/acceptance", key="a"))["engagement_id"]
    contract = street.house.get(f"/api/engagements/{engagement}").json()["contract_id"]
    return {
        "user_id": str(holder.id), "line_id": street.line, "recipient_id": placement["recipient_id"],
        "voucher_id": voucher, "placement_id": placement["id"], "engagement_id": engagement, "contract_id": contract,
        "provider_id": street.provider, "offer_id": street.offer,
    }  # fmt: skip


@pytest.fixture(scope="module")
def operations(hall: Town) -> list[tuple[str, str, dict[str, Any]]]:
    paths = hall.client.get("/schema/openapi.json").json()["paths"]
    return [(method, path, operation) for path, item in paths.items() for method, operation in item.items()]


def strangers(town: Town) -> list[Person]:
    """Somebody in each office of another territory, and people of other houses and homes."""
    offices = (
        Role.BUDGET_OFFICER, Role.PROCUREMENT_OFFICER, Role.FINANCE_OFFICER, Role.OPERATOR, Role.AUDITOR,
        Role.COMMITTEE_MEMBER,
    )  # fmt: skip
    elsewhere = [town.person(role, territory="75") for role in offices]
    other_id = UUID("01900000-0000-7000-8000-000000000001")
    people = [town.person(role, recipient_id=other_id) for role in (Role.RECIPIENT, Role.REPRESENTATIVE)]
    people += [town.person(role, provider_id=other_id) for role in (Role.PROVIDER, Role.CARER)]
    return [*elsewhere, *people, town.person()]


def test_a_stranger_reads_nothing_that_is_not_public(
    hall: Town, objects: dict[str, str], operations: list[tuple[str, str, dict[str, Any]]]
) -> None:
    doors = 0
    for stranger in strangers(hall):
        for method, path, operation in operations:
            names = re.findall(r"\{(\w+)\}", path)
            if method != "get" or not names or not set(names) <= objects.keys() or {} in operation.get("security", ()):
                continue
            response = stranger.get(path.format(**objects))
            assert response.status_code in NOT_YOURS, (stranger.login, path, response.text)
            doors += 1
    assert doors > 100


def test_a_stranger_moves_nothing(
    hall: Town, objects: dict[str, str], operations: list[tuple[str, str, dict[str, Any]]]
) -> None:
    """With an empty body: a door that judges the body first says so, and nothing else."""
    bodies = {"Reason": {"reason": "because"}, "Ending": {"on": "2026-05-01"}, "Booking": {"offer_id": str(1)}}
    for stranger in strangers(hall):
        for method, path, operation in operations:
            names = re.findall(r"\{(\w+)\}", path)
            if method != "post" or not names or not set(names) <= objects.keys():
                continue
            schema = str(operation.get("requestBody", "")).rpartition("/schemas/")[2].rstrip("'}")
            response = stranger.post(path.format(**objects), bodies.get(schema, {}), key="stranger")
            assert response.status_code in NOT_YOURS | {400}, (stranger.login, path, response.status_code)


def test_a_strangers_lists_are_empty(hall: Town, objects: dict[str, str]) -> None:
    assert objects
    for stranger in strangers(hall):
        for noun in ("funding-lines", "recipients", "vouchers", "placements", "contracts", "acts", "payments"):
            assert stranger.get(f"/api/{noun}").json()["items"] == [], (stranger.login, noun)


def test_ones_own_things_are_there(street: Street, objects: dict[str, str]) -> None:
    for noun in ("vouchers", "placements", "contracts", "recipients", "funding-lines"):
        (own,) = street.budget.get(f"/api/{noun}").json()["items"]
        assert own["id"] in objects.values()
        assert street.budget.get(f"/api/{noun}/{own['id']}").status_code == 200


def test_everybody_sees_who_is_admitted_and_what_they_offer(hall: Town, objects: dict[str, str]) -> None:
    for path in ("/api/providers", f"/api/providers/{objects['provider_id']}", "/api/offers", "/api/price-limits"):
        assert "Мадина" not in hall.client.get(path).text
        assert hall.client.get(path).status_code == 200
    assert hall.client.get(f"/api/offers/{objects['offer_id']}").headers["etag"] == '"1"'


def test_nobody_sees_who_is_only_registered(hall: Town, street: Street) -> None:
    director = hall.person()
    body = {
        "bin": "061240000015", "name": "Not yet", "sector": "ngo", "organisation_type": "ngo", "territory": "710000000"
    }  # fmt: skip
    new = made(director.post("/api/providers", body))["id"]
    assert hall.client.get(f"/api/providers/{new}").status_code == 404
    assert new not in hall.client.get("/api/providers").text
    assert new in street.buyer.get("/api/providers").text
    assert new in director.get("/api/providers").text


def test_nobody_writes_what_only_the_house_decides(hall: Town, street: Street) -> None:
    """Fields of an answer that are sent back as wishes are refused, not ignored."""
    director = hall.person()
    body = {
        "bin": "061240000015", "name": "Not yet", "sector": "ngo", "organisation_type": "ngo", "territory": "710000000"
    }  # fmt: skip
    for extra in ({"status": "admitted"}, {"id": street.provider}, {"version": 7}, {"decided_by": str(director.id)}):
        response = director.post("/api/providers", body | extra)
        assert response.status_code == 400, response.text
        assert response.json()["errors"][0]["pointer"] == f"/{next(iter(extra))}"
