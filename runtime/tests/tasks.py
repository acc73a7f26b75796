"""What ranks are told to do in tests."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.distributed.tensor import DTensor

from uniap_runtime.activity import Activity
from uniap_runtime.checkpoint import load_latest, save
from uniap_runtime.job import Job
from uniap_runtime.models.chain import TokenReader, parameter_name
from uniap_runtime.models.families import build_chain
from uniap_runtime.optimizer import OptimizerSettings
from uniap_runtime.plan import Plan
from uniap_runtime.trainer import Trainer
from uniap_runtime.training import Optimizer, Training

LENGTH = 24
STEPS = 3
SEED = 1

# A high learning rate, decay, and a norm that is clipped, so that each would be seen in the losses.
SETTINGS = OptimizerSettings(learning_rate=3e-2, warm_up_steps=2, weight_decay=0.1, clip_norm=0.5)

Losses = list[tuple[float, float]]


def make_trainer(plan: Plan, config: dict[str, Any], optimizer: Optimizer, precision: str = "FP64") -> Trainer:
    """A trainer; at 64 bits, equal things are equal."""
    training = Training(LENGTH, precision, optimizer)
    job = Job(plan, build_chain(config, LENGTH), training, SEED, torch.device("cpu"))
    return Trainer(job, SETTINGS, STEPS, Activity())


def losses(plan: Plan, config: dict[str, Any], optimizer: Optimizer, precision: str = "FP64") -> Losses:
    """Train: loss and gradient norm of each step."""
    trainer = make_trainer(plan, config, optimizer, precision)
    read = partial(trainer.job.chain.samples, tokens(trainer.job.chain.vocabulary))
    done = [trainer.step(step, read) for step in range(STEPS)]
    return [(step.loss, step.gradient_norm) for step in done]


def initial_state(plan: Plan, config: dict[str, Any]) -> dict[str, Tensor]:
    """All parameters, whole, before training, by their names in the model; in one stage."""
    trainer = make_trainer(plan, config, "AdamW")
    return {
        parameter_name(trainer.job.chain, layer, own): parameter.full_tensor().detach()
        for (layer, own), parameter in trainer.parameters.items()
        if isinstance(parameter, DTensor)
    }


def tokens(vocabulary: int) -> TokenReader:
    """Random tokens, the same for an index wherever it is read."""
    return lambda index: np.random.default_rng([SEED, index]).integers(vocabulary, size=LENGTH + 1)


def continued(plan: Plan, config: dict[str, Any], optimizer: Optimizer, folder: Path, last: int) -> Losses:
    """Train from the last checkpoint in a folder up to a step, and save; as `losses`, of the steps done."""
    trainer = make_trainer(plan, config, optimizer)
    first = load_latest(folder, trainer)
    read = partial(trainer.job.chain.samples, tokens(trainer.job.chain.vocabulary))
    done = [trainer.step(step, read) for step in range(first, last)]
    save(folder, trainer, last)
    return [(step.loss, step.gradient_norm) for step in done]


def kept_types(plan: Plan, config: dict[str, Any], precision: str) -> set[tuple[torch.dtype, ...]]:
    """Types of each parameter, its gradient and its optimizer states after a step."""
    trainer = make_trainer(plan, config, "AdamW", precision)
    gradients: dict[Tensor, torch.dtype] = {}
    trainer.optimizer.register_step_pre_hook(
        lambda *_: gradients.update(
            {shard: shard.grad.dtype for shard in trainer.shards.values() if shard.grad is not None}
        )
    )
    trainer.step(0, partial(trainer.job.chain.samples, tokens(trainer.job.chain.vocabulary)))
    states = [(shard, trainer.optimizer.state[shard]) for shard in trainer.shards.values()]
    return {(s.dtype, gradients[s], state["exp_avg"].dtype, state["exp_avg_sq"].dtype) for s, state in states}
