"""Who is written down, and who is refused."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import msgspec
import pytest
import sqlalchemy as sa

from contracts.audit import queries as audit
from contracts.kernel.errors import DomainError, Malformed, NotAllowed
from contracts.kernel.runner import Database
from contracts.kernel.work import Actor, Grant, Role, Work
from market.catalogue.rules import UnknownLocality, UnknownTerritory
from market.recipient import queries
from market.recipient import service as recipients
from market.recipient.models import RecipientRow
from market.recipient.rules import (
    DeathAlreadyRecorded,
    DeathBeforeBirth,
    DeathInTheFuture,
    LocalityElsewhere,
    RecipientChanged,
    RecipientExists,
    RecipientNotFound,
)
from tests.recipient.homes import (
    AIGERIM,
    ALMATY,
    ASTANA,
    ASTANA_CITY,
    OPERATOR,
    OPERATOR_ELSEWHERE,
    VAULT,
    iin,
    register,
    settle,
)


@pytest.fixture(autouse=True)
def country(database: Database) -> None:
    settle(database)


def verbs(database: Database, recipient_id: UUID) -> list[str]:
    return [e.verb for e in database.read(OPERATOR, lambda w: audit.events_of(w, "recipient", recipient_id))]


def counted(database: Database) -> int:
    return database.read(OPERATOR, lambda work: queries.counted_in(work, ""))


def test_a_registered_person_is_found_without_anything_personal(database: Database) -> None:
    recipient_id = register(database)
    found = database.read(OPERATOR, lambda work: queries.recipient(work, recipient_id))
    assert (found.territory, found.tier, found.language, found.version) == (ALMATY, 3, "kk", 1)
    assert found.number.startswith("R-")
    shown = msgspec.json.encode(found).decode()
    assert all(secret not in shown for secret in (AIGERIM.iin, "Сейтқали", "Abai", "43.238", "76.945", "elderly"))
    assert verbs(database, recipient_id) == ["registered"]


def test_a_home_is_known_to_a_thousandth_of_a_degree(database: Database) -> None:
    recipient_id = register(database)
    home = database.read(OPERATOR, lambda work: queries.home(work, recipient_id))
    assert (home.latitude, home.longitude) == (43.238, 76.945)


def test_the_same_person_is_registered_once_whoever_writes_first(database: Database) -> None:
    start = Barrier(16)

    def write(number: int) -> UUID:
        start.wait()
        return register(database, name=f"Person {number}")

    with ThreadPoolExecutor(16) as pool:
        outcomes = [f.exception() for f in [pool.submit(write, n) for n in range(16)]]
    assert sum(o is None for o in outcomes) == 1
    refusals = [o for o in outcomes if o is not None]
    assert all(isinstance(o, RecipientExists) for o in refusals)
    assert counted(database) == 1
    with database.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM person_key")).scalar() == 1


def test_a_refused_double_says_nothing_about_the_person_who_stands(database: Database) -> None:
    register(database)
    with pytest.raises(RecipientExists) as refused:
        register(database, name="Somebody Else", territory=ALMATY)
    said = f"{refused.value} {refused.value.members}"
    assert all(secret not in said for secret in (AIGERIM.iin, "Сейтқали", ALMATY, "R-"))
    assert set(refused.value.members) == {"pointer", "rule"}


@pytest.mark.parametrize(
    ("changes", "error", "pointer"),
    [
        ({"iin": iin()[:11] + str((int(iin()[11]) + 1) % 10)}, Malformed, "/iin"),
        ({"iin": "000000000000"}, Malformed, "/iin"),
        ({"iin": iin()[:11]}, Malformed, "/iin"),
        ({"iin": "٠" + iin()[1:]}, Malformed, "/iin"),
        ({"iin": iin(born="991231", century="6")}, Malformed, "/iin"),
        ({"name": "  "}, Malformed, "/name"),
        ({"name": "A" * 201}, Malformed, "/name"),
        ({"name": "Aigerim\x00"}, Malformed, "/name"),
        ({"address": ""}, Malformed, "/address"),
        ({"latitude": float("nan")}, Malformed, "/latitude"),
        ({"latitude": 76.945, "longitude": 43.238}, Malformed, "/latitude"),
        ({"longitude": float("inf")}, Malformed, "/longitude"),
        ({"tier": 16}, Malformed, "/tier"),
        ({"tier": -1}, Malformed, "/tier"),
        ({"tier": True}, Malformed, "/tier"),
        ({"locality_id": 1}, UnknownLocality, "/locality_id"),
        ({"locality_id": ASTANA_CITY}, LocalityElsewhere, "/locality_id"),
        ({"territory": "750000001"}, UnknownTerritory, "/territory"),
    ],
)
def test_what_no_person_has_is_refused_by_field_and_nothing_is_written(
    database: Database, changes: dict[str, Any], error: type[DomainError], pointer: str
) -> None:
    new = replace(AIGERIM, **changes)
    with pytest.raises(error) as refused:
        database.write(OPERATOR, lambda work: recipients.register(work, VAULT, new))
    members = refused.value.members
    named = members["pointer"] if "pointer" in members else members["errors"][0]["pointer"]  # type: ignore[index]
    assert named == pointer
    assert members.get("rule")
    assert counted(database) == 0


def test_an_operator_writes_down_people_of_their_own_territory_only(database: Database) -> None:
    with pytest.raises(NotAllowed):
        database.write(OPERATOR_ELSEWHERE, lambda work: recipients.register(work, VAULT, AIGERIM))
    there = replace(AIGERIM, territory=ASTANA, locality_id=ASTANA_CITY)
    assert database.write(OPERATOR_ELSEWHERE, lambda work: recipients.register(work, VAULT, there))


@pytest.mark.parametrize("role", [Role.PROVIDER, Role.PROCUREMENT_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_other_roles_register_nobody(database: Database, role: Role) -> None:
    actor = Actor(UUID(int=5), "somebody", (Grant(role, territory=""),))
    with pytest.raises(NotAllowed):
        database.write(actor, lambda work: recipients.register(work, VAULT, AIGERIM))
    assert counted(database) == 0


def test_urgency_changes_by_the_desk_and_a_stale_version_is_refused(database: Database) -> None:
    recipient_id = register(database)
    database.write(OPERATOR, lambda work: recipients.set_tier(work, recipient_id, tier=0, version=1))
    with pytest.raises(RecipientChanged):
        database.write(OPERATOR, lambda work: recipients.set_tier(work, recipient_id, tier=9, version=1))
    with pytest.raises(RecipientNotFound):
        database.write(OPERATOR_ELSEWHERE, lambda work: recipients.set_tier(work, recipient_id, tier=9))
    with pytest.raises(Malformed):
        database.write(OPERATOR, lambda work: recipients.set_tier(work, recipient_id, tier=99))
    found = database.read(OPERATOR, lambda work: queries.recipient(work, recipient_id))
    assert (found.tier, found.version) == (0, 2)
    assert verbs(database, recipient_id) == ["registered", "tier-set"]


def test_a_death_is_recorded_once_and_not_in_advance(database: Database) -> None:
    recipient_id = register(database)

    def record(work: Work, days: int) -> None:
        recipients.record_death(work, VAULT, recipient_id, died_on=work.today + timedelta(days=days))

    with pytest.raises(DeathInTheFuture):
        database.write(OPERATOR, lambda work: record(work, 1))
    with pytest.raises(DeathBeforeBirth):
        database.write(
            OPERATOR, lambda work: recipients.record_death(work, VAULT, recipient_id, died_on=date(1948, 5, 16))
        )
    with pytest.raises(RecipientNotFound):
        database.write(OPERATOR_ELSEWHERE, lambda work: record(work, 0))
    database.write(OPERATOR, lambda work: record(work, -2))
    with pytest.raises(DeathAlreadyRecorded):
        database.write(OPERATOR, lambda work: record(work, -1))
    found = database.read(OPERATOR, lambda work: (queries.recipient(work, recipient_id), work.today))
    assert found[0].died_on == found[1] - timedelta(days=2)
    assert verbs(database, recipient_id) == ["registered", "death-recorded"]


def test_a_page_of_people_continues_where_the_last_one_ended(database: Database) -> None:
    for serial in range(1, 6):
        register(database, serial)
    first = database.read(OPERATOR, lambda work: queries.recipients_in(work, "75", limit=3))
    rest = database.read(OPERATOR, lambda w: queries.recipients_in(w, "75", after_number=first[-1].number, limit=3))
    assert len({r.id for r in first + rest}) == 5
    assert database.read(OPERATOR, lambda work: queries.recipients_in(work, "71")) == []


def test_the_numbers_that_identify_are_not_in_the_row_in_the_clear(database: Database) -> None:
    register(database)
    with database.engine.connect() as connection:
        row = connection.execute(sa.select(RecipientRow.__table__)).one()
    stored = b"".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
    for secret in (AIGERIM.iin, AIGERIM.name, AIGERIM.address, "43.23847", "76.94512"):
        assert secret.encode() not in stored
