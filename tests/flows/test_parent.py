"""What ``market run`` started ends when it does, also where nobody could ask it to stop."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from market.migrate import migrate

_PROGRAM = """
import sys
from market.command.up import _supervise
market = [sys.executable, "-m", "market"]
_supervise([[*market, "peer", "--port", "0"], [*market, "serve", "--port", "0"], [*market, "work"]])
"""
READY = ("sandbox payment server ready", "Serving on", "worker ready")
LONG = 120  # seconds; a process that never ends would be waited for in vain
ROOT = Path(__file__).resolve().parents[2]


def _children(program: subprocess.Popen[str]) -> list[int]:
    return [int(one) for one in Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()]


def test_a_parent_that_is_killed_leaves_no_child_behind(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'market.db'}")
    program = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={"PATH": os.environ["PATH"], "MARKET_HOME": str(tmp_path)},
    )  # fmt: skip
    left: list[int] = []
    try:
        assert program.stdout is not None
        waited_for = set(READY)
        while waited_for:
            line = program.stdout.readline()
            assert line, f"it ended before all were ready: {waited_for}"
            waited_for -= {one for one in waited_for if one in line}
        left = _children(program)
        assert len(left) == len(READY)
        program.kill()
        said, _ = program.communicate(timeout=LONG)  # the pipe ends with the last who holds it
        assert "payments sent: 0" in said, "the worker ended in good order"
    finally:
        program.kill()
        for child in left:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
