"""Who looks at the pages: a visitor, and somebody of every role."""

from contracts.kernel.work import Role
from tests.browser.installation import PASSWORD, VISITOR, Installation

EVERY = [VISITOR, *(str(role) for role in Role)]


def add_missing(site: Installation) -> None:
    """The demonstration's people have a role each; who is not among them is added, beside the ones there are."""
    there = {person.role for person in site.people}
    for role in Role:
        if role not in there:
            body = {"login": str(role), "password": PASSWORD}
            user = site.post(Role.ADMINISTRATOR, "/users", body)["id"]
            site.post(Role.ADMINISTRATOR, f"/users/{user}/grants", {"role": role} | _scope(site, role))


def _scope(site: Installation, role: Role) -> dict[str, object]:
    """As the demonstration's own person has it."""
    like = {Role.REPRESENTATIVE: Role.RECIPIENT, Role.CARER: Role.PROVIDER}.get(role, Role.BUDGET_OFFICER)
    names = ("from_on", "provider_id", "recipient_id", "territory")
    grant = site.get(like, "/me")["grants"][0]
    ground = {"ground": "2026 жылғы 14 наурыздағы № 12 қорғаншылық туралы қаулы"} if role is Role.REPRESENTATIVE else {}
    return {name: grant[name] for name in names if grant.get(name) is not None} | ground
