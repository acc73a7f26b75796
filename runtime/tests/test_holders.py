"""Which exchanges a plan needs between layers."""

from math import gcd

import pytest

from plans import ONE, plan_of
from uniap_runtime.parallel.holders import groups_between, holders_along
from uniap_runtime.plan import Strategy

FOUR = Strategy(tensor=4)
SEQUENCE = Strategy(tensor=4, sequence_parallel=True)
TWO = Strategy(tensor=2, shards=2)
DATA = Strategy(shards=4)


def test_boundaries_have_one_holder_and_the_model_s_ends_none() -> None:
    """Each rank sends what no other sends."""
    plan = plan_of([[FOUR, SEQUENCE], [TWO, DATA], [DATA, FOUR]])
    assert [holders_along(plan, stage, 0) for stage in range(3)] == [(4, 1, 1), (1, 2, 1, 1), (1, 1, 4)]


def test_one_layer_is_first_and_last() -> None:
    """Then nothing is converted."""
    assert holders_along(plan_of([[ONE]]), 0, 0) == (1,)


@pytest.mark.parametrize(
    ("before", "after", "groups"),
    [
        (1, 1, []),
        (4, 4, []),
        (1, 4, [(1, 4)]),
        (4, 1, [(1, 4)]),
        (2, 8, [(2, 4)]),
        (4, 6, [(2, 2), (2, 3)]),
    ],
)
def test_groups_are_as_small_as_they_can_be(before: int, after: int, groups: list[tuple[int, int]]) -> None:
    """Ranks drop what others hold too down to the greatest common divisor, and gather from there."""
    assert list(groups_between(before, after)) == groups
    assert all(stride == gcd(before, after) for stride, _ in groups)
