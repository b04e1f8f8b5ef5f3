"""Who reads pages without a browser sees what is wrong with them: words, names, links, and forms that lose what was
typed."""

from collections.abc import Callable, Iterable

import httpx
import pytest

from tests.browser.crawl import Visit, route_of
from tests.browser.markup import Page
from tests.browser.test_every_page import broken_links
from tests.browser.test_words import left_in_english, names_twice
from tests.browser.test_wrong_input import TYPED, send_wrongly

FORM = '<form method="post" action="/x"><input name="form_token" value="t"><input name="day" value="%s"></form>'
SUMMARY = '<div class="govuk-error-summary"><a href="#%s">wrong</a></div><input id="day">'


def test_markup_is_read_as_a_browser_reads_it() -> None:
    page = Page(
        '<html lang="kk"><body><p>бір<span lang="en">one</span></p><form action="/x" method="post">'
        '<input name="a" value="1"><input type="checkbox" name="b" value="2"><input type="radio" name="c" value="3" '
        'checked><select name="d"><option value="4"><option value="5" selected></select><textarea name="e">\nsix'
        '</textarea><button name="f" value="7">Go</button></form><a href="/y">y</a>'
    )
    assert (page.language, page.links, list(page.said("en"))) == ("kk", ["/y"], ["one"])
    assert page.forms[0].as_shown() == {"a": "1", "c": "3", "d": "5", "e": "six"}


@pytest.mark.parametrize("language", ["kk", "ru"])
@pytest.mark.parametrize(
    "html",
    [
        "<p>Sign out</p>", "<button>Enter the ticked visits</button>", '<img alt="High contrast" src="/x.svg">',
        "<p>Somebody wrote this by hand</p>", "<p>Visits on 31.12.2026</p>",
        "<dt>Instance sha256</dt>", "<dd>verified</dd>", "<td>temporary-stay</td>",
        "<dt>Finished at</dt>", '<input type="submit" value="Continue">',
    ],
)  # fmt: skip
def test_english_words_of_ours_and_english_sentences_of_anybody_are_found(html: str, language: str) -> None:
    assert left_in_english(Page(f'<html lang="{language}"><main>{html}</main>'), language)
    assert not left_in_english(Page(f'<html lang="{language}"><main lang="en">{html}</main>'), language), "said to be"


def test_words_of_the_readers_language_and_codes_are_left_alone() -> None:
    html = '<html lang="ru"><p>Выйти</p><p>T-38KD4-8PCJY</p><code>send the list again</code><p>«Жылу» қоры</p>'
    assert not left_in_english(Page(html), "ru")


def test_a_name_that_stands_twice_is_found() -> None:
    assert names_twice(Page('<p id="a"></p><p id="b"></p><p id="a"></p>')) == ["a"]


def _visit(role: str, status: int, text: str = "") -> Visit:
    return Visit(role, "/vouchers/1", "/vouchers", route_of("/vouchers"), status, "text/html", text)


def test_a_dead_link_is_found_for_everybody_but_a_visitor_who_is_asked_to_sign_in() -> None:
    assert broken_links("auditor", [_visit("auditor", 404)]) == ["/vouchers -> /vouchers/1: 404"]
    assert broken_links("auditor", [_visit("auditor", 401)])
    assert broken_links("visitor", [_visit("visitor", 401)]) == []
    assert broken_links("visitor", [_visit("visitor", 403)])
    assert broken_links("auditor", [_visit("auditor", 422), _visit("auditor", 500)])
    assert broken_links("auditor", [_visit("auditor", 422, "govuk-error-summary"), _visit("auditor", 200)]) == []


def _answering(status: int, html: str) -> Callable[..., Iterable[bytes]]:
    """A server that shows the form, and answers so whatever it is sent."""

    def application(environ: dict[str, str], start: Callable[..., object]) -> Iterable[bytes]:
        asked = environ["REQUEST_METHOD"] == "GET"
        start("200 OK" if asked else f"{status} Answer", [("Content-Type", "text/html; charset=utf-8")])
        return [(FORM % "" if asked else html).encode()]

    return application


KEPT = FORM % TYPED.replace("&", "&amp;").replace("<", "&lt;")


@pytest.mark.parametrize(
    ("status", "html", "complaint"),
    [
        (500, "", "500"),
        (403, "", "403"),
        (422, KEPT, "without a summary"),
        (422, SUMMARY % "day" + FORM % "", "what was typed is lost"),
        (422, SUMMARY % "elsewhere" + KEPT, "the summary leads nowhere"),
        (422, SUMMARY % "day" + KEPT, None),
        (303, "", None),
    ],
)
def test_a_form_that_crashes_or_forgets_or_is_silent_is_found(status: int, html: str, complaint: str | None) -> None:
    server = httpx.WSGITransport(app=_answering(status, html))
    with httpx.Client(transport=server, base_url="http://planted") as client:
        told = send_wrongly(client, "/x", Page(FORM % "").forms[0])
    assert (told is None) == (complaint is None), told
    assert (complaint or "") in (told or "")
