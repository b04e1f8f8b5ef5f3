"""Signing an act, for both sides: the document to sign, the signature given back; and what anybody may check."""

from base64 import b64decode
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from contracts.act import countersigning, editions, queries
from contracts.act.rules import Act, ActStatus, Side
from contracts.act.signing import MAX_CONTAINER, SignatureWrong
from contracts.kernel.work import Role, Work
from market.authority import known_authority, trusted_roots
from market.provider.queries import provider
from market.user.queries import user
from market.web.language import _
from market.web.pages.form import EMPTY, Filled, Form, Reading, new_key, submit
from market.web.rendering import render
from market.web.work import Caller, Id, TheCaller, WebRequest

PUBLIC: dict[str, Any] = {"public": True}
JSON = "application/json"
LONGEST_TEXT = MAX_CONTAINER * 2  # of a signature in base64, with its line breaks


@get("/acts/{object_id:uuid}/act.json", sync_to_thread=True)
def document(caller: TheCaller, object_id: Id) -> Response[bytes]:
    """The bytes that are signed, for whoever may see the act."""

    def read(work: Work) -> tuple[str, str]:
        act = queries.act_for_reader(work, object_id)
        return countersigning.document_to_sign(work, act), act.number

    text, number = caller.read(read)
    headers = {"Content-Disposition": f'attachment; filename="{number.replace("/", "-")}.json"'}
    return Response(text.encode(), media_type=JSON, headers=headers)


@get("/acts/{object_id:uuid}/signature", sync_to_thread=True)
def ask(request: WebRequest, caller: TheCaller, object_id: Id) -> Response[str]:
    return _ask(request, caller, object_id, EMPTY)


def _ask(request: WebRequest, caller: Caller, act_id: UUID, filled: Filled) -> Response[str]:
    def read(work: Work) -> dict[str, Any]:
        act = queries.act_for_reader(work, act_id)
        signed = [one for told in editions.history(work, act_id)[:1] for one in told.signatures]
        return {"act": act, "provider": provider(work, act.provider_id), "signed": signed, "may": may_sign(work, act)}

    found = caller.read(read)
    local = known_authority(caller.site.settings.home) is not None
    return render(
        request, "document/sign.html", filled=filled, key=new_key(), local=local, back_to=_back(found["act"], caller,
        found["provider"].number), **found,
    )  # fmt: skip


def may_sign(work: Work, act: Act) -> bool:
    second = work.actor.id not in {act.drafted_by, act.submitted_by}
    customer = work.actor.has(Role.BUDGET_OFFICER, territory=act.territory) and second
    return act.status is ActStatus.SUBMITTED and (act.provider_id in work.actor.directs() or customer)


def _back(act: Act, caller: Caller, provider_number: str) -> str:
    own = act.provider_id in caller.actor.directs()
    return f"/organisations/{provider_number}/acts/{act.id}" if own else f"/acts-desk/{act.number}"


@post("/acts/{object_id:uuid}/signature", sync_to_thread=True)
def sign(request: WebRequest, caller: TheCaller, object_id: Id, data: Form) -> Response[Any]:
    """A signature made elsewhere; or, in a demonstration, one made here by its local authority."""
    home = caller.site.settings.home
    roots = trusted_roots(home)

    def do(work: Work) -> str:
        act = queries.act_for_reader(work, object_id)
        container = _demonstrated(work, caller, act) if data.get("local") else _given(data)
        countersigning.sign(work, object_id, container=container, roots=roots)
        return _back(act, caller, provider(work, act.provider_id).number)

    return submit(
        request, caller, data, do=do, again=lambda filled: _ask(request, caller, object_id, filled),
        to=f"/acts/{object_id}/signature", said=_("The act is signed."),
    )  # fmt: skip


def _given(data: Form) -> bytes:
    reading = Reading(data)
    text = reading.text("signature", max_length=LONGEST_TEXT)
    reading.check()
    body = "".join(part for part in text.split() if "-" not in part and part not in {"BEGIN", "END", "CMS", "PKCS7"})
    try:
        return b64decode(body, validate=True)
    except ValueError:
        raise SignatureWrong(rule="readable", pointer="/signature") from None


def _demonstrated(work: Work, caller: Caller, act: Act) -> bytes:
    """A certificate for whoever is signed in, of the demonstration's own authority; nobody else believes it."""
    authority = known_authority(caller.site.settings.home)
    if authority is None or work.actor.id is None:
        raise SignatureWrong(rule="local-authority", pointer="/signature")
    own = editions.parties_of(work, act).provider_bin if act.provider_id in work.actor.directs() else None
    signer = authority.signer(work.now, name=user(work, work.actor.id).login, bin_=own)
    return signer.sign(countersigning.document_to_sign(work, act).encode())


@get("/check/{contract:str}/{month:str}", sync_to_thread=True, opt=PUBLIC)
def check_act(request: WebRequest, caller: TheCaller, contract: FromPath[str], month: FromPath[str]) -> Response[str]:
    """Whether an act is what its paper says: total, hash, and each signature verified anew. Nothing about people
    served, and no names of those who signed."""
    roots = trusted_roots(caller.site.settings.home)

    def read(work: Work) -> dict[str, Any]:
        act = queries.act_numbered(work, f"{contract}/{month}")
        edition = editions.edition(work, act.id, act.editions)
        signed = editions.signatures(work, [edition.id]) if edition else []
        marks = [(one, countersigning.still_holds(work, edition, one, roots)) for one in signed if edition]
        house = provider(work, act.provider_id)
        return {"act": act, "edition": edition, "marks": marks, "provider": house, "own_side": Side.PROVIDER}

    return render(request, "document/check_act.html", **caller.read(read))


HANDLERS = [document, ask, sign, check_act]
