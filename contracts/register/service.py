"""Entering, confirming and cancelling visits; and giving the confirmed ones of a month to an act."""

import hashlib
from datetime import date, datetime
from typing import Any  # column values, as Work.update takes them
from uuid import UUID

import sqlalchemy as sa

from contracts.approval.service import check_disinterested
from contracts.audit.service import record
from contracts.contract import queries as contracts
from contracts.contract.rules import Engagement, EngagementNotFound
from contracts.kernel.database import table_of
from contracts.kernel.errors import NotFound
from contracts.kernel.ids import new_id
from contracts.kernel.period import Month
from contracts.kernel.work import Role, Work, hash_rows
from contracts.register import absences, queries
from contracts.register.absence_rules import AbsenceAndVisit
from contracts.register.models import EntryRow
from contracts.register.rules import (
    ENTRY,
    ClientIdReused,
    Confirmation,
    Entry,
    EntryInAct,
    EntryNotFound,
    EntryStatus,
    NobodyActs,
    OwnProvidersVisit,
    RecipientElsewhere,
    Visit,
    WorkerElsewhere,
    check_page,
    check_reason,
    check_second_person,
    check_served,
    check_visit,
    read_visit,
)

_entries = table_of(EntryRow)


def enter(
    work: Work,
    engagement_id: UUID,
    *,
    client_id: str,
    worker_id: UUID,
    started_at: datetime,
    ended_at: datetime,
    quantity: int,
    place: str,
) -> UUID:
    """The provider's people say that a visit took place. The same visit under the same ``client_id`` once more is
    answered with the entry that stands.

    Raises ClientIdReused, WorkerElsewhere, RecipientElsewhere, and the refusals of ``rules.check_visit``.
    """
    visit = read_visit(
        client_id=client_id,
        worker_id=worker_id,
        started_at=started_at,
        ended_at=ended_at,
        quantity=quantity,
        place=place,
    )
    engagement = own_engagement(work, engagement_id)
    entered_by = person(work)
    take_turns(work, visit.worker_id, engagement.recipient_id)
    standing = queries.entry_of_client(work, engagement_id, visit.client_id)
    if standing is not None:
        if standing.visit != visit:
            raise ClientIdReused(pointer="/client_id", rule="one-visit-a-client-id")
        return standing.id
    check_visit(visit, engagement.unit, now=work.now)
    _check_served(work, engagement, visit)
    _check_free(work, engagement, visit)
    return write(work, engagement, visit, entered_by)


def write(work: Work, engagement: Engagement, visit: Visit, entered_by: UUID, *, batch_id: UUID | None = None) -> UUID:
    entry_id = new_id()
    work.insert(
        EntryRow,
        id=entry_id,
        month=visit.month,
        engagement_id=engagement.id,
        contract_id=engagement.contract_id,
        recipient_id=engagement.recipient_id,
        worker_id=visit.worker_id,
        client_id=visit.client_id,
        served_on=visit.served_on,
        started_at=visit.started_at,
        ended_at=visit.ended_at,
        place=visit.place,
        quantity=visit.quantity,
        status=EntryStatus.ENTERED,
        entered_by=entered_by,
        entered_at=work.now,
        confirmed_by=None,
        confirmed_at=None,
        confirmed_how=None,
        paper_page=None,
        cancel_reason=None,
        act_id=None,
        batch_id=batch_id,
        items=None,
    )
    record(work, "entry", entry_id, "entered")
    return entry_id


def confirm(work: Work, entry_id: UUID) -> None:
    """The recipient, who may act through a representative or an operator, says that it took place.

    Raises WrongState, OwnEntry where he entered it himself, OwnProvidersVisit where he is one of those who are paid.
    """
    entry = queries.entry(work, entry_id, lock=True)
    contract = contracts.contract(work, entry.contract_id)
    try:
        work.act_for(entry.recipient_id, Role.OPERATOR, territory=contract.territory)
    except NotFound:
        raise EntryNotFound from None
    confirmer = person(work)
    if contract.provider_id in work.actor.providers():
        raise OwnProvidersVisit(rule="not-ones-own-provider")
    check_second_person(entry, confirmer)
    how = Confirmation.TAP if entry.recipient_id in work.actor.recipients() else Confirmation.OPERATOR
    move(work, entry, "confirmed", confirmed_by=confirmer, confirmed_at=work.now, confirmed_how=how)


def confirm_by_paper(work: Work, entry_id: UUID, *, page: str) -> None:
    """The recipient signed the paper journal, and an operator of the territory has the page before them: it is kept as
    such, with the operator's name. Raises PaperPageMissing, WrongState, OwnEntry, OwnProvidersVisit."""
    entry = queries.entry(work, entry_id, lock=True)
    contract = contracts.contract(work, entry.contract_id)
    if not work.actor.has(Role.OPERATOR, territory=contract.territory):
        raise EntryNotFound
    work.act_for(entry.recipient_id, Role.OPERATOR, territory=contract.territory)
    confirmer, said = person(work), check_page(page)
    if contract.provider_id in work.actor.providers():
        raise OwnProvidersVisit(rule="not-ones-own-provider")
    check_second_person(entry, confirmer)
    how = Confirmation.PAPER
    move(work, entry, "confirmed", confirmed_by=confirmer, confirmed_at=work.now, confirmed_how=how, paper_page=said)


def cancel(work: Work, entry_id: UUID, *, reason: str, let_go_by: UUID | None = None) -> None:
    """The provider's people, or a budget officer, take an entry back. ``let_go_by`` is the act that may lose it: the
    caller, who decides on acts, holds its row. Raises EntryInAct, InterestDeclared, WrongState."""
    entry = queries.entry(work, entry_id, lock=True)
    check_takes_back(work, entry.contract_id, EntryNotFound)
    said = check_reason(reason)
    if entry.act_id not in {None, let_go_by}:
        raise EntryInAct(rule="not-in-an-act")
    move(work, entry, "cancelled", cancel_reason=said, act_id=None)


def check_takes_back(work: Work, contract_id: UUID, missing: type[NotFound]) -> None:
    """What was entered is taken back by the provider's people, or by a budget officer who is free towards the provider.
    Raises InterestDeclared, and ``missing`` to all others."""
    try:
        provider_id = contracts.contract_of(work, contract_id, Role.BUDGET_OFFICER, carers=True).provider_id
    except NotFound:
        raise missing from None
    if provider_id not in work.actor.providers():
        check_disinterested(work, frozenset({provider_id}))


def claim(work: Work, contract_id: UUID, *, month: Month, act_id: UUID) -> int:
    """Give every confirmed entry of the contract's month that no act has to this act. How many. The caller, who
    decides on acts, records it."""
    statement = (
        sa.update(_entries)
        .where(
            _entries.c.contract_id == contract_id,
            _entries.c.month == month,
            _entries.c.status == EntryStatus.CONFIRMED,
            _entries.c.act_id.is_(None),
            queries.served_within_engagement(),
        )
        .values(act_id=act_id)
    )
    return _change_set(work, statement, act_id, "claimed")


def release(work: Work, contract_id: UUID, *, month: Month, act_id: UUID) -> int:
    """The act gives its entries back. The caller records it."""
    taken = queries.of_act(act_id, contract_id, month)
    return _change_set(work, sa.update(_entries).where(*taken).values(act_id=None), act_id, "released")


def _change_set(work: Work, statement: sa.Update, act_id: UUID, verb: str) -> int:
    changed = sorted(str(row.id) for row in work.execute(statement.returning(_entries.c.id)))
    if changed:
        work.note_set(
            str(_entries.name),
            verb=verb,
            act_id=str(act_id),
            count=len(changed),
            digest=hash_rows((entry_id,) for entry_id in changed),
        )
    return len(changed)


def own_engagement(work: Work, engagement_id: UUID) -> Engagement:
    engagement = contracts.engagement(work, engagement_id)
    provider_id = contracts.contract(work, engagement.contract_id).provider_id
    try:
        work.actor.require_provider(provider_id, carers=True)
    except NotFound:
        raise EngagementNotFound from None
    return engagement


def person(work: Work) -> UUID:
    if work.actor.id is None:
        raise NobodyActs
    return work.actor.id


def take_turns(work: Work, *people: UUID) -> None:
    """Who enters a visit of the same worker or recipient waits until this transaction is over, so that the search
    for overlaps sees every visit. SQLite has one writer anyway; on PostgreSQL two advisory locks, always taken in the
    same order, stand in for the rows: workers and recipients are opaque here."""
    if work.connection.dialect.name == "sqlite":
        return
    turns = [
        int.from_bytes(hashlib.blake2b(b"register" + p.bytes, digest_size=8).digest(), signed=True) for p in people
    ]
    for turn in sorted(turns):
        work.scalar(sa.select(sa.func.pg_advisory_xact_lock(turn)))


def _check_served(work: Work, engagement: Engagement, visit: Visit) -> None:
    check_served_on(work, engagement, visit.served_on)


def check_served_on(work: Work, engagement: Engagement, day: date) -> None:
    """Raises NotServedThatDay."""
    check_served(engagement, contracts.suspensions(work, engagement.id), day)


def _check_free(work: Work, engagement: Engagement, visit: Visit) -> None:
    if queries.is_busy(work, EntryRow.worker_id, visit.worker_id, visit):
        raise WorkerElsewhere(pointer="/worker_id", rule="one-place-at-a-time")
    if queries.is_busy(work, EntryRow.recipient_id, engagement.recipient_id, visit):
        raise RecipientElsewhere(pointer="/started_at", rule="one-visit-at-a-time")
    if absences.missed_times(work, [engagement.id], visit.started_at, visit.ended_at):
        raise AbsenceAndVisit(pointer="/started_at", rule="served-or-absent")


def move(work: Work, entry: Entry, verb: str, **changed: Any) -> None:
    status = ENTRY.after(verb, entry.status)
    moved = work.update(EntryRow, entry.id, EntryRow.status == entry.status, status=status, **changed)
    assert moved, "the row is locked"
    record(work, "entry", entry.id, verb)
