"""Recipients without their personal values; where they live, for those who compute distances; what is sealed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.work import Role, Work
from market.catalogue.rules import Category, Language
from market.recipient.models import RecipientRow, RepresentationRow
from market.recipient.rules import RecipientNotFound
from market.user.models import GrantRow, UserRow

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


@dataclass(frozen=True, slots=True)
class Representation:
    """The days of the grant (``until_on`` None: until it is taken back) and the document it rests on; ``ground`` None:
    given by an administrator of an earlier release."""

    grant_id: UUID
    user_id: UUID
    login: str
    recipient_id: UUID
    from_on: date
    until_on: date | None
    granted_by: UUID | None
    ground: str | None


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


def sealed_names(work: Work, ids: Sequence[UUID]) -> list[tuple[UUID, bytes]]:
    statement = sa.select(RecipientRow.id, RecipientRow.name_sealed).where(RecipientRow.id.in_(ids))
    return [(row.id, row.name_sealed) for row in work.rows(statement)]


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


def recipient_numbered(work: Work, number: str) -> Recipient:
    """Raises RecipientNotFound."""
    found = work.find(Recipient, RecipientRow, RecipientRow.number == number)
    if found is None:
        raise RecipientNotFound
    return found


@dataclass(frozen=True, slots=True)
class SealedPlate:
    """A name and an address, opened with the person's key."""

    id: UUID
    number: str
    name_sealed: bytes
    address_sealed: bytes


def plates(work: Work, ids: Collection[UUID]) -> list[SealedPlate]:
    return work.find_all(SealedPlate, RecipientRow, RecipientRow.id.in_(ids), order_by=(RecipientRow.number,))


def ids_numbered(work: Work, numbers: Collection[str]) -> dict[str, UUID]:
    """Those of the numbers that somebody has."""
    statement = sa.select(RecipientRow.number, RecipientRow.id).where(RecipientRow.number.in_(numbers))
    return {row.number: row.id for row in work.rows(statement)}


def recipient_of_iin(work: Work, iin_hmac: bytes) -> Recipient | None:
    return work.find(Recipient, RecipientRow, RecipientRow.iin_hmac == iin_hmac)


def recipients_among(
    work: Work, ids: Sequence[UUID], *, after_number: str = "", limit: int = MAX_LISTED
) -> list[Recipient]:
    """Those with these ids, a page at a time by number."""
    where = (RecipientRow.id.in_(ids), RecipientRow.number > after_number)
    return work.find_all(Recipient, RecipientRow, *where, order_by=(RecipientRow.number,), limit=limit)


def representations(work: Work, recipient_id: UUID) -> list[Representation]:
    """Past, present and future ones, the newest first."""
    return _representations(work, GrantRow.recipient_id == recipient_id)


def representation(work: Work, grant_id: UUID) -> Representation | None:
    found = _representations(work, GrantRow.id == grant_id)
    return found[0] if found else None


def _representations(work: Work, where: sa.ColumnElement[bool]) -> list[Representation]:
    statement = (
        sa.select(
            GrantRow.id,
            GrantRow.user_id,
            UserRow.login,
            GrantRow.recipient_id,
            GrantRow.from_on,
            GrantRow.until_on,
            GrantRow.granted_by,
            RepresentationRow.ground,
        )
        .join(UserRow, UserRow.id == GrantRow.user_id)
        .outerjoin(RepresentationRow, RepresentationRow.grant_id == GrantRow.id)
        .where(GrantRow.role == Role.REPRESENTATIVE, where)
        .order_by(GrantRow.from_on.desc(), GrantRow.id.desc())
        .limit(MAX_LISTED)
    )
    return [Representation(*row) for row in work.rows(statement)]
