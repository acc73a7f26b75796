"""Measures how computation and communication hinder each other where they run side by side."""

from contextlib import AbstractContextManager, nullcontext

import torch
import torch.distributed as dist
from torch import Tensor

from uniap_runtime.activity import Activity
from uniap_runtime.profile.stopwatch import Mark, Stopwatch, Work
from uniap_runtime.profile.subject import Subject

WIDTH = 512
MOST_PRODUCTS = 200

# Of a computation that stands still while communication runs, the slowdown is infinite.
MOST = 100.0


def measure_slowdown(subject: Subject, stopwatch: Stopwatch, message_bytes: int, activity: Activity) -> float | None:
    """How many times as long computation takes while communication runs; None for one rank.

    Communication is started as FSDP2 does it: on a GPU in a stream of its own, on a CPU before the computation. There
    is about as much of the one as of the other.
    """
    if subject.ranks.count == 1:
        return None
    activity.now("measuring computation beside communication")
    message = torch.zeros(message_bytes // 4, device=subject.device)
    factor = torch.randn(WIDTH, WIDTH, dtype=subject.training.compute_dtype, device=subject.device)
    (communication,) = stopwatch.time(_work(message, factor, 0, communicates=True))
    (product,) = stopwatch.time(_work(message, factor, 1, communicates=False))
    products = min(MOST_PRODUCTS, max(1, round(communication.seconds / product.seconds)))
    (computation,) = stopwatch.time(_work(message, factor, products, communicates=False))
    (both,) = stopwatch.time(_work(message, factor, products, communicates=True))
    return slowdown(computation.seconds, communication.seconds, both.seconds)


def slowdown(computation: float, communication: float, both: float) -> float:
    """From the seconds of each alone and of both begun together: of the shorter, 1 - 1 / slowdown is not hidden."""
    hidden = (computation + communication - both) / min(computation, communication)
    return 1 / min(1.0, max(1 / MOST, hidden))


def _work(message: Tensor, factor: Tensor, products: int, *, communicates: bool) -> Work:
    stream = torch.cuda.Stream(message.device) if message.is_cuda else None  # type: ignore[no-untyped-call]

    def work(mark: Mark) -> None:
        mark()
        if communicates:
            with _beside(stream):
                dist.all_reduce(message)
        for _ in range(products):
            torch.mm(factor, factor)
        if stream is not None:
            torch.cuda.current_stream().wait_stream(stream)
        mark()

    return work


def _beside(stream: torch.cuda.Stream | None) -> AbstractContextManager[object]:
    """In another stream, from what the current one has come to."""
    if stream is None:
        return nullcontext()
    stream.wait_stream(torch.cuda.current_stream())
    return torch.cuda.stream(stream)
