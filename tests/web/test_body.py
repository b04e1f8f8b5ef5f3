"""The raw body: what means two things is refused before anybody reads it."""

import json
import time

import pytest

from contracts.kernel.errors import Malformed
from market.web.body import MAX_DEPTH, check_json


def faults(refusal: Malformed) -> list[dict[str, str]]:
    errors = refusal.members["errors"]
    assert isinstance(errors, list)
    return errors


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"a": 1, "a": 2}', "/a"),
        (b'{"lots": [{"b": 1}, {"price": {"amount": "1", "amount": "2"}}]}', "/lots/1/price/amount"),
        (b'{"a": NaN}', "/a"),
        (b'{"a": [1, -Infinity]}', "/a/1"),
        (b'{"a": 1e400}', "/a"),
        (b'{"a": 10000000000000000000}', "/a"),
        (b'{"a": -9007199254740993}', "/a"),
        (b'{"a": "x\\u0000y"}', "/a"),
        (b'{"a": "\\ud800"}', "/a"),
        (b'{"x/y~z": NaN}', "/x~1y~0z"),
    ],
)
def test_what_means_two_things_is_refused_with_a_pointer(body: bytes, pointer: str) -> None:
    with pytest.raises(Malformed) as refusal:
        check_json(body)
    assert [fault["pointer"] for fault in faults(refusal.value)] == [pointer]


DEEP = b'{"a":' * 50 + b"1" + b"}" * 50


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"a": 1}x', b"'a'", b"[" * 1_000_000, DEEP, b"9" * 5000])
def test_what_is_no_json_or_too_deep_is_refused_at_once(body: bytes) -> None:
    began = time.monotonic()
    with pytest.raises(Malformed):
        check_json(body)
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("value", [{"a": 2**53, "b": -(2**53)}, [], {"q": '"[{[{', "é": "қазақша"}, 0.5, None])
def test_plain_json_passes(value: object) -> None:
    check_json(json.dumps(value).encode())


def test_the_depth_limit_is_exact() -> None:
    check_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    with pytest.raises(Malformed):
        check_json(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1))


def test_many_faults_are_told_and_not_all_of_a_flood() -> None:
    with pytest.raises(Malformed) as refusal:
        check_json(b"[" + b",".join([b"NaN"] * 5000) + b"]")
    assert len(faults(refusal.value)) == 20
