"""A process that another started for its own sake ends when that one does, however it ended.

It holds one end of a pipe whose other end only its parent has. Nothing is ever written: when the parent is gone (also
by ``kill -9``, which nobody can answer) the system closes its end, and the child asks itself to stop.
"""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread, main_thread

OPTION = "--parent"  # the number of a child's end of the pipe, after its command


@contextmanager
def children(commands: Sequence[Sequence[str]]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Started in sessions of their own, so that only the parent is asked to stop from a keyboard."""
    theirs, ours = os.pipe()
    words = [[*command, OPTION, str(theirs)] for command in commands]
    try:
        yield [subprocess.Popen(one, start_new_session=True, pass_fds=[theirs]) for one in words]  # noqa: S603 - our own
    finally:
        os.close(theirs)
        os.close(ours)


def end_with_parent(end: int) -> None:
    """In the child: from now on it is asked to stop once its parent is gone."""
    Thread(target=_wait_for_end, args=(end,), name="parent", daemon=True).start()


def _wait_for_end(end: int) -> None:
    os.read(end, 1)
    signal.pthread_kill(main_thread().ident or 0, signal.SIGTERM)  # the main thread wakes and handles it
