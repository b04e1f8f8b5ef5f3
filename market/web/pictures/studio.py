"""The studio: charts and documents are made in one process beside the web, so that the web never loads what draws.

The process is started on the first wish and again when it has died; it ends by itself when nobody has wished for
anything in a while. One thing is made at a time; few may wait, and none for long.
"""

import hashlib
import subprocess
import sys
import threading
from collections import OrderedDict
from multiprocessing.connection import Connection
from pathlib import Path
from socket import socketpair

import msgspec

from contracts.kernel.errors import Unavailable
from market.web.pictures.job import Drawing, Job

ROOT = Path(__file__).resolve().parents[3]
PRESS = "market.web.pictures.press"
MAX_WAITING = 24  # a page has a few pictures: so many readers open pages at once, the next ones are told to come back
LIMIT_SECONDS = 20.0  # for one wish, the start of the process included; a warm one takes a twentieth of a second
MAX_ANSWER = 32 * 2**20  # bytes: an act with thousands of lines has a fifth of that
KEPT_BYTES = 16 * 2**20  # of charts: about five hundred
GRACE_SECONDS = 1.0
OUR_FAULT = 1  # how Python ends on an error that nobody caught


class PicturesBusy(Unavailable):
    """Too many pictures are being made, or this one took too long."""

    code = "pictures-busy"
    title = "The picture or document could not be made just now: try again in a minute"


class PressFault(Exception):
    """The press could not make what we asked for: our own mistake."""


class Studio:
    """For all threads of one web server. ``make`` blocks: call it where waiting is allowed. ``key`` signs addresses of
    charts."""

    def __init__(self, key: bytes) -> None:
        self.key = key
        self._turn = threading.Lock()
        self._seats = threading.BoundedSemaphore(MAX_WAITING)
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._press: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None
        self._closed = False

    def make(self, job: Job) -> bytes:
        """An SVG or a PDF. Charts are kept and answered again; documents are not: they are about people.

        Raises PicturesBusy.
        """
        wish = msgspec.msgpack.encode(job)
        key = hashlib.sha256(wish).digest()
        found = self._kept.get(key)
        if found is not None:
            return found
        if not self._seats.acquire(blocking=False):
            raise PicturesBusy
        try:
            return self._in_turn(key, wish, keep=isinstance(job, Drawing))
        finally:
            self._seats.release()

    def close(self) -> None:
        with self._turn:
            self._closed = True
            self._dismiss()

    def _in_turn(self, key: bytes, wish: bytes, *, keep: bool) -> bytes:
        if not self._turn.acquire(timeout=LIMIT_SECONDS):
            raise PicturesBusy
        try:
            found = self._kept.get(key)  # somebody before us in the queue may have wished for the same
            if found is not None:
                return found
            made = self._ask(wish)
            if keep:
                self._keep(key, made)
            return made
        finally:
            self._turn.release()

    def _ask(self, wish: bytes) -> bytes:
        """A press that was killed or has gone home is replaced, once."""
        for last in (False, True):
            try:
                return self._answer(wish)
            except (EOFError, OSError):
                if self._dismiss() == OUR_FAULT:
                    raise PressFault("the press ended with an error; see its traceback") from None
                if last:
                    raise PicturesBusy from None
        raise AssertionError("the last try returns or raises")

    def _answer(self, wish: bytes) -> bytes:
        line = self._line or self._hire()
        line.send_bytes(wish)
        if not line.poll(LIMIT_SECONDS):
            self._dismiss()
            raise PicturesBusy
        return line.recv_bytes(MAX_ANSWER)

    def _hire(self) -> Connection:
        if self._closed:
            raise PicturesBusy
        ours, theirs = socketpair()
        with theirs:
            command = [sys.executable, "-m", PRESS, str(theirs.fileno())]
            self._press = subprocess.Popen(  # noqa: S603 - our own
                command, cwd=ROOT, stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),)
            )
        self._line = Connection(ours.detach())
        return self._line

    def _dismiss(self) -> int | None:
        """How the press ended. It goes home by itself when its line is closed, unless it is in the middle of work."""
        if self._line is not None:
            self._line.close()
        press, self._press, self._line = self._press, None, None
        if press is None:
            return None
        try:
            return press.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            press.kill()
            return press.wait()

    def _keep(self, key: bytes, made: bytes) -> None:
        self._kept[key] = made
        while sum(map(len, self._kept.values())) > KEPT_BYTES:
            self._kept.popitem(last=False)
