"""Which page of a list: ``?limit=`` (at most 200) and ``?after=`` (the id that ended the page before)."""

from typing import Annotated
from uuid import UUID

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from market.web.wire import MAX_PAGE, PAGE, Slice
from market.web.work import WebRequest

Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=MAX_PAGE, description="Rows a page", required=False)]
After = Annotated[UUID | None, QueryParameter(name="after", description="The cursor that a page's 'next' holds")]


def provide_slice(request: WebRequest, limit: Limit = PAGE, after: After = None) -> Slice:
    rest = {k: v for k, v in request.query_params.items() if k not in {"limit", "after"}}
    return Slice(request.scope["path"], rest, after, limit)


TheSlice = NamedDependency[Slice]


def drop_unanswered(request: WebRequest) -> None:
    """A form of choices sends ``name=`` for a question left open: then it was not asked."""
    asked = request.scope["query_string"]
    request.scope["query_string"] = b"&".join(part for part in asked.split(b"&") if not part.endswith(b"="))
