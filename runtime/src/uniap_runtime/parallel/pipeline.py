"""Runs the passes of one step on this rank's chunks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from uniap_runtime.activity import Activity
from uniap_runtime.models.chain import Samples
from uniap_runtime.parallel.chunk import Chunk
from uniap_runtime.parallel.meshes import Meshes
from uniap_runtime.parallel.schedule import Pass, schedule
from uniap_runtime.parallel.transfer import Transfers
from uniap_runtime.parallel.waits import Waits


@dataclass(frozen=True)
class _Kept:
    """What the backward pass of a micro-batch through a chunk needs."""

    activation: Tensor
    output: Tensor


class Pipeline:
    """The chunks of this rank's stage, and its neighbours."""

    def __init__(
        self, meshes: Meshes, chunks: Sequence[Chunk], boundary: Tensor, waits: Waits, activity: Activity
    ) -> None:
        """`boundary` is like an activation at a stage boundary, as one rank holds it."""
        self._plan = meshes.plan
        self._meshes = meshes
        self._stage = meshes.stage
        self._chunks = chunks
        self._activity = activity
        self._nothing = torch.empty(0, dtype=boundary.dtype, device=boundary.device)
        self._activations = Transfers(meshes, 1, boundary, waits)
        self._gradients = Transfers(meshes, -1, boundary, waits)
        self._passes = schedule(meshes.plan, meshes.stage)
        self._last_backward = {p.chunk: p.micro_batch for p in self._passes if p.kind == "backward"}

    def run(self, micro_batch: Callable[[int], Samples], scale: float) -> Tensor:
        """Gradients of `scale` times the loss of all micro-batches; returns that loss of this rank's samples, or 0."""
        kept: dict[tuple[int, int], _Kept] = {}
        losses = [self._nothing.new_zeros((), dtype=torch.float64)]
        for current, following in zip(self._passes, (*self._passes[1:], None), strict=True):
            key = (current.chunk, current.micro_batch)
            if current.kind == "forward":
                chunk = self._chunks[current.chunk]
                samples = micro_batch(current.micro_batch) if chunk.is_first or chunk.is_last else {}
                kept[key] = self._forward(current, following, samples, scale)
                if chunk.is_last:
                    losses.append(kept[key].output.detach().double())
            else:
                self._backward(current, following, kept.pop(key))
        self._activations.finish()
        self._gradients.finish()
        return torch.stack(losses).sum()

    def _forward(self, current: Pass, following: Pass | None, samples: Samples, scale: float) -> _Kept:
        chunk = self._chunks[current.chunk]
        activation = self._nothing
        if not chunk.is_first:
            self._activity.now(f"{describe(current)}, waiting for {self._peer(self._before)}")
            activation = self._activations.receive(self._before).requires_grad_()
        self._activity.now(describe(current))
        self._expect(following)
        output = chunk(activation, samples)
        if chunk.is_last:
            output = output * scale
        else:
            self._activations.send(output.detach(), self._after)
        return _Kept(activation, output)

    def _backward(self, current: Pass, following: Pass | None, kept: _Kept) -> None:
        chunk = self._chunks[current.chunk]
        gradient = None
        if not chunk.is_last:
            self._activity.now(f"{describe(current)}, waiting for {self._peer(self._after)}")
            gradient = self._gradients.receive(self._after)
        self._activity.now(describe(current))
        self._expect(following)
        chunk.before_backward(last=current.micro_batch == self._last_backward[current.chunk])
        torch.autograd.backward(kept.output, gradient)
        if not chunk.is_first:
            assert kept.activation.grad is not None
            self._gradients.send(kept.activation.grad, self._before)

    def _expect(self, following: Pass | None) -> None:
        """Let the input of the next pass arrive while this one computes."""
        if following is None:
            return
        chunk = self._chunks[following.chunk]
        if following.kind == "forward" and not chunk.is_first:
            self._activations.expect(self._before)
        elif following.kind == "backward" and not chunk.is_last:
            self._gradients.expect(self._after)

    def _peer(self, stage: int) -> str:
        return f"rank {self._meshes.rank_at(stage)} of stage {stage}"

    @property
    def _before(self) -> int:
        return (self._stage - 1) % self._plan.stages

    @property
    def _after(self) -> int:
        return (self._stage + 1) % self._plan.stages


def describe(one: Pass) -> str:
    """A pass, for people."""
    return f"{one.kind} pass of micro-batch {one.micro_batch}"
