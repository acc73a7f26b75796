"""Models written plainly, one module of PyTorch for each part, to compare with. Parameters have the runtime's names."""

import math
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional


class LlamaReference(nn.Module):
    """Llama, Qwen2 and Mistral; keys and values are repeated for the queries that share them."""

    def __init__(self, config: dict[str, Any], state: dict[str, Tensor]) -> None:
        """With the given parameters."""
        super().__init__()
        self.config = config
        self.weights = nn.ParameterDict({name.replace(".", "/"): nn.Parameter(w.clone()) for name, w in state.items()})

    def loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Mean cross entropy."""
        hidden = functional.embedding(inputs, self._get("embedding.token.weight"))
        for block in range(self.config["num_hidden_layers"]):
            hidden = self._block(f"block.{block}", hidden)
        tied = self.config.get("tie_word_embeddings", False)
        head = self._get("embedding.token.weight" if tied else "head.logits.weight")
        logits = self._norm("head.norm", hidden) @ head.T
        return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())

    def _get(self, name: str) -> Tensor:
        return cast(Tensor, self.weights[name.replace(".", "/")])

    def _linear(self, name: str, hidden: Tensor) -> Tensor:
        biased = f"{name}.bias".replace(".", "/") in self.weights
        return functional.linear(hidden, self._get(f"{name}.weight"), self._get(f"{name}.bias") if biased else None)

    def _norm(self, name: str, hidden: Tensor) -> Tensor:
        return functional.rms_norm(hidden, hidden.shape[-1:], self._get(f"{name}.weight"), 1e-6)

    def _block(self, name: str, hidden: Tensor) -> Tensor:
        hidden = hidden + self._attention(f"{name}.attention", self._norm(f"{name}.attention_norm", hidden))
        inner = self._norm(f"{name}.feed_forward_norm", hidden)
        gate = functional.silu(self._linear(f"{name}.feed_forward.gate", inner))
        return hidden + self._linear(f"{name}.feed_forward.down", gate * self._linear(f"{name}.feed_forward.up", inner))

    def _attention(self, name: str, hidden: Tensor) -> Tensor:
        heads, groups = self.config["num_attention_heads"], self.config["num_key_value_heads"]
        query = _rotated(self._heads(f"{name}.query", hidden, heads))
        key = _rotated(self._heads(f"{name}.key", hidden, groups)).repeat_interleave(heads // groups, 1)
        value = self._heads(f"{name}.value", hidden, groups).repeat_interleave(heads // groups, 1)
        scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
        future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
        mixed = scores.masked_fill(future, -math.inf).softmax(-1) @ value
        return self._linear(f"{name}.output", mixed.transpose(1, 2).flatten(2))

    def _heads(self, name: str, hidden: Tensor, heads: int) -> Tensor:
        samples, length, _ = hidden.shape
        return self._linear(name, hidden).view(samples, length, heads, -1).transpose(1, 2)


def _rotated(heads: Tensor) -> Tensor:
    """Pairs (i, i + half) as complex numbers, turned."""
    length, dimension = heads.shape[-2:]
    half = dimension // 2
    angles = torch.outer(
        torch.arange(length, dtype=torch.float64), 10000.0 ** (-torch.arange(half, dtype=torch.float64) / half)
    )
    turned = torch.complex(heads[..., :half], heads[..., half:]) * torch.polar(torch.ones_like(angles), angles)
    return torch.cat((turned.real, turned.imag), -1)
