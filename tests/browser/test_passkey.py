"""Passkeys in a real browser, with a device that the browser itself plays; and the door without any script.

A browser gives passkeys to names only: the server is asked for as ``localhost`` here, not by its number.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from market.seed.sign_in import SignIn
from tests.browser import installation
from tests.browser.installation import Installation

WAIT_MS = 60_000  # on a machine that does much else
expect.set_options(timeout=WAIT_MS)
PHONE = {"width": 360, "height": 800}
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def door(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation.running(seeded, tmp_path_factory.mktemp("door") / "home") as door:
        yield door


@contextmanager
def reader(browser: Browser, *, scripts: bool = True) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, java_script_enabled=scripts, locale="en-GB")
    context.set_default_timeout(WAIT_MS)
    try:
        yield context
    finally:
        context.close()


def device(page: Page) -> tuple[CDPSession, str]:
    """A phone that is plugged into this page, and the way to it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]


def person(door: Installation, role: str) -> SignIn:
    return next(person for person in door.people if person.role == role)


def knock(page: Page, address: str, who: SignIn) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_label("Name you sign in with").fill(who.user)
    page.get_by_label("Password", exact=True).fill(who.password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def expect_signed_in(page: Page, who: SignIn) -> None:
    expect(page.locator("header").get_by_role("link", name=who.user)).to_be_visible()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("header").get_by_role("link", name="Sign in")).to_be_visible()


def add_passkey(page: Page, address: str, who: SignIn, name: str) -> None:
    page.goto(f"{address}/account/passkeys")
    page.get_by_label("A name for this device").fill(name)
    page.get_by_label("Your password, once more", exact=True).fill(who.password)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Make the passkey").click()


def test_a_passkey_is_made_signs_in_alone_and_answers_the_second_step(browser: Browser, door: Installation) -> None:
    address, who = door.named_address, person(door, "auditor")
    with reader(browser) as context:
        page = context.new_page()
        session, phone = device(page)
        knock(page, address, who)
        expect_signed_in(page, who)

        add_passkey(page, address, who, "my phone")
        expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
        assert page.locator("ol.codes li").count() == 10
        (made,) = session.send("WebAuthn.getCredentials", {"authenticatorId": phone})["credentials"]
        assert (made["rpId"], made["isResidentCredential"]) == ("localhost", True)
        sign_out(page)

        page.goto(f"{address}/sign-in")
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect_signed_in(page, who)
        sign_out(page)

        knock(page, address, who)
        expect(page.get_by_role("heading", name="Second step of signing in")).to_be_visible()
        page.get_by_role("button", name="Use my passkey").click()
        expect_signed_in(page, who)
        page.goto(f"{address}/account")
        expect(page.get_by_text("with a password and a passkey")).to_be_visible()

        add_passkey(page, address, who, "the same phone")
        expect(page.get_by_text("This device has a passkey for you already.")).to_be_visible()


def test_a_device_that_another_hand_holds_opens_nothing(browser: Browser, door: Installation) -> None:
    address, who = door.named_address, person(door, "finance-officer")
    with reader(browser) as context:
        page = context.new_page()
        session, phone = device(page)
        knock(page, address, who)
        expect_signed_in(page, who)
        add_passkey(page, address, who, "my phone")
        expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
        sign_out(page)

        session.send("WebAuthn.setUserVerified", {"authenticatorId": phone, "isUserVerified": False})
        page.goto(f"{address}/sign-in")
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_text("The passkey was not used. You can try again.")).to_be_visible()
        expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()

        session.send("WebAuthn.setUserVerified", {"authenticatorId": phone, "isUserVerified": True})
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect_signed_in(page, who)


def test_a_removed_passkey_is_refused_in_words(browser: Browser, door: Installation) -> None:
    address, who = door.named_address, person(door, "procurement-officer")
    with reader(browser) as context:
        page = context.new_page()
        device(page)
        knock(page, address, who)
        expect_signed_in(page, who)
        add_passkey(page, address, who, "old phone")
        expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
        page.goto(f"{address}/account/passkeys")
        page.get_by_role("link", name="Remove old phone").click()
        page.get_by_label("Your password, once more", exact=True).fill(who.password)
        page.get_by_role("button", name="Remove the passkey").click()
        expect(page.get_by_text("The passkey is removed.")).to_be_visible()
        sign_out(page)
        page.goto(f"{address}/sign-in")
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("alert").get_by_text("This passkey was not accepted")).to_be_visible()


def test_an_address_that_is_a_number_says_where_passkeys_work(browser: Browser, door: Installation) -> None:
    who = person(door, "budget-officer")
    with reader(browser) as context:
        page = context.new_page()
        knock(page, door.address, who)
        expect_signed_in(page, who)
        page.goto(f"{door.address}/account/passkeys")
        expect(page.get_by_label("A name for this device")).to_have_count(0)
        link = page.get_by_role("link", name="Open this page at the name localhost")
        assert link.get_attribute("href") == f"{door.named_address}/account/passkeys"
        sign_out(page)
        page.goto(f"{door.address}/sign-in")
        expect(page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)


def test_without_scripts_an_app_is_set_up_and_asked_for_and_no_passkey_is_offered(
    browser: Browser, door: Installation
) -> None:
    address, who = door.named_address, person(door, "operator")
    with reader(browser, scripts=False) as context:
        page = context.new_page()
        page.goto(f"{address}/sign-in")
        assert not page.get_by_text("Sign in with a passkey").is_visible()
        knock(page, address, who)
        expect_signed_in(page, who)
        page.goto(f"{address}/account/second-step")
        page.get_by_label("Your password, once more").fill(who.password)
        page.get_by_role("button", name="Set up the app").click()
        expect(page.get_by_role("img", name="The secret below as a picture for the camera")).to_be_visible()
        app = pyotp.TOTP(page.locator("code.secret").inner_text().replace(" ", ""))
        page.get_by_label("Code from the app").fill(app.now())
        page.get_by_role("button", name="Switch the second step on").click()
        recovery = page.locator("ol.codes li").first.inner_text()
        sign_out(page)

        knock(page, address, who)
        page.get_by_label("Code from the app").fill("000000")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("link", name="This code is wrong or was used already")).to_be_visible()
        page.get_by_label("Code from the app").fill(recovery.lower())
        page.get_by_role("button", name="Continue").click()
        expect_signed_in(page, who)
