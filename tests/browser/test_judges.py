"""Who judges pages sees what is wrong with them: a page with every fault there is, and one with none."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.combinations import Combination
from tests.browser.keyboard import Hands
from tests.browser.looking import Look, context_for
from tests.browser.markup import Page

ORIGIN = "http://127.0.0.1:9"  # nobody listens: every answer is written here
PHONE = Combination("en", 360, scripts=True, display="plain")
GOOD = """<!DOCTYPE html><html lang="en"><title>Good</title><main><h1>Good</h1><p>Text</p>
<p><a href="/a">One way</a></p><p><a href="/b">Other way</a></p></main>"""
BAD = """<!DOCTYPE html><html lang="kk"><title>Bad</title><link rel="icon" href="data:,">
<main><h1>Bad</h1><h1>Worse</h1>
<p style="color:#eee">pale</p><p style="width:900px">wide</p><p>undefined</p><img src="http://example.invalid/x.png">
<input name="nameless"><script>throw new Error("broken")</script></main>"""
FOCUS = """<!DOCTYPE html><html lang="en"><title>Focus</title><main><h1>Focus</h1><a href="/a" %s>Link</a>
<button>Button</button></main>"""
UNSEEN = 'style="outline:none"'
TRAP = """onkeydown="event.key === 'Tab' && event.preventDefault()" """


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with context_for(browser, ORIGIN, PHONE) as context:
        yield context


def _look(context: BrowserContext, html: str) -> Look:
    context.route("http://127.0.0.1:9/**", lambda route: route.fulfill(body=html, content_type="text/html"))
    context.route("http://example.invalid/**", lambda route: route.abort())
    seen = Look(context, ORIGIN)
    seen.open("/", PHONE)
    seen.inspect("en")
    return seen


def test_a_good_page_is_found_good(context: BrowserContext) -> None:
    seen = _look(context, GOOD)
    assert seen.findings == []
    assert Hands(seen.page).walk_through() == []


def test_every_fault_of_a_bad_page_is_found(context: BrowserContext) -> None:
    found = "\n".join(_look(context, BAD).findings)
    for fault in (
        "axe color-contrast", "axe label", "axe image-alt", "wider than the screen", "2 h1", "html lang is kk",
        "a missing value is shown", "outside request: http://example.invalid/x.png", "script error: broken",
    ):  # fmt: skip
        assert fault in found, found


@pytest.mark.parametrize(("attribute", "fault"), [(UNSEEN, "nobody sees the focus"), (TRAP, "trapped")])
def test_a_lost_focus_and_a_trap_are_found(context: BrowserContext, attribute: str, fault: str) -> None:
    seen = _look(context, FOCUS % attribute)
    assert any(fault in told for told in Hands(seen.page).walk_through())


def test_what_the_keyboard_passes_by_is_found(context: BrowserContext) -> None:
    hands = Hands(_look(context, FOCUS % "").page)
    hands.page.evaluate("() => addEventListener('focusin', (e) => e.target.tagName === 'A' && e.target.blur())")
    assert hands.walk_through() != []


def test_markup_is_read_as_a_browser_reads_it() -> None:
    page = Page(
        '<html lang="kk"><body><p>бір<span lang="en">one</span></p><form action="/x" method="post">'
        '<input name="a" value="1"><input type="checkbox" name="b" value="2"><input type="radio" name="c" value="3" '
        'checked><select name="d"><option value="4"><option value="5" selected></select><textarea name="e">\nsix'
        '</textarea><button name="f" value="7">Go</button></form><a href="/y">y</a>'
    )
    assert (page.language, page.links, list(page.said("en"))) == ("kk", ["/y"], ["one"])
    assert page.forms[0].as_shown() == {"a": "1", "c": "3", "d": "5", "e": "six"}
