"""Webhook endpoints, and the deliverer that posts signed events to them until they answer 2xx.

Deliveries are rows, so they survive a restart; they are attempted at least once, repeated with growing pauses for three
days, and neither unique nor in order. `Stripe-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.payload">`.
"""

import asyncio
import hmac
import json
import secrets
import sqlite3
import time
from hashlib import sha256

import httpx

from market.peer.books import PLATFORM, Json, new_id
from market.peer.calls import Call, Sandbox
from market.peer.events import API_VERSION
from market.peer.forms import ANY, METADATA, Field, Fields, boolean, either, many, merged, text
from market.peer.listing import retrieve

URL = Field(text(2048, "https?://.+"))
CREATE: Fields = {
    "url": Field(URL.read, required=True),
    "enabled_events": Field(many(text()), required=True),
    "api_version": ANY,
    "connect": Field(boolean),
    "description": Field(either(text(), {})),
    "metadata": METADATA,
}
UPDATE: Fields = {name: Field(CREATE[name].read) for name in ("url", "enabled_events", "description", "metadata")} | {
    "disabled": Field(boolean)
}

AT_ONCE = 16  # deliveries under way
PATIENCE = 10.0  # seconds a receiver may take
LONGEST_PAUSE = 3600.0
GIVE_UP = 3 * 86_400
CONFIGURED = "we_sandbox"  # the endpoint given at the start


def signature(secret: str, payload: str, at: int) -> str:
    return f"t={at},v1={hmac.new(secret.encode(), f'{at}.{payload}'.encode(), sha256).hexdigest()}"


def configure_endpoint(sandbox: Sandbox, url: str, secret: str) -> None:
    """The endpoint given at the start hears everything, of the platform and of connected accounts."""
    with sandbox.books.writing():
        sandbox.books.remove(CONFIGURED)
        _add(Call(sandbox), CONFIGURED, {"url": url, "enabled_events": ["*"]}, {"secret": secret, "connect": None})


def create_endpoint(call: Call) -> Json:
    """The secret is shown in this answer only."""
    secret = f"whsec_{secrets.token_hex(16)}"
    private = {"secret": secret, "connect": call.form.get("connect", False)}
    return _add(call, new_id("we"), call.form, private) | {"secret": secret}


def _add(call: Call, identifier: str, form: Json, private: Json) -> Json:
    endpoint = {"id": identifier, "object": "webhook_endpoint", "api_version": form.get("api_version", API_VERSION)}
    endpoint |= {"application": None, "description": form.get("description"), "livemode": False}
    endpoint |= {"enabled_events": form["enabled_events"], "metadata": form.get("metadata") or {}}
    return call.books.add(PLATFORM, endpoint | {"status": "enabled", "url": form["url"]}, private=private)


def update_endpoint(call: Call) -> Json:
    endpoint, form = retrieve(call, "webhook_endpoint"), dict(call.form)
    if "disabled" in form:
        form["status"] = "disabled" if form.pop("disabled") else "enabled"
    metadata = merged(endpoint["metadata"], form.pop("metadata", {}))
    return call.books.change(endpoint, **form, metadata=metadata)


def delete_endpoint(call: Call) -> Json:
    endpoint = retrieve(call, "webhook_endpoint")
    call.books.remove(endpoint["id"])
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}


class Deliverer:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._books = sandbox.books
        # An outside proxy named in the environment has no business between two programs of one machine.
        self._client = httpx.AsyncClient(timeout=PATIENCE, trust_env=False)

    async def close(self) -> None:
        await self._client.aclose()

    async def deliver_what_is_due(self) -> None:
        due = self._books.sql.execute(
            "SELECT * FROM delivery WHERE due <= ? ORDER BY due, id LIMIT ?", (self._books.clock.now(), AT_ONCE)
        ).fetchall()
        if due:
            received = await asyncio.gather(*[self._post(delivery) for delivery in due])
            with self._books.writing():
                for delivery, well in zip(due, received, strict=True):
                    self._record(delivery, well)

    async def _post(self, delivery: sqlite3.Row) -> bool | None:
        """Whether the receiver took it; None where the endpoint is gone or switched off."""
        endpoint = self._books.find("webhook_endpoint", PLATFORM, delivery["endpoint"])
        if endpoint is None or endpoint["status"] != "enabled":
            return None
        event = self._books.sql.execute("SELECT body FROM object WHERE id = ?", (delivery["event"],)).fetchone()
        payload = json.dumps(json.loads(event["body"]), indent=2)
        secret = self._books.private(endpoint["id"])["secret"]
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(secret, payload, int(time.time())),
            "User-Agent": "Stripe/1.0 (sandbox)",
        }
        try:
            answer = await self._client.post(endpoint["url"], content=payload.encode(), headers=headers)
        except httpx.HTTPError:
            return False
        return answer.is_success

    def _record(self, delivery: sqlite3.Row, well: bool | None) -> None:
        now, attempts = self._books.clock.now(), delivery["attempts"] + 1
        pause = min(self._sandbox.options.webhook_retry * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
        again = well is False or (well is True and self._sandbox.chaos.strikes("webhook_duplicates"))
        event_id = delivery["event"]
        told = self._books.sql.execute("SELECT created FROM object WHERE id = ?", (event_id,)).fetchone()["created"]
        self._books.sql.execute(
            "UPDATE delivery SET attempts = ?, due = ?, delivered_at = coalesce(delivered_at, ?) WHERE id = ?",
            (
                attempts,
                now + pause if again and now - told < GIVE_UP else None,
                now if well else None,
                delivery["id"],
            ),
        )
