"""Bringing a due to its goal: the next intent, the end of a wrong one, or money back; in the ledger at the same time.

The due's account holds what is still to be paid, and a live intent holds that back: the database itself refuses to
collect more than is due. What an officer remits is taken from what nobody has paid; where it is paid already, it comes
back first.
"""

from datetime import datetime
from uuid import UUID

from contracts.audit.service import record
from contracts.collection import queries
from contracts.collection.models import CollectionRow
from contracts.collection.rules import COLLECTION, Collection, CollectionKind, CollectionStatus, Due, wanted
from contracts.kernel.clock import real_clock
from contracts.kernel.database import table_of
from contracts.kernel.ids import new_id
from contracts.kernel.work import Work
from contracts.ledger import queries as accounts
from contracts.ledger import service as ledger
from contracts.ledger.rules import AccountKind
from contracts.payment.queries import paid_account

REMITTED, FAILED = "due-remitted", "refund-failed"
_collections = table_of(CollectionRow)


def align(work: Work, due_id: UUID, *, again: bool = False) -> bool:
    """Whether something new began. Holds the due's row. ``again``: a person says that what was refused is tried once
    more."""
    due = queries.due(work, due_id, lock=True)
    _take_off(work, due)
    moves = queries.collections_of(work, due.id)
    step = wanted(due.goal_minor, moves, again=again)
    if step.cancel is not None:
        gone = _cancel(work, next(m for m in moves if m.id == step.cancel))
        return gone and align(work, due_id, again=again)
    if step.ask_minor:
        _order(work, due, CollectionKind.INTENT, step.ask_minor, None)
    elif step.refund:
        of_id, amount = step.refund
        _order(work, due, CollectionKind.REFUND, amount, of_id)
    return bool(step.ask_minor or step.refund)


def due_account(work: Work, due_id: UUID) -> accounts.Account:
    found = accounts.account_of(work, AccountKind.DUE, due_id)
    assert found is not None, "a due is opened with it"
    return found


def line_accounts(work: Work, line_id: UUID) -> tuple[UUID, UUID]:
    """Of a funding line: where asked money comes from, and where collected money goes. Neither counts among the
    line's own money. Opened when the first recipient is asked."""
    found = [accounts.account_of(work, kind, line_id) for kind in (AccountKind.RECIPIENTS, AccountKind.COLLECTED)]
    if found[0] is None or found[1] is None:
        accounts.account(work, paid_account(work, line_id), lock=True)  # of two who open them the second finds them
        for kind in (AccountKind.RECIPIENTS, AccountKind.COLLECTED):
            if accounts.account_of(work, kind, line_id) is None:
                ledger.open_account(work, kind, line_id, line_id=None)
        return line_accounts(work, line_id)
    return found[0].id, found[1].id


def _take_off(work: Work, due: Due) -> None:
    """What was remitted leaves the due's account as soon as it is free there; what a refund brought there that failed
    leaves it once more, when it is brought again."""
    account = due_account(work, due.id)
    goal = due.remitted_minor + queries.failed_of(work, due.id)
    left = goal - accounts.given(work, debit=account.id, about_id=due.id)
    amount = min(left, accounts.account(work, account.id, lock=True).free)
    if amount > 0:
        outside, _collected = line_accounts(work, due.line_id)
        ledger.transfer(work, debit=account.id, credit=outside, amount_minor=amount, reason=REMITTED, about_id=due.id)
        record(work, "due", due.id, "taken-off")


def _order(work: Work, due: Due, kind: CollectionKind, amount: int, of_id: UUID | None) -> None:
    owed, (_outside, collected) = due_account(work, due.id).id, line_accounts(work, due.line_id)
    is_intent = kind is CollectionKind.INTENT
    collection_id = new_id()
    pending = ledger.transfer(
        work,
        debit=owed if is_intent else collected,
        credit=collected if is_intent else owed,
        amount_minor=amount,
        reason=f"{kind}-ordered",
        about_id=collection_id,
        pending=True,
    )
    now = real_clock(work.connection)
    work.insert(
        CollectionRow, id=collection_id, due_id=due.id, kind=kind, of_id=of_id, amount_minor=amount,
        currency=due.currency, status=CollectionStatus.ORDERED, pending_transfer_id=pending, ordered_at=work.now,
        first_tried_at=None, next_try_at=now, attempts=0, strikes=0, moved_at=now, last_error=None, gateway_id=None,
        method=None, confirm_ordered_at=None, declined_at=None, cancel_ordered_at=None, ended_at=None,
    )  # fmt: skip
    record(work, "due", due.id, f"{kind}-ordered")


def _cancel(work: Work, intent: Collection) -> bool:
    """What no worker has had in its hands is gone at once (True); else the worker asks the server."""
    now = real_clock(work.connection)
    if intent.status is CollectionStatus.ORDERED:
        return end(work, intent, CollectionStatus.CANCELED, ended_at=work.now)
    if intent.cancel_ordered_at is None:
        assert work.update(CollectionRow, intent.id, cancel_ordered_at=now, next_try_at=now, attempts=0)
        record(work, "due", intent.due_id, "intent-cancelling")
    return False


def end(
    work: Work, collection: Collection, goal: CollectionStatus, *, ended_at: datetime, why: str | None = None
) -> bool:
    """The collection's one end, and its money's. False where it has one already."""
    if collection.status not in (CollectionStatus.ORDERED, CollectionStatus.SENDING, CollectionStatus.OPEN):
        return False
    settled = goal is CollectionStatus.SUCCEEDED
    (ledger.post if settled else ledger.void)(work, collection.pending_transfer_id, reason=f"{collection.kind}-{goal}")
    assert work.update(
        CollectionRow,
        collection.id,
        _collections.c.status == collection.status,
        status=COLLECTION.after(str(goal), collection.status),
        ended_at=ended_at,
        moved_at=real_clock(work.connection),
        attempts=0,
        strikes=0,
        next_try_at=None,
        last_error=why,
        method=None,
        confirm_ordered_at=None,
    )
    record(work, "due", collection.due_id, f"{collection.kind}-{goal}")
    return True


def reopen(work: Work, refund: Collection) -> None:
    """The server's money of a refund that had succeeded is back: it is collected once more, and owed to the recipient
    until a person has it tried again. The due may have given its share on, so it is not taken from there."""
    assert refund.kind is CollectionKind.REFUND
    due = queries.due(work, refund.due_id)
    outside, collected = line_accounts(work, due.line_id)
    ledger.transfer(
        work, debit=outside, credit=collected, amount_minor=refund.amount_minor, reason=FAILED, about_id=refund.id
    )
    assert work.update(
        CollectionRow,
        refund.id,
        _collections.c.status == refund.status,
        status=COLLECTION.after("failed", refund.status),
        ended_at=work.now,
        moved_at=real_clock(work.connection),
        strikes=0,
        next_try_at=None,
    )
    record(work, "due", refund.due_id, "refund-failed")
