"""A line is paid at the price of the day; an officer takes something off it with a reason; what was said is kept."""

from datetime import date
from functools import partial
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.act import deciding, editions, queries, terms
from contracts.act import service as acting
from contracts.act.pricing import Collector, VatMode
from contracts.act.rules import (
    Act,
    ActExists,
    ActLine,
    ActNotFound,
    ActNotSubmitted,
    ActStatus,
    DeductionCode,
    DeductionWrong,
    LineNotFound,
    NothingToAct,
    ReasonMissing,
    SecondPersonNeeded,
    TermCode,
    TermNotSet,
)
from contracts.contract import pricing
from contracts.contract.rules import Engagement, EngagementNotFound, PriceChangeTooLate
from contracts.kernel.errors import Malformed, NotAllowed, StaleVersion
from contracts.kernel.ids import new_id
from contracts.kernel.period import Month
from contracts.kernel.work import Actor, Grant, Role
from tests.contracts.houses import (
    ALMATY,
    BUYER,
    DIRECTOR,
    ERLAN,
    OFFICER,
    OPERATOR,
    SERIK,
    STRANGER,
    WARM_HOME,
    House,
    almaty,
)

MARCH, APRIL = Month(2026, 3), Month(2026, 4)
FINANCE = Actor(UUID(int=0x31), "finance officer", (Grant(Role.FINANCE_OFFICER, territory=ALMATY[:2]),))
OTHER_HAND = Actor(
    DIRECTOR.id,
    "director and officer",
    (*DIRECTOR.grants, Grant(Role.BUDGET_OFFICER, territory="")),  # type: ignore[misc]
)


@pytest.fixture
def engagement(house: House) -> Engagement:
    house.payee()
    return house.engaged(house.voucher_contract())


def handed_in(house: House, engagement: Engagement, month: Month = MARCH) -> Act:
    act_id = house.do(DIRECTOR, lambda w: acting.draft(w, engagement.contract_id, month=month))
    house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    return act_of(house, act_id)


def act_of(house: House, act_id: UUID) -> Act:
    return house.see(lambda w: queries.act(w, act_id))


def lines(house: House, act: Act) -> list[ActLine]:
    return house.see(lambda w: queries.lines(w, act.id))


def take_off(house: House, act: Act, line: ActLine, amount: int, *, actor: Actor = OFFICER, note: str = "seen") -> None:
    house.do(
        actor,
        lambda w: deciding.deduct(w, act.id, line.id, amount_minor=amount, code=DeductionCode.NOT_SERVED, note=note),
    )


def new_price(house: House, engagement: Engagement, price: int, day: date, actor: Actor = OFFICER) -> UUID:
    return house.do(
        actor,
        lambda w: pricing.change_price(w, engagement.id, unit_price_minor=price, from_on=day, source="order 7"),
    )


# --- prices -----------------------------------------------------------------------------------------------------------
def test_a_price_that_changes_in_mid_month_makes_two_lines(house: House, engagement: Engagement) -> None:
    new_price(house, engagement, 12_00, date(2026, 4, 15))
    assert house.verbs("engagement", engagement.id) == ["engaged", "price-changed"]
    house.move(21)
    for day in (14, 15, 16):
        house.confirmed(engagement, almaty(2026, 4, day, 9), hours=2)
    act = handed_in(house, engagement, APRIL)
    found = [(one.unit_price_minor, one.entries, one.amount_minor) for one in lines(house, act)]
    assert found == [(10_00, 1, 20_00), (12_00, 2, 48_00)]
    assert act.total_minor == 68_00
    house.do(OFFICER, partial(acting.accept, act_id=act.id))
    assert house.broken() == []


def test_days_gone_by_keep_their_price(house: House, engagement: Engagement) -> None:
    for day in (date(2026, 3, 31), date(2026, 7, 1)):
        with pytest.raises(PriceChangeTooLate):
            new_price(house, engagement, 12_00, day)
    new_price(house, engagement, 12_00, date(2026, 5, 1))
    for day in (date(2026, 5, 1), date(2026, 4, 20)):
        with pytest.raises(PriceChangeTooLate):
            new_price(house, engagement, 11_00, day)
    with pytest.raises(NotAllowed):
        new_price(house, engagement, 1_000_00, date(2026, 6, 1), DIRECTOR)
    with pytest.raises(EngagementNotFound):
        new_price(house, engagement, 1_000_00, date(2026, 6, 1), STRANGER)
    new_price(house, engagement, 13_00, date(2026, 6, 1), BUYER)


# --- lines decided on -------------------------------------------------------------------------------------------------
def test_an_officer_takes_something_off_a_line_with_a_reason(house: House, engagement: Engagement) -> None:
    house.confirmed(engagement, almaty(2026, 3, 2, 9), hours=3)
    act = handed_in(house, engagement)
    (line,) = lines(house, act)
    take_off(house, act, line, 10_01, note="left at eleven")
    (after,) = lines(house, act)
    assert (after.cost_minor, after.deducted_minor, after.amount_minor) == (30_00, 10_01, 19_99)
    assert (after.deduct_code, after.deduct_note) == (DeductionCode.NOT_SERVED, "left at eleven")
    assert (after.deducted_by, act_of(house, act.id).total_minor) == (OFFICER.id, 19_99)
    before = house.balance(engagement.account_id)
    house.do(OFFICER, partial(acting.accept, act_id=act.id))
    assert house.balance(engagement.account_id) == before - 19_99
    assert house.verbs("act", act.id) == ["drafted", "submitted", "line-reduced", "accepted"]
    assert house.broken() == []


def test_a_rejected_line_is_worth_nothing_and_may_be_put_back(house: House, engagement: Engagement) -> None:
    other = house.engaged(engagement.contract_id, recipient_id=SERIK)
    house.confirmed(engagement, almaty(2026, 3, 2, 9), hours=3)
    house.confirmed(other, almaty(2026, 3, 2, 9), worker=ERLAN)
    act = handed_in(house, engagement)
    line = next(one for one in lines(house, act) if one.engagement_id == engagement.id)
    take_off(house, act, line, 30_00)
    assert act_of(house, act.id).total_minor == 10_00
    house.do(OFFICER, lambda w: deciding.restore(w, act.id, line.id))
    assert act_of(house, act.id).total_minor == 40_00
    with pytest.raises(DeductionWrong):
        house.do(OFFICER, lambda w: deciding.restore(w, act.id, line.id))
    assert house.verbs("act", act.id)[-2:] == ["line-rejected", "line-restored"]
    assert house.broken() == []


def test_a_share_is_taken_off_half_up(house: House, engagement: Engagement) -> None:
    sessions = house.engaged(engagement.contract_id, recipient_id=SERIK, unit="session", unit_price_minor=348_35)
    house.confirmed(sessions, almaty(2026, 3, 2, 9), quantity=16)
    act = handed_in(house, engagement)
    (line,) = lines(house, act)
    house.do(
        OFFICER,
        lambda w: deciding.deduct_share(
            w, act.id, line.id, share_bp=400, code=DeductionCode.POOR_QUALITY, note="complaint 4"
        ),
    )
    assert act_of(house, act.id).total_minor == 5573_60 - 222_94


def test_nobody_takes_more_off_than_there_is_nor_without_a_word(house: House, engagement: Engagement) -> None:
    house.confirmed(engagement, almaty(2026, 3, 2, 9))
    act = handed_in(house, engagement)
    (line,) = lines(house, act)
    for amount in (0, -1, 10_01):
        with pytest.raises(DeductionWrong):
            take_off(house, act, line, amount)
    with pytest.raises(ReasonMissing):
        take_off(house, act, line, 1, note=" ")
    with pytest.raises(LineNotFound):
        house.do(OFFICER, lambda w: deciding.restore(w, act.id, new_id()))
    with pytest.raises(NotAllowed):
        take_off(house, act, line, 1, actor=DIRECTOR)
    with pytest.raises(SecondPersonNeeded):
        take_off(house, act, line, 1, actor=OTHER_HAND)
    with pytest.raises(ActNotFound):
        take_off(house, act, line, 1, actor=STRANGER)
    with pytest.raises(StaleVersion):
        house.do(OFFICER, lambda w: deciding.restore(w, act.id, line.id, version=1))
    house.do(OFFICER, partial(acting.accept, act_id=act.id))
    with pytest.raises(ActNotSubmitted):
        take_off(house, act, line, 1)
    assert house.broken() == []


# --- what was said is kept --------------------------------------------------------------------------------------------
def test_every_edition_is_kept_with_what_changed_and_why_it_went_back(house: House, engagement: Engagement) -> None:
    house.confirmed(engagement, almaty(2026, 3, 2, 9), hours=3)
    act = handed_in(house, engagement)
    take_off(house, act, lines(house, act)[0], 5_00, note="left early")
    house.do(OFFICER, lambda w: acting.return_act(w, act.id, reason="look at the second of March"))
    house.do(DIRECTOR, lambda w: acting.redraft(w, act.id))
    house.do(DIRECTOR, lambda w: acting.submit(w, act.id))
    house.do(OFFICER, lambda w: acting.accept(w, act.id))
    told = house.see(lambda w: editions.history(w, act.id))
    assert [one.edition.number for one in told] == [3, 2, 1]
    assert [one.edition.total_minor for one in told] == [30_00, 25_00, 30_00]
    assert [one.returned.reason if one.returned else None for one in told] == [
        None,
        "look at the second of March",
        None,
    ]
    (change,) = told[1].changed
    assert (change.engagement, change.before_minor, change.after_minor) == (engagement.number, 30_00, 25_00)
    assert (change.deducted_for, change.note) == ("not-served", "left early")
    assert act_of(house, act.id).editions == 3
    assert house.broken() == []


def test_an_edition_is_never_changed(house: House, engagement: Engagement) -> None:
    house.confirmed(engagement, almaty(2026, 3, 2, 9))
    handed_in(house, engagement)
    for forgery in ("UPDATE act_edition SET total_minor = 1", "DELETE FROM act_edition"):
        with pytest.raises(sa.exc.DBAPIError), house.database.engine.begin() as connection:
            connection.execute(sa.text(forgery))


def test_what_the_officer_took_off_stands_if_the_provider_agrees(house: House, engagement: Engagement) -> None:
    house.confirmed(engagement, almaty(2026, 3, 2, 9), hours=3)
    act = handed_in(house, engagement)
    take_off(house, act, lines(house, act)[0], 5_00)
    house.do(OFFICER, lambda w: acting.return_act(w, act.id, reason="do you agree?"))
    house.do(DIRECTOR, lambda w: acting.submit(w, act.id))
    assert (act_of(house, act.id).total_minor, act_of(house, act.id).editions) == (25_00, 2)


# --- acts that correct ------------------------------------------------------------------------------------------------
def test_what_is_confirmed_later_goes_to_an_act_that_corrects_the_first(house: House, engagement: Engagement) -> None:
    house.confirmed(engagement, almaty(2026, 3, 2, 9), hours=3)
    first = handed_in(house, engagement)
    house.confirmed(engagement, almaty(2026, 3, 9, 9), hours=2)
    with pytest.raises(ActExists):
        handed_in(house, engagement)
    house.do(OFFICER, partial(acting.accept, act_id=first.id))
    second = handed_in(house, engagement)
    assert (second.part, second.corrects_id, second.total_minor) == (1, first.id, 20_00)
    assert second.number == f"{first.number}-1"
    house.do(OFFICER, partial(acting.accept, act_id=second.id))
    with pytest.raises(NothingToAct):
        handed_in(house, engagement)
    house.confirmed(engagement, almaty(2026, 3, 10, 9))
    third = handed_in(house, engagement)
    assert (third.part, third.corrects_id) == (2, first.id)
    assert [one.id for one in house.see(lambda w: queries.parts_of(w, first))] == [first.id, second.id, third.id]
    assert act_of(house, first.id).status is ActStatus.ACCEPTED
    assert house.broken() == []


# --- tax and the recipient's part -------------------------------------------------------------------------------------
def set_vat(house: House, mode: VatMode, rate: int, month: Month, actor: Actor = FINANCE) -> UUID:
    return house.do(
        actor,
        lambda w: terms.set_vat(
            w, WARM_HOME, territory=ALMATY, mode=mode, rate_bp=rate, from_month=month, source="certificate 5"
        ),
    )


def test_a_provider_is_taxed_from_the_month_that_was_set(house: House, engagement: Engagement) -> None:
    for start in (almaty(2026, 3, 2, 9), almaty(2026, 4, 2, 9)):
        house.confirmed(engagement, start)
    set_vat(house, VatMode.INCLUDED, 1600, APRIL)
    house.move(21)
    march, april = handed_in(house, engagement), handed_in(house, engagement, APRIL)
    assert (march.vat_mode, lines(house, march)[0].vat_minor) == (VatMode.EXEMPT, 0)
    assert (april.vat_mode, lines(house, april)[0].vat_minor, april.total_minor) == (VatMode.INCLUDED, 1_38, 10_00)
    assert house.broken() == []


def test_tax_is_not_set_twice_nor_for_months_gone_by_nor_by_others(house: House) -> None:
    set_vat(house, VatMode.ADDED, 1600, APRIL)
    with pytest.raises(TermNotSet):
        set_vat(house, VatMode.EXEMPT, 0, APRIL)
    with pytest.raises(TermNotSet):
        set_vat(house, VatMode.ADDED, 1200, MARCH)
    for mode, rate in ((VatMode.EXEMPT, 1600), (VatMode.ADDED, 0), (VatMode.ADDED, 10_001)):
        with pytest.raises(Malformed):
            set_vat(house, mode, rate, Month(2026, 5))
    with pytest.raises(NotAllowed):
        set_vat(house, VatMode.EXEMPT, 0, Month(2026, 5), OFFICER)


def charge(house: House, engagement: Engagement, amount: int, actor: Actor = OPERATOR) -> None:
    house.do(
        actor,
        lambda w: terms.set_copayment(
            w, engagement.id, charge_minor=amount, from_month=APRIL, source="pension statement of March"
        ),
    )


def collect_by(house: House, collector: Collector) -> None:
    house.do(
        FINANCE,
        lambda w: terms.set_term(
            w,
            code=TermCode.COLLECTOR,
            territory=ALMATY[:2],
            value=collector,
            from_on=date(2026, 4, 10),
            source="order 9",
        ),
    )


@pytest.mark.parametrize(("collector", "paid"), [(Collector.PROVIDER, 5_00), (Collector.AGENCY, 30_00)])
def test_the_recipients_part_comes_off_where_the_provider_collects_it(
    house: House, engagement: Engagement, collector: Collector, paid: int
) -> None:
    may = Month(2026, 5)
    charge(house, engagement, 25_00)
    collect_by(house, collector)
    house.move(52)
    house.confirmed(engagement, almaty(2026, 5, 4, 9), hours=2)
    first = handed_in(house, engagement, may)
    (line,) = lines(house, first)
    assert (line.cost_minor, line.copayment_minor) == (20_00, 20_00)
    house.do(OFFICER, partial(acting.accept, act_id=first.id))
    house.confirmed(engagement, almaty(2026, 5, 5, 9))
    second = handed_in(house, engagement, may)
    assert lines(house, second)[0].copayment_minor == 5_00, "the month's charge is asked for once"
    assert first.total_minor + second.total_minor == paid
    take_off(house, second, lines(house, second)[0], 7_00)
    assert lines(house, second)[0].copayment_minor == 3_00
    assert house.broken() == []


def test_a_charge_is_set_by_who_assesses_it(house: House, engagement: Engagement) -> None:
    for other in (DIRECTOR, STRANGER, FINANCE):
        with pytest.raises(EngagementNotFound):
            charge(house, engagement, 1, other)
    with pytest.raises(Malformed):
        charge(house, engagement, -1)
    charge(house, engagement, 1)
    with pytest.raises(TermNotSet):
        charge(house, engagement, 2)
    assert house.verbs("engagement", engagement.id) == ["engaged", "copayment-set"]
