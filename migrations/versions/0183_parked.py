"""That a person must look at a payment is said by a column of its own, whatever the payment's status: also of one that
is settled. Its list comes from the same index as the lists of payments under way."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

from contracts.kernel.database import Instant

revision = "0183"
down_revision = "0182"
branch_labels = None
depends_on = None

NAME = "ix_payment_unsettled"
BEFORE = "status NOT IN ('settled', 'reversed')"
NOW = f"({BEFORE} OR parked_at IS NOT NULL)"
payment = sa.table(
    "payment", sa.column("id", sa.Uuid()), sa.column("next_try_at"), sa.column("last_error"),
    sa.column("parked_at", Instant()),
)  # fmt: skip
head = sa.table("audit_head", sa.column("stream"), sa.column("sequence"))
event = sa.table(
    "audit_event", sa.column("stream"), sa.column("sequence"), sa.column("verb"), sa.column("at", Instant())
)


def upgrade() -> None:
    op.add_column("payment", sa.Column("parked_at", Instant(), nullable=True))
    _mark_parked()
    _index(NOW)


def downgrade() -> None:
    _index(BEFORE)
    op.drop_column("payment", "parked_at")


def _mark_parked() -> None:
    """Whose last event says that it waits for a person."""
    connection = op.get_bind()
    still = sa.select(payment.c.id).where(payment.c.next_try_at.is_(None), payment.c.last_error.is_not(None))
    for (payment_id,) in connection.execute(still).all():
        last = (
            sa.select(event.c.at)
            .join(head, sa.and_(head.c.stream == event.c.stream, head.c.sequence == event.c.sequence))
            .where(head.c.stream == f"payment:{UUID(str(payment_id))}", event.c.verb == "parked")
        )
        at = connection.scalar(last)
        if at is not None:
            connection.execute(sa.update(payment).where(payment.c.id == payment_id).values(parked_at=at))


def _index(where: str) -> None:
    op.drop_index(NAME, "payment")
    op.create_index(NAME, "payment", ["id"], sqlite_where=sa.text(where), postgresql_where=sa.text(where))
