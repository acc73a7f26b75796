"""Ranks for tests: forked from a process that has imported torch already, since importing it takes seconds.

They are forked anew for each task: DTensor remembers meshes of process groups that are gone.
"""

import multiprocessing
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
import torch._dynamo  # Imported on first use otherwise, in every rank.
import torch.distributed as dist
import torch.distributed.checkpoint

Task = Callable[..., Any]

# Of a task, on a machine that is busy with other things.
LIMIT = timedelta(seconds=90)


def run(world: int, task: Task, *arguments: Any) -> list[Any]:
    """Run `task(*arguments)` on `world` ranks with a default process group on gloo; their results, by rank."""
    context = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        pipes = [context.Pipe(duplex=False) for _ in range(world)]
        processes = [
            context.Process(target=_rank, args=(ours, store, rank, world, task, arguments))
            for rank, (_, ours) in enumerate(pipes)
        ]
        for process in processes:
            process.start()
        try:
            deadline = time.monotonic() + LIMIT.total_seconds()
            results = [_result(rank, theirs, deadline) for rank, (theirs, _) in enumerate(pipes)]
        finally:
            for process in processes:
                process.kill()
                process.join()
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results


def _result(rank: int, connection: Connection, deadline: float) -> Any:
    if not connection.poll(max(0.0, deadline - time.monotonic())):
        return TimeoutError(f"rank {rank} has not answered within {LIMIT}")
    return connection.recv()


def _rank(  # noqa: PLR0913, PLR0917
    connection: Connection, store: Path, rank: int, world: int, task: Task, arguments: tuple[Any, ...]
) -> None:
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", message="FSDP2-wrapped module")
    try:
        dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=world, timeout=LIMIT)
        result = task(*arguments)
        dist.barrier()
    except Exception as error:
        error.add_note(f"on rank {rank}:\n{traceback.format_exc()}")
        result = error
    connection.send(result)
