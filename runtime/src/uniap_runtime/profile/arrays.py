"""Measures how quickly ranks read and write long arrays, as optimizers and sums of gradients do."""

import torch

from uniap_runtime.activity import Activity
from uniap_runtime.profile.stopwatch import Mark, Stopwatch
from uniap_runtime.profile.subject import Subject

# 64 MiB at 32 bits: more than a rank's share of most devices' caches.
ELEMENTS = 2**24


def measure_array_rate(subject: Subject, stopwatch: Stopwatch, activity: Activity) -> float:
    """Bytes a second, read and written together, by each rank while all do so."""
    activity.now("measuring how quickly long arrays are read and written")
    total, terms = (torch.zeros(ELEMENTS, dtype=torch.float32, device=subject.device) for _ in range(2))

    def work(mark: Mark) -> None:
        mark()
        total.add_(terms)
        mark()

    (timing,) = stopwatch.time(work)
    return (total.nbytes + terms.nbytes + total.nbytes) / timing.seconds
