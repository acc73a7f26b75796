"""The feed-forward network of a transformer block, split by its intermediate features."""

from collections.abc import Callable, Mapping
from functools import partial

from torch import Tensor
from torch.nn import functional

from uniap_runtime.failure import PlanError
from uniap_runtime.models.parts import Linear
from uniap_runtime.parallel.module import SplitModule
from uniap_runtime.parallel.tensor import TensorGroup

Activation = Callable[[Tensor], Tensor]

_TANH = partial(functional.gelu, approximate="tanh")

# By the names that Hugging Face gives them.
ACTIVATIONS: Mapping[str, Activation] = {
    "gelu": functional.gelu,
    "gelu_new": _TANH,
    "gelu_pytorch_tanh": _TANH,
    "relu": functional.relu,
    "silu": functional.silu,
}


def activation_of(name: str) -> Activation:
    """Look an activation up; raise PlanError where it is not known."""
    if name not in ACTIVATIONS:
        raise PlanError(f"config.json: activation {name} is unknown; use {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]


class FeedForward(SplitModule):
    """down(activation(up(x))), or with a gate (arXiv 2002.05202) down(activation(gate(x)) * up(x))."""

    def __init__(  # noqa: PLR0913
        self, group: TensorGroup, hidden: int, intermediate: int, activation: Activation, *, gated: bool, bias: bool
    ) -> None:
        """Products and an activation between them."""
        super().__init__(group)
        self.activation = activation
        self.gate = Linear(group, hidden, intermediate, split="columns", bias=bias) if gated else None
        self.up = Linear(group, hidden, intermediate, split="columns", bias=bias)
        self.down = Linear(group, intermediate, hidden, split="inner", bias=bias)

    def forward(self, activation: Tensor) -> Tensor:
        """[tokens, hidden] between regions to the same."""
        entered = self.group.enter(activation)
        raised = self.up(entered)
        inner = self.activation(raised) if self.gate is None else self.activation(self.gate(entered)) * raised
        output: Tensor = self.down(inner)
        return output
