"""Loss scaling for FP16, whose range is too small for gradients (arXiv 1710.03740, section 3.2)."""

from dataclasses import dataclass, replace

from uniap_runtime.training import Training

# As torch.amp.GradScaler begins and goes on.
FIRST = 2.0**16
GROWTH = 2.0
BACKOFF = 0.5
GROWTH_INTERVAL = 2000


@dataclass(frozen=True)
class LossScale:
    """What the loss is multiplied by before the backward pass; `good_steps` since it has changed."""

    factor: float
    good_steps: int = 0


def first_scale(training: Training) -> LossScale:
    """1 where there is no need."""
    return LossScale(FIRST if training.precision == "FP16" else 1.0)


def next_scale(scale: LossScale, *, finite: bool) -> LossScale:
    """After a step whose gradients were finite, or were not and have been left out. 1 stays."""
    if scale.factor == 1.0:
        return scale
    if not finite:
        return LossScale(max(1.0 + BACKOFF, scale.factor * BACKOFF))
    if scale.good_steps + 1 == GROWTH_INTERVAL:
        return LossScale(scale.factor * GROWTH)
    return replace(scale, good_steps=scale.good_steps + 1)
