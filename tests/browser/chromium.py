"""The machine's own Chromium; nothing is downloaded, and it asks nobody but our server for anything."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")  # the quickest first
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-dev-shm-usage",
)  # fmt: skip
REQUIRED = "MARKET_REQUIRE_BROWSER"
START_MS = 120_000  # on a machine that does much else


def find() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def running() -> Iterator[Browser]:
    """Skips, saying so, where the machine has no browser; where one is required, that is a failure."""
    program = find()
    if program is None:
        missing = f"no browser on this machine ({', '.join(NAMES)}; apt-get install chromium)"
        if os.environ.get(REQUIRED):
            pytest.fail(f"{REQUIRED} is set, but there is {missing}")
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET), timeout=START_MS)
        try:
            yield browser
        finally:
            browser.close()
