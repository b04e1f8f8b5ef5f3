"""Checkpoints: every stream that changed since the last one, and the last one itself, bound into one signed tree."""

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.audit import queries
from contracts.audit.merkle import leaf_hash, root_of
from contracts.audit.models import CheckpointRow, HeadRow, LeafRow
from contracts.audit.rules import CHECKPOINTS, GENESIS, Sealed, Statement
from contracts.kernel.database import table_of
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work, insert_ignoring

MAX_LEAVES = 20_000  # a checkpoint: about a second of SQLite's one writer; the rest goes into the next
_checkpoints, _leaves, _heads = table_of(CheckpointRow), table_of(LeafRow), table_of(HeadRow)


def seal(database: Database, key: Ed25519PrivateKey, *, max_leaves: int = MAX_LEAVES) -> int:
    """Bind what no checkpoint covers yet. How many streams; 0 where there is nothing new, and nothing is written then.

    Several sealers may run at once: they take turns.
    """
    total = 0
    while sealed := database.write(SYSTEM, lambda work: seal_some(work, key, max_leaves=max_leaves)):
        total += sealed
        if sealed < max_leaves:
            break
    return total


def seal_some(work: Work, key: Ed25519PrivateKey, *, max_leaves: int = MAX_LEAVES) -> int:
    """One checkpoint over at most so many streams."""
    moment = queries.moment(work)  # before anything is written
    first = {"stream": CHECKPOINTS, "sequence": 0, "position": 0, "hash": GENESIS}
    work.execute(insert_ignoring(work.connection.dialect.name, _heads), first)
    last = queries.last_checkpoint(work, lock=True)
    before, until = queries.settled(work, last.sequence, moment)
    leaves = queries.unsealed(work, before, limit=max_leaves)
    if not leaves:
        return 0
    if len(leaves) == max_leaves:
        until = min(until, leaves[-1].position)
    hashes = [leaf_hash(last.hash), *(leaf_hash(leaf.data()) for leaf in leaves)]
    statement = Statement(
        number=last.sequence + 1,
        at=work.now.isoformat(),
        position=moment.position,
        horizon=moment.horizon,
        settled=max(before, until),
        size=len(hashes),
        root=root_of(hashes).hex(),
    )
    _write(work, statement, key.sign(statement.data()), leaves)
    return len(leaves)


def _write(work: Work, statement: Statement, signature: bytes, leaves: list[Sealed]) -> None:
    """Without an audit event: a checkpoint is about the trail, not in it."""
    number = statement.number
    work.execute(sa.insert(_checkpoints), {
        "number": number, "at": work.now, "position": statement.position, "horizon": statement.horizon,
        "settled": statement.settled, "size": statement.size, "root": bytes.fromhex(statement.root),
        "signature": signature,
    })  # fmt: skip
    rows = [
        {"checkpoint": number, "place": place, "stream": leaf.stream, "sequence": leaf.sequence,
         "position": leaf.position, "hash": leaf.hash}
        for place, leaf in enumerate(leaves, start=1)
    ]  # fmt: skip
    work.execute(sa.insert(_leaves), rows)
    head = {"sequence": number, "position": statement.position, "hash": statement.hash()}
    work.execute(sa.update(_heads).where(_heads.c.stream == CHECKPOINTS).values(**head))
