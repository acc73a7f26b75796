"""What a person may set: the arguments of `uniap-runtime train`."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from uniap_runtime.optimizer import OptimizerSettings

MOUNT = Path("/etc/uniap")


@dataclass(frozen=True)
class Settings:
    """Arguments, read."""

    plan: Path
    training: Path
    config: Path
    steps: int
    seed: int
    data: Path | None
    checkpoints: Path | None
    checkpoint_every: int
    timeout_seconds: float
    metrics_address: str
    metrics_port: int
    optimizer: OptimizerSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments. Files are where the operator mounts them, unless said otherwise."""
    usual = OptimizerSettings()
    add = parser.add_argument
    add("--steps", type=int, required=True, help="optimizer steps to train for, those of a loaded checkpoint included")
    add("--data", type=Path, metavar="PATH", help="a token file, or a dataset's folder; default: synthetic samples")
    add("--checkpoints", type=Path, metavar="FOLDER", help="where all pods can read and write; default: none are kept")
    add("--checkpoint-every", type=int, default=500, metavar="STEPS", help="default: %(default)s")
    add("--learning-rate", type=float, default=usual.learning_rate, help="at its peak; default: %(default)s")
    add("--warm-up", type=int, default=usual.warm_up_steps, metavar="STEPS", help="default: %(default)s")
    add("--weight-decay", type=float, default=usual.weight_decay, help="of matrices; default: %(default)s")
    add("--clip-norm", type=float, default=usual.clip_norm, help="largest norm of gradients; default: %(default)s")
    add("--seed", type=int, default=0, help="of parameters, and of the order of samples; default: %(default)s")
    add(
        "--timeout",
        type=float,
        default=600.0,
        metavar="SECONDS",
        help="end where nothing happens; default: %(default)s",
    )
    address, port = serving_place()
    add("--metrics-address", default=address, metavar="ADDRESS", help="to serve metrics at; default: %(default)s")
    add("--metrics-port", type=int, default=port, metavar="PORT", help="of metrics; default: %(default)s")
    add_files(parser, {"plan": "UNIAP_PLAN", "training": "UNIAP_TRAINING", "config": "UNIAP_MODEL"})


def serving_place() -> tuple[str, str]:
    """Address and port that a pod serves at, unless it is told others."""
    return os.environ.get("UNIAP_METRICS_ADDRESS", "0.0.0.0"), os.environ.get("UNIAP_METRICS_PORT", "9464")


def add_files(parser: argparse.ArgumentParser, variables: dict[str, str]) -> None:
    """Declare the files that the operator mounts, each with the environment variable that names it."""
    for name, variable in variables.items():
        path = Path(os.environ.get(variable, MOUNT / f"{name}.json"))
        parser.add_argument(f"--{name}", type=Path, default=path, metavar="FILE", help="default: %(default)s")


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Settings from parsed arguments."""
    return Settings(
        plan=arguments.plan,
        training=arguments.training,
        config=arguments.config,
        steps=arguments.steps,
        seed=arguments.seed,
        data=arguments.data,
        checkpoints=arguments.checkpoints,
        checkpoint_every=arguments.checkpoint_every,
        timeout_seconds=arguments.timeout,
        metrics_address=arguments.metrics_address,
        metrics_port=arguments.metrics_port,
        optimizer=OptimizerSettings(
            arguments.learning_rate, arguments.warm_up, arguments.weight_decay, arguments.clip_norm
        ),
    )
