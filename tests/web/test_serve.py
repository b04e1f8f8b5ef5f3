"""The server as a process: one line when it is ready, and a quiet end."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import sqlalchemy as sa

from market.settings import Settings
from tests.web.town import Town, problem

ROOT = Path(__file__).resolve().parents[2]


def test_the_server_says_when_it_is_ready_and_ends_in_good_order(sqlite_url: str, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"MARKET_HOME": str(tmp_path / "home"), "MARKET_DATABASE_URL": sqlite_url}
    command = [sys.executable, "-m", "market", "serve", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == f"Serving on http://127.0.0.1:{port}\n"
            answer = httpx.get(f"http://127.0.0.1:{port}/health")
            assert (answer.status_code, answer.json()["status"]) == (200, "ready")
        finally:
            server.send_signal(signal.SIGTERM)
        out, err = server.communicate(timeout=30)
    assert (server.returncode, out, err) == (0, "", "")


def test_what_lives_as_long_as_the_server_is_not_looked_through_for_cycles() -> None:
    """In a process of its own: what is frozen stays so."""
    told = "import gc; from market.web import serve; before = gc.get_threshold(); serve.collect_seldom(); "
    told += "print(gc.get_freeze_count(), gc.get_threshold() == tuple(10 * every for every in before))"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    frozen, _, seldom = done.stdout.partition(" ")
    assert int(frozen) > 10_000
    assert seldom.strip() == "True"


def test_a_database_of_another_release_is_not_ready(town: Town, settings: Settings) -> None:
    assert town.client.get("/health").json()["status"] == "ready"
    with town.database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    response = town.client.get("/health")
    assert problem(response, 503, "schema-not-ready")["found"] == "0000"
    assert response.headers["retry-after"]
    assert settings.database_url
