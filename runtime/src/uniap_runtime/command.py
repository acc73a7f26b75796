"""The command `uniap-runtime`."""

import argparse
import os
import sys

from uniap_runtime import settings as training
from uniap_runtime.launch import start_ranks
from uniap_runtime.metrics import serve
from uniap_runtime.plan import read_plan
from uniap_runtime.profile import settings as profiling
from uniap_runtime.profile.answer import Answer
from uniap_runtime.profile.rank import run_rank as run_measuring_rank
from uniap_runtime.rank import run_rank


def main() -> None:
    """Parse the command line. A process that torchrun has started is a rank; any other starts the ranks of its pod."""
    parser = argparse.ArgumentParser(prog="uniap-runtime", description="Trains a model under a plan, or measures it.")
    commands = parser.add_subparsers(dest="command", required=True)
    training.add_arguments(commands.add_parser("train", help="train the job whose files the operator has mounted"))
    profiling.add_arguments(commands.add_parser("profile", help="measure the job's model and the links among ranks"))
    arguments = parser.parse_args()
    sys.exit({"train": train, "profile": profile}[arguments.command](arguments))


def train(arguments: argparse.Namespace) -> int:
    """Train as a rank, or start the ranks and serve their metrics."""
    settings = training.settings_of(arguments)
    if "RANK" in os.environ:
        run_rank(settings)
    serve(settings.metrics_address, settings.metrics_port)
    return start_ranks(lambda: read_plan(settings.plan).ranks, sys.argv[1:])


def profile(arguments: argparse.Namespace) -> int:
    """Measure as a rank, or start the ranks and hand over what they have measured."""
    settings = profiling.settings_of(arguments)
    if "RANK" in os.environ:
        run_measuring_rank(settings)
    with Answer(settings) as answer:
        return start_ranks(lambda: settings.ranks, sys.argv[1:]) or answer.hand_over()


if __name__ == "__main__":
    main()
