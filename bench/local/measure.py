"""Measures a model's profile on the cores of this machine, and then the steps of its training under given plans."""

import argparse
import json
import os
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from ranks import run
from uniap_runtime.activity import Activity
from uniap_runtime.data import synthetic_tokens
from uniap_runtime.job import Job
from uniap_runtime.models.families import build_chain, longest, read_config
from uniap_runtime.optimizer import OptimizerSettings
from uniap_runtime.plan import Plan, parse_plan
from uniap_runtime.process import join
from uniap_runtime.profile import settings as profiling
from uniap_runtime.profile.answer import RESULT
from uniap_runtime.profile.rank import profile
from uniap_runtime.trainer import Trainer
from uniap_runtime.training import read_training

# More ranks have more layouts, and less of the cores each.
PROFILE_SECONDS_PER_RANK = 23

# To train under each plan.
STEPS_SECONDS = 3.0
WARM_UPS = 2
FEWEST_STEPS, MOST_STEPS = 5, 50
TIMEOUT_SECONDS = 600.0


def main() -> None:
    """Print a line of JSON for each folder with config.json, training.json and plans.json: what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", message="FSDP2-wrapped module")
    for folder in arguments.folders:
        plans = [parse_plan(spec) for spec in json.loads((folder / "plans.json").read_text())]
        begin = Usage.now()
        measured = run(plans[0].ranks, measure_profile, folder, plans[0].ranks * PROFILE_SECONDS_PER_RANK)
        steps = [run(plan.ranks, measure_steps, plan, folder) for plan in plans]
        others = begin.others_until(Usage.now())
        print(json.dumps({"profile": measured, "steps": steps, "othersShare": others}), flush=True)


@dataclass(frozen=True)
class Usage:
    """Seconds that all cores have been busy, that this program and its ranks have used, and that have passed."""

    busy: float
    own: float
    passed: float

    @classmethod
    def now(cls) -> "Usage":
        """Since this machine, and this program, began."""
        user, nice, system, _, _, *interrupts = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:])
        times = os.times()
        own = times.user + times.system + times.children_user + times.children_system
        return cls((user + nice + system + sum(interrupts[:3])) / os.sysconf("SC_CLK_TCK"), own, times.elapsed)

    def others_until(self, later: "Usage") -> float:
        """Share of all cores' time that other programs took, or another machine on the same hardware."""
        taken = (later.busy - self.busy) - (later.own - self.own)
        return taken / ((later.passed - self.passed) * (os.cpu_count() or 1))


def measure_profile(folder: Path, budget: int) -> Mapping[str, Any]:
    """On ranks: what `uniap-runtime profile` measures."""
    parser = argparse.ArgumentParser()
    profiling.add_arguments(parser)
    files = [f"--{name}={folder / name}.json" for name in ("training", "config")]
    result = folder / "profile.json"
    os.environ[RESULT] = str(result)
    profile(profiling.settings_of(parser.parse_args([*files, f"--budget={budget}"])), Activity())
    content: Mapping[str, Any] = json.loads(result.read_text())
    return content


def measure_steps(plan: Plan, folder: Path) -> list[float]:
    """On ranks: seconds of each step after some for warming up, on the first rank."""
    config = read_config(folder / "config.json")
    training = read_training(folder / "training.json", longest(config))
    chain = build_chain(config, training.sequence_length)
    device = torch.device("cpu")
    join(device, TIMEOUT_SECONDS)
    tokens = synthetic_tokens(0, chain.vocabulary, training.sequence_length)
    trainer = Trainer(Job(plan, chain, training, 0, device), OptimizerSettings(), MOST_STEPS, Activity())
    taken: list[float] = []
    begin = time.perf_counter()
    while not _enough(len(taken), time.perf_counter() - begin > STEPS_SECONDS):
        taken.append(trainer.step(len(taken), lambda indices: chain.samples(tokens, indices)).seconds)
    return taken[WARM_UPS:]


def _enough(steps: int, spent: bool) -> bool:
    """Whether there are enough steps, as all ranks find together."""
    votes = torch.tensor(float(spent))
    dist.all_reduce(votes)
    return steps >= WARM_UPS + MOST_STEPS or (steps >= WARM_UPS + FEWEST_STEPS and votes.item() > 0)


if __name__ == "__main__":
    main()
