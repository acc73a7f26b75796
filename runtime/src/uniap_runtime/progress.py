"""The line that a person reads of each step."""

from dataclasses import dataclass
from datetime import timedelta

from uniap_runtime.plan import Plan, Prediction
from uniap_runtime.trainer import Step

GIBIBYTE = 2**30


@dataclass(frozen=True)
class Figures:
    """Rates of a step, over all GPUs. `model_flops_utilisation` is None where the plan predicts none."""

    samples_per_second: float
    tokens_per_second: float
    model_flops_utilisation: float | None


def figures(plan: Plan, sequence_length: int, step: Step) -> Figures:
    """Rates from a step's time.

    The planner knows the model's FLOPs and the devices' peak rate: the share of it that is used differs from the
    predicted one as the step time does.
    """
    samples = plan.global_batch_size / step.seconds
    return Figures(samples, samples * sequence_length, _utilisation(plan.predicted, step.seconds))


def progress_line(done: int, steps: int, step: Step, rates: Figures, peak_bytes: int | None) -> str:
    """`done` steps of `steps`; `peak_bytes` of the rank that prints, where it is known yet."""
    utilisation = rates.model_flops_utilisation
    parts = [
        f"step {done}/{steps}",
        f"loss {step.loss:.4f}",
        f"gradient norm {step.gradient_norm:.3f}",
        f"{step.seconds:.3f} s",
        f"{rates.tokens_per_second:,.0f} tokens/s",
        *([] if utilisation is None else [f"MFU {utilisation:.1%}"]),
        *([] if peak_bytes is None else [f"peak memory {peak_bytes / GIBIBYTE:.2f} GiB"]),
        f"{timedelta(seconds=round((steps - done) * step.seconds))} left",
    ]
    return " | ".join(parts)


def _utilisation(predicted: Prediction | None, seconds: float) -> float | None:
    return None if predicted is None else predicted.model_flops_utilisation * predicted.step_seconds / seconds
