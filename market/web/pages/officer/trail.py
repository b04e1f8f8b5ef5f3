"""The history of one object: who did what and when, what each value was before, and whether the chain holds now."""

from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from contracts.audit.one_stream import hold
from contracts.kernel.work import Role, Work
from market.oversight.names import KINDS, names
from market.oversight.trail import check_readable, trail
from market.web.api.audit import proof_of, public_key
from market.web.formats import Formats
from market.web.language import language_of
from market.web.pages.officer.teller import Teller, as_id, ids_in
from market.web.pages.record.nouns import NOUNS
from market.web.pages.record.words import STREAMS
from market.web.rendering import render
from market.web.wire import PAGE
from market.web.work import Id, TheCaller, WebRequest

MAX_DIGITS = 9


@get("/audit/{stream:str}/{about:str}", sync_to_thread=True)
def show_trail(request: WebRequest, caller: TheCaller, stream: FromPath[str], about: FromPath[str]) -> Response[str]:
    after = _after(request)

    def read(work: Work) -> dict[str, Any]:
        events = trail(work, stream, about, after=after, limit=PAGE + 1)
        held = hold(work, f"{stream}:{check_readable(work, stream, about)}", public_key(caller))
        known = names(work, ids_in(events))
        return {"events": events, "held": held, "name": _name(work, stream, about), "known": known}

    found = caller.read(read)
    events = found["events"][:PAGE]
    more = len(found["events"]) > PAGE
    teller = Teller(Formats(language_of(request)), found["known"])
    return render(
        request, "officer/trail.html", stream=STREAMS.get(stream, stream), name=found["name"], held=found["held"],
        told=[teller.tell(stream, event) for event in events], record=_record(stream, about), after=after,
        following=f"{request.scope['path']}?after={events[-1].sequence}" if more else None,
        may_prove=caller.actor.has(Role.AUDITOR),
    )  # fmt: skip


def _after(request: WebRequest) -> int:
    text = request.query_params.get("after", "0")
    return int(text) if text.isdecimal() and len(text) <= MAX_DIGITS else 0


def _record(stream: str, about: str) -> str | None:
    """The page of the object itself."""
    path = next((noun.path for noun in NOUNS if noun.stream == stream), None)
    if stream == "user":
        path = "users"
    return f"/{path}/{about}" if path else None


def _name(work: Work, stream: str, about: str) -> str:
    """Its number, where it has one."""
    key = as_id(about)
    found = names(work, [(stream, key)]) if key and stream in KINDS else {}
    return found.get(key, "") if key else about


@get("/audit-events/{event_id:uuid}/proof", sync_to_thread=True)
def download_proof(caller: TheCaller, event_id: Id) -> Response[bytes]:
    """A file that ``contracts/audit/verify_export.py`` checks without us."""
    caller.actor.require(Role.AUDITOR)
    data = msgspec.json.encode(proof_of(caller, event_id))
    headers = {"Content-Disposition": f'attachment; filename="proof-{event_id}.json"'}
    return Response(data, media_type="application/json", headers=headers)


HANDLERS = [show_trail, download_proof]
