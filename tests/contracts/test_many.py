"""Many visits at once come to what the same visits come to one by one."""

import random
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from contracts.contract.rules import Engagement, EngagementNotFound
from contracts.kernel.errors import DomainError
from contracts.kernel.ids import new_id
from contracts.kernel.period import Month
from contracts.kernel.runner import Database
from contracts.register import journal, many, queries
from contracts.register import service as register
from contracts.register.codes import code_of
from contracts.register.many import Row, Verdict
from contracts.register.rules import Confirmation, EntryStatus, Visit
from tests.contracts.houses import (
    BOTAGOZ,
    CARER,
    ERLAN,
    MADINA,
    OTHER_HOUSE,
    SERIK,
    STRANGER,
    WARM_HOME,
    House,
    almaty,
    build,
)

KEY = b"k" * 32
MORNING = almaty(2026, 4, 6, 9)


@pytest.fixture
def house(database: Database) -> House:
    made = build(database)
    made.payee()
    return made


@pytest.fixture
def engagements(house: House) -> list[Engagement]:
    contract = house.voucher_contract()
    return [house.engaged(contract), house.engaged(contract, recipient_id=SERIK, unit="visit")]


def visit(start: datetime = MORNING, *, minutes: int = 60, worker: UUID = MADINA, client_id: str = "") -> Visit:
    return Visit(client_id or str(new_id()), worker, start, start + timedelta(minutes=minutes), 1, "at home")


def enter(house: House, rows: list[Row]) -> list[Verdict]:
    return house.do(CARER, lambda w: many.enter_many(w, KEY, rows))


def codes(verdicts: list[Verdict]) -> list[str]:
    return [verdict.refusal.code if verdict.refusal else ("new" if verdict.new else "stands") for verdict in verdicts]


def test_right_rows_are_entered_and_wrong_ones_are_not(house: House, engagements: list[Engagement]) -> None:
    first, second = engagements
    rows = [
        Row(first, visit()),
        Row(second, visit()),  # the worker is elsewhere
        Row(second, visit(MORNING + timedelta(hours=2))),
        Row(first, visit(MORNING + timedelta(hours=2), worker=ERLAN, minutes=0)),
        Row(first, visit(almaty(2026, 1, 30, 9))),
        Row(first, visit(almaty(2026, 4, 20, 9))),
    ]
    verdicts = enter(house, rows)
    assert codes(verdicts) == [
        "new", "worker-elsewhere", "new", "visit-ends-before-it-starts", "visit-before-engagement",
        "visit-in-the-future",
    ]  # fmt: skip
    for one in engagements:
        entries = house.see(lambda w, one=one: queries.entries_of_engagement(w, one.id))
        assert [entry.id for entry in entries] == [
            v.entry_id for v, r in zip(verdicts, rows, strict=True) if r.engagement == one and v.new
        ]
        assert [house.verbs("entry", entry.id) for entry in entries] == [["entered"]]
    assert house.broken() == []


def test_a_dry_run_says_the_same_and_writes_nothing(house: House, engagements: list[Engagement]) -> None:
    first, second = engagements
    rows = [Row(first, visit(client_id="a")), Row(second, visit()), Row(first, visit(client_id="a"))]
    told = house.see(lambda w: many.check_many(w, rows))
    assert house.see(lambda w: queries.entries_of_engagement(w, first.id)) == []
    assert codes(told) == codes(enter(house, rows)) == ["new", "worker-elsewhere", "stands"]


def test_the_same_rows_once_more_enter_nothing(house: House, engagements: list[Engagement]) -> None:
    rows = [Row(engagements[0], visit(MORNING + timedelta(hours=n))) for n in range(4)]
    first = enter(house, rows)
    again = enter(house, rows)
    assert codes(again) == ["stands"] * 4
    assert [v.entry_id for v in again] == [v.entry_id for v in first]
    changed = [
        Row(row.engagement, Visit(row.visit.client_id, ERLAN, row.visit.started_at, row.visit.ended_at, 1, "x"))
        for row in rows
    ]
    assert codes(enter(house, changed)) == ["client-id-reused"] * 4


def test_a_code_confirms_its_row_and_a_wrong_one_is_counted(house: House, engagements: list[Engagement]) -> None:
    first = engagements[0]
    spent = [code_of(KEY, first.id, MORNING.date(), n) for n in range(2)]
    rows = [
        Row(first, visit(), spent[0]),
        Row(first, visit(MORNING + timedelta(hours=2)), spent[0]),
        Row(first, visit(MORNING + timedelta(hours=4)), spent[1]),
        Row(first, visit(MORNING + timedelta(hours=6)), "12 34"),
    ]
    verdicts = enter(house, rows)
    assert codes(verdicts) == ["new", "visit-code-wrong", "new", "malformed-input"]
    entries = house.see(lambda w: queries.entries_of_engagement(w, first.id))
    assert [(e.status, e.confirmed_how) for e in entries] == [(EntryStatus.CONFIRMED, Confirmation.CODE)] * 2
    counted = house.see(lambda w: queries.wrong_codes(w, first.id, MORNING.date()))
    assert counted is not None
    assert counted.wrong == 1
    told = house.see(lambda w: many.check_many(w, [Row(first, visit(MORNING + timedelta(hours=8)), "000000")]))
    assert codes(told) == ["new"], "a dry run is no place to guess a code"


def test_another_houses_engagement_is_not_there(house: House, engagements: list[Engagement]) -> None:
    for fn in (
        lambda w: many.enter_many(w, KEY, [Row(engagements[0], visit())]),
        lambda w: many.check_many(w, [Row(engagements[0], visit())]),
    ):
        with pytest.raises(EngagementNotFound):
            house.do(STRANGER, fn)


def one_by_one(house: House, rows: list[Row]) -> list[str]:
    told = []
    for row in rows:
        v = row.visit
        try:
            stood = house.see(lambda w, r=row: queries.entry_of_client(w, r.engagement.id, r.visit.client_id))
            house.do(CARER, lambda w, r=row, v=v: register.enter(
                w, r.engagement.id, client_id=v.client_id, worker_id=v.worker_id, started_at=v.started_at,
                ended_at=v.ended_at, quantity=v.quantity, place=v.place,
            ))  # fmt: skip
            told.append("stands" if stood else "new")
        except DomainError as refusal:
            told.append(refusal.code)
    return told


@pytest.mark.parametrize("seed", range(4))
def test_many_at_once_come_to_what_they_come_to_one_by_one(house: House, seed: int) -> None:
    dice = random.Random(seed)
    twins = []
    for _ in range(2):
        contract = house.voucher_contract()
        people = [(new_id(), new_id()) for _ in range(3)]
        twins.append(([house.engaged(contract, recipient_id=r) for r, _ in people], [w for _, w in people]))
    wishes = [
        (dice.randrange(3), dice.randrange(3), almaty(2026, 4, dice.choice((1, 8, 9, 10, 11)), dice.randrange(7, 18)),
         dice.choice((-10, 0, 30, 60, 90, 60 * 25)), dice.choice((0, 1, 1, 1, 101)), f"c{dice.randrange(30)}")
        for _ in range(60)
    ]  # fmt: skip

    def rows(at: int) -> list[Row]:
        engaged, workers = twins[at]
        return [
            Row(engaged[e], Visit(c, workers[w], start, start + timedelta(minutes=m), q, "x"))
            for e, w, start, m, q, c in wishes
        ]

    assert (
        codes(house.see(lambda w: many.check_many(w, rows(0))))
        == one_by_one(house, rows(1))
        == codes(enter(house, rows(0)))
    )
    assert house.broken() == []


def test_the_journal_shows_who_is_served_and_what_waits(house: House, engagements: list[Engagement]) -> None:
    first, second = engagements
    enter(house, [Row(first, visit()), Row(second, visit(MORNING + timedelta(hours=3)))])
    day = MORNING.date()
    served = house.see(lambda w: journal.served_on(w, WARM_HOME, day))
    assert {e.id for e in served} == {first.id, second.id}
    (rest,) = house.see(lambda w: journal.served_on(w, WARM_HOME, day, after=served[0].id, limit=1))
    assert rest.id == served[1].id
    assert house.see(lambda w: journal.served_on(w, OTHER_HOUSE, day)) == []
    last = house.see(lambda w: journal.last_visits(w, [first, second], day + timedelta(days=1)))
    assert {e: v.started_at for e, v in last.items()} == {first.id: MORNING, second.id: MORNING + timedelta(hours=3)}
    (sums,) = house.see(lambda w: journal.month_sums(w, WARM_HOME, [Month.of(day)]))
    assert (sums.entered, sums.confirmed) == (2, 0)
    found = house.see(lambda w: journal.engagements_named(w, WARM_HOME, numbers={first.number}, recipient_ids={SERIK}))
    assert {e.recipient_id for e in found} == {BOTAGOZ, SERIK}
    assert (
        house.see(lambda w: journal.engagements_named(w, OTHER_HOUSE, numbers={first.number}, recipient_ids={SERIK}))
        == []
    )
