"""How much memory a piece of work took at its worst, and how long it worked, worker processes included."""

import ctypes
import resource
import sys
import threading
from pathlib import Path
from typing import Self

EVERY = 0.1  # seconds between two looks: a process that lives shorter than that holds little
MIB = 2**20


class Peak:
    """``with Peak() as peak: ...; peak.mib``. Looks now and then at this process and its children and keeps the
    largest sum; of this process alone also what fell between two looks, where the system can forget what was before.
    (What the system keeps of dead children starts with what their parent held when it made them.)"""

    def __init__(self) -> None:
        self.bytes = 0
        self._forgotten = False
        self._done = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="memory", daemon=True)

    @property
    def mib(self) -> int:
        return self.bytes // MIB

    def __enter__(self) -> Self:
        self._forgotten = _forget_worst()
        self._watcher.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self._done.set()
        self._watcher.join()
        self._look()
        if self._forgotten:
            self.bytes = max(self.bytes, _held_at_worst())

    def _watch(self) -> None:
        while not self._done.wait(EVERY):
            self._look()

    def _look(self) -> None:
        self.bytes = max(self.bytes, _held("self") + sum(_held(child) for child in _children()))


def give_back() -> None:
    """What was freed goes back to the system now: what a phase of a round leaves behind in small pieces is a third of
    all it holds. Only where the C library knows how."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def cpu_seconds() -> float:
    """Of this process and of its children that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def _children() -> list[str]:
    """Process numbers; those of the pools are asked of the system, because asking them would also bury their dead."""
    found: list[str] = []
    for task in Path("/proc/self/task").glob("*/children"):
        try:
            found += task.read_text(encoding="ascii").split()
        except OSError:  # that thread is gone
            continue
    return found


def _held(process: str) -> int:
    """Resident bytes now; 0 where the process is gone or the system has no such file."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()


def _forget_worst() -> bool:
    """From now on the system's own mark of this process starts anew: see "5" in proc_pid_clear_refs(5). Elsewhere the
    mark is of the process's whole life, and true only of a process that began with the work."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return sys.platform != "linux"
    return True


def _held_at_worst() -> int:
    """By this process alone. What the system says of resources used knows on Linux what the program held that was
    there before this one, too: a child's parent, at the moment it was made."""
    status = Path("/proc/self/status")
    if status.exists():
        marks = [line.split()[1] for line in status.read_text(encoding="ascii").splitlines() if line[:6] == "VmHWM:"]
        return max(map(int, marks), default=0) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # in bytes on one system, in KiB on the others
    return most * (1 if sys.platform == "darwin" else 1024)
