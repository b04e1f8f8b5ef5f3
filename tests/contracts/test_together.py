"""All acts of a month at once are the acts one by one."""

from datetime import date
from functools import partial
from uuid import UUID

import pytest

from contracts.act import queries, terms
from contracts.act import service as acting
from contracts.act.pricing import Collector, VatMode
from contracts.act.rules import Act, MonthNotOver, PersonNeeded, TermCode
from contracts.act.together import draft_together
from contracts.contract import pricing
from contracts.contract import service as contracting
from contracts.contract.rules import Engagement
from contracts.kernel.errors import NotAllowed, NotFound
from contracts.kernel.period import Month
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role
from market.oversight.replay import replay_everything
from market.tables import METADATA
from tests.contracts.houses import (
    ALMATY,
    DIRECTOR,
    ERLAN,
    OFFICER,
    OPERATOR,
    OTHER_HOUSE,
    SERIK,
    STRANGER,
    WARM_HOME,
    House,
    almaty,
    build,
)

CLERK = Actor(UUID(int=0x51), "clerk", (Grant(Role.ADMINISTRATOR),))
FINANCE = Actor(UUID(int=0x31), "finance officer", (Grant(Role.FINANCE_OFFICER, territory=ALMATY[:2]),))
APRIL, MAY = Month(2026, 4), Month(2026, 5)


def lived(house: House) -> list[Engagement]:
    """Two houses in April and May, with a price that changes, a tax, a recipient's part and a pause."""
    house.payee()
    house.payee(OTHER_HOUSE, bin_="190540009117")
    own = house.voucher_contract()
    other = house.voucher_contract(STRANGER, provider_id=OTHER_HOUSE)
    hours = house.engaged(own)
    visits = house.engaged(own, recipient_id=SERIK, unit="visit", unit_price_minor=333_33)
    elsewhere = house.engaged(other, actor=STRANGER)
    house.do(
        OFFICER,
        lambda w: pricing.change_price(w, hours.id, unit_price_minor=12_34, from_on=date(2026, 4, 15), source="o"),
    )
    house.do(
        OPERATOR,
        lambda w: terms.set_copayment(w, visits.id, charge_minor=500_00, from_month=APRIL, source="statement"),
    )
    house.do(
        FINANCE,
        lambda w: terms.set_term(
            w, code=TermCode.COLLECTOR, territory="75", value=Collector.PROVIDER, from_on=date(2026, 4, 11), source="o"
        ),
    )
    house.do(
        FINANCE,
        lambda w: terms.set_vat(
            w, OTHER_HOUSE, territory=ALMATY, mode=VatMode.INCLUDED, rate_bp=1600, from_month=MAY, source="o"
        ),
    )
    house.move(60)
    for month in (4, 5):
        for day in (3, 14, 15, 27):
            house.confirmed(hours, almaty(2026, month, day, 9, 0, 1), hours=1.5)
            house.confirmed(visits, almaty(2026, month, day, 9), worker=ERLAN)
    carer = Actor(UUID(int=0x52), "carer", (Grant(Role.CARER, provider_id=OTHER_HOUSE),))
    for start in (almaty(2026, 5, 4, 15), almaty(2026, 5, 20, 15)):
        house.confirmed(elsewhere, start, hours=0.25, actor=carer)
    house.confirmed(elsewhere, almaty(2026, 4, 4, 15), hours=1 / 3600, actor=carer)  # a second is worth nothing
    house.do(OPERATOR, lambda w: contracting.suspend_engagement(w, elsewhere.id, on=date(2026, 5, 20)))
    house.visit(hours, almaty(2026, 5, 28, 9))  # nobody confirmed it
    return [hours, visits, elsewhere]


def said(house: House, engagements: list[Engagement]) -> list[tuple[object, ...]]:
    """What all acts say, engagements by their place in the story."""
    place = {one.id: number for number, one in enumerate(engagements)}
    found: list[tuple[object, ...]] = []
    for contract_id in dict.fromkeys(one.contract_id for one in engagements):
        for act in house.see(partial(queries.acts_of_contract, contract_id=contract_id)):
            lines = house.see(partial(queries.lines, act_id=act.id))
            found.append(_facts(act))
            found += sorted(
                (
                    place[line.engagement_id], line.unit_price_minor, line.entries, line.quantity, line.seconds,
                    line.cost_minor, line.vat_minor, line.copayment_minor, line.amount_minor,
                )
                for line in lines
            )  # fmt: skip
    return found


def _facts(act: Act) -> tuple[object, ...]:
    return act.month, act.part, act.status, act.vat, act.collector, act.total_minor, act.editions


@pytest.fixture
def house(database: Database) -> House:
    return build(database)


def test_all_at_once_come_to_what_one_by_one_comes_to(house: House) -> None:
    engagements = lived(house)
    assert house.do(CLERK, lambda w: draft_together(w, [APRIL, MAY])) == 3
    together = said(house, engagements)
    assert house.broken() == []
    for contract_id in dict.fromkeys(one.contract_id for one in engagements):
        for act in house.see(partial(queries.acts_of_contract, contract_id=contract_id)):
            actor = DIRECTOR if act.provider_id == WARM_HOME else STRANGER
            house.do(actor, partial(acting.redraft, act_id=act.id))
    assert said(house, engagements) == together, "assembled anew one by one"
    assert house.broken() == []
    assert house.do(CLERK, lambda w: draft_together(w, [APRIL, MAY])) == 0, "there is nothing left"


def test_what_was_drafted_together_is_submitted_accepted_and_replayed(house: House) -> None:
    engagements = lived(house)
    assert house.do(DIRECTOR, lambda w: draft_together(w, [MAY], provider_id=WARM_HOME)) == 1
    assert house.verbs("acts", WARM_HOME) == ["drafted-together"]
    (act,) = house.see(partial(queries.acts_of_contract, contract_id=engagements[0].contract_id))
    house.do(DIRECTOR, partial(acting.submit, act_id=act.id))
    house.do(OFFICER, partial(acting.accept, act_id=act.id))
    assert house.broken() == []
    assert house.database.read(SYSTEM, lambda w: replay_everything(w, METADATA)).differences == []


def test_only_ones_own_acts_or_an_administrators_and_only_of_months_gone_by(house: House) -> None:
    lived(house)
    with pytest.raises(NotFound):
        house.do(STRANGER, lambda w: draft_together(w, [MAY], provider_id=WARM_HOME))
    for other in (DIRECTOR, OFFICER):
        with pytest.raises(NotAllowed):
            house.do(other, lambda w: draft_together(w, [MAY]))
    with pytest.raises(PersonNeeded):
        house.do(SYSTEM, lambda w: draft_together(w, [MAY]))
    with pytest.raises(MonthNotOver):
        house.do(CLERK, lambda w: draft_together(w, [Month(2026, 6)]))
