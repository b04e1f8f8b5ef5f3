"""Somebody with a desk on a payment's path: one thing done is one transaction, with a boundary on each side of it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.errors import Conflict, WrongState
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.payment.batch_rules import ActNotForBatch, BatchEmpty, BatchNotReady
from contracts.payment.dispatch import Boundary, pass_by
from contracts.reconciliation.rules import NothingToSend
from tests.payment.designs import OURS

T = TypeVar("T")
DANA = Actor(UUID(int=104), "Dana", (Grant(Role.FINANCE_OFFICER, territory=""),))
ERLAN = Actor(UUID(int=204), "Erlan", (Grant(Role.FINANCE_OFFICER, territory=""),))
SOME = 20
ANOTHER_WAS_FIRST = (Conflict, WrongState, NothingToSend, ActNotForBatch, BatchEmpty, BatchNotReady)


@dataclass(frozen=True)
class Official:
    """``folder`` holds the mail that the payment server delivered and the files for the bank."""

    database: Database
    folder: Path
    boundary: Boundary = pass_by
    dice: random.Random = field(default_factory=random.Random)
    design: str = OURS

    def commit(self, name: str, actor: Actor, fn: Callable[[Work], object]) -> int:
        def bounded(work: Work) -> None:
            fn(work)
            self.boundary(f"{name}: before commit")

        try:
            self.database.write(actor, bounded)
        except ANOTHER_WAS_FIRST:
            return 0
        self.boundary(f"{name}: after commit")
        return 1

    def one_of(self, statement: "sa.Select[T]") -> T | None:
        """Any of the first few, so that clerks seldom fall over each other."""
        found = self.some_of(statement)
        return self.dice.choice(found) if found else None

    def some_of(self, statement: "sa.Select[T]") -> list[T]:
        return self.database.read(SYSTEM, lambda work: [row[0] for row in work.rows(statement.limit(SOME))])
