"""``market serve``: one process, one line when it is ready, and a quiet end."""

import gc
import signal
import sys
from socket import socket
from types import FrameType

import uvicorn
from litestar import Litestar

GRACE_SECONDS = 10  # for requests under way when the process is told to stop
MAX_CONNECTIONS = 512
KEEP_ALIVE_SECONDS = 15


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            collect_seldom()
            sys.stdout.write(f"Serving on http://{self.config.host}:{self.config.port}\n")
            sys.stdout.flush()


def collect_seldom() -> None:
    """Some 350,000 objects live as long as the process: to look through them for cycles holds every request up for a
    third of a second. They are left out from now on, and what comes later is looked through ten times less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*(10 * every for every in gc.get_threshold()))


def _has_stopped(_number: int, _frame: FrameType | None) -> None:
    """Everything is closed by then; dying by the signal would look like a crash to whoever started us."""


def serve(app: Litestar, host: str, port: int) -> None:
    """Runs until SIGTERM or SIGINT; requests under way are finished first."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        lifespan="on",
    )
    server = _Server(config)
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn stops on them, and raises them once more at its end
        signal.signal(number, _has_stopped)
    server.run()
    if not server.started:
        raise SystemExit(1)
