"""Recipients without their personal values; where they live, for those who compute distances; what is sealed."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.work import Work
from market.catalogue.rules import Category, Language
from market.recipient.models import RecipientRow
from market.recipient.rules import RecipientNotFound

MAX_LISTED = 500  # people a page


@dataclass(frozen=True, slots=True)
class Recipient:
    """Nothing here tells who it is."""

    id: UUID
    number: str
    territory: str
    locality_id: int
    tier: int
    language: Language
    registered_at: datetime
    died_on: date | None
    synthetic: bool
    version: int


@dataclass(frozen=True, slots=True)
class Home:
    """What placing somebody needs beside :class:`Recipient`. Personal: not for a page, a log or an export."""

    id: UUID
    territory: str
    locality_id: int
    latitude: float
    longitude: float
    category: Category
    tier: int
    language: Language


@dataclass(frozen=True, slots=True)
class Sealed:
    iin_sealed: bytes
    name_sealed: bytes
    address_sealed: bytes
    latitude: float
    longitude: float
    category: Category


def recipient(work: Work, recipient_id: UUID, *, lock: bool = False) -> Recipient:
    """``lock``: whoever grants this person something waits for whoever is granting already."""
    found = work.find(Recipient, RecipientRow, RecipientRow.id == recipient_id, lock=lock)
    if found is None:
        raise RecipientNotFound
    return found


def home(work: Work, recipient_id: UUID) -> Home:
    found = work.find(Home, RecipientRow, RecipientRow.id == recipient_id)
    if found is None:
        raise RecipientNotFound
    return found


def sealed(work: Work, recipient_id: UUID) -> Sealed:
    found = work.find(Sealed, RecipientRow, RecipientRow.id == recipient_id)
    if found is None:
        raise RecipientNotFound
    return found


def recipients_in(work: Work, territory: str, *, after_number: str = "", limit: int = MAX_LISTED) -> list[Recipient]:
    """Those under a territory prefix, a page at a time by number."""
    return work.find_all(
        Recipient,
        RecipientRow,
        RecipientRow.territory.startswith(territory, autoescape=True),
        RecipientRow.number > after_number,
        order_by=(RecipientRow.number,),
        limit=min(limit, MAX_LISTED),
    )


def counted_in(work: Work, territory: str) -> int:
    return int(
        work.scalar(
            sa.select(sa.func.count())
            .select_from(RecipientRow)
            .where(RecipientRow.territory.startswith(territory, autoescape=True))
        )
    )
