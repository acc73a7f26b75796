"""Computation at 16 bits, with parameters, gradients and optimizer states at 32."""

import pytest
import torch

from plans import plan_of
from ranks import run
from tasks import kept_types, losses
from test_equal_losses import LLAMA, alone
from uniap_runtime.loss_scale import FIRST, LossScale, first_scale, next_scale
from uniap_runtime.plan import Strategy
from uniap_runtime.training import Training

# Stages, and each way to hold parameters: in shards, gathered once, in replicas; tensor parallelism.
MIXED = plan_of(
    [
        [Strategy(shards=2), Strategy(shards=2, zero_stage=1), Strategy(replicas=2)],
        [Strategy(tensor=2, sequence_parallel=True), Strategy(tensor=2), Strategy(shards=2)],
    ],
    micro_batches=2,
)


@pytest.mark.parametrize("precision", ["BF16", "FP16"])
def test_16_bits_follow_32_as_far_as_they_can(precision: str) -> None:
    """Losses have 8 significant bits or more."""
    expected = alone(LLAMA, 8, "Momentum", "FP32")
    for result in run(4, losses, MIXED, LLAMA, "Momentum", precision):
        for (loss, norm), (exact_loss, exact_norm) in zip(result, expected, strict=True):
            assert loss == pytest.approx(exact_loss, rel=2**-8)
            assert norm == pytest.approx(exact_norm, rel=2**-6)


@pytest.mark.parametrize("precision", ["BF16", "FP16"])
def test_what_is_kept_has_32_bits(precision: str) -> None:
    """In whatever way it is held."""
    for types in run(4, kept_types, MIXED, LLAMA, precision):
        assert types == {(torch.float32,) * 4}


def test_only_fp16_scales_its_loss() -> None:
    """Other precisions have the range."""
    assert first_scale(Training(1, "FP16")) == LossScale(FIRST)
    for precision in ("BF16", "FP32"):
        assert next_scale(first_scale(Training(1, precision)), finite=False) == LossScale(1.0)


def test_the_scale_is_as_large_as_gradients_allow() -> None:
    """Halved where one overflows, doubled after many that have not."""
    assert next_scale(LossScale(8.0, 5), finite=False) == LossScale(4.0)
    assert next_scale(LossScale(8.0, 5), finite=True) == LossScale(8.0, 6)
    assert next_scale(LossScale(8.0, 1999), finite=True) == LossScale(16.0)
