"""What ranks are told to do in tests."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.distributed.tensor import DTensor

from uniap_runtime.models.chain import Samples, parameter_name
from uniap_runtime.models.families import build_chain
from uniap_runtime.optimizer import OptimizerSettings
from uniap_runtime.plan import Plan
from uniap_runtime.trainer import Trainer
from uniap_runtime.training import Optimizer, Training

LENGTH = 24
SEED = 1

# A high learning rate, decay, and a norm that is clipped, so that each would be seen in the losses.
SETTINGS = OptimizerSettings(learning_rate=3e-2, warm_up_steps=2, weight_decay=0.1, clip_norm=0.5)

Losses = list[tuple[float, float]]


def make_trainer(plan: Plan, config: dict[str, Any], optimizer: Optimizer, steps: int) -> Trainer:
    """A trainer at 64 bits."""
    training = Training(LENGTH, "FP64", optimizer)
    chain = build_chain(config, LENGTH)
    device = torch.device("cpu")
    return Trainer(plan, chain, training, SETTINGS, seed=SEED, steps=steps, device=device)


def losses(plan: Plan, config: dict[str, Any], optimizer: Optimizer, steps: int) -> Losses:
    """Train: loss and gradient norm of each step."""
    trainer = make_trainer(plan, config, optimizer, steps)
    done = [trainer.step(step, lambda indices: tokens(indices, config["vocab_size"])) for step in range(steps)]
    return [(step.loss, step.gradient_norm) for step in done]


def initial_state(plan: Plan, config: dict[str, Any]) -> dict[str, Tensor]:
    """All parameters, whole, before training, by their names in the model; in one stage."""
    trainer = make_trainer(plan, config, "AdamW", 1)
    return {
        parameter_name(trainer.chain, layer, own): parameter.full_tensor().detach()
        for (layer, own), parameter in trainer.parameters.items()
        if isinstance(parameter, DTensor)
    }


def tokens(indices: Sequence[int], vocabulary: int) -> Samples:
    """Random tokens, the same for an index wherever it is read."""
    rows = [
        torch.randint(vocabulary, (LENGTH + 1,), generator=torch.Generator().manual_seed(index)) for index in indices
    ]
    stacked = torch.stack(rows)
    return {"input": stacked[:, :-1], "target": stacked[:, 1:]}
