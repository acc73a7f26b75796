"""Ranks on the cores of one machine, each with a share of a core to itself.

The cost model knows devices that nobody shares. Where there are more ranks than cores, a rank that waits would leave
its core to others, which then were quicker than they are planned to be. So ranks of a core take turns of equal length,
whether or not they have something to do, as a limit on CPU time does it for a container.
"""

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any

import torch
import torch._dynamo  # Imported on first use otherwise, in every rank.
import torch.distributed.checkpoint

# Short against a step, long against the switch from one rank to another.
TURN_SECONDS = 1e-3

LIMIT_SECONDS = 600.0


def run(world: int, task: Callable[..., Any], *arguments: Any) -> Any:
    """Run `task(*arguments)` on forked ranks, in the environment that torchrun gives them; what the first returns."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    port = _free_port()
    ranks = [
        context.Process(target=_rank, args=(rank, world, port, theirs if rank == 0 else None, task, arguments))
        for rank in range(world)
    ]
    for process in ranks:
        process.start()
    theirs.close()
    try:
        with _turns([process.pid or 0 for process in ranks]):
            if not ours.poll(LIMIT_SECONDS):
                sys.exit(f"{task.__name__} has not ended within {LIMIT_SECONDS:.0f} s")
            return ours.recv()
    finally:
        for process in ranks:
            process.kill()
            process.join()


def _rank(  # noqa: PLR0913, PLR0917
    rank: int, world: int, port: int, answer: Connection | None, task: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[rank % len(cores)]})
    torch.set_num_threads(1)
    numbers = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": world, "LOCAL_WORLD_SIZE": world, "MASTER_PORT": port}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", **{name: str(number) for name, number in numbers.items()}}
    try:
        result = task(*arguments)
    except Exception:
        traceback.print_exc()
        os._exit(1)
    if answer is not None:
        answer.send(result)
    # Without waiting for the threads of process groups.
    sys.stderr.flush()
    os._exit(0)


@contextmanager
def _turns(ranks: Sequence[int]) -> Any:
    """Let the ranks of each core run one after another, for as long as the context lasts."""
    cores = len(os.sched_getaffinity(0))
    groups = [ranks[start : start + cores] for start in range(0, len(ranks), cores)]
    ended = threading.Event()
    switching = threading.Thread(target=_switch, args=(groups, ended))
    if len(groups) > 1:
        switching.start()
    try:
        yield
    finally:
        ended.set()
        if len(groups) > 1:
            switching.join()


def _switch(groups: Sequence[Sequence[int]], ended: threading.Event) -> None:
    for group in groups:
        _signal(group, signal.SIGSTOP)
    while not ended.is_set():
        for group in groups:
            _signal(group, signal.SIGCONT)
            time.sleep(TURN_SECONDS)
            _signal(group, signal.SIGSTOP)


def _signal(processes: Sequence[int], number: signal.Signals) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
