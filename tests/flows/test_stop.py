"""Being told to stop: by one signal, by many at once, and by a parent that blocks signals."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_PROGRAM = """
import sys
from market.stop import stopped_by_signals
with stopped_by_signals() as stop:
    print("ready", flush=True)
    while not stop.wait(0.5):
        pass
    print("stopping", flush=True)
    sys.stdin.read()
"""


def _block() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


@contextmanager
def _started(before: Callable[[], None] | None = None) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", _PROGRAM]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, preexec_fn=before) as program:  # noqa: PLW1509
        try:
            assert program.stdout is not None
            assert program.stdout.readline() == "ready\n"
            yield program
        finally:
            program.kill()


def test_a_storm_of_signals_stops_a_process_once() -> None:
    for _ in range(5):
        with _started() as program:
            for _ in range(200):
                program.send_signal(signal.SIGTERM)
            assert program.communicate(timeout=20)[0] == "stopping\n"
            assert program.returncode == 0


def test_a_process_whose_parent_blocks_the_signal_still_hears_it() -> None:
    with _started(_block) as program:
        program.send_signal(signal.SIGTERM)
        assert program.communicate(timeout=20)[0] == "stopping\n"
        assert program.returncode == 0
