"""Being asked to end: Kubernetes sends SIGTERM, and some time later SIGKILL."""

import signal
from types import FrameType


class Interruption:
    """Whether this rank has been asked to end. The others learn of it with the sums of a step."""

    def __init__(self) -> None:
        """Not yet."""
        self.asked = False

    def listen(self) -> None:
        """Take note of SIGTERM from now on, instead of ending at once."""
        signal.signal(signal.SIGTERM, self._take_note)

    def _take_note(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked = True
