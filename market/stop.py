"""Being told to stop by a signal.

``threading.Event`` is not for signal handlers: its ``set`` holds a lock, and a second signal that arrives in the middle
of the first one's ``set`` waits for that lock for ever (``make`` passes on a SIGTERM that its whole group has received,
so two at once are usual). ``queue.SimpleQueue`` is documented as reentrant.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from types import FrameType


class Stop:
    """Asked for once or many times, from a signal handler or any thread; it stays asked for."""

    def __init__(self) -> None:
        self._asked = False
        self._wake: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        self._asked = True
        self._wake.put(None)

    def is_set(self) -> bool:
        return self._asked

    def wait(self, seconds: float) -> bool:
        """True as soon as it is asked for, or False after ``seconds``. For one waiting thread."""
        if not self._asked:
            try:
                self._wake.get(timeout=seconds)
            except Empty:
                return self._asked
        return True


@contextmanager
def stopped_by_signals() -> Iterator[Stop]:
    """Set by SIGTERM or Ctrl-C; the former handlers stand again afterwards. Call it from the main thread.

    The signals are unblocked: a process inherits its parent's mask, and one that cannot hear SIGTERM cannot stop.
    """
    stop = Stop()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    former = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    signal.pthread_sigmask(signal.SIG_UNBLOCK, former)
    try:
        yield stop
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
