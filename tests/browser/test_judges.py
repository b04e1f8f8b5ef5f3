"""Who judges pages sees what is wrong with them: a page with every fault there is, and one with none."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.combinations import Combination
from tests.browser.keyboard import Hands
from tests.browser.looking import MAX_PAGE, Inspector, Look, context_for
from tests.browser.planted import served

PHONE = Combination("en", 360, scripts=True, display="plain")
HEAVY = MAX_PAGE + 1_000  # the browser tells bodies less some bytes
BARE = PHONE._replace(scripts=False)
HEAD = '<!DOCTYPE html><html lang="en"><title>Page</title><link rel="icon" href="data:,">'
GOOD = f"""{HEAD}<main><h1>Good</h1><p>Text</p>
<p><a href="/a">One way</a></p><p><a href="/b">Other way</a></p></main>"""
BAD = """<!DOCTYPE html><html lang="kk"><title>Bad</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/heavy.css">
<main><h1>Bad</h1><h1>Worse</h1><p style="color:#eee">pale</p><p style="width:900px">wide</p><p>undefined</p>
<p><a href="/a" style="font-size:9px">1</a><a href="/b" style="font-size:9px">2</a></p>
<img src="http://example.invalid/x.png"><img src="/lost.png"><input name="nameless">
<script>throw new Error("broken")</script></main>"""
LONG_WORD = f"{HEAD}<main><h1>Long</h1><p>{'x' * 90}</p></main>"
TURNED = f"""{HEAD}<main><h1>Turned</h1><p id="p">as it was sent</p>
<script>p.style.width = "900px"; p.textContent = "null"</script></main>"""
FOCUS = (
    HEAD
    + """<style>.gone { position: absolute; left: -999px }</style><main><h1>Focus</h1>
<a href="/a" %s>Link</a><button>Button</button></main>"""
)
FOCUS_FAULTS = {
    "nobody sees the focus": 'style="outline:none"',
    "trapped": """onkeydown="event.key === 'Tab' && event.preventDefault()" """,
    "the focus is out of sight": 'class="gone"',
    "the focus is on nothing": 'style="display:inline-block; width:0; height:0; overflow:hidden"',
}
PAGES = {"/good": GOOD, "/bad": BAD, "/long": LONG_WORD, "/turned": TURNED, "/focus": FOCUS % ""}
PAGES |= {f"/focus/{number}": FOCUS % attribute for number, attribute in enumerate(FOCUS_FAULTS.values())}


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    pages = {path: ("text/html", html.encode()) for path, html in PAGES.items()}
    with served(pages | {"/heavy.css": ("text/css", b"/*" + b"-" * HEAVY + b"*/")}) as origin:
        yield origin


@pytest.fixture
def context(browser: Browser, origin: str) -> Iterator[BrowserContext]:
    with context_for(browser, origin, PHONE) as context:
        context.route("http://example.invalid/**", lambda route: route.abort())
        yield context


@pytest.fixture
def inspector(context: BrowserContext, origin: str) -> Inspector:
    return Inspector(context, origin)


def _walked(page: Page, address: str) -> list[str]:
    page.goto(address)
    return Hands(page).walk_through()


def test_a_good_page_is_found_good(inspector: Inspector, origin: str) -> None:
    assert inspector.look("/good", PHONE).findings == []
    assert _walked(inspector.page, f"{origin}/good") == []


def test_every_fault_of_a_bad_page_is_found(inspector: Inspector) -> None:
    found = "\n".join(inspector.look("/bad", PHONE).findings)
    for fault in (
        "axe color-contrast", "axe label", "axe image-alt", "axe target-size", "wider than the screen", "2 h1",
        "html lang is kk", "a missing value is shown", "outside request: http://example.invalid/x.png",
        "script error: broken", "console: ", "/lost.png", "too heavy: ",
    ):  # fmt: skip
        assert fault in found, found


def test_a_page_that_is_not_there_and_a_word_that_does_not_break_are_found(inspector: Inspector) -> None:
    assert "answered 404" in inspector.look("/nowhere", PHONE).findings
    assert any("wider than the screen: <p>xxx" in told for told in inspector.look("/long", PHONE).findings)


def test_without_scripts_a_page_is_seen_as_it_was_sent(inspector: Inspector) -> None:
    """And with them as they turn it."""
    assert inspector.look("/turned", BARE).findings == []
    found = inspector.look("/turned", PHONE).findings
    assert "a missing value is shown" in found
    assert any("wider" in told for told in found)


def test_every_page_is_weighed_as_if_it_were_the_first(inspector: Inspector) -> None:
    def weight(look: Look) -> int:
        return look.weighed["/heavy.css"]

    first, again = weight(inspector.look("/bad", PHONE)), weight(inspector.look("/bad", PHONE))
    assert first == again > MAX_PAGE
    assert inspector.look("/good", PHONE).findings == [], "what was wrong with the page before is forgotten"


@pytest.mark.parametrize(("number", "fault"), list(enumerate(FOCUS_FAULTS)))
def test_a_lost_focus_and_a_trap_are_found(context: BrowserContext, origin: str, number: int, fault: str) -> None:
    assert any(fault in told for told in _walked(context.new_page(), f"{origin}/focus/{number}"))


def test_what_the_keyboard_passes_by_is_found(context: BrowserContext, origin: str) -> None:
    page = context.new_page()
    page.goto(f"{origin}/focus")
    page.evaluate("() => addEventListener('focusin', (e) => e.target.tagName === 'A' && e.target.blur())")
    assert Hands(page).walk_through() != []
