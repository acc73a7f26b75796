"""Plans for tests: written briefly, and random ones."""

from collections.abc import Sequence
from random import Random

from uniap_runtime.plan import Place, Plan, Prediction, Schedule, Strategy

ONE = Strategy()
RANKS = 8
HALF = 0.5


def plan_of(  # noqa: PLR0913
    stages: Sequence[Sequence[Strategy]],
    *,
    batch: int = 8,
    micro_batches: int = 1,
    schedule: Schedule = "1F1B",
    chunks: int = 1,
    predicted: Prediction | None = None,
) -> Plan:
    """A plan with one strategy for each layer; with chunks, `stages` are the parts of the model in order."""
    count = len(stages) // chunks
    places = tuple(
        Place(index % count, index // count, strategy) for index, part in enumerate(stages) for strategy in part
    )
    return Plan(
        global_batch_size=batch,
        micro_batches=micro_batches,
        stages=count,
        ranks=count * stages[0][0].ranks,
        places=places,
        stage_bytes=(None,) * count,
        schedule=schedule,
        chunks=chunks,
        predicted=predicted,
    )


def random_plan(random: Random, layers: int, tensor_degrees: Sequence[int], *, tied: bool) -> Plan:
    """Any plan of up to 8 ranks that gives each rank whole samples; more likely one of many ranks."""
    stages = random.choice([1, 1, 2, 2, 3, 4])
    chunks = random.choice([1, 2]) if stages > 1 and layers >= 2 * stages else 1
    size = random.choice([size for size in (1, 2, 2, 4, 4, 8) if size * stages <= RANKS])
    strategies = [_random_strategy(random, size, tensor_degrees) for _ in range(layers)]
    if tied:
        strategies[-1] = strategies[0]
    cuts = sorted(random.sample(range(1, layers), stages * chunks - 1))
    parts = [strategies[start:end] for start, end in zip([0, *cuts], [*cuts, layers], strict=True)]
    micro_batches = random.choice([stages, 2 * stages] if chunks > 1 else [1, 2, 3])
    micro_batch = max(size // strategy.tensor for strategy in strategies) * random.choice([1, 2])
    return plan_of(
        parts,
        batch=micro_batch * micro_batches,
        micro_batches=micro_batches,
        schedule="Interleaved1F1B" if chunks > 1 else random.choice(["1F1B", "GPipe"]),
        chunks=chunks,
    )


def _random_strategy(random: Random, size: int, tensor_degrees: Sequence[int]) -> Strategy:
    tensor = random.choice([degree for degree in tensor_degrees if size % degree == 0])
    shards = random.choice([degree for degree in range(1, size + 1) if size // tensor % degree == 0])
    return Strategy(
        tensor=tensor,
        shards=shards,
        replicas=size // tensor // shards,
        sequence_parallel=tensor > 1 and random.random() < HALF,
        zero_stage=random.choice([1, 2, 3]),
        recomputation=random.choice(["None", "Selective", "Full"]),
    )
