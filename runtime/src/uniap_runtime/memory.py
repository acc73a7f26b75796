"""Memory of a rank's tensors.

PyTorch counts it on a GPU alone. On a CPU tensors are in the process's heap, of which glibc knows what is in use: that
it has grown by since the start, when there were none. (The process's own size has the libraries besides, some hundred
MiB, and what glibc keeps for later.)
"""

import ctypes
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode


class Memory:
    """Memory that tensors have taken since this was made; it is made before the first of them."""

    def __init__(self, device: torch.device) -> None:
        """Of one device, and on a CPU of this process."""
        self._device = device
        self._before = 0 if device.type == "cuda" else _heap_bytes()
        # Most that `peak_sought` has found; None before.
        self.peak_bytes: int | None = None

    def allocated_bytes(self) -> int:
        """Now."""
        if self._device.type == "cuda":
            return torch.cuda.memory_allocated(self._device)
        return _heap_bytes() - self._before

    @contextmanager
    def peak_sought(self) -> Iterator[None]:
        """Find the peak of what is done within; on a CPU by looking after every operator, which takes its time."""
        if self._device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self._device)
            yield
            self.peak_bytes = torch.cuda.max_memory_allocated(self._device)
        else:
            with _AfterEachOperator(self._note):
                yield

    def _note(self) -> None:
        self.peak_bytes = max(self.peak_bytes or 0, self.allocated_bytes())


class _AfterEachOperator(TorchDispatchMode):  # type: ignore[no-untyped-call]
    def __init__(self, action: Callable[[], None]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._action = action

    def __torch_dispatch__(
        self,
        operator: Callable[..., Any],
        types: object,
        arguments: tuple[Any, ...] = (),
        named: Mapping[str, Any] | None = None,
    ) -> Any:
        result = operator(*arguments, **(named or {}))
        self._action()
        return result


class _HeapFigures(ctypes.Structure):
    """`struct mallinfo2` of glibc (mallinfo(3)), whose fields are all sizes."""

    _fields_ = [
        *((name, ctypes.c_size_t) for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd")),
        *((name, ctypes.c_size_t) for name in ("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")),
    ]


def _heap_bytes() -> int:
    """Bytes in use, of large blocks and of small ones."""
    figures = _mallinfo2()()
    return int(figures.hblkhd + figures.uordblks)


@cache
def _mallinfo2() -> Callable[[], Any]:
    """Looked up once, which takes longer than it does itself. Only where it is needed: other C libraries lack it."""
    function = ctypes.CDLL(None).mallinfo2
    function.restype = _HeapFigures
    return function
