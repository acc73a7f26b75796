"""The cases in ../golden/engines: plans, and the files that tell an engine of them."""

import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent.parent / "golden" / "engines"

# Stands in for torchrun: prints what it was started with.
TORCHRUN = f"""#!{sys.executable}
import json, os, sys
print(json.dumps({{"arguments": sys.argv[1:], "environment": dict(os.environ)}}))
"""


@dataclass(frozen=True)
class Layer:
    """A layer of a plan; its index is its place in the model. Ends are the embedding and the head."""

    index: int
    is_end: bool
    stage: int
    chunk: int
    run: dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A plan and the folder with its files."""

    name: str
    folder: Path
    plan: dict[str, Any]
    training: dict[str, Any]
    layers: tuple[Layer, ...]

    @property
    def stages(self) -> int:
        """The pipeline degree."""
        return len(self.plan["stages"])

    @property
    def blocks(self) -> tuple[Layer, ...]:
        """The layers that the model repeats."""
        return tuple(layer for layer in self.layers if not layer.is_end)


def check_all(engine: str, check: Callable[[Case], None]) -> None:
    """Check every case of an engine, without what the engine itself prints."""
    for folder in sorted(CASES.iterdir()):
        if (folder / f"{engine}.sh").exists():
            with redirect_stdout(io.StringIO()):
                check(read(folder))
            print(f"{folder.name}: understood as planned", flush=True)


def read(folder: Path) -> Case:
    """Read the case of a folder."""
    plan = json.loads((folder / "plan.json").read_text())["spec"]
    training = json.loads((folder / "training.json").read_text())
    stages = plan["stages"]
    count = 1 + max(run["last"] for stage in stages for run in stage["layers"])
    layers = [
        Layer(index, index in {0, count - 1}, stage, run["virtualStage"] * len(stages) + stage, run)
        for stage, of in enumerate(stages)
        for run in of["layers"]
        for index in range(run["first"], run["last"] + 1)
    ]
    return Case(folder.name, folder, plan, training, tuple(sorted(layers, key=lambda layer: layer.index)))


@dataclass(frozen=True)
class Start:
    """What a script starts on each node."""

    arguments: list[str]
    environment: dict[str, str]


def start(case: Case, engine: str, *arguments: str) -> Start:
    """Run the engine's script with a torchrun that only says what it was asked for."""
    with tempfile.TemporaryDirectory() as folder:
        torchrun = Path(folder) / "torchrun"
        torchrun.write_text(TORCHRUN)
        torchrun.chmod(0o755)
        run = subprocess.run(
            ["sh", case.folder / f"{engine}.sh", *arguments],
            env={"PATH": f"{folder}:{os.environ['PATH']}"},
            check=True,
            capture_output=True,
            text=True,
        )
    said = json.loads(run.stdout)
    return Start(said["arguments"], said["environment"])


def expect(what: str, actual: object, expected: object) -> None:
    """Fail where the engine understood something else than the plan says."""
    if actual != expected:
        raise SystemExit(f"{what}: the engine understood {actual!r}, the plan has {expected!r}")


def stage_ranks(case: Case, stage: int) -> range:
    """Global ranks of a stage (docs/annotations.md)."""
    size = case.plan["gpus"] // case.stages
    return range(stage * size, (stage + 1) * size)


def tensor_group(layer: Layer, rank: int) -> list[int]:
    """Ranks that split a layer with a rank of its stage (docs/annotations.md)."""
    first = rank - rank % layer.run["tensor"]
    return list(range(first, first + layer.run["tensor"]))


def data_group(case: Case, layer: Layer, rank: int) -> list[int]:
    """Ranks that compute other samples of a micro-batch than a rank of the layer's stage (docs/annotations.md)."""
    ranks = stage_ranks(case, layer.stage)
    tensor: int = layer.run["tensor"]
    return list(ranks[(rank - ranks.start) % tensor :: tensor])
