"""The Merkle tree of RFC 6962: leaves and nodes are hashed with different prefixes, so that neither passes for the
other. Where a level has an odd end, its last node is carried up unchanged; that is the same tree as the RFC's split at
the largest power of two."""

import hashlib
from collections.abc import Iterable, Sequence

_LEAF, _NODE = b"\x00", b"\x01"


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(_LEAF + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()


def root_of(hashes: Iterable[bytes]) -> bytes:
    """The root over leaf hashes, one pass; memory is one hash a level. The empty tree has SHA-256 of nothing."""
    peaks: list[tuple[int, bytes]] = []  # whole subtrees from the left, each higher than the next
    for leaf in hashes:
        height, top = 0, leaf
        while peaks and peaks[-1][0] == height:
            top = node_hash(peaks.pop()[1], top)
            height += 1
        peaks.append((height, top))
    if not peaks:
        return hashlib.sha256(b"").digest()
    _, root = peaks.pop()
    while peaks:
        root = node_hash(peaks.pop()[1], root)
    return root


def path_to(hashes: Sequence[bytes], place: int) -> list[bytes]:
    """What must be hashed together with the leaf at ``place``, from the bottom up, to arrive at the root."""
    assert 0 <= place < len(hashes), "a proof is about a leaf of the tree"
    path, level = [], list(hashes)
    while len(level) > 1:
        if place ^ 1 < len(level):
            path.append(level[place ^ 1])
        pairs = [node_hash(*level[i : i + 2]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[2 * len(pairs) :]
        place //= 2
    return path


def root_from_path(leaf: bytes, place: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root of the tree of ``size`` leaves that has this leaf at ``place``; None where the path cannot be one."""
    if not 0 <= place < size:
        return None
    rest, top = list(reversed(path)), leaf
    while size > 1:
        if place ^ 1 < size:
            if not rest:
                return None
            sibling = rest.pop()
            top = node_hash(sibling, top) if place % 2 else node_hash(top, sibling)
        place, size = place // 2, (size + 1) // 2
    return None if rest else top
