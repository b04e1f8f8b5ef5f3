"""A sandbox payment server as a real process, a client of it, and a receiver of its webhooks."""

import json
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.stripe_contract import CheckedTransport, stripe_contract

KEY = "sk_test_sandbox"
SECRET = "whsec_sandbox"
ROOT = Path(__file__).resolve().parents[2]
BANK = {
    "bank_account[account_number]": "KZ86125KZT5004100100",
    "bank_account[country]": "KZ",
    "bank_account[currency]": "kzt",
    "bank_account[routing_number]": "KCJBKZKX",
}
T = TypeVar("T")


class Peer:
    """The same file, port and options through every restart."""

    def __init__(self, file: Path, **options: Any) -> None:
        self.file = file
        self.port = 0
        self._options = {"payout_delay": 0.1, "payout_step": 0.05, "webhook_retry": 0.05} | options
        self.start()

    def start(self, **options: Any) -> None:
        self._options |= options
        command = [sys.executable, "-m", "market.peer", "--port", str(self.port), "--file", str(self.file)]
        command += ["--key", KEY]
        for name, value in self._options.items():
            flag = f"--{name.replace('_', '-')}"
            command += [flag] if value is True else [flag, value if isinstance(value, str) else json.dumps(value)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], 15)
        line = self.process.stdout.readline() if ready else ""
        assert line.startswith("sandbox payment server ready on http://127.0.0.1:"), f"said {line!r}"
        self.port = int(line.rpartition(":")[2])
        self.url = f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        self.process.kill()
        self._gone()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self._gone()

    def _gone(self) -> int:
        code = self.process.wait(15)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    def client(self, *, requests: bool = True, checked: bool = True) -> httpx.Client:
        """Every request and answer is held against Stripe's description, unless said otherwise."""
        transport: httpx.BaseTransport = httpx.HTTPTransport()
        if checked:
            contract = stripe_contract()
            unknown = () if contract.knows("POST", "/v1/topups") else ("/v1/topups",)  # the cut description lacks them
            transport = CheckedTransport(contract, transport, unchecked=("/sandbox/", *unknown), requests=requests)
        return httpx.Client(base_url=self.url, auth=(KEY, ""), transport=transport, timeout=20)


@contextmanager
def running(file: Path, **options: Any) -> Iterator[Peer]:
    peer = Peer(file, **options)
    try:
        yield peer
    finally:
        if peer.process.poll() is None:
            peer.kill()


class Receiver:
    """Takes webhooks; `answer` is the status it gives, and what it refuses is in `refused`."""

    def __init__(self) -> None:
        self.answer = 200
        self.taken: list[tuple[str, bytes]] = []  # signature, payload
        self.refused: list[bytes] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                payload = self.rfile.read(length := int(self.headers["Content-Length"]))
                if len(payload) < length:  # whoever sent it was killed: half a request is none
                    return
                if receiver.answer == 200:
                    receiver.taken.append((self.headers["Stripe-Signature"], payload))
                else:
                    receiver.refused.append(payload)
                self.send_response(receiver.answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks"
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.05])
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(payload) for _, payload in self.taken]

    def types(self) -> list[str]:
        return [event["type"] for event in self.events()]


def eventually(look: Callable[[], T], patience: float = 10.0) -> T:
    """What `look` returns once it is truthy."""
    until = time.monotonic() + patience
    while not (found := look()):
        assert time.monotonic() < until, f"not within {patience} s"
        time.sleep(0.02)
    return found


def open_account(client: httpx.Client, **form: str) -> str:
    """A connected account that can be paid: "Warm Home", a provider of home care."""
    asked = {"type": "custom", "country": "KZ", "capabilities[transfers][requested]": "true"} | BANK | form
    answer = client.post("/v1/accounts", data=asked)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def transfer(client: httpx.Client, account: str, amount: int = 125_000, key: str = "", **form: str) -> httpx.Response:
    asked = {"amount": str(amount), "currency": "kzt", "destination": account} | form
    return client.post("/v1/transfers", data=asked, headers={"Idempotency-Key": key} if key else {})
