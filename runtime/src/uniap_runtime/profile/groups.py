"""Which ranks talk with which under the plans that some ranks can have. Pure functions of numbers."""

from dataclasses import dataclass
from math import gcd

from uniap_runtime.profile.subject import Ranks


@dataclass(frozen=True)
class Group:
    """`size` ranks, each `stride` after the one before. Groups that begin at other ranks talk at the same time."""

    size: int
    stride: int

    def members(self, ranks: int) -> list[list[int]]:
        """The ranks of each group. They fill all ranks, unless they are pairs of the first and the last stage."""
        block = self.size * self.stride
        starts = (
            [start + offset for start in range(0, ranks, block) for offset in range(self.stride)]
            if ranks % block == 0
            else range(ranks - self.stride)
        )
        return [[start + member * self.stride for member in range(self.size)] for start in starts]

    def members_per_node(self, ranks: Ranks) -> int:
        """Members on one node, wherever the group begins."""
        return gcd(self.size, max(1, ranks.per_node // self.stride))


def groups_of(ranks: int) -> tuple[Group, ...]:
    """All groups of ranks that share layers: whatever the degrees, those of a layer tile its stage."""
    return tuple(Group(size, stride) for stride in _divisors(ranks) for size in _divisors(ranks // stride) if size > 1)


def ties_of(ranks: int) -> tuple[Group, ...]:
    """The pairs that hold the same part of tied parameters in the first and the last stage, which do not tile."""
    pairs = (Group(2, ranks - stage) for stage in strides_of(ranks))
    return tuple(pair for pair in pairs if ranks % (2 * pair.stride))


def strides_of(ranks: int) -> tuple[int, ...]:
    """How far neighbouring stages are apart: the ranks of a stage."""
    return tuple(size for size in _divisors(ranks) if size < ranks)


def _divisors(number: int) -> list[int]:
    return [divisor for divisor in range(1, number + 1) if number % divisor == 0]
