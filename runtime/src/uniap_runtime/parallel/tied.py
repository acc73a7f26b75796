"""Parameters that two layers have in common (tied embeddings).

In one chunk there is one parameter, and both layers use it (`chunk.py`). In two stages each has its own copy, with
equal initial values, and after the last micro-batch both get the sum of the two gradients, so that they stay equal. The
sum is one all-reduce among the two ranks that hold the same part, as the two layers are split alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import torch.distributed as dist
from torch import nn
from torch.distributed import ProcessGroup, new_subgroups_by_enumeration

from uniap_runtime.failure import PlanError
from uniap_runtime.models.chain import Chain
from uniap_runtime.parallel.shards import gradient_of
from uniap_runtime.plan import Plan, Strategy


@dataclass(frozen=True)
class Tie:
    """`copy` is the same parameter as `original`; both are (layer, name of the parameter in it)."""

    copy: tuple[int, str]
    original: tuple[int, str]


class Ties:
    """The ties of a model. Every rank makes one, as every rank takes part in making groups."""

    def __init__(self, plan: Plan, chain: Chain) -> None:
        """Raise PlanError where the layers of a tie are split differently."""
        self._groups = {tie: _group(plan, tie) for tie in ties(chain)}

    def sum_gradients(self, parameters: Mapping[tuple[int, str], nn.Parameter]) -> None:
        """Give both copies of each tie the sum of their gradients; `parameters` are those of this rank."""
        for tie, group in self._groups.items():
            for end in (tie.copy, tie.original):
                if end in parameters and group is not None:
                    dist.all_reduce(gradient_of(parameters[end]), group=group)


def ties(chain: Chain) -> tuple[Tie, ...]:
    """All ties of a model."""
    return tuple(
        Tie((layer, own), (other, theirs))
        for layer, spec in enumerate(chain.layers)
        if spec.tied is not None
        for own, other, theirs in [spec.tied]
    )


def _group(plan: Plan, tie: Tie) -> ProcessGroup | None:
    """Group of this rank and the one with the same part of the other parameter. None in one stage, and elsewhere."""
    copy, original = plan.places[tie.copy[0]], plan.places[tie.original[0]]
    if _split(copy.strategy) != _split(original.strategy):
        raise PlanError(
            f"layers {tie.original[0]} and {tie.copy[0]} share a parameter but have different degrees: tensor, shards "
            f"and replicas {_split(original.strategy)} and {_split(copy.strategy)}; give both the same"
        )
    if copy.stage == original.stage:
        return None
    size = plan.ranks_per_stage
    pairs = [[original.stage * size + index, copy.stage * size + index] for index in range(size)]
    group, _ = new_subgroups_by_enumeration(pairs)
    return cast(ProcessGroup | None, group)


def _split(strategy: Strategy) -> tuple[int, int, int]:
    return strategy.tensor, strategy.shards, strategy.replicas
