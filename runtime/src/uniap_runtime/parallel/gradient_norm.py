"""The norm of all gradients of the model, and clipping by it."""

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor


def share_of_square(parameters: Iterable[nn.Parameter], device: torch.device) -> Tensor:
    """What this rank adds to the square of the norm, so that the sum over all ranks counts every element once."""
    total = torch.zeros((), dtype=torch.float64, device=device)
    for parameter in parameters:
        gradient = parameter.grad
        assert isinstance(gradient, DTensor)
        total += torch.linalg.vector_norm(gradient.to_local()).double().square() / _copies(gradient)
    return total


def clipping_factor(norm: float, limit: float) -> float:
    """What to scale gradients by so that their norm is at most `limit` (arXiv 1211.5063), as torch does."""
    return min(1.0, limit / (norm + 1e-6))


def scale_gradients(parameters: Iterable[nn.Parameter], factor: float) -> None:
    """Multiply all gradients of this rank."""
    if factor == 1.0:
        return
    for parameter in parameters:
        assert parameter.grad is not None
        parameter.grad.mul_(factor)


def _copies(gradient: DTensor) -> int:
    """Ranks that hold the same elements. Under tensor parallelism FSDP2 has a placement of its own for shards."""
    sizes = gradient.device_mesh.shape
    return math.prod(size for size, placed in zip(sizes, gradient.placements, strict=True) if placed.is_replicate())
