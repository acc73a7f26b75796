"""One training step under a plan, on this rank."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import nn

from uniap_runtime.activity import Activity
from uniap_runtime.job import Job
from uniap_runtime.loss_scale import first_scale, next_scale
from uniap_runtime.models.chain import Samples
from uniap_runtime.optimizer import OptimizerSettings, build_optimizer, learning_rate
from uniap_runtime.parallel.chunk import build_chunk
from uniap_runtime.parallel.gradient_norm import clipping_factor, scale_gradients, share_of_square
from uniap_runtime.parallel.meshes import Meshes
from uniap_runtime.parallel.pipeline import Pipeline
from uniap_runtime.parallel.tied import Ties, ties

# Reads samples by their index in the order of training.
Reader = Callable[[range], Samples]


@dataclass(frozen=True)
class Step:
    """Mean loss, norm of the gradients before clipping, seconds, and those of them spent waiting for other stages."""

    loss: float
    gradient_norm: float
    seconds: float
    pipeline_wait_seconds: float


class Trainer:
    """The part of a model that a rank trains."""

    def __init__(self, job: Job, settings: OptimizerSettings, steps: int, activity: Activity) -> None:
        """Every rank of the plan makes one, at the same time."""
        self.job = job
        self.meshes = Meshes(job.plan, job.device.type)
        self._settings = settings
        self._steps = steps
        self._scale = first_scale(job.training)
        self._activity = activity
        self._ties = Ties(job.plan, job.chain)
        activity.now("making parameters")
        chunks = [build_chunk(job, self.meshes, chunk, activity) for chunk in range(job.plan.chunks)]
        self._pipeline = Pipeline(self.meshes, chunks, _boundary(job), activity)
        self.parameters: Mapping[tuple[int, str], nn.Parameter] = {
            (index, name): parameter
            for chunk in chunks
            for index, layer in chunk.planned_layers()
            for name, parameter in layer.inner.named_parameters()
        }
        self.optimizer = build_optimizer(job.training, settings, self.parameters)

    def step(self, step: int, read: Reader) -> Step:
        """Train on the samples of a step, which counts from 0. Gradients that are not finite change nothing."""
        begin = time.perf_counter()
        batch, part = self.job.plan.global_batch_size, self.job.plan.micro_batch_size
        first = step * batch
        self.optimizer.zero_grad()
        own_loss = self._pipeline.run(
            lambda micro: self._on_device(read(range(first + micro * part, first + (micro + 1) * part))),
            self._scale.factor / batch,
        )
        self._activity.now("summing gradients of tied parameters")
        self._ties.sum_gradients(self.parameters)
        self._activity.now("summing the gradient norm over all ranks")
        loss, norm = self._loss_and_norm(own_loss)
        self._activity.now("updating parameters")
        if math.isfinite(norm):
            self._update(norm, learning_rate(self._settings, step, self._steps))
        self._scale = next_scale(self._scale, finite=math.isfinite(norm))
        return Step(loss, norm, time.perf_counter() - begin, self._pipeline.waited())

    def _update(self, norm: float, rate: float) -> None:
        factor = clipping_factor(norm, self._settings.clip_norm) / self._scale.factor
        scale_gradients(self.parameters.values(), factor)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()

    def _loss_and_norm(self, loss: torch.Tensor) -> tuple[float, float]:
        """Of all ranks, without the loss scale. Tensor-parallel ranks of the head all have its loss."""
        copies = {tie.copy for tie in ties(self.job.chain)}
        own = (parameter for key, parameter in self.parameters.items() if key not in copies)
        head = self.job.plan.places[-1].strategy
        sums = torch.stack((loss / head.tensor, share_of_square(own, self.job.device)))
        dist.all_reduce(sums)
        mean, square = sums.tolist()
        return mean / self._scale.factor, math.sqrt(square) / self._scale.factor

    def _on_device(self, samples: Samples) -> Samples:
        return {name: values.to(self.job.device, non_blocking=True) for name, values in samples.items()}


def _boundary(job: Job) -> torch.Tensor:
    """Like an activation at a stage boundary, as one rank holds it: [tokens, hidden]."""
    tokens = job.plan.micro_batch_size * job.training.sequence_length // job.plan.ranks_per_stage
    return torch.empty(tokens, job.chain.hidden, dtype=job.training.compute_dtype, device=job.device)
