"""Reading payments, what is due of them, and the sentences that must always hold."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from contracts.act.models import ActRow
from contracts.act.rules import ActStatus
from contracts.kernel.clock import RealAgo
from contracts.kernel.database import Invariant
from contracts.kernel.work import Work
from contracts.ledger import queries as ledger
from contracts.ledger.models import AccountRow, TransferRow
from contracts.ledger.rules import AccountKind, TransferKind
from contracts.payee.models import PayeeRow, PayeeVersionRow
from contracts.payment.models import PaymentRow
from contracts.payment.rules import (
    AT_THE_PEER,
    LONGEST_ON_THE_WAY,
    LONGEST_SENDING,
    NOT_LIVE,
    OPEN_ENDED,
    SECOND_TRANSFER,
    UNDER_WAY,
    Channel,
    PaymentNotFound,
    PaymentStatus,
    has_end,
    may_be_tried,
)

MOST = 200  # payments in one answer


@dataclass(frozen=True, slots=True)
class Payment:
    """The whole row. ``next_try_at`` and ``moved_at`` are real time, the other instants are the database's clock."""

    id: UUID
    number: str
    act_id: UUID | None
    advance_id: UUID | None
    provider_id: UUID
    territory: str
    payee_version_id: UUID
    amount_minor: int
    currency: str
    status: PaymentStatus
    pending_transfer_id: UUID
    ordered_by: UUID
    ordered_at: datetime
    first_sent_at: datetime | None
    next_try_at: datetime | None
    attempts: int
    strikes: int
    moved_at: datetime
    last_error: str | None
    parked_at: datetime | None
    gateway_transfer: str | None
    gateway_payout: str | None
    expected_on: date | None
    settled_at: datetime | None
    channel: Channel
    reversal_ordered_by: UUID | None
    reversal_ordered_at: datetime | None

    @property
    def is_parked(self) -> bool:
        """``last_error`` says why."""
        return self.parked_at is not None

    @property
    def is_contradicted(self) -> bool:
        """Our books expect nothing more of it, and the payment server's say something else."""
        return self.is_parked and has_end(self.status, self.reversal_ordered_at)

    @property
    def may_resume(self) -> bool:
        return self.is_parked and may_be_tried(self.status, self.last_error)


@dataclass(frozen=True, slots=True)
class Destination:
    """The account frozen in the act, and since when the server may have been asked to open its counterpart."""

    legal_name: str
    bin: str
    iban: str
    connected_account: str | None
    first_tried_at: datetime | None


def payment(work: Work, payment_id: UUID, *, lock: bool = False) -> Payment:
    found = work.find(Payment, PaymentRow, PaymentRow.id == payment_id, lock=lock)
    if found is None:
        raise PaymentNotFound
    return found


def payment_numbered(work: Work, number: str) -> Payment:
    """Raises PaymentNotFound."""
    found = work.find(Payment, PaymentRow, PaymentRow.number == number)
    if found is None:
        raise PaymentNotFound
    return found


def payments_of_act(work: Work, act_id: UUID) -> list[Payment]:
    """In the order they were made: at most one of them is live."""
    return work.find_all(Payment, PaymentRow, PaymentRow.act_id == act_id, order_by=(PaymentRow.id,), limit=MOST)


def payments_of_provider(work: Work, provider_id: UUID, *, limit: int = MOST) -> list[Payment]:
    """The newest first."""
    owned = PaymentRow.provider_id == provider_id
    return work.find_all(Payment, PaymentRow, owned, order_by=(PaymentRow.id.desc(),), limit=min(limit, MOST))


def open_ended_payment(work: Work, act_id: UUID) -> Payment | None:
    """Ordered and without an end yet, or come back: nothing more of the act is ordered beside it."""
    return work.find(Payment, PaymentRow, PaymentRow.act_id == act_id, PaymentRow.status.in_(OPEN_ENDED))


def owed_by(work: Work, payee_version_id: UUID, line_id: UUID) -> list[tuple[UUID, UUID, int]]:
    """What the payee has to give back to the funding line: payment, account of the recovery, amount; the oldest
    first."""
    mine, theirs = PayeeVersionRow.__table__.alias("mine"), PayeeVersionRow.__table__.alias("theirs")
    balance = AccountRow.credits_posted - AccountRow.debits_posted - AccountRow.debits_pending
    statement = (
        sa.select(PaymentRow.id, AccountRow.id, balance)
        .join(AccountRow, AccountRow.owner_id == PaymentRow.id)
        .join(theirs, theirs.c.id == PaymentRow.payee_version_id)
        .join(mine, mine.c.payee_id == theirs.c.payee_id)
        .where(mine.c.id == payee_version_id, AccountRow.kind == AccountKind.RECOVERY)
        .where(AccountRow.line_id == line_id, balance > 0)
        .order_by(PaymentRow.id)
        .limit(MOST)
    )
    return [(payment, account, int(amount)) for payment, account, amount in work.rows(statement)]


def statuses_of(work: Work, payments: Mapping[UUID, UUID]) -> dict[UUID, PaymentStatus]:
    """``payments``: what is paid, by the id of its payment. Where each stands, by what is paid."""
    found = sa.select(PaymentRow.id, PaymentRow.status).where(PaymentRow.id.in_(list(payments.values())))
    stands = {row.id: row.status for row in work.rows(found)}
    return {of: stands[payment] for of, payment in payments.items()}


def live_payment(work: Work, act_id: UUID) -> Payment | None:
    return work.find(Payment, PaymentRow, PaymentRow.act_id == act_id, PaymentRow.status.not_in(NOT_LIVE))


def due(work: Work, statuses: Collection[PaymentStatus], now: datetime, limit: int) -> list[Payment]:
    """What a worker may take now; what another holds is passed over. ``now`` is real."""
    columns = [PaymentRow.__table__.c[name] for name in Payment.__dataclass_fields__]
    statement = (
        sa.select(*columns)
        .where(PaymentRow.status.in_(statuses), PaymentRow.next_try_at <= now)
        .where(PaymentRow.channel == Channel.SERVER)
        .order_by(PaymentRow.next_try_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Payment(*row) for row in work.rows(statement)]


def destination(work: Work, payee_version_id: UUID) -> Destination:
    tried = sa.select(sa.func.min(PaymentRow.first_sent_at)).where(PaymentRow.payee_version_id == payee_version_id)
    version = PayeeVersionRow
    statement = (
        sa.select(version.legal_name, PayeeRow.bin, version.iban, version.connected_account, tried.scalar_subquery())
        .join(PayeeRow, PayeeRow.id == version.payee_id)
        .where(version.id == payee_version_id)
    )
    (row,) = work.rows(statement)
    return Destination(*row)


def paid_account(work: Work, line_id: UUID) -> UUID:
    """Where the money of a funding line goes when it has left."""
    found = ledger.account_of(work, AccountKind.PAID, line_id)
    assert found is not None, "a line is opened with it"
    return found.id


def stuck() -> sa.ColumnElement[bool]:
    """Whether a payment has moved for longer than it should, by the real clock."""
    row = PaymentRow
    return sa.or_(
        sa.and_(
            row.status.in_([PaymentStatus.ORDERED, PaymentStatus.SENDING]), row.moved_at <= RealAgo(LONGEST_SENDING)
        ),
        sa.and_(row.status == PaymentStatus.SENT, row.moved_at <= RealAgo(LONGEST_ON_THE_WAY)),
    )


def parked() -> sa.ColumnElement[bool]:
    """Whether a person must look."""
    return PaymentRow.parked_at.is_not(None)


def is_stuck(work: Work, payment_id: UUID) -> bool:
    return bool(work.scalar(sa.select(stuck()).where(PaymentRow.id == payment_id)))


def _unresolved() -> sa.Select[*tuple[Any, ...]]:
    """Per payment: how many transfers wait, and how much."""
    resolved = TransferRow.__table__.alias("resolved")
    return (
        sa.select(
            TransferRow.about_id, sa.func.count().label("waiting"), sa.func.sum(TransferRow.amount_minor).label("sum")
        )
        .where(TransferRow.kind == TransferKind.PENDING, TransferRow.reason.like("payment%"))
        .where(~sa.exists().where(resolved.c.resolves_id == TransferRow.id))
        .group_by(TransferRow.about_id)
    )


def _paid_out() -> sa.Select[*tuple[Any, ...]]:
    """Per payment: what has left its act or its advance for good, less what was brought back to it."""
    moved, brought_back = TransferRow.amount_minor, AccountRow.kind == AccountKind.PAYABLE
    return (
        sa.select(TransferRow.about_id, sa.func.sum(sa.case((brought_back, -moved), else_=moved)).label("sum"))
        .join(AccountRow, AccountRow.id == TransferRow.credit_id)
        .where(TransferRow.kind.in_([TransferKind.POSTED, TransferKind.POST]), TransferRow.reason.like("payment%"))
        .group_by(TransferRow.about_id)
    )


def _beyond_their_acts() -> sa.Select[Any]:
    """What is on its way goes to the account that the act names; what arrived before that changed went to the same
    payee."""
    own, frozen = PayeeVersionRow.__table__.alias("own"), PayeeVersionRow.__table__.alias("frozen")
    elsewhere = sa.and_(PaymentRow.status.in_(UNDER_WAY), PaymentRow.payee_version_id != ActRow.payee_version_id)
    return (
        sa.select(PaymentRow.number)
        .join(ActRow, ActRow.id == PaymentRow.act_id)
        .join(own, own.c.id == PaymentRow.payee_version_id)
        .outerjoin(frozen, frozen.c.id == ActRow.payee_version_id)
        .where(
            PaymentRow.status.not_in(NOT_LIVE),
            sa.or_(
                PaymentRow.amount_minor > ActRow.total_minor,
                own.c.payee_id.is_distinct_from(frozen.c.payee_id),
                elsewhere,
                ActRow.status != ActStatus.ACCEPTED,
            ),
        )
    )


def invariants() -> list[Invariant]:
    payments = sa.select(sa.func.count()).select_from(PaymentRow)
    waiting, paid = _unresolved().subquery(), _paid_out().subquery()
    under_way = PaymentRow.status.in_(UNDER_WAY)
    zero = sa.func.coalesce
    held = sa.and_(zero(waiting.c.waiting, 0) == 1, waiting.c.sum == PaymentRow.amount_minor)
    not_held = (
        sa.select(PaymentRow.number)
        .outerjoin(waiting, waiting.c.about_id == PaymentRow.id)
        .where(sa.or_(sa.and_(under_way, ~held), sa.and_(~under_way, waiting.c.waiting.is_not(None))))
    )
    stands = sa.case((PaymentRow.status == PaymentStatus.SETTLED, PaymentRow.amount_minor), else_=0)
    misplaced = (
        sa.select(PaymentRow.number)
        .outerjoin(paid, paid.c.about_id == PaymentRow.id)
        .where(zero(paid.c.sum, 0) != stands)
    )
    open_ended = PaymentRow.status.in_(OPEN_ENDED)
    twice = (
        sa.select(PaymentRow.act_id)
        .where(open_ended, PaymentRow.act_id.is_not(None))
        .group_by(PaymentRow.act_id)
        .having(sa.func.count() > 1)
    )
    at_the_peer = PaymentRow.status.in_([*AT_THE_PEER, PaymentStatus.REVERSED])
    unnamed = sa.select(PaymentRow.number).where(at_the_peer != PaymentRow.gateway_transfer.is_not(None))
    twice_made = PaymentRow.last_error.startswith(SECOND_TRANSFER)
    left = sa.select(PaymentRow.number).where(sa.or_(twice_made, parked()))
    return [
        Invariant("a payment under way holds one pending transfer of its amount, any other none", payments, not_held),
        Invariant("a settled payment stands posted, any other is back on its act or its advance", payments, misplaced),
        Invariant("no act has two payments without an end", payments, twice),
        Invariant("a live payment pays no more than its act to the payee frozen in it", payments, _beyond_their_acts()),
        Invariant("a payment names a transfer exactly when the payment server has one", payments, unnamed),
        Invariant("no payment waits for a person", payments, left),
        Invariant(
            "no payment is under way longer than it should be", payments, sa.select(PaymentRow.number).where(stuck())
        ),
    ]
