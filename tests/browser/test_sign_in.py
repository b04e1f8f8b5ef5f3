"""The door by keyboard alone, and what stands on every page before its content."""

from playwright.sync_api import Browser

from tests.browser.combinations import Combination
from tests.browser.installation import Installation
from tests.browser.keyboard import Hands
from tests.browser.looking import context_for

PHONE = Combination("en", 360, scripts=True, display="plain")


def test_name_and_password_are_typed_and_sent_by_keyboard(browser: Browser, site: Installation) -> None:
    person = next(person for person in site.people if person.role == "auditor")
    with context_for(browser, site.address, PHONE) as context:
        hands = Hands(context.new_page())
        hands.page.goto(f"{site.address}/sign-in")
        hands.write("Name you sign in with", person.user)
        hands.write("Password", person.password, exact=True)
        hands.press_here()
        assert hands.page.get_by_role("button", name="Sign out").count() == 1


def test_the_first_stop_skips_to_the_content(browser: Browser, site: Installation) -> None:
    with context_for(browser, site.address, PHONE) as context:
        hands = Hands(context.new_page())
        hands.page.goto(f"{site.address}/sign-in")
        hands.page.keyboard.press("Tab")
        skip = hands.page.get_by_role("link", name="Skip to the content")
        assert skip.evaluate("e => e === document.activeElement")
        hands.page.keyboard.press("Enter")
        hands.page.keyboard.press("Tab")
        assert hands.page.evaluate("() => document.querySelector('main').contains(document.activeElement)")


def test_the_language_is_changed_by_keyboard_and_the_page_stays(browser: Browser, site: Installation) -> None:
    with context_for(browser, site.address, PHONE) as context:
        hands = Hands(context.new_page())
        hands.page.goto(f"{site.address}/sign-in")
        hands.press("link", "Қазақша")
        assert hands.page.locator("html").get_attribute("lang") == "kk"
        assert hands.page.url.endswith("/sign-in")
