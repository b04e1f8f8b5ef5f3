"""A person without a mouse: Tab, Shift-Tab, Enter, Space, arrows and letters. At every stop the focus must be seen."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page

from tests.browser.looking import breaches

MAX_STOPS = 250  # of a page: who must press Tab more often than that gives up
WAIT_MS = 30_000  # on a machine that does much else
_HOLDS_FOCUS = "found => found.includes(document.activeElement)"
_STOP = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const seen = (node, part) => {
    if (!node) return "";
    const s = getComputedStyle(node, part);
    return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.backgroundColor, s.borderColor,
            s.borderWidth, s.color, s.textDecorationLine, s.textDecorationThickness, s.fill, s.stroke,
            s.strokeWidth].join(" ");
  };
  const inside = [...e.querySelectorAll("*")].slice(0, 8);
  const look = () => [e, e.nextElementSibling, e.parentElement, ...inside].flatMap(
    (node) => [null, "::before", "::after"].map((part) => seen(node, part))).join("|");
  const box = e.getBoundingClientRect();
  const focused = look();
  const root = document.documentElement;
  const y = scrollY;
  e.blur();
  const bare = look();
  e.focus({ preventScroll: true });
  return {
    what: e.outerHTML.slice(0, 160), shows: focused !== bare,
    inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < root.clientWidth,
    sized: box.width > 0 && box.height > 0, at: y,
  };
}"""


_REMEMBER = """() => { (window.walked ??= new Set()).add(document.activeElement) }"""
_PASSED_BY = """() => {
  const shown = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0;
  const every = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex], svg a");
  return [...every]
    .filter((e) => e.tabIndex >= 0 && !e.disabled && e.type !== "hidden" && e.type !== "radio" && shown(e))
    .filter((e) => !window.walked?.has(e)).map((e) => e.outerHTML.slice(0, 160));
}"""


class Hands:
    """``to`` walks to what has this role and name, as a screen reader tells them; nothing is ever clicked."""

    def __init__(self, page: Page, *, judged: bool = False) -> None:
        """``judged``: every page that is come to on the way is looked at for barriers."""
        self.page = page
        self.judged = judged
        page.set_default_timeout(WAIT_MS)
        page.set_default_navigation_timeout(WAIT_MS)

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def to(self, role: str, name: str | None = None, *, exact: bool = False, number: int = 0) -> Locator:
        """Tabs on until the focus is there."""
        wanted = self.page.get_by_role(role, name=name, exact=exact) if name else self.page.get_by_role(role)  # type: ignore[arg-type]
        assert wanted.count() > number, (self.page.url, f"no {role} named {name!r}", self.page.inner_text("main"))
        wanted = wanted.nth(number)
        self._walk(lambda: bool(wanted.evaluate("e => e === document.activeElement")), f"{role} {name!r}")
        return wanted

    def to_field(self, name: str, *, exact: bool = False) -> Locator:
        wanted = self.page.get_by_label(name, exact=exact)
        assert wanted.count(), f"{self.page.url} has no field labelled {name!r}"
        self._walk(lambda: bool(wanted.evaluate_all(_HOLDS_FOCUS)), f"field {name!r}")
        return wanted

    def walk_through(self) -> list[str]:
        """Every stop of the page, once round; what somebody would complain of."""
        complaints, before = [], None
        for _stop in range(MAX_STOPS):
            self.page.keyboard.press("Tab")
            stop = self.page.evaluate(_STOP)
            if stop is None:
                return complaints + [f"passed by: {e}" for e in self.page.evaluate(_PASSED_BY)]
            self.page.evaluate(_REMEMBER)
            complaints += [fault for fault in _faults(stop) if fault not in complaints]
            if stop == before and not self._moves():
                return [*complaints, f"the keyboard is trapped in {stop['what']}"]
            before = stop
        return [*complaints, f"more than {MAX_STOPS} stops"]

    def _walk(self, arrived: Callable[[], bool], goal: str) -> None:
        if arrived():
            return
        before = None
        for _stop in range(MAX_STOPS):
            self.page.keyboard.press("Tab")
            stop = self.page.evaluate(_STOP)
            if stop is not None:
                assert not _faults(stop), (self.page.url, _faults(stop))
                trapped = stop == before and not self._moves()
                assert not trapped, f"{self.page.url}: the keyboard is trapped in {stop['what']}"
            before = stop
            if arrived():
                return
        raise AssertionError(f"{self.page.url}: {goal} is not reached with {MAX_STOPS} times Tab")

    def _moves(self) -> bool:
        """Two alike in a row may be two: marked, it is known whether the next stop is the same one."""
        self.page.evaluate("() => { window.stood = document.activeElement }")
        self.page.keyboard.press("Tab")
        moved: bool = self.page.evaluate("() => document.activeElement !== window.stood")
        self.page.keyboard.press("Shift+Tab")
        return moved

    def press(self, role: str, name: str, *, exact: bool = False, number: int = 0) -> None:
        """Walks to a link or button, presses Enter and waits for the page that follows."""
        self.to(role, name, exact=exact, number=number)
        self.press_here()

    def follow(self, address: str) -> None:
        """The first link that leads there, whatever it is called."""
        wanted = self.page.locator(f'main a[href="{address}"]').first
        assert wanted.count(), f"{self.page.url} has no link to {address}"
        self._walk(lambda: bool(wanted.evaluate("e => e === document.activeElement")), f"link to {address}")
        self.press_here()

    def press_here(self, key: str = "Enter") -> None:
        with self.page.expect_navigation(wait_until="load"):
            self.page.keyboard.press(key)
        if self.judged:
            found = [told for told, is_advice in breaches(self.page) if not is_advice]
            assert not found, (self.page.url, found)

    def write(self, field: str, text: str, *, exact: bool = False) -> None:
        """Over whatever stands in the field."""
        self.to_field(field, exact=exact)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def tick(self, role: str, name: str, *, exact: bool = False) -> None:
        """A box or radio button by the space bar. A group of radio buttons is one stop: the arrows walk inside it."""
        wanted = self.page.get_by_role(role, name=name, exact=exact).first  # type: ignore[arg-type]
        if role == "radio":
            self._walk_into_group(wanted)
        else:
            self._walk(lambda: bool(wanted.evaluate("e => e === document.activeElement")), f"{role} {name!r}")
        if not wanted.is_checked():
            self.page.keyboard.press("Space")
        assert wanted.is_checked()

    def _walk_into_group(self, wanted: Locator) -> None:
        group = "e => e.name === document.activeElement?.name && document.activeElement?.type === 'radio'"
        self._walk(lambda: bool(wanted.evaluate(group)), "the group of radio buttons")
        for _choice in range(MAX_STOPS):
            if wanted.evaluate("e => e === document.activeElement"):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{self.page.url}: the arrows do not reach the choice")

    def choose(self, field: str, option: str) -> None:
        """From a list, as everybody does who cannot see it: its first letters, until it is there."""
        wanted = self.to_field(field)
        for _letter in range(MAX_STOPS):
            if wanted.evaluate("e => e.selectedOptions[0]?.text.trim()") == option:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{self.page.url}: {field!r} has no {option!r}")


def _faults(stop: dict[str, Any]) -> list[str]:
    told = {"sized": "the focus is on nothing", "shows": "nobody sees the focus", "inside": "the focus is out of sight"}
    return [f"{words}: {stop['what']}" for key, words in told.items() if not stop[key]]
