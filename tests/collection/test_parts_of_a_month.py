"""A recipient pays the month's charge once, of whatever of the month's service stands: not less where a line was
rejected or a visit was untrue, and not more where it is corrected."""

from datetime import date
from uuid import UUID

import pytest

from contracts.act import deciding
from contracts.act import queries as acts
from contracts.act import service as acting
from contracts.act.pricing import Collector
from contracts.act.rules import Act, ActLine, DeductionCode
from contracts.collection import service
from contracts.contract.rules import Engagement
from contracts.register.pricing import change_price
from tests.collection.households import APRIL, FINANCE, charged, one_household, served, set_collector, the_due
from tests.collection.test_taking_back import broken, entries, next_act, take, the_act
from tests.contracts.houses import DIRECTOR, OFFICER, House

BOTH = pytest.mark.parametrize("collector", list(Collector))


def handed_in(house: House, collector: Collector) -> tuple[Engagement, UUID]:
    """A visit at 10.00 and one at 12.00, of which the recipient pays 15.00."""
    house.payee()
    set_collector(house, collector)
    engagement = charged(house, house.voucher_contract())
    house.do(OFFICER, lambda w: change_price(
        w, engagement.id, unit_price_minor=12_00, from_on=date(2026, 4, 15), source="order 7"
    ))  # fmt: skip
    house.move(10)
    for day in (14, 15):
        served(house, engagement, day)
    house.move(20)
    act_id = house.do(DIRECTOR, lambda w: acting.draft(w, engagement.contract_id, month=APRIL))
    house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    return engagement, act_id


def lines(house: House, act_id: UUID) -> list[ActLine]:
    return house.see(lambda w: acts.lines(w, act_id))


def parts(house: House, act_id: UUID) -> list[tuple[int, int]]:
    return [(one.copayment_minor, one.amount_minor) for one in lines(house, act_id)]


def act_of(house: House, act_id: UUID) -> Act:
    return house.see(lambda w: acts.act(w, act_id))


@BOTH
def test_what_a_rejected_line_no_longer_asks_the_next_one_does(house: House, collector: Collector) -> None:
    engagement, act_id = handed_in(house, collector)
    by_agency = collector is Collector.AGENCY
    whole = [(10_00, 10_00), (5_00, 12_00)] if by_agency else [(10_00, 0), (5_00, 7_00)]
    assert parts(house, act_id) == whole
    first = lines(house, act_id)[0]
    code, note = DeductionCode.NOT_SERVED, "nobody came"
    house.do(OFFICER, lambda w: deciding.deduct(w, act_id, first.id, amount_minor=10_00, code=code, note=note))
    assert parts(house, act_id) == ([(0, 0), (12_00, 12_00)] if by_agency else [(0, 0), (12_00, 0)])
    house.do(OFFICER, lambda w: deciding.restore(w, act_id, first.id))
    assert parts(house, act_id) == whole
    house.do(OFFICER, lambda w: deciding.deduct(w, act_id, first.id, amount_minor=4_00, code=code, note=note))
    house.do(OFFICER, lambda w: acting.accept(w, act_id))
    assert act_of(house, act_id).total_minor == (18_00 if by_agency else 3_00)
    house.database.write(FINANCE, service.ask)
    if by_agency:
        assert the_due(house, engagement).asked_minor == 15_00
    assert broken(house) == []


@BOTH
def test_what_was_forgiven_for_an_untrue_visit_a_true_one_of_the_month_asks_again(
    house: House, collector: Collector
) -> None:
    engagement = one_household(house, collector=collector)
    house.database.write(FINANCE, service.ask)
    take(house, entries(house, the_act(house, engagement))[0])
    second = next_act(house, engagement, 16)
    (line,) = lines(house, second)
    assert line.copayment_minor == 5_00
    assert act_of(house, second).total_minor == (10_00 if collector is Collector.AGENCY else 5_00)
    house.database.write(FINANCE, service.ask)
    if collector is Collector.AGENCY:
        due = the_due(house, engagement)
        assert (due.asked_minor, due.goal_minor) == (20_00, 15_00)
    third = next_act(house, engagement, 17)
    assert lines(house, third)[0].copayment_minor == 0, "the month's charge is asked for once"
    assert broken(house) == []
