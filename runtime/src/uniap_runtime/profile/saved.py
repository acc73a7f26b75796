"""Bytes that a computation keeps for its backward pass."""

from collections.abc import Callable, Iterable

from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch.distributed.tensor import DTensor


def saved_bytes(compute: Callable[[], Tensor], but: Callable[[], Iterable[Tensor]]) -> int:
    """Bytes of the tensors that autograd saves, each memory once, without that of others, such as parameters.

    `but` is asked afterwards, since parameters may be gathered only then.
    """
    saved: list[Tensor] = []

    def pack(tensor: Tensor) -> Tensor:
        saved.append(tensor)
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        output = compute()
    sizes = _sizes(saved)
    others = _sizes(but())
    del output
    return sum(size for place, size in sizes.items() if place not in others)


def _sizes(tensors: Iterable[Tensor]) -> dict[int, int]:
    """Bytes of each memory, by its place."""
    storages = (_local(tensor).untyped_storage() for tensor in tensors)
    return {storage.data_ptr(): storage.nbytes() for storage in storages}


def _local(tensor: Tensor) -> Tensor:
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor
