"""A contract is concluded once, signed by the provider's own people, and outlives nothing it should not."""

import threading
import time
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any  # values of the fields under test
from uuid import UUID

import pytest

from contracts.approval.rules import InterestDeclared
from contracts.approval.service import declare_interest
from contracts.contract import queries
from contracts.contract import service as contracting
from contracts.contract.rules import (
    Basis,
    ContractExists,
    ContractNotActive,
    ContractNotFound,
    ContractStatus,
    ContractTerms,
    ContractTermsWrong,
    DayOutside,
    EngagementStatus,
    PayeeMissing,
)
from contracts.kernel.errors import Malformed, NotAllowed, NotFound, WrongState
from contracts.kernel.ids import human_number, new_id
from contracts.kernel.work import Actor, Work
from tests.contracts.houses import (
    AUDITOR,
    BUYER,
    DIRECTOR,
    HOLDER,
    OFFICER,
    OFFICER_OF_ASTANA,
    OTHER_HOUSE,
    STRANGER,
    WARM_HOME,
    House,
    at_once,
)


def award(house: House, *, from_on: date = date(2026, 1, 1), until_on: date = date(2027, 1, 1)) -> ContractTerms:
    return ContractTerms(WARM_HOME, house.line_id, Basis.AWARD, from_on, until_on, award_id=new_id())


def conclude(house: House, terms: ContractTerms, actor: Actor = BUYER) -> UUID:
    return house.do(actor, partial(contracting.conclude, terms=terms))


def status_of(house: House, contract_id: UUID) -> ContractStatus:
    return house.see(lambda w: queries.contract(w, contract_id)).status


def test_an_award_is_pending_until_the_provider_himself_signs(house: House) -> None:
    house.payee()
    contract_id = conclude(house, award(house))
    assert status_of(house, contract_id) is ContractStatus.PENDING
    for other in (STRANGER, BUYER, OFFICER, HOLDER):
        with pytest.raises(ContractNotFound):
            house.do(other, lambda w: contracting.sign(w, contract_id))
    house.do(DIRECTOR, lambda w: contracting.sign(w, contract_id))
    assert status_of(house, contract_id) is ContractStatus.ACTIVE
    with pytest.raises(WrongState):
        house.do(DIRECTOR, lambda w: contracting.sign(w, contract_id))
    assert house.verbs("contract", contract_id) == ["concluded", "signed"]


def test_the_terms_are_a_frozen_copy_of_what_was_agreed(house: House) -> None:
    house.payee()
    terms = award(house)
    contract_id = conclude(house, terms)
    contract = house.see(lambda w: queries.contract(w, contract_id))
    assert contract.terms["award_id"] == str(terms.award_id)
    assert contract.terms["until_on"] == "2027-01-01"
    assert contract.territory == "750000000"
    assert contract.number.startswith("C-")


def test_one_contract_an_award(house: House) -> None:
    house.payee()
    terms = award(house)
    outcomes = at_once([partial(conclude, house, terms) for _ in range(4)])
    assert sum(o is None for o in outcomes) == 1
    assert all(isinstance(o, ContractExists) for o in outcomes if o is not None)
    assert len(house.see(lambda w: queries.contracts_of_provider(w, WARM_HOME))) == 1


def test_without_a_payee_there_is_no_contract(house: House) -> None:
    with pytest.raises(PayeeMissing) as refused:
        conclude(house, award(house))
    assert (refused.value.code, refused.value.members["pointer"]) == ("payee-missing", "/provider_id")
    with pytest.raises(PayeeMissing):
        house.voucher_contract()
    assert house.see(lambda w: queries.contracts_of_provider(w, WARM_HOME)) == []


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"until_on": date(2026, 1, 1)}, "/until_on"),
        ({"award_id": None}, "/award_id"),
        ({"basis": Basis.VOUCHER_LIST}, "/award_id"),
        ({"unit_price_minor": 0}, "/unit_price"),
    ],
)
def test_impossible_terms_are_refused_by_field(house: House, changed: dict[str, Any], pointer: str) -> None:
    house.payee()
    terms = replace(award(house), **changed)
    with pytest.raises(ContractTermsWrong) as refused:
        conclude(house, terms)
    assert refused.value.members["pointer"] == pointer


def test_only_an_officer_of_the_territory_concludes(house: House) -> None:
    house.payee()
    for other in (DIRECTOR, HOLDER, OFFICER_OF_ASTANA, AUDITOR):
        with pytest.raises(NotAllowed):
            conclude(house, award(house), other)
    conclude(house, award(house), OFFICER)


def test_the_voucher_list_has_one_active_contract_a_provider_and_year_however_many_ask(house: House) -> None:
    house.payee()
    outcomes = at_once([partial(house.voucher_contract, actor) for actor in [DIRECTOR, HOLDER, OFFICER] * 3])
    assert outcomes == [None] * 9
    (contract,) = house.see(lambda w: queries.contracts_of_provider(w, WARM_HOME))
    assert contract.status is ContractStatus.ACTIVE
    assert (contract.from_on, contract.until_on) == (date(2026, 1, 1), date(2027, 1, 1))
    assert house.voucher_contract() == contract.id
    assert house.verbs("contract", contract.id) == ["concluded"]
    with pytest.raises(NotFound):
        house.voucher_contract(STRANGER)


def test_a_line_pays_for_its_own_year_only(house: House) -> None:
    house.payee()
    with pytest.raises(ContractTermsWrong) as refused:
        house.do(
            DIRECTOR,
            lambda w: contracting.ensure_voucher_contract(
                w, provider_id=WARM_HOME, line_id=house.line_id, on=date(2027, 1, 1)
            ),
        )
    assert refused.value.members["pointer"] == "/on"


def test_a_contract_that_was_never_signed_is_cancelled_by_an_officer(house: House) -> None:
    house.payee()
    contract_id = conclude(house, award(house))
    with pytest.raises(NotAllowed):
        house.do(DIRECTOR, lambda w: contracting.cancel(w, contract_id))
    with pytest.raises(ContractNotFound):
        house.do(OFFICER_OF_ASTANA, lambda w: contracting.cancel(w, contract_id))
    house.do(BUYER, lambda w: contracting.cancel(w, contract_id))
    with pytest.raises(WrongState):
        house.do(DIRECTOR, lambda w: contracting.sign(w, contract_id))
    assert house.verbs("contract", contract_id) == ["concluded", "cancelled"]


def test_a_contract_is_completed_when_its_period_is_over(house: House) -> None:
    house.payee()
    contract_id = conclude(house, award(house, until_on=date(2026, 4, 12)))
    house.do(DIRECTOR, lambda w: contracting.sign(w, contract_id))
    with pytest.raises(DayOutside):
        house.do(BUYER, lambda w: contracting.complete(w, contract_id))
    house.move(2)
    house.do(BUYER, lambda w: contracting.complete(w, contract_id))
    assert status_of(house, contract_id) is ContractStatus.COMPLETED


def terminated(house: House, contract_id: UUID, on: date, actor: Actor = BUYER) -> None:
    """As the market does it: what would go on ends with the contract."""

    def fn(work: Work) -> None:
        contracting.terminate(work, contract_id, on=on, reason="the house was sold")
        for one in queries.engagements_of_contract(work, contract_id):
            if one.until_on > on:
                contracting.end_engagement(work, one.id, on=on)

    house.do(actor, fn)


def test_a_terminated_contract_takes_nobody_new_and_what_outlives_it_is_found(house: House) -> None:
    house.payee()
    contract_id = house.voucher_contract()
    running = house.engaged(contract_id)
    with pytest.raises(NotAllowed):
        terminated(house, contract_id, date(2026, 5, 1), DIRECTOR)
    with pytest.raises(ContractNotFound):
        terminated(house, contract_id, date(2026, 5, 1), OFFICER_OF_ASTANA)
    for outside in (date(2026, 1, 1), date(2027, 1, 1)):
        with pytest.raises(DayOutside):
            terminated(house, contract_id, outside)
    with pytest.raises(Malformed):
        house.do(BUYER, lambda w: contracting.terminate(w, contract_id, on=date(2026, 5, 1), reason=" "))
    house.do(BUYER, lambda w: contracting.terminate(w, contract_id, on=date(2026, 5, 1), reason=" sold "))
    assert house.broken() == ["nobody is served under a contract that was terminated"]
    house.do(BUYER, lambda w: contracting.end_engagement(w, running.id, on=date(2026, 5, 1)))
    assert house.broken() == []
    with pytest.raises(ContractNotActive):
        house.engaged(contract_id)
    with pytest.raises(WrongState):
        terminated(house, contract_id, date(2026, 4, 20))
    found = house.see(lambda w: queries.contract(w, contract_id))
    assert (found.status, found.until_on, found.end_reason) == (ContractStatus.TERMINATED, date(2026, 5, 1), "sold")
    assert house.verbs("contract", contract_id) == ["concluded", "terminated"]


def test_after_a_terminated_contract_on_the_list_another_begins_where_it_ended(house: House) -> None:
    house.payee()
    first = house.voucher_contract()
    terminated(house, first, date(2026, 5, 1))
    second = house.voucher_contract()
    assert house.voucher_contract() == second != first
    found = house.see(lambda w: queries.contract(w, second))
    assert (found.from_on, found.until_on) == (date(2026, 5, 1), date(2027, 1, 1))
    assert house.engaged(second, from_on=date(2026, 5, 1)).contract_id == second
    assert house.broken() == []


def test_who_declared_an_interest_ends_no_contract(house: House) -> None:
    house.payee()
    by_list, by_award = house.voucher_contract(), conclude(house, award(house))
    house.do(BUYER, lambda w: declare_interest(w, provider_id=WARM_HOME, reason="my brother works there"))
    for verb in (
        lambda w: contracting.terminate(w, by_list, on=date(2026, 5, 1), reason="sold"),
        lambda w: contracting.complete(w, by_list),
        lambda w: contracting.cancel(w, by_award),
    ):
        with pytest.raises(InterestDeclared):
            house.do(BUYER, verb)
    assert status_of(house, by_list) is ContractStatus.ACTIVE
    assert status_of(house, by_award) is ContractStatus.PENDING


def test_who_was_engaging_when_the_contract_was_terminated_is_ended_with_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engagement has seen an active contract and is not written yet when somebody terminates it."""
    house.payee()
    contract_id = house.voucher_contract()
    checked = threading.Event()

    def slow_number(prefix: str) -> str:
        checked.set()
        time.sleep(0.4)
        return human_number(prefix)

    monkeypatch.setattr(contracting, "human_number", slow_number)

    def terminate() -> None:
        checked.wait()
        terminated(house, contract_id, date(2026, 5, 1))

    assert at_once([partial(house.engaged, contract_id), terminate]) == [None, None]
    (engagement,) = house.see(lambda w: queries.engagements_of_contract(w, contract_id))
    assert (engagement.status, engagement.until_on) == (EngagementStatus.ACTIVE, date(2026, 5, 1))
    assert house.broken() == []


def test_a_contract_is_seen_by_its_provider_and_by_officers_of_its_territory(house: House) -> None:
    house.payee()
    house.payee(OTHER_HOUSE, bin_="190540009117")
    contract_id = house.voucher_contract()
    for reader in (DIRECTOR, OFFICER, BUYER, AUDITOR):
        assert house.database.read(reader, lambda w: queries.contract_for_reader(w, contract_id)).id == contract_id
    for other in (STRANGER, HOLDER, OFFICER_OF_ASTANA):
        for unknown in (contract_id, new_id()):  # a foreign one looks like one that is not there
            with pytest.raises(ContractNotFound):
                house.database.read(other, partial(queries.contract_for_reader, contract_id=unknown))
