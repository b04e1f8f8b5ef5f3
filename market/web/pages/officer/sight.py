"""What an officer sees: the territories of their roles, narrowed to the one they ask for."""

import re
from collections.abc import Sequence

from contracts.kernel.errors import NotFound
from contracts.kernel.work import Role
from market.oversight.desk import narrowed, scope
from market.web.formats import place_names
from market.web.language import language_of
from market.web.work import Caller, WebRequest

MONEY = (Role.BUDGET_OFFICER, Role.FINANCE_OFFICER, Role.PROCUREMENT_OFFICER, Role.AUDITOR)
_CODE = re.compile(r"[0-9]{1,9}", re.ASCII)


class TerritoryNotYours(NotFound):
    code = "territory-not-yours"
    title = "There is no such territory among yours"


def held_by(caller: Caller, *roles: Role) -> tuple[str, ...]:
    """The territories, each a prefix of the code. Raises NotAllowed where the actor holds none of the roles."""
    caller.actor.require(*roles)
    return scope(caller.actor, *roles)


def within(held: Sequence[str], territory: str) -> tuple[str, ...]:
    """Raises TerritoryNotYours."""
    found = narrowed(held, territory) if _CODE.fullmatch(territory) else ()
    if not found:
        raise TerritoryNotYours
    return found


def seen(request: WebRequest, held: Sequence[str]) -> tuple[str, ...]:
    """Everything held, or the part of it that ``?territory=`` names. Raises TerritoryNotYours."""
    asked = request.query_params.get("territory", "")
    return within(held, asked) if asked else tuple(held)


def regions(request: WebRequest, held: Sequence[str]) -> list[tuple[str, str]]:
    """The regions inside the territories held, as (code, name), by name."""
    names = place_names(language_of(request)).items()
    return sorted(((c, n) for c, n in names if narrowed(held, c)), key=lambda one: one[1])
