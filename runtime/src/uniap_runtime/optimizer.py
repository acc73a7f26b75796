"""Optimizers and learning rates."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import nn
from torch.optim import Optimizer

from uniap_runtime.training import Training

# The learning rate decays to this share of its peak, as in Llama's training (arXiv 2302.13971).
FINAL_SHARE = 0.1


@dataclass(frozen=True)
class OptimizerSettings:
    """Settings that neither memory nor time of a step depends on."""

    learning_rate: float = 3e-4
    warm_up_steps: int = 100
    weight_decay: float = 0.1
    clip_norm: float = 1.0


def learning_rate(settings: OptimizerSettings, step: int, steps: int) -> float:
    """Rise linearly to the peak, then fall along a cosine. `step` counts from 0."""
    if step < settings.warm_up_steps:
        return settings.learning_rate * (step + 1) / settings.warm_up_steps
    done = (step - settings.warm_up_steps) / max(1, steps - settings.warm_up_steps)
    share = FINAL_SHARE + (1 - FINAL_SHARE) * (1 + math.cos(math.pi * min(1.0, done))) / 2
    return settings.learning_rate * share


def build_optimizer(training: Training, settings: OptimizerSettings, parameters: Iterable[nn.Parameter]) -> Optimizer:
    """The job's optimizer. Only matrices decay, not norms and biases."""
    parameters = list(parameters)
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    rate = settings.learning_rate
    match training.optimizer:
        case "AdamW":
            return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95))
        case "Adam":
            return torch.optim.Adam(groups, lr=rate, betas=(0.9, 0.95))
        case "SGD":
            return torch.optim.SGD(groups, lr=rate)
        case "Momentum":
            return torch.optim.SGD(groups, lr=rate, momentum=0.9)
