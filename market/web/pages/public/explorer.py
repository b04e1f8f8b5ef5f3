"""Swagger UI, for whoever wants to try the API in a browser.

It styles itself, so this page has a policy of its own; its scripts and its requests are ours alone, as everywhere.
"""

from typing import Any

from litestar import Response, get

from market.web.rendering import render
from market.web.work import WebRequest

PUBLIC: dict[str, Any] = {"public": True}
CONTENT_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@get("/api-explorer", sync_to_thread=False, opt=PUBLIC)
def show_explorer(request: WebRequest) -> Response[str]:
    return render(request, "public/explorer.html", headers={"Content-Security-Policy": CONTENT_POLICY})


HANDLERS = [show_explorer]
