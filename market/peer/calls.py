"""What an endpoint is given: the sandbox, the account it acts for, and checked parameters."""

from dataclasses import dataclass, field
from typing import Any

from market.peer.books import PLATFORM, Books
from market.peer.chaos import Chaos


@dataclass(frozen=True)
class Options:
    """How this sandbox behaves; times in seconds.

    `payout_delay`: from a credit to the automatic payout that takes it. `payout_step`: each of pending -> in_transit ->
    paid. `webhook_retry`: before the second attempt; each later one waits twice as long, at most an hour.
    """

    key: str
    payout_delay: float = 1.0
    payout_step: float = 0.5
    webhook_retry: float = 1.0


@dataclass(frozen=True)
class Sandbox:
    books: Books
    options: Options
    chaos: Chaos


@dataclass(frozen=True)
class Call:
    """`ids` are the address's own (`id`, and `parent` above it); `request` is None where the sandbox acts by itself."""

    sandbox: Sandbox
    account: str = PLATFORM
    form: dict[str, Any] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    request: str | None = None
    idempotency_key: str | None = None

    @property
    def books(self) -> Books:
        return self.sandbox.books

    @property
    def now(self) -> float:
        return self.sandbox.books.clock.now()

    @property
    def sweep_at(self) -> float:
        """When the sandbox next looks whether a connected account has money to pay out."""
        return self.now + self.sandbox.options.payout_delay
