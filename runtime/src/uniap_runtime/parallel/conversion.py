"""Brings activations from one layer to the next, where other ranks hold them (`holders.py`)."""

from math import gcd

from torch import Tensor
from torch.distributed.tensor import Replicate, Shard

from uniap_runtime.parallel.meshes import Meshes
from uniap_runtime.parallel.tensor import exchange


def convert(meshes: Meshes, activation: Tensor, before: int, after: int) -> Tensor:
    """Bring an activation from `before` holders to `after`. Its gradient goes the opposite way."""
    common = gcd(before, after)
    if before > common:
        activation = exchange(activation, meshes.strided(common, before // common), Replicate(), Shard(0))
    if after > common:
        activation = exchange(activation, meshes.strided(common, after // common), Shard(0), Replicate())
    return activation
