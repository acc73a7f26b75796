"""The ParallelPlan that a pod finds as `plan.json`: which layers run where, split how."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from uniap_runtime.failure import PlanError

Recomputation = Literal["None", "Selective", "Full"]
Schedule = Literal["1F1B", "GPipe", "Interleaved1F1B"]

SCHEDULES: tuple[str, ...] = get_args(Schedule)
RECOMPUTATIONS: tuple[str, ...] = get_args(Recomputation)


@dataclass(frozen=True)
class Strategy:
    """How the ranks of a stage share a layer: tensor * shards * replicas ranks."""

    tensor: int = 1
    sequence_parallel: bool = False
    replicas: int = 1
    shards: int = 1
    zero_stage: int = 3
    recomputation: Recomputation = "None"

    @property
    def ranks(self) -> int:
        """Ranks of the stage."""
        return self.tensor * self.shards * self.replicas

    @property
    def holders(self) -> int:
        """Consecutive ranks that hold the same activations between layers."""
        return 1 if self.sequence_parallel else self.tensor


@dataclass(frozen=True)
class Place:
    """Where a layer of the model runs: pipeline stage, chunk of the stage, and how the stage's ranks share it."""

    stage: int
    chunk: int
    strategy: Strategy


@dataclass(frozen=True)
class Prediction:
    """What the planner expects of a step."""

    step_seconds: float
    model_flops_utilisation: float


@dataclass(frozen=True)
class Plan:
    """A plan. `places[i]` is where layer i runs; `stage_bytes[i]` the memory that a rank of stage i is to need."""

    global_batch_size: int
    micro_batches: int
    stages: int
    ranks: int
    places: tuple[Place, ...]
    stage_bytes: tuple[int | None, ...]
    schedule: Schedule = "1F1B"
    chunks: int = 1
    predicted: Prediction | None = None

    @property
    def ranks_per_stage(self) -> int:
        """S of the planner: ranks of every stage."""
        return self.ranks // self.stages

    @property
    def micro_batch_size(self) -> int:
        """Samples of a micro-batch, over all ranks of a stage."""
        return self.global_batch_size // self.micro_batches

    @cached_property
    def strategies(self) -> tuple[Strategy, ...]:
        """Distinct strategies in the order of layers, the same on every rank."""
        return tuple(dict.fromkeys(place.strategy for place in self.places))

    def layers_of(self, stage: int, chunk: int) -> tuple[int, ...]:
        """Indices of the layers of a chunk, ascending."""
        return tuple(i for i, place in enumerate(self.places) if (place.stage, place.chunk) == (stage, chunk))


def read_plan(path: Path) -> Plan:
    """Read a ParallelPlan; raise PlanError where it contradicts itself."""
    try:
        return parse_plan(json.loads(path.read_text())["spec"])
    except OSError as error:
        raise PlanError(f"no plan: {error}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise PlanError(f"{path} is no ParallelPlan: {error!r}") from error


def parse_plan(spec: Mapping[str, Any]) -> Plan:
    """Turn the `spec` of a ParallelPlan into a Plan; raise PlanError where it contradicts itself."""
    chunks = int(spec.get("virtualStages", 1))
    plan = Plan(
        global_batch_size=int(spec["globalBatchSize"]),
        micro_batches=int(spec["microBatches"]),
        stages=len(spec["stages"]),
        ranks=int(spec["gpus"]),
        places=_places(spec["stages"], chunks),
        stage_bytes=tuple(stage.get("memoryBytes") for stage in spec["stages"]),
        schedule=spec.get("schedule", "1F1B"),
        chunks=chunks,
        predicted=_prediction(spec.get("predicted")),
    )
    _check(plan)
    return plan


def _places(stages: list[Mapping[str, Any]], chunks: int) -> tuple[Place, ...]:
    """Chunk j of stage i is part j * stages + i of the model."""
    runs = [
        (int(run["first"]), int(run["last"]), Place(stage, chunk, _strategy(run)))
        for chunk in range(chunks)
        for stage, content in enumerate(stages)
        for run in content["layers"]
        if int(run.get("virtualStage", 0)) == chunk
    ]
    places: list[Place] = []
    for first, last, place in runs:
        if first != len(places) or last < first:
            raise PlanError(
                f"stage {place.stage} has layers {first} to {last} where layer {len(places)} is next; "
                "layers must follow one another through the chunks of the stages"
            )
        places += [place] * (last - first + 1)
    return tuple(places)


def _strategy(run: Mapping[str, Any]) -> Strategy:
    return Strategy(
        tensor=int(run.get("tensor", 1)),
        sequence_parallel=bool(run.get("sequenceParallel", False)),
        replicas=int(run.get("replicas", 1)),
        shards=int(run.get("shards", 1)),
        zero_stage=int(run.get("zeroStage", 3)),
        recomputation=run.get("recomputation", "None"),
    )


def _prediction(predicted: Mapping[str, Any] | None) -> Prediction | None:
    if predicted is None:
        return None
    return Prediction(float(predicted["stepSeconds"]), float(predicted["modelFlopsUtilisation"]))


def _check(plan: Plan) -> None:
    if plan.ranks % plan.stages:
        raise PlanError(f"{plan.ranks} GPUs are not a multiple of {plan.stages} stages")
    if plan.global_batch_size % plan.micro_batches:
        raise PlanError(
            f"globalBatchSize {plan.global_batch_size} is not a multiple of {plan.micro_batches} micro-batches"
        )
    if plan.schedule not in SCHEDULES:
        raise PlanError(f"schedule {plan.schedule} is unknown; use {', '.join(SCHEDULES)}")
    for chunk in range(plan.chunks):
        for stage in range(plan.stages):
            if not plan.layers_of(stage, chunk):
                raise PlanError(f"stage {stage} has no layers in chunk {chunk} of {plan.chunks}")
    for index, place in enumerate(plan.places):
        _check_strategy(plan, index, place.strategy)


def _check_strategy(plan: Plan, index: int, strategy: Strategy) -> None:
    if strategy.ranks != plan.ranks_per_stage:
        raise PlanError(
            f"layer {index}: tensor {strategy.tensor} x shards {strategy.shards} x replicas {strategy.replicas} "
            f"is {strategy.ranks} ranks, but a stage has {plan.ranks_per_stage}"
        )
    if strategy.recomputation not in RECOMPUTATIONS:
        raise PlanError(
            f"layer {index}: recomputation {strategy.recomputation} is unknown; use {', '.join(RECOMPUTATIONS)}"
        )
    parts = plan.ranks_per_stage // strategy.tensor
    if plan.micro_batch_size % parts:
        raise PlanError(
            f"layer {index}: {plan.micro_batch_size} samples of a micro-batch do not divide among {parts} "
            "data-parallel ranks"
        )
