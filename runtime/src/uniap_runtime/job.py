"""What is trained, and under which plan."""

from dataclasses import dataclass

import torch

from uniap_runtime.models.chain import Chain
from uniap_runtime.plan import Plan
from uniap_runtime.training import Training


@dataclass(frozen=True)
class Job:
    """The same on all ranks, but for the device."""

    plan: Plan
    chain: Chain
    training: Training
    seed: int
    device: torch.device
