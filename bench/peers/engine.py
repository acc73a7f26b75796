"""Hetu-Galvatron's search engine (arXiv 2211.13878, `hetu-galvatron` 2.4.0), unchanged, on a profile that it publishes.

Only its search is loaded: the rest of the package needs PyTorch and GPUs, and plays no part in a search.
"""

import argparse
import contextlib
import importlib
import importlib.util
import io
import shutil
import sys
import tempfile
import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROFILE = Path(__file__).parent / "profile"
HIDDEN, LAYERS, SEQUENCE = 4096, 32, 2048


@dataclass(frozen=True)
class Setting:
    """What is searched for: Llama-2-7B with sequences of 2,048 tokens."""

    nodes: int
    gpus_per_node: int
    memory_gib: int
    batch: int

    @property
    def gpus(self) -> int:
        """Count all GPUs."""
        return self.nodes * self.gpus_per_node


def load() -> None:
    """Make `galvatron.core.search_engine` importable without running what its parent packages import."""
    spec = importlib.util.find_spec("galvatron_dp_core")
    if spec is None or spec.origin is None:
        message = "hetu-galvatron is not installed here"
        raise ModuleNotFoundError(message)
    root = Path(spec.origin).parent / "galvatron"
    for name, folder in (("galvatron", ""), ("galvatron.core", "core"), ("galvatron.utils", "utils")):
        package = types.ModuleType(name)
        package.__path__ = [str(root / folder)]
        sys.modules[name] = package
    for part in ("config_utils", "strategy_utils"):
        vars(sys.modules["galvatron.utils"]).update(vars(importlib.import_module(f"galvatron.utils.{part}")))


def part(name: str) -> Any:
    """Import a module of its search engine, once `load` has run."""
    return importlib.import_module(f"galvatron.core.search_engine.{name}")


@contextlib.contextmanager
def engine(setting: Setting) -> Iterator[Any]:
    """Give its search engine, ready to search all of its search space."""
    load()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        shutil.copytree(PROFILE, folder, dirs_exist_ok=True)
        # Its times by message size are of one node; no group that they are asked for is larger.
        times = Path(folder) / f"sp_time_{setting.nodes}nodes_{setting.gpus_per_node}gpus_per_node.json"
        shutil.copyfile(PROFILE / "sp_time_1nodes_8gpus_per_node.json", times)
        parser = part("arguments").galvatron_search_args(argparse.ArgumentParser())
        paths = ("memory_profiling", "time_profiling", "allreduce_bandwidth_config", "p2p_bandwidth_config")
        arguments = parser.parse_args(
            [
                *(f"--num_nodes={setting.nodes}", f"--num_gpus_per_node={setting.gpus_per_node}"),
                *(f"--memory_constraint={setting.memory_gib}", f"--settle_bsz={setting.batch}"),
                *("--sp_space=tp+sp", "--sequence_parallel", "--pipeline_type=pipedream_flush"),
                *("--default_dp_type=zero2", "--time_profile_mode=batch", f"--log_dir={folder}/logs"),
                *(f"--{path}_path={folder}" for path in (*paths, "overlap_coe", "sp_time", "output_config")),
            ]
        )
        arguments.hidden_size = HIDDEN
        galvatron = part("search_engine").GalvatronSearchEngine(arguments)
        layers = {"hidden_size": HIDDEN, "layer_num": LAYERS, "seq_len": SEQUENCE}
        galvatron.set_search_engine_info(folder, [layers], "llama2-7b_all")
        galvatron.initialize_search_engine()
        yield galvatron
