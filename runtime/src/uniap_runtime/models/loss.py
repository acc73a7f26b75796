"""Cross entropy of logits whose vocabulary is split among ranks (Megatron-LM's vocabulary-parallel cross entropy)."""

import torch
from torch import Tensor
from torch.nn import functional

from uniap_runtime.parallel.tensor import TensorGroup


def cross_entropy(group: TensorGroup, logits: Tensor, targets: Tensor, vocabulary: int) -> Tensor:
    """Sum over tokens, at 32 bits or more, the same on all ranks of the group.

    `logits` are [tokens, this rank's ceil(vocabulary / ranks) entries or what is left], `targets` [tokens] of ids, or a
    negative number where nothing is to be predicted: PyTorch's `ignore_index`, -100.
    """
    exact = logits.to(torch.promote_types(logits.dtype, torch.float32))
    if group.size == 1:
        return functional.cross_entropy(exact, targets, reduction="sum")
    shifted = exact - group.maximum(exact.detach().amax(-1)).unsqueeze(-1)
    local = targets - group.rank * -(-vocabulary // group.size)
    here = (local >= 0) & (local < exact.shape[-1])
    target = shifted.gather(-1, torch.where(here, local, 0).unsqueeze(-1)).squeeze(-1) * here
    losses = group.total(shifted.exp().sum(-1)).log() - group.total(target)
    return (losses * (targets >= 0)).sum()
