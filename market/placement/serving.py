"""A visit, entered for somebody who works there: staff lists are the market's, the register knows ids only."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from contracts.contract import queries as contracts
from contracts.contract.rules import EngagementNotFound
from contracts.kernel.errors import NotFound, RuleBroken
from contracts.kernel.work import Work
from contracts.register import confirming
from contracts.register import queries as registers
from contracts.register import service as register
from contracts.register.codes import WrongCode, parse_code
from contracts.register.rules import EntryStatus, Visit, read_visit
from market.provider.models import StaffRow


class WorkerNotOnStaff(RuleBroken):
    code = "worker-not-on-staff"
    title = "The worker was not on the provider's staff list on the day of the visit"


def enter_visit(
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
    """The provider's people enter a visit of one of its workers; a visit sent again is answered as it was, whoever
    left since. Raises WorkerNotOnStaff, and the refusals of ``register.enter``."""
    visit = read_visit(
        client_id=client_id,
        worker_id=worker_id,
        started_at=started_at,
        ended_at=ended_at,
        quantity=quantity,
        place=place,
    )
    provider_id = own_provider(work, engagement_id)
    stands = registers.entry_of_client(work, engagement_id, visit.client_id) is not None
    if not stands and not is_on_staff(work, provider_id, visit.worker_id, on=visit.served_on):
        raise WorkerNotOnStaff(pointer="/worker_id", rule="on-staff-that-day")
    return register.enter(
        work,
        engagement_id,
        client_id=client_id,
        worker_id=worker_id,
        started_at=started_at,
        ended_at=ended_at,
        quantity=quantity,
        place=place,
    )


def enter_visit_with_code(work: Work, key: bytes, engagement_id: UUID, visit: Visit, *, code: str) -> UUID | WrongCode:
    """As :func:`enter_visit`, and the recipient confirms it by the code they told. With a wrong code nothing is
    entered: it is counted and returned, for the caller to raise after the commit. A visit that stands confirmed is
    answered as it was. ``key`` is ``Vault.visit_key``."""
    given = parse_code(code)
    engagement = register.own_engagement(work, engagement_id)
    register.take_turns(work, visit.worker_id, engagement.recipient_id)
    standing = registers.entry_of_client(work, engagement_id, visit.client_id)
    if standing is None or standing.status is EntryStatus.ENTERED:
        wrong = confirming.check_code(work, key, engagement, visit.served_on, given)
        if wrong is not None:
            return wrong
    entry_id = enter_visit(
        work,
        engagement_id,
        client_id=visit.client_id,
        worker_id=visit.worker_id,
        started_at=visit.started_at,
        ended_at=visit.ended_at,
        quantity=visit.quantity,
        place=visit.place,
    )
    entry = registers.entry(work, entry_id, lock=True)
    if entry.status is EntryStatus.ENTERED:
        confirming.take_word(work, entry)
    return entry_id


def own_provider(work: Work, engagement_id: UUID) -> UUID:
    contract_id = contracts.engagement(work, engagement_id).contract_id
    provider_id = contracts.contract(work, contract_id).provider_id
    try:
        work.actor.require_provider(provider_id, carers=True)
    except NotFound:
        raise EngagementNotFound from None
    return provider_id


def is_on_staff(work: Work, provider_id: UUID, worker_id: UUID, *, on: date) -> bool:
    """One row, not the list: a provider may have more people than a page shows."""
    employed = sa.and_(StaffRow.from_on <= on, sa.or_(StaffRow.until_on.is_(None), StaffRow.until_on > on))
    who = sa.select(StaffRow.id).where(StaffRow.id == worker_id, StaffRow.provider_id == provider_id, employed)
    return work.scalar(who) is not None
