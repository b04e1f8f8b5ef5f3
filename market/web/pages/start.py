"""The first page: for a visitor what this is, for somebody signed in where to go."""

from typing import Any

from litestar import Response, get

from contracts.kernel.work import Grant
from market.web.pages.nouns import NOUNS
from market.web.rendering import render
from market.web.work import TheCaller, WebRequest

PUBLIC: dict[str, Any] = {"public": True}


@get("/", sync_to_thread=False, opt=PUBLIC)
def start(request: WebRequest, caller: TheCaller) -> Response[str]:
    grants = [_sentence(grant) for grant in caller.actor.grants or ()]
    places = [(noun.many, f"/{noun.path}") for noun in NOUNS if noun.every and (noun.public or caller.actor.id)]
    return render(request, "start.html", grants=grants, lists=places)


def _sentence(grant: Grant) -> str:
    scope = grant.provider_id or grant.recipient_id or grant.territory
    return f"{grant.role} ({scope})" if scope else str(grant.role)


HANDLERS = [start]
