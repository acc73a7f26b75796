"""A model that another package brings: the example of the documentation, installed as any package is."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from plans import plan_of
from ranks import run
from tasks import losses
from test_equal_losses import alone, equal
from uniap_runtime.failure import PlanError
from uniap_runtime.models.families import build_chain
from uniap_runtime.plan import Strategy

PACKAGE = Path(__file__).parents[1] / "examples" / "averaging-model"

CONFIG: dict[str, Any] = {"model_type": "averaging", "width": 16, "blocks": 4, "vocabulary": 101}

# Tensor parallelism with and without sequence parallelism, shards, recomputation, two stages.
PLAN = plan_of(
    [
        [Strategy(shards=2), Strategy(tensor=2, recomputation="Full"), Strategy(tensor=2, sequence_parallel=True)],
        [Strategy(tensor=2, sequence_parallel=True), Strategy(replicas=2), Strategy(shards=2)],
    ],
    micro_batches=2,
)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package, where Python finds it. Building writes into the source, hence a copy."""
    shutil.copytree(PACKAGE, tmp_path / "source")
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--no-index"]
    target = tmp_path / "site-packages"
    command = [sys.executable, "-m", "pip", "install", *options, f"--target={target}", str(tmp_path / "source")]
    subprocess.run(command, check=True)
    monkeypatch.syspath_prepend(target)


@pytest.mark.usefixtures("installed")
def test_a_model_of_another_package_has_the_losses_of_one_rank() -> None:
    """Found by its entry point, and split by what it declares."""
    for result in run(PLAN.ranks, losses, PLAN, CONFIG, "AdamW"):
        equal(result, alone(CONFIG, 8, "AdamW"))


@pytest.mark.usefixtures("installed")
def test_models_of_other_packages_are_among_those_known() -> None:
    """As a message says that names them."""
    with pytest.raises(PlanError, match=r"model_type 'average' is unknown; known are llama, .*averaging"):
        build_chain({"model_type": "average"}, 8)


def test_it_is_not_known_otherwise() -> None:
    """So what is tested above is what the package brings."""
    with pytest.raises(PlanError, match="model_type 'averaging' is unknown"):
        build_chain(CONFIG, 8)
