"""Tensor and sequence parallelism of one layer (arXiv 1909.08053, 2205.05198), with the exchanges of DTensor.

Activations are matrices [tokens, features], the tokens of one sample after those of another. Between tensor-parallel
regions each rank of the group holds all tokens of the group's samples; under sequence parallelism the n-th of as many
equal parts of them. Inside a region all ranks hold all of these tokens, and a part of the features.
"""

from dataclasses import dataclass

from torch import Tensor
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.tensor import DTensor, Partial, Placement, Replicate, Shard


@dataclass(frozen=True)
class TensorGroup:
    """The ranks that split every operator of a layer. `mesh` has one dimension; None: no split."""

    mesh: DeviceMesh | None = None
    sequence_parallel: bool = False

    @property
    def size(self) -> int:
        """Number of ranks."""
        return 1 if self.mesh is None else self.mesh.size()

    @property
    def rank(self) -> int:
        """Index of this rank in the group."""
        return 0 if self.mesh is None else self.mesh.get_local_rank()

    @property
    def _between(self) -> Placement:
        return Shard(0) if self.sequence_parallel else Replicate()

    def enter(self, activation: Tensor) -> Tensor:
        """All tokens, of which each rank goes on to compute with its part of the weights: so gradients are summed."""
        if self.mesh is None:
            return activation
        return exchange(activation, self.mesh, self._between, Replicate(), gradient=Partial())

    def leave(self, terms: Tensor) -> Tensor:
        """Sum of what each rank has computed with its part of the weights, as it lies between regions."""
        return terms if self.mesh is None else exchange(terms, self.mesh, Partial(), self._between)

    def total(self, terms: Tensor) -> Tensor:
        """Sum of what each rank has computed, whole on each, inside a region. Its gradient is the same on each."""
        return terms if self.mesh is None else exchange(terms, self.mesh, Partial(), Replicate())

    def maximum(self, values: Tensor) -> Tensor:
        """Largest of the ranks' values, without gradient."""
        return values if self.mesh is None else exchange(values.detach(), self.mesh, Partial("max"), Replicate())

    def own_tokens(self, tokens: int) -> slice:
        """The part that this rank holds, between regions, of the tokens of the group's samples."""
        if not self.sequence_parallel:
            return slice(0, tokens)
        part = tokens // self.size
        return slice(self.rank * part, (self.rank + 1) * part)


def exchange(
    local: Tensor, mesh: DeviceMesh, source: Placement, target: Placement, gradient: Placement | None = None
) -> Tensor:
    """Bring a tensor from one placement to another; `gradient` is the placement of its gradient, if not `target`."""
    placed = DTensor.from_local(local, mesh, [source], run_check=False).redistribute(placements=[target])
    return placed.to_local(grad_placements=None if gradient is None else [gradient])
