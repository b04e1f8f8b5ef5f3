"""A visit of an accepted act is found untrue: its money comes back, once, agreed by two, and the books balance."""

from typing import Any
from uuid import UUID

import pytest

from contracts.act import invariants as act_invariants
from contracts.act import queries as acts
from contracts.act import taken_back
from contracts.act.pricing import Collector
from contracts.act.queries import MonthFigure
from contracts.act.take_back import (
    NotInAcceptedAct,
    TakeBackCode,
    TakeBackNotFound,
    TakeBackSecondPerson,
    TakeBackStatus,
)
from contracts.approval import service as approvals
from contracts.approval.rules import InterestDeclared
from contracts.collection import invariants as collection_invariants
from contracts.collection import service as collecting
from contracts.collection import taking_back
from contracts.contract.rules import Engagement
from contracts.kernel.errors import DomainError, NotAllowed, NotFound, WrongState
from contracts.kernel.work import SYSTEM, Actor, Grant, Role
from contracts.ledger import queries as ledger
from contracts.ledger.rules import AccountKind
from contracts.payment import advance_invariants, queries, service
from contracts.payment.rules import Fate, PaymentExists, PaymentStatus, RecoveryFirst
from contracts.reconciliation.rules import Resolution
from tests.collection.households import APRIL, FINANCE, accepted, one_household, served, the_due
from tests.contracts.houses import (
    ALMATY,
    AUDITOR,
    DIRECTOR,
    HOLDER,
    OFFICER,
    OFFICER_OF_ASTANA,
    WARM_HOME,
    House,
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
        ("amount_minor = 999", "what is taken back of a visit is what the books moved for it"),
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
