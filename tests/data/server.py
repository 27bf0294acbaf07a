"""A server on this machine that misbehaves as asked, and remembers what it was asked for."""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PIECE = 1 << 12


@dataclass
class File:
    """What the server has under a path, and how it serves it.

    Attributes:
        statuses: sent instead of the file, one per request.
        location: address that requests are sent on to, as Hugging Face and GitHub do.
        cuts: bytes after which the connection is closed, one per request.
        stall: as `cuts`, but the server then falls silent for this many seconds.
        pause: seconds between pieces of 4 KiB.
        ranges: whether it can go on in the middle.
    """

    content: bytes
    statuses: list[int] = field(default_factory=list)
    location: str = ""
    cuts: list[int] = field(default_factory=list)
    stall: float = 0
    pause: float = 0
    ranges: bool = True

    @property
    def tag(self) -> str:
        return f'"{hashlib.sha256(self.content).hexdigest()[:12]}"'


class Server:
    """Files by path; `requests` holds the path and Range header of each request, `sent` the bytes of all bodies."""

    def __init__(self, address: str):
        self.address, self.files, self.requests, self.sent = address, {}, [], 0

    def url(self, path: str) -> str:
        return f"{self.address}/{path}"

    def asked(self, path: str) -> list[str | None]:
        return [ranges for asked, ranges in self.requests if asked == path]


@contextmanager
def serving() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            path = self.path.lstrip("/")
            self.server.shown.requests.append((path, self.headers["Range"]))
            file = self.server.shown.files.get(path)
            if file is None or file.statuses:
                self.send_error(file.statuses.pop(0) if file else 404)
                return
            if file.location:
                self.send_response(302)
                self.send_header("Location", file.location)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start = self._start(file)
            if start >= len(file.content) > 0:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(file.content)}")
                self.end_headers()
                return
            self.send_response(206 if start else 200)
            self.send_header("ETag", file.tag)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(file.content) - 1}/{len(file.content)}")
            self.send_header("Content-Length", str(len(file.content) - start))
            self.end_headers()
            self._send(file, file.content[start:])

        def _start(self, file: File) -> int:
            same = self.headers["If-Range"] in (None, file.tag)
            asked = self.headers["Range"] if file.ranges and same else None
            return int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0

        def _send(self, file: File, rest: bytes) -> None:
            end = file.cuts.pop(0) if file.cuts else len(rest)
            for position in range(0, min(end, len(rest)), PIECE):
                piece = rest[position : min(position + PIECE, end)]
                self.server.shown.sent += len(piece)
                try:
                    self.wfile.write(piece)
                except OSError:
                    return
                time.sleep(file.pause)
            if end < len(rest):
                self.wfile.flush()
                time.sleep(file.stall)
            self.close_connection = True

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.shown = Server(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server.shown
        server.shutdown()
