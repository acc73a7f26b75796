"""Hands over what the ranks have measured: to standard output, to a file, or to whoever asks for it over HTTP."""

import os
import signal
import tempfile
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

from uniap_runtime.profile.settings import ProfileSettings

# Names the file in which the first rank leaves the result for the process that has started it.
RESULT = "UNIAP_PROFILE_RESULT"


class Answer:
    """The result of the ranks of this pod; empty in a pod without the first rank. Its ranks are to start inside."""

    def __init__(self, settings: ProfileSettings) -> None:
        """With a place for the result."""
        self._settings = settings
        self._folder = tempfile.TemporaryDirectory(prefix="uniap-profile-")
        self._path = Path(self._folder.name) / "profile.json"
        self._ready = threading.Event()
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        """Tell ranks where to leave the result, and serve it where that is asked for: not ready yet."""
        os.environ[RESULT] = str(self._path)
        if self._settings.serve:
            self._server = ThreadingHTTPServer(
                (self._settings.address, self._settings.port), _handler(self._path, self._ready)
            )
            threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Serve no longer."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        self._folder.cleanup()

    def hand_over(self) -> int:
        """Hand the result over, if this pod has it; exit code."""
        if not self._path.exists():
            return 0
        if self._server is not None:
            self._serve_until_end()
        elif self._settings.output is not None:
            self._settings.output.write_text(self._path.read_text())
        else:
            print(self._path.read_text())
        return 0

    def _serve_until_end(self) -> None:
        """Serve the result until somebody asks the process to end, or time is over."""
        ended = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: ended.set())
        self._ready.set()
        ended.wait(self._settings.serve_seconds)


def _handler(path: Path, ready: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Serves the file, once it is ready."""

        def do_GET(self) -> None:
            if self.path != "/profile":
                self.send_error(HTTPStatus.NOT_FOUND)
            elif not ready.is_set():
                self.send_error(HTTPStatus.SERVICE_UNAVAILABLE, "not measured yet")
            else:
                body = path.read_bytes()
                self.send_response(HTTPStatus.OK)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Quietly."""

    return Handler
