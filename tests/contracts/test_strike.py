"""A visit that was confirmed wrongly comes out of an act while the act is in the provider's hands, and never after."""

from functools import partial
from uuid import UUID

import pytest

from contracts.act import queries
from contracts.act import service as acting
from contracts.act.rules import Act, ActNeedsAssembly, ActStatus, NothingToAct
from contracts.contract.rules import Engagement
from contracts.kernel.errors import WrongState
from contracts.kernel.period import Month
from contracts.register import queries as registers
from contracts.register.rules import Entry, EntryInAct, EntryNotFound, EntryStatus, ReasonMissing
from tests.contracts.houses import (
    AUDITOR,
    CARER,
    DIRECTOR,
    HOLDER,
    OFFICER,
    OFFICER_OF_ASTANA,
    OPERATOR,
    STRANGER,
    House,
    almaty,
    at_once,
    visits_of,
)

MARCH = Month(2026, 3)


@pytest.fixture
def engagement(house: House) -> Engagement:
    house.payee()
    return house.engaged(house.voucher_contract())


def served(house: House, engagement: Engagement, *days: int) -> list[UUID]:
    return [house.confirmed(engagement, almaty(2026, 3, day, 9)) for day in days]


def drafted(house: House, engagement: Engagement) -> UUID:
    return house.do(DIRECTOR, lambda w: acting.draft(w, engagement.contract_id, month=MARCH))


def act_of(house: House, act_id: UUID) -> Act:
    return house.see(lambda w: queries.act(w, act_id))


def entry_of(house: House, entry_id: UUID) -> Entry:
    return house.see(lambda w: registers.entry(w, entry_id))


def test_a_struck_visit_takes_the_draft_apart_until_it_is_assembled_anew(house: House, engagement: Engagement) -> None:
    ghost, real = served(house, engagement, 2, 3)
    act_id = drafted(house, engagement)
    before = act_of(house, act_id)
    house.do(CARER, lambda w: acting.strike(w, ghost, reason="nobody was there"))
    entry, act = entry_of(house, ghost), act_of(house, act_id)
    assert (entry.status, entry.cancel_reason, entry.act_id) == (EntryStatus.CANCELLED, "nobody was there", None)
    assert (act.status, act.total_minor, act.version) == (ActStatus.DRAFT, 0, before.version + 1)
    assert house.see(lambda w: queries.lines(w, act_id)) == []
    assert house.broken() == []
    with pytest.raises(ActNeedsAssembly) as refused:
        house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    assert refused.value.code == "act-needs-assembly"
    house.do(DIRECTOR, lambda w: acting.redraft(w, act_id))
    assert [e.id for e in house.see(lambda w: visits_of(w, act_id))] == [real]
    house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    house.do(OFFICER, lambda w: acting.accept(w, act_id))
    assert act_of(house, act_id).total_minor == 10_00
    assert house.verbs("act", act_id) == ["drafted", "visit-struck", "redrafted", "submitted", "accepted"]
    assert house.verbs("entry", ghost) == ["entered", "confirmed", "cancelled"]
    assert house.broken() == []


def test_an_officer_strikes_a_visit_of_an_act_he_gave_back(house: House, engagement: Engagement) -> None:
    ghost, _ = served(house, engagement, 2, 3)
    act_id = drafted(house, engagement)
    house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    house.do(OFFICER, lambda w: acting.return_act(w, act_id, reason="the 2nd?"))
    house.do(OFFICER, lambda w: acting.strike(w, ghost, reason="she was in hospital"))
    assert act_of(house, act_id).status is ActStatus.RETURNED
    with pytest.raises(ActNeedsAssembly):
        house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    house.do(DIRECTOR, lambda w: acting.redraft(w, act_id))
    house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    house.do(OFFICER, lambda w: acting.accept(w, act_id))  # to strike a visit is not to draw up the act
    assert act_of(house, act_id).total_minor == 10_00
    assert house.broken() == []


def test_a_submitted_and_an_accepted_act_keep_their_visits(house: House, engagement: Engagement) -> None:
    (visit,) = served(house, engagement, 2)
    act_id = drafted(house, engagement)
    for verb, actor in ((acting.submit, DIRECTOR), (acting.accept, OFFICER)):
        house.do(actor, partial(verb, act_id=act_id))
        for other in (DIRECTOR, OFFICER):
            with pytest.raises(EntryInAct):
                house.do(other, lambda w: acting.strike(w, visit, reason="too late"))
    assert entry_of(house, visit).act_id == act_id
    assert act_of(house, act_id).total_minor == 10_00
    assert house.broken() == []


def test_strangers_find_no_visit_to_strike_and_a_reason_is_given(house: House, engagement: Engagement) -> None:
    (visit,) = served(house, engagement, 2)
    act_id = drafted(house, engagement)
    for _ in range(2):  # of a draft, and of a submitted act
        for other in (STRANGER, HOLDER, OFFICER_OF_ASTANA, AUDITOR, OPERATOR):
            with pytest.raises(EntryNotFound):
                house.do(other, lambda w: acting.strike(w, visit, reason="because"))
        with pytest.raises(ReasonMissing):
            house.do(DIRECTOR, lambda w: acting.strike(w, visit, reason=" "))
        assert act_of(house, act_id).total_minor == 10_00
        if act_of(house, act_id).status is ActStatus.DRAFT:
            house.do(DIRECTOR, lambda w: acting.submit(w, act_id))


def test_an_act_that_lost_all_is_empty_and_filled_again_by_later_visits(house: House, engagement: Engagement) -> None:
    (ghost,) = served(house, engagement, 2)
    act_id = drafted(house, engagement)
    house.do(DIRECTOR, lambda w: acting.strike(w, ghost, reason="wrong month"))
    house.do(DIRECTOR, lambda w: acting.redraft(w, act_id))
    assert (act_of(house, act_id).status, act_of(house, act_id).total_minor) == (ActStatus.DRAFT, 0)
    with pytest.raises(ActNeedsAssembly):
        house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    assert house.broken() == []
    served(house, engagement, 5, 6)
    house.do(DIRECTOR, lambda w: acting.redraft(w, act_id))
    house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    assert act_of(house, act_id).total_minor == 20_00
    assert house.broken() == []


def test_a_visit_that_no_act_took_leaves_the_act_as_it_is(house: House, engagement: Engagement) -> None:
    served(house, engagement, 2)
    act_id = drafted(house, engagement)
    (late,) = served(house, engagement, 9)
    house.do(DIRECTOR, lambda w: acting.strike(w, late, reason="twice"))
    assert entry_of(house, late).status is EntryStatus.CANCELLED
    assert act_of(house, act_id).total_minor == 10_00
    assert house.verbs("act", act_id) == ["drafted"]
    with pytest.raises(WrongState):
        house.do(DIRECTOR, lambda w: acting.strike(w, late, reason="thrice"))
    with pytest.raises(NothingToAct):
        house.do(DIRECTOR, lambda w: acting.draft(w, engagement.contract_id, month=Month(2026, 2)))


def test_a_visit_is_struck_or_its_act_submitted_never_both(house: House, engagement: Engagement) -> None:
    visits = served(house, engagement, *range(1, 7))
    act_id = drafted(house, engagement)
    strikes = [partial(house.do, CARER, partial(acting.strike, entry_id=v, reason="no")) for v in visits]
    submit = partial(house.do, DIRECTOR, partial(acting.submit, act_id=act_id))
    outcomes = at_once([*strikes[:3], submit, *strikes[3:]])
    submitted = outcomes.pop(3)
    act, cancelled = act_of(house, act_id), sum(o is None for o in outcomes)
    if submitted is None:
        assert (act.status, act.total_minor, cancelled) == (ActStatus.SUBMITTED, 60_00, 0)
        assert all(isinstance(o, EntryInAct) for o in outcomes), outcomes
    else:
        assert isinstance(submitted, ActNeedsAssembly), submitted
        assert (act.status, act.total_minor, cancelled) == (ActStatus.DRAFT, 0, 6)
    assert house.broken() == []


def test_strikes_while_the_act_is_assembled_and_given_back_lose_nothing(house: House, engagement: Engagement) -> None:
    visits = served(house, engagement, *range(1, 7))
    act_id = drafted(house, engagement)
    house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    strikes = [partial(house.do, OFFICER, partial(acting.strike, entry_id=v, reason="no")) for v in visits[:4]]
    give_back = partial(house.do, OFFICER, partial(acting.return_act, act_id=act_id, reason="look"))
    assemble = partial(house.do, DIRECTOR, partial(acting.redraft, act_id=act_id))
    outcomes = at_once([strikes[0], give_back, strikes[1], assemble, strikes[2], assemble, strikes[3]])
    assert all(o is None or isinstance(o, EntryInAct | WrongState) for o in outcomes), outcomes
    assert house.broken() == []
    assemble()
    stand = sum(entry_of(house, v).status is EntryStatus.CONFIRMED for v in visits)
    assert act_of(house, act_id).total_minor == stand * 10_00
    assert house.broken() == []
    house.do(DIRECTOR, lambda w: acting.submit(w, act_id))
    accept = partial(house.do, OFFICER, partial(acting.accept, act_id=act_id))
    last = partial(house.do, DIRECTOR, partial(acting.strike, entry_id=visits[-1], reason="no"))
    accepted, struck = at_once([accept, last])
    assert accepted is None
    assert isinstance(struck, EntryInAct)
    assert house.broken() == []
