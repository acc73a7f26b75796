"""Measures messages among ranks: collectives by group, and sends from stage to stage, by size."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed import ProcessGroup

from uniap_runtime.activity import Activity
from uniap_runtime.profile.groups import Group, groups_of, strides_of
from uniap_runtime.profile.stopwatch import Mark, Stopwatch, Timing, Work
from uniap_runtime.profile.subject import Subject

SMALLEST = 2**10
LARGEST = 2**28
STEP = 4

# Gradients are summed at 32 bits.
ELEMENT = 4

# Bytes of a message and how long it takes.
Times = tuple[tuple[int, Timing], ...]


@dataclass(frozen=True)
class CollectiveFigures:
    """Times by bytes of the whole tensor on one rank, all groups talking at once."""

    operation: str
    group: Group
    times: Times


@dataclass(frozen=True)
class SendFigures:
    """Times by bytes that each rank sends to the one `stride` further, all at once."""

    stride: int
    times: Times


def message_sizes(largest: int) -> tuple[int, ...]:
    """Bytes of messages to measure: up to the largest, or somewhat more."""
    sizes = [SMALLEST]
    while sizes[-1] < min(largest, LARGEST):
        sizes.append(sizes[-1] * STEP)
    return tuple(sizes)


def measure_collectives(
    subject: Subject, stopwatch: Stopwatch, sizes: tuple[int, ...], activity: Activity
) -> Iterator[CollectiveFigures]:
    """Measure every collective of every group."""
    for group in groups_of(subject.ranks.count):
        process_group, _ = dist.new_subgroups_by_enumeration(group.members(subject.ranks.count))
        for operation, run in COLLECTIVES.items():
            activity.now(f"measuring {operation} among {group.size} ranks, {group.stride} apart")
            messages = [_message(size, group.size, subject.device) for size in sizes]
            works = [_collective(run, message, cast(ProcessGroup | None, process_group)) for message in messages]
            times = [(message.nbytes, stopwatch.time(work)[0]) for message, work in zip(messages, works, strict=True)]
            yield CollectiveFigures(operation, group, tuple(times))


def measure_sends(
    subject: Subject, stopwatch: Stopwatch, sizes: tuple[int, ...], activity: Activity
) -> Iterator[SendFigures]:
    """Measure sends between neighbouring stages, for every number of stages."""
    for stride in strides_of(subject.ranks.count):
        activity.now(f"measuring sends to the rank {stride} further")
        messages = [_message(size, 1, subject.device) for size in sizes]
        times = [(message.nbytes, stopwatch.time(_sends(message, stride))[0]) for message in messages]
        yield SendFigures(stride, tuple(times))


def _message(size: int, parts: int, device: torch.device) -> Tensor:
    """About `size` bytes that so many ranks can split."""
    return torch.zeros(parts * max(1, size // (parts * ELEMENT)), dtype=torch.float32, device=device)


def _all_reduce(message: Tensor, group: ProcessGroup) -> None:
    dist.all_reduce(message, group=group)


def _all_gather(message: Tensor, group: ProcessGroup) -> None:
    dist.all_gather_into_tensor(message, message.chunk(group.size())[group.rank()].clone(), group=group)


def _reduce_scatter(message: Tensor, group: ProcessGroup) -> None:
    dist.reduce_scatter_tensor(message.new_empty(message.numel() // group.size()), message, group=group)


Collective = Callable[[Tensor, ProcessGroup], None]

COLLECTIVES: Mapping[str, Collective] = {
    "AllReduce": _all_reduce,
    "AllGather": _all_gather,
    "ReduceScatter": _reduce_scatter,
}


def _collective(run: Collective, message: Tensor, group: ProcessGroup | None) -> Work:
    """One repetition. A rank that is in no group looks on."""

    def work(mark: Mark) -> None:
        mark()
        if group is not None:
            run(message, group)
        mark()

    return work


def _sends(message: Tensor, stride: int) -> Work:
    """One repetition: every rank sends to the one `stride` further, where there is one."""
    rank, ranks = dist.get_rank(), dist.get_world_size()
    received = torch.empty_like(message)

    def work(mark: Mark) -> None:
        mark()
        sent = dist.isend(message, rank + stride) if rank + stride < ranks else None
        expected = dist.irecv(received, rank - stride) if rank >= stride else None
        for pending in (sent, expected):
            if pending is not None:
                pending.wait()
        mark()

    return work
