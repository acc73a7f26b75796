"""The command `uniap-runtime`."""

import argparse
import os
import sys

from torch.distributed import run
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

from uniap_runtime.failure import ExitCode, TrainingError
from uniap_runtime.metrics import serve
from uniap_runtime.plan import read_plan
from uniap_runtime.rank import run_rank
from uniap_runtime.settings import Settings, add_arguments, settings_of
from uniap_runtime.termination import leave_message

# Shells add the number of the signal that ended a process.
SIGNALLED = 128


def main() -> None:
    """Parse the command line. A process that torchrun has started is a rank; any other starts the ranks of its pod."""
    parser = argparse.ArgumentParser(prog="uniap-runtime", description="Trains a model under a ParallelPlan.")
    commands = parser.add_subparsers(dest="command", required=True)
    add_arguments(commands.add_parser("train", help="train the job whose files the operator has mounted"))
    settings = settings_of(parser.parse_args())
    if "RANK" in os.environ:
        run_rank(settings)
    sys.exit(start_ranks(settings, sys.argv[1:]))


def start_ranks(settings: Settings, arguments: list[str]) -> int:
    """Start the ranks of this pod as torchrun does, and serve their metrics; exit code of the first that failed."""
    try:
        options = launcher_options(settings)
    except TrainingError as error:
        leave_message(error.exit_code, str(error))
        print(error, file=sys.stderr)
        return error.exit_code
    serve(settings.metrics_address, settings.metrics_port)
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


def launcher_options(settings: Settings) -> list[str]:
    """Options of torchrun. In a pod its variables say how many ranks to start; else all of the plan start here."""
    if "PET_NNODES" in os.environ:
        return []
    return ["--standalone", f"--nproc-per-node={read_plan(settings.plan).ranks}"]


if __name__ == "__main__":
    main()
