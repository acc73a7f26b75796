"""The `training.json` that a pod finds: what memory and time depend on, as the job says it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from uniap_runtime.failure import PlanError

Optimizer = Literal["AdamW", "Adam", "SGD", "Momentum"]

PRECISIONS = {"BF16": torch.bfloat16, "FP16": torch.float16, "FP32": torch.float32, "FP64": torch.float64}


@dataclass(frozen=True)
class Training:
    """`sequence_length` in tokens. Of precisions, FP64 is for tests: it makes equal plans equal to the last digits."""

    sequence_length: int
    precision: str = "BF16"
    optimizer: Optimizer = "AdamW"

    @property
    def compute_dtype(self) -> torch.dtype:
        """Of activations, and of parameters as they are multiplied."""
        return PRECISIONS[self.precision]

    @property
    def master_dtype(self) -> torch.dtype:
        """Of parameters as they are kept, of gradients and of optimizer states: 32 bits under 16-bit precisions."""
        return torch.float64 if self.precision == "FP64" else torch.float32


def read_training(path: Path, longest: int | None) -> Training:
    """Read `training.json`. `longest` is the sequence length that the model takes, where the job names none."""
    try:
        content = json.loads(path.read_text())
        length = content.get("sequenceLength", longest)
        precision = content.get("precision", "BF16")
        optimizer = content.get("optimizer", "AdamW")
    except (OSError, ValueError, AttributeError) as error:
        raise PlanError(f"no training settings: {path}: {error}") from error
    if length is None:
        raise PlanError("training.json names no sequenceLength, and config.json no longest one")
    if precision not in PRECISIONS:
        raise PlanError(f"precision {precision} is unknown; use {', '.join(PRECISIONS)}")
    return Training(int(length), precision, optimizer)
