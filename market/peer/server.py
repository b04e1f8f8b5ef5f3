"""The HTTP side: an ASGI application that authenticates, checks, carries out once, and answers after the commit.

Requests are carried out one at a time, each in one transaction that holds its effects, its events, their deliveries
and the answer saved under its idempotency key; so a crash leaves all of a request or nothing.
"""

import asyncio
import base64
import binascii
import contextlib
import json
import secrets
import signal
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from market.peer.books import PLATFORM, Json, new_id
from market.peer.calls import Call, Sandbox
from market.peer.errors import ApiError
from market.peer.forms import check, parse
from market.peer.idempotency import Keys, Saved
from market.peer.payments import fail_refunds
from market.peer.payouts import pay_out_what_is_due
from market.peer.routes import Endpoint, find
from market.peer.webhooks import Deliverer

Scope = MutableMapping[str, Any]  # the three of the ASGI specification, which types them no closer
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LARGEST_BODY = 1_000_000
PULSE = 0.02  # seconds between two looks at what is due

RESET = "sandbox.reset"  # the scope's extension that cuts the connection


@dataclass(frozen=True)
class Answer:
    status: int
    body: Json
    headers: dict[str, str]
    lost: bool = False  # chaos: the connection is cut instead


class Server:
    def __init__(self, sandbox: Sandbox, *, controllable: bool = False) -> None:
        self._sandbox = sandbox
        self._keys = Keys(sandbox.books)
        self._deliverer = Deliverer(sandbox)
        self._controllable = controllable

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._converse(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        own_work = [asyncio.create_task(self._pay_out()), asyncio.create_task(self._deliver())]
        for task in own_work:
            task.add_done_callback(_end_if_failed)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in own_work:
            task.cancel()
        for task in own_work:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._deliverer.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _pay_out(self) -> None:
        while True:
            pay_out_what_is_due(self._sandbox)
            fail_refunds(self._sandbox)
            await asyncio.sleep(PULSE)

    async def _deliver(self) -> None:
        while True:
            await self._deliverer.deliver_what_is_due()
            await asyncio.sleep(PULSE)

    async def _converse(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more and len(body) <= LARGEST_BODY:
            message = await receive()
            if message["type"] == "http.disconnect":  # it was cut off while it was sent: half a request is none
                return
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        request = Request(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers, body)
        try:
            answer = await self._answer(request)
        except ApiError as refusal:
            answer = Answer(refusal.status, refusal.body, {})
        if answer.lost:
            scope["extensions"][RESET]()
            await asyncio.sleep(0)  # the loop tells the protocol of its loss
            return
        named = {"content-type": "application/json", "request-id": request.id} | answer.headers
        raw = [(name.encode(), value.encode("latin-1")) for name, value in named.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        await send({"type": "http.response.body", "body": json.dumps(answer.body, indent=2).encode()})

    async def _answer(self, request: "Request") -> Answer:
        if len(request.body) > LARGEST_BODY:
            raise ApiError(413, "Request entity too large.")
        request.authenticate(self._sandbox.options.key)
        if request.path.startswith("/sandbox/") and self._controllable:
            return Answer(200, self._control(request), {})
        if self._sandbox.chaos.strikes("error_503"):
            raise ApiError(503, "The service is unavailable for a moment.")
        if self._sandbox.chaos.strikes("rate_429"):
            raise ApiError(429, "Too many requests. Please slow down.", code="rate_limit")
        account = self._account(request)
        endpoint, ids = find(request.method, request.path)
        parameters = parse(request.query if request.method == "GET" else request.body.decode(errors="replace"))
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        if not key:
            call = Call(self._sandbox, account, check(endpoint.fields, parameters), ids, request.id)
            return await self._carry_out(endpoint, call, request, parameters)
        with self._keys.held(account, key):
            saved = self._keys.recall(account, key, request.endpoint, parameters)
            if saved:
                replayed = {"idempotency-key": key, "idempotent-replayed": "true", "original-request": saved.request}
                return Answer(saved.status, saved.body, replayed)
            call = Call(self._sandbox, account, check(endpoint.fields, parameters), ids, request.id, key)
            return await self._carry_out(endpoint, call, request, parameters)

    async def _carry_out(self, endpoint: Endpoint, call: Call, request: "Request", parameters: Json) -> Answer:
        before, after = self._sandbox.chaos.delays()
        await asyncio.sleep(before)
        with self._sandbox.books.writing():
            status, body = self._execute(endpoint, call)
            if call.idempotency_key:
                saved = Saved(status, body, request.id)
                self._keys.save(call.account, call.idempotency_key, request.endpoint, parameters, saved)
        await asyncio.sleep(after)
        headers = {"idempotency-key": call.idempotency_key} if call.idempotency_key else {}
        return Answer(status, body, headers, lost=self._sandbox.chaos.strikes("reset_after_accept"))

    def _execute(self, endpoint: Endpoint, call: Call) -> tuple[int, Json]:
        """Status and body; a refusal undoes what the endpoint began, unless the refusal stands."""
        unknown = ApiError(500, "An unknown error occurred.")
        try:
            with self._sandbox.books.attempt():
                try:
                    body = endpoint.run(call)
                except ApiError as refusal:
                    if refusal.stands:
                        return refusal.status, refusal.body
                    raise
                if self._sandbox.chaos.strikes("error_500"):
                    raise unknown
        except ApiError as refusal:
            return refusal.status, refusal.body
        if self._sandbox.chaos.strikes("error_500_after_accept"):
            return unknown.status, unknown.body
        return 200, body

    def _account(self, request: "Request") -> str:
        account = request.headers.get("stripe-account")
        if account is None:
            return PLATFORM
        if self._sandbox.books.find("account", PLATFORM, account) is None:
            raise ApiError(
                403,
                f"The provided key does not have access to account '{account}' (or that account does not exist).",
                code="account_invalid",
            )
        return account

    def _control(self, request: "Request") -> Json:
        """With `--control`, JSON: `/sandbox/chaos` takes the switches, `/sandbox/clock` seconds to `advance`."""
        wanted = json.loads(request.body)
        if request.path == "/sandbox/chaos":
            self._sandbox.chaos.become(wanted)
        elif request.path == "/sandbox/clock":
            self._sandbox.books.clock.advance(wanted["advance"])
        return {"now": self._sandbox.books.clock.now()}


def _end_if_failed(own_work: asyncio.Task[None]) -> None:
    """A sandbox that no longer pays or tells must not look alive."""
    if not own_work.cancelled() and (error := own_work.exception()):
        own_work.get_loop().call_exception_handler({"message": "the sandbox's own work failed", "exception": error})
        signal.raise_signal(signal.SIGTERM)


class Request:
    def __init__(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> None:
        self.method, self.path, self.query, self.headers, self.body = method, path, query, headers, body
        self.id = new_id("req")[:18]
        self.endpoint = f"{method} {path}"

    def authenticate(self, key: str) -> None:
        """The secret key, as a bearer token or as the user name of basic authentication."""
        scheme, _, credentials = self.headers.get("authorization", "").partition(" ")
        given = credentials.strip()
        if scheme.lower() == "basic":
            try:
                given = base64.b64decode(given, validate=True).decode().partition(":")[0]
            except (binascii.Error, UnicodeDecodeError):
                given = ""
        if not given:
            raise ApiError(401, "You did not provide an API key. Use Authorization: Bearer YOUR_SECRET_KEY.")
        if not secrets.compare_digest(given.encode(), key.encode()):
            raise ApiError(401, f"Invalid API Key provided: {given[:8]}****{given[-4:]}")
