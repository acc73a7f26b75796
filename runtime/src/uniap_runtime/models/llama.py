"""Llama (arXiv 2302.13971, 2307.09288), Mistral (arXiv 2310.06825) and Qwen2 (arXiv 2407.10671)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from uniap_runtime.failure import PlanError
from uniap_runtime.models.attention import Attention, AttentionShape
from uniap_runtime.models.chain import Chain, Samples, transformer_layers
from uniap_runtime.models.decoder import CausalHead, PreNormBlock
from uniap_runtime.models.feed_forward import Activation, FeedForward, activation_of
from uniap_runtime.models.parts import RmsNorm, VocabularyEmbedding
from uniap_runtime.models.rotary import rotation
from uniap_runtime.models.samples import causal_samples
from uniap_runtime.parallel.module import SplitModule
from uniap_runtime.parallel.tensor import TensorGroup


@dataclass(frozen=True)
class Sizes:
    """What a layer is built from."""

    hidden: int
    intermediate: int
    vocabulary: int
    activation: Activation
    epsilon: float
    feed_forward_bias: bool
    attention: AttentionShape


class Embedding(SplitModule):
    """Token embedding."""

    def __init__(self, group: TensorGroup, sizes: Sizes) -> None:
        """One table."""
        super().__init__(group)
        self.token = VocabularyEmbedding(group, sizes.vocabulary, sizes.hidden)

    def forward(self, _: Tensor, samples: Samples) -> Tensor:
        """Ids to activations."""
        output: Tensor = self.token(samples["input"])
        return output


def chain(config: Mapping[str, Any], length: int) -> Chain:
    """Layers of a Llama, Mistral or Qwen2."""
    sizes = _sizes(config, length)
    norm = lambda group: RmsNorm(group, sizes.hidden, sizes.epsilon)  # noqa: E731
    layers = transformer_layers(
        lambda group, _: Embedding(group, sizes),
        lambda group, core: PreNormBlock(
            norm, Attention(group, sizes.attention, recompute_core=core), _feed_forward(group, sizes)
        ),
        lambda group, _: CausalHead(group, norm, sizes.hidden, sizes.vocabulary),
        blocks=int(config["num_hidden_layers"]),
        tied=bool(config.get("tie_word_embeddings", False)),
    )
    return Chain(
        layers=layers,
        hidden=sizes.hidden,
        vocabulary=sizes.vocabulary,
        heads=sizes.attention.heads,
        key_value_heads=sizes.attention.key_value_heads,
        samples=causal_samples,
    )


def _feed_forward(group: TensorGroup, sizes: Sizes) -> FeedForward:
    widths = (sizes.hidden, sizes.intermediate)
    return FeedForward(group, *widths, sizes.activation, gated=True, bias=sizes.feed_forward_bias)


def _sizes(config: Mapping[str, Any], length: int) -> Sizes:
    family = config["model_type"]
    _check_window(config, length)
    hidden, heads = int(config["hidden_size"]), int(config["num_attention_heads"])
    dimension = int(config.get("head_dim") or hidden // heads)
    llama_bias = family == "llama" and bool(config.get("attention_bias", False))
    return Sizes(
        hidden=hidden,
        intermediate=int(config["intermediate_size"]),
        vocabulary=int(config["vocab_size"]),
        activation=activation_of(config.get("hidden_act", "silu")),
        epsilon=float(config.get("rms_norm_eps", 1e-6)),
        feed_forward_bias=family == "llama" and bool(config.get("mlp_bias", False)),
        attention=AttentionShape(
            hidden=hidden,
            heads=heads,
            key_value_heads=int(config.get("num_key_value_heads") or heads),
            dimension=dimension,
            length=length,
            causal=True,
            input_bias=family == "qwen2" or llama_bias,
            output_bias=llama_bias,
            rotate=rotation(config, dimension, length),
        ),
    )


def _check_window(config: Mapping[str, Any], length: int) -> None:
    window = config.get("sliding_window")
    used = config.get("use_sliding_window", config["model_type"] == "mistral")
    if used and window is not None and window < length:
        raise PlanError(
            f"config.json: sliding_window {window} is shorter than the {length} tokens of a sample, and only full "
            f"attention is known here; use sequenceLength {window} or less, or set sliding_window to null"
        )
