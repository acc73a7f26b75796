"""What this rank holds of parameters, as plain tensors.

Optimizers work on each element alone. On plain tensors they take all at once and skip DTensor's bookkeeping, which
takes longer than the arithmetic, and they need not know that parameters lie on different meshes.
"""

from torch import Tensor, nn
from torch.distributed.tensor import DTensor


def shard_of(parameter: nn.Parameter) -> nn.Parameter:
    """Part of a parameter that FSDP2 has split, in the same memory."""
    return nn.Parameter(_split(parameter).to_local().detach())


def follow(shard: nn.Parameter, parameter: nn.Parameter) -> None:
    """Point a shard at the parameter's memory, which FSDP2 replaces when it first pads an uneven part (torch 2.8)."""
    shard.data = _split(parameter).to_local().detach()


def gradient_of(parameter: nn.Parameter) -> Tensor:
    """Part of the gradient, in the same memory."""
    assert parameter.grad is not None
    return _split(parameter.grad).to_local()


def joined(shard: Tensor, parameter: nn.Parameter) -> DTensor:
    """A tensor that is split as a parameter is, from this rank's part of it, in the same memory."""
    split = _split(parameter)
    return DTensor.from_local(
        shard.detach(), split.device_mesh, split.placements, run_check=False, shape=split.shape, stride=split.stride()
    )


def _split(tensor: Tensor) -> DTensor:
    assert isinstance(tensor, DTensor), "FSDP2 makes a DTensor of every parameter and of its gradient"
    return tensor
