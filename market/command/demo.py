"""``market demo journey``: a scratch installation with its own three processes, and the story told to it."""

import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from contracts.audit.service import record
from contracts.kernel.clock import start_travelling
from contracts.kernel.runner import open_database
from contracts.kernel.work import SYSTEM, Role, Work
from market.catalogue import queries as places
from market.catalogue import service as catalogue
from market.command import audit, check
from market.command.outcome import Outcome
from market.migrate import migrate
from market.seed.desks import StoryBroke, Town
from market.seed.installation import refuse_unless_empty
from market.seed.journey import TERRITORY, Journey, Steps
from market.seed.sign_in import create_person
from market.settings import Settings

HOST = "127.0.0.1"
START_SECONDS = 60.0
GRACE_SECONDS = 15.0
BEGIN = (3, 2)  # the story begins on 2 March: a budget year has room for it then


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("story", choices=["journey"], help="journey: from the lot to the settled payment")
    parser.add_argument("--database", metavar="URL", help="an empty database instead of a scratch SQLite file")


def run(arguments: Namespace, settings: Settings) -> Outcome:
    home = Path(tempfile.mkdtemp(prefix="tapsyrys-journey-"))
    web, peer = _free_ports(2)
    scratch = replace(
        settings, home=home, database_url=arguments.database or f"sqlite:///{home / 'market.db'}",
        payment_url=f"http://{HOST}:{peer}", payment_key=f"sk_test_{secrets.token_hex(8)}",
        payment_webhook_secret=f"whsec_{secrets.token_hex(8)}",
        master_key=None, iin_key=None,
    )  # fmt: skip
    steps = Steps(_say)
    try:
        return Outcome(["The whole chain holds."], {"steps": steps.taken}, _tell(scratch, web, peer, steps))
    except StoryBroke as broke:
        return Outcome([], {"steps": steps.taken}, [{"code": "story-broke", "detail": str(broke)}])
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _tell(scratch: Settings, web: int, peer: int, steps: Steps) -> list[dict[str, str]]:
    with steps.step("a fresh installation"):
        api_key, locality = install(scratch)
    url = f"http://{HOST}:{web}"
    with ExitStack() as processes:
        with steps.step("server, worker and payment server start"):
            hook = f"{url}/api/webhooks/payments"
            processes.enter_context(_process(scratch, "peer", "--port", str(peer), "--webhook-url", hook))
            processes.enter_context(_process(scratch, "serve", "--port", str(web)))
            processes.enter_context(_process(scratch, "work"))
            _await(f"{url}/health")
        with httpx.Client(base_url=url, timeout=START_SECONDS) as client:
            Journey(Town.at(client, api_key), locality, datetime.now(UTC).year).tell(steps)
    with steps.step("books balanced, audit verified"):
        nothing = Namespace(action="verify", replay=True)
        return [*check.run(nothing, scratch).problems, *audit.run(nothing, scratch).problems]


def install(scratch: Settings) -> tuple[str, dict[str, Any]]:
    """Schema, catalogue, a clock that can travel, an administrator. Their API key, and a town to live in."""
    migrate(scratch.database_url)
    database = open_database(scratch.database_url)

    def fill(work: Work) -> tuple[str, dict[str, Any]]:
        refuse_unless_empty(work)
        start_travelling(work.connection, shown_at=datetime(work.now.year, *BEGIN, 5, tzinfo=UTC))
        work.clock()
        catalogue.load(work)
        record(work, "installation", "journey", "begun")
        administrator = create_person(work, Role.ADMINISTRATOR, "administrator", {})
        town = max(places.localities(work, territory=TERRITORY), key=lambda place: place.population)
        return administrator.api_key, {"id": town.id, "latitude": town.latitude, "longitude": town.longitude}

    try:
        return database.write(SYSTEM, fill)
    finally:
        database.close()


@contextmanager
def _process(scratch: Settings, *words: str) -> Iterator[None]:
    """``market ...`` for as long as the story is told; ended in good order."""
    log = scratch.home / f"{words[0]}.log"
    with log.open("wb") as output:
        child = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "market", *words], env=scratch.environment(), stdout=output, stderr=output
        )
        try:
            yield
        except (StoryBroke, httpx.TransportError) as broke:
            raise StoryBroke(f"{broke}\n{words[0]}: {log.read_text()[-1000:]}") from broke
        finally:
            child.terminate()
            try:
                child.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()


def _await(url: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            if httpx.get(url, timeout=2.0).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise StoryBroke(f"no answer from {url} within {START_SECONDS:.0f} s")


def _free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago, all different."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [int(one.getsockname()[1]) for one in sockets]


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
