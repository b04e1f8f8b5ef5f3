"""What is asked of recipients, and what people do about it. What the worker does at the server is in ``dispatch``."""

from datetime import date, timedelta
from uuid import UUID

from contracts.act import dated
from contracts.act import queries as acts
from contracts.act.rules import Act, PayWithin, TermCode
from contracts.approval.service import check_disinterested
from contracts.audit.service import record
from contracts.collection import queries
from contracts.collection.aligning import align, due_account, line_accounts
from contracts.collection.models import CollectionRow, DuePartRow, DueRow, RemissionRow
from contracts.collection.queries import Account
from contracts.collection.rules import (
    CollectionKind,
    CollectionStatus,
    Due,
    DueNotFound,
    NothingDue,
    NothingStopped,
    RemissionWrong,
    check_method,
    check_reason,
)
from contracts.kernel.clock import real_clock
from contracts.kernel.database import table_of
from contracts.kernel.ids import human_number, new_id
from contracts.kernel.money import KZT, decimal_string
from contracts.kernel.period import Month
from contracts.kernel.work import Role, Work
from contracts.ledger import service as ledger
from contracts.ledger.rules import AccountKind

ASKED = "due-asked"
AT_ONCE = 20  # acts a transaction: an act has at most a few hundred recipients who pay a part
READERS = (Role.FINANCE_OFFICER, Role.BUDGET_OFFICER, Role.AUDITOR)
_collections = table_of(CollectionRow)


# --- the worker: what accepted acts ask -------------------------------------------------------------------------------
def ask(work: Work) -> int:
    """Turn what accepted acts ask of recipients into dues, and ask for it. How many parts were added."""
    return sum(ask_for(work, acts.act(work, act_id, lock=True)) for act_id in queries.acts_to_ask(work, AT_ONCE))


def ask_for(work: Work, act: Act) -> int:
    """What an accepted act whose row is held asks of recipients, where the agency collects it and has not asked yet."""
    asked = 0
    for engagement_id, recipient_id, kind, amount in queries.asked_by(work, act.id):
        due = _due_for(work, act, engagement_id, recipient_id, kind)
        if queries.is_asked(work, act.id, due.id):
            continue
        outside, _collected = line_accounts(work, due.line_id)
        transfer_id = ledger.transfer(
            work,
            debit=outside,
            credit=due_account(work, due.id).id,
            amount_minor=amount,
            reason=ASKED,
            about_id=due.id,
        )
        work.insert(DuePartRow, id=new_id(), act_id=act.id, due_id=due.id, amount_minor=amount, transfer_id=transfer_id)
        assert work.update(DueRow, due.id, asked_minor=due.asked_minor + amount, pay_by_on=_pay_by(work, act))
        record(work, "due", due.id, "asked")
        align(work, due.id)
        asked += 1
    return asked


def _due_for(work: Work, act: Act, engagement_id: UUID, recipient_id: UUID, kind: str) -> Due:
    """The due of the engagement and month, held; with nothing in it yet where this is its first act."""
    due_id = new_id()
    is_new = queries.due_for(work, engagement_id, act.month) is None and work.insert_if_new(
        DueRow, id=due_id, number=human_number("D"), engagement_id=engagement_id, recipient_id=recipient_id,
        provider_id=act.provider_id, territory=act.territory, line_id=act.line_id, kind=kind, month=act.month,
        currency=KZT, asked_minor=0, remitted_minor=0, pay_by_on=_pay_by(work, act), opened_at=work.now,
    )  # fmt: skip
    if is_new:
        ledger.open_account(work, AccountKind.DUE, due_id, line_id=None)
        record(work, "due", due_id, "opened")
    due = queries.due_for(work, engagement_id, act.month, lock=True)
    assert due is not None
    return due


def _pay_by(work: Work, act: Act) -> date:
    within = dated.term_on(work, TermCode.PAY_WITHIN, territory=act.territory, day=work.today)
    return work.today + timedelta(days=PayWithin(within).days)


# --- the recipient ----------------------------------------------------------------------------------------------------
def pay(work: Work, due_id: UUID, *, method: str) -> None:
    """The recipient, or who stands in for them, pays all that is left by this method of theirs at the payment server;
    the worker does it, and the due says what came of it. Raises DueNotFound, NothingDue, MethodWrong."""
    due = queries.due(work, due_id, lock=True)
    work.act_for(due.recipient_id, Role.OPERATOR, territory=due.territory)
    method, now = check_method(method), real_clock(work.connection)
    live = queries.live_of(work, due_id)
    if live is None or live.kind is not CollectionKind.INTENT:
        raise NothingDue(rule="intent-open")
    if not work.update(
        CollectionRow,
        live.id,
        _collections.c.status == CollectionStatus.OPEN,
        _collections.c.method.is_(None),
        _collections.c.cancel_ordered_at.is_(None),
        method=method,
        confirm_ordered_at=now,
        next_try_at=now,
        declined_at=None,
        attempts=0,
        last_error=None,
    ):
        raise NothingDue(rule="intent-open")
    record(work, "due", due_id, "payment-tried")


# --- officers ---------------------------------------------------------------------------------------------------------
def remit(work: Work, due_id: UUID, *, amount_minor: int, reason: str) -> UUID:
    """So much of it is not owed after all: a wrong assessment, service found not to have been given, a death. An open
    intent ends, and what was paid of it goes back. Raises DueNotFound, InterestDeclared, RemissionWrong."""
    due, reason = _owned(work, due_id), check_reason(reason)
    if not 0 < amount_minor <= due.goal_minor:
        left = decimal_string(due.goal_minor)
        raise RemissionWrong(f"At most {left} can be remitted", pointer="/amount", rule="within-the-due")
    return take_off(work, due, amount_minor=amount_minor, reason=reason)


def take_off(work: Work, due: Due, *, amount_minor: int, reason: str) -> UUID:
    """The caller holds the due, knows who may, and that it is no more than the due."""
    remission_id, due_id = new_id(), due.id
    work.insert(
        RemissionRow,
        id=remission_id,
        due_id=due_id,
        amount_minor=amount_minor,
        reason=reason,
        remitted_by=work.actor.id or UUID(int=0),
        remitted_at=work.now,
    )
    assert work.update(DueRow, due_id, remitted_minor=due.remitted_minor + amount_minor)
    record(work, "due", due_id, "remitted")
    align(work, due_id)
    return remission_id


def resume(work: Work, due_id: UUID) -> None:
    """Try again what waits for a person: parked, or refused by the server. Raises DueNotFound, InterestDeclared,
    NothingStopped."""
    _owned(work, due_id)
    live = queries.live_of(work, due_id)
    if live is None:
        if not align(work, due_id, again=True):
            raise NothingStopped(rule="due-stopped")
        return
    if not live.is_parked:
        raise NothingStopped(rule="due-stopped")
    now = real_clock(work.connection)
    assert work.update(CollectionRow, live.id, next_try_at=now, moved_at=now, strikes=0, last_error=None)
    record(work, "due", due_id, "resumed")


def show(work: Work, due_id: UUID) -> Due:
    """To the recipient's own side, to operators, and to officers and auditors of the territory. Raises DueNotFound."""
    due = queries.due(work, due_id)
    if not _sees(work, due):
        raise DueNotFound
    return due


def dues_of(
    work: Work, recipient_id: UUID, *, before: tuple[Month, UUID] | None = None, limit: int = queries.PAGE
) -> list[Account]:
    """To the recipient's own side, to operators, and to officers and auditors of the territory: what of them the actor
    may see, the latest month first."""
    found = queries.dues_of_recipient(work, recipient_id, before=before, limit=limit)
    return [one for one in found if _sees(work, one.due)]


def _sees(work: Work, due: Due) -> bool:
    own = due.recipient_id in work.actor.recipients()
    return own or work.actor.has(*READERS, Role.OPERATOR, territory=due.territory)


def _owned(work: Work, due_id: UUID) -> Due:
    work.actor.require(Role.FINANCE_OFFICER)
    due = queries.due(work, due_id, lock=True)
    if not work.actor.has(Role.FINANCE_OFFICER, territory=due.territory):
        raise DueNotFound
    check_disinterested(work, frozenset({due.provider_id}))
    return due
