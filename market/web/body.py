"""The raw body is read once by us before any parser that forgives: what means two things is refused, with a pointer.

JSON parsers keep the last of two equal keys, turn big integers into other numbers, and take NaN; money and capacity
may not depend on which parser reads them (RFC 8259, section 4 and 6, leaves all of this open).
"""

import json
import math
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from contracts.kernel.errors import Malformed
from market.web.work import WebRequest

MAX_BODY = 1024 * 1024  # bytes: a month of visits in one request is a tenth of it
MAX_DEPTH = 32  # no model of ours is deeper than six; a parser's stack ends somewhere
MAX_INTEGER = 2**53  # beyond it a reader that uses floats sees another number
MAX_ERRORS = 20
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class BodyTooLarge(Malformed):
    code = "body-too-large"
    title = "The request body is too large"


class UnknownMediaType(Malformed):
    code = "unknown-media-type"
    title = "The request body must be application/json"


class _Pairs(list[tuple[str, object]]):
    """An object as it was written, equal keys and all."""


async def guard_request(request: WebRequest) -> None:
    """Before anything of the request is parsed."""
    if b"\0" in unquote_to_bytes(request.scope["raw_path"]) or b"%00" in request.scope["query_string"]:
        raise Malformed("An address holds no zero byte")
    if request.route_handler.opt.get("file"):  # whoever takes a file reads it as a stream, with limits of its own
        return
    body = await request.body()
    if not body:
        return
    if request.content_type[0] not in {"application/json", ""}:
        raise UnknownMediaType(f"The body must be application/json, not {request.content_type[0][:80]}")
    check_json(body)


def check_json(body: bytes) -> None:
    """Raises Malformed with a pointer for each: two equal keys, NaN or infinity, an integer beyond 2^53, a zero
    character or half a surrogate pair; and for what is too deep, not UTF-8 or no JSON at all."""
    _check_depth(body)
    try:
        tree = json.loads(body.decode(), object_pairs_hook=_Pairs)
    except UnicodeDecodeError:
        raise Malformed("The body is not UTF-8") from None
    except ValueError as error:
        raise Malformed(f"The body is not JSON: {error}") from None
    faults = [{"pointer": pointer, "message": message} for pointer, message in _faults(tree, "")]
    if faults:
        raise Malformed(faults[0]["message"], errors=faults[:MAX_ERRORS])


def _check_depth(body: bytes) -> None:
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub(b"", body)):
        depth += 1 if bracket.group() in b"[{" else -1
        if depth > MAX_DEPTH:
            raise Malformed(f"The body is nested more than {MAX_DEPTH} deep")


def _faults(value: object, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, _Pairs):
        seen = set()
        for key, inner in value:
            here = f"{pointer}/{escape(key)}"
            if key in seen:
                yield here, "This key stands twice in one object"
            seen.add(key)
            yield from _text_faults(key, here)
            yield from _faults(inner, here)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _faults(inner, f"{pointer}/{index}")
    elif isinstance(value, str):
        yield from _text_faults(value, pointer)
    elif isinstance(value, float) and not math.isfinite(value):
        yield pointer, "This is not a number"
    elif isinstance(value, int) and abs(value) > MAX_INTEGER:
        yield pointer, "An integer may not exceed 2^53"


def _text_faults(text: str, pointer: str) -> Iterator[tuple[str, str]]:
    if "\0" in text or _SURROGATE.search(text):
        yield pointer, "This text holds a character that cannot be stored"


def escape(key: str) -> str:
    """A key as a JSON pointer token (RFC 6901), fit to be sent back."""
    return _SURROGATE.sub("?", key)[:120].replace("~", "~0").replace("/", "~1")
