"""A file of visits is looked at, or entered: a thousand rows a transaction, so that nobody waits for a million.

It is read to its end before the first row is written, so a file that cannot be read leaves nothing. What a row says
makes its entry's id: the same file once more, also after a fault in the middle, enters what is missing and no more.
A visit that was cancelled by itself is not missing: its row says so. What was undone with its file may be sent again.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import IO
from uuid import UUID

from contracts.kernel.errors import NotFound
from contracts.kernel.runner import Database
from contracts.kernel.work import Actor, Work
from contracts.register import batch as batches
from contracts.register.batch import Sent
from contracts.register.many import MOST
from contracts.register.queries import Batch
from market.placement import daybook
from market.placement.daybook import Judged
from market.placement.sheet import Column, Line
from market.placement.visit_file import BadLine, FileForm, FileUnreadable, form_of, lines_of
from market.provider.rules import ProviderNotFound
from market.user.personal import Vault

MOST_TOLD = 1_000  # wrong rows that are told: who has more mends these first
_CHUNK = 1 << 20


@dataclass(slots=True)
class Outcome:
    """``right``: rows that are, or would be, new; ``stood``: in the register before; ``told``: wrong rows, as many as
    are told. ``batch`` None: it was only looked at."""

    form: FileForm
    rows: int = 0
    right: int = 0
    stood: int = 0
    wrong: int = 0
    told: list[Judged] = field(default_factory=list)
    batch: Batch | None = None

    def add(self, judged: list[Judged]) -> None:
        self.rows += len(judged)
        for one in judged:
            if not one.right:
                self.wrong += 1
                if len(self.told) < MOST_TOLD:
                    self.told.append(one)
            elif one.new:
                self.right += 1
            else:
                self.stood += 1


@dataclass(frozen=True, slots=True)
class Desk:
    """Who sends files for which provider. ``place``: of a visit at home whose row names none."""

    database: Database
    actor: Actor
    vault: Vault
    provider_id: UUID
    place: str


def look(desk: Desk, file: IO[bytes]) -> Outcome:
    """What would become of the file; nothing is written. Each thousand rows are held against the register and against
    each other. Raises FileTooLarge, FileUnreadable, ColumnsMissing, ProviderNotFound."""
    _check_own(desk)

    def judge(lines: list[Line]) -> list[Judged]:
        verb: Callable[[Work], list[Judged]] = lambda work: daybook.dry_run(  # noqa: E731 - one expression
            work, desk.vault, desk.provider_id, lines, place=desk.place, of_file=True
        )
        return desk.database.read(desk.actor, verb)

    return _read(file, form_of(file), judge)


def enter(desk: Desk, file: IO[bytes], *, name: str) -> Outcome:
    """The right rows are entered. Raises as :func:`look`, before anything is written."""
    _check_own(desk)
    form = form_of(file)
    if sum(1 for _ in lines_of(file, form)) == 0:
        raise FileUnreadable("The file holds no row", pointer="/file", rule="some-rows")
    sent = Sent(_digest(file), name, form)
    batch = desk.database.write(desk.actor, lambda work: batches.begin(work, desk.provider_id, sent))

    def judge(lines: list[Line]) -> list[Judged]:
        verb: Callable[[Work], list[Judged]] = lambda work: daybook.enter(  # noqa: E731 - one expression
            work, desk.vault, desk.provider_id, lines, place=desk.place, batch_id=batch.id
        )
        return desk.database.write(desk.actor, verb)

    found = _read(file, form, judge)
    finished = desk.database.write(
        desk.actor, lambda work: batches.finish(work, batch.id, rows=found.rows, wrong=found.wrong)
    )
    found.batch = finished
    return found


def _read(file: IO[bytes], form: FileForm, judge: Callable[[list[Line]], list[Judged]]) -> Outcome:
    outcome, rows = Outcome(form), lines_of(file, form)
    while chunk := list(islice(rows, MOST)):
        judged = iter(judge([one for one in chunk if isinstance(one, Line)]))
        outcome.add([_unread(one) if isinstance(one, BadLine) else next(judged) for one in chunk])
    return outcome


def _unread(bad: BadLine) -> Judged:
    return Judged(Line(bad.number, {}), [(Column.PERSON, bad.fault)])


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    for chunk in _chunks(file):
        digest.update(chunk)
    return digest.hexdigest()


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _check_own(desk: Desk) -> None:
    try:
        desk.actor.require_provider(desk.provider_id, carers=True)
    except NotFound:
        raise ProviderNotFound from None
