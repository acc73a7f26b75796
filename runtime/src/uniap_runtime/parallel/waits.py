"""The time that a rank's host spends waiting for other ranks.

On a CPU nothing is computed meanwhile: so waits for collectives are the communication that is exposed, which is what
computation does not hide, and the time that others come later. On a GPU the host goes on, and the device waits.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch.distributed as dist
from torch.distributed import _functional_collectives as functional


class Waits:
    """Seconds waited, for other pipeline stages and in collectives, since the last `take`."""

    def __init__(self) -> None:
        """None yet."""
        self._stages = 0.0
        self._all = 0.0

    def take(self) -> tuple[float, float]:
        """(for other stages, in collectives), which then count from 0 again."""
        taken = self._stages, self._all - self._stages
        self._stages = self._all = 0.0
        return taken

    @contextmanager
    def for_stages(self) -> Iterator[None]:
        """What is waited for within is another stage: the bubble of the schedule, and transfers."""
        before = self._all
        yield
        self._stages += self._all - before

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count what is waited within, at the two places where PyTorch waits: for works, and for a DTensor's values."""
        usual = dist.Work.wait, functional.wait_tensor
        dist.Work.wait = self._timed(usual[0])  # type: ignore[method-assign]
        functional.wait_tensor = self._timed(usual[1])
        try:
            yield
        finally:
            dist.Work.wait, functional.wait_tensor = usual  # type: ignore[method-assign]

    def _timed(self, wait: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            begin = time.perf_counter()
            try:
                return wait(*arguments)
            finally:
                self._all += time.perf_counter() - begin

        return timed
