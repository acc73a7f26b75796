"""The layers of one chunk of a pipeline stage, built for this rank."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import cast

from torch import Tensor, nn
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.utils.checkpoint import checkpoint

from uniap_runtime.activity import Activity
from uniap_runtime.job import Job
from uniap_runtime.models.chain import Chain, LayerSpec, Samples, parameter_name
from uniap_runtime.parallel.build import materialise
from uniap_runtime.parallel.conversion import convert
from uniap_runtime.parallel.data import before_backward, share
from uniap_runtime.parallel.holders import holders_along
from uniap_runtime.parallel.meshes import Meshes
from uniap_runtime.parallel.module import SplitModule
from uniap_runtime.parallel.tied import ties


class PlannedLayer(nn.Module):
    """A layer as its strategy has it: of the micro-batch's samples it takes those of its data-parallel rank."""

    def __init__(self, meshes: Meshes, index: int, spec: LayerSpec, activity: Activity) -> None:
        """Its parameters are only declared."""
        super().__init__()
        self.strategy = strategy = meshes.plan.places[index].strategy
        self.enter = partial(activity.layer, index, spec.name)
        self.part = meshes.index // strategy.tensor
        self.parts = meshes.plan.ranks_per_stage // strategy.tensor
        self.inner: SplitModule = spec.build(meshes.tensor_group(strategy), strategy.recomputation == "Selective")

    def forward(self, activation: Tensor, samples: Samples) -> Tensor:
        """The layer's activation; with full recomputation, only its input is kept."""
        self.enter()
        own = {name: values.chunk(self.parts)[self.part] for name, values in samples.items()}
        if self.strategy.recomputation == "Full":
            output = cast(Tensor, checkpoint(self.inner, activation, own, use_reentrant=False))
        else:
            output = cast(Tensor, self.inner(activation, own))
        output.register_hook(lambda _: self.enter())  # type: ignore[no-untyped-call]
        return output


class Chunk(nn.Module):
    """Consecutive layers of the model that run on this rank."""

    def __init__(self, meshes: Meshes, chain: Chain, chunk: int, activity: Activity) -> None:
        """Layers with declared parameters."""
        super().__init__()
        plan = meshes.plan
        self.meshes = meshes
        self.indices = plan.layers_of(meshes.stage, chunk)
        self.is_first = self.indices[0] == 0
        self.is_last = self.indices[-1] == len(plan.places) - 1
        self.holders = holders_along(plan, meshes.stage, chunk)
        self.layers = nn.ModuleList(
            PlannedLayer(meshes, index, chain.layers[index], activity) for index in self.indices
        )
        self._share_tied(chain)

    def forward(self, activation: Tensor, samples: Samples) -> Tensor:
        """From the activation at one stage boundary to that at the next, or to the sum of the losses of samples."""
        holders = iter(self.holders)
        before = self.holders[0] if self.is_first else next(holders)
        for layer, after in zip(self.layers, holders, strict=False):
            activation = layer(convert(self.meshes, activation, before, after), samples)
            before = after
        return activation if self.is_last else convert(self.meshes, activation, before, self.holders[-1])

    def planned_layers(self) -> Iterator[tuple[int, PlannedLayer]]:
        """Layers with their indices in the model."""
        return zip(self.indices, (cast(PlannedLayer, layer) for layer in self.layers), strict=True)

    def _share_tied(self, chain: Chain) -> None:
        """Let layers with a parameter in common use one. The lender's stay gathered, as the other's passes need it."""
        layers = dict(self.planned_layers())
        for tie in ties(chain):
            if {tie.copy[0], tie.original[0]} <= layers.keys():
                lender = layers[tie.original[0]]
                lender.strategy = replace(lender.strategy, zero_stage=min(2, lender.strategy.zero_stage))
                owner, theirs = _owner(lender.inner, tie.original[1])
                borrower, own = _owner(layers[tie.copy[0]].inner, tie.copy[1])
                borrower.borrow(own, owner, theirs)

    def before_backward(self, *, last: bool) -> None:
        """Prepare all layers for the backward pass of a micro-batch; `last`: of the step."""
        for _, layer in self.planned_layers():
            before_backward(cast(FSDPModule, layer), layer.strategy, last=last)


def _owner(layer: SplitModule, parameter: str) -> tuple[SplitModule, str]:
    """The module of a layer that has a parameter, and its name there."""
    path, _, own = parameter.rpartition(".")
    return cast(SplitModule, layer.get_submodule(path)), own


def build_chunk(job: Job, meshes: Meshes, chunk: int, activity: Activity) -> Chunk:
    """Build a chunk with this rank's parameters, one layer after another, so that one is whole at a time."""
    training = job.training
    built = Chunk(meshes, job.chain, chunk, activity)
    for index, layer in built.planned_layers():
        layer.enter()
        name_of = partial(parameter_name, job.chain, index)
        materialise(layer.inner, name_of, job.seed, training.master_dtype, job.device)
        share(layer, meshes.data_mesh(layer.strategy), layer.strategy, training)
    # The chunk itself has no parameters: as the root it lets its layers gather ahead of one another.
    fully_shard(built, mesh=meshes.data_mesh(meshes.plan.places[built.indices[0]].strategy))
    return built
