"""Parameters: URL-encoded forms with brackets (`metadata[act]=7`, `types[]=payout.paid`), then checked.

A `Fields` table says which parameters an endpoint knows and reads each from its string; the rest is refused.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from market.peer.errors import ApiError

Raw = str | dict[str, Any]  # a string, or parameters by name; a list is {"0": ..., "1": ...}
Reader = Callable[[str, Raw], Any]

MAX_PARAMETERS = 1000
MAX_DEPTH = 8
MAX_TEXT = 5000
MAX_AMOUNT = 999_999_999_999  # twelve digits, the longest amount Stripe takes
MAX_METADATA = (50, 40, 500)  # pairs, letters of a name, letters of a value
CURRENCIES = ("eur", "kzt", "usd")  # all of two decimals


@dataclass(frozen=True)
class Field:
    read: Reader
    required: bool = False


Fields = dict[str, Field]


def parse(encoded: str) -> dict[str, Any]:
    """`a[b]=1&c[]=2` -> `{"a": {"b": "1"}, "c": {"0": "2"}}`. The later of two equal names wins, as at Stripe."""
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, strict_parsing=bool(encoded), max_num_fields=MAX_PARAMETERS)
    except ValueError as error:
        raise ApiError(400, f"Invalid request body: {error}.") from error
    parameters: dict[str, Any] = {}
    for name, value in pairs:
        _place(parameters, name, value)
    return parameters


def _place(parameters: dict[str, Any], name: str, value: str) -> None:
    head, brackets, tail = name.partition("[")
    path = [head, *(tail.removesuffix("]").split("][") if brackets else [])]
    if len(path) > MAX_DEPTH or (brackets and not name.endswith("]")):
        raise ApiError(400, f"Invalid parameter name: {name}", code="parameter_unknown", param=name)
    node = parameters
    for step in path[:-1]:
        inner = node.setdefault(step, {})
        if not isinstance(inner, dict):
            raise ApiError(400, f"Invalid hash: {name}", code="parameter_invalid_string_blank", param=name)
        node = inner
    node[path[-1] or str(len(node))] = value


def check(fields: Fields, raw: Mapping[str, Raw], inside: str = "") -> dict[str, Any]:
    """The parameters as values; a refusal names the first that is unknown, missing or malformed."""

    def full(name: str) -> str:
        return f"{inside}[{name}]" if inside else name

    for name in raw:
        if name not in fields:
            raise ApiError(400, f"Received unknown parameter: {full(name)}", code="parameter_unknown", param=full(name))
    for name, field in fields.items():
        if field.required and name not in raw:
            raise ApiError(400, f"Missing required param: {full(name)}.", code="parameter_missing", param=full(name))
    return {name: fields[name].read(full(name), value) for name, value in raw.items()}


def text(limit: int = MAX_TEXT, pattern: str = "") -> Reader:
    def read(param: str, value: Raw) -> str:
        if not isinstance(value, str):
            raise ApiError(400, f"Invalid string: {value}", param=param)
        if not value:
            raise ApiError(
                400,
                f"You passed an empty string for '{param}', which would unset it; it cannot be unset.",
                code="parameter_invalid_empty",
                param=param,
            )
        if len(value) > limit or not re.fullmatch(pattern or ".*", value, re.DOTALL):
            raise ApiError(400, f"Invalid {param}: at most {limit} characters are taken", param=param)
        return value

    return read


def integer(minimum: int, maximum: int = MAX_AMOUNT) -> Reader:
    def read(param: str, value: Raw) -> int:
        if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]{1,18}", value, re.ASCII):
            raise ApiError(400, f"Invalid integer: {value}", code="parameter_invalid_integer", param=param)
        number = int(value)
        if number < minimum:
            raise ApiError(
                400,
                f"This value must be greater than or equal to {minimum}.",
                code="parameter_invalid_integer",
                param=param,
            )
        if number > maximum:
            raise ApiError(400, f"{param} must be no more than {maximum}", code="amount_too_large", param=param)
        return number

    return read


def boolean(param: str, value: Raw) -> bool:
    if value not in ("true", "false"):
        raise ApiError(400, f"Invalid boolean: {value}", param=param)
    return value == "true"


def choice(*options: str) -> Reader:
    def read(param: str, value: Raw) -> str:
        if value not in options:
            raise ApiError(400, f"Invalid {param}: must be one of {', '.join(options)}", param=param)
        return str(value)

    return read


def currency(param: str, value: Raw) -> str:
    known = str(value).lower()
    if known not in CURRENCIES:
        raise ApiError(400, f"Invalid currency: {known}. This sandbox keeps {', '.join(CURRENCIES)}.", param=param)
    return known


def group(fields: Fields) -> Reader:
    def read(param: str, value: Raw) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ApiError(400, f"Invalid hash: {param}", param=param)
        return check(fields, value, param)

    return read


def many(item: Reader) -> Reader:
    def read(param: str, value: Raw) -> list[Any]:
        if not isinstance(value, dict):
            raise ApiError(400, "Invalid array", param=param)
        return [item(f"{param}[{index}]", inner) for index, inner in value.items()]

    return read


def either(plain: Reader, fields: Fields) -> Reader:
    """A plain value, or a hash of fields."""
    inner = group(fields)
    return lambda param, value: inner(param, value) if isinstance(value, dict) else plain(param, value)


def metadata(param: str, value: Raw) -> dict[str, str] | None:
    """Names to strings, an empty one unsets its name; None (an empty string for the whole) unsets them all."""
    if value == "":
        return None
    pairs, longest_name, longest_value = MAX_METADATA
    if not isinstance(value, dict) or len(value) > pairs:
        raise ApiError(400, f"Metadata is a hash of at most {pairs} pairs", param=param)
    for name, inner in value.items():
        if not isinstance(inner, str) or len(name) > longest_name or len(inner) > longest_value:
            raise ApiError(
                400,
                f"Metadata names are at most {longest_name} characters, values strings of at most {longest_value}",
                param=f"{param}[{name}]",
            )
    return dict(value)


def merged(old: dict[str, str], new: dict[str, str] | None) -> dict[str, str]:
    return {} if new is None else {name: value for name, value in (old | new).items() if value}


ANY = Field(text())
METADATA = Field(metadata)
AMOUNT = Field(integer(1))
# an instant, or a range of instants
RANGE = Field(either(integer(0), {name: Field(integer(0)) for name in ("gt", "gte", "lt", "lte")}))
