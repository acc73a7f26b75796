"""The process of a rank: its device, how it meets the others, and how it ends."""

import os
import traceback
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import NoReturn

import torch
import torch.distributed as dist

from uniap_runtime.activity import Activity
from uniap_runtime.failure import ExitCode, TrainingError
from uniap_runtime.termination import exit_code_of, leave_message


def run_to_end(work: Callable[[Activity], None], timeout_seconds: float) -> NoReturn:
    """Do the work of a rank, and end the process: with an exit code and a message that say why, where it fails.

    The process ends at once, since others may hang that it would otherwise wait for.
    """
    activity = Activity()
    end = partial(_end, activity)
    activity.watch(timeout_seconds, partial(end, ExitCode.TIMED_OUT))
    try:
        work(activity)
    except TrainingError as error:
        end(error.exit_code, str(error), error.details)
    except Exception as error:
        traceback.print_exception(error)
        end(exit_code_of(error), f"{activity.describe()}: {type(error).__name__}: {error}")
    os._exit(0)


def own_device() -> torch.device:
    """The GPU of this rank, or the CPU where there are none."""
    return torch.device(f"cuda:{os.environ['LOCAL_RANK']}" if torch.cuda.is_available() else "cpu")


def join(device: torch.device, timeout_seconds: float) -> None:
    """Meet the other ranks: NCCL on GPUs, gloo on CPUs. Their own limit is for where the watchdog itself has hung."""
    if device.type == "cuda":
        torch.cuda.set_device(device)
    backend = "nccl" if device.type == "cuda" else "gloo"
    dist.init_process_group(backend, timeout=timedelta(seconds=2 * timeout_seconds))


def _end(activity: Activity, code: int, message: str, details: Mapping[str, int | None] = {}) -> NoReturn:
    rank = int(os.environ.get("RANK", "0"))
    print(f"rank {rank}: {message}", flush=True)
    leave_message(code, message, {"rank": rank, "layer": activity.layer_index, **details})
    os._exit(code)
