"""What is measured: a model, on ranks."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from uniap_runtime.failure import PlanError
from uniap_runtime.fit import tensor_degrees
from uniap_runtime.models.chain import Chain, LayerSpec
from uniap_runtime.models.families import build_chain, longest, read_config
from uniap_runtime.process import own_device
from uniap_runtime.profile.settings import ProfileSettings
from uniap_runtime.training import Training, read_training

# Samples of a micro-batch that are measured unless somebody says otherwise. More of them take as much more time.
USUAL_SAMPLES = (1, 2, 4, 8)


@dataclass(frozen=True)
class Ranks:
    """Ranks, and how many of them each node has."""

    count: int
    per_node: int

    @property
    def nodes(self) -> int:
        """Nodes that they are on."""
        return self.count // self.per_node


@dataclass(frozen=True)
class Subject:
    """`tensor` are the degrees to measure, `samples` the numbers of samples of a micro-batch on a rank."""

    model: str
    chain: Chain
    training: Training
    ranks: Ranks
    device: torch.device
    tensor: tuple[int, ...]
    samples: tuple[int, ...]

    @cached_property
    def kinds(self) -> Mapping[str, LayerSpec]:
        """The first layer of each kind, by the kind's name: what comes before the number in `block.0`."""
        kinds: dict[str, LayerSpec] = {}
        for spec in self.chain.layers:
            kinds.setdefault(spec.name.split(".")[0], spec)
        return kinds


def read_subject(settings: ProfileSettings) -> Subject:
    """Read the job's files and what torchrun says; raise PlanError where what is asked for cannot be measured."""
    config = read_config(settings.config)
    training = read_training(settings.training, longest(config))
    chain = build_chain(config, training.sequence_length)
    ranks = Ranks(int(os.environ["WORLD_SIZE"]), int(os.environ["LOCAL_WORLD_SIZE"]))
    if ranks.count % ranks.per_node:
        raise PlanError(f"{ranks.count} ranks are not equally many on each node: this one has {ranks.per_node}")
    degrees = tuple(degree for degree in tensor_degrees(chain) if ranks.count % degree == 0)
    for degree in settings.tensor:
        if degree not in degrees:
            raise PlanError(
                f"--tensor {degree} does not split both {chain.heads} heads, {chain.key_value_heads} key/value heads "
                f"and {ranks.count} ranks; use {', '.join(map(str, degrees))}"
            )
    batch = _global_batch(settings.training)
    samples = tuple(count for count in USUAL_SAMPLES if batch is None or count <= batch)
    return Subject(
        model=f"{config['model_type']} of {len(chain.layers)} layers, hidden size {chain.hidden}",
        chain=chain,
        training=training,
        ranks=ranks,
        device=own_device(),
        tensor=settings.tensor or degrees,
        samples=settings.samples or samples,
    )


def _global_batch(path: Path) -> int | None:
    content: Any = json.loads(path.read_text())
    batch = content.get("globalBatchSize")
    return None if batch is None else int(batch)
