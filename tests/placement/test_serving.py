"""A visit names somebody who worked for the provider that day."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from contracts.contract import queries as contracts
from contracts.contract.rules import EngagementNotFound
from contracts.kernel.errors import Malformed
from contracts.kernel.ids import new_id
from contracts.register import queries as registers
from contracts.register.rules import ClientIdReused
from market.placement.serving import WorkerNotOnStaff, enter_visit
from market.provider import service as providers
from tests.placement.town import NOON, House, Town
from tests.recipient.homes import VAULT

HIRED, LEFT = date(2026, 4, 12), date(2026, 4, 14)
FIRST = NOON + timedelta(days=2)  # noon of the day of hiring; the engagement began the day before


@pytest.fixture
def house(town: Town) -> House:
    return town.house()


@pytest.fixture
def engagement(town: Town, house: House) -> UUID:
    placement = town.placed(town.person(), house)
    found = town.see(lambda work: contracts.engagement_of_placement(work, placement))
    assert found is not None
    return found.id


def hired(town: Town, house: House, *, until_on: date | None = LEFT) -> UUID:
    return town.do(
        house.people,
        lambda work: providers.add_staff(
            work, VAULT, house.provider_id, name="Әсем", speciality="social worker", from_on=HIRED, until_on=until_on
        ),
    )


def enter(
    town: Town, house: House, engagement: UUID, worker: UUID, start: datetime = FIRST, *, client_id: str = "visit-1"
) -> UUID:
    if town.see(lambda work: work.today) < LEFT:
        town.wait(days=7)
    return town.do(
        house.people,
        lambda work: enter_visit(
            work, engagement, client_id=client_id, worker_id=worker, started_at=start,
            ended_at=start + timedelta(hours=1), quantity=1, place="at home",
        ),
    )  # fmt: skip


def test_a_worker_serves_on_the_days_of_employment_only(town: Town, house: House, engagement: UUID) -> None:
    worker = hired(town, house)
    last = FIRST + timedelta(days=1)
    entry_id = enter(town, house, engagement, worker, last)
    assert town.see(lambda work: registers.entry(work, entry_id)).worker_id == worker
    midnight = last + timedelta(hours=12)  # the civil day decides
    enter(town, house, engagement, worker, midnight - timedelta(hours=1), client_id="before midnight")
    with pytest.raises(WorkerNotOnStaff) as refused:
        enter(town, house, engagement, worker, midnight, client_id="after")
    assert (refused.value.code, refused.value.members["pointer"]) == ("worker-not-on-staff", "/worker_id")


def test_before_the_first_day_nobody_serves(town: Town, house: House, engagement: UUID) -> None:
    with pytest.raises(WorkerNotOnStaff):
        enter(town, house, engagement, hired(town, house), FIRST - timedelta(days=1))


def test_a_made_up_worker_and_another_providers_are_refused_alike(town: Town, house: House, engagement: UUID) -> None:
    """Also where that worker is busy at the time: nobody learns it."""
    other = town.house("Kind Hands")
    foreign = hired(town, other)
    placement = town.placed(town.person(), other)
    theirs = town.see(lambda work: contracts.engagement_of_placement(work, placement))
    assert theirs is not None
    later = FIRST + timedelta(days=1)
    enter(town, other, theirs.id, foreign, later)
    answers = set()
    for worker in (new_id(), foreign):
        with pytest.raises(WorkerNotOnStaff) as refused:
            enter(town, house, engagement, worker, later)
        answers.add((refused.value.code, refused.value.detail, str(refused.value.members)))
    assert len(answers) == 1
    assert town.see(lambda work: registers.entries_of_engagement(work, engagement)) == []


def test_the_same_visit_sent_again_is_answered_as_it_was(town: Town, house: House, engagement: UUID) -> None:
    worker = hired(town, house)
    entry_id = enter(town, house, engagement, worker)
    assert enter(town, house, engagement, worker) == entry_id
    with pytest.raises(ClientIdReused):
        enter(town, house, engagement, new_id())


def test_strangers_find_no_engagement_whoever_served(town: Town, house: House, engagement: UUID) -> None:
    worker, stranger = hired(town, house), town.house("Kind Hands")
    for somebody in (worker, new_id()):
        with pytest.raises(EngagementNotFound):
            enter(town, stranger, engagement, somebody)
        with pytest.raises(EngagementNotFound):
            enter(town, house, new_id(), somebody)


def test_an_instant_without_an_offset_is_named(town: Town, house: House, engagement: UUID) -> None:
    with pytest.raises(Malformed):
        enter(town, house, engagement, hired(town, house), NOON.replace(tzinfo=None))
