"""What officers do with batches on a payment's path: collected, handed in, approved by another, ordered, put into a
file of their own. Acts are paid in batches or one by one, as whoever comes first likes."""

from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActRow
from contracts.approval.models import ApprovalRow, ThresholdRow
from contracts.approval.rules import CountedOver, Verdict
from contracts.approval.service import set_threshold
from contracts.kernel.work import Actor, Grant, Role, Work
from contracts.ledger.models import AccountRow
from contracts.ledger.rules import AccountKind
from contracts.payment import batch_ordering, batch_queries, batching
from contracts.payment.batch_models import BatchLineRow, BatchRow
from contracts.payment.batch_rules import OPEN, BatchEmpty, BatchStatus, LineStatus
from contracts.payment.models import PayingAccountRow, PaymentRow
from contracts.payment.rules import OPEN_ENDED, Channel, PaymentStatus
from contracts.reconciliation import bank_orders
from tests.payment.batch_designs import BATCH_ORDERS
from tests.payment.official import DANA, ERLAN, Official

AIGUL = Actor(UUID(int=105), "Aigul", (Grant(Role.BUDGET_OFFICER, territory=""),))
BATCHED = ("collect", "hand in", "approve batch", "order batch", "hand over batch")
YEAR = 2026
MOST_TOGETHER = 4  # acts of a batch: few, so that there are many batches to die over
DISSOLVED = 0.05  # of the batches that could be handed in


class BatchClerk(Official):
    def collect(self) -> int:
        territory = self.one_of(payable_acts().with_only_columns(ActRow.territory))
        if territory is None:
            return 0
        free = self.some_of(payable_acts().where(ActRow.territory == territory))
        chosen = self.dice.sample(free, min(len(free), self.dice.randint(1, MOST_TOGETHER)))

        def make(work: Work) -> None:
            acts = batch_queries.acts_of(work, chosen)
            how = batch_queries.conditions(work, acts.values())
            batch_id = batching.open_batch(work, territory=territory, year=YEAR)
            batching.add(work, batch_id, [one for one in acts if how[one].lack is None])

        return self.commit("collect", DANA, make)

    def hand_in(self) -> int:
        """What cannot be paid by now is taken out; a batch with nothing left, and now and then another, is given up."""
        batch_id = self.one_of(sa.select(BatchRow.id).where(BatchRow.status == BatchStatus.DRAFT))
        gives_up = self.dice.random() < DISSOLVED

        def submit(work: Work, one: UUID) -> None:
            batching.remove_unpayable(work, one)
            if gives_up or not batch_queries.lines(work, one):
                batching.dissolve(work, one)
            else:
                batching.submit(work, one)

        return batch_id is not None and self.commit("hand in", DANA, lambda work: submit(work, batch_id))

    def approve_batch(self) -> int:
        batch_id = self.one_of(_handed_in().where(_needs_another(), ~_approved()))
        yes = Verdict.APPROVED
        return batch_id is not None and self.commit(
            "approve batch", ERLAN, lambda work: batch_ordering.decide(work, batch_id, verdict=yes)
        )

    def order_batch(self) -> int:
        batch_id = self.one_of(_handed_in().where(sa.or_(~_needs_another(), _approved())))
        if batch_id is None:
            return 0
        if wrong := BATCH_ORDERS.get(self.design):
            return wrong(self.commit, DANA, batch_id)

        def order(work: Work) -> None:
            try:
                batch_ordering.order(work, batch_id)
            except BatchEmpty:
                batching.dissolve(work, batch_id)

        return self.commit("order batch", DANA, order)

    def hand_over_batch(self) -> int:
        """The file of a batch alone; what it does not take goes with the account's."""
        row, line = PaymentRow, BatchLineRow
        waiting = (
            sa.select(line.batch_id)
            .join(row, row.id == line.payment_id)
            .where(row.status == PaymentStatus.ORDERED, row.channel == Channel.FILE)
        )
        batch_id = self.one_of(waiting)
        account = self.one_of(sa.select(PayingAccountRow.id).where(PayingAccountRow.channel == Channel.FILE))
        return (
            batch_id is not None
            and account is not None
            and self.commit(
                "hand over batch", DANA, lambda work: bank_orders.make_order(work, account, batch_id=batch_id)
            )
        )


def _handed_in() -> "sa.Select[UUID]":
    return sa.select(BatchRow.id).where(BatchRow.status == BatchStatus.SUBMITTED)


def _needs_another() -> sa.ColumnElement[bool]:
    return BatchRow.total_minor >= sa.select(sa.func.max(ThresholdRow.least_minor)).scalar_subquery()


def _approved() -> sa.ColumnElement[bool]:
    return sa.exists().where(ApprovalRow.subject_id == BatchRow.id)


def ask_for_another(work: Work, least_minor: int) -> None:
    """Orders from this amount on are approved by a second officer: batches, and no act alone."""
    set_before = work.scalar(sa.select(sa.func.max(ThresholdRow.least_minor)))
    if set_before is None:
        set_threshold(
            work, territory="", least_minor=least_minor, approvers=1, from_on=work.today, source="order 7",
            counted_over=CountedOver.ORDER,
        )  # fmt: skip
    assert set_before is None or set_before >= least_minor, "an act alone would ask for it"


def given_up() -> sa.ColumnElement[bool]:
    """Called back from a payee whose bank does not take it: the act waits for another account."""
    row = PaymentRow
    return sa.exists().where(
        row.act_id == ActRow.id, row.status == PaymentStatus.REVERSED, row.channel == Channel.SERVER
    )


def payable_acts() -> "sa.Select[UUID]":
    """With money that nobody has ordered, in no batch, of payees to whom nothing is under way: one month after the
    other."""
    free = AccountRow.credits_posted - AccountRow.debits_posted - AccountRow.debits_pending
    busy = sa.exists().where(PaymentRow.payee_version_id == ActRow.payee_version_id, PaymentRow.status.in_(OPEN_ENDED))
    held = sa.exists().where(BatchLineRow.act_id == ActRow.id, BatchLineRow.status == LineStatus.HELD)
    return (
        sa.select(ActRow.id)
        .join(AccountRow, AccountRow.id == ActRow.account_id)
        .where(AccountRow.kind == AccountKind.PAYABLE, free > 0, ~busy, ~held, ~given_up())
        .order_by(ActRow.id)
    )


def open_batches() -> "sa.Select[int]":
    return sa.select(sa.func.count()).select_from(BatchRow).where(BatchRow.status.in_(OPEN))
