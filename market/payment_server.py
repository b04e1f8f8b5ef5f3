"""Which payment server is used: the one the environment names, or the sandbox on this machine."""

import secrets
from dataclasses import dataclass

from contracts.kernel.errors import Malformed
from market.keys import secret_file
from market.settings import Settings

SANDBOX_HOST, SANDBOX_PORT = "127.0.0.1", 12111


class PaymentKeyMissing(Malformed):
    code = "payment-key-missing"
    title = "MARKET_PAYMENT_URL is set, but MARKET_PAYMENT_KEY is not"


@dataclass(frozen=True, slots=True)
class PaymentServer:
    """``webhook_secret`` None: no webhooks are accepted, the worker asks for every outcome."""

    url: str
    key: str
    webhook_secret: str | None


def payment_server(settings: Settings) -> PaymentServer:
    """Raises PaymentKeyMissing. The sandbox's key and secret are made on the first use and kept in the home folder."""
    if settings.payment_url:
        if not settings.payment_key:
            raise PaymentKeyMissing
        return PaymentServer(settings.payment_url, settings.payment_key, settings.payment_webhook_secret)
    return PaymentServer(
        f"http://{SANDBOX_HOST}:{SANDBOX_PORT}",
        settings.payment_key or _kept(settings, "sandbox_payment_key", "sk_test_"),
        settings.payment_webhook_secret or _kept(settings, "sandbox_webhook_secret", "whsec_"),
    )


def _kept(settings: Settings, name: str, prefix: str) -> str:
    return secret_file(settings.home, name, f"{prefix}{secrets.token_urlsafe(24)}".encode()).decode()
