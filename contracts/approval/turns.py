"""A rule about orders begins between two orders, never beside one: who orders sees every rule that had begun, and who
checks the order later finds the same ones by the moments alone."""

import sqlalchemy as sa

from contracts.kernel.work import Work

_GATE = 0x6F72_6465_7273  # "orders", a number that nothing else locks


def weigh_between_rules(work: Work) -> None:
    """Until this transaction ends no rule begins. Many may order at once."""
    if work.connection.dialect.name != "sqlite":  # which has one writer anyway
        work.scalar(sa.select(sa.func.pg_advisory_xact_lock_shared(_GATE)))


def begin_rule(work: Work) -> None:
    """Waits for the orders that are being weighed; the moment is later than that of each of them."""
    if work.connection.dialect.name != "sqlite":
        work.scalar(sa.select(sa.func.pg_advisory_xact_lock(_GATE)))
    work.clock_on()
