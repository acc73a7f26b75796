"""What Megatron-LM's own parser makes of the flags, against the plan."""

import os
import sys
from typing import Any
from unittest.mock import patch

from case import Case, check_all, data_group, expect, start, tensor_group
from megatron.core import parallel_state
from megatron.core.transformer.enums import LayerType
from megatron.training import arguments
from megatron.training.argument_utils import core_transformer_config_from_args

# What the plan leaves to the user, and one fused kernel less, which Transformer Engine alone has.
RECIPE = ["--mock-data", "--tokenizer-type", "NullTokenizer", "--train-iters", "10", "--lr", "1e-4", "--no-rope-fusion"]

HOPPER = 9


def parse(case: Case) -> tuple[Any, Any]:
    """Arguments as training would have them, and the model's configuration."""
    started = start(case, "megatron", *RECIPE)
    expect("program", started.arguments[0], "pretrain_gpt.py")
    for name in ("CUDA_DEVICE_MAX_CONNECTIONS",):
        os.environ.pop(name, None)
        if name in started.environment:
            os.environ[name] = started.environment[name]
    os.environ.update(RANK="0", WORLD_SIZE=str(case.plan["gpus"]))
    sys.argv = started.arguments
    with patch.object(arguments, "get_device_arch_version", return_value=HOPPER):
        args = arguments.parse_args()
        arguments.validate_args(args)
        return args, core_transformer_config_from_args(args)


def check(case: Case) -> None:
    """Degrees, batch, layout, ranks, sharding and recomputation."""
    args, config = parse(case)
    run = case.blocks[0].run
    data = run["replicas"] * run["shards"]
    expect("layers", args.num_layers, len(case.blocks))
    expect("tensor degree", args.tensor_model_parallel_size, run["tensor"])
    expect("sequence parallelism", args.sequence_parallel, run["sequenceParallel"])
    expect("stages", args.pipeline_model_parallel_size, case.stages)
    expect("virtual stages", args.virtual_pipeline_model_parallel_size or 1, case.plan["virtualStages"])
    expect("data-parallel degree", args.data_parallel_size, data)
    expect("global batch", args.global_batch_size, case.plan["globalBatchSize"])
    expect("micro-batches", args.global_batch_size // (args.micro_batch_size * data), case.plan["microBatches"])
    expect("tokens", args.seq_length, case.training["sequenceLength"])
    check_sharding(args, run)
    expect("recomputation", config.recompute_granularity or "none", run["recomputation"].lower())
    if run["recomputation"] == "Full":
        expect("recomputed unit", (config.recompute_method, config.recompute_num_layers), ("uniform", 1))
    if case.stages > 1:
        check_layout(case, config)
    check_ranks(case, args)


def check_sharding(args: Any, run: dict[str, Any]) -> None:
    """Compare what data-parallel ranks split among them."""
    expect("distributed optimizer", args.use_distributed_optimizer, run["shards"] > 1)
    if run["shards"] > 1:
        expect("replicas", args.num_distributed_optimizer_instances, run["replicas"])
        expect("FSDP", args.use_megatron_fsdp, run["zeroStage"] > 1)
    if args.use_megatron_fsdp:
        strategies = {2: "optim_grads", 3: "optim_grads_params"}
        expect("strategy", args.data_parallel_sharding_strategy, strategies[run["zeroStage"]])


def check_layout(case: Case, config: Any) -> None:
    """Compare the blocks of each chunk of each stage, and where the ends are."""
    layout = config.pipeline_model_parallel_layout
    layout.validate_layer_layout(len(case.blocks), None)
    chunks = case.plan["virtualStages"]
    parallel_state.set_virtual_pipeline_model_parallel_world_size(chunks if chunks > 1 else None)
    for stage in range(case.stages):
        for virtual in range(chunks):
            chunk = virtual * case.stages + stage
            here = [layer for layer in case.layers if layer.chunk == chunk]
            blocks = layout.get_layer_id_list(LayerType.decoder, vp_stage=virtual, pp_rank=stage)
            expect(f"blocks of chunk {chunk}", blocks, [layer.index - 1 for layer in here if not layer.is_end])
            kinds = layout.layout[stage][virtual]
            expect(f"embedding in chunk {chunk}", LayerType.embedding in kinds, here[0].index == 0)
            expect(f"head in chunk {chunk}", LayerType.loss in kinds, here[-1] == case.layers[-1])


def check_ranks(case: Case, args: Any) -> None:
    """Which ranks share what (parallel_state.initialize_model_parallel's default order)."""
    generator = parallel_state.RankGenerator(
        tp=args.tensor_model_parallel_size,
        ep=1,
        dp=args.data_parallel_size,
        pp=args.pipeline_model_parallel_size,
        cp=1,
        order="tp-cp-ep-dp-pp",
    )
    tensor, data = ({rank: group for group in generator.get_ranks(of) for rank in group} for of in ("tp", "dp"))
    for layer in (case.layers[0], case.layers[-1]):
        size = case.plan["gpus"] // case.stages
        for rank in range(layer.stage * size, (layer.stage + 1) * size):
            expect(f"tensor group of rank {rank}", tensor[rank], tensor_group(layer, rank))
            expect(f"data group of rank {rank}", data[rank], data_group(case, layer, rank))


check_all("megatron", check)
