"""The one-pass tree is the RFC's recursive tree, and a path leads to its root only from its own leaf."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.audit.merkle import leaf_hash, node_hash, path_to, root_from_path, root_of
from contracts.audit.verify_export import Broken, root_by_path, tree_root

leaves = st.lists(st.binary(max_size=40), min_size=1, max_size=130)


def rfc_root(data: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not data:
        return hashlib.sha256(b"").digest()
    if len(data) == 1:
        return hashlib.sha256(b"\x00" + data[0]).digest()
    split = 1 << (len(data) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + rfc_root(data[:split]) + rfc_root(data[split:])).digest()


def rfc_path(place: int, data: list[bytes]) -> list[bytes]:
    """RFC 6962, section 2.1.1."""
    if len(data) == 1:
        return []
    split = 1 << (len(data) - 1).bit_length() - 1
    if place < split:
        return [*rfc_path(place, data[:split]), rfc_root(data[split:])]
    return [*rfc_path(place - split, data[split:]), rfc_root(data[:split])]


@given(st.lists(st.binary(max_size=40), max_size=130))
def test_the_root_is_the_rfc_root(data: list[bytes]) -> None:
    hashes = [leaf_hash(one) for one in data]
    assert root_of(hashes) == rfc_root(data)
    if data:
        assert tree_root(hashes) == rfc_root(data)


def test_known_roots_of_certificate_transparency() -> None:
    data = [bytes.fromhex(one) for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
    assert root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert root_of(map(leaf_hash, data)).hex() == "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"


@given(leaves, st.data())
def test_a_path_leads_from_its_leaf_to_the_root(data: list[bytes], draw: st.DataObject) -> None:
    place = draw.draw(st.integers(0, len(data) - 1))
    hashes = [leaf_hash(one) for one in data]
    path = path_to(hashes, place)
    assert path == rfc_path(place, data)
    assert root_from_path(hashes[place], place, len(data), path) == rfc_root(data)
    assert root_by_path(hashes[place], place, len(data), path) == rfc_root(data)


@given(leaves, st.data())
def test_a_path_leads_from_nowhere_else(data: list[bytes], draw: st.DataObject) -> None:
    place = draw.draw(st.integers(0, len(data) - 1))
    hashes = [leaf_hash(one) for one in data]
    root, path = root_of(hashes), path_to(hashes, place)
    stranger = leaf_hash(b"stranger" * 6)
    assert root_from_path(stranger, place, len(data), path) != root
    assert root_from_path(hashes[place], place, len(data), [*path, stranger]) is None
    if path:
        assert root_from_path(hashes[place], place, len(data), path[:-1]) is None
        changed = [stranger, *path[1:]]
        assert root_from_path(hashes[place], place, len(data), changed) != root
        with pytest.raises(Broken):
            root_by_path(hashes[place], place, len(data), path[:-1])
    assert root_from_path(hashes[place], len(data), len(data), path) is None


def test_a_node_does_not_pass_for_a_leaf() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)
