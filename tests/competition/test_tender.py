"""Inviting bids: what a tender may ask, who publishes it, and that nothing changes after that."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from contracts.audit import queries as audit
from contracts.budget.queries import FundingLineNotFound
from contracts.kernel.errors import DomainError, Malformed, NotAllowed, WrongState
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role
from market.catalogue.rules import ServiceKind, Unit, UnknownTerritory
from market.competition import queries
from market.competition import service as competition
from market.competition.models import TenderRow
from market.competition.rules import (
    AlreadyAwarded,
    DeadlinePassed,
    LotBeforeDeadline,
    LotWrongPeriod,
    LotWrongService,
    LotWrongTerritory,
    PersonNeeded,
    TenderChanged,
    TenderNotFound,
    TenderStatus,
)
from market.provider.rules import WrongUnit
from market.tariff.rules import TariffAboveCeiling, TariffBelowFloor
from tests.competition.halls import (
    ELSEWHERE,
    OFFICER,
    WINDOW,
    award,
    bid,
    broken,
    draft,
    lots_of,
    ngos,
    now,
    open_bids,
    open_hall,
    opened_with,
    order,
    published,
    tender,
    travel,
)
from tests.recipient.homes import ASTANA
from tests.voucher.desks import line_with, year

NATIONAL = Actor(UUID(int=46), "the ministry", (Grant(Role.PROCUREMENT_OFFICER, territory=""),))


@pytest.fixture
def line(database: Database) -> UUID:
    return open_hall(database)


def verbs(database: Database, tender_id: UUID) -> list[str]:
    return [e.verb for e in database.read(SYSTEM, lambda work: audit.events_of(work, "tender", tender_id))]


def count(database: Database, table: str) -> int:
    with database.engine.connect() as connection:
        return int(connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one())


def cancel(database: Database, tender_id: UUID, reason: str = "money was cut") -> None:
    database.write(OFFICER, lambda work: competition.cancel(work, tender_id, reason=reason))


def test_a_tender_is_drafted_with_its_lots_and_published(database: Database, line: UUID) -> None:
    tender_id, lots = published(database, line, lots=3)
    found = tender(database, tender_id)
    assert found.status is TenderStatus.PUBLISHED
    assert found.number.startswith("T-")
    assert found.created_by == OFFICER.id
    assert found.published_at is not None
    assert found.published_at < found.deadline_at
    assert [lot.sequence for lot in lots_of(database, tender_id)] == [1, 2, 3]
    assert len(lots) == 3
    assert verbs(database, tender_id) == ["created", "published"]
    assert broken(database) == []


@pytest.mark.parametrize(
    ("changes", "error", "pointer"),
    [
        ({"units": 0}, Malformed, "/lots/0/units"),
        ({"units": 1.5}, Malformed, "/lots/0/units"),
        ({"ceiling_minor": -5}, Malformed, "/lots/0/ceiling"),
        ({"ceiling_minor": 1_500_01}, TariffAboveCeiling, "/lots/0/ceiling"),
        ({"ceiling_minor": 499_99}, TariffBelowFloor, "/lots/0/ceiling"),
        ({"unit": Unit.NIGHT}, WrongUnit, "/lots/0/unit"),
        ({"kind": ServiceKind.LEGAL}, LotWrongService, "/lots/0/kind"),
        ({"from_on": date(2020, 1, 1)}, LotWrongPeriod, "/lots/0/from_on"),
        ({"until_on": date(2100, 1, 1)}, LotWrongPeriod, "/lots/0/until_on"),
        ({"until_on": date(2020, 1, 1)}, Malformed, "/lots/0/until_on"),
        ({"line_id": UUID(int=404)}, FundingLineNotFound, None),
    ],
)
def test_a_lot_that_cannot_be_is_refused_by_field_and_nothing_is_written(
    database: Database, line: UUID, changes: dict[str, Any], error: type[DomainError], pointer: str | None
) -> None:
    with pytest.raises(error) as refused:
        draft(database, order(database, line, **changes))
    if pointer:
        members = refused.value.members
        errors: Any = members.get("errors") or [{"pointer": members.get("pointer")}]
        assert errors[0]["pointer"] == pointer
        assert members["rule"]
    assert count(database, "tender") == count(database, "lot") == 0


@pytest.mark.parametrize("title", ["", " ", "x" * 301, "Help\x07"])
def test_a_tender_has_a_title(database: Database, line: UUID, title: str) -> None:
    with pytest.raises(Malformed):
        draft(database, replace(order(database, line), title=title))


@pytest.mark.parametrize("lots", [0, 101])
def test_a_tender_has_one_to_a_hundred_lots(database: Database, line: UUID, lots: int) -> None:
    with pytest.raises(Malformed):
        draft(database, order(database, line, lots=lots))


def test_a_lot_is_paid_by_a_line_of_the_tender_s_own_territory_and_office(database: Database, line: UUID) -> None:
    there = line_with(database, 100_00, territory=ASTANA, in_year=year(database) + 1)
    with pytest.raises(NotAllowed):
        draft(database, order(database, there))
    with pytest.raises(LotWrongTerritory):
        draft(database, order(database, there), NATIONAL)
    with pytest.raises(UnknownTerritory):
        draft(database, replace(order(database, line), territory="759999999"), NATIONAL)
    assert count(database, "tender") == 0


def test_only_a_procurement_officer_in_scope_drafts_publishes_and_cancels(database: Database, line: UUID) -> None:
    new = order(database, line)
    budget_officer = Actor(UUID(int=47), "budget", (Grant(Role.BUDGET_OFFICER, territory=""),))
    for actor in (ELSEWHERE, budget_officer):
        with pytest.raises(NotAllowed):
            draft(database, new, actor)
    with pytest.raises(PersonNeeded):
        draft(database, new, SYSTEM)
    tender_id = draft(database, new)
    with pytest.raises(TenderNotFound):
        database.write(ELSEWHERE, lambda work: competition.publish(work, tender_id))
    database.write(OFFICER, lambda work: competition.publish(work, tender_id))
    with pytest.raises(NotAllowed):
        database.write(ELSEWHERE, lambda work: competition.cancel(work, tender_id, reason="envy"))
    assert verbs(database, tender_id) == ["created", "published"]


def test_a_tender_whose_deadline_has_passed_is_not_published_until_it_has_another(
    database: Database, line: UUID
) -> None:
    tender_id = draft(database, order(database, line))
    travel(database, WINDOW)
    with pytest.raises(DeadlinePassed):
        database.write(OFFICER, lambda work: competition.publish(work, tender_id))
    later = now(database) + timedelta(days=3)
    with pytest.raises(TenderChanged):
        database.write(OFFICER, lambda w: competition.reschedule(w, tender_id, deadline_at=later, version=7))
    with pytest.raises(DeadlinePassed):
        database.write(OFFICER, lambda w: competition.reschedule(w, tender_id, deadline_at=later - timedelta(days=4)))
    database.write(OFFICER, lambda w: competition.reschedule(w, tender_id, deadline_at=later, version=1))
    database.write(OFFICER, lambda work: competition.publish(work, tender_id))
    assert verbs(database, tender_id) == ["created", "rescheduled", "published"]


def test_conditions_do_not_change_after_publication(database: Database, line: UUID) -> None:
    tender_id, _ = published(database, line)
    before = (tender(database, tender_id), lots_of(database, tender_id))
    later = now(database) + timedelta(days=30)
    with pytest.raises(WrongState):
        database.write(OFFICER, lambda work: competition.reschedule(work, tender_id, deadline_at=later))
    with pytest.raises(WrongState):
        database.write(OFFICER, lambda work: competition.publish(work, tender_id))
    assert (tender(database, tender_id), lots_of(database, tender_id)) == before


def test_a_draft_is_listed_only_where_asked_for(database: Database, line: UUID) -> None:
    draft(database, order(database, line))
    tender_id, _ = published(database, line)
    assert [t.id for t in database.read(SYSTEM, queries.tenders)] == [tender_id]
    assert len(database.read(SYSTEM, lambda work: queries.tenders(work, drafts=True))) == 2
    assert database.read(SYSTEM, lambda work: queries.tenders(work, territory="71")) == []


def test_a_tender_is_cancelled_with_a_reason_before_anything_is_awarded(database: Database, line: UUID) -> None:
    tender_id, (lot_id,) = published(database, line)
    bid(database, lot_id, ngos(database)[0])
    with pytest.raises(Malformed):
        cancel(database, tender_id, " ")
    cancel(database, tender_id)
    found = tender(database, tender_id)
    assert (found.status, found.cancellation_reason) == (TenderStatus.CANCELLED, "money was cut")
    travel(database, WINDOW)
    with pytest.raises(WrongState):
        open_bids(database, tender_id)
    with pytest.raises(WrongState):
        cancel(database, tender_id)
    assert verbs(database, tender_id) == ["created", "published", "cancelled"]
    assert broken(database) == []


def test_a_tender_with_an_award_is_not_cancelled(database: Database, line: UUID) -> None:
    tender_id, lots = published(database, line, lots=2)
    bid(database, lots[0], ngos(database)[0])
    travel(database, WINDOW)
    open_bids(database, tender_id)
    award(database, lots[0])
    with pytest.raises(AlreadyAwarded):
        cancel(database, tender_id)
    done, _, _ = opened_with(database, line, [1_000_00])
    cancel(database, done)


def test_a_lot_begins_after_the_day_of_the_deadline(database: Database, line: UUID) -> None:
    start = date(year(database) + 1, 6, 17)
    due = datetime(start.year, 6, 17, 7, tzinfo=UTC)
    new = replace(order(database, line, from_on=start), deadline_at=due)
    with pytest.raises(LotBeforeDeadline) as refused:
        draft(database, new)
    members = refused.value.members
    assert (members["pointer"], members["rule"]) == ("/lots/0/from_on", "after-the-deadline")
    assert count(database, "tender") == 0
    with pytest.raises(LotBeforeDeadline):
        draft(database, replace(new, deadline_at=due + timedelta(days=200)))
    # the evening before, in the country: still the day before
    in_time = datetime(start.year, 6, 16, 18, 59, tzinfo=UTC)
    assert lots_of(database, draft(database, replace(new, deadline_at=in_time)))[0].from_on == start
    with pytest.raises(LotBeforeDeadline):
        draft(database, replace(new, deadline_at=in_time + timedelta(minutes=1)))


def test_a_deadline_is_not_moved_behind_the_start_of_a_lot(database: Database, line: UUID) -> None:
    tender_id = draft(database, order(database, line))
    (lot,) = lots_of(database, tender_id)
    late = datetime(lot.from_on.year, lot.from_on.month, lot.from_on.day, 7, tzinfo=UTC)
    with pytest.raises(LotBeforeDeadline) as refused:
        database.write(OFFICER, lambda work: competition.reschedule(work, tender_id, deadline_at=late))
    assert refused.value.members["pointer"] == "/deadline_at"
    database.write(OFFICER, lambda work: competition.reschedule(work, tender_id, deadline_at=late - timedelta(days=1)))
    with database.engine.begin() as connection:  # as an older release let it be written
        connection.execute(sa.update(TenderRow).values(deadline_at=late))
    with pytest.raises(LotBeforeDeadline) as refused:
        database.write(OFFICER, lambda work: competition.publish(work, tender_id))
    assert refused.value.members["pointer"] == "/lots/0/from_on"
    assert tender(database, tender_id).status is TenderStatus.DRAFT
