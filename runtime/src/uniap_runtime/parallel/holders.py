"""Which ranks hold which tokens between layers.

Between layers, the tokens of a micro-batch are cut into as many equal parts as the stage has groups of `holders`
consecutive ranks, and each rank of group n holds part n. Holders are the tensor degree without sequence parallelism,
and one with it, whatever the degree: a sequence-parallel layer takes what any other one gives. At stage boundaries
there is one holder, so that each rank sends to its counterpart only what no other rank sends.
"""

from collections.abc import Iterator
from math import gcd

from uniap_runtime.plan import Plan

BOUNDARY = 1


def holders_along(plan: Plan, stage: int, chunk: int) -> tuple[int, ...]:
    """Holders before, between and after the layers of a chunk. The model's ends have no boundary to pass."""
    layers = plan.layers_of(stage, chunk)
    inner = tuple(plan.places[layer].strategy.holders for layer in layers)
    before = () if layers[0] == 0 else (BOUNDARY,)
    after = () if layers[-1] == len(plan.places) - 1 else (BOUNDARY,)
    return (*before, *inner, *after)


def groups_between(before: int, after: int) -> Iterator[tuple[int, int]]:
    """(stride, size) of the groups in which ranks first drop what others hold too, then gather what they lack."""
    common = gcd(before, after)
    if before > common:
        yield common, before // common
    if after > common:
        yield common, after // common
