"""Who sees a person in the clear, what is left of it in the trail and the logs, and what erasure leaves."""

import logging
from collections.abc import Iterator

import msgspec
import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from contracts.audit import queries as audit
from contracts.audit.models import EventRow
from contracts.kernel.errors import NotAllowed
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role, Work
from market.recipient import queries
from market.recipient import service as recipients
from market.recipient.models import RecipientRow
from market.recipient.rules import PersonalView, RecipientExists, RecipientNotFound
from market.user.personal import Person, PersonErased
from tests.recipient.homes import (
    ADMINISTRATOR,
    AIGERIM,
    OPERATOR,
    OPERATOR_ELSEWHERE,
    VAULT,
    herself,
    register,
    representative,
    settle,
)

CANARIES = (AIGERIM.iin, AIGERIM.name, "Сейтқали", AIGERIM.address, "43.238", "76.945", "elderly")


@pytest.fixture(autouse=True)
def country(database: Database) -> None:
    settle(database)


def reveal(database: Database, actor: Actor, recipient_id: object) -> PersonalView:
    return database.write(actor, lambda work: recipients.reveal(work, VAULT, recipient_id))  # type: ignore[arg-type]


def bodies(database: Database) -> str:
    with database.engine.connect() as connection:
        return "\n".join(connection.execute(sa.select(EventRow.body).order_by(EventRow.position)).scalars())


def test_the_person_sees_her_own_words_and_leaves_no_trace(database: Database) -> None:
    recipient_id = register(database)
    seen = reveal(database, herself(recipient_id), recipient_id)
    assert (seen.iin, seen.name, seen.address) == (AIGERIM.iin, AIGERIM.name, AIGERIM.address)
    assert seen.born_on.isoformat() == "1948-05-17"
    assert (seen.latitude, seen.longitude, seen.category) == (43.238, 76.945, AIGERIM.category)
    assert [e.verb for e in database.read(SYSTEM, lambda w: audit.events_of(w, "recipient", recipient_id))] == [
        "registered"
    ]


def test_every_look_of_somebody_else_is_an_event(database: Database) -> None:
    recipient_id = register(database)
    for actor in (OPERATOR, representative(recipient_id), OPERATOR):
        assert reveal(database, actor, recipient_id).name == AIGERIM.name
    events = database.read(SYSTEM, lambda w: audit.events_of(w, "recipient", recipient_id))
    looks = [(e.verb, e.actor_id) for e in events[1:]]
    assert looks == [
        ("revealed", OPERATOR.id),
        ("revealed", representative(recipient_id).id),
        ("revealed", OPERATOR.id),
    ]


@pytest.mark.parametrize("role", [Role.BUDGET_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR, Role.PROVIDER, Role.CARER])
def test_to_others_the_person_does_not_exist(database: Database, role: Role) -> None:
    recipient_id, other = register(database), register(database, 2)
    for actor in (
        Actor(None, "officer", (Grant(role, territory=""),)),
        Actor(None, "with a grant about her", (Grant(Role.CARER, recipient_id=recipient_id),)),
        OPERATOR_ELSEWHERE,
        herself(other),
    ):
        with pytest.raises(RecipientNotFound):
            reveal(database, actor, recipient_id)


def test_a_view_shows_nothing_when_it_is_printed(database: Database) -> None:
    seen = reveal(database, OPERATOR, register(database))
    assert not any(canary in f"{seen!r} {seen} {[seen]}" for canary in CANARIES)


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Our own lines and every statement (as ``echo`` shows them; only the driver's row dumps, one level below that,
    would show values, and nothing turns those on)."""
    engine = logging.getLogger("sqlalchemy")
    before = engine.level
    engine.setLevel(logging.INFO)
    with caplog.at_level(logging.DEBUG):
        yield caplog
    engine.setLevel(before)


def test_no_event_and_no_log_line_holds_a_personal_value(
    everything_logged: pytest.LogCaptureFixture, database: Database
) -> None:
    recipient_id = register(database)
    reveal(database, OPERATOR, recipient_id)
    with pytest.raises(RecipientExists):
        register(database)
    database.write(OPERATOR, lambda work: recipients.set_tier(work, recipient_id, tier=1))
    assert everything_logged.records, "the database's own log is on"
    written, logged = bodies(database), everything_logged.text
    for canary in CANARIES:
        assert canary not in written, canary
        assert canary not in logged, canary
    assert str(recipient_id) in written


def test_a_failed_statement_names_no_value(database: Database) -> None:
    recipient_id = register(database)
    with pytest.raises(sa.exc.IntegrityError) as failed, database.engine.begin() as connection:
        connection.execute(
            sa.update(RecipientRow).values(tier=77, latitude=43.238).where(RecipientRow.id == recipient_id)
        )
    assert "43.238" not in str(failed.value).split("DETAIL")[0]
    assert "hide_parameters" in str(failed.value)


def after_image(database: Database, person: Person) -> str:
    """The sealed values of the registration event, opened."""
    changes = msgspec.json.decode(bodies(database).splitlines()[-1])["changes"]
    sealed = [v["sealed"] for change in changes for v in change["after"].values() if isinstance(v, dict)]
    return " ".join(person.open(bytes.fromhex(value)).decode() for value in sealed)


def test_the_trail_keeps_the_values_sealed_with_the_person_s_key(database: Database) -> None:
    recipient_id = register(database)
    person = database.read(SYSTEM, lambda work: VAULT.person(work, recipient_id))
    opened = after_image(database, person)
    assert all(value in opened for value in ("43.238", "76.945", "elderly"))


def test_erasure_makes_noise_of_everything_sealed_and_keeps_the_row(database: Database) -> None:
    recipient_id, other = register(database), register(database, 2)
    with pytest.raises(NotAllowed):
        database.write(OPERATOR, lambda work: recipients.erase(work, recipient_id))
    before = database.read(SYSTEM, lambda work: queries.sealed(work, recipient_id))
    database.write(ADMINISTRATOR, lambda work: recipients.erase(work, recipient_id))
    for actor in (OPERATOR, herself(recipient_id)):
        with pytest.raises(PersonErased):
            reveal(database, actor, recipient_id)
    with pytest.raises(PersonErased):
        database.write(ADMINISTRATOR, lambda work: recipients.erase(work, recipient_id))
    assert database.read(SYSTEM, lambda work: queries.sealed(work, recipient_id)) == before
    stranger = database.read(SYSTEM, lambda work: VAULT.person(work, other))
    with pytest.raises(InvalidTag):
        stranger.open(before.name_sealed)
    assert reveal(database, OPERATOR, other).name == AIGERIM.name
    events = database.read(SYSTEM, lambda w: audit.events_of(w, "recipient", recipient_id))
    assert [e.verb for e in events] == ["registered", "erased"]


def test_the_key_itself_is_not_in_the_trail(database: Database) -> None:
    recipient_id = register(database)

    def wrapped(work: Work) -> bytes:
        found: bytes = work.scalar(sa.text("SELECT wrapped FROM person_key"))
        return found

    key = database.read(SYSTEM, wrapped)
    assert bytes(key).hex() not in bodies(database)
    assert recipient_id
