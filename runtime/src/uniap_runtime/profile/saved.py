"""Bytes that a computation keeps for its backward pass."""

from collections.abc import Callable

from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch.distributed.tensor import DTensor


def saved_bytes(compute: Callable[[], Tensor]) -> int:
    """Bytes of the memory that autograd keeps of a computation, which is to make inputs of its own.

    What another one keeps at the same time is not counted: parameters, and tables that all share.
    """
    others, first = _saved(compute)
    own, second = _saved(compute)
    del first, second
    return sum(size for place, size in own.items() if place not in others)


def _saved(compute: Callable[[], Tensor]) -> tuple[dict[int, int], Tensor]:
    """Bytes by the place of each memory, for as long as the output lives."""
    sizes: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        local = tensor.to_local() if isinstance(tensor, DTensor) else tensor
        sizes[local.untyped_storage().data_ptr()] = local.untyped_storage().nbytes()
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        return sizes, compute()
