"""The only reader of the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """``home`` holds the default database, keys and uploads. ``payment_url`` None: the sandbox peer."""

    home: Path
    database_url: str
    payment_url: str | None
    payment_key: str | None
    payment_webhook_secret: str | None

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
        )
