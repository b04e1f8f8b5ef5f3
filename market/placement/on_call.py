"""A worker's steps that need the matcher, for which its modules are loaded when the first thing is due, and not before.

Most workers only pay: the matcher and its arrays would cost each of them two seconds of a processor at the start, and
their memory for as long as it lives. The house's second late import, beside that of the commands, and for the same
reason.
"""

from collections.abc import Callable
from importlib import import_module
from typing import cast

from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work

Run = Callable[[Database], int]


class OnCall:
    """``maker`` in ``module`` makes the step. ``due`` sees without it whether there is anything to do."""

    def __init__(self, module: str, maker: str, *, due: Callable[[Work], bool]) -> None:
        self._module, self._maker, self._due = module, maker, due
        self._run: Run | None = None

    def __call__(self, database: Database) -> int:
        if self._run is None:
            if not database.read(SYSTEM, self._due):
                return 0
            self._run = self.made()
        return self._run(database)

    def made(self) -> Run:
        return cast("Run", getattr(import_module(self._module), self._maker)())
