"""A list and a page for every object, and the forms on it."""

import secrets
from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER

from contracts.kernel.idempotency import Once, once
from contracts.kernel.work import NOBODY, Role, Work
from market.web.api.audit import trail
from market.web.lists import TheSlice
from market.web.pages.form import Form
from market.web.pages.nouns import NOUNS, Noun
from market.web.pages.show import facts_of, table
from market.web.pages.verbs import VERBS, Verb, buttons
from market.web.rendering import render
from market.web.work import Id, TheCaller, WebRequest


def _object_page(noun: Noun) -> HTTPRouteHandler:
    @get(f"/{noun.path}/{{object_id:uuid}}", sync_to_thread=True, opt={"public": noun.public})
    def show_object(request: WebRequest, caller: TheCaller, object_id: Id) -> Response[str]:
        def read(work: Work) -> dict[str, Any]:
            view = noun.show(work, object_id)
            return {"view": view, "facts": facts_of(view, but=noun.inside), "tables": noun.beside(work, view)}

        found = caller.read(read)
        return render(
            request,
            "object.html",
            noun=noun,
            object_id=object_id,
            verbs=buttons(noun.path, caller.actor, found["view"]),
            key=secrets.token_urlsafe(16),
            audited=caller.actor is not NOBODY and caller.actor.has(Role.AUDITOR),
            **found,
        )

    return show_object


def _list_page(noun: Noun) -> HTTPRouteHandler:
    every, view = noun.every, noun.view
    assert every is not None
    assert view is not None

    @get(f"/{noun.path}", sync_to_thread=True, opt={"public": noun.public})
    def list_objects(request: WebRequest, caller: TheCaller, at: TheSlice) -> Response[str]:
        listing = at.listing(caller.read(lambda work: every(work, at)), view, lambda found: found.id)
        rows = table(noun.many, listing.items, noun.columns, page=noun.path, following=listing.next)
        return render(request, "list.html", title=noun.many, tables=[rows])

    return list_objects


def _verb_form(verb: Verb) -> HTTPRouteHandler:
    @post(f"/{verb.noun}/{{object_id:uuid}}/{verb.name}", sync_to_thread=True, status_code=HTTP_303_SEE_OTHER)
    def carry_out(caller: TheCaller, object_id: Id, data: Form) -> Response[Any]:
        """Sent twice, done once: the page gave the form a key of its own."""
        wish = "\n".join([str(object_id), data.get("reason", ""), data.get("offer_id", "")]).encode()
        request = Once.of(f"form {verb.noun}/{verb.name}", data.get("key"), wish)

        def do(work: Work) -> dict[str, Any]:
            verb.carry_out(work, object_id, data)
            return {}

        caller.write(lambda work: once(work, request, do))
        return Redirect(f"/{verb.noun}/{object_id}", status_code=HTTP_303_SEE_OTHER)

    return carry_out


@get("/audit/{stream:str}/{about:str}", sync_to_thread=True)
def show_trail(request: WebRequest, caller: TheCaller, stream: FromPath[str], about: FromPath[str]) -> Response[str]:
    events = caller.read(lambda work: trail(work, stream, about))
    rows = table(f"{stream} {about}", events, ("sequence", "at", "verb", "actor_id", "changes"))
    return render(request, "list.html", title=f"{stream} {about}", tables=[rows])


HANDLERS: list[HTTPRouteHandler] = [
    *(_object_page(noun) for noun in NOUNS),
    *(_list_page(noun) for noun in NOUNS if noun.every),
    *(_verb_form(verb) for verb in VERBS),
    show_trail,
]
