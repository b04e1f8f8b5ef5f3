"""An engagement holds the programme's money: taken from one voucher, given back when it will not be needed."""

from datetime import date
from functools import partial
from typing import Any  # values of the fields under test

import pytest

from contracts.act import service as acting
from contracts.contract import queries
from contracts.contract import service as contracting
from contracts.contract.rules import (
    Basis,
    ContractNotActive,
    ContractTerms,
    DayOutside,
    EngagementExists,
    EngagementNotFound,
    EngagementOutsideContract,
    EngagementStatus,
    EngagementWrong,
    VoucherOfAnotherLine,
)
from contracts.kernel.errors import DomainError, NotFound, WrongState
from contracts.kernel.ids import new_id
from contracts.kernel.period import Month
from contracts.kernel.work import SYSTEM
from contracts.ledger.rules import InsufficientFunds
from tests.contracts.houses import (
    BUYER,
    DIRECTOR,
    HOLDER,
    NEIGHBOUR,
    OFFICER,
    OPERATOR,
    SERIK,
    STRANGER,
    SYSTEM_CLERK,
    WARM_HOME,
    House,
    almaty,
    at_once,
)

MONTH = 10_00 * 32  # what the usual engagement costs a month


def test_engaging_moves_price_times_volume_times_months_from_the_voucher(house: House) -> None:
    house.payee()
    engagement = house.engaged(house.voucher_contract())
    assert house.balance(engagement.account_id) == 5 * MONTH
    assert house.reserved(engagement.voucher_id) == 1_000_000_00 - 5 * MONTH
    assert house.verbs("engagement", engagement.id) == ["engaged"]
    assert house.broken() == []


def test_a_month_that_is_only_touched_counts_in_full(house: House) -> None:
    house.payee()
    engagement = house.engaged(house.voucher_contract(), from_on=date(2026, 2, 28), until_on=date(2026, 3, 2))
    assert house.balance(engagement.account_id) == 2 * MONTH


@pytest.mark.parametrize(
    ("changed", "refusal", "pointer"),
    [
        ({"unit_price_minor": 0}, EngagementWrong, "/unit_price"),
        ({"unit_price_minor": -5}, EngagementWrong, "/unit_price"),
        ({"units_a_month": 0}, EngagementWrong, "/units_a_month"),
        ({"unit_price_minor": 10**12, "units_a_month": 10**6}, EngagementWrong, "/units_a_month"),
        ({"until_on": date(2026, 2, 1)}, EngagementWrong, "/until_on"),
        ({"from_on": date(2025, 12, 31)}, EngagementOutsideContract, "/from_on"),
        ({"until_on": date(2027, 1, 2)}, EngagementOutsideContract, "/until_on"),
    ],
)
def test_terms_that_do_not_fit_are_refused_by_field(
    house: House, changed: dict[str, Any], refusal: type[DomainError], pointer: str
) -> None:
    house.payee()
    contract_id = house.voucher_contract()
    with pytest.raises(refusal) as refused:
        house.engaged(contract_id, **changed)
    assert refused.value.members["pointer"] == pointer
    assert house.see(lambda w: queries.engagements_of_contract(w, contract_id)) == []


def test_an_engagement_keeps_to_what_the_award_fixed(house: House) -> None:
    house.payee()
    year = (date(2026, 1, 1), date(2027, 1, 1))
    terms = ContractTerms(
        WARM_HOME, house.line_id, Basis.AWARD, *year, award_id=new_id(), unit="hour", unit_price_minor=9_00
    )
    contract_id = house.do(BUYER, lambda w: contracting.conclude(w, terms))
    with pytest.raises(ContractNotActive):
        house.engaged(contract_id, unit_price_minor=9_00)
    house.do(DIRECTOR, lambda w: contracting.sign(w, contract_id))
    with pytest.raises(EngagementOutsideContract) as refused:
        house.engaged(contract_id)
    assert refused.value.members["pointer"] == "/unit_price"
    house.engaged(contract_id, unit_price_minor=9_00)


def test_money_comes_from_the_voucher_itself_and_from_the_contracts_line(house: House) -> None:
    house.payee()
    contract_id = house.voucher_contract()
    voucher_id, account = house.voucher()
    other_voucher, _ = house.voucher()
    terms = house.terms(contract_id, voucher_id=other_voucher)
    with pytest.raises(VoucherOfAnotherLine):
        house.do(DIRECTOR, lambda w: contracting.engage(w, terms, voucher_account_id=account))
    assert house.reserved(voucher_id) == 1_000_000_00


def test_a_voucher_with_too_little_money_engages_nobody(house: House) -> None:
    house.payee()
    contract_id = house.voucher_contract()
    voucher_id, account = house.voucher(5 * MONTH - 1)
    terms = house.terms(contract_id, voucher_id=voucher_id)
    with pytest.raises(InsufficientFunds):
        house.do(DIRECTOR, lambda w: contracting.engage(w, terms, voucher_account_id=account))
    assert house.see(lambda w: queries.engagement_of_placement(w, terms.placement_id)) is None
    assert house.reserved(voucher_id) == 5 * MONTH - 1


def test_one_engagement_a_placement_however_often_it_is_asked_for(house: House) -> None:
    house.payee()
    contract_id = house.voucher_contract()
    voucher_id, account = house.voucher()
    terms = house.terms(contract_id, voucher_id=voucher_id)
    engage = partial(contracting.engage, terms=terms, voucher_account_id=account)
    outcomes = at_once([partial(house.do, DIRECTOR, engage) for _ in range(6)])
    assert sum(o is None for o in outcomes) == 1
    assert all(isinstance(o, EngagementExists) for o in outcomes if o is not None)
    assert house.reserved(voucher_id) == 1_000_000_00 - 5 * MONTH
    assert house.broken() == []


def test_the_provider_the_holder_and_officers_engage_and_nobody_else(house: House) -> None:
    house.payee()
    contract_id = house.voucher_contract()
    for actor in (DIRECTOR, HOLDER, OPERATOR, OFFICER, SYSTEM_CLERK):
        house.engaged(contract_id, actor=actor)
    for other in (STRANGER, NEIGHBOUR):
        with pytest.raises(NotFound):
            house.engaged(contract_id, actor=other)
    house.engaged(contract_id, actor=NEIGHBOUR, recipient_id=SERIK)


def test_ending_gives_back_the_months_that_will_not_come(house: House) -> None:
    house.payee()
    engagement = house.engaged(house.voucher_contract())
    end = partial(contracting.end_engagement, engagement_id=engagement.id, on=date(2026, 4, 10))
    with pytest.raises(EngagementNotFound):
        house.do(STRANGER, end)
    house.do(DIRECTOR, end)
    ended = house.engagement(engagement.id)
    assert (ended.status, ended.until_on) == (EngagementStatus.ENDED, date(2026, 4, 10))
    assert house.balance(engagement.account_id) == 3 * MONTH  # February, March, and April that was begun
    assert house.reserved(engagement.voucher_id) == 1_000_000_00 - 3 * MONTH
    house.do(HOLDER, end)  # the same end once more changes nothing
    assert house.verbs("engagement", engagement.id) == ["engaged", "ended"]
    assert house.broken() == []


def test_an_end_may_be_moved_to_an_earlier_day_but_never_to_a_later_one(house: House) -> None:
    house.payee()
    engagement = house.engaged(house.voucher_contract())
    with pytest.raises(DayOutside) as refused:
        house.do(DIRECTOR, lambda w: contracting.end_engagement(w, engagement.id, on=date(2026, 7, 2)))
    assert refused.value.members["pointer"] == "/on"
    for on in (date(2026, 6, 1), date(2026, 3, 1)):
        house.do(DIRECTOR, partial(contracting.end_engagement, engagement_id=engagement.id, on=on))
    with pytest.raises(DayOutside):
        house.do(DIRECTOR, lambda w: contracting.end_engagement(w, engagement.id, on=date(2026, 3, 2)))
    assert house.balance(engagement.account_id) == MONTH
    assert house.verbs("engagement", engagement.id) == ["engaged", "end-set", "ended"]
    assert house.broken() == []


def test_an_engagement_that_never_began_gives_everything_back(house: House) -> None:
    house.payee()
    engagement = house.engaged(house.voucher_contract(), from_on=date(2026, 5, 1))
    house.do(HOLDER, lambda w: contracting.end_engagement(w, engagement.id, on=date(2026, 4, 11)))
    assert house.balance(engagement.account_id) == 0
    assert house.reserved(engagement.voucher_id) == 1_000_000_00
    assert house.engagement(engagement.id).until_on == date(2026, 5, 1)
    assert house.broken() == []


def test_what_acts_have_taken_is_not_given_back_and_what_was_entered_stays_covered(house: House) -> None:
    house.payee()
    contract_id = house.voucher_contract()
    engagement = house.engaged(contract_id)
    house.confirmed(engagement, almaty(2026, 3, 2, 9), hours=20)
    act_id = house.do(DIRECTOR, lambda w: acting.draft(w, contract_id, month=Month(2026, 3)))
    house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    house.do(OFFICER, lambda w: acting.accept(w, act_id))
    house.confirmed(engagement, almaty(2026, 4, 2, 9), hours=20)
    house.do(DIRECTOR, lambda w: contracting.end_engagement(w, engagement.id, on=date(2026, 4, 10)))
    assert house.balance(engagement.account_id) == 3 * MONTH - 200_00
    assert house.broken() == []


def test_two_ends_at_once_give_the_money_back_once(house: House) -> None:
    house.payee()
    engagement = house.engaged(house.voucher_contract())
    end = partial(contracting.end_engagement, engagement_id=engagement.id, on=date(2026, 5, 1))
    assert at_once([partial(house.do, DIRECTOR, end) for _ in range(8)]) == [None] * 8
    assert house.balance(engagement.account_id) == 3 * MONTH
    assert house.verbs("engagement", engagement.id) == ["engaged", "end-set"]
    assert house.broken() == []


def test_an_engagement_is_suspended_and_resumed_on_days_gone_by(house: House) -> None:
    house.payee()
    engagement = house.engaged(house.voucher_contract())
    with pytest.raises(WrongState):
        house.do(DIRECTOR, lambda w: contracting.resume_engagement(w, engagement.id))
    for day in (date(2026, 1, 31), date(2026, 4, 11)):
        with pytest.raises(DayOutside):
            house.do(DIRECTOR, partial(contracting.suspend_engagement, engagement_id=engagement.id, on=day))
    with pytest.raises(DayOutside) as refused:
        house.do(DIRECTOR, lambda w: contracting.suspend_engagement(w, engagement.id, on=date(2026, 3, 5)))
    assert refused.value.members["rule"] == "not-in-the-past"
    house.do(OPERATOR, lambda w: contracting.suspend_engagement(w, engagement.id, on=date(2026, 3, 5)))
    assert house.engagement(engagement.id).status is EngagementStatus.SUSPENDED
    with pytest.raises(WrongState):
        house.do(DIRECTOR, lambda w: contracting.suspend_engagement(w, engagement.id))
    with pytest.raises(DayOutside):
        house.do(DIRECTOR, lambda w: contracting.resume_engagement(w, engagement.id, on=date(2026, 3, 4)))
    house.do(OPERATOR, lambda w: contracting.resume_engagement(w, engagement.id, on=date(2026, 3, 9)))
    (days,) = house.see(lambda w: queries.suspensions(w, engagement.id))
    assert date(2026, 3, 5) in days
    assert date(2026, 3, 9) not in days
    house.do(OPERATOR, lambda w: contracting.suspend_engagement(w, engagement.id))
    house.do(DIRECTOR, lambda w: contracting.end_engagement(w, engagement.id, on=date(2026, 4, 10)))
    with pytest.raises(WrongState):
        house.do(DIRECTOR, lambda w: contracting.resume_engagement(w, engagement.id))
    assert house.verbs("engagement", engagement.id) == ["engaged", "suspended", "resumed", "suspended", "ended"]


def test_an_engagement_with_an_end_to_come_can_be_suspended_until_it_comes(house: House) -> None:
    house.payee()
    engagement = house.engaged(house.voucher_contract())
    house.do(HOLDER, lambda w: contracting.end_engagement(w, engagement.id, on=date(2026, 4, 20)))
    house.do(DIRECTOR, lambda w: contracting.suspend_engagement(w, engagement.id))
    assert house.engagement(engagement.id).status is EngagementStatus.SUSPENDED
    assert house.broken() == []
    assert house.do(SYSTEM, lambda w: contracting.end_over(w, limit=9)) == 0
    house.move(10)
    assert house.do(SYSTEM, lambda w: contracting.end_over(w, limit=9)) == 1
    assert house.verbs("engagement", engagement.id) == ["engaged", "end-set", "suspended", "ended"]


def test_an_end_within_a_month_keeps_the_share_served_or_what_was_entered(house: House) -> None:
    house.payee()
    contract_id = house.voucher_contract()
    for entered, left in ((0, 2 * MONTH + 10_00 * 10), (3 * MONTH - 10_00, 3 * MONTH - 10_00), (9 * MONTH, 3 * MONTH)):
        one = house.engaged(contract_id)  # ends after 9 of April's 30 days: 9.6 of 32 hours, rounded up
        house.do(SYSTEM, partial(contracting.stop_service, engagement_id=one.id, on=date(2026, 4, 10),
                                 entered_minor=entered))  # fmt: skip
        assert house.balance(one.account_id) == left
    assert house.broken() == []


def test_an_engagement_is_seen_by_its_recipient_and_its_provider(house: House) -> None:
    house.payee()
    engagement = house.engaged(house.voucher_contract())
    for reader in (DIRECTOR, HOLDER, OFFICER):
        seen = house.database.read(reader, lambda w: queries.engagement_for_reader(w, engagement.id))
        assert seen == engagement
    for other in (STRANGER, NEIGHBOUR):
        with pytest.raises(EngagementNotFound):
            house.database.read(other, lambda w: queries.engagement_for_reader(w, engagement.id))
    assert house.see(lambda w: queries.engagements_of_recipient(w, engagement.recipient_id)) == [engagement]
    assert house.see(lambda w: queries.engagements_of_provider(w, WARM_HOME)) == [engagement]
