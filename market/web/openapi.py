"""The OpenAPI document at ``/schema/openapi.json``, and a plain page that lists its operations at ``/schema``."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from litestar.connection import Request
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from market.web.rendering import page_text
from market.web.wire import Asked

VERSION = "0.1.0"
_LISTING = re.compile(rb"Listing_[a-z_.]*\.([A-Za-z]+)_")  # the name of a generic, as litestar spells it
DESCRIPTION = """Procurement and vouchers for Kazakhstan's state social order.

Money is `{"amount": "1250.00", "currency": "KZT"}`. Every refusal is `application/problem+json` (RFC 9457); its `type`
is an address that explains it. Send `Idempotency-Key` where an operation asks for it: the same key and body again is
answered with the first answer and `Idempotent-Replayed: true`. Lists take `limit` and `after` and name the `next` page.
"""


class OperationsPage(OpenAPIRenderPlugin):
    """HTML of our own: no script, nothing from outside."""

    def __init__(self) -> None:
        super().__init__(path="/", favicon="", style="")

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        operations = [
            (method.upper(), path, operation)
            for path, item in sorted(openapi_schema["paths"].items())
            for method, operation in item.items()
        ]
        page = page_text(request, "operations.html", operations=operations)
        return page.encode()


class Document(JsonRenderPlugin):
    """Litestar's description of a body loses its patterns and that nothing unknown may be in it: pydantic's own
    description of the same class takes its place."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002
        schemas = openapi_schema["components"]["schemas"]
        for model in _bodies(Asked):
            own = model.model_json_schema(ref_template="#/components/schemas/{model}")
            for name, inner in own.pop("$defs", {}).items():
                schemas.setdefault(name, inner)
            schemas[model.__name__] = own
        return _LISTING.sub(rb"\1Listing", msgspec.json.encode(openapi_schema))


def _bodies(kind: type[Asked]) -> Iterator[type[Asked]]:
    for inner in kind.__subclasses__():
        yield inner
        yield from _bodies(inner)


def openapi_config() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Tapsyrys",
        version=VERSION,
        description=DESCRIPTION,
        use_handler_docstrings=True,
        security=[{"bearer": []}],
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(
                    type="http", scheme="bearer", description="An API key, or the token of POST /api/sessions"
                )
            }
        ),
        render_plugins=[OperationsPage(), Document()],
    )
