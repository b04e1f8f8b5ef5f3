"""Users of a small country, made by its administrator; passwords are hashed cheaply."""

from uuid import UUID

from argon2 import PasswordHasher

from contracts.audit.queries import Event, events_of
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role
from market.catalogue import service as catalogue
from market.user import service

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
ADMINISTRATOR = Actor(UUID(int=900), "gulnar.admin", (Grant(Role.ADMINISTRATOR),))
OTHER_ADMINISTRATOR = Actor(UUID(int=901), "marat.admin", (Grant(Role.ADMINISTRATOR),))
PASSWORD = "correct horse battery"


def somebody(database: Database, login: str = "aigul") -> UUID:
    return database.write(
        ADMINISTRATOR, lambda work: service.create_user(work, login=login, password=PASSWORD, hasher=CHEAP)
    )


def country(database: Database) -> None:
    database.write(SYSTEM, catalogue.load)


def trail(database: Database, user_id: UUID) -> list[Event]:
    return database.read(SYSTEM, lambda work: events_of(work, "user", user_id))


def verbs(database: Database, user_id: UUID) -> list[str]:
    return [event.verb for event in trail(database, user_id)]
