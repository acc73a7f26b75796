"""A plan changes where and when things are computed, and nothing of what."""

import json
from random import Random
from typing import Any

import pytest
import torch

from plans import ONE, plan_of, random_plan
from ranks import run
from reference import REFERENCES
from tasks import LENGTH, SETTINGS, STEPS, Losses, initial_state, losses, tokens
from uniap_runtime.models.families import build_chain
from uniap_runtime.optimizer import learning_rate
from uniap_runtime.training import Optimizer

# Key/value heads fewer than ranks, a vocabulary that no degree divides, tied embeddings.
LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 4,
    "num_attention_heads": 8,
    "num_key_value_heads": 2,
    "vocab_size": 101,
    "tie_word_embeddings": True,
}
# Biases of queries, keys and values.
QWEN2 = {**LLAMA, "model_type": "qwen2", "tie_word_embeddings": False}

GPT2 = {"model_type": "gpt2", "n_embd": 32, "n_layer": 4, "n_head": 8, "n_positions": 40, "vocab_size": 101}
BERT = {
    "model_type": "bert",
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 4,
    "num_attention_heads": 8,
    "max_position_embeddings": 40,
    "type_vocab_size": 2,
    "vocab_size": 101,
    "mask_token_id": 100,
}
MODELS = [LLAMA, QWEN2, GPT2, BERT]

ALONE = plan_of([[ONE] * 6])


def equal(actual: Losses, expected: Losses) -> None:
    """Losses agree to 1e-10.

    Norms are steeper: where gradients nearly vanish, AdamW makes rounding errors as large as the learning rate. One
    rank with one and with two micro-batches has been seen to differ by 1e-10.
    """
    for (loss, norm), (expected_loss, expected_norm) in zip(actual, expected, strict=True):
        assert loss == pytest.approx(expected_loss, rel=0, abs=1e-10)
        assert norm == pytest.approx(expected_norm, rel=1e-8)


def reference_losses(config: dict[str, Any]) -> Losses:
    """Train the plain model, from the same parameters, with PyTorch's own clipping and optimizer."""
    model = REFERENCES[config["model_type"]](config, initial_state(ALONE, config))
    batch, make = ALONE.global_batch_size, build_chain(config, LENGTH).samples
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim == 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": SETTINGS.weight_decay}, {"params": vectors, "weight_decay": 0.0}],
        betas=(0.9, 0.95),
    )
    done = []
    for step in range(STEPS):
        loss = model.loss(make(tokens(config["vocab_size"]), range(step * batch, (step + 1) * batch)))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), SETTINGS.clip_norm)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(SETTINGS, step, STEPS)
        optimizer.step()
        done.append((loss.item(), norm.item()))
    return done


@pytest.mark.parametrize("config", MODELS, ids=[config["model_type"] for config in MODELS])
def test_one_rank_trains_as_plain_pytorch(config: dict[str, Any]) -> None:
    """The model, the loss, clipping and the optimizer are the usual ones."""
    [ours] = run(1, losses, ALONE, config, "AdamW")
    [plain] = run(1, reference_losses, config)
    equal(ours, plain)


_alone: dict[tuple[str, int, str, str], Losses] = {}


def layers(config: dict[str, Any]) -> int:
    """Of the model."""
    return len(build_chain(config, LENGTH).layers)


def alone(config: dict[str, Any], batch: int, optimizer: Optimizer, precision: str = "FP64") -> Losses:
    """Losses of one rank, for a batch."""
    key = (json.dumps(config), batch, optimizer, precision)
    if key not in _alone:
        plan = plan_of([[ONE] * layers(config)], batch=batch)
        [_alone[key]] = run(1, losses, plan, config, optimizer, precision)
    return _alone[key]


CASES = [(LLAMA, seed) for seed in range(8)] + [(GPT2, seed) for seed in (8, 9)] + [(BERT, seed) for seed in (10, 11)]


@pytest.mark.parametrize(("config", "seed"), CASES, ids=[f"{config['model_type']}-{seed}" for config, seed in CASES])
def test_any_plan_has_the_losses_of_one_rank(config: dict[str, Any], seed: int) -> None:
    """Random plans of up to 8 ranks. Momentum shows wrong scales of gradients, which Adam hides."""
    random = Random(seed)
    plan = random_plan(random, 6, [1, 2, 4, 8], tied=True)
    optimizer: Optimizer = random.choice(["AdamW", "Momentum"])
    for result in run(plan.ranks, losses, plan, config, optimizer):
        equal(result, alone(config, plan.global_batch_size, optimizer))
