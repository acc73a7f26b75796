"""Sends activations and their gradients between neighbouring pipeline stages."""

from dataclasses import dataclass
from typing import Literal

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed import ProcessGroup

from uniap_runtime.parallel.meshes import Meshes
from uniap_runtime.parallel.waits import Waits


@dataclass(frozen=True)
class _Pending:
    work: dist.Work
    tensor: Tensor


class Transfers:
    """Messages of one direction: activations to the stage after (1), or gradients to the stage before (-1).

    Sends return at once, and each direction between two ranks has a process group of its own, so that stages which send
    to each other do not wait for one another. Messages arrive in the order in which they are sent.
    """

    def __init__(self, meshes: Meshes, direction: Literal[1, -1], like: Tensor, waits: Waits) -> None:
        """All messages have the shape and type of `like`. Every rank makes the same, in the same order."""
        self._meshes = meshes
        self._direction = direction
        self._straight = meshes.pipeline_group()
        # From the last stage to the first, where another chunk begins: with two stages, the same two ranks.
        self._wrapping = meshes.pipeline_group() if meshes.plan.chunks > 1 else None
        self._like = like
        self._waits = waits
        self._sent: list[_Pending] = []
        self._expected: _Pending | None = None

    def send(self, tensor: Tensor, stage: int) -> None:
        """To this rank's counterpart in a stage."""
        self._sent = [sent for sent in self._sent if not sent.work.is_completed()]
        contiguous = tensor.contiguous()
        work = dist.isend(contiguous, self._meshes.rank_at(stage), self._group(self._meshes.stage, stage))
        self._sent.append(_Pending(_started(work), contiguous))

    def expect(self, stage: int) -> None:
        """Begin to receive the next message, while this rank computes."""
        tensor = torch.empty_like(self._like)
        work = dist.irecv(tensor, self._meshes.rank_at(stage), self._group(stage, self._meshes.stage))
        self._expected = _Pending(_started(work), tensor)

    def receive(self, stage: int) -> Tensor:
        """The next message, waited for."""
        if self._expected is None:
            self.expect(stage)
        assert self._expected is not None
        expected, self._expected = self._expected, None
        with self._waits.for_stages():
            expected.work.wait()
        return expected.tensor

    def finish(self) -> None:
        """Wait until all that was sent has left."""
        with self._waits.for_stages():
            for sent in self._sent:
                sent.work.wait()
        self._sent = []

    def _group(self, source: int, target: int) -> ProcessGroup | None:
        return self._straight if target - source == self._direction else self._wrapping


def _started(work: dist.Work | None) -> dist.Work:
    assert work is not None, "this rank is in the group"
    return work
