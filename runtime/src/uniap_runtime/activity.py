"""What a rank is doing: the answer to where it hangs, or where its memory ended."""

import threading
import time
from collections.abc import Callable


class Activity:
    """Told of every pass, layer and wait; says after `limit` seconds without news that something hangs."""

    def __init__(self) -> None:
        """At the start of a process."""
        self._doing = "starting"
        self._layer: str | None = None
        self._since = time.monotonic()
        self.layer_index: int | None = None

    def now(self, doing: str) -> None:
        """Something new begins, in no layer yet."""
        self._doing, self._layer, self.layer_index, self._since = doing, None, None, time.monotonic()

    def layer(self, index: int, name: str) -> None:
        """It has come to a layer."""
        self._layer, self.layer_index, self._since = f"layer {index} ({name})", index, time.monotonic()

    def describe(self) -> str:
        """For people: what, and in which layer."""
        return self._doing if self._layer is None else f"{self._doing}, {self._layer}"

    def watch(self, limit: float, hung: Callable[[str], None]) -> None:
        """Call `hung` from a thread of its own once nothing new has begun for `limit` seconds."""

        def watching() -> None:
            while (idle := time.monotonic() - self._since) < limit:
                time.sleep(limit - idle)
            hung(f"nothing has happened for {limit:.0f} s: {self.describe()}")

        threading.Thread(target=watching, name="watchdog", daemon=True).start()
