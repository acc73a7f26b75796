"""What `uniap-runtime profile` measures, how it says it, and what it refuses."""

import json
import math
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import pytest
import torch

from ranks import run
from test_rank import CONFIG
from uniap_runtime.activity import Activity
from uniap_runtime.failure import PlanError
from uniap_runtime.models.families import build_chain
from uniap_runtime.profile.document import document
from uniap_runtime.profile.groups import Group, groups_of, strides_of, ties_of
from uniap_runtime.profile.layers import Bench, Shape
from uniap_runtime.profile.links import message_sizes
from uniap_runtime.profile.measure import Measured, measure
from uniap_runtime.profile.overlap import slowdown
from uniap_runtime.profile.settings import ProfileSettings
from uniap_runtime.profile.stopwatch import Stopwatch, Timing
from uniap_runtime.profile.subject import Ranks, Subject, read_subject
from uniap_runtime.training import Training

REPOSITORY = Path(__file__).parents[2]
LENGTH = 8
HIDDEN, INNER, HEADS, VOCABULARY = 16, 16, 2, 32

# Of the slowest rank, in the test that tells it from the others.
SECONDS = 0.02


def subject_of(ranks: int, *, tensor: tuple[int, ...], samples: tuple[int, ...], precision: str = "FP32") -> Subject:
    """A tiny Llama on ranks of one node."""
    chain = build_chain(CONFIG, LENGTH)
    return Subject(
        "tiny", chain, Training(LENGTH, precision), Ranks(ranks, ranks), torch.device("cpu"), tensor, samples
    )


def activation_bytes(subject: Subject) -> dict[Shape, int]:
    """On ranks: bytes of every shape."""
    stopwatch, activity = Stopwatch(subject.device, 0.0), Activity()
    figures = [
        figure
        for tensor in subject.tensor
        for bench in [Bench(subject, tensor, activity)]
        for kept in ("None", "Full", "Selective")
        for figure in bench.measure(stopwatch, kept, math.inf)
    ]
    return {figure.shape: figure.activation_bytes for figure in figures}


def measured(subject: Subject) -> Measured:
    """On ranks: everything, with no more time than it takes at least."""
    return measure(subject, 1e9, Activity())


def test_bytes_are_those_that_autograd_keeps() -> None:
    """Counted by hand, at 32 bits; ids and targets have 64."""
    (found,) = run(1, activation_bytes, subject_of(1, tensor=(1,), samples=(1, 3)))
    for samples in (1, 3):
        tokens = samples * LENGTH
        activation = 4 * tokens * HIDDEN
        # The input, what it is divided by, the quotient, and that times the weight, which is the input of products.
        norm = 3 * activation + 4 * tokens
        # Queries, keys, values and output, and for each token and head the logarithm of a sum.
        attention = 4 * activation + 4 * tokens * HEADS
        # Gate, its activation, what that is multiplied with, and the product.
        feed_forward = 4 * 4 * tokens * INNER
        # Logarithms of probabilities, targets, and how many there are.
        loss = 4 * tokens * VOCABULARY + 8 * tokens + 4
        assert found[Shape("embedding", 1, False, "None", samples)] == 8 * tokens
        assert found[Shape("block", 1, False, "None", samples)] == 2 * norm + attention + feed_forward
        assert found[Shape("block", 1, False, "Full", samples)] == activation
        assert found[Shape("head", 1, False, "None", samples)] == norm + loss


def test_sequence_parallelism_keeps_a_part_of_the_tokens() -> None:
    """What lies between regions is split; inside regions features are. Both ranks keep equally much."""
    one, other = run(2, activation_bytes, subject_of(2, tensor=(2,), samples=(1,)))
    assert one == other
    activation = 4 * LENGTH * HIDDEN
    assert one[Shape("block", 2, False, "Full", 1)] == activation
    assert one[Shape("block", 2, True, "Full", 1)] == activation / 2
    norm = 3 * activation + 4 * LENGTH
    inside = 4 * activation + 4 * LENGTH * HEADS + 4 * 4 * LENGTH * INNER
    assert one[Shape("block", 2, False, "None", 1)] == 2 * norm + inside / 2
    # Norms are of this rank's tokens, but the products after them have all tokens as their input.
    split_norm = (2 * activation + 4 * LENGTH) / 2 + activation
    assert one[Shape("block", 2, True, "None", 1)] == 2 * split_norm + inside / 2


def test_all_is_measured_where_there_is_time() -> None:
    """Every shape of every kind of layer, and every message of every group."""
    subject = subject_of(2, tensor=(1, 2), samples=(1, 2))
    one, other = run(2, measured, subject)
    assert one == other
    # Three kinds, three recomputations, two numbers of samples; alone, and split with and without sequence parallelism.
    assert len({figures.shape for figures in one.layers}) == 3 * 3 * 2 * 3
    assert all(figures.forward.seconds > 0 and figures.backward.seconds > 0 for figures in one.layers)
    assert one.left_out == 0
    assert [(figures.operation, figures.group) for figures in one.collectives] == [
        (operation, Group(2, 1)) for operation in ("AllReduce", "AllGather", "ReduceScatter")
    ]
    assert [figures.stride for figures in one.sends] == [1]
    sizes = message_sizes(4 * (2 * VOCABULARY * HIDDEN + HIDDEN))
    assert all(tuple(size for size, _ in entry.times) == sizes for entry in (*one.collectives, *one.sends))


def test_without_time_there_is_what_every_plan_needs() -> None:
    """One shape of each kind of layer under each layout, and all messages."""
    (found,) = run(1, measured_at_once, subject_of(1, tensor=(1,), samples=(1, 2)))
    assert {figures.shape for figures in found.layers} == {
        Shape(kind, 1, False, "None", 1) for kind in ("embedding", "block", "head")
    }
    assert found.left_out == 3 * 3 * 2 - 3


def measured_at_once(subject: Subject) -> Measured:
    """On ranks: with no time at all."""
    return measure(subject, 0.0, Activity())


def test_the_slowest_rank_counts() -> None:
    """On all ranks, part by part."""
    timings = run(2, uneven)
    assert timings[0] == timings[1]
    first, second = timings[0]
    assert first.seconds > SECONDS > second.seconds


def uneven() -> tuple[Timing, ...]:
    """On ranks: a repetition whose first part takes the second rank some time."""

    def work(mark: Any) -> None:
        mark()
        begin = time.perf_counter()
        while time.perf_counter() - begin < SECONDS * torch.distributed.get_rank():
            pass
        mark()
        mark()

    return Stopwatch(torch.device("cpu"), 0.0).time(work)


@pytest.mark.parametrize(
    ("computation", "communication", "both", "slower"),
    [(2.0, 2.0, 2.0, 1.0), (2.0, 2.0, 3.0, 2.0), (3.0, 1.0, 3.5, 2.0), (2.0, 1.0, 3.0, 100.0), (2.0, 1.0, 1.5, 1.0)],
)
def test_slowdown(computation: float, communication: float, both: float, slower: float) -> None:
    """Hidden, half hidden, the shorter half hidden, not hidden, quicker than can be."""
    assert slowdown(computation, communication, both) == pytest.approx(slower)


def test_groups() -> None:
    """Of 4 ranks on 2 nodes: neighbours, every other rank, all; the ends of a pipeline; where they lie."""
    assert groups_of(4) == (Group(2, 1), Group(4, 1), Group(2, 2))
    assert ties_of(4) == (Group(2, 3),)
    assert strides_of(4) == (1, 2)
    assert Group(2, 2).members(4) == [[0, 2], [1, 3]]
    assert Group(2, 6).members(8) == [[0, 6], [1, 7]]
    ranks = Ranks(4, 2)
    assert [group.members_per_node(ranks) for group in groups_of(4)] == [2, 2, 1]


FILES = {"training": {"globalBatchSize": 2, "sequenceLength": LENGTH, "precision": "FP32"}, "config": CONFIG}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProfileSettings:
    """Files of a job as the operator mounts them, and what torchrun says to one rank of four."""
    for name, content in FILES.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    monkeypatch.setenv("WORLD_SIZE", "4")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    return ProfileSettings(
        training=tmp_path / "training.json",
        config=tmp_path / "config.json",
        tensor=(),
        samples=(),
        budget_seconds=0.0,
        device=None,
        ranks=1,
        output=None,
        serve=False,
        serve_seconds=0.0,
        address="127.0.0.1",
        port=0,
        timeout_seconds=60.0,
    )


def test_what_is_measured_follows_from_job_and_ranks(settings: ProfileSettings) -> None:
    """Degrees that split the heads and the ranks, and no more samples than a batch has."""
    subject = read_subject(settings)
    assert (subject.ranks, subject.ranks.nodes) == (Ranks(4, 2), 2)
    assert subject.tensor == (1, 2)
    assert subject.samples == (1, 2)
    assert list(subject.kinds) == ["embedding", "block", "head"]
    assert read_subject(replace(settings, tensor=(2,), samples=(16,))).samples == (16,)


def test_degrees_that_split_nothing_are_refused(settings: ProfileSettings) -> None:
    """With those that would do."""
    with pytest.raises(PlanError, match=r"--tensor 4 does not split both 2 heads, .* and 4 ranks; use 1, 2$"):
        read_subject(replace(settings, tensor=(1, 4)))


def test_figures_as_the_operator_reads_them() -> None:
    """Decimals without exponents, parameters of the model, and where it is from."""
    subject = subject_of(2, tensor=(1, 2), samples=(1,))
    (one, _) = run(2, measured, subject)
    content = document(subject, one, "EPYC-7763-core")
    model, hardware = content["model"]["spec"], content["hardware"]["spec"]
    assert model["provenance"]["device"] == "EPYC-7763-core"
    assert model["provenance"]["torch"] == torch.__version__
    norm, attention, feed_forward = HIDDEN, 4 * HIDDEN**2, 3 * HIDDEN * INNER
    assert [(layer["names"], layer["parameters"]) for layer in model["layers"]] == [
        (["embedding"], VOCABULARY * HIDDEN),
        (["block"], 2 * norm + attention + feed_forward),
        (["head"], norm + VOCABULARY * HIDDEN),
    ]
    seconds = [time["forwardSeconds"] for layer in model["layers"] for time in layer["times"]]
    assert all(float(text) > 0 and "e" not in text for text in seconds)
    assert (hardware["ranks"], hardware["ranksPerNode"]) == (2, 2)
    assert [entry["acrossNodes"] for entry in hardware["pointToPoint"]] == [False]
    json.dumps(content)


JOB = {
    "apiVersion": "uniap.dev/v1alpha1",
    "kind": "TrainingJob",
    "metadata": {"name": "tiny"},
    "spec": {
        "model": {"configMap": {"name": "tiny"}},
        "training": FILES["training"],
        "resources": {"gpus": 2},
        "template": {"image": "example/tiny:1"},
    },
}


@pytest.mark.skipif(shutil.which("node") is None, reason="plans are made by a program for Node")
def test_the_whole_command_and_a_plan_from_its_result(tmp_path: Path) -> None:
    """It serves its result as long as it may, answers until it is there that it is not, and the planner takes it."""
    for name, content in {**FILES, "job": JOB}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    program = [sys.executable, "-m", "uniap_runtime.command", "profile", "--ranks=2", "--budget=0", "--serve"]
    files = [f"--{name}={tmp_path / name}.json" for name in FILES]
    with subprocess.Popen([*program, *files, "--address=127.0.0.1", f"--port={port}"]) as command:
        statuses, body = [503], ""
        while statuses[-1] == 503 and command.poll() is None:
            status, body = fetch(port)
            statuses.append(status)
        assert statuses[-1] == 200
        assert 503 in statuses[1:]
        assert fetch(port) == (200, body)
        command.terminate()
    assert command.returncode == 0
    profiles = json.loads(body)
    for name in ("model", "hardware"):
        (tmp_path / f"{name}.json").write_text(json.dumps(profiles[name]))
    plan = subprocess.run(
        [
            REPOSITORY / "node_modules/.bin/node",
            REPOSITORY / "src/cli/main.ts",
            "plan",
            tmp_path / "job.json",
            *("--nodes", REPOSITORY / "examples/nodes/1x8-a100.yaml"),
            *("--config", tmp_path / "config.json"),
            *("--profile", tmp_path / "model.json", tmp_path / "hardware.json"),
        ],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert "measured: seconds of embedding" in " ".join(plan.stdout.split())


def fetch(port: int) -> tuple[int, str]:
    """Status and body of the profile; 503 where nothing listens yet."""
    try:
        answer: HTTPResponse = urllib.request.urlopen(f"http://127.0.0.1:{port}/profile")
    except urllib.error.HTTPError as error:
        return error.code, ""
    except urllib.error.URLError:
        return 503, ""
    with answer:
        return answer.status, answer.read().decode()
