"""Checkpoints by torch.distributed.checkpoint: saved under one plan, loaded under any other of the same model."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.checkpoint.state_dict_loader import load
from torch.distributed.checkpoint.state_dict_saver import save as save_state

from uniap_runtime.loss_scale import LossScale
from uniap_runtime.models.chain import parameter_name
from uniap_runtime.parallel.shards import joined
from uniap_runtime.parallel.tied import ties
from uniap_runtime.trainer import Trainer
from uniap_runtime.training import Optimizer

# What an optimizer keeps for each parameter, by the names that torch gives it.
STATES: Mapping[Optimizer, tuple[str, ...]] = {
    "AdamW": ("exp_avg", "exp_avg_sq"),
    "Adam": ("exp_avg", "exp_avg_sq"),
    "Momentum": ("momentum_buffer",),
    "SGD": (),
}

# Checkpoints that are kept: one may turn out to be unreadable.
KEPT = 2

PREFIX = "step-"
LOSS_SCALE = "loss_scale"

# The file that a checkpoint gets last, when all of it is written.
COMPLETE = ".metadata"


def save(folder: Path, trainer: Trainer, steps_done: int) -> None:
    """Write a checkpoint, and remove those before the last ones. All ranks together; the folder is one that all see."""
    copies = {tie.copy for tie in ties(trainer.job.chain)}
    originals = [key for key in trainer.parameters if key not in copies]
    state = {**_state(trainer, originals), LOSS_SCALE: _loss_scale(trainer)}
    save_state(state, checkpoint_id=folder / _name(steps_done))
    if dist.get_rank() == 0:
        for old in _complete(folder)[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)


def load_latest(folder: Path, trainer: Trainer) -> int:
    """Load the last complete checkpoint, if there is one; steps that were done before it. All ranks together."""
    found = _complete(folder)
    if not found:
        return 0
    steps_done = int(found[-1].name.removeprefix(PREFIX))
    _make_optimizer_states(trainer, steps_done)
    copies = {tie.copy for tie in ties(trainer.job.chain)} & trainer.parameters.keys()
    scale = _loss_scale(trainer)
    originals = [key for key in trainer.parameters if key not in copies]
    load({**_state(trainer, originals), LOSS_SCALE: scale}, checkpoint_id=found[-1])
    # By the same names, so not together with the originals.
    load(_state(trainer, sorted(copies)), checkpoint_id=found[-1])
    trainer.loss_scale = LossScale(scale[0].item(), round(scale[1].item()))
    return steps_done


def _state(trainer: Trainer, keys: list[tuple[int, str]]) -> dict[str, Tensor]:
    """Parameters and optimizer states by names in the model. They are the tensors themselves: loading writes there."""
    state: dict[str, Tensor] = {}
    for key in keys:
        name, parameter = parameter_name(trainer.job.chain, *key), trainer.parameters[key]
        state[f"parameter.{name}"] = parameter.detach()
        for kind in STATES[trainer.job.training.optimizer]:
            state[f"{kind}.{name}"] = joined(trainer.optimizer.state[trainer.shards[key]][kind], parameter)
    return state


def _loss_scale(trainer: Trainer) -> Tensor:
    return torch.tensor([trainer.loss_scale.factor, trainer.loss_scale.good_steps], dtype=torch.float64)


def _make_optimizer_states(trainer: Trainer, steps_done: int) -> None:
    for shard in trainer.shards.values():
        state = trainer.optimizer.state[shard]
        for kind in STATES[trainer.job.training.optimizer]:
            state[kind] = torch.zeros_like(shard.detach())
        state["step"] = torch.tensor(float(steps_done))


def _name(steps_done: int) -> str:
    return f"{PREFIX}{steps_done:08}"


def _complete(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob(f"{PREFIX}*") if (path / COMPLETE).exists())
