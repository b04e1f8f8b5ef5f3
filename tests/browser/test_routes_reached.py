"""A page that nobody can come to by links is no page."""

from tests.browser import roles
from tests.browser.conftest import Crawled
from tests.browser.crawl import NOT_FOLLOWED, routes

NOT_BY_LINKS = {
    "/payments-desk/list/{heap}": "follows where more payments wait than the desk shows",
    "/budget/contracts/{number}/cancellation": "linked where a contract was never signed",
    "/budget/contracts/{number}/completion": "linked where the last day of a contract is over",
    "/rules/absences/new": "for a budget officer of the whole country: the demonstration has none",
    "/rounds-desk/{number}/progress": "a part of a page, for a round that runs",
    "/health": "for whoever watches the servers",
    "/schema/{path}": "the document under the names that programs know it by",
    "/sign-in/code": "stands between a right password and the session, where a second step is set up",
    "/sign-in/passkey": "where a reload after a refused passkey ends up",
    "/account/second-step/app": "stands between the password asked once more and the first code of an app",
    "/account/second-step/codes": "linked where a second step is set up",
    "/account/second-step/removal": "linked where an app is set up",
    "/account/passkeys/new": "where a reload after a refused passkey ends up",
    "/account/passkeys/{passkey_id}/removal": "linked where a passkey was added",
}


def test_every_page_is_reached_by_somebody(crawled: Crawled) -> None:
    reached = {visit.route.template for role in roles.EVERY for visit in crawled(role) if visit.route}
    left = {r.template for r in routes() if not r.template.startswith(NOT_FOLLOWED)} - reached - set(NOT_BY_LINKS)
    assert not left


def test_no_exception_is_left_over(crawled: Crawled) -> None:
    assert set(NOT_BY_LINKS) <= {route.template for route in routes()}
