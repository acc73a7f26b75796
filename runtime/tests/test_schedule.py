"""Schedules are complete, do not wait for one another in a circle, and keep as few micro-batches as they claim."""

from collections import deque
from itertools import product

import pytest

from plans import ONE, plan_of
from uniap_runtime.failure import PlanError
from uniap_runtime.parallel.schedule import Pass, schedule
from uniap_runtime.plan import Plan, Schedule

INTERLEAVED: Schedule = "Interleaved1F1B"
KINDS: tuple[Schedule, ...] = ("1F1B", "GPipe")

CASES: list[tuple[Schedule, int, int, int]] = [
    *((kind, stages, batches, 1) for kind, stages, batches in product(KINDS, (1, 2, 3, 5), (1, 2, 3, 8))),
    *(
        (INTERLEAVED, stages, groups * stages, chunks)
        for stages, groups, chunks in product((2, 3, 4), (1, 2, 3), (2, 3))
    ),
]


def plan(kind: Schedule, stages: int, batches: int, chunks: int) -> Plan:
    """One layer for each chunk."""
    return plan_of([[ONE]] * (stages * chunks), batch=batches, micro_batches=batches, schedule=kind, chunks=chunks)


def position(planned: Plan, stage: int, one: Pass) -> int:
    """Place of a chunk in the model."""
    return one.chunk * planned.stages + stage


@pytest.mark.parametrize("case", CASES)
def test_each_pass_runs_once_and_no_stage_waits_for_ever(case: tuple[Schedule, int, int, int]) -> None:
    """Stages run in turns; one whose message has not come waits. Messages come in the order they are waited for."""
    planned = plan(*case)
    todo = [deque(schedule(planned, stage)) for stage in range(planned.stages)]
    total = planned.stages * planned.chunks
    assert all(len(set(passes)) == len(passes) == 2 * planned.micro_batches * planned.chunks for passes in todo)
    # Of each pair (kind, receiving place): micro-batches on their way.
    sent: dict[tuple[str, int], deque[int]] = {}
    done: set[tuple[int, Pass]] = set()
    moved = True
    while moved:
        moved = False
        for stage, passes in enumerate(todo):
            while passes and ready(passes[0], position(planned, stage, passes[0]), total, sent, done):
                one = passes.popleft()
                place = position(planned, stage, one)
                if not at_end(one, place, total):
                    assert sent[one.kind, place].popleft() == one.micro_batch
                following = place + 1 if one.kind == "forward" else place - 1
                sent.setdefault((one.kind, following), deque()).append(one.micro_batch)
                done.add((place, one))
                moved = True
    assert not any(todo)


def at_end(one: Pass, place: int, total: int) -> bool:
    """Whether a pass needs no message."""
    return place == 0 if one.kind == "forward" else place == total - 1


def ready(
    one: Pass, place: int, total: int, sent: dict[tuple[str, int], deque[int]], done: set[tuple[int, Pass]]
) -> bool:
    """Whether a pass has what it needs."""
    if one.kind == "backward" and (place, Pass("forward", one.micro_batch, one.chunk)) not in done:
        return False
    return at_end(one, place, total) or bool(sent.get((one.kind, place)))


@pytest.mark.parametrize(("stages", "batches"), list(product((1, 2, 4), (1, 2, 4, 8))))
def test_1f1b_keeps_as_many_micro_batches_as_stages_lie_ahead(stages: int, batches: int) -> None:
    """That is what the planner counts activations by."""
    planned = plan("1F1B", stages, batches, 1)
    for stage in range(stages):
        kept = peak = 0
        for one in schedule(planned, stage):
            kept += 1 if one.kind == "forward" else -1
            peak = max(peak, kept)
        assert peak == min(batches, stages - stage)


def test_interleaving_needs_groups_of_micro_batches() -> None:
    """The message says what does not fit."""
    with pytest.raises(PlanError, match="3 micro-batches are not a multiple of 2 stages"):
        schedule(plan("Interleaved1F1B", 2, 3, 2), 0)
