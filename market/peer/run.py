"""The composition of a sandbox, and its life as a process."""

import json
import signal
import sys
from asyncio import Transport
from pathlib import Path
from socket import socket
from typing import cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from market.peer.books import PLATFORM, Books
from market.peer.calls import Options, Sandbox
from market.peer.chaos import Chaos
from market.peer.clock import Clock
from market.peer.server import RESET, Receive, Scope, Send, Server
from market.peer.webhooks import configure_endpoint

HOST = "127.0.0.1"
OPENING_BALANCE = 100_000_000_000_00  # tiyn: a hundred billion tenge, so that a demo never runs dry


class Protocol(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, and a way for the application to cut the connection."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        application = self.app

        async def cuttable(scope: Scope, receive: Receive, send: Send) -> None:
            extensions = scope.get("extensions", {}) | {RESET: transport.abort}
            await application(cast("dict[str, object]", scope) | {"extensions": extensions}, receive, send)

        self.app = cuttable


class _Announced(uvicorn.Server):
    """Says where it listens once it does; with port 0 the system chooses, and this line tells."""

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            sys.stdout.write(f"sandbox payment server ready on http://{HOST}:{port}\n")
            sys.stdout.flush()


def main(
    port: int,
    file: Path | str,
    key: str,
    *,
    webhook_url: str | None = None,
    webhook_secret: str | None = None,
    payout_delay: float = 1.0,
    payout_step: float = 0.5,
    webhook_retry: float = 1.0,
    opening_balance: int = OPENING_BALANCE,
    chaos: str = "{}",
    clock_offset: float = 0.0,
    control: bool = False,
) -> None:
    """Serves on this machine until SIGTERM or SIGINT. `opening_balance` in tiyn; `chaos` is JSON for `Chaos`."""
    books = Books(file, Clock(clock_offset))
    sandbox = Sandbox(books, Options(key, payout_delay, payout_step, webhook_retry), Chaos(**json.loads(chaos)))
    if opening_balance and "kzt" not in books.available(PLATFORM):
        with books.writing():
            books.move(PLATFORM, opening_balance, "kzt", kind="adjustment", source=None)
    if webhook_url and webhook_secret:
        configure_endpoint(sandbox, webhook_url, webhook_secret)
    application = Server(sandbox, controllable=control)
    config = uvicorn.Config(
        application,
        host=HOST,
        port=port,
        http=Protocol,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=5,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)  # uvicorn sends itself the signal again when it is done: exit with 0
    _Announced(config).run()
    books.close()
