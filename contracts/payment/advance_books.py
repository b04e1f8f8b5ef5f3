"""What the ledger does when an advance arrives, comes back, or is given up.

Ordered: appropriated -> payable (of the advance), and payable -> recovery pending. Arrived: its payee owes it, and
set-off takes it from the next acts as it does any debt. A bank may send the money back after acts were set off against
it: then the advance is payable again, made of what was still owed and of what those acts were paid with. When the
server pays it out after all everything goes back to where it was; when it is given up, the acts are owed for again. So
nothing that a bank says ever needs money that the line may have promised to somebody else meanwhile.
"""

from uuid import UUID

from contracts.audit.service import record
from contracts.kernel.work import Work
from contracts.ledger import queries as accounts
from contracts.ledger import service as ledger
from contracts.ledger.rules import AccountKind
from contracts.payment import advance_queries
from contracts.payment.advance_models import AdvanceRow
from contracts.payment.advance_rules import ADVANCE, Advance, MoreThanAdvanced
from contracts.payment.queries import Payment, paid_account
from contracts.payment.rules import UNDER_WAY, PaymentStatus
from contracts.payment.undoing import undo_set_offs


def advance_of(work: Work, payment: Payment) -> Advance:
    assert payment.advance_id is not None
    return advance_queries.advance(work, payment.advance_id)


def move(work: Work, payment: Payment, goal: PaymentStatus) -> None:
    """From the payment's status to ``goal``. The caller holds the payment's row and writes the status."""
    advance, reason = advance_of(work, payment), f"payment-{goal}"
    accounts.account(work, paid_account(work, advance.line_id), lock=True)  # set-off waits here, or was before us
    if payment.status in UNDER_WAY:
        settles = goal is PaymentStatus.SETTLED
        (ledger.post if settles else ledger.void)(work, payment.pending_transfer_id, reason=reason)
    elif goal is PaymentStatus.SETTLED:
        _put_back(work, payment, advance, reason)
    elif payment.status is PaymentStatus.SETTLED:
        _collect(work, payment, advance, reason)
    if goal is PaymentStatus.REVERSED:
        give_up(work, payment)


def recovery_of(work: Work, payment: Payment) -> accounts.Account:
    found = accounts.account_of(work, AccountKind.RECOVERY, payment.id)
    assert found is not None, "an order opens it"
    return found


def _free_account(work: Work, advance: Advance) -> UUID:
    found = accounts.account_of(work, AccountKind.APPROPRIATED, advance.line_id)
    assert found is not None, "a line is opened with it"
    return found.id


def _collect(work: Work, payment: Payment, advance: Advance, reason: str) -> None:
    """It came back: of what acts were set off with it, and of what was owed. Where less is with its payee by our books,
    people have booked that, and it comes back by their hands alone."""
    used = sum(one.left_minor for one in advance_queries.standing_set_offs(work, payment.id))
    recovery = recovery_of(work, payment)
    from_acts = min(used, payment.amount_minor)
    owed = payment.amount_minor - from_acts
    assert owed <= recovery.free, "what was advanced is owed or set off"
    for source, amount in ((paid_account(work, advance.line_id), from_acts), (recovery.id, owed)):
        _post(work, source, advance.account_id, amount, reason, payment.id)


def _put_back(work: Work, payment: Payment, advance: Advance, reason: str) -> None:
    """It was paid out after all: each part goes to where it was taken from; what was never anywhere else is owed."""
    recovery, left = recovery_of(work, payment), payment.amount_minor
    for account_id, amount in advance_queries.came_from(work, payment.id, advance.account_id).items():
        if account_id != recovery.id and amount > 0:
            _post(work, advance.account_id, account_id, amount, reason, payment.id)
            left -= amount
    _post(work, advance.account_id, recovery.id, left, reason, payment.id)


def give_up(work: Work, payment: Payment) -> None:
    """Nothing is sent any more: acts that were set off with it are owed for again, the rest is free money of the
    line."""
    advance = advance_of(work, payment)
    paid = paid_account(work, advance.line_id)
    of_acts = max(0, advance_queries.came_from(work, payment.id, advance.account_id).get(paid, 0))
    _undo(work, payment, advance, of_acts)
    rest = payment.amount_minor - of_acts
    _post(work, advance.account_id, _free_account(work, advance), rest, "advance-unpaid", advance.id)
    status = ADVANCE.after("unpaid", advance.status)
    unpaid = work.update(AdvanceRow, advance.id, AdvanceRow.status == advance.status, status=status)
    assert unpaid, "its one payment is locked"
    record(work, "advance", advance.id, "unpaid")


def _undo(work: Work, payment: Payment, advance: Advance, amount: int) -> None:
    assert undo_set_offs(work, payment.id, advance.account_id, amount) == 0, "acts were set off for as much"


def underpaid(work: Work, payment: Payment, amount: int, about_id: UUID) -> UUID:
    """The bank paid so much less than our books say, and people agreed: so much less is owed, and where acts took it
    already they are owed for again. The transfer of the whole amount. The caller holds the line's paid account. Raises
    MoreThanAdvanced."""
    advance, recovery = advance_of(work, payment), recovery_of(work, payment)
    paid, owed = paid_account(work, advance.line_id), min(recovery.free, amount)
    used = sum(one.left_minor for one in advance_queries.standing_set_offs(work, payment.id))
    if payment.status is not PaymentStatus.SETTLED or amount - owed > used:
        raise MoreThanAdvanced(rule="advanced-at-most")
    _post(work, recovery.id, paid, owed, "owed-less", about_id)
    moved = _post(work, paid, advance.account_id, amount, "underpaid", about_id)
    assert moved is not None, "a difference is not nothing"
    _post(work, advance.account_id, _free_account(work, advance), owed, "advance-unpaid", about_id)
    _undo(work, payment, advance, amount - owed)
    return moved


def _post(work: Work, debit: UUID, credit: UUID, amount: int, reason: str, about_id: UUID) -> UUID | None:
    """None where there is nothing to move."""
    if amount == 0:
        return None
    return ledger.transfer(work, debit=debit, credit=credit, amount_minor=amount, reason=reason, about_id=about_id)
