"""Set-offs that no longer hold: acts were paid with money that their payee did not have after all."""

from uuid import UUID

from contracts.act import queries as acts
from contracts.kernel.ids import new_id
from contracts.kernel.work import Work
from contracts.ledger import service as ledger
from contracts.payment.advance_models import SetOffUndoneRow
from contracts.payment.advance_queries import StandingSetOff, standing_set_offs


def undo_set_offs(work: Work, payment_id: UUID, account_id: UUID, amount: int) -> int:
    """So much of what was set off against the payment no longer holds, the latest first: those acts are owed for again,
    with money of the account. What of the amount nothing was set off for."""
    for one in standing_set_offs(work, payment_id):
        part = min(amount, one.left_minor)
        if part <= 0:
            break
        act = acts.act(work, one.act_id)
        assert act.account_id is not None, "acceptance opens it"
        moved = ledger.transfer(
            work, debit=account_id, credit=act.account_id, amount_minor=part, reason="set-off-undone", about_id=one.id
        )
        undone(work, one, part, moved)
        amount -= part
    return amount


def undone(work: Work, set_off: StandingSetOff, amount: int, transfer_id: UUID) -> None:
    work.insert(
        SetOffUndoneRow, id=new_id(), set_off_id=set_off.id, amount_minor=amount, transfer_id=transfer_id,
        undone_at=work.now,
    )  # fmt: skip
