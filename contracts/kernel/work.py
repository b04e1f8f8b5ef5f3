"""The unit of work: one connection, one actor, one moment. Services get it and never commit.

Everything a service writes goes through :meth:`Work.insert`, :meth:`Work.update` and :meth:`Work.insert_many`, which
keep the after-image of each changed row until ``audit.record`` takes it. A write that nobody recorded is a programmer's
error and stops the transaction (``Work.assert_recorded``).
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from contracts.kernel.calendar import civil_date
from contracts.kernel.clock import read_clock
from contracts.kernel.database import Base, columns, table_of
from contracts.kernel.errors import NotAllowed, NotFound
from contracts.kernel.period import Month

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
AnyRow = sa.Row[*tuple[Any, ...]]
Seal = Callable[[bytes], bytes]


class Role(StrEnum):
    RECIPIENT = "recipient"
    REPRESENTATIVE = "representative"
    OPERATOR = "operator"
    CARER = "carer"
    PROVIDER = "provider"
    PROCUREMENT_OFFICER = "procurement-officer"
    COMMITTEE_MEMBER = "committee-member"
    BUDGET_OFFICER = "budget-officer"
    FINANCE_OFFICER = "finance-officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


HOUSE = frozenset({Role.PROVIDER, Role.CARER})  # a provider's people, where the grant names the provider
HOME = frozenset({Role.RECIPIENT, Role.REPRESENTATIVE})  # a carer delivers service, and never speaks for who gets it


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in a scope. ``territory`` is a prefix of the territory code; the empty prefix is the whole country."""

    role: Role
    provider_id: UUID | None = None
    recipient_id: UUID | None = None
    territory: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a signed-in person, an organisation's API key, or the system itself (``grants`` is then None)."""

    id: UUID | None
    name: str
    grants: tuple[Grant, ...] | None = ()

    def has(self, *roles: Role, territory: str | None = None) -> bool:
        """Holds one of the roles; with ``territory``, in a scope that contains it."""
        if self.grants is None:
            return True
        return any(
            g.role in roles and (territory is None or territory.startswith(g.territory or "")) for g in self.grants
        )

    def require(self, *roles: Role, territory: str | None = None) -> None:
        if not self.has(*roles, territory=territory):
            raise NotAllowed(f"This needs the role {' or '.join(roles)}", roles=list(roles))

    def require_provider(
        self, provider_id: UUID, *officers: Role, territory: str | None = None, carers: bool = False
    ) -> None:
        """Who speaks for the provider (``carers``: or delivers service for it), or one of ``officers`` in scope. To
        all others the object does not exist."""
        own = self.grants is None or provider_id in (self.providers() if carers else self.directs())
        if not own and not (officers and self.has(*officers, territory=territory)):
            raise NotFound

    def require_recipient(self, recipient_id: UUID, *officers: Role, territory: str | None = None) -> None:
        """The recipient or a representative, or one of ``officers`` in scope. To all others nobody is there."""
        own = self.grants is None or recipient_id in self.recipients()
        if not own and not (officers and self.has(*officers, territory=territory)):
            raise NotFound

    def directs(self) -> list[UUID]:
        """Who the actor speaks for: offers, contracts, acts and money are theirs to see and to move."""
        return [g.provider_id for g in self.grants or () if g.role is Role.PROVIDER and g.provider_id is not None]

    def providers(self) -> list[UUID]:
        """Whose people the actor is one of, carers too: they deliver service and decide nothing."""
        return [g.provider_id for g in self.grants or () if g.role in HOUSE and g.provider_id is not None]

    def recipients(self) -> list[UUID]:
        """Who the actor is or speaks for."""
        return [g.recipient_id for g in self.grants or () if g.role in HOME and g.recipient_id is not None]

    def capacity_for(self, recipient_id: UUID, *officers: Role, territory: str | None = None) -> Role | None:
        """In which role the actor may act for the recipient: as themselves before anything else. None: in none."""
        for role in (Role.RECIPIENT, Role.REPRESENTATIVE):
            if any(g.role is role and g.recipient_id == recipient_id for g in self.grants or ()):
                return role
        return next((role for role in officers if self.has(role, territory=territory)), None)


STAND_INS = frozenset({Role.REPRESENTATIVE, Role.OPERATOR})  # who acts in a recipient's name without being one
STANDING_IN = "standing-in"  # among an event's changes: whose name the actor acted in, and in which capacity


@dataclass(frozen=True, slots=True)
class StandIn:
    recipient_id: UUID
    capacity: Role


SYSTEM = Actor(id=None, name="system", grants=None)
NOBODY = Actor(id=None, name="nobody", grants=())


@dataclass(frozen=True, slots=True)
class Change:
    """The after-image of one row (or, for a set of rows, their count and hash) as canonical values."""

    table: str
    key: str
    after: dict[str, Any]


@lru_cache(maxsize=512)
def _names(into: type["DataclassInstance"]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(into))


def canonical(value: object) -> object:
    """A value as it stands in an audit event: JSON, the same on every database."""
    match value:
        case UUID() | Month() | StrEnum():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case bytes():
            return value.hex()
        case _:
            return value


@dataclass(slots=True)
class Work:
    connection: sa.Connection
    actor: Actor
    now: datetime
    changes: list[Change] = field(default_factory=list)
    stand_in: StandIn | None = None

    @property
    def today(self) -> date:
        return civil_date(self.now)

    def clock(self) -> datetime:
        """The moment read again, for a deadline that must be judged after a lock is held."""
        self.now = read_clock(self.connection)
        return self.now

    def clock_on(self) -> datetime:
        """The moment read again, and later than anybody can have read it before: what was done by then stands before
        what is done now. SQLite's clock shows thousandths, so that much is waited for at most."""
        before = read_clock(self.connection)
        while self.clock() <= before:
            pass
        return self.now

    def act_for(self, recipient_id: UUID, *officers: Role, territory: str | None = None) -> None:
        """As :meth:`Actor.require_recipient`. What is recorded from here on tells for whom the actor stands in and in
        which capacity, where it is a representative or an operator; who acts for themselves stands in for nobody."""
        self.actor.require_recipient(recipient_id, *officers, territory=territory)
        capacity = None
        if self.actor.grants is not None:
            capacity = self.actor.capacity_for(recipient_id, *officers, territory=territory)
        self.stand_in = StandIn(recipient_id, capacity) if capacity in STAND_INS else None

    # --- reading -----------------------------------------------------------------------------------------------
    def rows(self, statement: sa.Executable) -> Sequence[AnyRow]:
        return self.connection.execute(statement).all()

    def scalar(self, statement: sa.Executable) -> Any:
        return self.connection.execute(statement).scalar()

    def find(self, into: type[T], model: type[Base], *where: sa.ColumnElement[bool], lock: bool = False) -> T | None:
        """The one row that matches, as the frozen dataclass ``into`` (its field names are column names).

        ``lock`` holds the row until the transaction ends (SQLite's one writer holds the whole file anyway).
        """
        statement = sa.select(*columns(model, _names(into))).where(*where)
        if lock:
            statement = statement.with_for_update()
        row = self.connection.execute(statement).one_or_none()
        return None if row is None else into(*row)

    def find_all(
        self,
        into: type[T],
        model: type[Base],
        *where: sa.ColumnElement[bool],
        order_by: Sequence[Any] = (),
        limit: int | None = None,
    ) -> list[T]:
        statement = sa.select(*columns(model, _names(into))).where(*where).order_by(*order_by).limit(limit)
        return [into(*row) for row in self.connection.execute(statement)]

    # --- writing -----------------------------------------------------------------------------------------------
    def insert(self, model: type[Base], /, *, seal: Seal | None = None, **values: Any) -> None:
        table = table_of(model)
        self.connection.execute(sa.insert(table), values)
        self._note(table, values, [values[c.name] for c in table.primary_key], seal)

    def insert_if_new(self, model: type[Base], /, *, seal: Seal | None = None, **values: Any) -> bool:
        """False where a row with the same unique key stands already; nothing is written then."""
        table = table_of(model)
        insert = insert_ignoring(self.connection.dialect.name, table)
        if self.connection.execute(insert.returning(*table.primary_key), values).one_or_none() is None:
            return False
        self._note(table, values, [values[c.name] for c in table.primary_key], seal)
        return True

    def update(
        self, model: type[Base], key: UUID, /, *only_if: sa.ColumnElement[bool], seal: Seal | None = None, **values: Any
    ) -> bool:
        """Change the row with primary key ``key`` if ``only_if`` holds, in one statement. False where it did not."""
        table = table_of(model)
        (key_column,) = table.primary_key
        statement = (
            sa.update(table)
            .where(key_column == key, *only_if)
            .values(**values)
            .returning(*[table.c[name] for name in values])
        )
        row = self.connection.execute(statement).one_or_none()
        if row is None:
            return False
        self._note(table, dict(zip(values, row, strict=True)), [key], seal)
        return True

    def insert_many(self, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
        """A set of rows in bulk: the event keeps their count and hash, the rows keep themselves."""
        if not rows:
            return
        table = table_of(model)
        self.connection.execute(sa.insert(table), rows)
        digest = hash_rows(tuple(canonical(v) for v in row.values()) for row in rows)
        self.note_set(str(table.name), count=len(rows), digest=digest, columns=list(rows[0]))

    def execute(self, statement: sa.Executable, parameters: Any = None) -> sa.CursorResult[Any]:
        """A write that needs no after-image because something recorded implies it (running totals, chain heads)."""
        return cast("sa.CursorResult[Any]", self.connection.execute(statement, parameters))

    def note_set(self, table: str, **facts: object) -> None:
        """Record a change of many rows by facts about the set (count, hash, selection)."""
        self.changes.append(Change(table, "*", dict(facts)))

    def _note(self, table: sa.Table, values: Mapping[str, Any], key: Sequence[object], seal: Seal | None) -> None:
        after: dict[str, Any] = {}
        for name, value in values.items():
            plain = canonical(value)
            if table.c[name].info.get("personal") and plain is not None:
                assert seal is not None, f"{table.name}.{name} is personal: give the person's seal"
                plain = {"sealed": seal(msgspec.json.encode(plain)).hex()}
            after[name] = plain
        self.changes.append(Change(str(table.name), "/".join(str(k) for k in key), after))

    def take_changes(self) -> list[Change]:
        taken, self.changes = self.changes, []
        if self.stand_in is not None:
            facts = {"capacity": str(self.stand_in.capacity)}
            taken.append(Change(STANDING_IN, str(self.stand_in.recipient_id), facts))
        return taken

    def assert_recorded(self) -> None:
        assert not self.changes, f"written but not recorded in the audit trail: {[c.table for c in self.changes]}"


def hash_rows(rows: Iterable[tuple[object, ...]]) -> str:
    """SHA-256 over the canonical JSON of each row, one a line."""
    digest = hashlib.sha256()
    encoder = msgspec.json.Encoder()
    for row in rows:
        digest.update(encoder.encode(row))
        digest.update(b"\n")
    return digest.hexdigest()


def insert_ignoring(dialect: str, table: sa.Table) -> sa.Insert:
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()
