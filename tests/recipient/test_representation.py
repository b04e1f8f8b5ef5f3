"""Who speaks for a recipient, on what ground and how long; and what the trail says of who stood in."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from contracts.audit import queries as audit
from contracts.kernel.clock import move_clock, start_travelling
from contracts.kernel.errors import Malformed
from contracts.kernel.runner import Database
from contracts.kernel.work import STANDING_IN, SYSTEM, Actor, Grant, Role, Work
from market.recipient import representation
from market.recipient import service as recipients
from market.recipient.representation import AlreadyRepresents, RepresentationNotFound
from market.recipient.rules import DeathAlreadyRecorded, RecipientNotFound
from market.user import queries as users
from market.user import service as granting
from market.user.rules import IncompatibleRoles, NotToOneself, UserNotFound
from tests.recipient.homes import (
    ADMINISTRATOR,
    NOON,
    OPERATOR,
    OPERATOR_ELSEWHERE,
    VAULT,
    herself,
    register,
    representative,
    settle,
)
from tests.user.people import somebody

ORDER = "Court order 2-114 of 12 January 2026"


@pytest.fixture
def aigerim(database: Database) -> UUID:
    with database.engine.begin() as connection:
        start_travelling(connection, shown_at=NOON)
    settle(database)
    return register(database)


def today(database: Database) -> date:
    return database.read(SYSTEM, lambda work: work.today)


def appoint(database: Database, actor: Actor, recipient_id: UUID, user_id: UUID, **changed: Any) -> UUID:
    facts = {"ground": ORDER, "from_on": today(database)} | changed
    return database.write(actor, lambda work: representation.appoint(work, recipient_id, user_id=user_id, **facts))


def spoken_for(database: Database, user_id: UUID) -> list[UUID]:
    return database.read(SYSTEM, lambda work: users.actor_of_user(work, user_id)).recipients()


def said(database: Database, stream: str, about: UUID) -> list[tuple[str, list[Any]]]:
    """Verb of each event, and for whom in which capacity its actor stood in."""
    events = database.read(SYSTEM, lambda work: audit.events_of(work, stream, about))
    return [
        (
            event.verb,
            [
                (change["key"], change["after"]["capacity"])
                for change in msgspec.json.decode(event.body)["changes"]
                if change["table"] == STANDING_IN
            ],
        )
        for event in events
    ]


def test_an_office_appoints_on_a_documents_ground_and_for_some_days(database: Database, aigerim: UUID) -> None:
    son, begins = somebody(database, "son"), today(database)
    grant_id = appoint(database, OPERATOR, aigerim, son, until_on=begins + timedelta(days=30))
    assert spoken_for(database, son) == [aigerim]
    (one,) = database.read(OPERATOR, lambda work: representation.representatives(work, aigerim))
    assert (one.grant_id, one.login, one.ground, one.granted_by) == (grant_id, "son", ORDER, OPERATOR.id)
    assert (one.from_on, one.until_on) == (begins, begins + timedelta(days=30))
    assert said(database, "recipient", aigerim) == [("registered", []), ("represented", [])]
    assert [e.verb for e in database.read(SYSTEM, lambda w: audit.events_of(w, "user", son))] == ["created", "granted"]
    with database.engine.begin() as connection:
        move_clock(connection, timedelta(days=30))
    assert spoken_for(database, son) == [], "its days are over"


def test_a_representative_speaks_for_several_people(database: Database, aigerim: UUID) -> None:
    son, other = somebody(database, "son"), register(database, 2)
    for who in (aigerim, other):
        appoint(database, ADMINISTRATOR, who, son)
    assert set(spoken_for(database, son)) == {aigerim, other}


@pytest.mark.parametrize(
    "actor",
    [OPERATOR_ELSEWHERE, Actor(UUID(int=31), "auditor", (Grant(Role.AUDITOR, territory=""),))],
    ids=["operator elsewhere", "auditor"],
)
def test_to_who_may_not_appoint_the_recipient_is_not_there(database: Database, aigerim: UUID, actor: Actor) -> None:
    son = somebody(database, "son")
    with pytest.raises(RecipientNotFound):
        appoint(database, actor, aigerim, son)
    with pytest.raises(RecipientNotFound):
        database.read(actor, lambda work: representation.representatives(work, aigerim))
    for who in (herself(aigerim), representative(aigerim)):
        assert database.read(who, lambda work: representation.representatives(work, aigerim)) == []
        with pytest.raises(RecipientNotFound):
            appoint(database, who, aigerim, son)
    assert spoken_for(database, son) == []


def test_nobody_is_appointed_without_a_ground_or_twice_or_by_themselves(database: Database, aigerim: UUID) -> None:
    son = somebody(database, "son")
    for facts, pointer in (
        ({"ground": "  "}, "/ground"),
        ({"ground": "x" * 201}, "/ground"),
        ({"until_on": today(database)}, "/until_on"),
    ):
        with pytest.raises(Malformed) as refused:
            appoint(database, OPERATOR, aigerim, son, **facts)
        assert refused.value.members["errors"][0]["pointer"] == pointer
    with pytest.raises(NotToOneself):
        appoint(database, Actor(son, "son", OPERATOR.grants), aigerim, son)
    with pytest.raises(UserNotFound):
        appoint(database, OPERATOR, aigerim, UUID(int=404))
    appoint(database, OPERATOR, aigerim, son)
    with pytest.raises(AlreadyRepresents):
        appoint(database, OPERATOR, aigerim, son, from_on=today(database) + timedelta(days=90))


def test_who_is_paid_for_serving_speaks_for_nobody(database: Database, aigerim: UUID) -> None:
    director = somebody(database, "director")
    house = {"role": Role.PROVIDER, "provider_id": UUID(int=7), "from_on": today(database)}
    database.write(SYSTEM, lambda work: granting.grant(work, director, **house))  # type: ignore[arg-type]
    with pytest.raises(IncompatibleRoles):
        appoint(database, OPERATOR, aigerim, director)


def test_a_representation_that_is_taken_back_ends_at_once(database: Database, aigerim: UUID) -> None:
    son = somebody(database, "son")
    grant_id = appoint(database, OPERATOR, aigerim, son)
    for stranger in (OPERATOR_ELSEWHERE, herself(aigerim)):
        with pytest.raises(RepresentationNotFound):
            database.write(stranger, lambda work: representation.dismiss(work, grant_id))
    with pytest.raises(RepresentationNotFound):
        database.write(OPERATOR, lambda work: representation.dismiss(work, UUID(int=404)))
    for _ in range(2):
        database.write(OPERATOR, lambda work: representation.dismiss(work, grant_id))
    assert spoken_for(database, son) == []
    verbs = [verb for verb, _ in said(database, "user", son)]
    assert verbs == ["created", "granted", "grant-revoked"]
    appoint(database, OPERATOR, aigerim, son)
    assert spoken_for(database, son) == [aigerim], "it may be given again"


def test_with_a_death_nobody_acts_in_the_persons_name_any_more(database: Database, aigerim: UUID) -> None:
    son, own, day = somebody(database, "son"), somebody(database, "aigerim"), today(database)
    appoint(database, OPERATOR, aigerim, son)
    mine = {"role": Role.RECIPIENT, "recipient_id": aigerim, "from_on": day}
    database.write(SYSTEM, lambda work: granting.grant(work, own, **mine))  # type: ignore[arg-type]
    database.write(OPERATOR, lambda work: recipients.record_death(work, VAULT, aigerim, died_on=day))
    assert spoken_for(database, son) == spoken_for(database, own) == []
    with pytest.raises(DeathAlreadyRecorded):
        appoint(database, OPERATOR, aigerim, somebody(database, "daughter"))


def test_the_trail_says_who_acted_for_whom_and_in_which_capacity(database: Database, aigerim: UUID) -> None:
    for actor in (herself(aigerim), representative(aigerim), OPERATOR):
        database.write(actor, lambda work: recipients.reveal(work, VAULT, aigerim))
    her = str(aigerim)
    assert said(database, "recipient", aigerim) == [
        ("registered", []),
        ("revealed", [(her, "representative")]),
        ("revealed", [(her, "operator")]),
    ]


def test_who_acts_for_themselves_after_acting_for_another_stands_in_for_nobody(
    database: Database, aigerim: UUID
) -> None:
    other = register(database, 2)
    both = Actor(UUID(int=33), "both", (*herself(aigerim).grants, *representative(other).grants))  # type: ignore[misc]

    def look(work: Work) -> None:
        recipients.reveal(work, VAULT, other)
        work.act_for(aigerim)
        assert work.stand_in is None

    database.write(both, look)
    assert database.read(SYSTEM, audit.verify).first_fault is None
