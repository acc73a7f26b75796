"""Peak memory of a rank."""

import resource

import torch

KIBIBYTE = 1024


def peak_bytes(device: torch.device) -> int:
    """Most bytes that tensors have taken on a GPU; on a CPU, that the process has."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIBIBYTE
