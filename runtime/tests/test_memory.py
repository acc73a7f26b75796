"""Bytes of tensors, on a CPU. Measured in a rank: threads of this process would not survive its forks."""

import torch

from ranks import run
from uniap_runtime.memory import Memory

MIB = 2**20


def allocations() -> tuple[float, float]:
    """MiB while 64 are kept, and after."""
    memory = Memory(torch.device("cpu"))
    kept = torch.empty(64 * MIB, dtype=torch.uint8)
    during = memory.allocated_bytes()
    del kept
    return during / MIB, memory.allocated_bytes() / MIB


def test_tensors_are_counted_and_nothing_else() -> None:
    """What the process has for other things counts little, and what is freed no more."""
    [(during, after)] = run(1, allocations)
    assert abs(during - 64) < 1
    assert abs(after) < 1


def peak() -> float:
    """MiB, of both passes of a chain of eight sines, of 16 MiB each."""
    memory = Memory(torch.device("cpu"))
    value = torch.ones(4 * MIB, requires_grad=True)
    assert memory.peak_bytes is None
    with memory.peak_sought():
        output = value
        for _ in range(8):
            output = output.sin()
        output.sum().backward()  # type: ignore[no-untyped-call]
    assert memory.peak_bytes is not None
    return memory.peak_bytes / MIB


def test_the_peak_is_found_within_the_passes() -> None:
    """The values that are kept, the last value, and in the backward pass a cosine and two gradients."""
    [found] = run(1, peak)
    assert abs(found - (8 + 1 + 2) * 16) < 1 * 16 + 1
