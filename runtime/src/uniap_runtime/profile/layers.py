"""Measures layers as training runs them, each alone, on all ranks at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import cast

import torch
from torch import Tensor
from torch.distributed.fsdp import FSDPModule

from uniap_runtime.activity import Activity
from uniap_runtime.data import synthetic_tokens
from uniap_runtime.job import Job
from uniap_runtime.models.chain import LayerSpec, Samples
from uniap_runtime.parallel.build import materialise
from uniap_runtime.parallel.chunk import PlannedLayer
from uniap_runtime.parallel.data import before_backward, share
from uniap_runtime.parallel.meshes import Meshes
from uniap_runtime.parallel.tensor import TensorGroup
from uniap_runtime.plan import Place, Plan, Recomputation, Strategy
from uniap_runtime.profile.saved import saved_bytes
from uniap_runtime.profile.stopwatch import Mark, Stopwatch, Timing
from uniap_runtime.profile.subject import Subject

SEED = 0

# Plans need figures without recomputation most, and then those with the one that keeps least.
ORDER: tuple[Recomputation, ...] = ("None", "Full", "Selective")


@dataclass(frozen=True)
class Shape:
    """What figures of a layer depend on. `samples` of a micro-batch on a rank."""

    kind: str
    tensor: int
    sequence_parallel: bool
    recomputation: Recomputation
    samples: int


@dataclass(frozen=True)
class LayerFigures:
    """Seconds of both passes, and bytes kept between them, on each rank."""

    shape: Shape
    forward: Timing
    backward: Timing
    activation_bytes: int


def shapes_of(subject: Subject, strategy: Strategy) -> tuple[Shape, ...]:
    """All shapes of a strategy to measure, those of a kind together, few samples first."""
    length = subject.training.sequence_length
    return tuple(
        Shape(kind, strategy.tensor, strategy.sequence_parallel, strategy.recomputation, samples)
        for kind in subject.kinds
        for samples in subject.samples
        if not strategy.sequence_parallel or samples * length % strategy.tensor == 0
    )


def strategies_of(tensor: int) -> tuple[Strategy, ...]:
    """All strategies of a tensor degree, those first that plans need most."""
    return tuple(
        Strategy(tensor=tensor, sequence_parallel=parallel, recomputation=kept)
        for kept in ORDER
        for parallel in ((False, True) if tensor > 1 else (False,))
    )


class Bench:
    """All strategies of one tensor degree: a group of that many ranks is a stage of a pipeline of such groups.

    So every rank has each kind of layer, and what ranks have in common is what they have in training.
    """

    def __init__(self, subject: Subject, tensor: int, activity: Activity) -> None:
        """Every rank makes one, at the same time."""
        self._subject = subject
        self._activity = activity
        self._strategies = strategies_of(tensor)
        stages = subject.ranks.count // tensor
        places = tuple(Place(stage, 0, strategy) for stage in range(stages) for strategy in self._strategies)
        plan = Plan(1, 1, stages, subject.ranks.count, places, stage_bytes=(None,) * stages)
        self._meshes = Meshes(plan, subject.device.type)
        self._job = Job(plan, subject.chain, subject.training, SEED, subject.device)

    def measure(self, stopwatch: Stopwatch, kept: Recomputation, limit: float) -> Iterator[LayerFigures]:
        """Measure all kinds of layers under one recomputation until the stopwatch has spent `limit` seconds.

        After that only the first shape of each kind, and that without recomputation alone: every plan needs it.
        """
        for index, strategy in enumerate(self._strategies):
            if strategy.recomputation != kept:
                continue
            for kind, shapes in groupby(shapes_of(self._subject, strategy), key=lambda shape: shape.kind):
                needed = 1 if kept == "None" else 0
                layer = self._build(self._subject.kinds[kind], index)
                for place, shape in enumerate(shapes):
                    if place < needed or stopwatch.spent < limit:
                        self._activity.now(f"measuring {shape}")
                        yield self._figures(stopwatch, layer, shape)

    def _build(self, spec: LayerSpec, index: int) -> PlannedLayer:
        """A layer with the precision that training gives it, and FSDP2 at work, but nobody to share with."""
        place = self._meshes.stage * len(self._strategies) + index
        layer = PlannedLayer(self._meshes, place, spec, self._activity)
        training = self._job.training
        materialise(layer.inner, lambda own: f"{spec.name}.{own}", SEED, training.master_dtype, self._job.device)
        share(layer, self._meshes.data_mesh(layer.strategy), layer.strategy, training)
        return layer

    def _figures(self, stopwatch: Stopwatch, layer: PlannedLayer, shape: Shape) -> LayerFigures:
        samples = self._samples(shape.samples)
        kept = saved_bytes(lambda: cast(Tensor, layer(self._activation(shape), self._samples(shape.samples))))
        activation = self._activation(shape)

        def passes(mark: Mark) -> None:
            mark()
            output = cast(Tensor, layer(activation, samples))
            mark()
            before_backward(cast(FSDPModule, layer), layer.strategy, last=False)
            torch.autograd.backward(output, torch.ones_like(output))
            mark()
            activation.grad = None
            for parameter in layer.parameters():
                parameter.grad = None

        forwards, backwards = stopwatch.time(passes)
        return LayerFigures(shape, forwards, backwards, kept)

    def _samples(self, count: int) -> Samples:
        chain, length = self._subject.chain, self._subject.training.sequence_length
        read = synthetic_tokens(SEED, chain.vocabulary, length)
        samples = chain.samples(read, range(count))
        return {name: values.to(self._subject.device).clone() for name, values in samples.items()}

    def _activation(self, shape: Shape) -> Tensor:
        """What the layer takes: nothing, where it is the first of the model."""
        tokens = (
            shape.samples * self._subject.training.sequence_length // (shape.tensor if shape.sequence_parallel else 1)
        )
        first = next(iter(self._subject.kinds)) == shape.kind
        size = (0,) if first else (tokens, self._subject.chain.hidden)
        values = torch.randn(size, dtype=self._subject.training.compute_dtype, device=self._subject.device)
        return values.requires_grad_(not first)


def parameters_of(spec: LayerSpec) -> int:
    """Parameters of a layer, whole, less one that belongs to another layer."""
    tied = None if spec.tied is None else spec.tied[0]
    layer = spec.build(TensorGroup(), False)
    return sum(parameter.numel() for name, parameter in layer.named_parameters() if name != tied)
