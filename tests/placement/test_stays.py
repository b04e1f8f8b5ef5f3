"""A stay in hospital stops the voucher's clock: its days are given back at the end, where nobody else has them."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from contracts.audit.queries import events_of
from contracts.contract import queries as contracts
from contracts.contract.rules import Engagement
from contracts.kernel.ids import new_id
from contracts.ledger import queries as ledger
from contracts.ledger.rules import AccountKind
from contracts.register import absence
from contracts.register import service as register
from contracts.register.absence_rules import AbsenceKind, AbsenceRule, NewAbsence
from contracts.register.rules import VisitAfterEngagement
from market.placement import service, stays
from market.placement.rules import PlacementStatus, VoucherNotValid
from market.voucher import queries as vouchers
from market.voucher import service as granting
from market.voucher.rules import VoucherStatus
from tests.placement.town import BUDGET, CLERK, House, Person, Town
from tests.voucher.desks import issue

DAY = timedelta(days=1)
MAY, JULY = date(2026, 5, 21), date(2026, 7, 1)  # the clock stands at 10 April


@pytest.fixture
def served(town: Town) -> tuple[House, Person, UUID]:
    rule = AbsenceRule(new_id(), AbsenceKind.HOSPITAL, 0, False, 0, date(2026, 1, 1), date(2028, 1, 1), "order 1")
    town.do(BUDGET, lambda work: absence.set_rule(work, rule))
    house, person = town.house(), town.person(until_on=MAY)
    return house, person, town.placed(person, house)


def engagement(town: Town, placement_id: UUID) -> Engagement:
    found = town.see(lambda work: contracts.engagement_of_placement(work, placement_id))
    assert found is not None
    return found


def stay(town: Town, house: House, placement_id: UUID, first: date, days: int) -> UUID:
    """Entered when it is over."""
    today = town.see(lambda work: work.today)
    town.wait(days=max(0, (first + days * DAY - today).days))
    new = NewAbsence(AbsenceKind.HOSPITAL, from_on=first, until_on=first + days * DAY)
    served_by = engagement(town, placement_id).id
    return town.do(house.people, lambda work: stays.enter(work, served_by, new))


def ends(town: Town, person: Person, placement_id: UUID) -> set[date | None]:
    """Of the voucher, the service and the place."""
    voucher = town.see(lambda work: vouchers.voucher(work, person.voucher_id))
    return {voucher.until_on, engagement(town, placement_id).until_on, town.placement(placement_id).ends_on}


def visit(town: Town, house: House, placement_id: UUID, day: date) -> UUID:
    start = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    served_by = engagement(town, placement_id).id
    return town.do(house.people, lambda work: register.enter(
        work, served_by, client_id=str(day), worker_id=UUID(int=9), started_at=start,
        ended_at=start + timedelta(hours=1), quantity=1, place="home",
    ))  # fmt: skip


def holds(town: Town) -> bool:
    sentences = [*contracts.invariants(), *vouchers.invariants(), *ledger.invariants()]
    assert town.broken() == []
    return town.see(lambda work: [i.name for i in sentences if work.rows(i.broken.limit(1))]) == []


def test_the_days_of_a_stay_are_given_back_at_the_end(town: Town, served: tuple[House, Person, UUID]) -> None:
    house, person, placement = served
    stay(town, house, placement, date(2026, 4, 15), 7)
    assert ends(town, person, placement) == {MAY + 7 * DAY}
    stay(town, house, placement, date(2026, 5, 1), 10)
    assert ends(town, person, placement) == {MAY + 17 * DAY}, "into the next month"
    for stream, about in (
        ("voucher", person.voucher_id), ("placement", placement), ("engagement", engagement(town, placement).id),
    ):  # fmt: skip
        assert town.see(lambda work, stream=stream, about=about: events_of(work, stream, about))[-1].verb == "end-moved"
    assert holds(town)
    town.wait(days=20)
    visit(town, house, placement, MAY + DAY)
    town.do(CLERK, service.end_of_day)
    town.do(CLERK, lambda work: granting.close_expired(work, work.today))
    assert town.see(lambda work: vouchers.voucher(work, person.voucher_id)).status is VoucherStatus.ISSUED
    town.wait(days=20)
    with pytest.raises(VisitAfterEngagement):
        visit(town, house, placement, MAY + 17 * DAY)
    town.do(CLERK, service.end_of_day)
    town.do(CLERK, service.lapse_overdue)
    town.do(CLERK, lambda work: granting.close_expired(work, work.today))
    assert town.placement(placement).status is PlacementStatus.ENDED
    assert town.see(lambda work: vouchers.voucher(work, person.voucher_id)).status is VoucherStatus.CLOSED
    assert holds(town)


def test_no_money_is_given_with_them(town: Town, served: tuple[House, Person, UUID]) -> None:
    house, _, placement = served
    held = engagement(town, placement)
    before = town.see(lambda work: ledger.account_of(work, AccountKind.COMMITTED, held.id))
    stay(town, house, placement, date(2026, 4, 15), 35)
    after = town.see(lambda work: ledger.account_of(work, AccountKind.COMMITTED, held.id))
    assert before is not None
    assert after is not None
    assert (after.balance, after.credits_posted) == (before.balance, before.credits_posted)


def test_a_stay_that_was_none_takes_them_again(town: Town, served: tuple[House, Person, UUID]) -> None:
    house, person, placement = served
    first = stay(town, house, placement, date(2026, 4, 15), 7)
    second = stay(town, house, placement, date(2026, 4, 25), 3)
    town.do(house.people, lambda work: stays.withdraw(work, first, reason="it was her sister"))
    assert ends(town, person, placement) == {MAY + 3 * DAY}
    town.wait(days=24)
    visit(town, house, placement, MAY + DAY)
    town.do(house.people, lambda work: stays.withdraw(work, second, reason="she was at home"))
    assert ends(town, person, placement) == {MAY + 2 * DAY}, "who was served on one of them was served"
    assert holds(town)


def test_they_end_with_the_year_of_the_money(town: Town) -> None:
    rule = AbsenceRule(new_id(), AbsenceKind.HOSPITAL, 0, False, 0, date(2026, 1, 1), date(2028, 1, 1), "order 1")
    town.do(BUDGET, lambda work: absence.set_rule(work, rule))
    house, person = town.house(), town.person(until_on=date(2026, 12, 30))
    placement = town.placed(person, house)
    stay(town, house, placement, date(2026, 4, 15), 7)
    assert ends(town, person, placement) == {date(2027, 1, 1)}
    assert holds(town)


def test_they_end_where_the_next_voucher_begins(town: Town, served: tuple[House, Person, UUID]) -> None:
    house, person, placement = served
    issue(town.database, person.id, town.line_id, ceiling_minor=1_000_00, from_on=MAY + 2 * DAY, until_on=JULY)
    stay(town, house, placement, date(2026, 4, 15), 7)
    assert ends(town, person, placement) == {MAY + 2 * DAY}
    assert holds(town)


def test_nothing_is_given_back_to_service_that_ends_earlier_or_is_over(
    town: Town, served: tuple[House, Person, UUID]
) -> None:
    house, person, placement = served
    town.do(person.self, lambda work: service.end(work, placement, on=MAY - DAY))
    stay(town, house, placement, date(2026, 4, 15), 7)
    assert ends(town, person, placement) == {MAY, MAY - DAY}
    assert holds(town)


def test_who_served_before_serves_them_and_nobody_else_begins(town: Town, served: tuple[House, Person, UUID]) -> None:
    house, person, placement = served
    other = town.house("Spring", away_m=2_000)
    stay(town, house, placement, date(2026, 4, 20), 20)
    town.wait(days=10)
    town.do(person.self, lambda work: service.end(work, placement, on=work.today))
    later = town.book(person, other)
    with pytest.raises(VoucherNotValid):
        town.do(other.people, lambda work: service.accept(work, later))
    assert holds(town)


def test_another_provider_before_the_granted_end_has_the_days_too(
    town: Town, served: tuple[House, Person, UUID]
) -> None:
    house, person, placement = served
    other = town.house("Spring", away_m=2_000)
    stay(town, house, placement, date(2026, 4, 20), 20)
    town.do(person.self, lambda work: service.end(work, placement, on=work.today))
    later = town.placed(person, other)
    assert engagement(town, later).until_on == MAY + 20 * DAY
    assert holds(town)
    town.do(person.self, lambda work: service.end(work, later, on=MAY + 5 * DAY))
    assert holds(town)
