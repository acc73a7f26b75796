"""Starts the ranks of this pod, as torchrun does."""

import os
import sys
from collections.abc import Callable

from torch.distributed import run
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

from uniap_runtime.failure import ExitCode, TrainingError
from uniap_runtime.termination import leave_message

# Shells add the number of the signal that ended a process.
SIGNALLED = 128


def in_pod() -> bool:
    """Whether torchrun's variables say how many ranks to start, and where the others are."""
    return "PET_NNODES" in os.environ


def start_ranks(ranks: Callable[[], int], arguments: list[str]) -> int:
    """Start the ranks of this pod, which run the same command; exit code of the first that failed.

    `ranks` is asked where no variable says how many there are: all of them start here then.
    """
    try:
        options = [] if in_pod() else ["--standalone", f"--nproc-per-node={ranks()}"]
    except TrainingError as error:
        leave_message(error.exit_code, str(error))
        print(error, file=sys.stderr)
        return error.exit_code
    # What torchrun would set itself, with a warning.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        run.main([*options, "--module", "uniap_runtime.command", *arguments])
    except ChildFailedError as error:
        _, failure = error.get_first_failure()
        return failure.exitcode if failure.exitcode > 0 else SIGNALLED - failure.exitcode
    except SignalException:
        # The ranks have been told, and have ended.
        return ExitCode.INTERRUPTED
    return 0
