"""Figures that a person reads."""

from plans import ONE, plan_of
from uniap_runtime.plan import Prediction
from uniap_runtime.progress import figures, progress_line
from uniap_runtime.trainer import Step

STEP = Step(loss=2.5, gradient_norm=0.75, seconds=0.5, pipeline_wait_seconds=0.1, exposed_communication_seconds=0.1)
PLAN = plan_of([[ONE]], batch=8)


def test_a_step_in_a_line() -> None:
    """Rates over all GPUs, and the time that is left."""
    line = progress_line(10, 130, STEP, figures(PLAN, 1000, STEP), 3 * 2**29)
    assert line == (
        "step 10/130 | loss 2.5000 | gradient norm 0.750 | 0.500 s | 16,000 tokens/s | peak memory 1.50 GiB | "
        "0:01:00 left"
    )


def test_utilisation_follows_from_the_predicted_one() -> None:
    """Twice the predicted time is half the utilisation."""
    planned = plan_of([[ONE]], batch=8, predicted=Prediction(step_seconds=0.25, model_flops_utilisation=0.4))
    rates = figures(planned, 1000, STEP)
    assert rates.model_flops_utilisation == 0.2
    assert "MFU 20.0%" in progress_line(1, 2, STEP, rates, 0)
