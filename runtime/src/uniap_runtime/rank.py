"""What each rank of a training does."""

import os
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import NoReturn

import torch.distributed as dist

from uniap_runtime import checkpoint
from uniap_runtime.activity import Activity
from uniap_runtime.corpus import Corpus
from uniap_runtime.data import Shuffled, synthetic_tokens
from uniap_runtime.failure import Interrupted, PlanError
from uniap_runtime.fit import check_fit
from uniap_runtime.interruption import Interruption
from uniap_runtime.job import Job
from uniap_runtime.memory import Memory
from uniap_runtime.metrics import Metrics
from uniap_runtime.models.families import build_chain, longest, read_config
from uniap_runtime.plan import read_plan
from uniap_runtime.process import join, own_device, run_to_end
from uniap_runtime.progress import figures, progress_line
from uniap_runtime.settings import Settings
from uniap_runtime.shortage import shortages_told
from uniap_runtime.trainer import Reader, Trainer
from uniap_runtime.training import read_training

# The first step that needs as much memory as all that follow: the one before it has made the optimizer's states.
TYPICAL = 2


def run_rank(settings: Settings) -> NoReturn:
    """Train as one rank, and end the process."""
    run_to_end(partial(train, settings), settings.timeout_seconds)


def train(settings: Settings, activity: Activity) -> None:
    """Train, from the last checkpoint on where there is one."""
    # Layers return views of what DTensor makes; nothing writes into them.
    warnings.filterwarnings("ignore", message="FSDP2-wrapped module .* returned a view")
    job = read_job(settings)
    read = open_data(settings, job)
    activity.now("meeting the other ranks")
    join(job.device, settings.timeout_seconds)
    memory = Memory(job.device)
    with shortages_told(job.plan, dist.get_rank(), memory, activity):
        trainer = Trainer(job, settings.optimizer, settings.steps, activity)
        steps_done = 0
        if settings.checkpoints is not None:
            activity.now(f"loading the last checkpoint of {settings.checkpoints}")
            steps_done = checkpoint.load_latest(settings.checkpoints, trainer)
        _train_steps(settings, trainer, read, steps_done, memory)
    dist.barrier()
    dist.destroy_process_group()


def read_job(settings: Settings) -> Job:
    """Read the mounted files; raise PlanError where they do not fit one another, or the ranks that were started."""
    plan, config = read_plan(settings.plan), read_config(settings.config)
    training = read_training(settings.training, longest(config))
    chain = build_chain(config, training.sequence_length)
    check_fit(plan, chain, training)
    started = int(os.environ["WORLD_SIZE"])
    if started != plan.ranks:
        raise PlanError(f"{started} ranks were started, but the plan has {plan.ranks}")
    return Job(plan, chain, training, settings.seed, own_device())


def open_data(settings: Settings, job: Job) -> Reader:
    """Open the training data."""
    length, vocabulary = job.training.sequence_length, job.chain.vocabulary
    if settings.data is None:
        return partial(job.chain.samples, synthetic_tokens(settings.seed, vocabulary, length))
    return partial(job.chain.samples, Shuffled(Corpus(settings.data, vocabulary), length, settings.seed).read)


def _train_steps(settings: Settings, trainer: Trainer, read: Reader, steps_done: int, memory: Memory) -> None:
    """Train to the last step, or to where a rank has been asked to end: raise Interrupted then."""
    metrics = Metrics(trainer.meshes.stage, trainer.meshes.rank)
    interruption = Interruption()
    interruption.listen()
    say: Callable[[str], None] = partial(print, flush=True) if trainer.meshes.rank == 0 else lambda _: None
    for note in trainer.job.chain.notes:
        say(f"note: {note}")
    if steps_done > 0:
        say(f"continuing after step {steps_done}")
    for done in range(steps_done + 1, settings.steps + 1):
        with memory.peak_sought() if done == steps_done + TYPICAL else nullcontext():
            step = trainer.step(done - 1, read, interrupted=interruption.asked)
        rates = figures(trainer.job.plan, trainer.job.training.sequence_length, step)
        metrics.observe(step, rates, memory.peak_bytes)
        say(progress_line(done, settings.steps, step, rates, memory.peak_bytes))
        ends = step.interrupted or done == settings.steps
        if settings.checkpoints is not None and (done % settings.checkpoint_every == 0 or ends):
            trainer.activity.now(f"saving a checkpoint in {settings.checkpoints}")
            checkpoint.save(settings.checkpoints, trainer, done)
        if step.interrupted:
            raise Interrupted(f"asked to end, after step {done} of {settings.steps}")
