"""The parts that transformers are made of, each able to run on a tensor-parallel group."""

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from uniap_runtime.parallel.module import SplitModule
from uniap_runtime.parallel.tensor import TensorGroup


class Linear(SplitModule):
    """A product with a weight [columns, inner].

    Split by `columns` it takes a whole input inside a region and gives a part of the columns. Split by `inner` it takes
    a part of the features inside a region and gives sums between regions. With `none`, all ranks compute all of it,
    between regions.
    """

    def __init__(  # noqa: PLR0913
        self,
        group: TensorGroup,
        inner: int,
        columns: int,
        *,
        split: Literal["columns", "inner", "none"],
        bias: bool,
        deviation: float = 0.02,
    ) -> None:
        """Weights begin normally distributed, biases as 0."""
        super().__init__(group)
        self.split = split
        self.has_bias = bias
        dimension = {"columns": 0, "inner": 1, "none": None}[split]
        self.declare("weight", columns, inner, split=dimension, deviation=deviation)
        if bias:
            self.declare("bias", columns, split=0 if split == "columns" else None)

    def forward(self, activation: Tensor) -> Tensor:
        """[tokens, inner] to [tokens, columns], either or both in part."""
        bias = self.held("bias") if self.has_bias else None
        if self.split != "inner":
            return functional.linear(activation, self.held("weight"), bias)
        output = self.group.leave(functional.linear(activation, self.held("weight")))
        return output if bias is None else output + bias


class HeadLinear(SplitModule):
    """A product split by columns that come in heads, of which there may be fewer than ranks.

    Then every rank holds the whole weight and uses the rows of the one head that its queries need.
    """

    def __init__(self, group: TensorGroup, inner: int, heads: int, dimension: int, *, bias: bool) -> None:
        """`heads` divide the ranks of the group, or are divided by them."""
        super().__init__(group)
        self.has_bias = bias
        shared = heads < group.size
        first = group.rank // (group.size // heads) if shared else 0
        self.rows = slice(first * dimension, (first + 1) * dimension) if shared else slice(None)
        split = None if shared else 0
        self.declare("weight", heads * dimension, inner, split=split, partial=shared, deviation=0.02)
        if bias:
            self.declare("bias", heads * dimension, split=split, partial=shared)

    def forward(self, activation: Tensor) -> Tensor:
        """[tokens, inner], whole, to [tokens, this rank's heads * dimension]."""
        bias = self.held("bias")[self.rows] if self.has_bias else None
        return functional.linear(activation, self.held("weight")[self.rows], bias)


class RmsNorm(SplitModule):
    """Root-mean-square norm (arXiv 1910.07467) with a scale."""

    def __init__(self, group: TensorGroup, width: int, epsilon: float) -> None:
        """The scale begins as 1."""
        super().__init__(group)
        self.width = width
        self.epsilon = epsilon
        self.declare("weight", width, fill=1.0)

    def forward(self, activation: Tensor) -> Tensor:
        """Between regions."""
        return functional.rms_norm(activation, (self.width,), self.held("weight"), self.epsilon)


class LayerNorm(SplitModule):
    """Layer norm (arXiv 1607.06450) with a scale and a shift."""

    def __init__(self, group: TensorGroup, width: int, epsilon: float) -> None:
        """The scale begins as 1."""
        super().__init__(group)
        self.width = width
        self.epsilon = epsilon
        self.declare("weight", width, fill=1.0)
        self.declare("bias", width)

    def forward(self, activation: Tensor) -> Tensor:
        """Between regions."""
        weight, bias = self.held("weight"), self.held("bias")
        return functional.layer_norm(activation, (self.width,), weight, bias, self.epsilon)


class VocabularyEmbedding(SplitModule):
    """A table split by its entries: each rank looks up what it has, and the sum is the embedding."""

    def __init__(self, group: TensorGroup, entries: int, width: int) -> None:
        """Ranks hold ceil(entries / ranks) entries, the last ones what is left."""
        super().__init__(group)
        self.first = group.rank * -(-entries // group.size)
        self.declare("weight", entries, width, split=0, deviation=0.02)

    def forward(self, ids: Tensor) -> Tensor:
        """[samples, length] of ids to [tokens, width] as it lies between regions."""
        weight = self.held("weight")
        if self.group.size == 1:
            return functional.embedding(ids.flatten(), weight)
        local = ids.flatten() - self.first
        here = (local >= 0) & (local < weight.shape[0])
        found = functional.embedding(torch.where(here, local, 0), weight)
        return self.group.leave(found * here.unsqueeze(-1))


class Table(SplitModule):
    """A table that every rank holds (positions, token types), looked up between regions."""

    def __init__(self, group: TensorGroup, entries: int, width: int) -> None:
        """Entries begin normally distributed."""
        super().__init__(group)
        self.declare("weight", entries, width, deviation=0.02)

    def forward(self, ids: Tensor) -> Tensor:
        """[samples, length] of ids to [tokens, width] as it lies between regions."""
        own = self.group.own_tokens(ids.numel())
        return functional.embedding(ids.flatten()[own], self.held("weight"))
