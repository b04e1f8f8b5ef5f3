"""A visit of an accepted act, or an absence noted instead of one, is found untrue: its money comes back, once, agreed
by two, and the books balance."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.act import invariants as act_invariants
from contracts.act import queries as acts
from contracts.act import service as acting
from contracts.act import taken_back
from contracts.act.models import TakeBackRow
from contracts.act.pricing import Collector
from contracts.act.queries import MonthFigure
from contracts.act.rules import LineOf
from contracts.act.take_back import (
    NotInAcceptedAct,
    TakeBackCode,
    TakeBackCodeWrong,
    TakeBackNotFound,
    TakeBackSecondPerson,
    TakeBackStatus,
)
from contracts.approval import service as approvals
from contracts.approval.rules import InterestDeclared
from contracts.audit import queries as audit
from contracts.audit.service import record
from contracts.collection import invariants as collection_invariants
from contracts.collection import service as collecting
from contracts.collection import taking_back
from contracts.contract.rules import Engagement
from contracts.kernel.database import Base
from contracts.kernel.errors import DomainError, NotAllowed, NotFound, WrongState
from contracts.kernel.ids import new_id
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from contracts.ledger import queries as ledger
from contracts.ledger.rules import AccountKind
from contracts.payment import advance_invariants, queries, service
from contracts.payment.rules import Fate, PaymentExists, PaymentStatus, RecoveryFirst
from contracts.reconciliation.rules import Resolution
from contracts.register import absence
from contracts.register.absence_rules import AbsenceKind, AbsenceRule, NewAbsence
from contracts.register.models import AbsenceRow
from market.oversight.replay import replay_everything
from market.tables import METADATA
from tests.collection.households import APRIL, FINANCE, accepted, charged, one_household, served, the_due
from tests.contracts.houses import (
    ALMATY,
    AUDITOR,
    CARER,
    DIRECTOR,
    HOLDER,
    OFFICER,
    OFFICER_OF_ASTANA,
    SYSTEM_CLERK,
    WARM_HOME,
    House,
    almaty,
    at_once,
    visits_of,
)
from tests.payment.advances import send, told
from tests.payment.houses import payable, payment
from tests.reconciliation.bank import Entry
from tests.reconciliation.houses import cases, office, take_in
from tests.reconciliation.test_cases import agree as agreed

SECOND = Actor(UUID(int=0x32), "second officer", (Grant(Role.BUDGET_OFFICER, territory=ALMATY[:2]),))
NEVER = TakeBackCode.NEVER_TOOK_PLACE
LATER = almaty(2026, 4, 20, 9)
NOT_BILLED = "money is taken back of a visit or an absence in an accepted act alone"


def the_act(house: House, engagement: Engagement) -> UUID:
    """The last of April."""
    found = house.see(lambda w: acts.act_for(w, engagement.contract_id, APRIL))
    assert found is not None
    return found.id


def entries(house: House, act_id: UUID) -> list[UUID]:
    return [one.id for one in house.see(lambda w: visits_of(w, act_id))]


def propose(house: House, entry_id: UUID, actor: Actor = OFFICER) -> None:
    house.do(actor, lambda w: taking_back.propose(w, entry_id, code=NEVER, note="nobody was at home"))


def agree(house: House, entry_id: UUID, actor: Actor = SECOND) -> None:
    house.do(actor, lambda w: taking_back.agree(w, entry_id))


def take(house: House, entry_id: UUID) -> None:
    propose(house, entry_id)
    agree(house, entry_id)


def pay(house: House, act_id: UUID) -> UUID:
    """To the bank of the payee."""
    payment_id = house.do(FINANCE, lambda w: service.order(w, act_id))
    send(house.database, payment_id)
    told(house.database, payment_id, Fate.PAID)
    return payment_id


def balance(house: House, kind: AccountKind, owner_id: UUID) -> int:
    found = house.see(lambda w: ledger.account_of(w, kind, owner_id))
    return 0 if found is None else found.balance


def broken(house: House) -> list[str]:
    features: tuple[Any, ...] = (queries, advance_invariants, collection_invariants)
    every = [one for feature in features for one in feature.invariants()]
    return house.broken() + house.see(lambda w: [i.name for i in every if w.rows(i.broken.limit(1))])


def figure(house: House) -> MonthFigure:
    (found,) = house.see(lambda w: acts.months_of_lines(w, [house.line_id]))
    return found


@pytest.fixture
def engagement(house: House) -> Engagement:
    return one_household(house)


def next_act(house: House, engagement: Engagement, *days: int) -> UUID:
    """Of visits that were entered late: a correcting act."""
    for day in days:
        served(house, engagement, day)
    return accepted(house, engagement.contract_id)


def test_an_untrue_visit_of_an_act_that_nobody_paid_is_not_paid(house: House, engagement: Engagement) -> None:
    act_id = the_act(house, engagement)
    before = balance(house, AccountKind.APPROPRIATED, house.line_id)
    entry_id, honest = entries(house, act_id)
    take(house, entry_id)
    assert balance(house, AccountKind.APPROPRIATED, house.line_id) - before == 10_00
    found = figure(house)
    assert (found.accepted, found.paid, found.taken_back, found.unordered) == (20_00, 0, 10_00, 10_00)
    assert payment(house.database, pay(house, act_id)).amount_minor == 10_00
    assert balance(house, AccountKind.PAID, house.line_id) == 10_00
    assert house.verbs("act", act_id)[-2:] == ["take-back-proposed", "visit-taken-back"]
    assert broken(house) == []
    take(house, honest)
    assert figure(house).paid == 0, "received, and owed back"
    assert broken(house) == []


def test_what_was_paid_for_it_is_kept_from_the_next_act(house: House, engagement: Engagement) -> None:
    first = the_act(house, engagement)
    payment_id = pay(house, first)
    before = balance(house, AccountKind.APPROPRIATED, house.line_id)
    take(house, entries(house, first)[0])
    assert balance(house, AccountKind.RECOVERY, payment_id) == 10_00
    assert balance(house, AccountKind.PAID, house.line_id) == 10_00
    assert figure(house).paid == 10_00
    assert broken(house) == []
    second = next_act(house, engagement, 16, 17)
    with pytest.raises(RecoveryFirst):
        house.do(FINANCE, lambda w: service.order(w, second))
    rest = house.do(FINANCE, lambda w: service.order_rest(w, second))
    assert rest is not None
    assert payment(house.database, rest).amount_minor == 10_00
    assert balance(house, AccountKind.RECOVERY, payment_id) == 0
    assert balance(house, AccountKind.APPROPRIATED, house.line_id) - before == 10_00, "the line has its own back"
    assert broken(house) == []


def test_a_visit_that_was_set_off_is_owed_again(house: House, engagement: Engagement) -> None:
    first = the_act(house, engagement)
    payment_id = pay(house, first)
    for entry_id in entries(house, first):
        take(house, entry_id)
    second = next_act(house, engagement, 16, 17)
    assert house.do(FINANCE, lambda w: service.order_rest(w, second)) is None, "all of it was owed"
    assert balance(house, AccountKind.RECOVERY, payment_id) == 0
    for entry_id, owed in zip(entries(house, second), (10_00, 20_00), strict=True):
        take(house, entry_id)
        assert balance(house, AccountKind.RECOVERY, payment_id) == owed
        assert broken(house) == []
    assert balance(house, AccountKind.PAID, house.line_id) == 0


@pytest.mark.parametrize("fates", [[Fate.BACK], [Fate.BACK, Fate.PAID], [Fate.REVERSED], [Fate.BACK, Fate.REVERSED]])
@pytest.mark.parametrize("taken", [1, 2])
def test_a_payment_that_comes_back_afterwards_brings_with_it_what_was_owed(
    house: House, engagement: Engagement, fates: list[Fate], taken: int
) -> None:
    act_id = the_act(house, engagement)
    payment_id = pay(house, act_id)
    free = balance(house, AccountKind.APPROPRIATED, house.line_id)
    for entry_id in entries(house, act_id)[:taken]:
        take(house, entry_id)
    back = taken * 10_00
    for fate in fates:
        told(house.database, payment_id, fate)
        assert broken(house) == [], fate
    stands = payment(house.database, payment_id).status
    owed, paid = (back, 20_00 - back) if stands is PaymentStatus.SETTLED else (0, 0)
    assert balance(house, AccountKind.RECOVERY, payment_id) == owed
    assert balance(house, AccountKind.PAID, house.line_id) == paid
    left = {PaymentStatus.SETTLED: 0, PaymentStatus.RETURNED: 20_00, PaymentStatus.REVERSED: 20_00 - back}[stands]
    assert payable(house.database, act_id).balance == left
    given_up = back if stands is PaymentStatus.REVERSED else 0
    assert balance(house, AccountKind.APPROPRIATED, house.line_id) - free == given_up
    assert figure(house).paid == paid


def test_acts_that_paid_off_what_a_lost_payment_was_owed_for_are_owed_for_again(
    house: House, engagement: Engagement
) -> None:
    first = the_act(house, engagement)
    payment_id = pay(house, first)
    take(house, entries(house, first)[0])
    free = balance(house, AccountKind.APPROPRIATED, house.line_id)
    second = next_act(house, engagement, 16)
    assert house.do(FINANCE, lambda w: service.order_rest(w, second)) is None, "all of it was owed"
    for fate in (Fate.BACK, Fate.REVERSED):
        told(house.database, payment_id, fate)
        assert broken(house) == [], fate
    assert [payable(house.database, one).balance for one in (first, second)] == [10_00, 10_00]
    assert figure(house).paid == balance(house, AccountKind.PAID, house.line_id) == 0
    take(house, entries(house, second)[0])
    assert balance(house, AccountKind.APPROPRIATED, house.line_id) - free == 10_00 + 10_00
    assert balance(house, AccountKind.RECOVERY, payment_id) == 0, "nobody has what was never paid"
    assert broken(house) == []


@pytest.mark.parametrize("set_off", [False, True])
def test_of_what_the_bank_paid_less_the_untrue_is_owed_less_first(
    house: House, engagement: Engagement, set_off: bool
) -> None:
    bank = office(house.database)
    first = the_act(house, engagement)
    payment_id = pay(house, first)
    free = balance(house, AccountKind.APPROPRIATED, house.line_id)
    take(house, entries(house, first)[0])
    second = next_act(house, engagement, 16)
    if set_off:
        house.do(FINANCE, lambda w: service.set_off(w, second))
    take_in(house.database, bank.statement(Entry(-4_00, payment(house.database, payment_id).number)))
    (case,) = cases(house.database)
    agreed(house.database, case.number, Resolution.CORRECTION)
    assert balance(house, AccountKind.RECOVERY, payment_id) == 0
    assert balance(house, AccountKind.PAID, house.line_id) == 4_00, "what left the bank"
    left = (10_00, 6_00) if set_off else (6_00, 10_00)
    assert (payable(house.database, first).balance, payable(house.database, second).balance) == left
    assert balance(house, AccountKind.APPROPRIATED, house.line_id) - free == 10_00, "of the untrue visit"
    take(house, entries(house, second)[0])
    assert balance(house, AccountKind.RECOVERY, payment_id) == (4_00 if set_off else 0)
    assert broken(house) == []


def test_while_a_payment_has_no_end_nothing_is_taken_back(house: House, engagement: Engagement) -> None:
    act_id = the_act(house, engagement)
    (entry_id, _) = entries(house, act_id)
    propose(house, entry_id)
    house.do(FINANCE, lambda w: service.order(w, act_id))
    with pytest.raises(PaymentExists):
        agree(house, entry_id)
    assert broken(house) == []


@pytest.mark.parametrize("asked", [False, True])
def test_the_recipient_owes_nothing_for_a_visit_that_never_was(
    house: House, engagement: Engagement, asked: bool
) -> None:
    if asked:
        house.do(FINANCE, collecting.ask)
    entry_id, other = entries(house, the_act(house, engagement))
    take(house, entry_id)
    due = the_due(house, engagement)
    assert (due.asked_minor, due.goal_minor) == (15_00, 10_00), "of 20.00 they paid 15.00, of 10.00 all"
    take(house, other)
    assert the_due(house, engagement).goal_minor == 0
    assert not house.do(FINANCE, collecting.ask), "it is not asked once more"
    assert broken(house) == []


def test_where_the_provider_collects_the_budget_takes_back_its_own_part(house: House) -> None:
    engagement = one_household(house, collector=Collector.PROVIDER)
    entry_id, other = entries(house, the_act(house, engagement))
    take(house, entry_id)
    found = house.see(lambda w: taken_back.take_back(w, entry_id))
    assert found is not None
    assert (found.amount_minor, found.copayment_minor) == (5_00, 5_00)
    take(house, other)
    found = house.see(lambda w: taken_back.take_back(w, other))
    assert found is not None
    assert (found.amount_minor, found.copayment_minor) == (0, 10_00), "the budget paid nothing of what was left"
    assert broken(house) == []


def test_two_decide_and_neither_is_the_provider_nor_one_with_an_interest(house: House, engagement: Engagement) -> None:
    (entry_id, _) = entries(house, the_act(house, engagement))
    for actor, error in (
        (DIRECTOR, NotAllowed), (HOLDER, NotFound), (OFFICER_OF_ASTANA, NotFound), (AUDITOR, NotFound),
        (FINANCE, NotFound),
    ):  # fmt: skip
        with pytest.raises(error):
            propose(house, entry_id, actor)
    with pytest.raises(TakeBackNotFound):
        agree(house, entry_id)
    propose(house, entry_id)
    with pytest.raises(TakeBackSecondPerson):
        agree(house, entry_id, OFFICER)
    with pytest.raises(NotAllowed):
        agree(house, entry_id, DIRECTOR)
    house.do(SECOND, lambda w: approvals.declare_interest(w, provider_id=WARM_HOME, reason="my sister works there"))
    with pytest.raises(InterestDeclared):
        agree(house, entry_id)
    assert balance(house, AccountKind.PAYABLE, the_act(house, engagement)) == 20_00


def test_what_was_refused_may_be_proposed_anew(house: House, engagement: Engagement) -> None:
    (entry_id, _) = entries(house, the_act(house, engagement))
    propose(house, entry_id)
    with pytest.raises(WrongState):
        propose(house, entry_id, SECOND)
    house.do(SECOND, lambda w: taking_back.refuse(w, entry_id))
    propose(house, entry_id, SECOND)
    agree(house, entry_id, OFFICER)
    with pytest.raises(WrongState):
        agree(house, entry_id, OFFICER)
    with pytest.raises(WrongState):
        propose(house, entry_id)
    assert broken(house) == []


def test_money_is_taken_back_of_accepted_acts_alone(house: House, engagement: Engagement) -> None:
    loose = house.confirmed(engagement, house.see(lambda w: visits_of(w, the_act(house, engagement)))[0].ended_at)
    with pytest.raises(NotInAcceptedAct):
        propose(house, loose)


def test_two_clerks_at_once_take_it_back_once(house: House, engagement: Engagement) -> None:
    act_id = the_act(house, engagement)
    (entry_id, _) = entries(house, act_id)
    third = Actor(UUID(int=0x33), "third officer", SECOND.grants)
    ends = at_once([lambda: propose(house, entry_id), lambda: propose(house, entry_id, third)] * 2)
    assert [end for end in ends if not isinstance(end, DomainError)] == [None], ends
    ends = at_once([lambda: agree(house, entry_id)] * 4)
    assert sum(end is None for end in ends) == 1
    assert all(end is None or isinstance(end, WrongState) for end in ends), ends
    assert balance(house, AccountKind.PAYABLE, act_id) == 10_00
    assert broken(house) == []


def test_a_visit_taken_back_while_its_act_is_ordered_is_not_paid_twice_over(
    house: House, engagement: Engagement
) -> None:
    act_id = the_act(house, engagement)
    (entry_id, _) = entries(house, act_id)
    propose(house, entry_id)
    ends = at_once([lambda: agree(house, entry_id), lambda: house.do(FINANCE, lambda w: service.order(w, act_id))])
    assert ends[1] is None
    assert ends[0] is None or isinstance(ends[0], PaymentExists)
    (one,) = house.see(lambda w: queries.payments_of_act(w, act_id))
    assert one.amount_minor == (10_00 if ends[0] is None else 20_00)
    assert broken(house) == []


def test_the_invariants_see_a_sum_that_was_changed_by_hand(house: House, engagement: Engagement) -> None:
    (entry_id, _) = entries(house, the_act(house, engagement))
    take(house, entry_id)
    names = [one.name for one in act_invariants.invariants()]
    for change, name in (
        ("amount_minor = 999", "what is taken back of a visit or an absence is what the books moved for it"),
        ("amount_minor = 2001", "no more is taken back of a line than it was billed at"),
    ):
        assert name in names
        with house.database.engine.connect() as connection:
            connection.exec_driver_sql(f"UPDATE take_back SET {change}")
            sentence = next(one for one in act_invariants.invariants() if one.name == name)
            assert connection.execute(sentence.broken).all(), change
            connection.rollback()
    with house.database.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE act SET status = 'submitted'")
        sentence = next(one for one in act_invariants.invariants() if one.name.startswith("money is taken back"))
        assert connection.execute(sentence.broken).all()
        connection.rollback()
    found = house.do(SYSTEM, lambda w: taken_back.take_back(w, entry_id))
    assert found is not None
    assert found.status is TakeBackStatus.TAKEN


def test_a_row_from_before_it_had_an_id_of_its_own_is_still_what_the_trail_says(
    house: House, engagement: Engagement, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(house, entries(house, the_act(house, engagement))[0])
    own = audit.bodies
    monkeypatch.setattr(audit, "bodies", lambda work: map(without_id, own(work)))
    assert house.see(lambda w: replay_everything(w, METADATA)).differences == []
    with house.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE take_back SET note = 'somebody was there'")
    (found,) = house.see(lambda w: replay_everything(w, METADATA)).differences
    assert found.table == "take_back"


def without_id(body: bytes) -> bytes:
    """As it was said before."""
    said = json.loads(body)
    for change in said["changes"]:
        if change["table"] == "take_back":
            change["after"].pop("id", None)
            change["after"].pop("absence_id", None)
    return json.dumps(said).encode()


def test_a_visit_is_owed_for_with_the_payment_that_stands_and_not_with_one_that_the_bank_gave_back(
    house: House, engagement: Engagement
) -> None:
    bank, act_id = office(house.database), the_act(house, engagement)
    first = pay(house, act_id)
    name = payment(house.database, first).number
    take_in(house.database, bank.statement(Entry(-20_00, name), Entry(20_00, name, returned=True), days=9))
    (case,) = cases(house.database)
    agreed(house.database, case.number, Resolution.CORRECTION)
    second = pay(house, act_id)
    take(house, entries(house, act_id)[0])
    assert [balance(house, AccountKind.RECOVERY, one) for one in (first, second)] == [0, 10_00]
    told(house.database, second, Fate.BACK)
    assert payable(house.database, act_id).balance == 20_00
    told(house.database, second, Fate.REVERSED)
    assert payable(house.database, act_id).balance == 10_00, "what was untrue is the line's"
    assert broken(house) == []


# --- what was noted instead of a visit -------------------------------------------------------------------------------
NOT_MISSED = TakeBackCode.NOT_MISSED
NO_SHOW = (AbsenceKind.NO_SHOW, 50)


@pytest.fixture
def missed(house: House) -> Engagement:
    """Of whom a visit of two hours and two no-shows, of one and of two units, are in the accepted act."""
    house.payee()
    year = (date(2026, 1, 1), date(2027, 1, 1))
    for kind, percent in (NO_SHOW, (AbsenceKind.SHORT_NOTICE, 25)):
        rule = AbsenceRule(new_id(), kind, percent, False, 24, *year, "order 1")
        house.do(SYSTEM_CLERK, lambda w, rule=rule: absence.set_rule(w, rule))
    found = charged(house, house.voucher_contract(), charge=8_00)
    house.move(20)
    served(house, found, 14)
    for day, units in ((15, 1), (16, 2)):
        new = NewAbsence(AbsenceKind.NO_SHOW, planned_at=almaty(2026, 4, day, 9), quantity=units)
        house.do(CARER, lambda w, new=new: absence.enter(w, found.id, new))
    house.move(20)
    accepted(house, found.contract_id)
    return found


def no_shows(house: House, engagement: Engagement) -> list[UUID]:
    found = house.see(lambda w: acts.missed_of_line(w, the_act(house, engagement), engagement.id))
    return [one.id for one in found]


def found_not_missed(house: House, absence_id: UUID) -> None:
    house.do(OFFICER, lambda w: taking_back.propose(w, absence_id, code=NOT_MISSED, note="she was at home"))
    agree(house, absence_id)


def test_what_was_paid_for_a_visit_that_nobody_missed_is_taken_back(house: House, missed: Engagement) -> None:
    act_id = the_act(house, missed)
    payment_id = pay(house, act_id)
    first, second = no_shows(house, missed)
    found_not_missed(house, first)
    assert balance(house, AccountKind.RECOVERY, payment_id) == 5_00, "a unit is 10.00, half of it is paid"
    assert house.verbs("act", act_id)[-1] == "absence-taken-back"
    found_not_missed(house, second)
    assert balance(house, AccountKind.RECOVERY, payment_id) == 15_00
    take(house, entries(house, act_id)[0])
    assert balance(house, AccountKind.RECOVERY, payment_id) == payment(house.database, payment_id).amount_minor
    _, (one, planned), _ = house.see(lambda w: taken_back.of_act(w, act_id, TakeBackStatus.TAKEN))
    assert (one.absence_id, one.entry_id, one.amount_minor) == (second, None, 10_00)
    assert planned == almaty(2026, 4, 16, 9)
    assert broken(house) == []
    assert house.see(lambda w: replay_everything(w, METADATA)).differences == []


def test_an_absence_is_not_found_to_be_what_a_visit_is_nor_a_visit_what_an_absence_is(
    house: House, missed: Engagement
) -> None:
    (visit,), (absent, _other) = entries(house, the_act(house, missed)), no_shows(house, missed)
    for about, code in ((visit, NOT_MISSED), (absent, NEVER), (absent, TakeBackCode.SHORTER)):
        with pytest.raises(TakeBackCodeWrong):
            house.do(OFFICER, lambda w, about=about, code=code: taking_back.propose(w, about, code=code, note="x"))
    assert house.see(lambda w: taken_back.take_back(w, absent)) is None


def test_two_people_take_an_absence_back_and_once(house: House, missed: Engagement) -> None:
    absent, _other = no_shows(house, missed)
    with pytest.raises(TakeBackNotFound):
        agree(house, absent)
    house.do(OFFICER, lambda w: taking_back.propose(w, absent, code=TakeBackCode.COUNTED_TWICE, note="twice"))
    with pytest.raises(TakeBackSecondPerson):
        agree(house, absent, OFFICER)
    house.do(SECOND, lambda w: taking_back.refuse(w, absent))
    found_not_missed(house, absent)
    for again in (lambda: agree(house, absent), lambda: found_not_missed(house, absent)):
        with pytest.raises(WrongState):
            again()


def test_of_an_absence_that_no_accepted_act_pays_nothing_is_taken_back(house: House, missed: Engagement) -> None:
    late = NewAbsence(AbsenceKind.SHORT_NOTICE, planned_at=LATER, told_at=LATER - timedelta(hours=1), quantity=1)
    absent = house.do(CARER, lambda w: absence.enter(w, missed.id, late))
    for drawn_up in (False, True):
        if drawn_up:
            house.do(DIRECTOR, lambda w: acting.draft(w, missed.contract_id, month=APRIL))
        with pytest.raises(NotInAcceptedAct):
            found_not_missed(house, absent)


def test_a_take_back_of_an_absence_in_another_line_or_in_none_is_found(house: House, missed: Engagement) -> None:
    act_id = the_act(house, missed)
    absent, _other = no_shows(house, missed)
    found_not_missed(house, absent)
    (right,) = house.see(lambda w: taken_back.of_act(w, act_id, TakeBackStatus.TAKEN))
    of_visits = house.see(lambda w: acts.lines(w, act_id)[0])
    assert (of_visits.what, of_visits.id == right[0].act_line_id) == (LineOf.VISITS, False)
    spoil(house, TakeBackRow, absent, act_line_id=of_visits.id)
    assert NOT_BILLED in broken(house)
    spoil(house, TakeBackRow, absent, act_line_id=right[0].act_line_id)
    assert broken(house) == []
    spoil(house, AbsenceRow, absent, act_id=None)
    assert NOT_BILLED in broken(house)


def spoil(house: House, model: type[Base], key: UUID, **values: Any) -> None:
    """As nobody may."""

    def do(work: Work) -> None:
        assert work.update(model, key, **values)
        record(work, "act", key, "spoilt")

    house.do(SYSTEM, do)
