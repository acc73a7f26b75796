"""The norm of all gradients of the model, and clipping by it."""

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor

from uniap_runtime.parallel.shards import gradient_of


def share_of_square(parameters: Iterable[nn.Parameter], device: torch.device) -> Tensor:
    """What this rank adds to the square of the norm, so that the sum over all ranks counts every element once."""
    total = torch.zeros((), dtype=torch.float64, device=device)
    for parameter in parameters:
        total += torch.linalg.vector_norm(gradient_of(parameter)).double().square() / _copies(parameter)
    return total


def clipping_factor(norm: float, limit: float) -> float:
    """What to scale gradients by so that their norm is at most `limit` (arXiv 1211.5063), as torch does."""
    return min(1.0, limit / (norm + 1e-6))


def _copies(parameter: nn.Parameter) -> int:
    """Ranks that hold the same elements. Under tensor parallelism FSDP2 has a placement of its own for shards."""
    assert isinstance(parameter, DTensor)
    sizes = parameter.device_mesh.shape
    return math.prod(size for size, placed in zip(sizes, parameter.placements, strict=True) if placed.is_replicate())
