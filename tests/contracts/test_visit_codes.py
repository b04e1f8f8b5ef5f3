"""A visit confirmed by the six digits that its recipient told who came."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from uuid import UUID

import msgspec
import pytest

from contracts.audit import queries as audit
from contracts.contract import service as contracting
from contracts.contract.rules import Engagement, EngagementNotFound
from contracts.kernel.errors import Malformed, WrongState
from contracts.kernel.work import STANDING_IN, Actor, Grant, Role
from contracts.register import confirming, queries
from contracts.register import service as register
from contracts.register.codes import MAX_WRONG, PAPER_DAYS, CodesLocked, WrongCode, code_of, parse_code
from contracts.register.rules import (
    Confirmation,
    EntryNotFound,
    EntryStatus,
    NotServedThatDay,
    OwnProvidersVisit,
    VisitAfterEngagement,
)
from tests.contracts.houses import (
    AUDITOR,
    BOTAGOZ,
    CARER,
    DIRECTOR,
    HOLDER,
    NEIGHBOUR,
    OFFICER,
    OPERATOR,
    SERIK,
    STRANGER,
    WARM_HOME,
    House,
    almaty,
    at_once,
)

KEY = b"k" * 32
TODAY = date(2026, 4, 10)
MORNING = almaty(2026, 4, 10, 8)
DAUGHTER = Actor(UUID(int=41), "daughter", (Grant(Role.REPRESENTATIVE, recipient_id=BOTAGOZ),))


@pytest.fixture
def engagement(house: House) -> Engagement:
    house.payee()
    return house.engaged(house.voucher_contract())


def told(house: House, engagement: Engagement, actor: Actor = HOLDER) -> str:
    return house.do(actor, lambda w: confirming.code_today(w, KEY, engagement.id))


def give(house: House, entry_id: UUID, code: str, actor: Actor = CARER) -> WrongCode | None:
    return house.do(actor, lambda w: confirming.confirm_by_code(w, KEY, entry_id, code=code))


def wrong_ones(right: str) -> list[str]:
    return [code for n in range(20) if (code := f"{n:06d}") != right]


def test_the_code_told_to_who_came_confirms_the_visit(house: House, engagement: Engagement) -> None:
    code = told(house, engagement)
    assert len(code) == 6
    assert code.isdigit()
    visit = house.visit(engagement, MORNING)
    assert give(house, visit, f"{code[:3]} {code[3:]}") is None
    entry = house.see(lambda w: queries.entry(w, visit))
    assert (entry.status, entry.confirmed_how) == (EntryStatus.CONFIRMED, Confirmation.CODE)
    assert entry.confirmed_by == BOTAGOZ, "the recipient, through the carer"
    assert house.verbs("entry", visit) == ["entered", "confirmed"]
    last = house.see(lambda w: audit.events_of(w, "entry", visit))[-1]
    (change,) = msgspec.json.decode(last.body)["changes"]
    assert (last.actor_id, change["after"]["confirmed_how"]) == (CARER.id, "code")
    assert house.broken() == []


def test_the_way_of_confirmation_is_kept(house: House, engagement: Engagement) -> None:
    hours = [MORNING - timedelta(hours=2 * n) for n in range(3)]
    visits = [house.visit(engagement, hour) for hour in hours]
    for visit, actor in zip(visits, (HOLDER, DAUGHTER, OPERATOR), strict=True):
        house.do(actor, partial(register.confirm, entry_id=visit))
    how = [house.see(lambda w, v=visit: queries.entry(w, v)).confirmed_how for visit in visits]  # type: ignore[misc]
    assert how == [Confirmation.TAP, Confirmation.TAP, Confirmation.OPERATOR]
    stood_in = []
    for visit in visits:
        last = house.see(lambda w, v=visit: audit.events_of(w, "entry", v))[-1]  # type: ignore[misc]
        stood_in.append([c["after"] for c in msgspec.json.decode(last.body)["changes"] if c["table"] == STANDING_IN])
    assert stood_in == [[], [{"capacity": "representative"}], [{"capacity": "operator"}]]


@pytest.mark.parametrize("actor", [HOLDER, NEIGHBOUR, STRANGER, OPERATOR, OFFICER, AUDITOR], ids=lambda a: a.name)
def test_only_the_providers_people_pass_a_code_on(house: House, engagement: Engagement, actor: Actor) -> None:
    visit = house.visit(engagement, MORNING)
    with pytest.raises(EntryNotFound):
        give(house, visit, told(house, engagement), actor)


@pytest.mark.parametrize("actor", [CARER, DIRECTOR, NEIGHBOUR, STRANGER, OFFICER, AUDITOR], ids=lambda a: a.name)
def test_only_the_recipients_side_learns_a_code(house: House, engagement: Engagement, actor: Actor) -> None:
    for ask in (confirming.code_today, confirming.codes_on_paper):
        with pytest.raises(EngagementNotFound):
            house.do(actor, lambda w, a=ask: a(w, KEY, engagement.id))  # type: ignore[misc]


@pytest.mark.parametrize("works_as", [Role.PROVIDER, Role.CARER])
def test_who_works_there_and_is_served_there_neither_learns_nor_gives_a_code(
    house: House, engagement: Engagement, works_as: Role
) -> None:
    served = Grant(Role.RECIPIENT, recipient_id=BOTAGOZ)
    insider = Actor(UUID(int=42), "of the house", (served, Grant(works_as, provider_id=WARM_HOME)))
    visit, code = house.visit(engagement, MORNING), told(house, engagement)
    with pytest.raises(OwnProvidersVisit):
        told(house, engagement, insider)
    with pytest.raises(OwnProvidersVisit):
        give(house, visit, code, insider)
    with pytest.raises(OwnProvidersVisit):
        house.do(insider, partial(register.confirm, entry_id=visit))
    assert house.see(lambda w: queries.entry(w, visit)).status is EntryStatus.ENTERED


def test_an_operator_who_tells_a_code_leaves_an_event_and_the_code_is_not_in_it(
    house: House, engagement: Engagement
) -> None:
    code = told(house, engagement)
    assert told(house, engagement, DAUGHTER) == told(house, engagement, OPERATOR) == code
    events = house.see(lambda w: audit.events_of(w, "engagement", engagement.id))
    assert [(e.verb, e.actor_id) for e in events[1:]] == [("code-told", OPERATOR.id)]
    assert not any(code in event.body for event in events)


def test_a_code_is_of_one_engagement_one_day_and_one_visit(house: House, engagement: Engagement) -> None:
    other = house.engaged(engagement.contract_id, recipient_id=SERIK)
    code = told(house, engagement)
    elsewhere, yesterday = house.visit(other, MORNING, worker=UUID(int=77)), house.visit(engagement, almaty(2026, 4, 9))
    for visit in (elsewhere, yesterday):
        assert isinstance(give(house, visit, code), WrongCode)
    first, second = house.visit(engagement, MORNING), house.visit(engagement, MORNING + timedelta(hours=2))
    assert give(house, first, code) is None
    assert isinstance(give(house, second, code), WrongCode), "it is spent"
    following = told(house, engagement)
    assert following != code
    assert give(house, second, following) is None
    house.do(CARER, lambda w: register.cancel(w, second, reason="wrong hour"))
    assert told(house, engagement) not in {code, following}, "a struck visit gives no code back"


def test_guesses_are_counted_and_after_five_even_the_right_code_is_refused(
    house: House, engagement: Engagement
) -> None:
    visit, right = house.visit(engagement, MORNING), told(house, engagement)
    left = [give(house, visit, code) for code in wrong_ones(right)[:MAX_WRONG]]
    assert [one and one.members["left"] for one in left] == [4, 3, 2, 1, 0]
    for code in (right, wrong_ones(right)[7]):
        with pytest.raises(CodesLocked) as refused:
            give(house, visit, code)
        assert refused.value.members["pointer"] == "/code"
    assert house.see(lambda w: queries.entry(w, visit)).status is EntryStatus.ENTERED
    assert house.verbs("engagement", engagement.id)[1:] == ["code-refused"] * MAX_WRONG
    house.do(HOLDER, partial(register.confirm, entry_id=visit))  # a tap is as good as ever
    house.move(days=1)
    tomorrow = house.visit(engagement, MORNING + timedelta(days=1))
    assert give(house, tomorrow, told(house, engagement)) is None, "each day has its own count"
    assert house.broken() == []


def test_of_forty_guesses_at_once_five_are_looked_at(house: House, engagement: Engagement) -> None:
    visit, right = house.visit(engagement, MORNING), told(house, engagement)
    guesses = [f"{n:06d}" for n in range(41) if f"{n:06d}" != right][:40]
    verdicts: list[WrongCode | None] = []

    def guess(code: str) -> None:
        verdicts.append(give(house, visit, code))

    outcomes = at_once([partial(guess, code) for code in guesses])
    assert len(verdicts) == MAX_WRONG
    assert all(isinstance(one, WrongCode) for one in verdicts)
    assert sum(isinstance(o, CodesLocked) for o in outcomes) == 40 - MAX_WRONG
    assert {o for o in outcomes if o is not None and not isinstance(o, CodesLocked)} == set()
    counted = house.see(lambda w: queries.wrong_codes(w, engagement.id, TODAY))
    assert counted is not None
    assert counted.wrong == MAX_WRONG


def test_of_one_code_given_for_two_visits_at_once_one_is_confirmed(house: House, engagement: Engagement) -> None:
    visits = [house.visit(engagement, MORNING + timedelta(minutes=70 * n)) for n in range(3)]
    code, verdicts = told(house, engagement), []

    def spend(visit: UUID) -> None:
        verdicts.append(give(house, visit, code))

    assert at_once([partial(spend, visit) for visit in visits]) == [None] * 3
    assert sum(one is None for one in verdicts) == 1


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12a456", "१२३४५६", "12345६", "-1e400"])
def test_what_is_no_code_is_no_guess(house: House, engagement: Engagement, text: str) -> None:
    visit = house.visit(engagement, MORNING)
    with pytest.raises(Malformed) as refused:
        give(house, visit, text)
    assert refused.value.members["errors"][0]["pointer"] == "/code"
    assert house.see(lambda w: queries.wrong_codes(w, engagement.id, TODAY)) is None


def test_a_confirmed_visit_takes_no_code(house: House, engagement: Engagement) -> None:
    visit = house.confirmed(engagement, MORNING)
    with pytest.raises(WrongState):
        give(house, visit, told(house, engagement))


def test_there_is_no_code_on_days_without_service(house: House, engagement: Engagement) -> None:
    house.do(OPERATOR, lambda w: contracting.suspend_engagement(w, engagement.id))
    with pytest.raises(NotServedThatDay):
        told(house, engagement)
    house.do(HOLDER, lambda w: contracting.end_engagement(w, engagement.id, on=TODAY))
    with pytest.raises(VisitAfterEngagement):
        told(house, engagement)


def test_on_paper_stand_the_codes_of_the_days_ahead(house: House, engagement: Engagement) -> None:
    sheet = house.do(HOLDER, lambda w: confirming.codes_on_paper(w, KEY, engagement.id, days=400))
    assert [day for day, _ in sheet] == [TODAY + timedelta(days=n) for n in range(PAPER_DAYS)]
    assert sheet[0] == (TODAY, told(house, engagement))
    assert len({code for _, code in sheet}) > PAPER_DAYS - 3
    assert house.verbs("engagement", engagement.id)[-1] == "codes-printed"
    house.do(HOLDER, lambda w: contracting.end_engagement(w, engagement.id, on=TODAY + timedelta(days=3)))
    short = house.do(DAUGHTER, lambda w: confirming.codes_on_paper(w, KEY, engagement.id))
    assert [day for day, _ in short] == [TODAY + timedelta(days=n) for n in range(3)]


@pytest.mark.parametrize(
    "other",
    [
        lambda e, d: code_of(b"x" * 32, e, d, 0),
        lambda _e, d: code_of(KEY, UUID(int=1), d, 0),
        lambda e, d: code_of(KEY, e, d + timedelta(days=1), 0),
        lambda e, d: code_of(KEY, e, d, 1),
    ],
    ids=["key", "engagement", "day", "visit"],
)
def test_a_code_depends_on_all_it_is_made_of(other: Callable[[UUID, date], str]) -> None:
    days = [TODAY + timedelta(days=n) for n in range(50)]
    same = [code_of(KEY, WARM_HOME, day, 0) == other(WARM_HOME, day) for day in days]
    assert sum(same) <= 1
    assert parse_code(code_of(KEY, WARM_HOME, TODAY, 0)) == code_of(KEY, WARM_HOME, TODAY, 0)
