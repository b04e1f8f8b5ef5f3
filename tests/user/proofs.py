"""Users who set up a second step, and the app on their phone."""

import time
from uuid import UUID

import pyotp

from contracts.kernel.runner import Database
from contracts.kernel.work import NOBODY, Actor
from market.user import queries, second_factor, signing
from market.user.factors import FreshPassword
from market.user.personal import Vault
from tests.user.people import CHEAP, PASSWORD

VAULT = Vault(b"m" * 32, b"h" * 32)


def person(database: Database, user_id: UUID) -> Actor:
    return database.read(NOBODY, lambda work: queries.actor_of_user(work, user_id))


def fresh(database: Database, user_id: UUID, password: str = PASSWORD) -> FreshPassword:
    who = person(database, user_id)
    return database.read(who, lambda work: signing.check_own_password(work, password=password, hasher=CHEAP))


def begin_app(database: Database, user_id: UUID) -> str:
    """The secret that the app was given."""
    proof, who = fresh(database, user_id), person(database, user_id)
    database.write(who, lambda work: second_factor.begin_authenticator(work, VAULT, proof))
    return database.read(who, lambda work: second_factor.begun(work, VAULT)).secret


def app(database: Database, user_id: UUID) -> tuple[str, list[str]]:
    """The secret in the app, confirmed with the code of this step; and the recovery codes. Ask it for the next one:
    a test that stands on the edge of a step is then still understood."""
    secret, who = begin_app(database, user_id), person(database, user_id)
    code = code_of(secret)
    return secret, database.write(who, lambda work: second_factor.confirm_authenticator(work, VAULT, code=code))


def next_code(secret: str) -> str:
    return code_of(secret, 1)


def code_of(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(time.time()), counter_offset=steps)
