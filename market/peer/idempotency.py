"""Idempotency keys, with Stripe's meaning (docs.stripe.com/api/idempotent_requests).

The answer of the first request with a key is saved once the request is being carried out, errors and 500s too, in the
transaction of its effects; the same key then replays it. What is refused before that (authentication, malformed
parameters, another request with the key under way) saves nothing. Keys are an account's own and live for 24 hours;
Stripe may keep them longer, so a client that trusts a key after that is wrong, and finds out here.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from market.peer.books import Books, Json
from market.peer.errors import ApiError

LONGEST_KEY = 255
LIFE = 86_400.0


@dataclass(frozen=True)
class Saved:
    status: int
    body: Json
    request: str  # the id of the request that was carried out


class Keys:
    def __init__(self, books: Books) -> None:
        self._books = books
        self._under_way: set[tuple[str, str]] = set()  # nothing is under way after a crash: its transaction is undone

    @contextmanager
    def held(self, account: str, key: str) -> Iterator[None]:
        if len(key) > LONGEST_KEY:
            raise ApiError(400, f"Idempotency keys may be at most {LONGEST_KEY} characters.", type="idempotency_error")
        if (account, key) in self._under_way:
            raise ApiError(
                409,
                f"There is currently another in-progress request using this idempotency key: {key}.",
                code="idempotency_key_in_use",
                type="idempotency_error",
            )
        self._under_way.add((account, key))
        try:
            yield
        finally:
            self._under_way.remove((account, key))

    def recall(self, account: str, key: str, endpoint: str, parameters: dict[str, Any]) -> Saved | None:
        """The answer saved under the key; refuses a key that was used for something else."""
        row = self._books.sql.execute(
            "SELECT * FROM idempotency WHERE account = ? AND key = ? AND created > ?",
            (account, key, self._books.clock.now() - LIFE),
        ).fetchone()
        if row is None:
            return None
        for what, before, now in (
            (f"for the same endpoint they were first used for ('{row['endpoint']}')", row["endpoint"], endpoint),
            ("with the same parameters they were first used with", row["parameters"], _canonical(parameters)),
        ):
            if before != now:
                raise ApiError(
                    400,
                    f"Keys for idempotent requests can only be used {what}. "
                    f"Try using a key other than '{key}' if you meant to execute a different request.",
                    type="idempotency_error",
                )
        return Saved(row["status"], json.loads(row["body"]), row["request"])

    def save(self, account: str, key: str, endpoint: str, parameters: dict[str, Any], answer: Saved) -> None:
        self._books.sql.execute(
            "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                account,
                key,
                endpoint,
                _canonical(parameters),
                answer.status,
                json.dumps(answer.body),
                answer.request,
                self._books.clock.now(),
            ),
        )


def _canonical(parameters: dict[str, Any]) -> str:
    return json.dumps(parameters, sort_keys=True)
