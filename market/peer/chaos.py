"""Faults on purpose, off unless asked for: what a client must survive, drawn from a seeded generator."""

import random
from dataclasses import dataclass
from typing import Any


@dataclass
class Chaos:
    """Each rate is a probability a request (or a delivery).

    error_503, rate_429     refused before anything happens; nothing is saved under the idempotency key
    error_500               saved and answered under the key, and nothing happened
    error_500_after_accept  saved and answered under the key, and yet it happened: only a listing tells
    reset_after_accept      it happened, the true answer is saved, the connection is cut instead of answering
    latency                 (rate, least, most) seconds of delay, half of the time after it happened
    webhook_duplicates      a delivery that was received is sent again
    webhook_reorder         deliveries wait up to `webhook_hold` seconds each, so that later ones overtake
    """

    error_503: float = 0.0
    rate_429: float = 0.0
    error_500: float = 0.0
    error_500_after_accept: float = 0.0
    reset_after_accept: float = 0.0
    latency: tuple[float, float, float] = (0.0, 0.0, 0.0)
    webhook_duplicates: float = 0.0
    webhook_reorder: bool = False
    webhook_hold: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)  # noqa: S311 - repeatable faults, no secrets

    def strikes(self, fault: str) -> bool:
        rate: float = getattr(self, fault)
        return self._dice.random() < rate

    def delays(self) -> tuple[float, float]:
        """Seconds to wait before and after the request is carried out; at most one of them is not zero."""
        rate, least, most = self.latency
        if self._dice.random() >= rate:
            return 0.0, 0.0
        delay = self._dice.uniform(least, most)
        return (delay, 0.0) if self._dice.random() < 0.5 else (0.0, delay)  # noqa: PLR2004

    def hold(self) -> float:
        return self._dice.uniform(0.0, self.webhook_hold) if self.webhook_reorder else 0.0

    def become(self, switches: dict[str, Any]) -> None:
        """Takes the given switches and the defaults for the rest; the dice start again."""
        vars(self).update(vars(Chaos(**switches)))
