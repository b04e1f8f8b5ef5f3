"""Every page of every role speaks the reader's language, and it alone; read without a browser."""

import re
from functools import lru_cache

import pytest

from market.web.language import translations
from tests.browser import roles
from tests.browser.conftest import Crawled, Shares
from tests.browser.crawl import to_look_at
from tests.browser.installation import Installation
from tests.browser.markup import Page
from tests.locale.messages import said

ENGLISH_RUN = re.compile(r"\b[a-z]+(?:['’-][a-z]+)? [a-z]+ [a-z]+ [a-z]+\b")  # four plain words are a sentence of ours
NAME_OF_A_FIELD = re.compile(r"[a-z]+(?:[-_][a-z]+)*|[A-Z]?[a-z]+(?: (?:[a-z]{2,}|[a-z]*[0-9]+))+")  # or of a status
OF_OTHERS = {"seed", "localhost"}
_PLACE = re.compile(r"%\(\w+\)[sd]")


@lru_cache(maxsize=2)
def _english(language: str) -> re.Pattern[str]:
    """Whatever our pages say in English and otherwise in this language."""
    say = translations(language).gettext
    sentences = {one for area in said().values() for s in area for one in (s if isinstance(s, tuple) else (s,))}
    different = sorted(s for s in sentences if say(s) != s and re.search(r"[A-Za-z]{2}", _PLACE.sub("", s)))
    return re.compile("|".join(".+".join(re.escape(part) for part in _PLACE.split(s)) for s in different))


def left_in_english(page: Page, language: str) -> set[str]:
    """The names that the demonstration's people sign in with are roles, and no words of ours."""
    ours = _english(language)
    said = set(page.said(language)) - set(roles.EVERY) - OF_OTHERS
    return {
        text for text in said if ours.fullmatch(text) or ENGLISH_RUN.search(text) or NAME_OF_A_FIELD.fullmatch(text)
    }


def names_twice(page: Page) -> list[str]:
    return sorted({name for name in page.ids if page.ids.count(name) > 1})


@pytest.mark.parametrize("language", ["kk", "ru"])
@pytest.mark.parametrize("role", roles.EVERY)
def test_nothing_is_left_in_english(site: Installation, shares: Shares, role: str, language: str) -> None:
    found = []
    with site.signed_in(role) as client:
        client.cookies.set("language", language)
        for visit in shares[role]:
            page = Page(client.get(visit.address).text)
            assert page.language == language, visit.address
            found += [f"{visit.address}: {text}" for text in sorted(left_in_english(page, language))]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("role", roles.EVERY)
def test_no_name_stands_twice_in_a_page(crawled: Crawled, role: str) -> None:
    """Ids are what labels, hints and links inside the page hold on to."""
    for visit in to_look_at(crawled(role)):
        assert names_twice(visit.page) == [], visit.address
