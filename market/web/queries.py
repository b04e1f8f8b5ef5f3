"""Lists for the API, a page at a time, and what of them an actor may see; and whether the schema is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from contracts.budget.models import FundingLineRow
from contracts.budget.queries import FundingLine
from contracts.kernel.database import Base, table_of
from contracts.kernel.work import Actor, Role, Work
from market.user.models import GrantRow, UserRow
from market.user.queries import User
from market.web.wire import Slice

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
OFFICERS = (
    Role.OPERATOR,
    Role.PROCUREMENT_OFFICER,
    Role.BUDGET_OFFICER,
    Role.FINANCE_OFFICER,
    Role.AUDITOR,
)


def page(work: Work, into: type[T], model: type[Base], at: Slice, *where: sa.ColumnElement[bool]) -> list[T]:
    """By id, which is ordered by time; one row more than the page, to see whether there is a next one."""
    key = table_of(model).c.id
    after = () if at.after is None else (key > at.after,)
    return work.find_all(into, model, *where, *after, order_by=(key,), limit=at.limit + 1)


def visible(actor: Actor, model: type[Base], roles: Sequence[Role] = OFFICERS) -> sa.ColumnElement[bool]:
    """Rows in the territory of a role of the actor's, rows of their organisation, rows about the people they are
    or speak for."""
    if actor.grants is None:
        return sa.true()
    table = table_of(model)
    ways: list[Any] = [
        table.c.territory.startswith(grant.territory or "", autoescape=True)
        for grant in actor.grants
        if grant.role in roles and "territory" in table.c
    ]
    provider = table.c.get("provider_id")
    if provider is not None and actor.providers():
        ways.append(provider.in_(actor.providers()))
    recipient = table.c.get("recipient_id")
    if recipient is not None and actor.recipients():
        ways.append(recipient.in_(actor.recipients()))
    return sa.or_(sa.false(), *ways)


def under(model: type[Base], territory: str | None) -> list[sa.ColumnElement[bool]]:
    """The filter ``?territory=``, a prefix of the code."""
    column = table_of(model).c.territory
    return [column.startswith(territory, autoescape=True)] if territory else []


def equal(model: type[Base], **values: object) -> list[sa.ColumnElement[bool]]:
    """Filters that were given."""
    table = table_of(model)
    return [table.c[name] == value for name, value in values.items() if value is not None]


def schema_version(work: Work) -> str | None:
    found: str | None = work.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return found


def users(work: Work, at: Slice) -> list[User]:
    return page(work, User, UserRow, at)


def funding_lines(work: Work, at: Slice, *, territory: str | None, kind: str | None) -> list[FundingLine]:
    where = [*under(FundingLineRow, territory), *equal(FundingLineRow, service_kind=kind)]
    return page(work, FundingLine, FundingLineRow, at, visible(work.actor, FundingLineRow), *where)


MAX_DEMO_PEOPLE = 40  # what fits on the sign-in page


@dataclass(frozen=True, slots=True)
class DemoPerson:
    login: str
    roles: str


def demo_people(work: Work) -> list[DemoPerson]:
    """Who can be signed in as, by role: for the demonstration's sign-in page."""
    held = (
        sa.select(UserRow.login, GrantRow.role)
        .join(GrantRow, GrantRow.user_id == UserRow.id)
        .where(UserRow.disabled_at.is_(None), UserRow.password_hash.is_not(None))
        .order_by(GrantRow.role, UserRow.login)
        .limit(MAX_DEMO_PEOPLE)
    )
    return [DemoPerson(login, str(role)) for login, role in work.rows(held)]
