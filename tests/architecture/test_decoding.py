"""Where threads decode, the types are known before there are threads: msgspec takes a type apart when it first decodes
it, and two threads that do so at once end the process."""

import re

from tests.architecture.test_house import ROOT

LAZY = re.compile(r"msgspec\.(?:json|msgpack)\.decode\([^\n]*type=|msgspec\.convert\(")
ONE_THREAD = {
    "market/web/pictures/press.py",  # a process of its own, that draws one picture after the other
    "matching/fastread.py",  # a command, or a worker process
}


def test_no_type_is_taken_apart_where_threads_are() -> None:
    lazy = {
        str(path.relative_to(ROOT))
        for package in ("contracts", "market", "matching")
        for path in sorted((ROOT / package).rglob("*.py"))
        if LAZY.search(path.read_text())
    }
    assert lazy == ONE_THREAD
