"""The register holds six facts of every visit, each true once: no overlap, no future, no foreign hand."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any  # values of the facts under test
from uuid import UUID

import pytest

from contracts.act import queries as acts
from contracts.act import service as acting
from contracts.approval.rules import InterestDeclared
from contracts.approval.service import declare_interest
from contracts.contract import service as contracting
from contracts.contract.rules import Basis, ContractTerms, Engagement, EngagementNotFound
from contracts.kernel.errors import DomainError, Malformed, WrongState
from contracts.kernel.ids import new_id
from contracts.kernel.period import Month
from contracts.kernel.work import SYSTEM, Actor, Grant, Role
from contracts.register import queries
from contracts.register import service as register
from contracts.register.rules import (
    ClientIdReused,
    Entry,
    EntryInAct,
    EntryNotFound,
    EntryStatus,
    NobodyActs,
    NotServedThatDay,
    OwnEntry,
    OwnProvidersVisit,
    QuantityWrong,
    ReasonMissing,
    RecipientElsewhere,
    VisitAfterEngagement,
    VisitBeforeEngagement,
    VisitEndsBeforeItStarts,
    VisitInTheFuture,
    VisitInTwoMonths,
    VisitTooLong,
    WorkerElsewhere,
)
from tests.contracts.houses import (
    AUDITOR,
    BOTAGOZ,
    BUYER,
    CARER,
    DIRECTOR,
    ERLAN,
    HOLDER,
    MADINA,
    NEIGHBOUR,
    NOON,
    OFFICER,
    OFFICER_OF_ASTANA,
    OPERATOR,
    OTHER_HOUSE,
    SERIK,
    STRANGER,
    SYSTEM_CLERK,
    WARM_HOME,
    House,
    almaty,
    at_once,
)

MORNING = almaty(2026, 3, 2, 9)


@pytest.fixture
def engagement(house: House) -> Engagement:
    house.payee()
    return house.engaged(house.voucher_contract())


def entry_of(house: House, entry_id: UUID) -> Entry:
    return house.see(lambda w: queries.entry(w, entry_id))


def test_a_visit_is_entered_by_the_providers_people_with_its_six_facts(house: House, engagement: Engagement) -> None:
    entry = entry_of(house, house.visit(engagement, MORNING, hours=1.5, actor=CARER))
    assert (entry.recipient_id, entry.contract_id) == (engagement.recipient_id, engagement.contract_id)
    assert (entry.served_on, entry.month) == (date(2026, 3, 2), Month(2026, 3))
    assert (entry.worker_id, entry.place) == (MADINA, "Abay 10, flat 4")
    assert entry.ended_at - entry.started_at == timedelta(hours=1.5)
    assert (entry.status, entry.entered_by) == (EntryStatus.ENTERED, CARER.id)
    assert house.verbs("entry", entry.id) == ["entered"]


@pytest.mark.parametrize("other", [STRANGER, HOLDER, OFFICER, OPERATOR, AUDITOR], ids=lambda a: a.name)
def test_to_all_others_the_engagement_is_not_there(house: House, engagement: Engagement, other: Any) -> None:
    with pytest.raises(EngagementNotFound):
        house.visit(engagement, MORNING, actor=other)
    with pytest.raises(EngagementNotFound):
        house.do(other, partial(contracting.end_engagement, engagement_id=new_id(), on=date(2026, 3, 2)))


def test_every_entry_names_who_entered_it(house: House, engagement: Engagement) -> None:
    with pytest.raises(NobodyActs):
        house.visit(engagement, MORNING, actor=SYSTEM)
    house.visit(engagement, MORNING, actor=SYSTEM_CLERK)


@pytest.mark.parametrize(
    ("start", "end", "refusal", "pointer"),
    [
        (almaty(2026, 1, 31, 23), almaty(2026, 1, 31, 23, 30), VisitBeforeEngagement, "/started_at"),
        (almaty(2026, 3, 2, 9), almaty(2026, 3, 2, 9), VisitEndsBeforeItStarts, "/ended_at"),
        (almaty(2026, 3, 2, 9), almaty(2026, 3, 2, 8), VisitEndsBeforeItStarts, "/ended_at"),
        (almaty(2026, 3, 2, 9), almaty(2026, 3, 3, 9, 0, 1), VisitTooLong, "/ended_at"),
        (NOON - timedelta(hours=1), NOON + timedelta(hours=1), VisitInTheFuture, "/ended_at"),
        (almaty(2026, 3, 31, 23, 30), almaty(2026, 4, 1, 0, 0, 1), VisitInTwoMonths, "/ended_at"),
    ],
)
def test_a_visit_that_cannot_have_been_is_refused_by_field(
    house: House, engagement: Engagement, start: datetime, end: datetime, refusal: type[DomainError], pointer: str
) -> None:
    with pytest.raises(refusal) as refused:
        house.visit(engagement, start, hours=(end - start) / timedelta(hours=1))
    assert refused.value.members["pointer"] == pointer
    assert house.see(lambda w: queries.entries_of_engagement(w, engagement.id)) == []


def test_a_visit_may_fill_a_day_and_cross_midnight_within_a_month(house: House, engagement: Engagement) -> None:
    house.visit(engagement, almaty(2026, 3, 30, 0), hours=24)
    house.visit(engagement, almaty(2026, 3, 31, 0), hours=24)  # ends when the month does
    night = entry_of(house, house.visit(engagement, almaty(2026, 3, 4, 20), hours=12))
    assert night.served_on == date(2026, 3, 4)


def test_after_the_engagements_last_day_nothing_is_entered_but_its_days_may_still_be(
    house: House, engagement: Engagement
) -> None:
    house.do(HOLDER, lambda w: contracting.end_engagement(w, engagement.id, on=date(2026, 3, 3)))
    with pytest.raises(VisitAfterEngagement):
        house.visit(engagement, almaty(2026, 3, 3, 0))
    house.visit(engagement, almaty(2026, 3, 2, 22), hours=2)


def test_nothing_is_entered_for_days_on_which_the_engagement_is_suspended(house: House, engagement: Engagement) -> None:
    house.do(OPERATOR, lambda w: contracting.suspend_engagement(w, engagement.id, on=date(2026, 3, 5)))
    for day in (5, 20):
        with pytest.raises(NotServedThatDay) as refused:
            house.visit(engagement, almaty(2026, 3, day, 9))
        assert refused.value.code == "engagement-not-active"
    house.visit(engagement, almaty(2026, 3, 4, 9))
    house.do(HOLDER, lambda w: contracting.resume_engagement(w, engagement.id, on=date(2026, 3, 20)))
    house.visit(engagement, almaty(2026, 3, 20, 9))
    with pytest.raises(NotServedThatDay):
        house.visit(engagement, almaty(2026, 3, 19, 9))


@pytest.mark.parametrize("quantity", [0, -1, 101])
def test_a_quantity_is_positive_and_fits_into_a_day(house: House, engagement: Engagement, quantity: int) -> None:
    with pytest.raises(QuantityWrong) as refused:
        house.visit(engagement, MORNING, quantity=quantity)
    assert refused.value.members["pointer"] == "/quantity"


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        ({"client_id": "x" * 65}, "/client_id"),
        ({"place": " "}, "/place"),
        ({"place": "x" * 121}, "/place"),
        ({"worker": None}, "/worker_id"),
        ({"start": datetime(2026, 3, 2, 9)}, "/started_at"),  # noqa: DTZ001 - the zone is missing on purpose
    ],
)
def test_a_fact_that_cannot_be_read_is_named(
    house: House, engagement: Engagement, facts: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(Malformed) as refused:
        house.visit(engagement, **{"start": MORNING, **facts})
    assert refused.value.members["errors"] == [{"pointer": pointer, "message": refused.value.detail}]


def test_what_is_counted_belongs_whole_to_the_day_it_began_on(house: House) -> None:
    """A night into the next month is one unit of the month it began in, and of none after it."""
    house.payee()
    contract_id = house.voucher_contract()
    engagement = house.engaged(contract_id, unit="night", unit_price_minor=4_000_00)
    night = house.confirmed(engagement, almaty(2026, 3, 31, 22), hours=8)
    assert (entry_of(house, night).served_on, entry_of(house, night).month) == (date(2026, 3, 31), Month(2026, 3))
    with pytest.raises(WorkerElsewhere):
        house.visit(engagement, almaty(2026, 4, 1, 5), hours=1)
    act_id = house.do(DIRECTOR, lambda w: acting.draft(w, contract_id, month=Month(2026, 3)))
    assert house.see(lambda w: acts.act(w, act_id)).total_minor == 4_000_00
    assert house.broken() == []


def test_the_civil_date_is_that_of_the_country_when_its_clocks_changed(house: House) -> None:
    """On 29 February 2024 Almaty put its clocks back at midnight: 23:00 to 24:00 came twice, at +6 and at +5."""
    house.payee()
    terms = ContractTerms(WARM_HOME, house.line_id, Basis.AWARD, date(2024, 1, 1), date(2025, 1, 1), award_id=new_id())
    contract_id = house.do(BUYER, lambda w: contracting.conclude(w, terms))
    house.do(DIRECTOR, lambda w: contracting.sign(w, contract_id))
    engagement = house.engaged(contract_id, from_on=date(2024, 2, 29), until_on=date(2024, 3, 1))
    late = datetime(2024, 2, 29, 17, 30, tzinfo=UTC)  # 23:30 by the old clock, an hour and a half before March
    assert entry_of(house, house.visit(engagement, late, hours=1.5)).served_on == date(2024, 2, 29)
    with pytest.raises(VisitInTwoMonths):
        house.visit(engagement, datetime(2024, 2, 29, 18, 59, tzinfo=UTC), hours=0.1, worker=ERLAN)
    with pytest.raises(VisitAfterEngagement):
        house.visit(engagement, datetime(2024, 2, 29, 19, 0, tzinfo=UTC))
    with pytest.raises(VisitBeforeEngagement):
        house.visit(engagement, datetime(2024, 2, 28, 17, 30, tzinfo=UTC), hours=0.2)


def test_the_same_visit_sent_again_is_one_entry(house: House, engagement: Engagement) -> None:
    send = partial(house.visit, engagement, MORNING, client_id="visit-1")
    assert at_once([send] * 8) == [None] * 8
    (entry,) = house.see(lambda w: queries.entries_of_engagement(w, engagement.id))
    assert send() == entry.id
    assert house.verbs("entry", entry.id) == ["entered"]
    house.do(HOLDER, lambda w: contracting.end_engagement(w, engagement.id, on=date(2026, 2, 2)))
    assert send() == entry.id  # a replay is answered as it was, whatever happened since


@pytest.mark.parametrize(
    "other", [{"hours": 2}, {"worker": ERLAN}, {"quantity": 2}, {"place": "Satpaev 3"}, {"start": almaty(2026, 3, 3)}]
)
def test_a_client_id_with_another_content_is_refused(
    house: House, engagement: Engagement, other: dict[str, Any]
) -> None:
    house.visit(engagement, MORNING, client_id="visit-1")
    with pytest.raises(ClientIdReused) as refused:
        house.visit(engagement, **{"start": MORNING, "client_id": "visit-1", **other})
    assert (refused.value.code, refused.value.members["pointer"]) == ("client-id-reused", "/client_id")


@pytest.mark.parametrize(("start", "hours"), [(8, 1.01), (9, 1), (9.5, 0.25), (8, 3), (9.99, 1)])
def test_a_worker_is_in_one_place_at_a_time(house: House, engagement: Engagement, start: float, hours: float) -> None:
    other = house.engaged(engagement.contract_id, recipient_id=SERIK, actor=DIRECTOR)
    house.visit(engagement, MORNING)
    at = almaty(2026, 3, 2) + timedelta(hours=start)
    with pytest.raises(WorkerElsewhere) as refused:
        house.visit(other, at, hours=hours)
    assert refused.value.members["pointer"] == "/worker_id"
    house.visit(other, at, hours=hours, worker=ERLAN)


def test_a_recipient_is_served_once_at_a_time_also_under_another_engagement(
    house: House, engagement: Engagement
) -> None:
    other = house.engaged(engagement.contract_id)
    house.visit(engagement, MORNING)
    with pytest.raises(RecipientElsewhere):
        house.visit(other, MORNING + timedelta(minutes=30), worker=ERLAN)
    house.visit(other, MORNING + timedelta(hours=1), worker=ERLAN)  # one ends as the next begins


def test_a_cancelled_entry_frees_its_time(house: House, engagement: Engagement) -> None:
    first = house.visit(engagement, MORNING)
    house.do(CARER, lambda w: register.cancel(w, first, reason="wrong day"))
    house.visit(engagement, MORNING)
    assert entry_of(house, first).cancel_reason == "wrong day"
    assert house.verbs("entry", first) == ["entered", "cancelled"]


def test_of_visits_that_overlap_and_arrive_together_one_stands(house: House, engagement: Engagement) -> None:
    """Half of them share the worker, half the recipient, and each overlaps the next."""
    others = [house.engaged(engagement.contract_id, recipient_id=SERIK) for _ in range(4)]
    minutes = [timedelta(minutes=7 * n) for n in range(4)]
    outcomes = at_once(
        [
            partial(house.visit, engagement, MORNING + late, worker=worker)
            for late in minutes
            for worker in (MADINA, ERLAN)
        ]
        + [partial(house.visit, e, MORNING + late) for e, late in zip(others, minutes, strict=True)]
    )
    assert all(o is None or isinstance(o, WorkerElsewhere | RecipientElsewhere) for o in outcomes), outcomes
    stand = sum(o is None for o in outcomes)
    assert 1 <= stand <= 2  # Botagoz once; Serik too, where Erlan and not Madina came to her
    assert house.broken() == []


def test_the_recipient_confirms_or_an_operator_for_him(house: House, engagement: Engagement) -> None:
    mine, ours = house.visit(engagement, MORNING), house.visit(engagement, MORNING + timedelta(hours=2))
    for other in (NEIGHBOUR, STRANGER, CARER, OFFICER_OF_ASTANA, OFFICER):
        with pytest.raises(EntryNotFound):
            house.do(other, lambda w: register.confirm(w, mine))
    with pytest.raises(EntryNotFound):
        house.do(HOLDER, lambda w: register.confirm(w, new_id()))
    house.do(HOLDER, lambda w: register.confirm(w, mine))
    house.do(OPERATOR, lambda w: register.confirm(w, ours))
    entry = entry_of(house, mine)
    assert (entry.status, entry.confirmed_by) == (EntryStatus.CONFIRMED, HOLDER.id)
    with pytest.raises(WrongState):
        house.do(HOLDER, lambda w: register.confirm(w, mine))
    assert house.verbs("entry", mine) == ["entered", "confirmed"]


def test_nobody_confirms_his_own_entry(house: House, engagement: Engagement) -> None:
    mine = house.visit(engagement, MORNING, actor=SYSTEM_CLERK)
    with pytest.raises(OwnEntry) as refused:
        house.do(SYSTEM_CLERK, lambda w: register.confirm(w, mine))
    assert refused.value.code == "second-person-needed"
    assert entry_of(house, mine).status is EntryStatus.ENTERED


@pytest.mark.parametrize("role", [Role.RECIPIENT, Role.REPRESENTATIVE])
@pytest.mark.parametrize("works_as", [Role.PROVIDER, Role.CARER])
def test_a_providers_people_confirm_none_of_its_visits_not_even_to_themselves(
    house: House, engagement: Engagement, role: Role, works_as: Role
) -> None:
    visit = house.visit(engagement, MORNING)
    served = Grant(role, recipient_id=BOTAGOZ)
    insider = Actor(UUID(int=0x31), "of the house", (served, Grant(works_as, provider_id=WARM_HOME)))
    with pytest.raises(OwnProvidersVisit) as refused:
        house.do(insider, lambda w: register.confirm(w, visit))
    assert refused.value.code == "own-providers-visit"
    assert entry_of(house, visit).status is EntryStatus.ENTERED
    elsewhere = Actor(UUID(int=0x32), "of another house", (served, Grant(works_as, provider_id=OTHER_HOUSE)))
    house.do(elsewhere, lambda w: register.confirm(w, visit))
    assert house.verbs("entry", visit) == ["entered", "confirmed"]


def test_a_carer_speaks_for_nobody_he_cares_for(house: House, engagement: Engagement) -> None:
    visit = house.visit(engagement, MORNING)
    son = Actor(UUID(int=0x33), "a carer", (Grant(Role.CARER, recipient_id=BOTAGOZ),))
    with pytest.raises(EntryNotFound):
        house.do(son, lambda w: register.confirm(w, visit))
    with pytest.raises(EngagementNotFound):
        house.do(son, lambda w: contracting.end_engagement(w, engagement.id, on=date(2026, 3, 9)))
    assert son.recipients() == []
    officer = Actor(UUID(int=0x34), "an officer", (Grant(Role.OPERATOR, provider_id=WARM_HOME, territory="71"),))
    assert officer.providers() == []


def test_an_entry_is_cancelled_with_a_reason_unless_an_act_has_it(house: House, engagement: Engagement) -> None:
    first = house.confirmed(engagement, MORNING)
    second = house.confirmed(engagement, MORNING + timedelta(hours=2))
    for other in (STRANGER, HOLDER, OFFICER_OF_ASTANA):
        with pytest.raises(EntryNotFound):
            house.do(other, lambda w: register.cancel(w, first, reason="because"))
    with pytest.raises(ReasonMissing):
        house.do(CARER, lambda w: register.cancel(w, first, reason="  "))
    house.do(OFFICER, lambda w: register.cancel(w, first, reason="nobody was at home"))
    with pytest.raises(WrongState):
        house.do(CARER, lambda w: register.cancel(w, first, reason="again"))
    house.do(DIRECTOR, lambda w: acting.draft(w, engagement.contract_id, month=Month(2026, 3)))
    with pytest.raises(EntryInAct):
        house.do(CARER, lambda w: register.cancel(w, second, reason="too late"))
    assert house.broken() == []


def test_who_declared_an_interest_in_the_organisation_strikes_none_of_its_visits(
    house: House, engagement: Engagement
) -> None:
    """Neither a loose one nor one out of an act that may still change; the organisation's own people do."""
    entry = house.confirmed(engagement, MORNING)
    house.do(OFFICER, lambda w: declare_interest(w, provider_id=WARM_HOME, reason="my sister works there"))
    with pytest.raises(InterestDeclared):
        house.do(OFFICER, lambda w: acting.strike(w, entry, reason="nobody was at home"))
    house.do(DIRECTOR, lambda w: acting.draft(w, engagement.contract_id, month=Month(2026, 3)))
    with pytest.raises(InterestDeclared):
        house.do(OFFICER, lambda w: acting.strike(w, entry, reason="nobody was at home"))
    assert entry_of(house, entry).status is EntryStatus.CONFIRMED
    house.do(DIRECTOR, lambda w: acting.strike(w, entry, reason="nobody was at home"))
    assert house.verbs("entry", entry)[-1] == "cancelled"
    assert house.broken() == []


def test_fractions_of_a_second_are_dropped_and_seconds_are_kept(house: House, engagement: Engagement) -> None:
    start = MORNING + timedelta(seconds=7, microseconds=999_999)
    entry = entry_of(house, house.visit(engagement, start, hours=1))
    assert entry.started_at == MORNING + timedelta(seconds=7)
    assert entry.ended_at - entry.started_at == timedelta(hours=1)


def test_the_recipient_finds_what_waits_for_him(house: House, engagement: Engagement) -> None:
    first = house.visit(engagement, MORNING)
    house.confirmed(engagement, MORNING + timedelta(hours=3))
    assert [e.id for e in house.see(lambda w: queries.waiting_for(w, engagement.recipient_id))] == [first]
