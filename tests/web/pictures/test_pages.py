"""Pictures as a page shows them: with their words and numbers, links that work, and nothing a strict policy refuses."""

import re
from html import unescape
from typing import Any

import pytest
from litestar.testing import TestClient

from market.web.language import LANGUAGES

HTML = {"Accept": "text/html"}
Visitor = TestClient[Any]


def opened(visitor: Visitor, language: str = "kk", **cookies: str) -> str:
    visitor.cookies.clear()
    for name, value in cookies.items():
        visitor.cookies.set(name, value)
    answer = visitor.get("/gallery", params={"lang": language}, headers=HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_picture_needs_a_style_or_a_script_of_its_own(visitor: Visitor, language: str) -> None:
    page = opened(visitor, language)
    assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*\ssrc=)", page)
    assert not re.search(r'(?:src|href|srcset)="(?:https?:)?//', page)


def test_every_picture_has_its_size_and_words(visitor: Visitor) -> None:
    page = opened(visitor)
    images = re.findall(r'<img class="chart__picture"[^>]*>', page)
    assert len(images) == 4
    for image in images:
        assert re.search(r'width="720" height="\d{3}" alt="[^"]{20,}"', image)
    assert page.count('<source media="(max-width: 48em)"') == 4
    assert page.count('role="group" aria-label="Карта: ') == 4


def test_an_address_of_the_page_answers_with_the_picture_in_both_widths(visitor: Visitor) -> None:
    page = opened(visitor)
    addresses = re.findall(r'(?:src|srcset)="(/charts/[^"]+)"', page)
    assert len(addresses) == 8
    for address in addresses:
        answer = visitor.get(address)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("image/svg+xml")
        assert "immutable" in answer.headers["cache-control"]
        assert answer.text.startswith("<svg")


def test_high_contrast_has_pictures_of_its_own(visitor: Visitor) -> None:
    page = opened(visitor, display="contrast")
    addresses = re.findall(r'src="(/charts/[^"]+)"', page)
    assert all(address.startswith("/charts/wide-contrast/") for address in addresses)
    assert 'fill="#000000"' in visitor.get(addresses[0]).text


def test_nobody_has_a_picture_drawn_that_we_have_not_signed(visitor: Visitor) -> None:
    (address, *_others) = re.findall(r'src="(/charts/[^"]+)"', opened(visitor))
    head, name = address[:40], address[40:]
    for forged in (
        f"{head}{'A' if name[0] != 'A' else 'B'}{name[1:]}", "/charts/wide/", "/charts/wide/x.svg",
        "/charts/wide/%C3%A9.svg", address.replace("/wide/", "/huge/"), f"{address}A", "/charts/wide/" + "A" * 7000,
    ):  # fmt: skip
        assert visitor.get(forged).status_code == 404, forged


def test_a_chart_stands_beside_its_own_numbers(visitor: Visitor) -> None:
    page = unescape(opened(visitor))
    for text in ("1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567\N{NO-BREAK SPACE}890\N{NO-BREAK SPACE}₸", "999\xa0₸"):
        assert text in page, "to the last tenge in the table"
    for said in ("1,2 млрд ₸", "999 ₸"):
        address = re.findall(r'src="(/charts/wide/[^"]+)"', page)[0]
        assert said.replace(" ", "\N{NO-BREAK SPACE}") in visitor.get(address).text, "and rounded in the picture"


def test_each_region_is_a_link_in_the_map_and_in_its_list(visitor: Visitor) -> None:
    page = opened(visitor)
    strewn, shaded, region, near = re.findall(r'<figure class="map.*?</figure>', page, re.DOTALL)
    for drawn in (strewn, shaded):
        picture, _end, under = drawn.partition("</svg>\n</div>")
        assert len(set(re.findall(r'href="(\?territory=\d{9})"', picture))) == 20
        assert len(set(re.findall(r'href="(\?territory=\d{9})"', under))) == 20
        assert picture.count("<title>") >= 20
    assert "Астана қаласы: 1200" in shaded
    assert "Маңғыстау облысы: 0" in shaded
    assert "href" not in region.partition("<svg")[2], "no links were asked for"
    assert 'href="#offer-3"' in near


def test_points_say_how_many_they_are_and_a_single_one_leads_to_its_page(visitor: Visitor) -> None:
    strewn = opened(visitor).partition('<figure class="map')[2].partition("</figure>")[0]
    assert ">43</text>" in strewn, "two circles that would touch are one"
    assert 'href="/directory/P-7" aria-label="Жылы үй &lt;b&gt;"' in strewn
