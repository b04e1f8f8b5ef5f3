"""One look at one page: what a careful inspector would write down. An empty list is a good page."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
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
BLANK = "/health"  # of our own site: from another's, the browser would begin every page with a new process
LOAD_MS = 60_000  # on a machine that does much else
OK = 200
MAX_PAGE = 150_000  # bytes compressed, everything that a first visit loads: some seconds on a poor mobile network
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


@dataclass
class Look:
    """What was seen of one page; ``weighed``: bytes of every body as it travelled, by path."""

    findings: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    weighed: Mapping[str, int] = field(default_factory=dict)


class Inspector:
    """Looks at page after page as one reader, each on a cold cache, and notes everything that happens meanwhile."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.page = context.new_page()
        self.origin = origin
        self.seen = Look()
        self._devtools = context.new_cdp_session(self.page)
        self._devtools.send("Network.enable")
        self._devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.seen.findings.append(f"script error: {error}"))
        self.page.on("request", self._asked)
        self.page.on("requestfinished", self._loaded)
        self.page.on("requestfailed", self._lost)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.seen.findings.append(f"console: {message.text[:300]}")

    def _asked(self, request: Request) -> None:
        split = urlsplit(request.url)
        if f"{split.scheme}://{split.netloc}" != self.origin:
            self.seen.findings.append(f"outside request: {request.url[:200]}")

    def _loaded(self, request: Request) -> None:
        self.seen.requests.append(request)

    def _lost(self, request: Request) -> None:
        self.seen.findings.append(f"not loaded ({request.failure}): {request.url[:200]}")

    def look(self, path: str, combination: Combination) -> Look:
        self.page.goto(self.origin + BLANK)  # a page in another width would ask for other pictures
        self.seen = seen = Look()
        self.page.context.add_cookies(cookies_of(self.origin, combination))
        self.page.set_viewport_size({"width": combination.width, "height": HEIGHT})
        self._open(path, combination)
        self._inspect(combination.language)
        seen.weighed = {urlsplit(r.url).path: r.sizes()["responseBodySize"] for r in seen.requests}
        if sum(seen.weighed.values()) > MAX_PAGE:
            heaviest = sorted(seen.weighed.items(), key=lambda item: -item[1])[:4]
            seen.findings.append(f"too heavy: {sum(seen.weighed.values())} bytes, the heaviest {heaviest}")
        self._keep(_name(path, combination))
        return seen

    def _open(self, path: str, combination: Combination) -> None:
        """Without scripts they are switched off while the page loads, then on again for the inspector's own."""
        self._devtools.send("Emulation.setScriptExecutionDisabled", {"value": not combination.scripts})
        answer = self.page.goto(self.origin + path, wait_until="load", timeout=LOAD_MS)
        if answer is None or answer.status != OK:
            self.seen.findings.append(f"answered {answer.status if answer else 'nothing'}")
        self._devtools.send("Emulation.setScriptExecutionDisabled", {"value": False})
        self.page.evaluate(_ALL_IS_THERE)

    def _inspect(self, language: str) -> None:
        findings = self.seen.findings
        findings += [f"wider than the screen: {told}" for told in self.page.evaluate(_TOO_WIDE)]
        headings = self.page.locator("h1").count()
        if headings != 1:
            findings.append(f"{headings} h1")
        spoken = self.page.locator("html").get_attribute("lang")
        if spoken != language:
            findings.append(f"html lang is {spoken}")
        if re.search(r"\b(undefined|NaN|None|null)\b", self.page.inner_text("main")):
            findings.append("a missing value is shown")
        for told, is_advice in breaches(self.page):
            (self.seen.advice if is_advice else findings).append(told)

    def _keep(self, name: str) -> None:
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


def cookies_of(origin: str, combination: Combination) -> list[Any]:
    chosen = {"language": combination.language, "display": combination.display}
    return [{"name": name, "value": value, "url": origin} for name, value in chosen.items()]


def context_for(
    browser: Browser, origin: str, combination: Combination, *, session: str | None = None, **options: Any
) -> BrowserContext:
    """A reader with these habits; ``session``: the cookie of who is signed in."""
    context = browser.new_context(
        viewport={"width": combination.width, "height": HEIGHT}, service_workers="block", **options
    )
    context.add_cookies(cookies_of(origin, combination))
    if session:
        context.add_cookies([{"name": "session", "value": session, "url": origin}])
    return context


def _name(path: str, combination: Combination) -> str:
    readable = re.sub(r"[^A-Za-z0-9]+", "-", path).strip("-")[:80] or "start"
    return f"{readable}.{'-'.join(map(str, combination))}"
