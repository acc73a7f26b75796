"""Measures all that there is time for, what plans need most first."""

from collections.abc import Sequence
from dataclasses import dataclass

from uniap_runtime.activity import Activity
from uniap_runtime.profile.arrays import measure_array_rate
from uniap_runtime.profile.groups import groups_of, strides_of, ties_of
from uniap_runtime.profile.layers import ORDER, Bench, LayerFigures, parameters_of, shapes_of, strategies_of
from uniap_runtime.profile.links import (
    ELEMENT,
    EXCHANGES,
    CollectiveFigures,
    SendFigures,
    measure_collectives,
    measure_sends,
    message_sizes,
)
from uniap_runtime.profile.overlap import measure_slowdown
from uniap_runtime.profile.stopwatch import Stopwatch
from uniap_runtime.profile.subject import Subject

# Each measurement has as much of the budget as another, but no more than it has use for.
MOST_SECONDS_EACH = 0.4

# Of the budget, what layers without recomputation may spend before messages are measured.
SHARE_OF_LAYERS = 0.5


@dataclass(frozen=True)
class Measured:
    """All that was measured, and how many shapes of layers there was no time for."""

    layers: Sequence[LayerFigures]
    collectives: Sequence[CollectiveFigures]
    sends: Sequence[SendFigures]
    array_rate: float
    slowdown: float | None
    left_out: int


def measure(subject: Subject, budget_seconds: float, activity: Activity) -> Measured:
    """Measure layers without recomputation, then messages, then layers with recomputation."""
    sizes = message_sizes(_largest_message(subject))
    shapes = sum(len(shapes_of(subject, strategy)) for tensor in subject.tensor for strategy in strategies_of(tensor))
    count = subject.ranks.count
    links = len(EXCHANGES) * len(groups_of(count)) + len(ties_of(count)) + len(strides_of(count))
    stopwatch = Stopwatch(subject.device, min(MOST_SECONDS_EACH, budget_seconds / (shapes + links * len(sizes))))
    benches = [Bench(subject, tensor, activity) for tensor in subject.tensor]
    first, *others = ORDER
    layers = [
        figures for bench in benches for figures in bench.measure(stopwatch, first, SHARE_OF_LAYERS * budget_seconds)
    ]
    collectives = list(measure_collectives(subject, stopwatch, sizes, activity))
    sends = list(measure_sends(subject, stopwatch, sizes, activity))
    array_rate = measure_array_rate(subject, stopwatch, activity)
    slowdown = measure_slowdown(subject, stopwatch, sizes[-1], activity)
    layers += [
        figures for kept in others for bench in benches for figures in bench.measure(stopwatch, kept, budget_seconds)
    ]
    return Measured(layers, collectives, sends, array_rate, slowdown, shapes - len(layers))


def _largest_message(subject: Subject) -> int:
    """Bytes: the gradients of the largest layer, or the activations of the largest micro-batch."""
    training = subject.training
    parameters = max(parameters_of(spec) for spec in subject.kinds.values())
    activations = max(subject.samples) * training.sequence_length * subject.chain.hidden
    return ELEMENT * max(parameters, activations)
