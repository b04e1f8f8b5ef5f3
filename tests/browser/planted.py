"""Pages with faults, written by hand and served for real: what the judges must find."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.browser.installation import free_port

Pages = Mapping[str, tuple[str, bytes]]  # by path: media type and content; whatever else is asked for is not there

NOT_HERE = b"<!DOCTYPE html><main><h1>There is no such page</h1></main>"


@contextmanager
def served(pages: Pages) -> Iterator[str]:
    """The address of a server of these pages."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, content = pages.get(self.path, ("text/html", NOT_HERE))
            self.send_response(200 if self.path in pages else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_said: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
