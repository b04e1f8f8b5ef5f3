"""A post office that nobody would send a cheque through: it loses, doubles and reorders the server's messages."""

import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LOST, DOUBLED = 0.3, 0.3
LONGEST_DELAY = 0.4  # seconds: later messages overtake earlier ones
MOST_WAITING = 200  # letters that nobody has taken yet: more are lost


class PostOffice:
    """Letters end as files in ``folder``: the signature, then the body. ``delivered`` counts them, ``doubled`` how many
    of those came twice."""

    def __init__(self, folder: Path, seed: int = 1) -> None:
        self.delivered = self.doubled = self.lost = 0
        self._folder, self._dice = folder, random.Random(seed)
        self._waiting: list[tuple[float, bytes, str]] = []
        self._untaken = 0
        self._lock, self._over = threading.Lock(), threading.Event()
        office = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                office._take(body, self.headers["Stripe-Signature"])
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks"
        self._threads = [
            threading.Thread(target=self._server.serve_forever, args=[0.05]),
            threading.Thread(target=self._deliver),
        ]
        for thread in self._threads:
            thread.start()

    def _take(self, body: bytes, signature: str) -> None:
        with self._lock:
            if self._dice.random() < LOST or len(self._waiting) + self._untaken > MOST_WAITING:
                self.lost += 1
                return
            times = 1 + (self._dice.random() < DOUBLED)
            self.doubled += times - 1
            for _ in range(times):
                self._waiting.append((time.monotonic() + self._dice.random() * LONGEST_DELAY, body, signature))

    def _deliver(self) -> None:
        while not self._over.wait(0.05):
            now = time.monotonic()
            self._untaken = sum(1 for _ in self._folder.glob("*.letter"))
            with self._lock:
                due = [letter for letter in self._waiting if letter[0] <= now]
                self._waiting = [letter for letter in self._waiting if letter[0] > now]
            self._dice.shuffle(due)
            for _, body, signature in due:
                self._hand_over(body, signature)

    def _hand_over(self, body: bytes, signature: str) -> None:
        self.delivered += 1
        partial = self._folder / f"{self.delivered}.part"
        partial.write_bytes(signature.encode() + b"\n" + body)
        partial.rename(self._folder / f"{self.delivered}.letter")

    def close(self) -> None:
        self._over.set()
        self._server.shutdown()
        for thread in self._threads:
            thread.join()
        self._server.server_close()
