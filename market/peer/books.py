"""Objects and balances, durable in one SQLite file.

Every API object is one row of `object`, its body the JSON that a client sees. Every movement of money is a balance
transaction (`txn_`) written together with the balance it changes; a balance never falls below zero.
`due` is the instant when the sandbox itself must act on a row next: pay money out, move a payout on.
`payout` is, of a balance transaction, the automatic payout that swept it into the bank.
`private` is what Stripe knows and does not show: a webhook's secret, what a bank account number is planted to do.
"""

import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from market.peer.clock import Clock
from market.peer.errors import balance_insufficient

Json = dict[str, Any]  # an API object: its shape is Stripe's, described and checked by Stripe's OpenAPI document

PLATFORM = "platform"  # the account of requests without a `Stripe-Account` header

SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, account TEXT NOT NULL,
    created INTEGER NOT NULL, body TEXT NOT NULL, private TEXT, due REAL, payout TEXT);
CREATE INDEX IF NOT EXISTS object_listed ON object (kind, account, seq);
CREATE INDEX IF NOT EXISTS object_grouped ON object (kind, account, json_extract(body, '$.transfer_group'));
CREATE INDEX IF NOT EXISTS object_sourced ON object (kind, account, json_extract(body, '$.source'));
CREATE INDEX IF NOT EXISTS object_swept ON object (payout) WHERE payout IS NOT NULL;
CREATE INDEX IF NOT EXISTS object_due ON object (kind, due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS object_unswept ON object (account) WHERE kind = 'balance_transaction' AND payout IS NULL;
CREATE TABLE IF NOT EXISTS balance (
    account TEXT NOT NULL, currency TEXT NOT NULL, available INTEGER NOT NULL CHECK (available >= 0),
    PRIMARY KEY (account, currency));
CREATE TABLE IF NOT EXISTS idempotency (
    account TEXT NOT NULL, key TEXT NOT NULL, endpoint TEXT NOT NULL, parameters TEXT NOT NULL, status INTEGER NOT NULL,
    body TEXT NOT NULL, request TEXT NOT NULL, created REAL NOT NULL, PRIMARY KEY (account, key));
CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY, event TEXT NOT NULL, endpoint TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    due REAL, delivered_at REAL);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS delivery_event ON delivery (event);
"""


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


class Books:
    def __init__(self, file: Path | str, clock: Clock) -> None:
        self.clock = clock
        self.sql = sqlite3.connect(file, isolation_level=None, timeout=10)
        self.sql.row_factory = sqlite3.Row
        self.sql.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;" + SCHEMA)

    def close(self) -> None:
        self.sql.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """What is written inside is durable once the block is left; nothing of it is, if it raises."""
        self.sql.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.sql.execute("ROLLBACK")
            raise
        self.sql.execute("COMMIT")

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of `writing` that is undone alone if it raises."""
        self.sql.execute("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            self.sql.execute("ROLLBACK TO attempt")
            raise
        finally:
            self.sql.execute("RELEASE attempt")

    def add(
        self, account: str, body: Json, *, due: float | None = None, private: Json | None = None, dated: bool = True
    ) -> Json:
        """Files `body` under its own `id` and `object`, and dates it (a bank account shows no date)."""
        created = int(self.clock.now())
        body = {"created": created} | body if dated else body
        self.sql.execute(
            "INSERT INTO object (id, kind, account, created, body, private, due) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (body["id"], body["object"], account, created, json.dumps(body), json.dumps(private), due),
        )
        return body

    def find(self, kind: str, account: str, identifier: str) -> Json | None:
        row = self.sql.execute(
            "SELECT body FROM object WHERE id = ? AND kind = ? AND account = ?", (identifier, kind, account)
        ).fetchone()
        return json.loads(row["body"]) if row else None

    def private(self, identifier: str) -> Json:
        row = self.sql.execute("SELECT private FROM object WHERE id = ?", (identifier,)).fetchone()
        return json.loads(row["private"]) or {}

    def change(self, body: Json, **members: Any) -> Json:
        body = body | members
        changed = self.sql.execute("UPDATE object SET body = ? WHERE id = ?", (json.dumps(body), body["id"]))
        assert changed.rowcount == 1, f"{body['id']} is not in the books"
        return body

    def schedule(self, identifier: str, due: float | None) -> None:
        self.sql.execute("UPDATE object SET due = ? WHERE id = ?", (due, identifier))

    def remove(self, identifier: str) -> None:
        self.sql.execute("DELETE FROM object WHERE id = ?", (identifier,))

    def available(self, account: str) -> dict[str, int]:
        """Minor units by currency, the account's own point of view."""
        rows = self.sql.execute("SELECT currency, available FROM balance WHERE account = ?", (account,))
        return {row["currency"]: row["available"] for row in rows}

    def move(
        self, account: str, amount: int, currency: str, *, kind: str, source: str | None, due: float | None = None
    ) -> str:
        """Adds `amount` (negative: takes) to the account's balance and returns the balance transaction's id.

        Raises `balance_insufficient` where the balance would fall below zero.
        """
        self.sql.execute("INSERT OR IGNORE INTO balance VALUES (?, ?, 0)", (account, currency))
        moved = self.sql.execute(
            "UPDATE balance SET available = available + ?1 "
            "WHERE account = ?2 AND currency = ?3 AND available + ?1 >= 0",
            (amount, account, currency),
        )
        if not moved.rowcount:
            raise balance_insufficient()
        now = int(self.clock.now())
        entry = {"id": new_id("txn"), "object": "balance_transaction", "amount": amount, "available_on": now}
        entry |= {"balance_type": "payments", "created": now, "currency": currency, "description": None}
        entry |= {"exchange_rate": None, "fee": 0, "fee_details": [], "net": amount}
        entry |= {"reporting_category": kind, "source": source, "status": "available", "type": kind}
        return str(self.add(account, entry, due=due)["id"])
