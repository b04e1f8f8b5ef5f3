"""Every page of every role in a real browser: no barrier, nothing from outside, no error, not too wide or too heavy."""

import itertools
from collections.abc import Iterable

import pytest
from playwright.sync_api import Browser

from tests.browser import roles
from tests.browser.combinations import EVERY, PAIRWISE, Combination
from tests.browser.conftest import Crawled
from tests.browser.crawl import Visit, to_look_at
from tests.browser.installation import VISITOR, Installation
from tests.browser.looking import look

pytestmark = pytest.mark.soak  # a long run until it was quiet enough to be timed in CI

MAX_PAGE = 150_000  # bytes compressed, everything that a first visit loads: some seconds on a poor mobile network
TURN = {role: number for number, role in enumerate(roles.EVERY)}


def _look_at_all(
    browser: Browser, site: Installation, role: str, pages: Iterable[tuple[Visit, Combination]]
) -> list[str]:
    session = site.session_of(role)
    found, advice, weights = [], [], {}
    for visit, combination in pages:
        seen = look(browser, site.address, visit.address, combination, session=session)
        total = weights[visit.address] = sum(seen.weighed.values())
        if total > MAX_PAGE:
            heaviest = sorted(seen.weighed.items(), key=lambda item: -item[1])[:4]
            seen.findings.append(f"{total} bytes, the heaviest {heaviest}")
        where = f"{role}, {visit.address}, {combination}"
        found += [f"{where}: {finding}" for finding in dict.fromkeys(seen.findings)]
        advice += [f"advice: {where}: {told}" for told in seen.advice]
    print(*advice, *sorted(f"{weight} bytes: {address}" for address, weight in weights.items()), sep="\n")
    return found


@pytest.mark.parametrize("role", roles.EVERY)
def test_every_page_of_the_role_is_open_to_everybody(
    browser: Browser, site: Installation, crawled: Crawled, role: str
) -> None:
    """Each page once; the combinations take turns, so that every two habits meet on many pages."""
    turns = itertools.islice(itertools.cycle(PAIRWISE), TURN[role], None)
    found = _look_at_all(browser, site, role, zip(to_look_at(crawled(role)), turns, strict=False))
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
    """A visitor may be asked to sign in; a question asked with nothing ticked may be answered with what is missing."""
    broken = [
        f"{visit.came_from} -> {visit.address}: {visit.status}"
        for visit in crawled(role)
        if visit.status >= 400 and not (role == VISITOR and visit.status == 401) and not _explained(visit)
    ]
    assert not broken, "\n" + "\n".join(broken)


def _explained(visit: Visit) -> bool:
    return visit.status == 422 and "govuk-error-summary" in visit.text
