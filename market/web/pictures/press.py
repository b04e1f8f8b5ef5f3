"""The studio's process: ``python -m market.web.pictures.press FD``. Draws and sets type until its line is closed.

A fault of ours ends it with a traceback and status 1, by which the studio knows that trying again would not help.
"""

import signal
import sys
from multiprocessing.connection import Connection

import msgspec

from market.web.pictures.drawing import draw
from market.web.pictures.job import Drawing, Job
from market.web.pictures.printing import Printer

IDLE_SECONDS = 600.0  # then it goes home, and its memory is free for others
MAX_WISH = 4 * 2**20


def work(line: Connection) -> None:
    printer = Printer()
    while line.poll(IDLE_SECONDS):
        try:
            wish = line.recv_bytes(MAX_WISH)
        except EOFError:
            return
        job = msgspec.msgpack.decode(wish, type=Job)
        line.send_bytes(draw(job) if isinstance(job, Drawing) else printer.set(job))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then closes our line
    work(Connection(int(sys.argv[1])))
