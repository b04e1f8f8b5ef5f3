"""Queries: a provider's months, contract by contract, with what an act still waits for."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActLineRow, ActRow
from contracts.act.rules import Act, ActLine, ActStatus, LineOf
from contracts.contract.models import ContractRow
from contracts.kernel.period import Month
from contracts.kernel.work import Work
from contracts.payee.models import PayeeRow, PayeeVersionRow
from contracts.payee.rules import VersionStatus
from contracts.register import absences, journal


@dataclass(frozen=True, slots=True)
class ContractMonth:
    """``unconfirmed`` visits are in no act until somebody confirms them; ``loose`` are in no act: confirmed, or
    missed and payable. ``act`` is the month's, or the last one that corrects it; ``earlier`` those before it."""

    contract_id: UUID
    contract_number: str
    month: Month
    unconfirmed: int
    confirmed: int
    loose: int
    act: Act | None
    earlier: list[Act]

    @property
    def may_draw_up(self) -> bool:
        """Something was confirmed, and no act is open that could take it."""
        return bool(self.loose) and (self.act is None or self.act.status is ActStatus.ACCEPTED)


@dataclass(frozen=True, slots=True)
class OpenActs:
    """What lies in the provider's hands, and what an officer has."""

    drafts: int
    returned: int
    submitted: int


def months_of(work: Work, provider_id: UUID, months: Sequence[Month]) -> list[ContractMonth]:
    """Those of the months in which there was a visit or an act, the newest first."""
    sums = {(one.contract_id, one.month): one for one in journal.month_sums(work, provider_id, months)}
    missed = absences.loose_counts(work, provider_id, months)
    where = (ActRow.provider_id == provider_id, ActRow.month.in_(months))
    acts: dict[tuple[UUID, Month], list[Act]] = defaultdict(list)
    for act in work.find_all(Act, ActRow, *where, order_by=(ActRow.part,)):
        acts[act.contract_id, act.month].append(act)
    taken = _taken(work, *where)
    every = sums.keys() | acts.keys() | missed.keys()
    numbers = _numbers(work, {contract_id for contract_id, _ in every})
    found = []
    for key in every:
        counted = sums.get(key)
        entered, confirmed = (counted.entered, counted.confirmed) if counted else (0, 0)
        loose, parts = confirmed - taken.get(key, 0) + missed.get(key, 0), acts.get(key, [])
        last = parts[-1] if parts else None
        found.append(ContractMonth(key[0], numbers[key[0]], key[1], entered, confirmed, loose, last, parts[:-1]))
    found.sort(key=lambda one: one.contract_number)
    return sorted(found, key=lambda one: one.month, reverse=True)


def _taken(work: Work, *where: sa.ColumnElement[bool]) -> dict[tuple[UUID, Month], int]:
    """How many visits the acts of a contract's month have: what their lines say, which are visits confirmed then and
    since, for an act lets a visit go before it is cancelled."""
    lines = sa.select(sa.func.coalesce(sa.func.sum(ActLineRow.entries), 0))
    of_act = lines.where(ActLineRow.act_id == ActRow.id, ActLineRow.what == LineOf.VISITS).scalar_subquery()
    taken: dict[tuple[UUID, Month], int] = defaultdict(int)
    for contract_id, month, count in work.rows(sa.select(ActRow.contract_id, ActRow.month, of_act).where(*where)):
        taken[contract_id, month] += int(count)
    return taken


def lines_of(work: Work, act_id: UUID, *, after: UUID | None = None, limit: int) -> list[ActLine]:
    """A page by the line's id, which rises as they are printed."""
    where = [ActLineRow.act_id == act_id] + ([] if after is None else [ActLineRow.id > after])
    return work.find_all(ActLine, ActLineRow, *where, order_by=(ActLineRow.id,), limit=limit)


def open_acts(work: Work, provider_id: UUID) -> OpenActs:
    statement = sa.select(ActRow.status, sa.func.count()).where(ActRow.provider_id == provider_id)
    rows = work.rows(statement.where(ActRow.status != ActStatus.ACCEPTED).group_by(ActRow.status))
    counts: dict[ActStatus, int] = {status: int(count) for status, count in rows}
    return OpenActs(*(counts.get(one, 0) for one in (ActStatus.DRAFT, ActStatus.RETURNED, ActStatus.SUBMITTED)))


def has_account(work: Work, provider_id: UUID) -> bool:
    """Whether there is an account that could be paid."""
    statement = (
        sa.select(PayeeVersionRow.id)
        .join(PayeeRow, PayeeRow.id == PayeeVersionRow.payee_id)
        .where(PayeeRow.provider_id == provider_id, PayeeVersionRow.status == VersionStatus.ACTIVE)
    )
    return work.scalar(statement.limit(1)) is not None


def _numbers(work: Work, contract_ids: set[UUID]) -> dict[UUID, str]:
    rows = work.rows(sa.select(ContractRow.id, ContractRow.number).where(ContractRow.id.in_(contract_ids)))
    return {row.id: row.number for row in rows}
