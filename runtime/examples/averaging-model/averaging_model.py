"""A language model whose tokens see the mean of those before them, in place of attention: an example of the protocol.

Its config.json:

    {"model_type": "averaging", "width": 512, "blocks": 8, "vocabulary": 32000}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from uniap_runtime.models.chain import Chain, Samples, transformer_layers
from uniap_runtime.models.decoder import CausalHead
from uniap_runtime.models.parts import LayerNorm, Linear, VocabularyEmbedding
from uniap_runtime.models.samples import causal_samples
from uniap_runtime.parallel.module import SplitModule
from uniap_runtime.parallel.tensor import TensorGroup

EPSILON = 1e-5


@dataclass(frozen=True)
class Sizes:
    """What a layer is built from; `length` in tokens."""

    width: int
    vocabulary: int
    length: int


class Embedding(SplitModule):
    """Tokens to activations; a table whose entries the ranks split."""

    def __init__(self, group: TensorGroup, sizes: Sizes) -> None:
        """Parts declare their parameters whole. This module has none of its own."""
        super().__init__(group)
        self.token = VocabularyEmbedding(group, sizes.vocabulary, sizes.width)

    def forward(self, _: Tensor, samples: Samples) -> Tensor:
        """The first layer takes token ids, [samples, length], and gives [tokens, width]."""
        output: Tensor = self.token(samples["input"])
        return output


class Block(SplitModule):
    """A residual block with a weight of its own, how much the past counts."""

    def __init__(self, group: TensorGroup, sizes: Sizes) -> None:
        """Ranks split the inner features: `up` by its columns, `down` by what it takes, the weight likewise."""
        super().__init__(group)
        self.length = sizes.length
        self.norm = LayerNorm(group, sizes.width, EPSILON)
        self.up = Linear(group, sizes.width, 4 * sizes.width, split="columns", bias=True)
        self.down = Linear(group, 4 * sizes.width, sizes.width, split="inner", bias=True)
        self.declare("past", 4 * sizes.width, split=0, fill=1.0)

    def forward(self, activation: Tensor, _: Samples) -> Tensor:
        """Between `enter`, which brings all tokens of the samples together, and `down`, each rank has some features."""
        inner = self.up(self.group.enter(self.norm(activation)))
        output: Tensor = activation + self.down(functional.gelu(inner + self.held("past") * self._means(inner)))
        return output

    def _means(self, inner: Tensor) -> Tensor:
        sequences = inner.view(-1, self.length, inner.shape[-1])
        counts = torch.arange(1, self.length + 1, dtype=inner.dtype, device=inner.device)
        return (sequences.cumsum(1) / counts[:, None]).flatten(0, 1)


def chain(config: Mapping[str, Any], length: int) -> Chain:
    """The entry point: from config.json and the tokens of a sample to layers that can be built for a tensor group."""
    sizes = Sizes(int(config["width"]), int(config["vocabulary"]), length)
    norm = lambda group: LayerNorm(group, sizes.width, EPSILON)  # noqa: E731
    layers = transformer_layers(
        lambda group, _: Embedding(group, sizes),
        # The second argument: whether to recompute the core of attention, of which there is none.
        lambda group, _: Block(group, sizes),
        lambda group, _: CausalHead(group, norm, sizes.width, sizes.vocabulary),
        blocks=int(config["blocks"]),
        tied=True,
    )
    # Tensor degrees divide the number of heads: here, any that the inner features can be divided by.
    heads = 4 * sizes.width
    return Chain(layers, sizes.width, sizes.vocabulary, heads=heads, key_value_heads=heads, samples=causal_samples)
