"""One person for every desk, with a password and an API key made for this database only."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

from contracts.kernel.work import Role, Work
from market.settings import Settings
from market.user import service as users

FILE = "demo-sign-in.json"


@dataclass(frozen=True, slots=True)
class SignIn:
    role: str
    user: str
    password: str
    api_key: str


def create_people(work: Work, *, provider_id: UUID, recipient_id: UUID, territory: str = "") -> list[SignIn]:
    """An officer of each kind for the territory, somebody of the provider, and the recipient."""
    scopes: dict[Role, dict[str, object]] = {
        Role.ADMINISTRATOR: {},
        Role.BUDGET_OFFICER: {"territory": territory},
        Role.FINANCE_OFFICER: {"territory": territory},
        Role.PROCUREMENT_OFFICER: {"territory": territory},
        Role.AUDITOR: {"territory": territory},
        Role.OPERATOR: {"territory": territory},
        Role.PROVIDER: {"provider_id": provider_id},
        Role.RECIPIENT: {"recipient_id": recipient_id},
    }
    return [create_person(work, role, str(role), scope) for role, scope in scopes.items()]


def create_person(work: Work, role: Role, login: str, scope: dict[str, object]) -> SignIn:
    password = secrets.token_urlsafe(12)
    user_id = users.create_user(work, login=login, password=password)
    users.grant(work, user_id, role=role, from_on=work.today, **scope)  # type: ignore[arg-type]  # scope's keys are grant's
    return SignIn(str(role), login, password, users.issue_api_key(work, user_id, name="seed"))


def remember(settings: Settings, people: list[SignIn]) -> None:
    """Kept for ``make run``, which says at every start who can sign in. Demonstrations only."""
    file = settings.home / FILE
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        json.dump([asdict(person) for person in people], stream)


def remembered(home: Path) -> list[SignIn]:
    file = home / FILE
    return [SignIn(**person) for person in json.loads(file.read_text())] if file.exists() else []
