"""Looking for a person, and by which name they are greeted: each look leaves an event."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from contracts.audit import queries as audit
from contracts.kernel.clock import move_clock, start_travelling
from contracts.kernel.errors import Malformed, NotAllowed
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role
from market.recipient import finding, queries
from market.recipient import service as recipients
from market.recipient.finding import MAX_VAIN, TooManySearches
from tests.recipient.homes import (
    ADMINISTRATOR,
    AIGERIM,
    NOON,
    OPERATOR,
    OPERATOR_ELSEWHERE,
    VAULT,
    herself,
    iin,
    register,
    representative,
    settle,
)

AUDITOR = Actor(UUID(int=34), "auditor", (Grant(Role.AUDITOR, territory=""),))


@pytest.fixture
def aigerim(database: Database) -> queries.Recipient:
    with database.engine.begin() as connection:
        start_travelling(connection, shown_at=NOON)
    settle(database)
    recipient_id = register(database)
    return database.read(SYSTEM, lambda work: queries.recipient(work, recipient_id))


def find(database: Database, asked: str, actor: Actor = OPERATOR) -> UUID | None:
    found = database.write(actor, lambda work: finding.find(work, VAULT, asked))
    return found and found.id


def verbs(database: Database, stream: str, about: UUID | None) -> list[str]:
    return [e.verb for e in database.read(SYSTEM, lambda w: audit.events_of(w, stream, str(about)))]


def test_an_operator_finds_a_person_by_number_or_iin_and_leaves_a_trace(
    database: Database, aigerim: queries.Recipient
) -> None:
    for asked in (aigerim.number, aigerim.number.lower().removeprefix("r-"), f" {AIGERIM.iin[:6]} {AIGERIM.iin[6:]}"):
        assert find(database, asked) == aigerim.id
    trail = database.read(SYSTEM, lambda w: audit.events_of(w, "recipient", aigerim.id))
    assert [(e.verb, e.actor_id) for e in trail[1:]] == [
        ("found-by-number", OPERATOR.id), ("found-by-number", OPERATOR.id), ("found-by-iin", OPERATOR.id),
    ]  # fmt: skip
    assert not any(AIGERIM.iin in event.body for event in trail)


def test_who_lives_elsewhere_is_not_found_and_the_search_is_kept(
    database: Database, aigerim: queries.Recipient
) -> None:
    for asked in (AIGERIM.iin, aigerim.number):
        assert find(database, asked, OPERATOR_ELSEWHERE) is None
    assert find(database, iin(99)) is None
    assert find(database, "R-00000-00000") is None
    assert verbs(database, "user", OPERATOR_ELSEWHERE.id) == ["searched-in-vain"] * 2
    assert verbs(database, "user", OPERATOR.id) == ["searched-in-vain"] * 2
    assert verbs(database, "recipient", aigerim.id) == ["registered"]


@pytest.mark.parametrize("actor", [AUDITOR, ADMINISTRATOR], ids=lambda a: a.name)
def test_only_operators_search(database: Database, aigerim: queries.Recipient, actor: Actor) -> None:
    for who in (actor, herself(aigerim.id), representative(aigerim.id)):
        with pytest.raises(NotAllowed):
            find(database, aigerim.number, who)


@pytest.mark.parametrize("asked", ["", "  ", "480517", "480517400018", "R-" + "0" * 30, "Айгерім"])
def test_what_can_be_nobodys_number_is_said_to_be(database: Database, aigerim: queries.Recipient, asked: str) -> None:
    with pytest.raises(Malformed) as refused:
        find(database, asked)
    assert refused.value.members["errors"][0]["pointer"] == "/who"


def test_who_tries_out_numbers_is_stopped_before_anything_is_looked_up(
    database: Database, aigerim: queries.Recipient
) -> None:
    for serial in range(MAX_VAIN):
        assert find(database, iin(100 + serial)) is None
    for asked in (iin(99), AIGERIM.iin):
        with pytest.raises(TooManySearches):
            find(database, asked)
    with database.engine.begin() as connection:
        move_clock(connection, timedelta(hours=1, minutes=1))
    assert find(database, AIGERIM.iin) == aigerim.id


def names(database: Database, actor: Actor, *people: queries.Recipient, known: bool = False) -> list[str]:
    verb: Callable[..., dict[UUID, str]] = finding.names_known if known else finding.names_shown
    reach = database.read if known else database.write
    return list(reach(actor, lambda work: verb(work, VAULT, people)).values())


def test_a_name_is_shown_to_few_and_each_look_leaves_one_event_a_day(
    database: Database, aigerim: queries.Recipient
) -> None:
    assert names(database, herself(aigerim.id), aigerim, known=True) == [AIGERIM.name]
    assert names(database, OPERATOR, aigerim, known=True) == [], "a look that left no event yet"
    for _ in range(2):
        assert names(database, OPERATOR, aigerim) == [AIGERIM.name]
        assert names(database, OPERATOR, aigerim, known=True) == [AIGERIM.name]
    assert names(database, representative(aigerim.id), aigerim) == [AIGERIM.name]
    for stranger in (OPERATOR_ELSEWHERE, AUDITOR, ADMINISTRATOR):
        assert names(database, stranger, aigerim) == []
    assert verbs(database, "recipient", aigerim.id) == ["registered", "name-shown", "name-shown"]
    with database.engine.begin() as connection:
        move_clock(connection, timedelta(days=1))
    assert names(database, OPERATOR, aigerim, known=True) == []


def test_who_was_erased_has_no_name(database: Database, aigerim: queries.Recipient) -> None:
    other = register(database, 2)
    two = [aigerim, database.read(SYSTEM, lambda work: queries.recipient(work, other))]
    database.write(ADMINISTRATOR, lambda work: recipients.erase(work, aigerim.id))
    assert names(database, OPERATOR, *two) == [AIGERIM.name]
