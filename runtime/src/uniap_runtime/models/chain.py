"""A model as a chain of layers, the same chain that the planner counts in (`src/model` of the operator).

A layer is a SplitModule. Its `forward(activation, samples)` takes the activation [tokens, hidden] as it lies between
regions (the first layer's is empty) and the samples of its data-parallel rank; the last layer returns the sum over
these samples of each one's loss.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from uniap_runtime.parallel.module import SplitModule
from uniap_runtime.parallel.tensor import TensorGroup

# Tensors of equal first dimension, that of samples.
Samples = Mapping[str, Tensor]

# Tokens of a sample, by its index in the order of training. There is one more than a sample is long, for targets.
TokenReader = Callable[[int], NDArray[np.int64]]

# Samples of a range of indices, from their tokens.
SampleMaker = Callable[[TokenReader, range], Samples]

# What Hugging Face takes for probabilities that a config.json leaves out.
USUAL_DROPOUT = 0.1


# A layer for a tensor group; whether the core of its attention, where it has one, is computed again.
LayerBuilder = Callable[[TensorGroup, bool], SplitModule]


@dataclass(frozen=True)
class LayerSpec:
    """A layer that can be built for a tensor group.

    `tied` names a parameter of the layer that is also that of another layer: (parameter, other layer, its parameter).
    """

    name: str
    build: LayerBuilder
    tied: tuple[str, int, str] | None = None


@dataclass(frozen=True)
class Chain:
    """All layers of a model. `heads` and `key_value_heads` limit the tensor degrees; `notes` are for people."""

    layers: tuple[LayerSpec, ...]
    hidden: int
    vocabulary: int
    heads: int
    key_value_heads: int
    samples: SampleMaker
    notes: tuple[str, ...] = ()


# From config.json and the sequence length to a chain; the protocol of the entry points `uniap_runtime.models`.
ChainBuilder = Callable[[Mapping[str, Any], int], Chain]


def transformer_layers(
    embedding: LayerBuilder, block: LayerBuilder, head: LayerBuilder, *, blocks: int, tied: bool
) -> tuple[LayerSpec, ...]:
    """Embedding, blocks and head. Tied, the head's `logits` have the weight of the embedding's `token`."""
    return (
        LayerSpec("embedding", embedding),
        *(LayerSpec(f"block.{i}", block) for i in range(blocks)),
        LayerSpec("head", head, ("logits.weight", 0, "token.weight") if tied else None),
    )


def parameter_name(chain: Chain, layer: int, own: str) -> str:
    """Name of a layer's parameter in the model; a tied one has the name of the parameter that it is."""
    spec = chain.layers[layer]
    if spec.tied is not None and spec.tied[0] == own:
        _, layer, own = spec.tied
    return f"{chain.layers[layer].name}.{own}"


def dropout_notes(config: Mapping[str, Any], *probabilities: str) -> tuple[str, ...]:
    """What is left out of a model whose config asks for dropout, as it does where it says nothing."""
    asked = [name for name in probabilities if config.get(name, USUAL_DROPOUT) > 0]
    return (f"dropout is left out, though config.json has {', '.join(asked)} above 0",) if asked else ()
