"""Data parallelism of one layer with FSDP2 (arXiv 2304.11277): replicas, shards, and what the shards split (ZeRO).

FSDP2 keeps parameters at full precision in shards, and gathers them at the precision of computation. What ZeRO's
stages differ in is when: stage 3 gathers for each pass, and 1 and 2 once a step; stage 1, and replicas without shards,
sum gradients after the last micro-batch, and 2 and 3 after each, so that no rank keeps whole ones. Replicas sum theirs
after the last micro-batch in any case.
"""

from typing import cast

from torch import nn
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor, Shard

from uniap_runtime.plan import Strategy
from uniap_runtime.training import Training


def share(layer: nn.Module, mesh: DeviceMesh, strategy: Strategy, training: Training) -> None:
    """Split a layer's parameters among its shards. Gradients are summed, not averaged: losses are parts of a mean."""
    mixed = training.compute_dtype != training.master_dtype
    policy = MixedPrecisionPolicy(training.compute_dtype, training.master_dtype) if mixed else MixedPrecisionPolicy()
    fully_shard(
        layer,
        mesh=mesh,
        reshard_after_forward=_gathers_for_each_pass(strategy),
        mp_policy=policy,
        shard_placement_fn=_placement,
    )
    sharded = cast(FSDPModule, layer)
    sharded.set_gradient_divide_factor(1.0)
    sharded.set_force_sum_reduction_for_comms(True)


def before_backward(layer: FSDPModule, strategy: Strategy, *, last: bool) -> None:
    """Say what the coming backward pass does with gradients and parameters; `last`: of the step's micro-batches."""
    scatters = strategy.shards > 1 and strategy.zero_stage > 1
    layer.set_requires_gradient_sync(scatters or last, recurse=False)
    layer.set_requires_all_reduce(last, recurse=False)
    layer.set_reshard_after_backward(_gathers_for_each_pass(strategy) or last, recurse=False)


def _gathers_for_each_pass(strategy: Strategy) -> bool:
    return strategy.shards > 1 and strategy.zero_stage == 3  # noqa: PLR2004


def _placement(parameter: nn.Parameter) -> Shard | None:
    """Along the first dimension, unless tensor parallelism has cut that unevenly, which FSDP2 cannot cut again."""
    if not isinstance(parameter, DTensor) or not parameter.placements[0].is_shard(0):
        return None
    uneven = parameter.shape[0] % parameter.device_mesh.size() > 0
    return Shard(1) if uneven and parameter.ndim > 1 else None
