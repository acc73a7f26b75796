"""Models written plainly, with a whole tensor for everything, to compare with. Parameters have the runtime's names."""

import math
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from uniap_runtime.models.chain import Samples


class Reference(nn.Module):
    """What the models have in common."""

    def __init__(self, config: dict[str, Any], state: dict[str, Tensor]) -> None:
        """With the given parameters."""
        super().__init__()
        self.config = config
        self.weights = nn.ParameterDict({name.replace(".", "/"): nn.Parameter(w.clone()) for name, w in state.items()})

    def loss(self, samples: Samples) -> Tensor:
        """Mean over samples."""
        raise NotImplementedError

    def get(self, name: str) -> Tensor:
        """A parameter."""
        return cast(Tensor, self.weights[name.replace(".", "/")])

    def linear(self, name: str, hidden: Tensor) -> Tensor:
        """A product, with a bias where there is one."""
        biased = f"{name}.bias".replace(".", "/") in self.weights
        return functional.linear(hidden, self.get(f"{name}.weight"), self.get(f"{name}.bias") if biased else None)

    def layer_norm(self, name: str, hidden: Tensor, epsilon: float) -> Tensor:
        """A layer norm."""
        return functional.layer_norm(
            hidden, hidden.shape[-1:], self.get(f"{name}.weight"), self.get(f"{name}.bias"), epsilon
        )

    def heads(self, name: str, hidden: Tensor, heads: int) -> Tensor:
        """[samples, heads, length, dimension]."""
        samples, length, _ = hidden.shape
        return self.linear(name, hidden).view(samples, length, heads, -1).transpose(1, 2)

    def positions(self, hidden: Tensor) -> Tensor:
        """Learned embeddings of the first positions."""
        return self.get("embedding.position.weight")[: hidden.shape[1]]


def attend(query: Tensor, key: Tensor, value: Tensor, *, causal: bool) -> Tensor:
    """[samples, length, hidden], from heads."""
    scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
    future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1) & causal
    mixed = scores.masked_fill(future, -math.inf).softmax(-1) @ value
    return mixed.transpose(1, 2).flatten(2)


class LlamaReference(Reference):
    """Llama, Qwen2 and Mistral; keys and values are repeated for the queries that share them."""

    def loss(self, samples: Samples) -> Tensor:
        """Mean cross entropy."""
        hidden = functional.embedding(samples["input"], self.get("embedding.token.weight"))
        for block in range(self.config["num_hidden_layers"]):
            hidden = self._block(f"block.{block}", hidden)
        tied = self.config.get("tie_word_embeddings", False)
        head = self.get("embedding.token.weight" if tied else "head.logits.weight")
        logits = self._norm("head.norm", hidden) @ head.T
        return functional.cross_entropy(logits.flatten(0, 1), samples["target"].flatten())

    def _norm(self, name: str, hidden: Tensor) -> Tensor:
        return functional.rms_norm(hidden, hidden.shape[-1:], self.get(f"{name}.weight"), 1e-6)

    def _block(self, name: str, hidden: Tensor) -> Tensor:
        hidden = hidden + self._attention(f"{name}.attention", self._norm(f"{name}.attention_norm", hidden))
        inner = self._norm(f"{name}.feed_forward_norm", hidden)
        gate = functional.silu(self.linear(f"{name}.feed_forward.gate", inner))
        return hidden + self.linear(f"{name}.feed_forward.down", gate * self.linear(f"{name}.feed_forward.up", inner))

    def _attention(self, name: str, hidden: Tensor) -> Tensor:
        heads, groups = self.config["num_attention_heads"], self.config["num_key_value_heads"]
        query = _rotated(self.heads(f"{name}.query", hidden, heads))
        key = _rotated(self.heads(f"{name}.key", hidden, groups)).repeat_interleave(heads // groups, 1)
        value = self.heads(f"{name}.value", hidden, groups).repeat_interleave(heads // groups, 1)
        return self.linear(f"{name}.output", attend(query, key, value, causal=True))


class Gpt2Reference(Reference):
    """GPT-2."""

    def loss(self, samples: Samples) -> Tensor:
        """Mean cross entropy."""
        table = self.get("embedding.token.weight")
        hidden = functional.embedding(samples["input"], table)
        hidden = hidden + self.positions(hidden)
        for block in range(self.config["n_layer"]):
            hidden = self._block(f"block.{block}", hidden)
        logits = self.layer_norm("head.norm", hidden, 1e-5) @ table.T
        return functional.cross_entropy(logits.flatten(0, 1), samples["target"].flatten())

    def _block(self, name: str, hidden: Tensor) -> Tensor:
        inner = self.layer_norm(f"{name}.attention_norm", hidden, 1e-5)
        heads = [self.heads(f"{name}.attention.{part}", inner, self.config["n_head"]) for part in PARTS]
        hidden = hidden + self.linear(f"{name}.attention.output", attend(*heads, causal=True))
        inner = self.layer_norm(f"{name}.feed_forward_norm", hidden, 1e-5)
        raised = functional.gelu(self.linear(f"{name}.feed_forward.up", inner), approximate="tanh")
        return hidden + self.linear(f"{name}.feed_forward.down", raised)


class BertReference(Reference):
    """BERT with both of its losses."""

    def loss(self, samples: Samples) -> Tensor:
        """Mean cross entropy of the masked tokens, and of whether halves belong together."""
        table = self.get("embedding.token.weight")
        hidden = functional.embedding(samples["input"], table)
        segments = functional.embedding(samples["type"], self.get("embedding.segment.weight"))
        hidden = self.layer_norm("embedding.norm", hidden + self.positions(hidden) + segments, 1e-12)
        for block in range(self.config["num_hidden_layers"]):
            hidden = self._block(f"block.{block}", hidden)
        transformed = self.layer_norm("head.norm", functional.gelu(self.linear("head.transform", hidden)), 1e-12)
        logits = transformed @ table.T + self.get("head.logits.bias")
        relations = self.linear("head.relation", self.linear("head.pooler", hidden[:, 0]).tanh())
        guessed = functional.cross_entropy(logits.flatten(0, 1), samples["target"].flatten())
        return guessed + functional.cross_entropy(relations, samples["relation"])

    def _block(self, name: str, hidden: Tensor) -> Tensor:
        heads = [self.heads(f"{name}.attention.{part}", hidden, self.config["num_attention_heads"]) for part in PARTS]
        attended = hidden + self.linear(f"{name}.attention.output", attend(*heads, causal=False))
        hidden = self.layer_norm(f"{name}.attention_norm", attended, 1e-12)
        raised = functional.gelu(self.linear(f"{name}.feed_forward.up", hidden))
        fed = hidden + self.linear(f"{name}.feed_forward.down", raised)
        return self.layer_norm(f"{name}.feed_forward_norm", fed, 1e-12)


PARTS = ("query", "key", "value")

REFERENCES = {
    "llama": LlamaReference,
    "qwen2": LlamaReference,
    "gpt2": Gpt2Reference,
    "bert": BertReference,
}


def _rotated(heads: Tensor) -> Tensor:
    """Pairs (i, i + half) as complex numbers, turned."""
    length, dimension = heads.shape[-2:]
    half = dimension // 2
    angles = torch.outer(
        torch.arange(length, dtype=torch.float64), 10000.0 ** (-torch.arange(half, dtype=torch.float64) / half)
    )
    turned = torch.complex(heads[..., :half], heads[..., half:]) * torch.polar(torch.ones_like(angles), angles)
    return torch.cat((turned.real, turned.imag), -1)
