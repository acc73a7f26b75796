"""Moments of a device: of a GPU as its stream comes to them, of a CPU as its program does."""

import time
from typing import Protocol

import torch

MILLISECONDS = 1e3


class Moment(Protocol):
    """A moment that can be read once the device has come to it."""

    def until(self, later: "Moment") -> float:
        """Seconds from this moment to a later one."""


class _HostMoment:
    def __init__(self) -> None:
        self.seconds = time.perf_counter()

    def until(self, later: Moment) -> float:
        assert isinstance(later, _HostMoment)
        return later.seconds - self.seconds


class _StreamMoment:
    def __init__(self) -> None:
        self.event = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        self.event.record()

    def until(self, later: Moment) -> float:
        assert isinstance(later, _StreamMoment)
        return float(self.event.elapsed_time(later.event)) / MILLISECONDS


def moment(device: torch.device) -> Moment:
    """Where the device is now."""
    return _StreamMoment() if device.type == "cuda" else _HostMoment()


def finish(device: torch.device) -> None:
    """Wait until the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
