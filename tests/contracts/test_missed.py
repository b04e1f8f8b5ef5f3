"""A visit that did not take place and is paid in part reaches the act: as a line of its own, once, and never beside a
visit of the same hour."""

from datetime import date, timedelta
from functools import partial
from uuid import UUID

import pytest

from contracts.act import calendar, document, loose, queries, together
from contracts.act import editions as told
from contracts.act import service as acting
from contracts.act.rules import ActHoldsUnserved, ActStatus, LineOf
from contracts.contract import service as contracting
from contracts.contract.rules import Engagement
from contracts.kernel.ids import new_id
from contracts.kernel.period import Month
from contracts.kernel.work import SYSTEM, Actor, Grant, Role
from contracts.ledger import queries as ledger
from contracts.ledger.rules import AccountKind
from contracts.register import absence, absences
from contracts.register.absence_rules import (
    Absence,
    AbsenceAndVisit,
    AbsenceInAct,
    AbsenceKind,
    AbsenceRule,
    NewAbsence,
)
from contracts.register.many import Row, check_many
from contracts.register.pricing import change_price
from contracts.register.rules import NotServedThatDay, read_visit
from market.oversight.replay import replay_everything
from market.tables import METADATA
from tests.contracts.houses import CARER, DIRECTOR, MADINA, OFFICER, OTHER_HOUSE, STRANGER, SYSTEM_CLERK, House, almaty

MARCH = Month(2026, 3)
NINE = almaty(2026, 3, 4, 9)
YEAR = (date(2026, 1, 1), date(2027, 1, 1))


@pytest.fixture
def engagement(house: House) -> Engagement:
    house.payee()
    for kind, percent in ((AbsenceKind.NO_SHOW, 50), (AbsenceKind.SHORT_NOTICE, 25), (AbsenceKind.HOSPITAL, 0)):
        rule = AbsenceRule(new_id(), kind, percent, False, 24, *YEAR, "order 1")
        house.do(SYSTEM_CLERK, lambda w, rule=rule: absence.set_rule(w, rule))
    return house.engaged(house.voucher_contract(), unit="visit", unit_price_minor=10_01)


def missed(
    house: House,
    engagement: Engagement,
    *,
    days: int = 0,
    quantity: int = 1,
    called: bool = False,
    actor: Actor = CARER,
) -> UUID:
    at = NINE + timedelta(days=days)
    kind = AbsenceKind.SHORT_NOTICE if called else AbsenceKind.NO_SHOW
    new = NewAbsence(kind, planned_at=at, told_at=at - timedelta(hours=1) if called else None, quantity=quantity)
    return house.do(actor, lambda w: absence.enter(w, engagement.id, new))


def drawn_up(house: House, engagement: Engagement) -> UUID:
    return house.do(DIRECTOR, lambda w: acting.draft(w, engagement.contract_id, month=MARCH))


def lines(house: House, act_id: UUID) -> list[tuple[object, ...]]:
    found = house.see(lambda w: queries.lines(w, act_id))
    return [(one.what, one.entries, one.quantity, one.unit_price_minor, one.cost_minor) for one in found]


def found(house: House, absence_id: UUID) -> Absence:
    return house.see(lambda w: absences.absence(w, absence_id))


def test_missed_visits_are_lines_of_their_own_beside_what_was_served(house: House, engagement: Engagement) -> None:
    house.confirmed(engagement, NINE, quantity=2)
    absent = missed(house, engagement, days=1)
    missed(house, engagement, days=2, quantity=3)
    missed(house, engagement, days=3, quantity=2, called=True)
    act_id = drawn_up(house, engagement)
    assert lines(house, act_id) == [
        (LineOf.VISITS, 1, 2, 10_01, 20_02),
        (LineOf.SHORT_NOTICE, 1, 2, 2_50, 5_00),
        (LineOf.NO_SHOW, 2, 4, 5_01, 20_04),
    ]
    assert (found(house, absent).act_id, house.broken()) == (act_id, [])
    house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    house.do(OFFICER, lambda w: acting.accept(w, act_id))
    payable = house.see(lambda w: ledger.account_of(w, AccountKind.PAYABLE, act_id))
    assert payable is not None
    assert (payable.balance, house.broken()) == (45_06, [])
    with pytest.raises(AbsenceInAct):
        house.do(OFFICER, lambda w: acting.withdraw_absence(w, absent, reason="she was there"))


def test_what_an_act_of_visits_alone_says_is_what_it_always_said(house: House, engagement: Engagement) -> None:
    house.confirmed(engagement, NINE)
    missed(house, engagement, days=1)
    act_id = drawn_up(house, engagement)
    act = house.see(lambda w: queries.act(w, act_id))
    both = house.see(lambda w: queries.lines(w, act.id))
    parties = house.see(lambda w: told.parties_of(w, act))
    assert '"of"' not in document.document_of(act, both[:1], parties)
    text = document.document_of(act, both, parties)
    assert text.count('"of":"no-show"') == 1
    assert len(document.differences(document.document_of(act, both[:1], parties), text)) == 1


def test_an_absence_that_is_noted_later_is_in_a_correcting_act(house: House, engagement: Engagement) -> None:
    house.confirmed(engagement, NINE)
    first = drawn_up(house, engagement)
    house.do(DIRECTOR, lambda w: acting.submit(w, first))
    house.do(OFFICER, lambda w: acting.accept(w, first))
    missed(house, engagement, days=1)
    (month,) = house.see(lambda w: calendar.months_of(w, queries.act(w, first).provider_id, [MARCH]))
    assert (month.loose, month.may_draw_up) == (1, True)
    second = drawn_up(house, engagement)
    assert lines(house, second) == [(LineOf.NO_SHOW, 1, 1, 5_01, 5_01)]
    assert (house.see(lambda w: queries.act(w, second)).part, house.broken()) == (1, [])


def test_an_absence_taken_back_leaves_an_open_act(house: House, engagement: Engagement) -> None:
    house.confirmed(engagement, NINE)
    absent = missed(house, engagement, days=1)
    act_id = drawn_up(house, engagement)
    house.do(DIRECTOR, lambda w: acting.withdraw_absence(w, absent, reason="she was there"))
    act = house.see(lambda w: queries.act(w, act_id))
    assert (act.status, act.total_minor, lines(house, act_id)) == (ActStatus.DRAFT, 0, [])
    assert house.verbs("absence", absent)[-1] == "withdrawn"
    house.do(DIRECTOR, lambda w: acting.redraft(w, act_id))
    assert (lines(house, act_id), house.broken()) == ([(LineOf.VISITS, 1, 1, 10_01, 10_01)], [])


def test_days_that_were_cut_since_are_not_paid(house: House, engagement: Engagement) -> None:
    house.confirmed(engagement, almaty(2026, 3, 2, 9))
    missed(house, engagement, days=1)
    act_id = drawn_up(house, engagement)
    house.do(OFFICER, lambda w: contracting.suspend_engagement(w, engagement.id, on=date(2026, 3, 5)))
    with pytest.raises(ActHoldsUnserved):
        house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    house.do(DIRECTOR, lambda w: acting.redraft(w, act_id))
    assert lines(house, act_id) == [(LineOf.VISITS, 1, 1, 10_01, 10_01)]
    with pytest.raises(NotServedThatDay):
        missed(house, engagement, days=2)


def test_nobody_is_paid_for_a_visit_and_for_its_absence(house: House, engagement: Engagement) -> None:
    missed(house, engagement)
    for minutes in (-30, 0, 59):
        with pytest.raises(AbsenceAndVisit):
            house.visit(engagement, NINE + timedelta(minutes=minutes))
    visit = read_visit(client_id="x", worker_id=MADINA, started_at=NINE, ended_at=NINE + timedelta(hours=1),
                       quantity=1, place="at home")  # fmt: skip
    (verdict,) = house.do(CARER, lambda w: check_many(w, [Row(engagement, visit)]))
    assert isinstance(verdict.refusal, AbsenceAndVisit)
    stay = NewAbsence(AbsenceKind.HOSPITAL, from_on=date(2026, 3, 3), until_on=date(2026, 3, 6))
    with pytest.raises(AbsenceAndVisit):
        house.do(CARER, lambda w: absence.enter(w, engagement.id, stay))
    house.visit(engagement, NINE + timedelta(hours=1))


def test_the_price_of_the_day_is_what_the_share_is_of(house: House, engagement: Engagement) -> None:
    house.do(OFFICER, lambda w: change_price(
        w, engagement.id, unit_price_minor=20_00, from_on=date(2026, 4, 2), source="order 2"
    ))  # fmt: skip
    early, late = (missed(house, engagement, days=days) for days in (28, 29))
    assert [found(house, one).payable_minor for one in (early, late)] == [5_01, 10_00]


def test_a_price_that_is_set_for_days_gone_by_is_what_a_noted_absence_costs_too(
    house: House, engagement: Engagement
) -> None:
    gone = missed(house, engagement, days=31)
    before, early, late = (missed(house, engagement, days=days) for days in (27, 28, 29))
    house.do(DIRECTOR, lambda w: absence.withdraw(w, gone, reason="she was there"))
    house.confirmed(engagement, NINE + timedelta(days=32))
    house.do(OFFICER, lambda w: change_price(
        w, engagement.id, unit_price_minor=20_00, from_on=date(2026, 4, 2), source="order 2"
    ))  # fmt: skip
    paid = [found(house, one).payable_minor for one in (before, early, late, gone)]
    assert paid == [5_01, 5_01, 10_00, 5_01]
    assert house.verbs("absence", late) == ["entered", "repriced"]
    assert house.verbs("absence", early) == ["entered"]
    house.move(25)
    act_id = house.do(DIRECTOR, lambda w: acting.draft(w, engagement.contract_id, month=Month(2026, 4)))
    assert lines(house, act_id) == [
        (LineOf.VISITS, 1, 1, 20_00, 20_00), (LineOf.NO_SHOW, 1, 1, 5_01, 5_01), (LineOf.NO_SHOW, 1, 1, 10_00, 10_00),
    ]  # fmt: skip
    assert house.broken() == []


def test_all_acts_at_once_have_the_lines_of_acts_one_by_one(house: House, engagement: Engagement) -> None:
    hourly = house.engaged(engagement.contract_id, unit="hour", unit_price_minor=9_99)
    house.confirmed(engagement, NINE)
    missed(house, engagement, days=1, quantity=2)
    missed(house, hourly, days=2, quantity=3)
    assert house.do(SYSTEM_CLERK, lambda w: together.draft_together(w, [MARCH])) == 1
    (act,) = house.see(lambda w: queries.acts_of_contract(w, engagement.contract_id))
    at_once = lines(house, act.id)
    assert sorted(at_once) == sorted([
        (LineOf.VISITS, 1, 1, 10_01, 10_01), (LineOf.NO_SHOW, 1, 2, 5_01, 10_02), (LineOf.NO_SHOW, 1, 3, 5_00, 15_00),
    ])  # fmt: skip
    house.do(DIRECTOR, lambda w: acting.redraft(w, act.id))
    assert (sorted(lines(house, act.id)), house.broken()) == (sorted(at_once), [])


def test_acts_are_the_same_however_few_lines_are_read_and_written_at_a_time(
    house: House, engagement: Engagement, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.payee(OTHER_HOUSE, bin_="190540009117")
    theirs = house.voucher_contract(STRANGER, provider_id=OTHER_HOUSE)
    beside = house.engaged(engagement.contract_id, unit="visit", unit_price_minor=9_99)
    elsewhere = house.engaged(theirs, actor=STRANGER, unit="visit", unit_price_minor=8_01)
    carer = Actor(UUID(int=0x52), "carer", (Grant(Role.CARER, provider_id=OTHER_HOUSE),))
    house.confirmed(engagement, NINE)
    house.confirmed(beside, NINE + timedelta(hours=2))
    house.confirmed(elsewhere, NINE + timedelta(hours=4), actor=carer)
    absent = [missed(house, one, days=1) for one in (engagement, beside)]
    absent.append(missed(house, elsewhere, days=2, actor=carer))
    for place, limit in ((together, "MANY"), (together, "LINES_AT_ONCE"), (loose, "AT_ONCE")):
        monkeypatch.setattr(place, limit, 1)
    assert house.do(SYSTEM_CLERK, lambda w: together.draft_together(w, [MARCH])) == 2
    contracts = (engagement.contract_id, theirs)
    ours, other = (house.see(partial(queries.acts_of_contract, contract_id=one))[0].id for one in contracts)
    drawn = [sorted(lines(house, one)) for one in (ours, other)]
    assert drawn == [
        [
            (LineOf.NO_SHOW, 1, 1, 5_00, 5_00), (LineOf.NO_SHOW, 1, 1, 5_01, 5_01),
            (LineOf.VISITS, 1, 1, 9_99, 9_99), (LineOf.VISITS, 1, 1, 10_01, 10_01),
        ],
        [(LineOf.NO_SHOW, 1, 1, 4_01, 4_01), (LineOf.VISITS, 1, 1, 8_01, 8_01)],
    ]  # fmt: skip
    assert ([found(house, one).act_id for one in absent], house.broken()) == ([ours, ours, other], [])
    assert house.database.read(SYSTEM, lambda w: replay_everything(w, METADATA)).differences == []
    for actor, act_id in ((DIRECTOR, ours), (STRANGER, other)):
        house.do(actor, partial(acting.redraft, act_id=act_id))
    assert ([sorted(lines(house, one)) for one in (ours, other)], house.broken()) == (drawn, [])
