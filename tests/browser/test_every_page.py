"""Every page of every role in a real browser: no barrier, nothing from outside, no error, not too wide or too heavy."""

import itertools
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from playwright.sync_api import Browser

from market.web.language import LANGUAGES
from tests.browser import roles
from tests.browser.combinations import EVERY, PAIRWISE, Combination
from tests.browser.conftest import Crawled, Shares
from tests.browser.crawl import Visit, to_look_at
from tests.browser.installation import VISITOR, Installation
from tests.browser.looking import Inspector, context_for

MAKES = (
    (VISITOR, "/directory"), ("recipient", "/people/{number}/vouchers/{voucher}/choose"),
    ("provider", "/organisations/{number}/new-offer"), ("budget-officer", "/budget"),
)  # fmt: skip
TURN = {role: number for number, role in enumerate(roles.EVERY)}


def _look_at_all(
    browser: Browser, site: Installation, role: str, pages: Iterable[tuple[Visit, Combination]]
) -> list[str]:
    found, advice, weights = [], [], {}
    with context_for(browser, site.address, PAIRWISE[0], session=site.session_of(role)) as context:
        inspector = Inspector(context, site.address)
        for visit, combination in pages:
            seen = inspector.look(visit.address, combination)
            weights[visit.address] = sum(seen.weighed.values())
            where = f"{role}, {visit.address}, {combination}"
            found += [f"{where}: {finding}" for finding in dict.fromkeys(seen.findings)]
            advice += [f"advice: {where}: {told}" for told in seen.advice]
    print(*advice, *sorted(f"{weight} bytes: {address}" for address, weight in weights.items()), sep="\n")
    return found


@pytest.mark.parametrize("role", roles.EVERY)
def test_every_page_of_the_role_is_open_to_everybody(
    browser: Browser, site: Installation, shares: Shares, role: str
) -> None:
    """Each page once; the combinations take turns, so that every two habits meet on many pages."""
    turns = itertools.islice(itertools.cycle(PAIRWISE), TURN[role], None)
    found = _look_at_all(browser, site, role, zip(shares[role], turns, strict=False))
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("combination", PAIRWISE, ids=str)
def test_pages_of_each_make_are_open_in_every_two_habits(
    browser: Browser, site: Installation, shares: Shares, combination: Combination
) -> None:
    """A list, a form, a map, a choice, a desk with charts: between them every part that pages are made of."""
    found = []
    for role, template in MAKES:
        visit = next(visit for visit in shares[role] if visit.route and visit.route.template == template)
        found += _look_at_all(browser, site, role, [(visit, combination)])
    assert not found, "\n" + "\n".join(found)


@pytest.mark.soak
@pytest.mark.parametrize("combination", EVERY, ids=str)
@pytest.mark.parametrize("role", roles.EVERY)
def test_every_page_of_the_role_in_every_way(
    browser: Browser, site: Installation, crawled: Crawled, role: str, combination: Combination
) -> None:
    found = _look_at_all(browser, site, role, [(visit, combination) for visit in to_look_at(crawled(role))])
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("role", roles.EVERY)
def test_every_link_leads_somewhere(crawled: Crawled, role: str) -> None:
    broken = broken_links(role, crawled(role))
    assert not broken, "\n" + "\n".join(broken)


@pytest.mark.parametrize("role", roles.EVERY)
def test_who_changes_the_language_stays_on_the_page(crawled: Crawled, role: str) -> None:
    astray = [visit.address for visit in crawled(role) if visit.is_page and not _stays(visit)]
    assert not astray, "\n" + "\n".join(astray)


def _stays(visit: Visit) -> bool:
    found = re.findall(r'"/language/[a-z]+[?]next=([^"]*)"', visit.text)
    return len(found) == len(LANGUAGES) and {_plain(unquote(back)) for back in found} == {_plain(visit.address)}


def _plain(address: str) -> tuple[str, ...]:
    """Without what was left empty, as the site itself leaves it out."""
    split = urlsplit(address)
    return split.path, *(f"{name}={value}" for name, value in parse_qsl(split.query))


def broken_links(role: str, visits: Iterable[Visit]) -> list[str]:
    """A visitor may be asked to sign in; a question asked with nothing ticked may be answered with what is missing."""
    return [
        f"{visit.came_from} -> {visit.address}: {visit.status}"
        for visit in visits
        if visit.status >= 400 and not (role == VISITOR and visit.status == 401) and not _explained(visit)
    ]


def _explained(visit: Visit) -> bool:
    return visit.status == 422 and "govuk-error-summary" in visit.text
