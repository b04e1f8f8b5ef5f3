"""One look at one page: what a careful inspector would write down. An empty list is a good page."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.browser.combinations import Combination

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
LAW = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ADVICE = "best-practice"
HEIGHT = 800
LOAD_MS = 60_000  # on a machine that does much else
SETTLE_MS = 5_000
SCREENSHOTS = "MARKET_SCREENSHOTS"  # a folder that gets a picture of every page looked at
_AXE_RUN = """async (tags) => {
  const found = await axe.run(document, {
    runOnly: tags, resultTypes: ["violations"], rules: {"target-size": {enabled: true}},
  });
  return found.violations.map((v) => [v.id, v.tags.includes("best-practice"), v.nodes.slice(0, 3).map((n) => n.html)]);
}"""
_ALL_IS_THERE = """async () => {
  for (const image of document.images) image.loading = "eager";
  await Promise.all([...document.images].map((image) => image.decode().catch(() => null)));
  await document.fonts.ready;
}"""
_TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const clipped = (e) => e && (getComputedStyle(e).overflowX !== "visible" || clipped(e.parentElement));
  const end = (e) => e.getBoundingClientRect().left + Math.max(e.scrollWidth, e.getBoundingClientRect().width);
  const wide = [...document.body.querySelectorAll("*")].filter((e) => end(e) > width + 1 && !clipped(e));
  return [`${document.documentElement.scrollWidth} px wide`,
          ...wide.slice(-3).map((e) => e.outerHTML.slice(0, 120))];
}"""


class Look:
    """A page in a fresh context, on a cold cache, and everything that happens while it loads."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.page = context.new_page()
        self.origin = origin
        self.findings: list[str] = []
        self.advice: list[str] = []
        self.requests: list[Request] = []
        self.weighed: Mapping[str, int] = {}
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.findings.append(f"script error: {error}"))
        self.page.on("request", self._asked)
        self.page.on("requestfinished", self._loaded)
        self.page.on("requestfailed", lambda r: self.findings.append(f"not loaded ({r.failure}): {r.url[:200]}"))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.findings.append(f"console: {message.text[:300]}")

    def _asked(self, request: Request) -> None:
        split = urlsplit(request.url)
        if f"{split.scheme}://{split.netloc}" != self.origin:
            self.findings.append(f"outside request: {request.url[:200]}")

    def _loaded(self, request: Request) -> None:
        self.requests.append(request)

    def open(self, path: str, combination: Combination) -> None:
        """Without scripts they are switched off while the page loads, then on again for the inspector's own."""
        session = None
        if not combination.scripts:
            session = self.page.context.new_cdp_session(self.page)
            session.send("Emulation.setScriptExecutionDisabled", {"value": True})
        answer = self.page.goto(self.origin + path, wait_until="load", timeout=LOAD_MS)
        if answer is None or answer.status != 200:
            self.findings.append(f"answered {answer.status if answer else 'nothing'}")
        if session:
            session.send("Emulation.setScriptExecutionDisabled", {"value": False})
        self.page.evaluate(_ALL_IS_THERE)
        if combination.scripts and self.page.locator("[hx-trigger*=load]").count():
            self.page.wait_for_load_state("networkidle", timeout=SETTLE_MS)

    def inspect(self, language: str) -> None:
        self.findings += [f"wider than the screen: {told}" for told in self.page.evaluate(_TOO_WIDE)]
        headings = self.page.locator("h1").count()
        if headings != 1:
            self.findings.append(f"{headings} h1")
        spoken = self.page.locator("html").get_attribute("lang")
        if spoken != language:
            self.findings.append(f"html lang is {spoken}")
        if re.search(r"\b(undefined|NaN|None|null)\b", self.page.inner_text("main")):
            self.findings.append("a missing value is shown")
        self.judge()

    def judge(self) -> None:
        """What the law asks for is a finding, good practice beyond it is advice."""
        for told, is_advice in breaches(self.page):
            (self.advice if is_advice else self.findings).append(told)

    def weight(self) -> Mapping[str, int]:
        """Bytes of every body as it travelled, by path."""
        return {urlsplit(r.url).path: r.sizes()["responseBodySize"] for r in self.requests}

    def keep(self, name: str) -> None:
        folder = os.environ.get(SCREENSHOTS)
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def breaches(page: Page) -> list[tuple[str, bool]]:
    """What axe finds in the page, and whether it is advice only."""
    page.evaluate(AXE)
    return [
        (f"axe {rule}: {' | '.join(_short(e) for e in elements)}", is_advice)
        for rule, is_advice, elements in page.evaluate(_AXE_RUN, [*LAW, ADVICE])
    ]


def _short(element: str) -> str:
    return " ".join(element.split())[:200]


def context_for(
    browser: Browser, origin: str, combination: Combination, *, session: str | None = None, **options: Any
) -> BrowserContext:
    """A reader with these habits; ``session``: the cookie of who is signed in."""
    context = browser.new_context(
        viewport={"width": combination.width, "height": HEIGHT}, service_workers="block", **options
    )
    cookies = {"language": combination.language}
    if combination.display != "plain":
        cookies["display"] = combination.display
    if session:
        cookies["session"] = session
    context.add_cookies([{"name": name, "value": value, "url": origin} for name, value in cookies.items()])
    return context


def look(browser: Browser, origin: str, path: str, combination: Combination, *, session: str | None) -> Look:
    context = context_for(browser, origin, combination, session=session)
    try:
        seen = Look(context, origin)
        seen.open(path, combination)
        seen.inspect(combination.language)
        seen.weighed = seen.weight()
        seen.keep(_name(path, combination))
    finally:
        context.close()
    return seen


def _name(path: str, combination: Combination) -> str:
    readable = re.sub(r"[^A-Za-z0-9]+", "-", path).strip("-")[:80] or "start"
    return f"{readable}.{'-'.join(map(str, combination))}"
