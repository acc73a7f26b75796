"""GPT-2 and GPT-3 (arXiv 2005.14165)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from uniap_runtime.models.attention import Attention, AttentionShape
from uniap_runtime.models.chain import Chain, Samples, dropout_notes, transformer_layers
from uniap_runtime.models.decoder import CausalHead, PreNormBlock
from uniap_runtime.models.feed_forward import Activation, FeedForward, activation_of
from uniap_runtime.models.parts import LayerNorm, Table, VocabularyEmbedding
from uniap_runtime.models.samples import causal_samples
from uniap_runtime.parallel.module import SplitModule
from uniap_runtime.parallel.tensor import TensorGroup


@dataclass(frozen=True)
class Sizes:
    """What a layer is built from."""

    hidden: int
    intermediate: int
    vocabulary: int
    positions: int
    activation: Activation
    epsilon: float
    attention: AttentionShape


class Embedding(SplitModule):
    """Token and position embeddings."""

    def __init__(self, group: TensorGroup, sizes: Sizes) -> None:
        """Two tables."""
        super().__init__(group)
        self.token = VocabularyEmbedding(group, sizes.vocabulary, sizes.hidden)
        self.position = Table(group, sizes.positions, sizes.hidden)

    def forward(self, _: Tensor, samples: Samples) -> Tensor:
        """Ids to activations."""
        ids = samples["input"]
        positions = torch.arange(ids.shape[1], device=ids.device).expand_as(ids)
        output: Tensor = self.token(ids) + self.position(positions)
        return output


def chain(config: Mapping[str, Any], length: int) -> Chain:
    """Layers of a GPT-2. Dropout is left out."""
    sizes = _sizes(config, length)
    norm = lambda group: LayerNorm(group, sizes.hidden, sizes.epsilon)  # noqa: E731
    layers = transformer_layers(
        lambda group, _: Embedding(group, sizes),
        lambda group, core: PreNormBlock(
            norm, Attention(group, sizes.attention, recompute_core=core), _feed_forward(group, sizes)
        ),
        lambda group, _: CausalHead(group, norm, sizes.hidden, sizes.vocabulary),
        blocks=int(config["n_layer"]),
        tied=bool(config.get("tie_word_embeddings", True)),
    )
    return Chain(
        layers=layers,
        hidden=sizes.hidden,
        vocabulary=sizes.vocabulary,
        heads=sizes.attention.heads,
        key_value_heads=sizes.attention.heads,
        samples=causal_samples,
        notes=dropout_notes(config, "embd_pdrop", "resid_pdrop", "attn_pdrop"),
    )


def _feed_forward(group: TensorGroup, sizes: Sizes) -> FeedForward:
    return FeedForward(group, sizes.hidden, sizes.intermediate, sizes.activation, gated=False, bias=True)


def _sizes(config: Mapping[str, Any], length: int) -> Sizes:
    hidden, heads = int(config["n_embd"]), int(config["n_head"])
    return Sizes(
        hidden=hidden,
        intermediate=int(config.get("n_inner") or 4 * hidden),
        vocabulary=int(config["vocab_size"]),
        positions=int(config["n_positions"]),
        activation=activation_of(config.get("activation_function", "gelu_new")),
        epsilon=float(config.get("layer_norm_epsilon", 1e-5)),
        attention=AttentionShape(
            hidden=hidden,
            heads=heads,
            key_value_heads=heads,
            dimension=hidden // heads,
            length=length,
            causal=True,
            input_bias=True,
            output_bias=True,
        ),
    )
