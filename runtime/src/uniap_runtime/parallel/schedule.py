"""Pipeline schedules: in which order a stage runs the passes of its micro-batches and chunks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from uniap_runtime.failure import PlanError
from uniap_runtime.plan import Plan


@dataclass(frozen=True)
class Pass:
    """The forward or backward pass of one micro-batch through one chunk of a stage."""

    kind: Literal["forward", "backward"]
    micro_batch: int
    chunk: int = 0


def schedule(plan: Plan, stage: int) -> tuple[Pass, ...]:
    """Passes of a stage in order."""
    return SCHEDULES[plan.schedule](plan, stage)


def gpipe(plan: Plan, _: int) -> tuple[Pass, ...]:
    """All forward passes, then all backward passes (arXiv 1811.06965)."""
    batches = range(plan.micro_batches)
    return (*(Pass("forward", batch) for batch in batches), *(Pass("backward", batch) for batch in batches))


def one_forward_one_backward(plan: Plan, stage: int) -> tuple[Pass, ...]:
    """As few forward passes as keep the later stages busy, then one backward for one forward (arXiv 2104.04473)."""
    order = [Pass("forward", batch) for batch in range(plan.micro_batches)]
    returns = [Pass("backward", batch) for batch in range(plan.micro_batches)]
    return _alternate(order, returns, ahead=plan.stages - stage - 1)


def interleaved(plan: Plan, stage: int) -> tuple[Pass, ...]:
    """1F1B over chunks: micro-batches go in groups of as many as there are stages (arXiv 2104.04473, section 2.2)."""
    stages, chunks = plan.stages, plan.chunks
    if plan.micro_batches % stages:
        raise PlanError(
            f"{plan.micro_batches} micro-batches are not a multiple of {stages} stages, as Interleaved1F1B needs"
        )
    order = [_interleaved_pass(plan, turn) for turn in range(plan.micro_batches * chunks)]
    returns = [Pass("backward", forward.micro_batch, chunks - 1 - forward.chunk) for forward in order]
    return _alternate(order, returns, ahead=2 * (stages - stage - 1) + (chunks - 1) * stages)


def _interleaved_pass(plan: Plan, turn: int) -> Pass:
    group, place = divmod(turn, plan.stages * plan.chunks)
    chunk, member = divmod(place, plan.stages)
    return Pass("forward", group * plan.stages + member, chunk)


def _alternate(forwards: list[Pass], backwards: list[Pass], *, ahead: int) -> tuple[Pass, ...]:
    """`ahead` forward passes; a forward and a backward pass in turn; the backward passes that are left."""
    ahead = min(ahead, len(forwards))
    paired = zip(forwards[ahead:], backwards, strict=False)
    steady = [single for pair in paired for single in pair]
    return (*forwards[:ahead], *steady, *backwards[len(forwards) - ahead :])


SCHEDULES: Mapping[str, Callable[[Plan, int], tuple[Pass, ...]]] = {
    "GPipe": gpipe,
    "1F1B": one_forward_one_backward,
    "Interleaved1F1B": interleaved,
}
