"""Makes a declared layer real: this rank's part of its parameters, equal under every plan."""

import hashlib
from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn
from torch.distributed.tensor import Replicate, Shard, distribute_tensor

from uniap_runtime.parallel.module import Declaration, SplitModule


def materialise(
    layer: SplitModule, name_of: Callable[[str], str], seed: int, dtype: torch.dtype, device: torch.device
) -> None:
    """Give every parameter its initial values. They depend on the seed and the parameter's name in the model alone.

    Each is made whole on the device, one after another, and this rank's part of it is kept. `name_of` turns the name in
    the layer into that in the model.
    """
    for prefix, module in layer.named_modules():
        if not isinstance(module, SplitModule):
            continue
        for own, declaration in module.declarations.items():
            shape = cast(Tensor, getattr(module, own)).shape
            key = f"{seed}.{name_of(f'{prefix}.{own}'.lstrip('.'))}"
            full = _initial(shape, declaration, key, dtype, device)
            setattr(module, own, nn.Parameter(_part(module, declaration, full)))


def _initial(shape: torch.Size, declaration: Declaration, key: str, dtype: torch.dtype, device: torch.device) -> Tensor:
    full = torch.full(shape, declaration.fill, dtype=dtype, device=device)
    if declaration.deviation > 0:
        digest = hashlib.sha256(key.encode()).digest()
        generator = torch.Generator(device).manual_seed(int.from_bytes(digest[:8], "little", signed=True))
        full.normal_(0.0, declaration.deviation, generator=generator)
    return full


def _part(module: SplitModule, declaration: Declaration, full: Tensor) -> Tensor:
    mesh = module.group.mesh
    if mesh is None:
        return full
    placement = Replicate() if declaration.split is None else Shard(declaration.split)
    return distribute_tensor(full, mesh, [placement], src_data_rank=None)
