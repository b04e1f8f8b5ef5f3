"""What the document promises, and a walk past every door without a credential."""

import re
from typing import Any
from uuid import UUID

import pytest

from market.web.routes import READING, WRITING
from tests.web.town import Town, problem

PUBLIC = {
    ("post", "/api/sessions"),
    ("get", "/api/territories"),
    ("get", "/api/localities"),
    ("get", "/api/service-kinds"),
    ("get", "/api/indicators"),
    ("get", "/api/price-limits"),
    ("get", "/api/round-rules"),
    ("get", "/api/absence-rules"),
    ("get", "/api/providers/{provider_id}/vat"),  # the tax law makes public who is registered for it
    ("get", "/api/providers"),
    ("get", "/api/providers/{provider_id}"),
    ("get", "/api/offers"),
    ("get", "/api/offers/{offer_id}"),
    ("get", "/api/tenders"),
    ("get", "/api/tenders/{tender_id}"),
    ("get", "/api/lots/{lot_id}"),
    ("post", "/api/webhooks/payments"),
}
MOVES = re.compile(r"/(appropriations|bookings|acceptance|agreement|refusal|award|payment|vouchers|reversal)$")


@pytest.fixture(scope="module")
def operations(hall: Town) -> list[tuple[str, str, dict[str, Any]]]:
    document = hall.client.get("/schema/openapi.json").json()
    return [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if path.startswith("/api/")
    ]


def test_every_operation_documents_every_refusal(operations: list[tuple[str, str, dict[str, Any]]]) -> None:
    assert len(operations) > 15
    for method, path, operation in operations:
        expected = READING if method == "get" else WRITING
        for status in expected:
            content = operation["responses"][str(status)]["content"]
            assert list(content) == ["application/problem+json"], (method, path, status)


def test_every_door_but_the_public_ones_asks_who_it_is(
    hall: Town, operations: list[tuple[str, str, dict[str, Any]]]
) -> None:
    for method, path, operation in operations:
        address = re.sub(r"\{[^}]+\}", str(UUID(int=7)), path)
        response = hall.client.request(method, address, json=None if method == "get" else {})
        if (method, path) in PUBLIC:
            assert response.status_code != 401, (method, path)
            assert {} in operation["security"], (method, path)
        else:
            problem(response, 401, "not-signed-in")


def test_an_object_that_is_not_there_is_not_found_by_anybody(
    hall: Town, operations: list[tuple[str, str, dict[str, Any]]]
) -> None:
    somebody = hall.person()
    for method, path, _ in operations:
        if method != "get" or "{" not in path:
            continue
        response = somebody.get(re.sub(r"\{[^}]+\}", str(UUID(int=7)), path))
        assert response.status_code in {403, 404}, (path, response.status_code, response.text)


def test_what_moves_money_or_a_place_needs_an_idempotency_key(
    operations: list[tuple[str, str, dict[str, Any]]],
) -> None:
    for method, path, operation in operations:
        if method == "post" and MOVES.search(path):
            names = {p["name"] for p in operation.get("parameters", []) if p["required"]}
            assert "Idempotency-Key" in names, path


def test_money_is_never_a_number_in_the_document(hall: Town) -> None:
    schemas = hall.client.get("/schema/openapi.json").json()["components"]["schemas"]
    assert schemas["Money"]["properties"]["amount"]["type"] == "string"
    for name, schema in schemas.items():
        for field in schema.get("properties", {}):
            assert not field.endswith("_minor"), (name, field)
            assert field not in {"account_id", "key_hash", "password_hash", "iin_sealed"}, (name, field)
