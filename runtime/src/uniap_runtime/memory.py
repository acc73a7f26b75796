"""Memory of a rank's tensors."""

import ctypes
import resource

import torch

KIBIBYTE = 1024


class _HeapFigures(ctypes.Structure):
    """`struct mallinfo2` of glibc (mallinfo(3)), whose fields are all sizes."""

    _fields_ = [
        *((name, ctypes.c_size_t) for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd")),
        *((name, ctypes.c_size_t) for name in ("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")),
    ]


class Memory:
    """Memory that tensors have taken since this was made; it is made before the first of them."""

    def __init__(self, device: torch.device) -> None:
        """Of one device, and on a CPU of this process."""
        self._device = device
        self._before = 0 if device.type == "cuda" else _heap_bytes()

    def allocated_bytes(self) -> int:
        """Now. PyTorch counts it on a GPU alone: on a CPU it is what is in use of the heap, where tensors are."""
        if self._device.type == "cuda":
            return torch.cuda.memory_allocated(self._device)
        return _heap_bytes() - self._before


def peak_bytes(device: torch.device) -> int:
    """Most bytes that tensors have taken on a GPU; on a CPU, that the process has."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIBIBYTE


def _heap_bytes() -> int:
    """Bytes in use, of large blocks and of small ones."""
    figures = ctypes.CDLL(None).mallinfo2
    figures.restype = _HeapFigures
    found = figures()
    return int(found.hblkhd + found.uordblks)
