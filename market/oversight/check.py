"""``market check``: every invariant of every feature, over the whole database, in one snapshot."""

from dataclasses import dataclass

from contracts.act import invariants as act
from contracts.collection import invariants as collection
from contracts.contract import queries as contract
from contracts.kernel.database import Invariant
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Work
from contracts.ledger import queries as ledger
from contracts.payee import queries as payee
from contracts.payment import advance_invariants as advances
from contracts.payment import approval_invariants
from contracts.payment import batch_invariants as batches
from contracts.payment import queries as payment
from contracts.reconciliation import invariants as reconciliation
from contracts.register import absences
from contracts.register import queries as register
from contracts.schedule import queries as schedule
from market.competition import queries as competition
from market.oversight import flags
from market.placement import nightly_queries as nightly
from market.placement import outcome_queries as outcomes
from market.placement import queries as placement
from market.placement import request_queries as requests
from market.placement import stored_queries as rounds
from market.provider import queries as provider
from market.user import queries as user
from market.voucher import queries as voucher

MAX_NAMED = 100  # broken things named for each invariant: enough to start, few enough to read
FEATURES = (
    ledger,
    payee,
    contract,
    schedule,
    register,
    absences,
    act,
    payment,
    approval_invariants,
    collection,
    batches,
    advances,
    reconciliation,
    user,
    provider,
    voucher,
    competition,
    placement,
    requests,
    nightly,
    rounds,
    outcomes,
    flags,
)


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    checked: int
    broken: list[str]


def check(database: Database) -> list[Finding]:
    return database.read(SYSTEM, lambda work: [_find(work, i) for feature in FEATURES for i in feature.invariants()])


def _find(work: Work, invariant: Invariant) -> Finding:
    broken = [str(row[0]) for row in work.rows(invariant.broken.limit(MAX_NAMED))]
    return Finding(invariant.name, int(work.scalar(invariant.checked) or 0), broken)
