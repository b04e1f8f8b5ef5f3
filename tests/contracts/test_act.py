"""One act a contract and month: the sum of its printed lines, accepted once, by a second person."""

from datetime import date, timedelta
from functools import partial
from uuid import UUID

import pytest

from contracts.act import queries
from contracts.act import service as acting
from contracts.act.pricing import cost_of
from contracts.act.rules import (
    Act,
    ActExceedsCommitment,
    ActExists,
    ActHoldsUnserved,
    ActInOthersHands,
    ActNotFound,
    ActStatus,
    MonthNotOver,
    NothingToAct,
    PersonNeeded,
    ReasonMissing,
    SecondPersonNeeded,
)
from contracts.contract import service as contracting
from contracts.contract.rules import ContractNotFound, Engagement
from contracts.kernel.errors import NotAllowed, StaleVersion, WrongState
from contracts.kernel.ids import new_id
from contracts.kernel.period import Month
from contracts.kernel.work import SYSTEM, Actor, Grant, Role
from contracts.register import queries as registers
from contracts.register import service as register
from contracts.register.rules import EntryInAct
from tests.contracts.houses import (
    ALMATY,
    AUDITOR,
    CARER,
    DIRECTOR,
    ERLAN,
    HOLDER,
    OFFICER,
    OFFICER_OF_ASTANA,
    OPERATOR,
    SERIK,
    STRANGER,
    WARM_HOME,
    House,
    almaty,
    at_once,
    visits_of,
)

MARCH = Month(2026, 3)
SECOND_OFFICER = Actor(UUID(int=0x21), "second officer", (Grant(Role.BUDGET_OFFICER, territory=ALMATY[:2]),))
TWO_HATS = Actor(
    UUID(int=0x22),
    "director who is an officer too",
    (Grant(Role.PROVIDER, provider_id=WARM_HOME), Grant(Role.BUDGET_OFFICER, territory="")),
)


@pytest.fixture
def engagement(house: House) -> Engagement:
    house.payee()
    return house.engaged(house.voucher_contract())


def drafted(house: House, contract_id: UUID, month: Month = MARCH, actor: Actor = DIRECTOR) -> UUID:
    return house.do(actor, lambda w: acting.draft(w, contract_id, month=month))


def submitted(house: House, engagement: Engagement, *, hours: float = 3) -> UUID:
    house.confirmed(engagement, almaty(2026, 3, 2, 9), hours=hours)
    act_id = drafted(house, engagement.contract_id)
    house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    return act_id


def act_of(house: House, act_id: UUID) -> Act:
    return house.see(lambda w: queries.act(w, act_id))


@pytest.mark.parametrize(
    ("unit", "price", "quantity", "seconds", "amount"),
    [
        ("visit", 10_00, 32, 1, 320_00),
        ("visit", 4_75, 32, 1, 152_00),  # with the line above 472.00
        ("hour", 64_22, 1, 8_100, 144_50),  # 2.25 x 64.22 = 144.495: half up
        ("session", 348_35, 16, 1, 5573_60),
        ("hour", 348_35, 1, 16 * 3600, 5573_60),
        ("hour", 10_00, 9, 1, 0),  # 0.2777 tiyn; the quantity of hours is not what is paid
        ("hour", 18_00, 1, 1, 1),  # exactly half a tiyn
        ("person-day", 1, 31, 31 * 86_400, 31),
    ],
)
def test_an_amount_is_rounded_once_half_up(unit: str, price: int, quantity: int, seconds: int, amount: int) -> None:
    assert cost_of(unit, price, quantity=quantity, seconds=seconds) == amount


def test_an_act_has_a_line_an_engagement_and_its_total_is_their_sum(house: House, engagement: Engagement) -> None:
    contract_id = engagement.contract_id
    visits = house.engaged(contract_id, recipient_id=SERIK, unit="visit", unit_price_minor=4_75)
    for day in range(1, 17):
        house.confirmed(engagement, almaty(2026, 3, day, 9), hours=2)
        house.confirmed(visits, almaty(2026, 3, day, 9), worker=ERLAN, quantity=2)
    house.visit(engagement, almaty(2026, 3, 20, 9))  # entered, not confirmed
    house.confirmed(engagement, almaty(2026, 4, 1, 9))  # of another month
    act_id = drafted(house, contract_id)
    act = act_of(house, act_id)
    lines = {line.engagement_id: line for line in house.see(lambda w: queries.lines(w, act_id))}
    assert (lines[engagement.id].entries, lines[engagement.id].seconds) == (16, 32 * 3600)
    assert (lines[visits.id].entries, lines[visits.id].quantity) == (16, 32)
    assert [lines[e.id].amount_minor for e in (engagement, visits)] == [320_00, 152_00]
    assert (act.total_minor, act.status) == (472_00, ActStatus.DRAFT)
    assert act.number.endswith("/2026-03")
    assert len(house.see(lambda w: visits_of(w, act_id))) == 32
    assert house.verbs("act", act_id) == ["drafted"]
    assert house.broken() == []


def test_an_odd_second_is_paid_to_the_tiyn(house: House, engagement: Engagement) -> None:
    precise = house.engaged(engagement.contract_id, recipient_id=SERIK, unit_price_minor=64_22)
    for day, hours in ((2, 1), (3, 1), (4, 0.25)):
        house.confirmed(precise, almaty(2026, 3, day, 9, 0, 59), hours=hours)
    assert act_of(house, drafted(house, engagement.contract_id)).total_minor == 144_50


def test_an_act_is_drawn_up_after_the_months_last_day(house: House, engagement: Engagement) -> None:
    house.confirmed(engagement, almaty(2026, 4, 2, 9))
    for month in (Month(2026, 4), Month(2026, 5)):
        with pytest.raises(MonthNotOver) as refused:
            drafted(house, engagement.contract_id, month)
        assert (refused.value.code, refused.value.members["pointer"]) == ("month-not-over", "/month")
    house.move(21)  # to the first of May
    drafted(house, engagement.contract_id, Month(2026, 4))


def test_without_confirmed_service_there_is_nothing_to_act(house: House, engagement: Engagement) -> None:
    house.visit(engagement, almaty(2026, 3, 2, 9))
    house.confirmed(engagement, almaty(2026, 3, 3, 9), hours=1 / 3600)  # a second, worth less than half a tiyn
    with pytest.raises(NothingToAct):
        drafted(house, engagement.contract_id)
    assert house.see(lambda w: queries.acts_of_contract(w, engagement.contract_id)) == []
    assert house.broken() == []


def test_one_act_a_contract_and_month_also_when_many_draft_it_at_once(house: House, engagement: Engagement) -> None:
    house.confirmed(engagement, almaty(2026, 3, 2, 9))
    outcomes = at_once([partial(drafted, house, engagement.contract_id) for _ in range(8)])
    assert sum(o is None for o in outcomes) == 1
    assert all(isinstance(o, ActExists) for o in outcomes if o is not None)
    with pytest.raises(ActExists) as refused:
        drafted(house, engagement.contract_id)
    assert (refused.value.code, refused.value.members["pointer"]) == ("act-exists", "/month")
    assert house.broken() == []


def test_an_entry_is_either_cancelled_or_in_the_act(house: House, engagement: Engagement) -> None:
    entries = [house.confirmed(engagement, almaty(2026, 3, day, 9)) for day in range(1, 9)]
    cancel = [partial(house.do, CARER, partial(register.cancel, entry_id=e, reason="no")) for e in entries[1:]]
    outcomes = at_once([*cancel[:3], partial(drafted, house, engagement.contract_id), *cancel[3:]])
    assert all(o is None or isinstance(o, EntryInAct) for o in outcomes)
    cancelled = sum(o is None for o in outcomes) - 1
    act = house.see(lambda w: queries.act_for(w, engagement.contract_id, MARCH))
    assert act is not None
    assert act.total_minor == (8 - cancelled) * 10_00
    assert house.broken() == []


def test_visits_of_days_that_were_taken_back_are_not_paid(house: House, engagement: Engagement) -> None:
    """She went to hospital on the 10th and died on the 20th; both became known later."""
    for day in (2, 12, 22):
        house.confirmed(engagement, almaty(2026, 3, day, 9))
    house.do(OPERATOR, lambda w: contracting.suspend_engagement(w, engagement.id, on=date(2026, 3, 10)))
    house.do(OPERATOR, lambda w: contracting.end_engagement(w, engagement.id, on=date(2026, 3, 20)))
    assert act_of(house, drafted(house, engagement.contract_id)).total_minor == 10_00
    assert house.broken() == []


def test_an_act_that_holds_days_taken_back_is_neither_submitted_nor_accepted(
    house: House, engagement: Engagement
) -> None:
    house.confirmed(engagement, almaty(2026, 3, 22, 9))
    act_id = submitted(house, engagement)
    house.do(OPERATOR, lambda w: contracting.end_engagement(w, engagement.id, on=date(2026, 3, 20)))
    with pytest.raises(ActHoldsUnserved):
        house.do(OFFICER, lambda w: acting.accept(w, act_id))
    house.do(OFFICER, lambda w: acting.return_act(w, act_id, reason="she had died"))
    with pytest.raises(ActHoldsUnserved):
        house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    house.do(DIRECTOR, lambda w: acting.redraft(w, act_id))
    house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    house.do(OFFICER, lambda w: acting.accept(w, act_id))
    assert act_of(house, act_id).total_minor == 30_00
    assert house.broken() == []


def test_accepting_moves_each_line_to_the_acts_account_and_freezes_the_payee(
    house: House, engagement: Engagement
) -> None:
    other = house.engaged(engagement.contract_id, recipient_id=SERIK)
    house.confirmed(other, almaty(2026, 3, 2, 9), worker=ERLAN, hours=2)
    before = house.balance(engagement.account_id)
    act_id = submitted(house, engagement)
    house.do(OFFICER, lambda w: acting.accept(w, act_id))
    act = act_of(house, act_id)
    assert (act.status, act.accepted_by, act.total_minor) == (ActStatus.ACCEPTED, OFFICER.id, 50_00)
    assert act.account_id is not None
    assert act.payee_version_id is not None
    assert house.balance(act.account_id) == 50_00
    assert house.balance(engagement.account_id) == before - 30_00
    assert house.balance(other.account_id) == before - 20_00
    assert house.verbs("act", act_id) == ["drafted", "submitted", "accepted"]
    with pytest.raises(WrongState):
        house.do(OFFICER, lambda w: acting.accept(w, act_id))
    with pytest.raises(WrongState):
        house.do(OFFICER, lambda w: acting.return_act(w, act_id, reason="too late"))
    assert house.broken() == []


def test_of_two_officers_who_accept_at_once_one_does(house: House, engagement: Engagement) -> None:
    act_id = submitted(house, engagement)
    before = house.balance(engagement.account_id)
    outcomes = at_once(
        [partial(house.do, o, partial(acting.accept, act_id=act_id)) for o in [OFFICER, SECOND_OFFICER] * 4]
    )
    assert sum(o is None for o in outcomes) == 1
    assert all(isinstance(o, WrongState) for o in outcomes if o is not None)
    assert house.balance(engagement.account_id) == before - 30_00
    assert house.verbs("act", act_id).count("accepted") == 1
    assert house.broken() == []


def test_an_act_is_accepted_or_returned_never_both(house: House, engagement: Engagement) -> None:
    act_id = submitted(house, engagement)
    accept = partial(acting.accept, act_id=act_id)
    give_back = partial(acting.return_act, act_id=act_id, reason="look again")
    outcomes = at_once([partial(house.do, OFFICER, verb) for verb in (accept, give_back) * 3])
    assert sum(o is None for o in outcomes) == 1
    assert act_of(house, act_id).status in {ActStatus.ACCEPTED, ActStatus.RETURNED}
    assert house.broken() == []


def test_who_drafted_or_submitted_does_not_decide(house: House, engagement: Engagement) -> None:
    house.confirmed(engagement, almaty(2026, 3, 2, 9))
    act_id = drafted(house, engagement.contract_id, actor=TWO_HATS)
    house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    for decide in (acting.accept, partial(acting.return_act, reason="mine")):
        with pytest.raises(SecondPersonNeeded) as refused:
            house.do(TWO_HATS, partial(decide, act_id=act_id))
        assert refused.value.code == "second-person-needed"
    house.do(OFFICER, lambda w: acting.return_act(w, act_id, reason="once more"))
    house.do(DIRECTOR, lambda w: acting.redraft(w, act_id))
    house.do(TWO_HATS, lambda w: acting.submit(w, act_id))
    with pytest.raises(SecondPersonNeeded):
        house.do(TWO_HATS, lambda w: acting.accept(w, act_id))
    house.do(OFFICER, lambda w: acting.accept(w, act_id))


def test_only_a_budget_officer_of_the_territory_decides(house: House, engagement: Engagement) -> None:
    act_id = submitted(house, engagement)
    for other in (STRANGER, HOLDER, OFFICER_OF_ASTANA, AUDITOR, OPERATOR):
        with pytest.raises(ActNotFound):
            house.do(other, lambda w: acting.accept(w, act_id))
        with pytest.raises(ActNotFound):
            house.do(other, lambda w: acting.return_act(w, act_id, reason="no"))
    with pytest.raises(NotAllowed):
        house.do(DIRECTOR, lambda w: acting.accept(w, act_id))
    with pytest.raises(PersonNeeded):
        house.do(SYSTEM, lambda w: acting.accept(w, act_id))
    assert act_of(house, act_id).status is ActStatus.SUBMITTED


def test_only_the_providers_people_draft_and_submit(house: House, engagement: Engagement) -> None:
    house.confirmed(engagement, almaty(2026, 3, 2, 9))
    for other in (STRANGER, HOLDER, OFFICER):
        with pytest.raises(ContractNotFound):
            drafted(house, engagement.contract_id, actor=other)
    act_id = drafted(house, engagement.contract_id)
    for verb in (acting.submit, acting.redraft):
        for other in (STRANGER, OFFICER):
            with pytest.raises(ActNotFound):
                house.do(other, partial(verb, act_id=act_id))


def test_a_returned_act_is_assembled_anew_and_submitted_again(house: House, engagement: Engagement) -> None:
    act_id = submitted(house, engagement)
    forgotten = house.confirmed(engagement, almaty(2026, 3, 9, 9), hours=2)
    with pytest.raises(ActInOthersHands):
        house.do(DIRECTOR, lambda w: acting.redraft(w, act_id))
    with pytest.raises(ReasonMissing):
        house.do(OFFICER, lambda w: acting.return_act(w, act_id, reason=""))
    house.do(OFFICER, lambda w: acting.return_act(w, act_id, reason="the 9th is missing"))
    returned = act_of(house, act_id)
    assert (returned.status, returned.return_reason) == (ActStatus.RETURNED, "the 9th is missing")
    house.do(DIRECTOR, lambda w: acting.redraft(w, act_id))
    house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    again = act_of(house, act_id)
    assert (again.total_minor, again.status, again.return_reason) == (50_00, ActStatus.SUBMITTED, None)
    assert again.version > returned.version
    assert house.see(lambda w: registers.entry(w, forgotten)).act_id == act_id
    assert house.verbs("act", act_id) == ["drafted", "submitted", "returned", "redrafted", "submitted"]
    assert house.broken() == []


def test_a_line_never_takes_more_than_the_engagement_has(house: House, engagement: Engagement) -> None:
    short = house.engaged(
        engagement.contract_id, recipient_id=SERIK, units_a_month=1, until_on=date(2026, 4, 1)
    )  # two hours in all
    house.confirmed(short, almaty(2026, 3, 4, 9), hours=2 + 1 / 60)
    act_id = submitted(house, engagement)
    lines = house.see(lambda w: queries.lines(w, act_id))
    place = next(n for n, line in enumerate(lines) if line.engagement_id == short.id)
    with pytest.raises(ActExceedsCommitment) as refused:
        house.do(OFFICER, lambda w: acting.accept(w, act_id))
    assert refused.value.code == "act-exceeds-commitment"
    assert refused.value.members["pointer"] == f"/lines/{place}"
    assert refused.value.members["engagement"] == short.number
    assert act_of(house, act_id).status is ActStatus.SUBMITTED
    assert house.balance(short.account_id) == 20_00
    assert house.broken() == []


def test_who_read_an_older_version_changes_nothing(house: House, engagement: Engagement) -> None:
    act_id = submitted(house, engagement)
    version = act_of(house, act_id).version
    with pytest.raises(StaleVersion):
        house.do(OFFICER, lambda w: acting.accept(w, act_id, version=version - 1))
    house.do(OFFICER, lambda w: acting.accept(w, act_id, version=version))


def test_the_last_acts_of_an_ended_engagement_are_paid_from_what_was_kept(house: House, engagement: Engagement) -> None:
    for number in (2, 3):
        for day in range(1, 17):
            house.confirmed(engagement, almaty(2026, number, day, 9), hours=2)
    house.do(HOLDER, lambda w: contracting.end_engagement(w, engagement.id, on=date(2026, 4, 1)))
    for month in (Month(2026, 2), MARCH):
        act_id = drafted(house, engagement.contract_id, month)
        house.do(DIRECTOR, partial(acting.submit, act_id=act_id))
        house.do(OFFICER, partial(acting.accept, act_id=act_id))
    assert house.balance(engagement.account_id) == 0
    assert house.broken() == []


def test_an_officer_finds_submitted_acts_of_his_territory(house: House, engagement: Engagement) -> None:
    act_id = submitted(house, engagement)
    assert [a.id for a in house.see(lambda w: queries.acts_in(w, territory="75"))] == [act_id]
    assert house.see(lambda w: queries.acts_in(w, territory="71")) == []
    assert [a.id for a in house.see(lambda w: queries.acts_of_provider(w, WARM_HOME))] == [act_id]
    assert house.database.read(AUDITOR, lambda w: queries.act_for_reader(w, act_id)).id == act_id
    for unknown in (act_id, new_id()):
        with pytest.raises(ActNotFound):
            house.database.read(STRANGER, partial(queries.act_for_reader, act_id=unknown))


def test_a_month_later_the_visit_is_still_in_one_act(house: House, engagement: Engagement) -> None:
    act_id = submitted(house, engagement)
    house.confirmed(engagement, almaty(2026, 3, 2, 9) + timedelta(days=10))  # late, of the month that has its act
    house.move(21)
    with pytest.raises(NothingToAct):
        drafted(house, engagement.contract_id, Month(2026, 4))
    assert len(house.see(lambda w: visits_of(w, act_id))) == 1
