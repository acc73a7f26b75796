"""The plans that our planner makes."""

from pathlib import Path

import pytest

from ranks import run
from tasks import losses
from test_equal_losses import LLAMA, alone, equal
from uniap_runtime.plan import read_plan

SMALL = {**LLAMA, "num_hidden_layers": 6}


FOLDER = Path(__file__).parent / "planned"
NAMES = sorted({path.stem for path in FOLDER.glob("*.json")} - {"config"})


@pytest.mark.parametrize("name", NAMES)
def test_a_plan_of_the_planner_has_the_losses_of_one_rank(name: str) -> None:
    """`planned/README.md` says how they were made."""
    plan = read_plan(FOLDER / f"{name}.json")
    for result in run(plan.ranks, losses, plan, SMALL, "AdamW"):
        equal(result, alone(SMALL, plan.global_batch_size, "AdamW"))
