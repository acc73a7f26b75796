"""What Hetu-Galvatron's own parser, checks and communication groups make of the files, against the plan."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import galvatron
import packaging.version
import torch.distributed as dist
from case import Case, check_all, data_group, expect, start, tensor_group
from torch.testing._internal.distributed.fake_pg import FakeStore

# Kernels of Apex and FlashAttention, which are built for a GPU and which parsing never calls.
for kernels in ("apex", "apex.optimizers", "apex.multi_tensor_apply", "amp_C", "flash_attn"):
    sys.modules[kernels] = MagicMock()
# The one thing that its copy of Megatron-LM wants of a module that setuptools no longer has.
sys.modules["pkg_resources"] = MagicMock(packaging=packaging)

from megatron.training.arguments import parse_args  # noqa: E402

PACKAGE = Path(galvatron.__path__[0])


def load(path: str) -> ModuleType:
    """Load a file of the package by itself: the package's own imports want a GPU."""
    name = f"galvatron.{path.removesuffix('.py').replace('/', '.')}"
    spec = importlib.util.spec_from_file_location(name, PACKAGE / path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is not in {PACKAGE}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


HYBRID = load("core/runtime/hybrid_parallel_config.py")
RUNTIME = load("core/runtime/arguments.py")

# As the model's package has them.
MODULES = {
    "llama_hf": ("embed", "gpt_dec", "norm", "cls"),
    "gpt_hf": ("embed", "gpt_dec", "norm", "cls"),
    "vit_hf": ("embed", "vit_enc", "prenorm", "cls"),
}


def parse(case: Case) -> tuple[Any, str]:
    """Arguments as training would have them, and the model's package."""
    started = start(case, "galvatron", "--train-iters", "10", "--lr", "1e-4")
    option, module = started.arguments[:2]
    package = module.split(".")[2]
    expect("program", (option, module), ("-m", f"galvatron.models.{package}.train_dist"))
    expect("its file", (PACKAGE / "models" / package / "train_dist.py").exists(), True)
    model_args: Callable[..., Any] = load(f"models/{package}/arguments.py").model_args
    sys.argv = ["train_dist.py", *started.arguments[2:]]
    args = parse_args([lambda parser: RUNTIME.galvatron_training_args(parser, True), model_args])
    # The launcher's, which the script leaves to it.
    args.local_rank = 0
    return args, package


def check(case: Case) -> None:
    """Strategies of every layer, batch, schedule and groups."""
    args, package = parse(case)
    dist.init_process_group("fake", rank=0, world_size=case.plan["gpus"], store=FakeStore())
    blocks = len(case.blocks)
    info = SimpleNamespace(layernums=lambda: [blocks])
    found = HYBRID.get_hybrid_parallel_configs_api(None, args, lambda _config, _args: info)
    HYBRID.check_hp_config(found, [blocks])
    core = ModuleType("galvatron.core")
    core.get_args = lambda: args  # type: ignore[attr-defined]
    sys.modules["galvatron.core"] = core
    embed, block, norm, head = MODULES[package]
    types = [embed, *[block] * blocks, norm, head]
    whole = HYBRID.hp_config_whole_model(
        types, found, embed_sdp=args.embed_sdp, vocab_tp=args.vocab_tp, vocab_sp=args.vocab_sp
    )
    check_layers(case, whole, found["default_dp_type"])
    expect("global batch", args.global_train_batch_size, case.plan["globalBatchSize"])
    expect("micro-batches", args.chunks, case.plan["microBatches"])
    schedules = {"GPipe": "gpipe", "1F1B": "pipedream_flush"}
    expect("schedule", args.pipeline_type, schedules[case.plan["schedule"]])
    expect("precision", args.mixed_precision, case.training["precision"].lower())
    if "sequenceLength" in case.training:
        expect("tokens", (args.set_seqlen_manually, args.seq_length), (1, case.training["sequenceLength"]))
    sequence_parallel = any(layer.run["sequenceParallel"] for layer in case.layers)
    expect("sequence parallelism", args.sequence_parallel, sequence_parallel)
    check_groups(case, whole)
    dist.destroy_process_group()


def check_layers(case: Case, whole: dict[str, Any], default: str) -> None:
    """Each layer's strategy; the head is two modules."""
    for place, layer in enumerate([*case.layers, case.layers[-1]]):
        run = layer.run
        what = f"layer {layer.index}"
        expect(f"{what}: tensor degree", whole["tp_sizes_whole"][place], run["tensor"])
        expect(f"{what}: data-parallel degree", whole["dp_sizes_whole"][place], run["shards"] * run["replicas"])
        expect(f"{what}: stage", whole["pp_ranks_whole"][place], layer.stage)
        expect(f"{what}: recomputation", whole["checkpoint_flags_whole"][place], int(run["recomputation"] == "Full"))
        stage = {"ddp": 0, "zero2": 2, "zero3": 3}[{0: default, 1: "zero3"}[whole["dp_types_whole"][place]]]
        if whole["dp_sizes_whole"][place] > 1:
            expect(f"{what}: ZeRO", stage, run["zeroStage"] if run["shards"] > 1 else 0)


def check_groups(case: Case, whole: dict[str, Any]) -> None:
    """Which ranks share what with rank 0, in the layers of its stage."""
    load("core/runtime/redistribute.py")
    groups = load("core/runtime/comm_groups.py")
    _, tensor, _, data, *_ = groups.gen_comm_groups(
        whole["tp_sizes_whole"], whole["sp_sizes_whole"], whole["pp_deg"], whole["tp_consec_whole"]
    )
    for layer in case.layers:
        if layer.stage == 0:
            expect(f"tensor group of layer {layer.index}", tensor[layer.index].ranks, tensor_group(layer, 0))
            expect(f"data group of layer {layer.index}", data[layer.index].ranks, data_group(case, layer, 0))


check_all("galvatron", check)
