"""The OpenAPI document at ``/schema/openapi.json``, and our own page at ``/schema`` that says the same in tables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Router
from litestar.connection import Request
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from markupsafe import Markup

from market.web.auth import identify_by_cookie
from market.web.language import language_of
from market.web.rendering import environment, page_text
from market.web.wire import Asked

VERSION = "0.1.0"
_LISTING = re.compile(rb"Listing_[a-z_.]*\.([A-Za-z]+)_")  # the name of a generic, as litestar spells it
DESCRIPTION = """Procurement and vouchers for Kazakhstan's state social order.

Money is `{"amount": "1250.00", "currency": "KZT"}`. Every refusal is `application/problem+json` (RFC 9457); its `type`
is an address that explains it. Send `Idempotency-Key` where an operation asks for it: the same key and body again is
answered with the first answer and `Idempotent-Replayed: true`. Lists take `limit` and `after` and name the `next` page.
"""


class OperationsPage(OpenAPIRenderPlugin):
    """HTML of our own: no script, nothing from outside. The operations are the same for everybody and for as long as
    the process lives: they are drawn once a language, and only the frame for who looks."""

    def __init__(self) -> None:
        super().__init__(path="/", favicon="", style="")
        self._drawn: dict[str, Markup] = {}

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        language = language_of(request)
        if language not in self._drawn:
            template = environment(language).get_template("public/api_operations.html")
            self._drawn[language] = Markup(template.render(nouns=_by_noun(openapi_schema)))  # noqa: S704 - our template
        return page_text(request, "public/api.html", operations=self._drawn[language]).encode()


@dataclass(frozen=True, slots=True)
class Field:
    """``kind`` in the document's own words, such as ``string``; ``where``: path, query, header or body."""

    name: str
    where: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    address: str
    summary: str
    about: str
    fields: list[Field]
    answers: list[tuple[str, str]]


def _by_noun(document: dict[str, Any]) -> dict[str, list[Operation]]:
    """Operations by the first word of their address, such as ``/api/vouchers``."""
    schemas = document["components"]["schemas"]
    found: dict[str, list[Operation]] = {}
    for path, item in sorted(document["paths"].items()):
        for method, told in item.items():
            fields = [*(_parameter(one) for one in told.get("parameters", [])), *_body(told, schemas)]
            answers = [(code, answer.get("description", "")) for code, answer in sorted(told["responses"].items())]
            operation = Operation(
                method.upper(), path, told.get("summary", ""), _plain(told.get("description")), fields, answers
            )
            found.setdefault("/".join(path.split("/")[:3]), []).append(operation)
    return found


def _plain(text: str | None) -> str:
    """Without the marks that programmers put around names."""
    return (text or "").replace("``", "")


def _parameter(told: dict[str, Any]) -> Field:
    kind = _kind(told.get("schema", {}))
    return Field(told["name"], told["in"], kind, bool(told.get("required")), _plain(told.get("description")))


def _body(told: dict[str, Any], schemas: dict[str, Any]) -> list[Field]:
    content = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    model = schemas.get(content.get("$ref", "").rpartition("/")[2], {})
    required = model.get("required", [])
    return [
        Field(name, "body", _kind(schema), name in required, _plain(schema.get("description")))
        for name, schema in model.get("properties", {}).items()
    ]


def _kind(schema: dict[str, Any]) -> str:
    named = schema.get("$ref", "").rpartition("/")[2]
    several = [_kind(one) for one in schema.get("oneOf", schema.get("anyOf", []))]
    told = schema.get("type", "")
    kind = named or " | ".join(several) or (" | ".join(told) if isinstance(told, list) else str(told))
    return f"{kind} ({schema['format']})" if "format" in schema else kind


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
        openapi_router=Router(
            "/schema", route_handlers=[], guards=[identify_by_cookie], opt={"public": True}, include_in_schema=False
        ),
    )
