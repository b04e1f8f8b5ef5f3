"""The OpenAPI document at ``/schema/openapi.json``, and a plain page that lists its operations at ``/schema``."""

from typing import Any

from litestar.connection import Request
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from market.web.rendering import environment

VERSION = "0.1.0"
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
        page = (
            environment()
            .get_template("operations.html")
            .render(language="en", path=request.url.path, actor=None, form_token="", operations=operations)
        )
        return page.encode()


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
        render_plugins=[OperationsPage()],
    )
