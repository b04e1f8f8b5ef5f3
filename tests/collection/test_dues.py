"""What accepted acts ask of recipients: once, by whom the dated rule says, and what officers take off it."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.act import terms
from contracts.act.pricing import Collector
from contracts.act.rules import TermCode
from contracts.approval.rules import InterestDeclared
from contracts.approval.service import declare_interest
from contracts.collection import queries, service
from contracts.collection.rules import (
    CollectionStatus,
    DueNotFound,
    MethodWrong,
    NothingDue,
    NothingStopped,
    RemissionWrong,
)
from contracts.kernel.errors import NotAllowed, NotFound
from contracts.kernel.work import SYSTEM, Work
from market.oversight.replay import replay_everything
from market.tables import METADATA
from tests.collection.households import (
    CHARGE,
    FINANCE,
    GOOD,
    accepted,
    account,
    broken,
    collected,
    moves,
    one_household,
    served,
    story,
    the_due,
)
from tests.contracts.houses import ALMATY, AUDITOR, HOLDER, NEIGHBOUR, OFFICER, OFFICER_OF_ASTANA, STRANGER, House


def test_the_part_of_an_accepted_act_is_asked_of_its_recipient_once(house: House) -> None:
    engagement = one_household(house)
    assert house.do(SYSTEM, service.ask) == 1
    assert house.do(SYSTEM, service.ask) == 0
    due = the_due(house, engagement)
    assert (due.asked_minor, due.recipient_id, due.kind) == (CHARGE, HOLDER.recipients()[0], "domestic")
    assert due.pay_by_on == house.see(lambda w: w.today) + timedelta(days=30), "until the territory sets another time"
    assert story(house, due.id) == [("intent", "ordered", CHARGE)]
    assert house.verbs("due", due.id) == ["opened", "asked", "intent-ordered"]
    assert (account(house, due.id).left_minor, collected(house)) == (CHARGE, 0)
    assert broken(house.database) == []


def test_what_the_provider_collects_is_nobodys_due(house: House) -> None:
    engagement = one_household(house, collector=Collector.PROVIDER)
    assert house.do(SYSTEM, service.ask) == 0
    assert house.see(lambda w: queries.dues_of_recipient(w, engagement.recipient_id)) == []


def test_nobody_is_asked_who_pays_no_part(house: House) -> None:
    one_household(house, charge=0)
    assert house.do(SYSTEM, service.ask) == 0


def test_a_correcting_act_asks_the_rest_of_the_charge_by_one_intent_over_all(house: House) -> None:
    engagement = one_household(house, charge=25_00)
    house.do(SYSTEM, service.ask)
    due = the_due(house, engagement)
    assert due.asked_minor == 20_00, "the act came to no more"
    served(house, engagement, 16)
    accepted(house, engagement.contract_id)
    assert house.do(SYSTEM, service.ask) == 1
    assert story(house, due.id) == [("intent", "canceled", 20_00), ("intent", "ordered", 25_00)]
    assert house.do(SYSTEM, service.ask) == 0
    assert broken(house.database) == []


def test_the_time_to_pay_is_a_dated_rule_of_the_territory(house: House) -> None:
    house.do(
        FINANCE,
        lambda w: terms.set_term(
            w, code=TermCode.PAY_WITHIN, territory=ALMATY, value="10-days", from_on=w.today, source="order 7"
        ),
    )
    engagement = one_household(house)
    house.do(SYSTEM, service.ask)
    assert the_due(house, engagement).pay_by_on == house.see(lambda w: w.today) + timedelta(days=10)


def test_an_officer_remits_with_a_reason_and_less_is_asked(house: House) -> None:
    engagement = one_household(house)
    house.do(SYSTEM, service.ask)
    due = the_due(house, engagement)
    for actor, refusal in ((OFFICER, NotAllowed), (STRANGER, NotAllowed), (HOLDER, NotAllowed)):
        with pytest.raises(refusal):
            house.do(actor, lambda w: service.remit(w, due.id, amount_minor=1, reason="no"))
    for amount, reason in ((0, "x"), (CHARGE + 1, "x"), (1, " "), (1, "x" * 501)):
        with pytest.raises(RemissionWrong):
            house.do(FINANCE, lambda w, a=amount, r=reason: service.remit(w, due.id, amount_minor=a, reason=r))
    house.do(FINANCE, lambda w: service.remit(w, due.id, amount_minor=5_00, reason="assessed wrongly"))
    assert story(house, due.id) == [("intent", "canceled", CHARGE), ("intent", "ordered", 10_00)]
    house.do(FINANCE, lambda w: service.remit(w, due.id, amount_minor=10_00, reason="died"))
    assert account(house, due.id).left_minor == 0
    assert [m.status for m in moves(house, due.id) if m.status is not CollectionStatus.CANCELED] == []
    with pytest.raises(RemissionWrong):
        house.do(FINANCE, lambda w: service.remit(w, due.id, amount_minor=1, reason="nothing is left"))
    assert [r.reason for r in house.see(lambda w: queries.remissions_of(w, due.id))] == ["assessed wrongly", "died"]
    assert house.verbs("due", due.id).count("remitted") == 2
    assert broken(house.database) == []


def test_who_declared_an_interest_in_the_provider_remits_nothing_of_its_service(house: House) -> None:
    engagement = one_household(house)
    house.do(SYSTEM, service.ask)
    due = the_due(house, engagement)
    house.do(FINANCE, lambda w: declare_interest(w, provider_id=due.provider_id, reason="my mother is served there"))
    with pytest.raises(InterestDeclared):
        house.do(FINANCE, lambda w: service.remit(w, due.id, amount_minor=1, reason="assessed wrongly"))
    with pytest.raises(InterestDeclared):
        house.do(FINANCE, lambda w: service.resume(w, due.id))
    colleague = replace(FINANCE, id=UUID(int=78))
    house.do(colleague, lambda w: service.remit(w, due.id, amount_minor=1, reason="assessed wrongly"))
    assert account(house, due.id).left_minor == CHARGE - 1


def test_what_is_asked_next_is_counted_from_all_that_was_ever_asked(house: House) -> None:
    """However many intents of a due had an end before."""
    engagement = one_household(house)
    house.do(SYSTEM, service.ask)
    due, times = the_due(house, engagement), queries.MOST + 2

    def remit_bit_by_bit(work: Work) -> None:
        for _ in range(times):
            service.remit(work, due.id, amount_minor=1, reason="assessed wrongly")

    house.do(FINANCE, remit_bit_by_bit)
    every = story(house, due.id)
    assert len(every) == times + 1
    assert [one for one in every if one[1] != "canceled"] == [("intent", "ordered", CHARGE - times)]
    shown = house.see(lambda w: queries.latest_collections(w, due.id))
    assert (len(shown), shown[-1].amount_minor) == (queries.MOST, CHARGE - times)
    assert broken(house.database) == []


def test_a_due_is_seen_by_its_own_side_and_officers_and_by_nobody_else(house: House) -> None:
    engagement = one_household(house)
    house.do(SYSTEM, service.ask)
    due = the_due(house, engagement)
    for actor in (HOLDER, OFFICER, AUDITOR, FINANCE):
        assert house.do(actor, lambda w: service.show(w, due.id)) == due
    for actor in (NEIGHBOUR, STRANGER, OFFICER_OF_ASTANA):
        with pytest.raises(DueNotFound):
            house.do(actor, lambda w: service.show(w, due.id))


def test_only_the_recipients_own_side_pays_and_only_what_the_server_has(house: House) -> None:
    engagement = one_household(house)
    house.do(SYSTEM, service.ask)
    due = the_due(house, engagement)
    for actor in (NEIGHBOUR, STRANGER, FINANCE):
        with pytest.raises(NotFound):
            house.do(actor, lambda w: service.pay(w, due.id, method=GOOD))
    for method in ("", "card", "pm_" + "x" * 80, "pm_a/../b"):
        with pytest.raises(MethodWrong):
            house.do(HOLDER, lambda w, m=method: service.pay(w, due.id, method=m))
    with pytest.raises(NothingDue):
        house.do(HOLDER, lambda w: service.pay(w, due.id, method=GOOD))
    with pytest.raises(NothingStopped):
        house.do(FINANCE, lambda w: service.resume(w, due.id))


def test_the_database_itself_refuses_two_intents_and_a_changed_reason(house: House) -> None:
    engagement = one_household(house)
    house.do(SYSTEM, service.ask)
    due = the_due(house, engagement)
    house.do(FINANCE, lambda w: service.remit(w, due.id, amount_minor=CHARGE, reason="died"))
    for statement in (
        "UPDATE remission SET amount_minor = 1",
        "DELETE FROM due_part",
        "UPDATE due SET remitted_minor = asked_minor + 1",
        "UPDATE account SET debits_posted = credits_posted + 1 WHERE kind = 'due'",
    ):
        with pytest.raises(sa.exc.DBAPIError), house.database.engine.begin() as connection:
            connection.execute(sa.text(statement))


def test_dues_are_rebuilt_from_the_trail_alone(house: House) -> None:
    engagement = one_household(house)
    house.do(SYSTEM, service.ask)
    due = the_due(house, engagement)
    house.do(FINANCE, lambda w: service.remit(w, due.id, amount_minor=5_00, reason="assessed wrongly"))
    assert house.see(lambda w: replay_everything(w, METADATA)).differences == []
