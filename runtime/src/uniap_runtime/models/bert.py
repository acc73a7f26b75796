"""BERT (arXiv 1810.04805): masked language model, and whether two halves follow one another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from uniap_runtime.failure import PlanError
from uniap_runtime.models.attention import Attention, AttentionShape
from uniap_runtime.models.chain import Chain, Samples, dropout_notes, transformer_layers
from uniap_runtime.models.feed_forward import Activation, FeedForward, activation_of
from uniap_runtime.models.loss import cross_entropy
from uniap_runtime.models.parts import LayerNorm, Linear, Table, VocabularyEmbedding
from uniap_runtime.models.samples import masked_samples, masked_tokens
from uniap_runtime.parallel.module import SplitModule
from uniap_runtime.parallel.tensor import TensorGroup

# [MASK] in the vocabularies that BERT was published with; a config.json does not say it, but may as `mask_token_id`.
MASK = 103

RELATIONS = 2


@dataclass(frozen=True)
class Sizes:
    """What a layer is built from. `pairs`: the model also predicts whether the halves of a sample belong together."""

    hidden: int
    intermediate: int
    vocabulary: int
    positions: int
    types: int
    activation: Activation
    epsilon: float
    pairs: bool
    attention: AttentionShape


class Embedding(SplitModule):
    """Token, position and type embeddings, and a norm."""

    def __init__(self, group: TensorGroup, sizes: Sizes) -> None:
        """Three tables."""
        super().__init__(group)
        self.token = VocabularyEmbedding(group, sizes.vocabulary, sizes.hidden)
        self.position = Table(group, sizes.positions, sizes.hidden)
        self.segment = Table(group, sizes.types, sizes.hidden)
        self.norm = LayerNorm(group, sizes.hidden, sizes.epsilon)

    def forward(self, _: Tensor, samples: Samples) -> Tensor:
        """Ids to activations."""
        ids = samples["input"]
        positions = torch.arange(ids.shape[1], device=ids.device).expand_as(ids)
        output: Tensor = self.norm(self.token(ids) + self.position(positions) + self.segment(samples["type"]))
        return output


class Block(SplitModule):
    """Attention and feed-forward network, each added to its input and followed by a norm."""

    def __init__(self, group: TensorGroup, sizes: Sizes, *, recompute_core: bool) -> None:
        """One block."""
        super().__init__(group)
        self.attention = Attention(group, sizes.attention, recompute_core=recompute_core)
        self.attention_norm = LayerNorm(group, sizes.hidden, sizes.epsilon)
        self.feed_forward = FeedForward(
            group, sizes.hidden, sizes.intermediate, sizes.activation, gated=False, bias=True
        )
        self.feed_forward_norm = LayerNorm(group, sizes.hidden, sizes.epsilon)

    def forward(self, activation: Tensor, _: Samples) -> Tensor:
        """Activations to activations."""
        attended = self.attention_norm(activation + self.attention(activation))
        output: Tensor = self.feed_forward_norm(attended + self.feed_forward(attended))
        return output


class Head(SplitModule):
    """Both losses."""

    def __init__(self, group: TensorGroup, sizes: Sizes) -> None:
        """Logits split by the vocabulary; all else between regions."""
        super().__init__(group)
        hidden = sizes.hidden
        self.sizes = sizes
        self.pooler = Linear(group, hidden, hidden, split="none", bias=True) if sizes.pairs else None
        self.relation = Linear(group, hidden, RELATIONS, split="none", bias=True) if sizes.pairs else None
        self.transform = Linear(group, hidden, hidden, split="none", bias=True)
        self.norm = LayerNorm(group, hidden, sizes.epsilon)
        self.logits = Linear(group, hidden, sizes.vocabulary, split="columns", bias=True)

    def forward(self, activation: Tensor, samples: Samples) -> Tensor:
        """Activations to the loss: of each sample, the mean over masked tokens, and that of the relation."""
        transformed = self.norm(self.sizes.activation(self.transform(activation)))
        logits = self.logits(self.group.enter(transformed))
        targets = samples["target"]
        guessed = cross_entropy(self.group, logits, targets.flatten(), self.sizes.vocabulary)
        return guessed / masked_tokens(targets.shape[1]) + self._relation_loss(activation, samples)

    def _relation_loss(self, activation: Tensor, samples: Samples) -> Tensor | float:
        """From the first tokens of samples: those of them that this rank holds."""
        if self.pooler is None or self.relation is None:
            return 0.0
        length = samples["target"].shape[1]
        tokens = torch.arange(samples["target"].numel(), device=activation.device)[
            self.group.own_tokens(samples["target"].numel())
        ]
        first = tokens % length == 0
        relations = self.relation(self.pooler(activation[first]).tanh())
        exact = relations.to(torch.promote_types(relations.dtype, torch.float32))
        loss = functional.cross_entropy(exact, samples["relation"][tokens[first] // length], reduction="sum")
        return self.group.total(loss) if self.group.sequence_parallel else loss


def chain(config: Mapping[str, Any], length: int) -> Chain:
    """Layers of a BERT. Dropout is left out."""
    if config.get("is_decoder", False):
        raise PlanError("config.json: is_decoder is true, but of BERT only encoders are known here")
    sizes = _sizes(config, length)
    layers = transformer_layers(
        lambda group, _: Embedding(group, sizes),
        lambda group, core: Block(group, sizes, recompute_core=core),
        lambda group, _: Head(group, sizes),
        blocks=int(config["num_hidden_layers"]),
        tied=bool(config.get("tie_word_embeddings", True)),
    )
    return Chain(
        layers=layers,
        hidden=sizes.hidden,
        vocabulary=sizes.vocabulary,
        heads=sizes.attention.heads,
        key_value_heads=sizes.attention.heads,
        samples=masked_samples(sizes.vocabulary, int(config.get("mask_token_id", MASK)), pairs=sizes.pairs),
        notes=dropout_notes(config, "hidden_dropout_prob", "attention_probs_dropout_prob"),
    )


def _sizes(config: Mapping[str, Any], length: int) -> Sizes:
    hidden, heads = int(config["hidden_size"]), int(config["num_attention_heads"])
    return Sizes(
        hidden=hidden,
        intermediate=int(config["intermediate_size"]),
        vocabulary=int(config["vocab_size"]),
        positions=int(config["max_position_embeddings"]),
        types=int(config["type_vocab_size"]),
        activation=activation_of(config.get("hidden_act", "gelu")),
        epsilon=float(config.get("layer_norm_eps", 1e-12)),
        pairs="BertForMaskedLM" not in config.get("architectures", []),
        attention=AttentionShape(
            hidden=hidden,
            heads=heads,
            key_value_heads=heads,
            dimension=hidden // heads,
            length=length,
            causal=False,
            input_bias=True,
            output_bias=True,
        ),
    )
