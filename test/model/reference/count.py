"""Counts what Hugging Face models do in PyTorch, as a reference for src/model.

Each model is built and trained for one step in FakeTensorMode, which runs every operation without data, so that a model
of any size takes seconds and no memory. For each of its layers (embedding, first and second block of a kind, head …):

- parameters, tied ones in the layer that comes first;
- FLOP of the forward and backward pass, by FlopCounterMode;
- bytes kept for the backward pass: storages that saved-tensor hooks see, each once, parameters left out;
- bytes moved: inputs and outputs of every operation that is not a view, each read or written once.

On the CPU, in bfloat16, with one sample, without dropout (which on a CPU keeps other tensors than on a GPU).
Prints JSON.

    uv venv && uv pip install torch==2.15.0 transformers==5.23.0
    python test/model/reference/count.py > test/model/reference/counts.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
import transformers
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode
from transformers import masking_utils

# What is counted for each layer, by the names that the tests know.
QUANTITIES = ("parameters", "forwardFlops", "backwardFlops", "savedBytes", "forwardTraffic", "backwardTraffic")
Counts = dict[str, int]


@dataclass(frozen=True)
class Case:
    """A model, what it is trained on, and which of its modules begin a layer."""

    name: str
    model: str
    config: dict[str, Any]
    inputs: Callable[[], dict[str, Tensor]]
    # Layers in the order that the forward pass enters them, each with the module whose call begins it.
    layers: dict[str, str]
    tokens: int | None = None


@dataclass
class Meter:
    """Adds what happens to the layer that is being computed."""

    layer: str
    counts: dict[str, Counts]
    backward: bool = False
    flops: FlopCounterMode = field(default_factory=lambda: FlopCounterMode(display=False))
    counted: int = 0
    storages: dict[int, Tensor] = field(default_factory=dict)

    def enter(self, layer: str) -> None:
        """Let another layer be the one that is being computed."""
        self.settle()
        self.layer = layer

    def settle(self) -> None:
        """Give the FLOP since the last call to the layer."""
        total = self.flops.get_total_flops()
        self.add("backwardFlops" if self.backward else "forwardFlops", total - self.counted)
        self.counted = total

    def add(self, quantity: str, amount: int) -> None:
        """Add to a quantity of the layer that is being computed."""
        self.counts[self.layer][quantity] += amount

    def move(self, size: int) -> None:
        """Count bytes read or written."""
        self.add("backwardTraffic" if self.backward else "forwardTraffic", size)

    def keep(self, tensor: Tensor) -> Tensor:
        """Count a storage once. A tensor held keeps its storage from being given to another."""
        storage = tensor.untyped_storage()
        if storage._cdata not in self.storages:
            self.storages[storage._cdata] = tensor
            self.add("savedBytes", storage.nbytes())
        return tensor


# Operations that touch no data, besides views.
MOVE_NOTHING = ("empty", "new_empty", "_unsafe_view", "detach")

# Operations that read of their tables only what they look up.
READ_WHAT_THEY_WRITE = ("embedding.default", "nll_loss_forward", "nll_loss_backward")


class TrafficMode(TorchDispatchMode):  # type: ignore[misc]  # torch is not there where types are checked
    """Adds the bytes that each operation reads and writes."""

    def __init__(self, meter: Meter) -> None:
        """Report to `meter`."""
        super().__init__()
        self.meter = meter

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run an operation and report what it moved."""
        result = func(*args, **(kwargs or {}))
        if func.namespace == "aten" and not func.is_view and not func.__name__.startswith(MOVE_NOTHING):
            gathers = func.__name__.startswith(READ_WHAT_THEY_WRITE)
            moved = (result, result) if gathers else (args, kwargs, result)
            tensors = [leaf for leaf in tree_leaves(moved) if isinstance(leaf, Tensor)]
            self.meter.move(sum(tensor.numel() * tensor.element_size() for tensor in tensors))
        return result


@contextmanager
def layers_entered(model: nn.Module, meter: Meter, layers: dict[str, str]) -> Iterator[None]:
    """Tell the meter which layer computes: forward by calls of modules, backward by gradients of their inputs."""
    modules = dict(model.named_modules())
    names = list(layers)
    previous = names[0]
    handles = []
    for name in names[1:]:
        # The gradient of a layer's input is complete when the backward pass enters the layer before.
        def enter(_module: nn.Module, args: Any, kwargs: Any, name: str = name, before: str = previous) -> None:
            meter.enter(name)
            hidden = next(leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor))
            if hidden.requires_grad:
                hidden.register_hook(lambda _gradient: meter.enter(before))

        handles.append(modules[layers[name]].register_forward_pre_hook(enter, with_kwargs=True))
        previous = name
    yield
    for handle in handles:
        handle.remove()


def build(case: Case) -> nn.Module:
    """Build the model of a case, ready for training."""
    model_class = getattr(transformers, case.model)
    config = model_class.config_class(**case.config)
    config._attn_implementation = "sdpa"
    # A model in training keeps no key/value cache.
    config.use_cache = False
    model: nn.Module = model_class(config)
    return model.train()


def count_parameters(model: nn.Module, meter: Meter, layers: dict[str, str]) -> None:
    """Give each parameter to the layer whose first module was last named before it."""
    owners = {path: name for name, path in layers.items()}
    order = list(layers)
    seen: set[int] = set()
    current = order[0]
    for path, module in model.named_modules():
        current = owners.get(path, current)
        for parameter in module.parameters(recurse=False):
            if id(parameter) not in seen:
                seen.add(id(parameter))
                meter.counts[current]["parameters"] += parameter.numel()


def count(case: Case) -> dict[str, Any]:
    """Train the model of a case for one step, and returns what was counted."""
    meter = Meter(layer=next(iter(case.layers)), counts={name: dict.fromkeys(QUANTITIES, 0) for name in case.layers})
    torch.set_default_dtype(torch.bfloat16)
    with FakeTensorMode(), torch.device("cpu"):
        model = build(case)
        inputs = case.inputs()
        count_parameters(model, meter, case.layers)
        # Parameters are no activations.
        meter.storages = {p.untyped_storage()._cdata: p for p in model.parameters()}
        hooks = torch.autograd.graph.saved_tensors_hooks(meter.keep, lambda tensor: tensor)
        with layers_entered(model, meter, case.layers), meter.flops, TrafficMode(meter):
            with hooks:
                loss = model(**inputs).loss
            meter.settle()
            meter.backward = True
            loss.backward()
            meter.settle()
    return {
        "config": {"model_type": model.config.model_type, **case.config},
        "tokens": case.tokens,
        "parameters": sum(p.numel() for p in model.parameters()),
        "layers": meter.counts,
    }


def text(tokens: int) -> Callable[[], dict[str, Tensor]]:
    """Make a sequence to continue."""

    def make() -> dict[str, Tensor]:
        ids = torch.zeros(1, tokens, dtype=torch.long)
        return {"input_ids": ids, "labels": ids}

    return make


def sentences(tokens: int) -> Callable[[], dict[str, Tensor]]:
    """Make two sentences to complete, and to tell whether one follows the other."""
    return lambda: {**text(tokens)(), "next_sentence_label": torch.zeros(1, dtype=torch.long)}


def image(side: int) -> Callable[[], dict[str, Tensor]]:
    """Make an image to classify."""
    return lambda: {
        "pixel_values": torch.zeros(1, 3, side, side),
        "labels": torch.zeros(1, dtype=torch.long),
    }


DECODER = {
    "embedding": "",
    "block.0": "model.layers.0",
    "block.1": "model.layers.1",
    "head": "model.norm",
}
NO_PADDING = {"pad_token_id": None}

CASES = [
    Case(
        name="llama-7b",
        model="LlamaForCausalLM",
        config={
            "hidden_size": 4096,
            "intermediate_size": 11008,
            "num_hidden_layers": 2,
            "num_attention_heads": 32,
            "vocab_size": 32000,
            "max_position_embeddings": 2048,
        },
        inputs=text(2048),
        layers=DECODER,
        tokens=2048,
    ),
    Case(
        name="llama-3-8b",
        model="LlamaForCausalLM",
        config={
            "hidden_size": 4096,
            "intermediate_size": 14336,
            "num_hidden_layers": 2,
            "num_attention_heads": 32,
            "num_key_value_heads": 8,
            "vocab_size": 128256,
            "max_position_embeddings": 8192,
        },
        inputs=text(4096),
        layers=DECODER,
        tokens=4096,
    ),
    Case(
        name="mistral-7b",
        model="MistralForCausalLM",
        config={
            "hidden_size": 4096,
            "intermediate_size": 14336,
            "num_hidden_layers": 2,
            "num_attention_heads": 32,
            "num_key_value_heads": 8,
            "vocab_size": 32000,
            "max_position_embeddings": 32768,
            "sliding_window": None,
        },
        inputs=text(2048),
        layers=DECODER,
        tokens=2048,
    ),
    Case(
        name="qwen2-1.5b",
        model="Qwen2ForCausalLM",
        config={
            "hidden_size": 1536,
            "intermediate_size": 8960,
            "num_hidden_layers": 2,
            "num_attention_heads": 12,
            "num_key_value_heads": 2,
            "vocab_size": 151936,
            "max_position_embeddings": 32768,
            "tie_word_embeddings": True,
        },
        inputs=text(2048),
        layers=DECODER,
        tokens=2048,
    ),
    Case(
        name="gpt2-xl",
        model="GPT2LMHeadModel",
        config={
            "n_embd": 1600,
            "n_layer": 2,
            "n_head": 25,
            "n_positions": 1024,
            "vocab_size": 50257,
            "resid_pdrop": 0.0,
            "embd_pdrop": 0.0,
            "attn_pdrop": 0.0,
        },
        inputs=text(1024),
        layers={
            "embedding": "",
            "block.0": "transformer.h.0",
            "block.1": "transformer.h.1",
            "head": "transformer.ln_f",
        },
        tokens=1024,
    ),
    Case(
        name="bert-huge",
        model="BertForPreTraining",
        config={
            "hidden_size": 1280,
            "intermediate_size": 5120,
            "num_hidden_layers": 2,
            "num_attention_heads": 16,
            "vocab_size": 30522,
            "max_position_embeddings": 512,
            "type_vocab_size": 2,
            "hidden_dropout_prob": 0.0,
            "attention_probs_dropout_prob": 0.0,
            **NO_PADDING,
        },
        inputs=sentences(512),
        layers={
            "embedding": "",
            "block.0": "bert.encoder.layer.0",
            "block.1": "bert.encoder.layer.1",
            "head": "bert.pooler",
        },
        tokens=512,
    ),
    Case(
        name="t5-large",
        model="T5ForConditionalGeneration",
        config={
            "d_model": 1024,
            "d_kv": 64,
            "d_ff": 4096,
            "num_layers": 2,
            "num_decoder_layers": 2,
            "num_heads": 16,
            "vocab_size": 32128,
            "feed_forward_proj": "relu",
            "dropout_rate": 0.0,
            "decoder_start_token_id": 0,
        },
        inputs=text(512),
        layers={
            "embedding": "",
            "encoder-block.0": "encoder.block.0",
            "encoder-block.1": "encoder.block.1",
            "decoder-embedding": "encoder.final_layer_norm",
            "decoder-block.0": "decoder.block.0",
            "decoder-block.1": "decoder.block.1",
            "head": "decoder.final_layer_norm",
        },
        tokens=512,
    ),
    Case(
        name="vit-huge",
        model="ViTForImageClassification",
        config={
            "hidden_size": 1280,
            "intermediate_size": 5120,
            "num_hidden_layers": 2,
            "num_attention_heads": 16,
            "image_size": 224,
            "patch_size": 16,
            "num_channels": 3,
            "num_labels": 1000,
        },
        inputs=image(224),
        layers={
            "embedding": "",
            "block.0": "vit.layers.0",
            "block.1": "vit.layers.1",
            "head": "vit.layernorm",
        },
    ),
    Case(
        name="swin-huge",
        model="SwinForImageClassification",
        config={
            "embed_dim": 320,
            "depths": [2, 2],
            "num_heads": [8, 16],
            "window_size": 7,
            "mlp_ratio": 4,
            "image_size": 224,
            "patch_size": 4,
            "num_channels": 3,
            "num_labels": 1000,
            "drop_path_rate": 0.0,
        },
        inputs=image(224),
        layers={
            "embedding": "",
            "resolution-1.0": "swin.encoder.layers.0.blocks.0",
            "resolution-1.1": "swin.encoder.layers.0.blocks.1",
            "merging-1": "swin.encoder.layers.0.downsample",
            "resolution-2.0": "swin.encoder.layers.1.blocks.0",
            "resolution-2.1": "swin.encoder.layers.1.blocks.1",
            "head": "swin.layernorm",
        },
    ),
]


def main() -> None:
    """Print the counts of all cases."""
    # Initialisation reads values of parameters, which fake tensors have none of.
    transformers.PreTrainedModel._initialize_weights = lambda *_arguments: None
    # Nor can it be read off them that a sample is one sequence; without this, each block keeps a mask of its own.
    masking_utils.find_packed_sequence_indices = lambda *_arguments: None
    made_with = {"torch": torch.__version__, "transformers": transformers.__version__}
    counts = {case.name: count(case) for case in CASES}
    json.dump({"madeWith": made_with, "models": counts}, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
