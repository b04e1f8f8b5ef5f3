"""The only reader of the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import hexdigits

from contracts.kernel.errors import Malformed

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Settings:
    """``home`` holds the default database, keys and uploads. ``payment_url`` None: the sandbox peer.

    ``master_key``, ``iin_key`` and ``audit_key`` None: files under ``home``, made on the first run.
    """

    home: Path
    database_url: str
    payment_url: str | None
    payment_key: str | None
    payment_webhook_secret: str | None
    master_key: bytes | None = field(default=None, repr=False)
    iin_key: bytes | None = field(default=None, repr=False)
    audit_key: bytes | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        env = os.environ if environment is None else environment
        data = env.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
        home = Path(env.get("MARKET_HOME") or Path(data) / "tapsyrys").absolute()
        return cls(
            home=home,
            database_url=env.get("MARKET_DATABASE_URL") or f"sqlite:///{home / 'market.db'}",
            payment_url=env.get("MARKET_PAYMENT_URL") or None,
            payment_key=env.get("MARKET_PAYMENT_KEY") or None,
            payment_webhook_secret=env.get("MARKET_PAYMENT_WEBHOOK_SECRET") or None,
            master_key=_key(env, "MARKET_MASTER_KEY"),
            iin_key=_key(env, "MARKET_IIN_KEY"),
            audit_key=_key(env, "MARKET_AUDIT_KEY"),
        )

    def environment(self) -> dict[str, str]:
        """What a child process needs to have the same settings (keys that are files it finds in ``home``)."""
        given = {
            "MARKET_HOME": str(self.home),
            "MARKET_DATABASE_URL": self.database_url,
            "MARKET_PAYMENT_URL": self.payment_url,
            "MARKET_PAYMENT_KEY": self.payment_key,
            "MARKET_PAYMENT_WEBHOOK_SECRET": self.payment_webhook_secret,
            "MARKET_MASTER_KEY": self.master_key and self.master_key.hex(),
            "MARKET_IIN_KEY": self.iin_key and self.iin_key.hex(),
            "MARKET_AUDIT_KEY": self.audit_key and self.audit_key.hex(),
        }
        others = {name: value for name, value in os.environ.items() if name not in given}
        return others | {name: value for name, value in given.items() if value}


def _key(env: Mapping[str, str], name: str) -> bytes | None:
    """64 hexadecimal digits, never shown back."""
    text = env.get(name)
    if not text:
        return None
    if len(text) != 2 * KEY_BYTES or not set(text) <= set(hexdigits):
        raise Malformed(f"{name} must be {2 * KEY_BYTES} hexadecimal digits", pointer=name, rule="key-form")
    return bytes.fromhex(text)
