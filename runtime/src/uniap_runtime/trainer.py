"""One training step under a plan, on this rank."""

import math
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
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
from uniap_runtime.parallel.gradient_norm import clipping_factor, share_of_square
from uniap_runtime.parallel.meshes import Meshes
from uniap_runtime.parallel.pipeline import Pipeline
from uniap_runtime.parallel.shards import follow, gradient_of, shard_of
from uniap_runtime.parallel.tied import Ties, ties
from uniap_runtime.parallel.waits import Waits

# Reads samples by their index in the order of training.
Reader = Callable[[range], Samples]


@dataclass(frozen=True)
class Step:
    """Mean loss, norm of the gradients before clipping, seconds, and those of them spent waiting (`parallel/waits.py`).

    Communication that is not hidden is not known on a GPU, whose host does not wait for it.
    `interrupted`: a rank has been asked to end; all ranks say so after the same step.
    """

    loss: float
    gradient_norm: float
    seconds: float
    pipeline_wait_seconds: float
    exposed_communication_seconds: float | None
    interrupted: bool = False


class Trainer:
    """The part of a model that a rank trains."""

    def __init__(self, job: Job, settings: OptimizerSettings, steps: int, activity: Activity) -> None:
        """Every rank of the plan makes one, at the same time."""
        self.job = job
        self.meshes = Meshes(job.plan, job.device.type)
        self._settings = settings
        self._steps = steps
        self.loss_scale = first_scale(job.training)
        self.activity = activity
        self._waits = Waits()
        self._ties = Ties(job.plan, job.chain)
        activity.now("making parameters")
        chunks = [build_chunk(job, self.meshes, chunk, activity) for chunk in range(job.plan.chunks)]
        self._pipeline = Pipeline(self.meshes, chunks, _boundary(job), self._waits, activity)
        self.parameters: Mapping[tuple[int, str], nn.Parameter] = {
            (index, name): parameter
            for chunk in chunks
            for index, layer in chunk.planned_layers()
            for name, parameter in layer.inner.named_parameters()
        }
        self.shards = {key: shard_of(parameter) for key, parameter in self.parameters.items()}
        self.optimizer = build_optimizer(job.training, settings, self.shards.values())

    def step(self, step: int, read: Reader, *, interrupted: bool = False) -> Step:
        """Train on the samples of a step, which counts from 0. Gradients that are not finite change nothing."""
        begin = time.perf_counter()
        with self._waits.counted():
            loss, square, interruptions = self._gradients(step, read, interrupted)
        norm = math.sqrt(square) / self.loss_scale.factor
        self.activity.now("updating parameters")
        if math.isfinite(norm):
            self._update(norm, learning_rate(self._settings, step, self._steps))
        for parameter in self.parameters.values():
            parameter.grad = None
        mean = loss / self.loss_scale.factor
        self.loss_scale = next_scale(self.loss_scale, finite=math.isfinite(norm))
        stages, collectives = self._waits.take()
        exposed = collectives if self.job.device.type == "cpu" else None
        return Step(mean, norm, time.perf_counter() - begin, stages, exposed, interruptions > 0)

    def _gradients(self, step: int, read: Reader, interrupted: bool) -> tuple[float, float, float]:
        """Compute all gradients, and `_sums`."""
        own_loss = self._run_passes(step, read)
        # The other stages may still be at work.
        with self._waits.for_stages() if self.job.plan.stages > 1 else nullcontext():
            self.activity.now("summing gradients of tied parameters")
            self._ties.sum_gradients(self.parameters)
            self.activity.now("summing the gradient norm over all ranks")
            return self._sums(own_loss, interrupted)

    def _run_passes(self, step: int, read: Reader) -> torch.Tensor:
        """All micro-batches: their gradients, and what of their loss this rank has computed, times the loss scale."""
        batch, size = self.job.plan.global_batch_size, self.job.plan.micro_batch_size

        def samples(micro_batch: int) -> Samples:
            first = step * batch + micro_batch * size
            return {name: values.to(self.job.device) for name, values in read(range(first, first + size)).items()}

        return self._pipeline.run(samples, self.loss_scale.factor / batch)

    def _sums(self, loss: torch.Tensor, interrupted: bool) -> tuple[float, float, float]:
        """Over all ranks: loss, square of the gradient norm, and how many are interrupted.

        Tensor-parallel ranks of the head all have its loss.
        """
        copies = {tie.copy for tie in ties(self.job.chain)}
        own = (parameter for key, parameter in self.parameters.items() if key not in copies)
        loss = loss / self.job.plan.places[-1].strategy.tensor
        sums = torch.stack((loss, share_of_square(own, self.job.device), torch.full_like(loss, interrupted)))
        dist.all_reduce(sums)
        total, square, interruptions = sums.tolist()
        return total, square, interruptions

    def _update(self, norm: float, rate: float) -> None:
        factor = clipping_factor(norm, self._settings.clip_norm) / self.loss_scale.factor
        for key, shard in self.shards.items():
            follow(shard, self.parameters[key])
            shard.grad = gradient_of(self.parameters[key]).mul_(factor)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.optimizer.zero_grad()


def _boundary(job: Job) -> torch.Tensor:
    """Like an activation at a stage boundary, as one rank holds it: [tokens, hidden]."""
    tokens = job.plan.micro_batch_size * job.training.sequence_length // job.plan.ranks_per_stage
    return torch.empty(tokens, job.chain.hidden, dtype=job.training.compute_dtype, device=job.device)
