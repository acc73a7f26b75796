"""Attention with grouped queries, split by heads."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from uniap_runtime.models.parts import HeadLinear, Linear
from uniap_runtime.parallel.module import SplitModule
from uniap_runtime.parallel.tensor import TensorGroup

Rotation = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class AttentionShape:
    """Sizes of an attention. `rotate` turns queries and keys [samples, heads, length, dimension] by their positions."""

    hidden: int
    heads: int
    key_value_heads: int
    dimension: int
    length: int
    causal: bool
    input_bias: bool
    output_bias: bool
    rotate: Rotation | None = None


class Attention(SplitModule):
    """Projections, scaled dot-product attention, and projection of its output."""

    def __init__(self, group: TensorGroup, shape: AttentionShape, *, recompute_core: bool) -> None:
        """`recompute_core`: the backward pass computes the attention again from queries, keys and values."""
        super().__init__(group)
        self.shape = shape
        self.recompute_core = recompute_core
        inner, width, bias = shape.hidden, shape.dimension, shape.input_bias
        self.query = HeadLinear(group, inner, shape.heads, width, bias=bias)
        self.key = HeadLinear(group, inner, shape.key_value_heads, width, bias=bias)
        self.value = HeadLinear(group, inner, shape.key_value_heads, width, bias=bias)
        self.output = Linear(group, shape.heads * width, inner, split="inner", bias=shape.output_bias)

    def forward(self, activation: Tensor) -> Tensor:
        """[tokens, hidden] between regions to the same."""
        entered = self.group.enter(activation)
        query, key, value = (self._heads(project(entered)) for project in (self.query, self.key, self.value))
        if self.recompute_core:
            attended = checkpoint(self._core, query, key, value, use_reentrant=False)
        else:
            attended = self._core(query, key, value)
        output: Tensor = self.output(attended.transpose(1, 2).flatten(2).flatten(0, 1))
        return output

    def _heads(self, projected: Tensor) -> Tensor:
        samples = projected.shape[0] // self.shape.length
        return projected.view(samples, self.shape.length, -1, self.shape.dimension).transpose(1, 2)

    def _core(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        if self.shape.rotate is not None:
            query, key = self.shape.rotate(query), self.shape.rotate(key)
        grouped = query.shape[1] != key.shape[1]
        return functional.scaled_dot_product_attention(
            query, key, value, is_causal=self.shape.causal, enable_gqa=grouped
        )
