"""What happened, told: an event is written in the transaction of its cause, with one delivery an endpoint.

An event belongs to the account in which it happened. As at Stripe, an ordinary endpoint hears of the platform's own, a
Connect endpoint of the connected accounts' (`account` names which); the endpoint given at the start hears of both.
"""

import copy
from typing import Any

from market.peer.books import PLATFORM, Json, new_id
from market.peer.calls import Call
from market.peer.forms import ANY, Field, boolean, many, text
from market.peer.listing import CREATED, member, page, retrieve

API_VERSION = "2026-05-27.dahlia"

LIST = CREATED | {"type": ANY, "types": Field(many(text())), "delivery_success": Field(boolean)}


def tell(call: Call, account: str, happened: str, body: Json, previous: Json | None = None) -> None:
    """Records the event; `previous` holds the former values of what an `.updated` changed."""
    listeners = [endpoint for endpoint in _endpoints(call) if _hears(call, endpoint, account, happened)]
    data: dict[str, Any] = {"object": copy.deepcopy(body)} | ({"previous_attributes": previous} if previous else {})
    event = {"id": new_id("evt"), "object": "event", "api_version": API_VERSION, "data": data, "livemode": False}
    event |= {"pending_webhooks": len(listeners), "type": happened}
    event |= {"request": {"id": call.request, "idempotency_key": call.idempotency_key}}
    if account != PLATFORM:
        event["account"] = account
    call.books.add(account, event)
    for endpoint in listeners:
        call.books.sql.execute(
            "INSERT INTO delivery (event, endpoint, due) VALUES (?, ?, ?)",
            (event["id"], endpoint["id"], call.now + call.sandbox.chaos.hold()),
        )


def _endpoints(call: Call) -> list[Json]:
    every = Call(call.sandbox, form={"limit": 100})
    endpoints: list[Json] = page(every, "webhook_endpoint", "/v1/webhook_endpoints")["data"]
    return endpoints


def _hears(call: Call, endpoint: Json, account: str, happened: str) -> bool:
    connect = call.books.private(endpoint["id"])["connect"]
    ours = connect is None or connect == (account != PLATFORM)
    wanted = endpoint["enabled_events"]
    return ours and endpoint["status"] == "enabled" and ("*" in wanted or happened in wanted)


def _with_pending(call: Call, event: Json) -> Json:
    waiting = call.books.sql.execute(
        "SELECT count(*) FROM delivery WHERE event = ? AND delivered_at IS NULL AND due IS NOT NULL", (event["id"],)
    )
    return event | {"pending_webhooks": waiting.fetchone()[0]}


def retrieve_event(call: Call) -> Json:
    return _with_pending(call, retrieve(call, "event"))


def list_events(call: Call) -> Json:
    conditions = [member("type", call.form["type"])] if "type" in call.form else []
    if types := call.form.get("types"):
        marks = ", ".join("?" * len(types))
        conditions.append((f"json_extract(body, '$.type') IN ({marks})", types))
    if "delivery_success" in call.form:
        failed = "EXISTS (SELECT 1 FROM delivery WHERE event = object.id AND delivered_at IS NULL)"
        conditions.append((f"NOT {failed}" if call.form["delivery_success"] else failed, []))
    found = page(call, "event", "/v1/events", *conditions)
    return found | {"data": [_with_pending(call, event) for event in found["data"]]}
