"""A status moves only by a named verb, through one table a feature."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from contracts.kernel.errors import WrongState

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True)  # no slots: Lifecycle[S](...) tries to note S on the object, and slots make that a TypeError
class Lifecycle(Generic[S]):
    """``moves[verb] = (statuses it may start from, status it leads to)``."""

    noun: str
    moves: Mapping[str, tuple[frozenset[S], S]]

    def after(self, verb: str, status: S) -> S:
        """The status that ``verb`` leads to. Raises WrongState where the table has no such move."""
        sources, target = self.moves[verb]
        if status not in sources:
            raise WrongState(
                f"A {self.noun} that is {status} cannot be {verb}",
                rule=f"{self.noun}-{verb}",
                status=str(status),
                allowed_from=sorted(sources),
            )
        return target
