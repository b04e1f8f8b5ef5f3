"""A sheet of visits: the right rows are entered, the wrong ones say what is wrong in which cell."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from contracts.act import service as acting
from contracts.audit import queries as audit
from contracts.contract import queries as contracts
from contracts.contract.rules import Engagement
from contracts.kernel.work import Actor, Grant, Role
from contracts.register import queries as registers
from contracts.register.codes import code_of
from contracts.register.rules import Entry, EntryStatus
from market.catalogue.rules import Unit
from market.placement import daybook
from market.placement.daybook import Judged
from market.placement.sheet import Column, read_sheet
from market.provider import roster
from market.provider import service as providers
from market.provider.rules import ProviderNotFound
from market.recipient import queries as recipients
from tests.placement.town import House, Town
from tests.recipient.homes import VAULT

DAY = date(2026, 4, 12)


@pytest.fixture
def house(town: Town) -> House:
    made = town.house(capacity=5)
    for name in ("Мадина Ахметова", "Ерлан Фёдоров"):
        hire(town, made, name)
    return made


def hire(town: Town, house: House, name: str, *, until_on: date | None = None) -> UUID:
    return town.do(
        house.people,
        lambda w: providers.add_staff(
            w, VAULT, house.provider_id, name=name, speciality="carer", from_on=date(2026, 4, 1), until_on=until_on
        ),
    )


@pytest.fixture
def engagement(town: Town, house: House) -> Engagement:
    return engaged(town, house)


def engaged(town: Town, house: House) -> Engagement:
    placement = town.placed(town.person(), house)
    found = town.see(lambda w: contracts.engagement_of_placement(w, placement))
    assert found is not None
    return found


def number_of(town: Town, engagement: Engagement) -> str:
    return town.see(lambda w: recipients.recipient(w, engagement.recipient_id)).number


def paste(town: Town, house: House, text: str, *, actor: Actor | None = None) -> list[Judged]:
    if town.see(lambda w: w.today) == date(2026, 4, 10):
        town.wait(days=7)
    who, lines = actor or house.people, read_sheet(text)
    dry = town.database.read(who, lambda w: daybook.dry_run(w, VAULT, house.provider_id, lines, place="at home"))
    done = town.do(who, lambda w: daybook.enter(w, VAULT, house.provider_id, lines, place="at home"))
    if all(line.cell(Column.CODE) == "" for line in lines):
        assert faults(dry) == faults(done), "a dry run says the same"
        assert [one.new for one in dry] == [one.new for one in done]
    return done


def faults(judged: list[Judged]) -> list[list[tuple[str, str]]]:
    return [[(str(column), fault.code) for column, fault in one.faults] for one in judged]


def entries(town: Town, engagement: Engagement) -> list[Entry]:
    return town.see(lambda w: registers.entries_of_engagement(w, engagement.id))


def test_a_sheet_is_entered_by_numbers_and_names(town: Town, house: House, engagement: Engagement) -> None:
    text = (
        "Номер\tДата\tНачало\tКонец\tРаботник\tМесто\n"
        f"{engagement.number}\t12.04.2026\t9:00\t10:30\tМадина Ахметова\t\n"
        f"{number_of(town, engagement).lower()}\t13.04.26\t9:00\t9:45\tерлан ФЕДОРОВ\tдача"
    )
    assert faults(paste(town, house, text)) == [[], []]
    first, second = entries(town, engagement)
    assert (first.served_on, first.place, first.quantity, first.status) == (DAY, "at home", 1, EntryStatus.ENTERED)
    assert (first.ended_at - first.started_at, second.place) == (timedelta(minutes=90), "дача")
    for entry in (first, second):
        assert [e.verb for e in town.see(lambda w, i=entry.id: audit.events_of(w, "entry", i))] == ["entered"]


def test_the_same_paste_once_more_enters_nothing(town: Town, house: House, engagement: Engagement) -> None:
    text = "\n".join(f"{engagement.number};{day}.04.2026;9:00;10:00;Мадина Ахметова" for day in (12, 13, 14))
    first = paste(town, house, text)
    again = paste(town, house, text)
    assert [one.new for one in first] == [True] * 3
    assert [one.new for one in again] == [False] * 3
    assert [one.entry_id for one in again] == [one.entry_id for one in first]
    assert len(entries(town, engagement)) == 3


def test_each_wrong_cell_says_what_is_wrong(town: Town, house: House, engagement: Engagement) -> None:
    hire(town, house, "Гость", until_on=date(2026, 4, 5))
    hire(town, house, "Тёзка")
    hire(town, house, "Тезка")
    e = engagement.number
    rows = {
        f"{e};12.04.2026;9:00;10:00;Мадина Ахметова": [],
        f"{e};31.02.2026;9:00;9:75;Никто": [("day", "visit-day-unreadable"), ("end", "visit-time-unreadable")],
        f"{e};12.04.2026;12:00;13:00;Никто": [("worker", "visit-worker-unknown")],
        f"{e};12.04.2026;12:00;13:00;Гость": [("worker", "worker-not-on-staff")],
        f"{e};12.04.2026;12:00;13:00;Тезка": [("worker", "visit-worker-ambiguous")],
        ";12.04.2026;;13:00;Мадина Ахметова": [("person", "visit-cell-missing"), ("start", "visit-cell-missing")],
        "E-ZZZZZ-ZZZZZ;12.04.2026;12:00;13:00;Мадина Ахметова": [("person", "visit-person-unknown")],
        f"{e};12.04.2026;13:00;12:00;Мадина Ахметова": [("end", "visit-ends-before-it-starts")],
        f"{e};12.04.2026;9:30;11:00;Мадина Ахметова": [("worker", "worker-elsewhere")],
        f"{e};12.04.2026;9:30;11:00;Ерлан Фёдоров": [("start", "recipient-elsewhere")],
        f"{e};01.04.2026;9:00;10:00;Мадина Ахметова": [("day", "visit-before-engagement")],
        f"{e};30.04.2026;9:00;10:00;Мадина Ахметова": [("end", "visit-in-the-future")],
        f"{e};12.04.2026;15:00;16:00;Мадина Ахметова;0": [("quantity", "visit-quantity")],
        f"{e};12.04.2026;15:00;16:00;Мадина Ахметова;1,5": [("quantity", "visit-quantity-unreadable")],
        f"{e};12.04.2026;15:00;16:00;Мадина Ахметова;1;{'x' * 121}": [("place", "visit-place-too-long")],
        f"{e};12.04.2026;15:00;16:00;Мадина Ахметова;1;;12 34": [("code", "visit-code-unreadable")],
        f"{e};12.04.2026; 09.00;10.00;мадина ахметова": [("person", "visit-row-twice")],
    }  # fmt: skip
    judged = paste(town, house, "\n".join(rows))
    assert len(rows) == len(judged)
    assert dict(zip(rows, faults(judged), strict=True)) == rows
    assert len(entries(town, engagement)) == 1


def test_a_visit_taken_back_is_entered_again(town: Town, house: House, engagement: Engagement) -> None:
    text = f"{engagement.number};12.04.2026;9:00;10:00;Мадина Ахметова"
    for _ in range(3):
        (one,) = paste(town, house, text)
        assert one.new
        assert one.entry_id is not None
        town.do(house.people, lambda w, i=one.entry_id: acting.strike(w, i, reason="wrong person"))
    (one,) = paste(town, house, text)
    assert [entry.status for entry in entries(town, engagement)].count(EntryStatus.CANCELLED) == 3
    assert not paste(town, house, text)[0].new


def test_a_place_nobody_wrote_is_the_place_before(town: Town, house: House, engagement: Engagement) -> None:
    e = engagement.number
    paste(town, house, f"{e};12.04.2026;9:00;10:00;Мадина Ахметова;1;Абай көшесі 5")
    text = f"{e};13.04.2026;9:00;10:00;Мадина Ахметова"
    paste(town, house, text)
    paste(town, house, f"{e};14.04.2026;9:00;10:00;Мадина Ахметова;1;дача")
    assert not paste(town, house, text)[0].new, "another place since then changes nothing"
    assert [entry.place for entry in entries(town, engagement)] == ["Абай көшесі 5", "Абай көшесі 5", "дача"]


def test_a_code_confirms_its_row(town: Town, house: House, engagement: Engagement) -> None:
    code = code_of(VAULT.visit_key, engagement.id, DAY, 0)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    rows = [f"{engagement.number};12.04.2026;9:00;10:00;Мадина Ахметова;1;;{wrong}",
            f"{engagement.number};12.04.2026;11:00;12:00;Мадина Ахметова;1;;{code}"]  # fmt: skip
    assert faults(paste(town, house, "\n".join(rows))) == [[("code", "visit-code-wrong")], []]
    (entry,) = entries(town, engagement)
    assert entry.status is EntryStatus.CONFIRMED


def test_two_services_of_one_person_are_told_apart_by_their_numbers(town: Town, house: House) -> None:
    first = engaged(town, house)
    second = town.house("Kind Hands", unit=Unit.VISIT)
    hire(town, second, "Мадина Ахметова")
    text = f"{number_of(town, first)};12.04.2026;9:00;10:00;Мадина Ахметова"
    assert faults(paste(town, second, text)) == [[("person", "visit-person-unknown")]], (
        "who is another house's is nobody"
    )
    assert faults(paste(town, house, text)) == [[]]


def test_carers_paste_and_strangers_find_no_house(town: Town, house: House, engagement: Engagement) -> None:
    text = f"{engagement.number};12.04.2026;9:00;10:00;Мадина Ахметова"
    carer = Actor(UUID(int=720), "a carer", (Grant(Role.CARER, provider_id=house.provider_id),))
    assert paste(town, house, text, actor=carer)[0].new
    stranger = town.house("Kind Hands").people
    with pytest.raises(ProviderNotFound):
        paste(town, house, text, actor=stranger)


def test_a_worker_who_left_enters_nothing_from_that_day(town: Town, house: House, engagement: Engagement) -> None:
    worker = hire(town, house, "Айгүл")
    town.do(house.people, lambda w: roster.end_employment(w, worker, until_on=DAY))
    rows = [f"{engagement.number};{day}.04.2026;9:00;10:00;Айгүл" for day in (11, 12)]
    assert faults(paste(town, house, "\n".join(rows))) == [[], [("worker", "worker-not-on-staff")]]
    verbs = [e.verb for e in town.see(lambda w: audit.events_of(w, "provider", house.provider_id))]
    assert verbs[-1] == "staff-left"
    with pytest.raises(roster.WorkerLeft):
        town.do(house.people, lambda w: roster.end_employment(w, worker, until_on=DAY))
    stranger = town.house("Kind Hands").people
    with pytest.raises(roster.WorkerNotFound):
        town.do(stranger, lambda w: roster.end_employment(w, worker, until_on=DAY))
