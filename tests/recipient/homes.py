"""People of Almaty, invented: who asks for help, and who writes them down."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts.kernel.ids import check_digit
from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM, Actor, Grant, Role
from market.catalogue import service as catalogue
from market.catalogue.rules import Category, Language
from market.recipient import service as recipients
from market.recipient.rules import NewRecipient
from market.user.personal import Vault

ALMATY, ASTANA = "750000000", "710000000"
ALMATY_CITY = 1526384  # ids of the public gazetteer
ASTANA_CITY = 1526273
NOON = datetime(2026, 4, 10, 7, tzinfo=UTC)  # 12:00 in Almaty
VAULT = Vault(b"m" * 32, b"h" * 32)
OPERATOR = Actor(UUID(int=11), "Dana at the service centre", (Grant(Role.OPERATOR, territory="75"),))
OPERATOR_ELSEWHERE = Actor(UUID(int=12), "Marat in Astana", (Grant(Role.OPERATOR, territory="71"),))
ADMINISTRATOR = Actor(UUID(int=13), "Administrator", (Grant(Role.ADMINISTRATOR),))


def iin(serial: int = 1, born: str = "480517", century: str = "4") -> str:
    """A number with a right check digit; the serials for which none exists are skipped."""
    for number in range(serial * 7, serial * 7 + 7):
        eleven = f"{born}{century}{number:04d}"
        if (digit := check_digit(eleven)) is not None:
            return f"{eleven}{digit}"
    raise AssertionError("seven serials in a row cannot all be without a check digit")


AIGERIM = NewRecipient(
    iin=iin(),
    name="Айгерім Сейтқали",
    address="Abai avenue 10, flat 4",
    territory=ALMATY,
    locality_id=ALMATY_CITY,
    latitude=43.23847,
    longitude=76.94512,
    category=Category.ELDERLY,
    tier=3,
    language=Language.KAZAKH,
)


def settle(database: Database) -> None:
    """The reference rows: territories, localities, kinds, legal numbers."""
    database.write(SYSTEM, catalogue.load)


def register(database: Database, serial: int = 1, **changes: Any) -> UUID:
    new = replace(AIGERIM, iin=iin(serial), **changes)
    return database.write(OPERATOR, lambda work: recipients.register(work, VAULT, new))


def herself(recipient_id: UUID) -> Actor:
    return Actor(UUID(int=21), "the recipient", (Grant(Role.RECIPIENT, recipient_id=recipient_id),))


def representative(recipient_id: UUID) -> Actor:
    return Actor(UUID(int=22), "her son", (Grant(Role.REPRESENTATIVE, recipient_id=recipient_id),))
