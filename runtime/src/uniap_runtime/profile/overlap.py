"""Measures how computation and communication hinder each other where they run side by side."""

from contextlib import AbstractContextManager, nullcontext

import torch
import torch.distributed as dist
from torch import Tensor

from uniap_runtime.activity import Activity
from uniap_runtime.profile.links import ELEMENT
from uniap_runtime.profile.stopwatch import Mark, Stopwatch, Work
from uniap_runtime.profile.subject import Subject

# Of square matrices: as many products are computed as take about as long as the message.
WIDTH = 512
MOST_PRODUCTS = 200

# Of a computation that stands still while communication runs, the slowdown is infinite.
MOST = 100.0


def measure_slowdown(subject: Subject, stopwatch: Stopwatch, message_bytes: int, activity: Activity) -> float | None:
    """How many times as long computation takes while communication runs; None for one rank.

    Communication is started as FSDP2 does it: on a GPU in a stream of its own, on a CPU before the computation. There
    is about as much of the one as of the other, and they are timed in turn, so that what else goes on hinders all.
    """
    if subject.ranks.count == 1:
        return None
    activity.now("measuring computation beside communication")
    message = torch.zeros(message_bytes // ELEMENT, device=subject.device)
    factor = torch.randn(WIDTH, WIDTH, dtype=subject.training.compute_dtype, device=subject.device)
    communication, product, _ = (timing.seconds for timing in stopwatch.time(_work(message, factor, 1)))
    products = min(MOST_PRODUCTS, max(1, round(communication / product)))
    communication, computation, both = (timing.seconds for timing in stopwatch.time(_work(message, factor, products)))
    return slowdown(computation, communication, both)


def slowdown(computation: float, communication: float, both: float) -> float:
    """From the seconds of each alone and of both begun together: of the shorter, 1 - 1 / slowdown is not hidden."""
    hidden = (computation + communication - both) / min(computation, communication)
    return 1 / min(1.0, max(1 / MOST, hidden))


def _work(message: Tensor, factor: Tensor, products: int) -> Work:
    stream = torch.cuda.Stream(message.device) if message.is_cuda else None  # type: ignore[no-untyped-call]

    def communicate() -> None:
        with _beside(stream):
            dist.all_reduce(message)

    def compute() -> None:
        for _ in range(products):
            torch.mm(factor, factor)

    def meet() -> None:
        if stream is not None:
            torch.cuda.current_stream().wait_stream(stream)

    def work(mark: Mark) -> None:
        mark()
        communicate()
        meet()
        mark()
        compute()
        mark()
        communicate()
        compute()
        meet()
        mark()

    return work


def _beside(stream: torch.cuda.Stream | None) -> AbstractContextManager[object]:
    """In another stream, from what the current one has come to."""
    if stream is None:
        return nullcontext()
    stream.wait_stream(torch.cuda.current_stream())
    return torch.cuda.stream(stream)
