"""Where the time of a step is waited for."""

from functools import partial

import pytest
import torch.distributed as dist

from plans import ONE, plan_of
from ranks import run
from tasks import make_trainer, tokens
from test_equal_losses import LLAMA
from uniap_runtime.plan import Plan, Strategy

PLANS = {
    "tensor": plan_of([[Strategy(tensor=2)] * 6]),
    "shards": plan_of([[Strategy(shards=2)] * 6]),
    "pipeline": plan_of([[ONE] * 3] * 2, micro_batches=2),
}


def waits(plan: Plan) -> tuple[float, float | None, float, bool]:
    """Seconds of a step: waited for stages, for collectives, and in all; whether PyTorch is left as it was."""
    trainer = make_trainer(plan, LLAMA, "AdamW")
    wait = dist.Work.wait
    step = trainer.step(0, partial(trainer.job.chain.samples, tokens(trainer.job.chain.vocabulary)))
    return step.pipeline_wait_seconds, step.exposed_communication_seconds, step.seconds, dist.Work.wait is wait


@pytest.mark.parametrize("name", PLANS)
def test_waits_are_told_apart(name: str) -> None:
    """Stages wait for one another, and the ranks of one stage in collectives."""
    for stages, collectives, seconds, restored in run(2, waits, PLANS[name]):
        waited, other = (stages, collectives) if name == "pipeline" else (collectives, stages)
        assert 0 < waited < seconds
        # Of a group of one, torch 2.8 waits for works that are done.
        assert other < waited
        assert restored
