"""A month becomes an act: the whole walk through contract, register and act."""

from datetime import date
from functools import partial

from contracts.act import queries as acts
from contracts.act import service as acting
from contracts.act.rules import ActStatus
from contracts.contract import queries as contracts
from contracts.contract import service as contracting
from contracts.contract.rules import Basis, ContractStatus, ContractTerms
from contracts.kernel.ids import new_id
from contracts.kernel.period import Month
from contracts.register import service as register
from tests.contracts.houses import BUYER, DIRECTOR, HOLDER, OFFICER, WARM_HOME, House, almaty


def test_an_award_becomes_a_contract_an_engagement_visits_and_an_accepted_act(house: House) -> None:
    house.payee()
    terms = ContractTerms(
        provider_id=WARM_HOME,
        line_id=house.line_id,
        basis=Basis.AWARD,
        award_id=new_id(),
        from_on=date(2026, 1, 1),
        until_on=date(2027, 1, 1),
        kind="domestic",
        setting="home",
        unit="hour",
        unit_price_minor=10_00,
    )
    contract_id = house.do(BUYER, lambda w: contracting.conclude(w, terms))
    house.do(DIRECTOR, lambda w: contracting.sign(w, contract_id))
    assert house.see(lambda w: contracts.contract(w, contract_id)).status is ContractStatus.ACTIVE

    engagement = house.engaged(contract_id)
    assert house.balance(engagement.account_id) == 10_00 * 32 * 5
    for day in (2, 4, 6):
        entry_id = house.visit(engagement, almaty(2026, 3, day, 9), hours=1.5)
        house.do(HOLDER, partial(register.confirm, entry_id=entry_id))

    act_id = house.do(DIRECTOR, lambda w: acting.draft(w, contract_id, month=Month(2026, 3)))
    house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    house.do(OFFICER, lambda w: acting.accept(w, act_id))

    act = house.see(lambda w: acts.act(w, act_id))
    assert (act.status, act.total_minor) == (ActStatus.ACCEPTED, 45_00)
    assert act.account_id is not None
    assert house.balance(act.account_id) == 45_00
    assert house.balance(engagement.account_id) == 10_00 * 32 * 5 - 45_00
    assert house.verbs("contract", contract_id) == ["concluded", "signed"]
    assert house.verbs("engagement", engagement.id) == ["engaged"]
    assert house.verbs("entry", entry_id) == ["entered", "confirmed"]
    assert house.verbs("act", act_id) == ["drafted", "submitted", "accepted"]
    assert house.broken() == []
