"""Measures messages by size: what data-parallel ranks exchange, as FSDP2 does it, and sends between stages."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed import ProcessGroup
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh
from torch.distributed.fsdp import FSDPModule

from uniap_runtime.activity import Activity
from uniap_runtime.parallel.data import before_backward, share
from uniap_runtime.plan import Strategy
from uniap_runtime.profile.groups import Group, groups_of, strides_of, ties_of
from uniap_runtime.profile.stopwatch import Mark, Stopwatch, Timing, Work
from uniap_runtime.profile.subject import Subject
from uniap_runtime.training import Training

# Bytes of messages, each so many times as large as the one before.
SMALLEST = 2**10
LARGEST = 2**28
STEP = 4

# Bytes: at 32 bits, so that there are as many bytes to gather as there are gradients to sum.
ELEMENT = 4
PRECISION = "FP32"

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
    """Measure what the ranks of every group exchange: parameters, gradients, and gradients of tied parameters."""
    for group in groups_of(subject.ranks.count):
        mesh = _mesh(group, subject)
        for operation, exchange in EXCHANGES.items():
            activity.now(f"measuring {operation} among {group.size} ranks, {group.stride} apart")
            works = [_exchange(exchange, size, mesh, subject) for size in sizes]
            times = [(size, stopwatch.time(work)[0]) for size, work in zip(sizes, works, strict=True)]
            yield CollectiveFigures(operation, group, tuple(times))
    for group in ties_of(subject.ranks.count):
        activity.now(f"measuring AllReduce between ranks {group.stride} apart")
        pairs, _ = dist.new_subgroups_by_enumeration(group.members(subject.ranks.count))
        works = [_sum(_message(size, subject), cast(ProcessGroup | None, pairs)) for size in sizes]
        times = [(size, stopwatch.time(work)[0]) for size, work in zip(sizes, works, strict=True)]
        yield CollectiveFigures("AllReduce", group, tuple(times))


def measure_sends(
    subject: Subject, stopwatch: Stopwatch, sizes: tuple[int, ...], activity: Activity
) -> Iterator[SendFigures]:
    """Measure sends between neighbouring stages, for every number of stages."""
    for stride in strides_of(subject.ranks.count):
        activity.now(f"measuring sends to the rank {stride} further")
        times = [(size, stopwatch.time(_sends(_message(size, subject), stride))[0]) for size in sizes]
        yield SendFigures(stride, tuple(times))


def _message(size: int, subject: Subject) -> Tensor:
    return torch.zeros(size // ELEMENT, dtype=torch.float32, device=subject.device)


class _Parameter(nn.Module):
    """A parameter, and next to no computation."""

    def __init__(self, values: Tensor) -> None:
        super().__init__()
        self.values = nn.Parameter(values)

    def forward(self) -> Tensor:
        return self.values[:1].sum()


@dataclass(frozen=True)
class _Exchange:
    """What the ranks of a group exchange of a parameter that `strategy` shares, and when that begins and ends."""

    strategy: Callable[[int], Strategy]
    once: Callable[[nn.Module, Strategy, Mark], None]


def _gather(module: nn.Module, _: Strategy, mark: Mark) -> None:
    mark()
    cast(FSDPModule, module).unshard()
    mark()
    cast(FSDPModule, module).reshard()


def _scatter(module: nn.Module, strategy: Strategy, mark: Mark) -> None:
    loss: Tensor = module()
    before_backward(cast(FSDPModule, module), strategy, last=True)
    mark()
    torch.autograd.backward(loss)
    mark()


def _reduce(module: nn.Module, strategy: Strategy, mark: Mark) -> None:
    """All that a step does with a parameter of replicas, which FSDP2 copies to compute with."""
    mark()
    loss: Tensor = module()
    before_backward(cast(FSDPModule, module), strategy, last=True)
    torch.autograd.backward(loss)
    mark()


EXCHANGES: Mapping[str, _Exchange] = {
    "AllReduce": _Exchange(lambda size: Strategy(replicas=size), _reduce),
    "AllGather": _Exchange(lambda size: Strategy(shards=size), _gather),
    "ReduceScatter": _Exchange(lambda size: Strategy(shards=size, zero_stage=2), _scatter),
}


def _mesh(group: Group, subject: Subject) -> DeviceMesh:
    """The groups as replicas of one shard, so that both ways of sharing have their dimensions."""
    blocks = subject.ranks.count // (group.size * group.stride)
    names = tuple(f"{name}-{group.size}-{group.stride}" for name in ("block", "member", "alone", "offset"))
    mesh = init_device_mesh(subject.device.type, (blocks, group.size, 1, group.stride), mesh_dim_names=names)
    return mesh[names[1], names[2]]


def _exchange(exchange: _Exchange, size: int, mesh: DeviceMesh, subject: Subject) -> Work:
    module = _Parameter(_message(size, subject))
    strategy = exchange.strategy(mesh.size())
    training = Training(subject.training.sequence_length, PRECISION)
    assert mesh.mesh_dim_names is not None
    share(module, mesh if strategy.replicas > 1 else mesh[mesh.mesh_dim_names[0]], strategy, training)
    return lambda mark: exchange.once(module, strategy, mark)


def _sum(message: Tensor, group: ProcessGroup | None) -> Work:
    """One repetition. A rank that is in no group looks on."""

    def work(mark: Mark) -> None:
        mark()
        if group is not None:
            dist.all_reduce(message, group=group)
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
