"""A training continues from its checkpoint, under the same plan or another."""

from pathlib import Path

import pytest

from plans import ONE, plan_of
from ranks import run
from tasks import Losses, continued
from test_equal_losses import LLAMA, alone, equal
from uniap_runtime.plan import Plan, Strategy
from uniap_runtime.training import Optimizer

# Stages, tensor degrees with uneven parts, shards, replicas, a tied parameter in one stage and in two.
PLANS = {
    "one rank": plan_of([[ONE] * 6]),
    "pipeline": plan_of([[ONE] * 2, [ONE] * 4], micro_batches=4),
    "tensor and shards": plan_of([[Strategy(tensor=2, shards=2, sequence_parallel=True)] * 6]),
    "replicas": plan_of([[Strategy(replicas=2, shards=2)] * 3, [Strategy(replicas=2, shards=2)] * 3], micro_batches=2),
}

CASES: list[tuple[str, str, Optimizer]] = [
    ("one rank", "replicas", "AdamW"),
    ("replicas", "tensor and shards", "AdamW"),
    ("tensor and shards", "pipeline", "AdamW"),
    ("pipeline", "one rank", "Momentum"),
]


@pytest.mark.parametrize(("first", "second", "optimizer"), CASES)
def test_losses_are_those_of_a_training_without_a_break(
    tmp_path: Path, first: str, second: str, optimizer: Optimizer
) -> None:
    """Two steps under one plan, the third under another."""
    before = steps(PLANS[first], optimizer, tmp_path, 2)
    after = steps(PLANS[second], optimizer, tmp_path, 3)
    equal([*before, *after], alone(LLAMA, 8, optimizer))


def steps(plan: Plan, optimizer: Optimizer, folder: Path, last: int) -> Losses:
    """Continue up to a step, and save."""
    done: Losses = run(plan.ranks, continued, plan, LLAMA, optimizer, folder, last)[0]
    return done


def test_the_last_complete_checkpoint_counts(tmp_path: Path) -> None:
    """One that a failure has cut short is left out, and old ones are removed."""
    for last in (1, 2, 3):
        steps(PLANS["one rank"], "AdamW", tmp_path, last)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-00000002", "step-00000003"]
    (tmp_path / "step-00000003" / ".metadata").unlink()
    assert len(steps(PLANS["one rank"], "AdamW", tmp_path, 3)) == 1
