"""Instances as files: every fault is refused at its place, and what is read is what was written."""

import gzip
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from matching import MalformedInstance, read_instance, write_instance
from matching.fastread import Unusual, fast_columns
from matching.faults import slow_columns
from matching.instance import Instance
from matching.reading import parse_instance
from matching.writing import instance_document, instance_sha256
from tests.matching.instances import FORMAT, document, request, rows


def good() -> dict[str, Any]:
    return {
        "slots": [{"id": "s1", "capacity": 40}, {"id": "s2", "capacity": 0, "provider": "Warm Home"}],
        "budgets": [{"id": "b1", "limit": 900}],
        "requests": [
            request("r1", 0, {"s1": 120, "s2": 340}, priority=3, group="g"),
            request("r2", 15, {}, size=10**6),
            {
                "id": "r3",
                "tier": 1,
                "size": 2,
                "candidates": [{"slot": "s2", "cost": 10**12, "rank": 2, "spend": {"b1": 5}}],
            },
        ],
    }


def columns() -> dict[str, Any]:
    return {
        "slots": [{"id": "s1", "capacity": 40}, {"id": "s2", "capacity": 0}],
        "requests": {"id": ["r1", "r2"], "tier": [0, 3], "size": [1, 1], "first_arc": [0, 2]},
        "arcs": {"slot": [1, 0, 0], "cost": [5, 6, 7]},
    }


def changed(top: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    """The document with one value replaced (`...`: removed)."""
    copy: Any = json.loads(json.dumps(top))
    *path, last = pointer.strip("/").split("/")
    place = copy
    for key in path:
        place = place[int(key) if isinstance(place, list) else key]
    if value is ...:
        del place[last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return copy  # type: ignore[no-any-return]


FAULTS = [
    ("/slots/0/capacity", 1.0, "/slots/0/capacity"),
    ("/slots/0/capacity", True, "/slots/0/capacity"),
    ("/slots/0/capacity", -1, "/slots/0/capacity"),
    ("/slots/0/capacity", 10**19, "/slots/0/capacity"),
    ("/slots/0/capacity", "4", "/slots/0/capacity"),
    ("/slots/0/capacity", None, "/slots/0/capacity"),
    ("/slots/0/capacity", ..., "/slots/0/capacity"),
    ("/slots/0/id", "", "/slots/0/id"),
    ("/slots/0/id", 7, "/slots/0/id"),
    ("/slots/1/id", "s1", "/slots/1/id"),
    ("/slots/1/colour", "red", "/slots/1/colour"),
    ("/slots/0", [], "/slots/0"),
    ("/slots", {}, "/slots/id"),
    ("/budgets/0/limit", -4, "/budgets/0/limit"),
    ("/budgets", "none", "/budgets"),
    ("/requests/0/tier", 16, "/requests/0/tier"),
    ("/requests/0/tier", ..., "/requests/0/tier"),
    ("/requests/1/size", 0, "/requests/1/size"),
    ("/requests/1/size", 10**6 + 1, "/requests/1/size"),
    ("/requests/2/id", "r1", "/requests/2/id"),
    ("/requests/0/priority", -1, "/requests/0/priority"),
    ("/requests/0/group", "", "/requests/0/group"),
    ("/requests/0/candidates", {}, "/requests/0/candidates"),
    ("/requests/0/candidates/1/slot", "s9", "/requests/0/candidates/1/slot"),
    ("/requests/0/candidates/1/slot", "s1", "/requests/0/candidates/1/slot"),
    ("/requests/0/candidates/0/cost", 10**12 + 1, "/requests/0/candidates/0/cost"),
    ("/requests/0/candidates/0/cost", 1e3, "/requests/0/candidates/0/cost"),
    ("/requests/0/candidates/0/cost", float("nan"), "/requests/0/candidates/0/cost"),
    ("/requests/0/candidates/0/cost", float("inf"), "/requests/0/candidates/0/cost"),
    ("/requests/0/candidates/0/cost", "5000 digits", "/requests/0/candidates/0/cost"),
    ("/requests/2/candidates/0/rank", 0, "/requests/2/candidates/0/rank"),
    ("/requests/2/candidates/0/spend", {"b/2~": 5}, "/requests/2/candidates/0/spend/b~12~0"),
    ("/requests/2/candidates/0/spend", {"b1": -5}, "/requests/2/candidates/0/spend/b1"),
    ("/format", "tapsyrys-instance/2", "/format"),
    ("/format", ..., "/format"),
    ("/objective", "maximise", "/objective"),
    ("/serve", "some", "/serve"),
    ("/serve", None, "/serve"),
    ("/arcs", {"slot": [], "cost": []}, "/arcs"),
    ("/requests", ..., "/requests"),
    ("/comment", "hello", "/comment"),
]

COLUMN_FAULTS = [
    ("/requests/tier/1", 1.5, "/requests/tier/1"),
    ("/requests/tier", [0], "/requests/tier"),
    ("/requests/id/1", "r1", "/requests/id/1"),
    ("/requests/size/0", 0, "/requests/size/0"),
    ("/requests/first_arc", [0], "/requests/first_arc"),
    ("/requests/first_arc", [1, 2], "/requests/first_arc/0"),
    ("/requests/first_arc", [0, 4], "/requests/first_arc/1"),
    ("/requests/first_arc", [0, 2, 1], "/requests/first_arc/2"),
    ("/arcs/slot/2", 2, "/arcs/slot/2"),
    ("/arcs/slot/1", 1, "/arcs/slot/1"),
    ("/arcs/slot/1", -1, "/arcs/slot/1"),
    ("/arcs/slot/1", True, "/arcs/slot/1"),
    ("/arcs/slot/1", [0], "/arcs/slot/1"),
    ("/arcs/cost/2", 10**12 + 1, "/arcs/cost/2"),
    ("/arcs/cost/2", 10**19, "/arcs/cost/2"),
    ("/arcs/cost/2", None, "/arcs/cost/2"),
    ("/arcs/cost", [5, 6], "/arcs/cost"),
    ("/arcs/rank", [1], "/arcs/rank"),
    ("/arcs/spend", {"b1": [1, 2, 3]}, "/arcs/spend/b1"),
    ("/arcs", ..., "/arcs"),
]


def refusal(raw: bytes) -> str:
    with pytest.raises(MalformedInstance) as fault:
        parse_instance(raw)
    assert fault.value.code == "malformed-instance"
    return fault.value.pointer


@pytest.mark.parametrize(("place", "value", "pointer"), FAULTS)
def test_a_fault_in_rows_is_refused_at_its_place(place: str, value: object, pointer: str) -> None:
    parse_instance(document(**good()))
    text = json.dumps(changed({**FORMAT, **good()}, place, value))
    assert refusal(text.replace('"5000 digits"', "1" * 5000).encode()) == pointer


@pytest.mark.parametrize(("place", "value", "pointer"), COLUMN_FAULTS)
def test_a_fault_in_columns_is_refused_at_its_place(place: str, value: object, pointer: str) -> None:
    parse_instance(document(**columns()))
    assert refusal(json.dumps(changed({**FORMAT, **columns()}, place, value)).encode()) == pointer


@pytest.mark.parametrize("spaces", ["", " ", "\n\t"])
def test_a_repeated_key_is_refused_wherever_it_stands(spaces: str) -> None:
    for once, twice, pointer in [
        ('"capacity": 40', f'"capacity": 40, "capacity"{spaces}: 41', "/slots/0/capacity"),
        ('"objective"', f'"objective"{spaces}: "minimise", "objective"', "/objective"),
        ('"cost": 340', f'"cost": 1, "cost"{spaces}: 340', "/requests/0/candidates/1/cost"),
        ('"b1": 5', f'"b1": 5, "b1"{spaces}: 5', "/requests/2/candidates/0/spend/b1"),
        ('"capacity": 40', f'"capacity": 40, "c\\u0061pacity"{spaces}: 40', "/slots/0/capacity"),
    ]:
        text = document(**good()).decode()
        assert text.count(once) == 1
        assert refusal(text.replace(once, twice).encode()) == pointer


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        document(**good())[:-1],
        document(**good()) + b"{}",
        document(**good()).decode().encode("utf-16"),
        document(**good()).replace(b"s1", b"s\xff"),
        b"[" * 200_000,
        b"\xef\xbb\xbf" + document(**good()),
    ],
)
def test_what_is_no_json_object_in_utf8_is_refused_as_a_whole(raw: bytes) -> None:
    assert refusal(raw) == ""


def test_half_a_surrogate_pair_is_no_id() -> None:
    assert refusal(document(**good()).replace(b'"s1"', b'"\\ud800"', 1)) == "/slots/0/id"


def test_the_first_of_two_faults_is_named() -> None:
    top = changed(changed(good(), "/requests/2/size", 0), "/requests/0/candidates/0/cost", -1)
    assert refusal(document(**top)) == "/requests/0/candidates/0/cost"


def same(left: Instance, right: Instance) -> None:
    for name, value in vars(left).items():
        if name in {"source_sha256", "owners", "fitting", "servable"}:
            continue
        other = getattr(right, name)
        assert np.array_equal(value, other) if isinstance(value, np.ndarray) else value == other, name


@settings(deadline=None, max_examples=100)
@given(rows(coupled=True, ranked=True, serve=True))
def test_rows_columns_and_both_readers_say_the_same(top: dict[str, Any]) -> None:
    instance = parse_instance(document(**top))
    same(instance, slow_columns(document(**top)).instance(None))
    for columnar in (True, False):
        written = instance_document(instance, columnar=columnar)
        same(instance, fast_columns(written).instance(None))
        same(instance, slow_columns(written).instance(None))


def test_the_fast_reader_leaves_alone_what_it_cannot_count() -> None:
    strange = changed(good(), "/slots/1/provider", ':"\\')
    with pytest.raises(Unusual):
        fast_columns(document(**strange))
    assert parse_instance(document(**strange)).provider_ids == (':"\\',)
    colon = changed(good(), "/slots/1/provider", ":")
    assert parse_instance(document(**colon)).provider_ids == (":",)


def test_a_gzipped_file_is_the_same_instance_and_a_torn_one_is_refused(tmp_path: Path) -> None:
    plain, packed, torn = tmp_path / "i.json", tmp_path / "i.json.gz", tmp_path / "torn.gz"
    instance = parse_instance(document(**good()))
    write_instance(instance, plain)
    write_instance(instance, packed)
    same(read_instance(packed), read_instance(plain))
    assert read_instance(packed).source_sha256 == read_instance(plain).source_sha256
    torn.write_bytes(packed.read_bytes()[:-9])
    with pytest.raises(MalformedInstance, match="gzip"):
        read_instance(torn)
    torn.write_bytes(gzip.compress(b"\xff"))
    with pytest.raises(MalformedInstance, match="UTF-8"):
        read_instance(torn)


def test_the_hash_is_that_of_the_bytes_read_or_to_be_written() -> None:
    instance = parse_instance(instance_document(parse_instance(document(**columns()))))
    assert instance_sha256(instance) == instance_sha256(fast_columns(instance_document(instance)).instance(None))


def test_a_million_arcs_are_read_in_place() -> None:
    arcs, requests = 1_000_000, 50_000
    rng = np.random.default_rng(1)
    first_arc = np.linspace(0, arcs, requests + 1).astype(np.int64)
    slot = (np.arange(arcs) + np.repeat(rng.integers(0, 5000, requests), np.diff(first_arc))) % 5000
    top = {
        "slots": [{"id": f"s{at}", "capacity": 9} for at in range(5000)],
        "requests": {
            "id": [f"r{at}" for at in range(requests)],
            "tier": [0] * requests,
            "size": [1] * requests,
            "first_arc": first_arc.tolist(),
        },
        "arcs": {"slot": slot.tolist(), "cost": rng.integers(0, 10**6, arcs).tolist()},
    }
    raw = document(**top)
    started = time.monotonic()
    instance = fast_columns(raw).instance(None)
    assert time.monotonic() - started < 5
    assert instance.arc_cost.tolist() == top["arcs"]["cost"]
    assert instance.arc_slot.tolist() == top["arcs"]["slot"]
