"""The whole command: torchrun, ranks, progress, metrics, checkpoints, and going on under another plan."""

import json
import os
import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import numpy as np
from datasets import Dataset, disable_progress_bars

from test_rank import CONFIG, TRAINING, TWO_STAGES

disable_progress_bars()

# As a pod has one of its own.
ADDRESS = "127.0.7.1"

SHARDED = {**TWO_STAGES, "stages": [{"layers": [{"first": 0, "last": 3, "shards": 2}]}]}


def start(folder: Path, plan: dict[str, object], steps: int, port: int) -> subprocess.Popen[str]:
    """Start a training of one pod."""
    for name, content in (("plan", {"spec": plan}), ("training", TRAINING), ("config", CONFIG)):
        (folder / f"{name}.json").write_text(json.dumps(content))
    files = [f"--{name}={folder / name}.json" for name in ("plan", "training", "config")]
    program = [sys.executable, "-m", "uniap_runtime.command", "train", *files]
    rows = Dataset.from_dict({"input_ids": np.random.default_rng(0).integers(CONFIG["vocab_size"], size=(9, 100))})
    rows.save_to_disk(folder / "dataset")
    folders = [f"--data={folder / 'dataset'}", f"--checkpoints={folder / 'checkpoints'}"]
    variables = {
        "UNIAP_NAMESPACE": "team",
        "UNIAP_JOB": "tiny",
        "UNIAP_METRICS_ADDRESS": ADDRESS,
        "UNIAP_METRICS_PORT": str(port),
    }
    return subprocess.Popen(
        [*program, *folders, f"--steps={steps}", "--warm-up=0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
    )


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server((ADDRESS, 0)) as server:
        return int(server.getsockname()[1])


def metrics(port: int) -> str:
    """What Prometheus would read."""
    with urllib.request.urlopen(f"http://{ADDRESS}:{port}/metrics") as answer:
        return str(answer.read().decode())


def test_a_training_that_is_interrupted_goes_on_under_another_plan(tmp_path: Path) -> None:
    """Lines of progress come from the first rank alone, and metrics from each. SIGTERM is what Kubernetes sends."""
    port = free_port()
    with start(tmp_path, TWO_STAGES, 100_000, port) as first:
        assert first.stdout is not None
        lines = [first.stdout.readline() for _ in range(3)]
        seen = metrics(port)
        first.terminate()
        rest = first.stdout.read()
    assert first.returncode == 75
    assert re.match(r"step 1/100000 \| loss 3\.\d+ \| gradient norm .* tokens/s \| .* left", lines[0])
    assert re.match(r"step 2/100000 .* \| peak memory 0\.0\d GiB \| .* left", lines[1])
    for rank in "01":
        labels = f'{{job="tiny",namespace="team",rank="{rank}",stage="{rank}"}}'
        for name in ("step_seconds_count", "exposed_communication_seconds_count", "peak_memory_bytes"):
            assert re.search(f"uniap_runtime_{name}{labels} [1-9]", seen)
    ended = re.search(r"asked to end, after step (\d+) of 100000", rest)
    assert ended is not None
    done = int(ended[1])
    with start(tmp_path, SHARDED, done + 1, port) as second:
        assert second.stdout is not None
        output = second.stdout.read()
    assert second.returncode == 0
    assert output.startswith(f"continuing after step {done}\nstep {done + 1}/{done + 1}")
