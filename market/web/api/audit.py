"""The trail of one object: every event with what it changed, whether the chain holds, and the proof of one event."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from litestar.params import FromPath, QueryParameter

from contracts.audit.one_stream import Held, hold
from contracts.audit.proof import prove
from contracts.audit.queries import event as stored_event
from contracts.audit.queries import events_of
from contracts.audit.rules import EventNotFound
from contracts.kernel.errors import NotAllowed, NotFound
from contracts.kernel.work import Role, Work
from market.keys import known_audit_key
from market.oversight.trail import check_readable, check_there
from market.web.routes import reads
from market.web.wire import MAX_PAGE, Listing, shown
from market.web.work import Caller, Id, TheCaller, WebRequest

EventLimit = Annotated[int, QueryParameter(name="limit", ge=1, le=MAX_PAGE, required=False)]
EventAfter = Annotated[int, QueryParameter(name="after", ge=0, le=10**9, required=False, description="A sequence")]


class EventView(msgspec.Struct, frozen=True):
    """``changes``: the after-image of each changed row; personal values are sealed."""

    id: UUID
    stream: str
    sequence: int
    at: datetime
    actor_id: UUID | None
    verb: str
    changes: list[Any]


class VerificationView(msgspec.Struct, frozen=True):
    """``events`` were walked now, the first ``sealed`` of them are bound by a signed checkpoint of ``sealed_at``.
    ``fault``: the first thing that does not hold."""

    events: int
    sealed: int
    sealed_at: datetime | None
    holds: bool
    fault: str | None


def trail(work: Work, stream: str, about: str, *, after: int = 0, limit: int = MAX_PAGE) -> list[EventView]:
    name = check_readable(work, stream, about)
    events = events_of(work, stream, name, after=after, limit=limit)
    if not events and not after:
        check_there(work, stream, about)
    return [shown(EventView, event, changes=_changes(event.body)) for event in events]


def _changes(body: str) -> list[Any]:
    """Nothing where the stored body is no event's: the verification says so."""
    try:
        found: list[Any] = msgspec.json.decode(body)["changes"]
    except (msgspec.DecodeError, KeyError, TypeError):
        return []
    return found


def public_key(caller: Caller) -> Ed25519PublicKey | None:
    """What the signatures of this installation are checked with; None before its first checkpoint."""
    key = known_audit_key(caller.site.settings)
    return key.public_key() if key else None


def verified(work: Work, stream: str, about: str, key: Ed25519PublicKey | None) -> Held:
    return hold(work, f"{stream}:{check_readable(work, stream, about)}", key)


def proof_of(caller: Caller, event_id: UUID) -> dict[str, Any]:
    """For whoever may read the event's trail; to all others there is no such event. Raises EventNotFound,
    NotSealedYet."""

    def read(work: Work) -> dict[str, Any]:
        found = stored_event(work, event_id)
        key = public_key(caller)
        if found is None or key is None:
            raise EventNotFound
        stream, _colon, about = found.stream.partition(":")
        try:
            check_readable(work, stream, about)
        except (NotFound, NotAllowed):
            raise EventNotFound from None
        return prove(work, event_id, key)

    return caller.read(read)


@reads("/audit/{stream:str}/{about:str}")
def get_trail(
    caller: TheCaller,
    request: WebRequest,
    stream: FromPath[str],
    about: FromPath[str],
    limit: EventLimit = MAX_PAGE,
    after: EventAfter = 0,
) -> Listing[EventView]:
    """The events of the object ``about`` in its stream, such as ``voucher`` or ``act``; a price limit by its id."""
    found = caller.read(lambda work: trail(work, stream, about, after=after, limit=limit + 1))
    page = found[:limit]
    following = f"{request.scope['path']}?after={page[-1].sequence}&limit={limit}" if len(found) > limit else None
    return Listing(page, following)


@reads("/audit/{stream:str}/{about:str}/verification")
def verify_trail(caller: TheCaller, stream: FromPath[str], about: FromPath[str]) -> VerificationView:
    """Walks the object's chain now, and holds it against what was sealed and signed."""
    held = caller.read(lambda work: verified(work, stream, about, public_key(caller)))
    fault = str(held.fault) if held.fault else None
    return shown(VerificationView, held, holds=held.fault is None, fault=fault)


@reads("/audit-events/{event_id:uuid}/proof")
def get_proof(caller: TheCaller, event_id: Id) -> dict[str, Any]:
    """That the event stands in a signed checkpoint: checked by ``contracts/audit/verify_export.py`` without us."""
    caller.actor.require(Role.AUDITOR)
    return proof_of(caller, event_id)


HANDLERS = [get_trail, verify_trail, get_proof]
