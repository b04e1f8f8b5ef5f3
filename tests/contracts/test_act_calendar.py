"""A provider's months: what is confirmed, what still waits, and where the act is."""

from contracts.act import calendar
from contracts.act import service as acting
from contracts.act.rules import ActStatus
from contracts.kernel.period import Month
from tests.contracts.houses import DIRECTOR, OTHER_HOUSE, SERIK, WARM_HOME, House, almaty

MARCH, APRIL = Month(2026, 3), Month(2026, 4)


def test_a_month_says_what_its_act_waits_for(house: House) -> None:
    house.payee()
    engagement = house.engaged(house.voucher_contract())
    house.confirmed(engagement, almaty(2026, 3, 2, 9))
    house.visit(engagement, almaty(2026, 3, 3, 9))
    house.visit(engagement, almaty(2026, 4, 3, 9))
    april, march = house.see(lambda w: calendar.months_of(w, WARM_HOME, [MARCH, APRIL]))
    assert (april.month, april.unconfirmed, april.confirmed, april.act) == (APRIL, 1, 0, None)
    assert (march.month, march.unconfirmed, march.confirmed, march.loose, march.act) == (MARCH, 1, 1, 1, None)
    act_id = house.do(DIRECTOR, lambda w: acting.draft(w, engagement.contract_id, month=MARCH))
    house.confirmed(engagement, almaty(2026, 3, 4, 9))
    (march,) = house.see(lambda w: calendar.months_of(w, WARM_HOME, [MARCH]))
    assert march.act is not None
    assert (march.act.id, march.confirmed, march.loose) == (act_id, 2, 1), "one came after the draft"
    opened = house.see(lambda w: calendar.open_acts(w, WARM_HOME))
    assert (opened.drafts, opened.returned, opened.submitted) == (1, 0, 0)
    house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    assert house.see(lambda w: calendar.open_acts(w, WARM_HOME)).submitted == 1
    (march,) = house.see(lambda w: calendar.months_of(w, WARM_HOME, [MARCH]))
    assert march.act is not None
    assert march.act.status is ActStatus.SUBMITTED


def test_other_houses_have_their_own_months(house: House) -> None:
    house.payee()
    house.visit(house.engaged(house.voucher_contract(), recipient_id=SERIK), almaty(2026, 4, 3, 9))
    assert house.see(lambda w: calendar.months_of(w, OTHER_HOUSE, [MARCH, APRIL])) == []
    assert house.see(lambda w: calendar.has_account(w, WARM_HOME))
    assert not house.see(lambda w: calendar.has_account(w, OTHER_HOUSE))
