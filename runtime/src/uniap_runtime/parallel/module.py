"""A module whose parameters are described whole, and held in part."""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor, Partial

from uniap_runtime.parallel.tensor import TensorGroup


@dataclass(frozen=True)
class Declaration:
    """How a parameter is split among the ranks of the tensor group, and how it begins.

    `split` is the dimension that ranks split; None where each holds all of it. Then `partial` says that the gradients
    of the ranks differ and are to be summed, since each has used the parameter for other tokens or other heads.
    It begins as a normal distribution of this deviation, or where that is 0, as the constant `fill`.
    """

    split: int | None
    partial: bool
    deviation: float
    fill: float


class SplitModule(nn.Module):
    """Declares parameters on the meta device, with the shapes of the whole model. `build.py` makes them real."""

    def __init__(self, group: TensorGroup) -> None:
        """Without parameters yet."""
        super().__init__()
        self.group = group
        self.declarations: dict[str, Declaration] = {}
        # Hidden in a dictionary, so that the other modules are not parts of this one.
        self._borrowed: dict[str, tuple[SplitModule, str]] = {}

    def declare(
        self,
        name: str,
        *shape: int,
        split: int | None = None,
        partial: bool | None = None,
        deviation: float = 0.0,
        fill: float = 0.0,
    ) -> None:
        """Add a parameter. One that is not split is used between regions, unless `partial` says otherwise."""
        self.register_parameter(name, nn.Parameter(torch.empty(shape, device="meta")))
        partial = self.group.sequence_parallel if partial is None else partial
        self.declarations[name] = Declaration(split, split is None and partial, deviation, fill)

    def borrow(self, name: str, lender: "SplitModule", theirs: str) -> None:
        """Use another module's parameter, which is split alike, in place of a declared one."""
        delattr(self, name)
        del self.declarations[name]
        self._borrowed[name] = lender, theirs

    def held(self, name: str) -> Tensor:
        """What this rank holds of a parameter, to compute with."""
        if name in self._borrowed:
            lender, theirs = self._borrowed[name]
            return lender.held(theirs)
        parameter = cast(Tensor, getattr(self, name))
        if not isinstance(parameter, DTensor):
            return parameter
        placements = [Partial()] if self.declarations[name].partial else None
        return parameter.to_local(grad_placements=placements)
