"""How a rank ends: what its exit code and its container's message say."""

import json
import multiprocessing
import os
import signal
import socket
import time
from dataclasses import replace
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any, cast

import pytest
import torch

from ranks import LIMIT
from uniap_runtime.activity import Activity
from uniap_runtime.optimizer import OptimizerSettings
from uniap_runtime.rank import run_rank
from uniap_runtime.settings import Settings
from uniap_runtime.termination import exit_code_of

CONFIG: dict[str, Any] = {
    "model_type": "llama",
    "hidden_size": 16,
    "intermediate_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "vocab_size": 32,
}
TRAINING = {"globalBatchSize": 4, "sequenceLength": 8, "precision": "FP32"}
TWO_STAGES = {
    "globalBatchSize": 4,
    "microBatches": 2,
    "gpus": 2,
    "stages": [
        {"layers": [{"first": 0, "last": 1}], "memoryBytes": 100_000},
        {"layers": [{"first": 2, "last": 3}], "memoryBytes": 200_000},
    ],
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Files of a job as the operator mounts them."""
    for name, content in (("plan", {"spec": TWO_STAGES}), ("training", TRAINING), ("config", CONFIG)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    (tmp_path / "termination-log").touch()
    return Settings(
        plan=tmp_path / "plan.json",
        training=tmp_path / "training.json",
        config=tmp_path / "config.json",
        steps=2,
        seed=0,
        data=None,
        checkpoints=None,
        checkpoint_every=1,
        timeout_seconds=LIMIT.total_seconds(),
        metrics_address="127.0.0.1",
        metrics_port=0,
        optimizer=OptimizerSettings(),
    )


def start(settings: Settings, ranks: range = range(2)) -> list[ForkProcess]:
    """Start ranks of two."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_run, args=(settings, rank, port)) for rank in ranks]
    for process in processes:
        process.start()
    return processes


def exit_codes(processes: list[ForkProcess]) -> list[int | None]:
    """Wait for the end of processes."""
    for process in processes:
        process.join(LIMIT.total_seconds())
        process.kill()
    return [process.exitcode for process in processes]


def message_of(settings: Settings) -> dict[str, Any]:
    """The message that is left."""
    return cast(dict[str, Any], json.loads(log_of(settings).read_text() or "{}"))


def log_of(settings: Settings) -> Path:
    """Where messages are left."""
    return settings.plan.with_name("termination-log")


def end(settings: Settings, ranks: range = range(2)) -> tuple[list[int | None], dict[str, Any]]:
    """Run ranks of two to their end: exit codes, and the message they leave."""
    return exit_codes(start(settings, ranks)), message_of(settings)


def _run(settings: Settings, rank: int, port: int) -> None:
    os.environ |= {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "UNIAP_TERMINATION_LOG": str(log_of(settings)),
    }
    run_rank(settings)


def test_a_training_that_ends_well_leaves_no_message(settings: Settings) -> None:
    """Exit code 0."""
    assert end(settings) == ([0, 0], {})


def test_missing_data(settings: Settings) -> None:
    """The file is named."""
    codes, message = end(replace(settings, data=Path("/nowhere/tokens.bin")))
    assert codes == [65, 65]
    assert message["reason"] == "BadData"
    assert "/nowhere/tokens.bin" in message["message"]


def test_a_plan_that_does_not_fit(settings: Settings) -> None:
    """What does not fit is named."""
    settings.config.write_text(json.dumps({**CONFIG, "num_hidden_layers": 3}))
    codes, message = end(settings)
    assert codes == [64, 64]
    assert message["reason"] == "BadPlan"
    assert "the plan has 4 layers, and the model of config.json 5" in message["message"]


def test_out_of_memory(settings: Settings) -> None:
    """The layer is named whose parameters have no room."""
    settings.config.write_text(json.dumps({**CONFIG, "intermediate_size": 10**12}))
    codes, message = end(settings)
    assert codes == [70, 70]
    assert message["reason"] == "OutOfMemory"
    stage = message["rank"]
    assert (message["stage"], message["layer"]) == (stage, 1 + stage)
    assert f"layer {message['layer']} (block.{stage})" in message["message"]
    assert message["plannedBytes"] == 100_000 * (1 + stage)
    # The first matrix of the feed-forward network, and little else.
    assert message["actualBytes"] == pytest.approx(16 * 10**12 * 4, rel=1e-3)


def test_a_rank_that_never_comes(settings: Settings) -> None:
    """The other ends within the limit, and says what it has waited for."""
    codes, message = end(replace(settings, timeout_seconds=3.0), ranks=range(1, 2))
    assert codes == [71]
    assert message["reason"] == "TimedOut"
    assert "meeting the other ranks" in message["message"]


def test_a_rank_that_hangs(settings: Settings, tmp_path: Path) -> None:
    """The other ends within the limit, however far the training had come."""
    folder = tmp_path / "checkpoints"
    endless = replace(settings, timeout_seconds=8.0, steps=100_000, checkpoints=folder, checkpoint_every=1)
    first, second = start(endless)
    while not (folder / "step-00000001").exists():
        time.sleep(0.01)
    assert first.pid is not None
    os.kill(first.pid, signal.SIGSTOP)
    assert exit_codes([second]) == [71]
    first.kill()
    message = message_of(settings)
    assert (message["reason"], message["rank"]) == ("TimedOut", 1)
    assert message["message"].startswith("nothing has happened for 8 s: ")


def test_what_hangs_is_said_with_where() -> None:
    """The pass, the layer, and the time."""
    activity = Activity()
    said: multiprocessing.SimpleQueue[str] = multiprocessing.SimpleQueue()
    activity.now("backward pass of micro-batch 3")
    activity.layer(5, "block.4")
    activity.watch(0.01, said.put)
    assert said.get() == "nothing has happened for 0 s: backward pass of micro-batch 3, layer 5 (block.4)"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"), 70),
        (RuntimeError("[gloo/transport/tcp/pair.cc] Timed out waiting 30000ms for recv operation to complete"), 71),
        (RuntimeError("[gloo/transport/tcp/pair.cc] Connection closed by peer [127.0.0.1]:1234"), 72),
        (RuntimeError("shapes cannot be multiplied"), 1),
        (ValueError("timeout"), 1),
    ],
)
def test_errors_of_torch_are_told_apart(error: Exception, code: int) -> None:
    """By what they say, having no classes of their own."""
    assert exit_code_of(error) == code
