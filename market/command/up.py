"""``market run``: the whole installation on this machine, three processes under one parent."""

import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace

from contracts.kernel.runner import open_database
from market.command import limits
from market.command.database import reachable
from market.command.listening import ensure_free
from market.command.outcome import Outcome
from market.migrate import migrate
from market.parent import children
from market.payment_server import SANDBOX_HOST, SANDBOX_PORT
from market.seed.demo import seed_demo
from market.seed.installation import is_empty
from market.seed.sign_in import remembered
from market.settings import Settings
from market.stop import Stop, stopped_by_signals

GRACE_SECONDS = 15  # for a child to finish what it is doing after SIGTERM
POLL_SECONDS = 0.5
OF_THE_SANDBOX = "the sandbox payment server needs this port: end the other program, or set MARKET_PAYMENT_URL"


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=limits.port, default=8000)


def run(arguments: Namespace, settings: Settings) -> Outcome:
    ensure_free(arguments.host, arguments.port, instead="choose another --port or --host")
    if settings.payment_url is None:
        ensure_free(SANDBOX_HOST, SANDBOX_PORT, instead=OF_THE_SANDBOX)
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with reachable():
        _prepare(settings)
    people = remembered(settings.home)
    address = f"http://{arguments.host}:{arguments.port}"
    commands = [["serve", "--host", arguments.host, "--port", str(arguments.port)], ["work"]]
    if settings.payment_url is None:
        commands.insert(0, ["peer", "--webhook-url", f"{address}/api/webhooks/payments"])
    for person in people:
        _say(f"{person.role:<20} {person.user:<24} {person.password}")
    _say(f"Open {address} (the sign-in page offers these people by one click). Stop with Ctrl-C.")
    return _supervise([[sys.executable, "-m", "market", *command] for command in commands])


def _prepare(settings: Settings) -> None:
    migrate(settings.database_url)
    database = open_database(settings.database_url)
    try:
        if is_empty(database):
            _say("Seeding the demo region (once).")
            seed_demo(database, settings, seed=1, progress=_say)
    finally:
        database.close()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _supervise(commands: list[list[str]]) -> Outcome:
    """Runs all until one ends or a signal comes, then ends the others in good order."""
    with stopped_by_signals() as stop, children(commands) as started:
        return _watched(started, stop)


def _watched(started: list[subprocess.Popen[bytes]], stop: Stop) -> Outcome:
    while not stop.wait(POLL_SECONDS) and all(child.poll() is None for child in started):
        pass
    dead = [c for c in started if c.poll() is not None]
    problems = [
        {"code": "process-ended", "detail": f"{' '.join(map(str, c.args[3:5]))} ended with {c.returncode}"}  # type: ignore[index]  # args is the list above
        for c in dead
        if not stop.is_set()
    ]
    for child in started:
        child.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for child in started:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
    return Outcome(problems=problems)
