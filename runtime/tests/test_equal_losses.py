"""A plan changes where and when things are computed, and nothing of what."""

from random import Random
from typing import Any

import pytest
import torch

from plans import ONE, plan_of, random_plan
from ranks import run
from reference import LlamaReference
from tasks import SETTINGS, STEPS, Losses, initial_state, losses, tokens
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

ALONE = plan_of([[ONE] * 6])


def equal(actual: Losses, expected: Losses) -> None:
    """Losses and gradient norms agree to 1e-10."""
    for ours, theirs in zip(actual, expected, strict=True):
        assert ours == pytest.approx(theirs, rel=0, abs=1e-10)


def reference_losses(config: dict[str, Any]) -> Losses:
    """Train the plain model, from the same parameters, with PyTorch's own clipping and optimizer."""
    model = LlamaReference(config, initial_state(ALONE, config))
    batch = ALONE.global_batch_size
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim == 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": SETTINGS.weight_decay}, {"params": vectors, "weight_decay": 0.0}],
        betas=(0.9, 0.95),
    )
    done = []
    for step in range(STEPS):
        samples = tokens(range(step * batch, (step + 1) * batch), config["vocab_size"])
        loss = model.loss(samples["input"], samples["target"])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), SETTINGS.clip_norm)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(SETTINGS, step, STEPS)
        optimizer.step()
        done.append((loss.item(), norm.item()))
    return done


@pytest.mark.parametrize("config", [LLAMA, QWEN2], ids=["llama", "qwen2"])
def test_one_rank_trains_as_plain_pytorch(config: dict[str, Any]) -> None:
    """The model, the loss, clipping and the optimizer are the usual ones."""
    [ours] = run(1, losses, ALONE, config, "AdamW")
    [plain] = run(1, reference_losses, config)
    equal(ours, plain)


_alone: dict[tuple[str, int, str], Losses] = {}


def alone(config: dict[str, Any], batch: int, optimizer: Optimizer) -> Losses:
    """Losses of one rank, for a batch."""
    key = (config["model_type"], batch, optimizer)
    if key not in _alone:
        plan = plan_of([[ONE] * (config["num_hidden_layers"] + 2)], batch=batch)
        [_alone[key]] = run(1, losses, plan, config, optimizer)
    return _alone[key]


@pytest.mark.parametrize("seed", range(10))
def test_any_plan_has_the_losses_of_one_rank(seed: int) -> None:
    """Random plans of up to 8 ranks. Momentum shows wrong scales of gradients, which Adam hides."""
    random = Random(seed)
    plan = random_plan(random, 6, [1, 2, 4, 8], tied=True)
    optimizer: Optimizer = random.choice(["AdamW", "Momentum"])
    for result in run(plan.ranks, losses, plan, LLAMA, optimizer):
        equal(result, alone(LLAMA, plan.global_batch_size, optimizer))
