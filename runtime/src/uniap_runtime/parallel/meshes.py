"""Device meshes of a plan. Every rank makes all of them, in the same order.

A rank's index in its stage is (replica * shards + shard) * tensor + tensor index, and stages follow one another, so a
strategy is a mesh [stages, replicas, shards, tensor] of all ranks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

from torch.distributed import ProcessGroup, get_rank, new_subgroups_by_enumeration
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh

from uniap_runtime.parallel.holders import groups_between, holders_along
from uniap_runtime.parallel.tensor import TensorGroup
from uniap_runtime.plan import Plan, Strategy


@dataclass(frozen=True)
class _Layout:
    """The mesh of a strategy. Its dimensions have names of its own: torch 2.8 takes equally named parts for one."""

    mesh: DeviceMesh
    replicas: str
    shards: str
    tensor: str


class Meshes:
    """The process groups of a plan, and where this rank is in it."""

    def __init__(self, plan: Plan, device_type: str) -> None:
        """Needs the default process group, of as many ranks as the plan has."""
        self.plan = plan
        self.rank = get_rank()
        self.stage, self.index = divmod(self.rank, plan.ranks_per_stage)
        self._layouts = {
            degrees: _layout(device_type, (plan.stages, *degrees))
            for degrees in dict.fromkeys((s.replicas, s.shards, s.tensor) for s in plan.strategies)
        }
        self._strided = {
            (stride, size): _strided_mesh(device_type, plan.ranks, stride, size)
            for stride, size in dict.fromkeys(_conversions(plan))
        }

    def tensor_group(self, strategy: Strategy) -> TensorGroup:
        """Ranks that split a layer's operators."""
        layout = self._layout(strategy)
        mesh = layout.mesh[layout.tensor] if strategy.tensor > 1 else None
        return TensorGroup(mesh, strategy.sequence_parallel and strategy.tensor > 1)

    def data_mesh(self, strategy: Strategy) -> DeviceMesh:
        """Ranks that have other samples: [replicas, shards], or one dimension where there is one replica."""
        layout = self._layout(strategy)
        return layout.mesh[layout.replicas, layout.shards] if strategy.replicas > 1 else layout.mesh[layout.shards]

    def strided(self, stride: int, size: int) -> DeviceMesh:
        """The group of this rank, of `size` ranks, each `stride` after the one before."""
        return self._strided[stride, size]

    def rank_at(self, stage: int) -> int:
        """Global rank of the member of this rank's pipeline group in a stage."""
        return stage * self.plan.ranks_per_stage + self.index

    def pipeline_group(self) -> ProcessGroup | None:
        """Make a group of one rank of each stage; every rank has to."""
        if self.plan.stages == 1:
            return None
        size = self.plan.ranks_per_stage
        columns = [list(range(start, self.plan.ranks, size)) for start in range(size)]
        group, _ = new_subgroups_by_enumeration(columns)
        return cast(ProcessGroup, group)

    def _layout(self, strategy: Strategy) -> _Layout:
        return self._layouts[strategy.replicas, strategy.shards, strategy.tensor]


def _layout(device_type: str, shape: tuple[int, ...]) -> _Layout:
    names = tuple(f"{name}-of-{'x'.join(map(str, shape))}" for name in ("stage", "replicate", "shard", "tensor"))
    return _Layout(init_device_mesh(device_type, shape, mesh_dim_names=names), *names[1:])


def _strided_mesh(device_type: str, ranks: int, stride: int, size: int) -> DeviceMesh:
    shape = (ranks // (stride * size), size, stride)
    return init_device_mesh(device_type, shape, mesh_dim_names=("block", "member", "offset"))["member"]


def _conversions(plan: Plan) -> Iterator[tuple[int, int]]:
    """(stride, size) of the groups that activations are converted in, between the layers of each chunk."""
    for stage in range(plan.stages):
        for chunk in range(plan.chunks):
            holders = holders_along(plan, stage, chunk)
            for before, after in pairwise(holders):
                yield from groups_between(before, after)
