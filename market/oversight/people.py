"""Who signs in, a page at a time by name, with the roles of today: an administrator's list."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from contracts.kernel.work import Role, Work
from market.user.models import GrantRow, UserRow


@dataclass(frozen=True, slots=True)
class ListedUser:
    id: UUID
    login: str
    created_at: datetime
    disabled_at: datetime | None
    roles: tuple[Role, ...]


def users(work: Work, *, beginning: str = "", after: str = "", limit: int) -> list[ListedUser]:
    """Those whose name begins so, after the name that ended the page before; one more than ``limit`` where there is a
    next page."""
    user = UserRow
    rows = work.rows(
        sa.select(user.id, user.login, user.created_at, user.disabled_at)
        .where(user.login.startswith(beginning, autoescape=True), user.login > after)
        .order_by(user.login)
        .limit(limit + 1)
    )
    roles = _roles_today(work, [row.id for row in rows])
    return [
        ListedUser(row.id, row.login, row.created_at, row.disabled_at, tuple(roles.get(row.id, ()))) for row in rows
    ]


def _roles_today(work: Work, ids: list[UUID]) -> dict[UUID, list[Role]]:
    held = (
        sa.select(GrantRow.user_id, GrantRow.role)
        .where(
            GrantRow.user_id.in_(ids),
            GrantRow.from_on <= work.today,
            sa.or_(GrantRow.until_on.is_(None), GrantRow.until_on > work.today),
        )
        .distinct()
        .order_by(GrantRow.user_id, GrantRow.role)
    )
    found: dict[UUID, list[Role]] = {}
    for user_id, role in work.rows(held):
        found.setdefault(user_id, []).append(role)
    return found
