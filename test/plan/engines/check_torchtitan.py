"""What torchtitan's own configuration, mesh and pipeline splitting make of the flags, against the plan."""

from typing import Any

import torch
import torch.distributed as dist
from case import Case, Layer, check_all, data_group, expect, start, tensor_group
from torch.distributed.pipelining.schedules import get_schedule_class
from torch.testing._internal.distributed.fake_pg import FakeStore
from torchtitan.config.manager import ConfigManager
from torchtitan.distributed import ParallelDims
from torchtitan.distributed.pipeline_parallel import _get_pp_rank_to_stage_indices_mapping, _split_module

# What the plan leaves to the user.
RECIPE = ("--module", "llama3", "--config", "llama3_8b", "--training.steps", "10")


def parse(case: Case) -> Any:
    """Parse the flags as training would."""
    started = start(case, "torchtitan", *RECIPE)
    expect("program", started.arguments[:2], ["-m", "torchtitan.train"])
    config = ConfigManager().parse_args(started.arguments[2:])
    config.model_spec.model.update_from_config(config=config)
    return config


def check(case: Case) -> None:
    """Degrees, batch, checkpointing, mesh and pipeline."""
    config = parse(case)
    parallelism, training = config.parallelism, config.training
    run = case.blocks[0].run
    data = run["replicas"] * run["shards"]
    expect("blocks", len(config.model_spec.model.layers), len(case.blocks))
    expect("tensor degree", parallelism.tensor_parallel_degree, run["tensor"])
    expect("sequence parallelism", parallelism.enable_sequence_parallel, run["sequenceParallel"])
    expect("replicas", parallelism.data_parallel_replicate_degree, run["replicas"])
    expect("shards", parallelism.data_parallel_shard_degree, run["shards"])
    resharding = {1: "never", 2: "never", 3: "always"}[run["zeroStage"] if run["shards"] > 1 else 1]
    expect("resharding", parallelism.fsdp_reshard_after_forward, resharding)
    expect("tokens", training.seq_len, case.training["sequenceLength"])
    expect("global batch", training.global_batch_size, case.plan["globalBatchSize"])
    accumulation = training.global_batch_size // (training.local_batch_size * data)
    micro_batches = training.local_batch_size // parallelism.pipeline_parallel_microbatch_size
    expect("micro-batches", micro_batches if case.stages > 1 else accumulation, case.plan["microBatches"])
    policy = type(config.activation_checkpoint).__qualname__
    expect("recomputation", policy, {"None": "NoneType", "Full": "FullAC.Config"}[run["recomputation"]])
    expect("steps, after the plan's flags", training.steps, 10)
    check_mesh(case, config)
    if case.stages > 1:
        check_pipeline(case, config)


def check_mesh(case: Case, config: Any) -> None:
    """Which ranks share what."""
    for rank in (0, case.plan["gpus"] - 1):
        dist.init_process_group("fake", rank=rank, world_size=case.plan["gpus"], store=FakeStore())
        dims = ParallelDims.from_config(config.parallelism, case.plan["gpus"])
        dims.build_mesh()
        layer = case.layers[-1 if rank else 0]
        check_group(dims, "tp", tensor_group(layer, rank))
        check_group(dims, "batch", data_group(case, layer, rank))
        dist.destroy_process_group()


def check_group(dims: ParallelDims, axis: str, expected: list[int]) -> None:
    """Compare the ranks of this process's group along an axis; a group of one has no process group."""
    mesh = dims.get_optional_mesh(axis)
    expect(f"group along {axis}", expected[:1] if mesh is None else mesh.mesh.tolist(), expected)


def check_pipeline(case: Case, config: Any) -> None:
    """Compare the modules of each stage, none twice or missing, and the schedule."""
    parallelism = config.parallelism
    parts = parallelism.module_fqns_per_model_part
    schedule = parallelism.pipeline_parallel_schedule
    expect("schedule", get_schedule_class(schedule).__name__, f"Schedule{case.plan['schedule']}")
    for stage in range(case.stages):
        indices = _get_pp_rank_to_stage_indices_mapping(stage, case.stages, schedule, len(parts))
        held = [name for index in indices for name in parts[index]]
        expect(f"stage {stage}", held, [name for layer in held_by(case, stage) for name in modules_of(case, layer)])
    with torch.device("meta"):
        model = config.model_spec.model.build()
        split = [name for part in parts for name, _ in _split_module(model, part).named_parameters()]
    expect("number of weights", len(split), len(list(model.parameters())))


def held_by(case: Case, stage: int) -> list[Layer]:
    """Layers of a stage, chunk by chunk."""
    return sorted((layer for layer in case.layers if layer.stage == stage), key=lambda layer: layer.chunk)


def modules_of(case: Case, layer: Layer) -> list[str]:
    """Name a layer's modules as torchtitan does."""
    if not layer.is_end:
        return [f"layers.{layer.index - 1}"]
    return ["tok_embeddings"] if layer.index == 0 else ["norm", "lm_head"]


check_all("torchtitan", check)
