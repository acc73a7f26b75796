"""What a person may set: the arguments of `uniap-runtime profile`."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from uniap_runtime.settings import add_files, serving_place


@dataclass(frozen=True)
class ProfileSettings:
    """Arguments, read. `tensor` and `samples` are empty where the model and the ranks are to say what is measured."""

    training: Path
    config: Path
    tensor: tuple[int, ...]
    samples: tuple[int, ...]
    budget_seconds: float
    device: str | None
    ranks: int
    output: Path | None
    serve: bool
    serve_seconds: float
    address: str
    port: int
    timeout_seconds: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments. Files are where the operator mounts them, unless said otherwise."""
    add = parser.add_argument
    add("--tensor", type=_numbers, default=(), metavar="DEGREES", help="as 1,2,4; default: all that split the model")
    add("--samples", type=_numbers, default=(), metavar="COUNTS", help="of a micro-batch on a rank; default: 1,2,4,8")
    add("--budget", type=float, default=30.0, metavar="SECONDS", help="what is left then is left out; default: 30")
    add("--device", default=os.environ.get("UNIAP_DEVICE"), metavar="NAME", help="the catalogue's name of the devices")
    add("--ranks", type=int, default=1, help="to start on this machine, outside a pod; default: %(default)s")
    add("--output", type=Path, metavar="FILE", help="default: standard output")
    add("--serve", action="store_true", help="serve the result at /profile instead, until asked to end")
    add("--serve-seconds", type=float, default=600.0, metavar="SECONDS", help="at the longest; default: %(default)s")
    address, port = serving_place()
    add("--address", default=address, help="to serve at; default: %(default)s")
    add("--port", type=int, default=port, help="to serve on; default: %(default)s")
    add("--timeout", type=float, default=600.0, metavar="SECONDS", help="end where nothing happens; default: 600")
    add_files(parser, {"training": "UNIAP_TRAINING", "config": "UNIAP_MODEL"})


def settings_of(arguments: argparse.Namespace) -> ProfileSettings:
    """Settings from parsed arguments."""
    return ProfileSettings(
        training=arguments.training,
        config=arguments.config,
        tensor=arguments.tensor,
        samples=arguments.samples,
        budget_seconds=arguments.budget,
        device=arguments.device,
        ranks=arguments.ranks,
        output=arguments.output,
        serve=arguments.serve,
        serve_seconds=arguments.serve_seconds,
        address=arguments.address,
        port=arguments.port,
        timeout_seconds=arguments.timeout,
    )


def _numbers(text: str) -> tuple[int, ...]:
    numbers = sorted({int(part) for part in text.split(",")})
    if numbers[0] < 1:
        raise argparse.ArgumentTypeError(f"{numbers[0]} is not a whole number from 1")
    return tuple(numbers)
