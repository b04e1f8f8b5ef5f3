"""A contract ends before its time: who was served under it, their places, their money, and who would come next."""

from datetime import date
from uuid import UUID

import pytest

from contracts.act import service as acting
from contracts.act.queries import act as act_
from contracts.act.rules import ActStatus
from contracts.approval.rules import InterestDeclared
from contracts.approval.service import declare_interest
from contracts.audit.queries import events_of
from contracts.budget import queries as budget
from contracts.contract import queries as contracts
from contracts.contract import service as contracting
from contracts.contract.rules import (
    Basis,
    Contract,
    ContractNotFound,
    ContractStatus,
    ContractTerms,
    DayOutside,
    EngagementStatus,
)
from contracts.kernel.errors import Malformed, NotAllowed, WrongState
from contracts.kernel.ids import new_id
from contracts.kernel.period import Month
from contracts.kernel.work import SYSTEM, Actor, Grant, Role
from contracts.register import service as register
from contracts.register.rules import VisitAfterEngagement
from market.placement import service
from market.placement.rules import EndsOn, PlacementStatus, RequestStatus
from market.placement.terminating import StillOnList
from market.provider import service as providing
from market.voucher import service as granting
from tests.placement.test_endings import engagement, holds, visit
from tests.placement.town import ADMISSION, BUDGET, House, Town
from tests.recipient.homes import OPERATOR

TODAY = date(2026, 4, 10)
ELSEWHERE = Actor(UUID(int=703), "procurement in Astana", (Grant(Role.PROCUREMENT_OFFICER, territory="71"),))


def contract_of(town: Town, placement_id: UUID) -> Contract:
    served = engagement(town, placement_id)
    return town.see(lambda work: contracts.contract(work, served.contract_id))


def suspended(town: Town, house: House) -> None:
    town.do(ADMISSION, lambda work: providing.suspend(work, house.provider_id, reason="the house was sold"))


def terminate(
    town: Town, contract_id: UUID, on: date, actor: Actor = ADMISSION, reason: str = "the house is sold"
) -> None:
    town.do(actor, lambda work: service.terminate(work, contract_id, on=on, reason=reason))


def awarded(town: Town, house: House, price: int = 800_00) -> UUID:
    """The house won the service until the end of the year, and signed."""
    terms = ContractTerms(
        provider_id=house.provider_id, line_id=town.line_id, basis=Basis.AWARD, from_on=date(2026, 1, 1),
        until_on=date(2027, 1, 1), award_id=new_id(), kind="domestic", setting="home", unit="visit",
        unit_price_minor=price,
    )  # fmt: skip
    contract_id = town.do(BUDGET, lambda work: contracting.conclude(work, terms))
    town.do(house.people, lambda work: contracting.sign(work, contract_id))
    return contract_id


def test_people_places_and_money_are_free_at_once_and_the_wait_goes_on_since_when_it_was(town: Town) -> None:
    house = town.house(capacity=2)
    first, second = town.person(), town.person()
    placed = [town.placed(one, house) for one in (first, second)]
    since = town.request(first).waiting_since
    before = town.see(lambda work: budget.availability(work, town.line_id))
    town.wait(days=5)
    suspended(town, house)
    contract = contract_of(town, placed[0])
    terminate(town, contract.id, date(2026, 4, 15))
    assert town.taken(house) == 0
    for person, placement_id in zip((first, second), placed, strict=True):
        ended = town.placement(placement_id)
        assert (ended.status, ended.ends_on) == (PlacementStatus.ENDED, date(2026, 4, 15))
        assert engagement(town, placement_id).status is EngagementStatus.ENDED
        assert town.request(person).status is RequestStatus.WAITING
        assert town.see(lambda work, one=placement_id: events_of(work, "placement", one))[-1].verb == "ended"  # type: ignore[misc] # bound now
    assert town.request(first).waiting_since == since
    after = town.see(lambda work: budget.availability(work, town.line_id))
    # four days of thirty: two visits of eight each stay covered
    assert (before.committed, after.committed) == (2 * 3 * 8 * 900_00, 2 * 2 * 900_00)
    assert after.reserved == before.reserved + before.committed - after.committed
    assert after.free == before.free
    event = town.see(lambda work: events_of(work, "contract", contract.id))[-1]
    assert (event.verb, event.actor_id) == ("terminated", ADMISSION.id)
    other = town.house("Light")
    moved = town.placed(first, other)
    assert engagement(town, moved).voucher_id == first.voucher_id
    assert holds(town)


def test_nobody_is_served_from_that_day_on_and_what_was_served_before_is_paid(town: Town) -> None:
    house, person = town.house(), town.person()
    placement = town.placed(person, house)
    town.wait(days=10)
    entry = visit(town, house, placement, date(2026, 4, 13))
    suspended(town, house)
    contract = contract_of(town, placement)
    terminate(town, contract.id, date(2026, 4, 20))
    with pytest.raises(VisitAfterEngagement):
        visit(town, house, placement, date(2026, 4, 20))
    late = visit(town, house, placement, date(2026, 4, 12))
    for one in (entry, late):
        town.do(OPERATOR, lambda work, one=one: register.confirm(work, one))  # type: ignore[misc] # bound now
    town.wait(days=15)
    act_id = town.do(house.people, lambda work: acting.draft(work, contract.id, month=Month(2026, 4)))
    town.do(house.people, lambda work: acting.submit(work, act_id))
    town.do(BUDGET, lambda work: acting.accept(work, act_id))
    found = town.see(lambda work: act_(work, act_id))
    assert (found.status, found.total_minor) == (ActStatus.ACCEPTED, 2 * 900_00)
    assert holds(town)


def test_until_a_day_to_come_everything_goes_on_and_then_the_wait_does(town: Town) -> None:
    house, person, late = town.house(capacity=2), town.person(), town.person(from_on=date(2026, 5, 1))
    placement, not_begun = town.placed(person, house), town.placed(late, house)
    suspended(town, house)
    contract = contract_of(town, placement)
    terminate(town, contract.id, date(2026, 4, 20))
    assert (town.placement(placement).status, town.placement(placement).ends_on) == (
        PlacementStatus.ACCEPTED, date(2026, 4, 20),
    )  # fmt: skip
    assert town.placement(not_begun).status is PlacementStatus.ENDED, "it will never be served there"
    assert (town.taken(house), town.request(late).status) == (1, RequestStatus.WAITING)
    town.wait(days=9)
    visit(town, house, placement, date(2026, 4, 19))
    assert town.do(SYSTEM, service.lapse_overdue) == 0
    town.wait(days=1)
    assert town.do(SYSTEM, service.lapse_overdue) == 1
    assert (town.taken(house), town.request(person).status) == (0, RequestStatus.WAITING)
    assert engagement(town, placement).status is EngagementStatus.ENDED
    assert holds(town)


def test_whose_voucher_is_over_waits_for_nothing(town: Town) -> None:
    house, person = town.house(), town.person()
    placement = town.placed(person, house)
    town.do(BUDGET, lambda work: granting.revoke(work, person.voucher_id, reason="moved"))
    suspended(town, house)
    terminate(town, contract_of(town, placement).id, date(2026, 4, 10))
    assert (town.taken(house), town.request(person).status) == (0, RequestStatus.CLOSED)
    assert town.see(lambda work: budget.availability(work, town.line_id)).reserved == 0, "it went on to the line"
    assert holds(town)


def test_a_place_on_the_list_ends_only_where_nobody_new_would_be_placed(town: Town) -> None:
    house, person, asking = town.house(capacity=2), town.person(), town.person()
    placement, asked = town.placed(person, house), town.book(asking, house)
    contract = contract_of(town, placement)
    with pytest.raises(StillOnList):
        terminate(town, contract.id, date(2026, 4, 20))
    assert contract_of(town, placement) == contract, "all or nothing"
    town.do(house.people, lambda work: providing.close_offer(work, house.offer_id))
    terminate(town, contract.id, date(2026, 4, 20))
    assert town.placement(asked).status is PlacementStatus.DECLINED
    assert (town.taken(house), town.request(asking).status) == (1, RequestStatus.WAITING)
    assert town.see(lambda work: events_of(work, "placement", asked))[-1].verb == "withdrawn"
    town.do(house.people, lambda work: providing.reopen_offer(work, house.offer_id))
    town.wait(days=10)
    town.do(SYSTEM, service.lapse_overdue)
    again = contract_of(town, town.placed(asking, house))
    assert (again.status, again.from_on) == (ContractStatus.ACTIVE, date(2026, 4, 20))
    assert holds(town)


def test_without_the_award_the_list_takes_over(town: Town) -> None:
    house, person, asking = town.house(capacity=2), town.person(), town.person()
    won = awarded(town, house)
    placement, asked = town.placed(person, house), town.book(asking, house)
    assert contract_of(town, placement).id == won
    terminate(town, won, date(2026, 4, 11))
    assert (town.placement(asked).status, town.request(person).status) == (
        PlacementStatus.REQUESTED, RequestStatus.WAITING,
    )  # fmt: skip
    town.do(house.people, lambda work: service.accept(work, asked))
    assert contract_of(town, asked).basis is Basis.VOUCHER_LIST
    assert engagement(town, asked).unit_price_minor == 900_00
    assert holds(town)


def test_what_is_still_to_be_answered_under_an_award_stays_when_the_list_ends(town: Town) -> None:
    house, person, asking = town.house(capacity=2), town.person(), town.person()
    placement = town.placed(person, house)
    won, asked = awarded(town, house), town.book(asking, house)
    town.do(house.people, lambda work: providing.close_offer(work, house.offer_id))
    terminate(town, contract_of(town, placement).id, date(2026, 4, 11))
    town.do(house.people, lambda work: service.accept(work, asked))
    assert contract_of(town, asked).id == won
    assert holds(town)


def test_an_earlier_end_of_a_service_is_cut_too_and_confirmed_service_is_never_wiped_out(town: Town) -> None:
    house, left, served = town.house(capacity=2), town.person(), town.person()
    ended, running = town.placed(left, house), town.placed(served, house)
    town.wait(days=5)
    entry = visit(town, house, running, date(2026, 4, 13))
    town.do(OPERATOR, lambda work: register.confirm(work, entry))
    town.do(left.self, lambda work: service.end(work, ended, on=work.today))
    suspended(town, house)
    contract = contract_of(town, running)
    with pytest.raises(EndsOn) as refused:
        terminate(town, contract.id, date(2026, 4, 13))
    assert refused.value.members["rule"] == "end-after-confirmed-service"
    assert contract_of(town, running) == contract
    terminate(town, contract.id, date(2026, 4, 14))
    assert (engagement(town, ended).until_on, town.placement(ended).ends_on) == (date(2026, 4, 14),) * 2
    assert town.see(lambda work: events_of(work, "placement", ended))[-1].verb == "ended-earlier"
    assert town.request(left).status is RequestStatus.CLOSED, "who left did so by their own wish"
    assert holds(town)


def test_who_may_not_and_what_is_no_end_changes_nothing(town: Town) -> None:
    house, person = town.house(), town.person()
    placement = town.placed(person, house)
    suspended(town, house)
    contract = contract_of(town, placement)
    for actor in (house.people, OPERATOR):
        with pytest.raises((NotAllowed, ContractNotFound)):
            terminate(town, contract.id, date(2026, 4, 20), actor)
    for actor in (ELSEWHERE, person.self):
        with pytest.raises(ContractNotFound):
            terminate(town, contract.id, date(2026, 4, 20), actor)
    for on in (date(2026, 1, 1), date(2027, 1, 1)):
        with pytest.raises(DayOutside):
            terminate(town, contract.id, on)
    with pytest.raises(Malformed):
        terminate(town, contract.id, date(2026, 4, 20), reason="  ")
    town.do(BUDGET, lambda work: declare_interest(work, provider_id=house.provider_id, reason="my sister works there"))
    with pytest.raises(InterestDeclared):
        terminate(town, contract.id, date(2026, 4, 20), BUDGET)
    assert contract_of(town, placement) == contract
    terminate(town, contract.id, date(2026, 4, 20))
    once = (contract_of(town, placement), engagement(town, placement), town.placement(placement))
    with pytest.raises(WrongState):
        terminate(town, contract.id, date(2026, 4, 18))
    assert (contract_of(town, placement), engagement(town, placement), town.placement(placement)) == once
    assert holds(town)
