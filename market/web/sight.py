"""Who may look at an object: its own people, and officers of its territory. To all others it does not exist."""

from uuid import UUID

from contracts.kernel.errors import NotFound
from contracts.kernel.work import Actor, Role
from market.web.queries import OFFICERS


def check_seen(
    actor: Actor,
    missing: type[NotFound],
    *,
    territory: str,
    provider_id: UUID | None = None,
    recipient_id: UUID | None = None,
    officers: tuple[Role, ...] = OFFICERS,
) -> None:
    """Raises ``missing``, the very answer an unknown id gets."""
    own = actor.grants is None or provider_id in actor.directs() or recipient_id in actor.recipients()
    if not own and not actor.has(*officers, territory=territory):
        raise missing
