"""Times work that all ranks do at once."""

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.distributed as dist

from uniap_runtime.profile.clock import Moment, finish, moment

WARM_UPS = 2

# A round is long against starts that are not simultaneous, and against a scheduler's turns where ranks share a CPU.
ROUND_SECONDS = 0.03
MOST_REPETITIONS = 200
FEWEST_ROUNDS, MOST_ROUNDS = 3, 15

# Tells that a part of a repetition ends and the next begins; called at the beginning and at the end as well.
Mark = Callable[[], None]
Work = Callable[[Mark], None]


@dataclass(frozen=True)
class Timing:
    """Median of the rounds, and their spread: the width of their middle half as a share of the median."""

    seconds: float
    spread: float


class Stopwatch:
    """The same on all ranks, which agree on every figure: what the slowest takes counts."""

    def __init__(self, device: torch.device, seconds_each: float) -> None:
        """Each measurement is to take about so long, but has a few rounds in any case."""
        self._device = device
        self._seconds_each = seconds_each
        self._begin = time.perf_counter()
        self.spent = 0.0

    def time(self, work: Work) -> tuple[Timing, ...]:
        """Time the parts of some work, which all ranks begin together."""
        for _ in range(WARM_UPS):
            seconds = sum(self._round(work, 1))
        repetitions = min(MOST_REPETITIONS, max(1, math.ceil(ROUND_SECONDS / seconds)))
        rounds = min(MOST_ROUNDS, max(FEWEST_ROUNDS, int(self._seconds_each / (seconds * repetitions))))
        parts = zip(*(self._round(work, repetitions) for _ in range(rounds)), strict=True)
        return tuple(_timing(part) for part in parts)

    def _round(self, work: Work, repetitions: int) -> Sequence[float]:
        """Mean seconds of each part."""
        finish(self._device)
        dist.barrier()
        marked = [self._once(work) for _ in range(repetitions)]
        finish(self._device)
        parts = zip(*([begin.until(end) for begin, end in pairwise(moments)] for moments in marked), strict=True)
        return self._agree([sum(seconds) / repetitions for seconds in parts])

    def _once(self, work: Work) -> Sequence[Moment]:
        moments: list[Moment] = []
        work(lambda: moments.append(moment(self._device)))
        return moments

    def _agree(self, seconds: Sequence[float]) -> Sequence[float]:
        """Of each figure the largest on any rank; so with the time that is spent."""
        own = [*seconds, time.perf_counter() - self._begin]
        largest = torch.tensor(own, dtype=torch.float64, device=self._device)
        dist.all_reduce(largest, op=dist.ReduceOp.MAX)
        *agreed, self.spent = largest.tolist()
        return agreed


def _timing(seconds: Sequence[float]) -> Timing:
    median = statistics.median(seconds)
    first, _, third = statistics.quantiles(seconds, n=4)
    return Timing(median, (third - first) / median)
