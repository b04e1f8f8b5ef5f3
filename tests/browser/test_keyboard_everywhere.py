"""Every page is walked through with Tab alone: every stop is seen, nothing is passed by, nothing holds the keyboard."""

import pytest
from playwright.sync_api import Browser

from tests.browser import roles
from tests.browser.combinations import Combination
from tests.browser.conftest import Crawled
from tests.browser.crawl import Visit, to_look_at
from tests.browser.installation import Installation
from tests.browser.keyboard import Hands
from tests.browser.looking import context_for

pytestmark = pytest.mark.soak  # walks some hundred pages: minutes; the journeys and the door are walked by every run

HABITS = {
    "phone": Combination("kk", 360, scripts=True, display="plain"),
    "desk": Combination("ru", 1280, scripts=True, display="contrast"),
}


def _first_to_see(crawled: Crawled) -> dict[str, list[Visit]]:
    """Each kind of page once, as the first role that has it."""
    known: set[object] = set()
    shares: dict[str, list[Visit]] = {}
    for role in roles.EVERY:
        shares[role] = [visit for visit in to_look_at(crawled(role)) if visit.kind not in known]
        known |= {visit.kind for visit in shares[role]}
    return shares


@pytest.mark.parametrize("habits", HABITS.values(), ids=list(HABITS))
def test_every_page_is_walked_by_keyboard(
    browser: Browser, site: Installation, crawled: Crawled, habits: Combination
) -> None:
    complaints = []
    for number, (role, visits) in enumerate(_first_to_see(crawled).items()):
        session = site.session_of(role)
        for visit in visits[number % 2 :: 2] if habits.width == 360 else visits[(number + 1) % 2 :: 2]:
            with context_for(browser, site.address, habits, session=session) as context:
                hands = Hands(context.new_page())
                hands.page.goto(site.address + visit.address)
                complaints += [f"{role}, {visit.address}: {told}" for told in hands.walk_through()]
    assert not complaints, "\n" + "\n".join(complaints)
