"""The sandbox's own time, so that a day (an idempotency key's life) need not be waited for."""

import time


class Clock:
    """Unix seconds as a float: the machine's clock plus an offset that only grows."""

    def __init__(self, offset: float = 0.0) -> None:
        self._offset = offset

    def now(self) -> float:
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        assert seconds >= 0, "the sandbox's time does not run backwards"
        self._offset += seconds
