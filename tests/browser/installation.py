"""A whole installation on this machine: the demo region, the web server, and where a journey needs them the worker and
the sandbox payment server."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from market.seed.sign_in import SignIn, remembered

READY_SECONDS = 90
STOP_SECONDS = 30
VISITOR = "visitor"  # nobody who is signed in
PASSWORD = "a password for the tests alone"  # of people whom the tests add
KEY, SECRET = "sk_test_browser", "whsec_browser"


@dataclass(frozen=True, slots=True)
class Installation:
    home: Path
    port: int
    people: Sequence[SignIn]
    is_demo: bool = True

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def named_address(self) -> str:
        """For what a browser gives to names only, such as passkeys."""
        return f"http://localhost:{self.port}"

    @contextmanager
    def signed_in(self, login: str) -> Iterator[httpx.Client]:
        """A client without a browser: by the demonstration's one click, or else with the password."""
        with httpx.Client(base_url=self.address, timeout=60, headers={"Accept": "text/html"}) as client:
            if login != VISITOR:
                (self._click if self.is_demo else self._knock)(client, login)
            yield client

    def _click(self, client: httpx.Client, login: str) -> None:
        token = form_token(client.get("/sign-in").text)
        answer = client.post("/demo/sign-in", data={"form_token": token, "login": login})
        assert answer.status_code == 303, (login, answer.status_code, answer.text[:500])

    def _knock(self, client: httpx.Client, login: str) -> None:
        password = next((person.password for person in self.people if person.user == login), PASSWORD)
        answer = client.post("/api/sessions", json={"login": login, "password": password})
        assert answer.status_code == 201, (login, answer.status_code, answer.text[:500])
        client.cookies.set("session", answer.json()["token"])

    def session_of(self, login: str) -> str | None:
        """The cookie of a session of its own; None for a visitor."""
        with self.signed_in(login) as client:
            return client.cookies.get("session")

    def api(self, role: str) -> httpx.Client:
        key = next(person.api_key for person in self.people if person.role == role)
        return httpx.Client(base_url=f"{self.address}/api", timeout=60, headers={"Authorization": f"Bearer {key}"})

    def post(self, role: str, path: str, body: object = None) -> Any:
        with self.api(role) as client:
            answer = client.post(path, json=body, headers={"Idempotency-Key": str(uuid4())})
        assert answer.status_code == 201, (path, answer.text)
        return answer.json()

    def get(self, role: str, path: str) -> Any:
        with self.api(role) as client:
            answer = client.get(path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()


def form_token(page: str) -> str:
    return page.partition('name="form_token" value="')[2].partition('"')[0]


def seed(home: Path) -> None:
    """The demo region, as ``make run`` seeds it. A few seconds."""
    done = _market(home, ["seed", "--profile", "demo", "--json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["sign_in"], "somebody can sign in"


def environment_of(home: Path, **more: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MARKET_")}
    return ours | {"MARKET_HOME": str(home), "PYTHONUNBUFFERED": "1"} | more


def _market(home: Path, words: list[str], **options: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "market", *words], env=environment_of(home), check=False, **options)


@contextmanager
def running(seeded: Path, home: Path, *, pays: bool = False) -> Iterator[Installation]:
    """Serves a copy of the seeded folder. ``pays``: with a worker, and a payment server that settles at once."""
    shutil.copytree(seeded, home)
    environment = environment_of(home)
    port, paying = free_port(), free_port()
    if pays:
        environment |= {
            "MARKET_PAYMENT_URL": f"http://127.0.0.1:{paying}", "MARKET_PAYMENT_KEY": KEY,
            "MARKET_PAYMENT_WEBHOOK_SECRET": SECRET,
        }  # fmt: skip
    with ExitStack() as processes:
        if pays:
            webhooks = f"http://127.0.0.1:{port}/api/webhooks/payments"
            processes.enter_context(_process(_peer(home, paying, webhooks), environment, home / "peer.log"))
        processes.enter_context(serving(environment, port, home / "serve.log"))
        if pays:
            processes.enter_context(_process(["market", "work"], environment, home / "work.log"))
        yield Installation(home, port, remembered(home))


@contextmanager
def serving(environment: dict[str, str], port: int, log: Path) -> Iterator[int]:
    """The web server, once it answers; its process."""
    with _process(["market", "serve", "--port", str(port)], environment, log) as server:
        _wait_until_ready(port, server, log)
        yield server.pid


def _peer(home: Path, port: int, webhooks: str) -> list[str]:
    return [
        "market.peer", "--port", str(port), "--file", str(home / "peer.db"), "--key", KEY, "--webhook-url", webhooks,
        "--webhook-secret", SECRET, "--payout-delay", "0.2", "--payout-step", "0.1",
    ]  # fmt: skip


@contextmanager
def _process(words: list[str], environment: dict[str, str], log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", *words], env=environment, stdout=output, stderr=output)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_ready(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the server did not come up: {log.read_text()[-2000:]}")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port
