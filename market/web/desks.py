"""Who finds what at the top of every page: one line of links a role, the desk's home first."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from contracts.kernel.work import Actor, Role
from market.web.language import _


class Link(NamedTuple):
    label: str
    address: str


PUBLIC = (
    Link(_("Providers"), "/directory"),
    Link(_("How places are given"), "/how-we-decide"),
    Link(_("Statistics"), "/statistics"),
    Link(_("Help"), "/help"),
)
_MINE = (Link(_("My care"), "/my"), Link(_("Providers"), "/directory"), Link(_("Help"), "/help"))
_OTHERS = (Link(_("People I act for"), "/people"), Link(_("Providers"), "/directory"), Link(_("Help"), "/help"))
_ORGANISATION = (
    Link(_("My organisation"), "/organisation"),
    Link(_("Tenders"), "/tenders"),
    Link(_("Help"), "/help"),
)
_ROUNDS = Link(_("Rounds"), "/rounds-desk")
_REGISTRY = Link(_("Registry"), "/registry")
_BUDGET = Link(_("Budget"), "/budget")
_ACTS = Link(_("Acts"), "/acts-desk")
_PAYMENTS = Link(_("Payments"), "/payments-desk")
_APPROVALS = Link(_("Approvals"), "/approvals")
_FLAGS = Link(_("Visits to ask about"), "/flags-desk")
_TARIFFS = Link(_("Tariffs"), "/tariffs")
_TENDERS = Link(_("Tenders"), "/tenders-desk")
RECORDS = Link(_("All records"), "/records")
BY_ROLE: Mapping[Role, Sequence[Link]] = {
    Role.RECIPIENT: _MINE,
    Role.REPRESENTATIVE: _OTHERS,
    Role.OPERATOR: _OTHERS,
    Role.PROVIDER: _ORGANISATION,
    Role.CARER: _ORGANISATION,
    Role.PROCUREMENT_OFFICER: (_REGISTRY, _TENDERS, _TARIFFS, _BUDGET, _ROUNDS),
    Role.COMMITTEE_MEMBER: (_TENDERS,),
    Role.BUDGET_OFFICER: (_BUDGET, _ACTS, _FLAGS, _APPROVALS, _TARIFFS, _ROUNDS, _REGISTRY, RECORDS),
    Role.FINANCE_OFFICER: (_PAYMENTS, _APPROVALS, _ACTS, _BUDGET, _REGISTRY),
    Role.AUDITOR: (_BUDGET, _ACTS, _FLAGS, _PAYMENTS, _APPROVALS, _TARIFFS, _ROUNDS, _REGISTRY, _TENDERS, RECORDS),
    Role.ADMINISTRATOR: (Link(_("Users"), "/users"),),
}


def links_of(actor: Actor | None) -> list[Link]:
    """What stands at the top for this actor; each address once, in the order of the roles."""
    if actor is None or not actor.grants:
        return list(PUBLIC)
    found = [link for role in BY_ROLE if actor.has(role) for link in BY_ROLE[role]]
    return list(dict.fromkeys(found))
