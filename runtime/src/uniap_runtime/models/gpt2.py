"""GPT-2 and GPT-3 (arXiv 2005.14165)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from uniap_runtime.models.attention import Attention, AttentionShape
from uniap_runtime.models.chain import Chain, LayerSpec, Samples, dropout_notes
from uniap_runtime.models.feed_forward import Activation, FeedForward, activation_of
from uniap_runtime.models.loss import cross_entropy
from uniap_runtime.models.parts import LayerNorm, Linear, Table, VocabularyEmbedding
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


class Block(SplitModule):
    """Attention and feed-forward network, each after a norm and added to its input."""

    def __init__(self, group: TensorGroup, sizes: Sizes, *, recompute_core: bool) -> None:
        """One block."""
        super().__init__(group)
        self.attention_norm = LayerNorm(group, sizes.hidden, sizes.epsilon)
        self.attention = Attention(group, sizes.attention, recompute_core=recompute_core)
        self.feed_forward_norm = LayerNorm(group, sizes.hidden, sizes.epsilon)
        self.feed_forward = FeedForward(
            group, sizes.hidden, sizes.intermediate, sizes.activation, gated=False, bias=True
        )

    def forward(self, activation: Tensor, _: Samples) -> Tensor:
        """Activations to activations."""
        attended = activation + self.attention(self.attention_norm(activation))
        output: Tensor = attended + self.feed_forward(self.feed_forward_norm(attended))
        return output


class Head(SplitModule):
    """Norm, logits and loss."""

    def __init__(self, group: TensorGroup, sizes: Sizes) -> None:
        """Logits split by the vocabulary."""
        super().__init__(group)
        self.vocabulary = sizes.vocabulary
        self.norm = LayerNorm(group, sizes.hidden, sizes.epsilon)
        self.logits = Linear(group, sizes.hidden, sizes.vocabulary, split="columns", bias=False)

    def forward(self, activation: Tensor, samples: Samples) -> Tensor:
        """Activations to the loss: of each sample, the mean over its tokens."""
        logits = self.logits(self.group.enter(self.norm(activation)))
        targets = samples["target"]
        return cross_entropy(self.group, logits, targets.flatten(), self.vocabulary) / targets.shape[1]


def chain(config: Mapping[str, Any], length: int) -> Chain:
    """Layers of a GPT-2. Dropout is left out."""
    sizes = _sizes(config, length)
    tied = ("logits.weight", 0, "token.weight") if config.get("tie_word_embeddings", True) else None
    block = lambda group, core: Block(group, sizes, recompute_core=core)  # noqa: E731
    return Chain(
        layers=(
            LayerSpec("embedding", lambda group, _: Embedding(group, sizes)),
            *(LayerSpec(f"block.{i}", block) for i in range(int(config["n_layer"]))),
            LayerSpec("head", lambda group, _: Head(group, sizes), tied),
        ),
        hidden=sizes.hidden,
        vocabulary=sizes.vocabulary,
        heads=sizes.attention.heads,
        key_value_heads=sizes.attention.heads,
        samples=causal_samples,
        notes=dropout_notes(config, "embd_pdrop", "resid_pdrop", "attn_pdrop"),
    )


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
