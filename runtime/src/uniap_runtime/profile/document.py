"""What was measured as the operator reads it: a ModelProfile and a HardwareProfile (docs/profiles.md)."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

import torch

from uniap_runtime.profile.layers import LayerFigures, parameters_of
from uniap_runtime.profile.links import Times
from uniap_runtime.profile.measure import Measured
from uniap_runtime.profile.stopwatch import Timing
from uniap_runtime.profile.subject import Subject

API_VERSION = "uniap.dev/v1alpha1"
DRIVER = Path("/proc/driver/nvidia/version")


def document(subject: Subject, measured: Measured, device: str | None) -> Mapping[str, Any]:
    """Both profiles, in plain values that JSON takes."""
    return {
        "model": _resource("ModelProfile", _name(subject.model), _model_spec(subject, measured, device)),
        "hardware": _resource(
            "HardwareProfile",
            f"{subject.ranks.count}-ranks-on-{subject.ranks.nodes}-nodes",
            _hardware_spec(subject, measured, device),
        ),
    }


def _resource(kind: str, name: str, spec: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": spec}


def _name(text: str) -> str:
    """As Kubernetes takes names."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _model_spec(subject: Subject, measured: Measured, device: str | None) -> Mapping[str, Any]:
    by_kind = {kind: list(figures) for kind, figures in groupby(sorted(measured.layers, key=_kind), key=_kind)}
    timings = [timing for figures in measured.layers for timing in (figures.forward, figures.backward)]
    return {
        "provenance": _provenance(subject, timings, device, _left_out_note(measured)),
        "model": subject.model,
        "precision": subject.training.precision,
        "sequenceLength": subject.training.sequence_length,
        "layers": [
            {
                "names": [kind],
                "parameters": parameters_of(spec),
                "exchange": "Included",
                "times": [_pass_time(figures) for figures in by_kind[kind]],
                "activations": [_activation(figures) for figures in by_kind[kind]],
            }
            for kind, spec in subject.kinds.items()
        ],
    }


def _kind(figures: LayerFigures) -> str:
    return figures.shape.kind


def _shape(figures: LayerFigures) -> Mapping[str, Any]:
    shape = figures.shape
    return {
        "tensor": shape.tensor,
        "sequenceParallel": shape.sequence_parallel,
        "recomputation": shape.recomputation,
        "samples": shape.samples,
    }


def _pass_time(figures: LayerFigures) -> Mapping[str, Any]:
    return {
        **_shape(figures),
        "forwardSeconds": _decimal(figures.forward.seconds),
        "backwardSeconds": _decimal(figures.backward.seconds),
    }


def _activation(figures: LayerFigures) -> Mapping[str, Any]:
    return {**_shape(figures), "bytes": figures.activation_bytes}


def _hardware_spec(subject: Subject, measured: Measured, device: str | None) -> Mapping[str, Any]:
    times = [*(entry.times for entry in measured.collectives), *(entry.times for entry in measured.sends)]
    timings = [timing for of_message in times for _, timing in of_message]
    slowdown = {} if measured.slowdown is None else {"computationSlowdown": _decimal(measured.slowdown)}
    return {
        "provenance": _provenance(subject, timings, device, ""),
        "ranks": subject.ranks.count,
        "ranksPerNode": subject.ranks.per_node,
        "collectives": [
            {
                "operation": entry.operation,
                "size": entry.group.size,
                "stride": entry.group.stride,
                "membersPerNode": entry.group.members_per_node(subject.ranks),
                "times": _times(entry.times),
            }
            for entry in measured.collectives
        ],
        "pointToPoint": [
            {"stride": entry.stride, "acrossNodes": subject.ranks.nodes > 1, "times": _times(entry.times)}
            for entry in measured.sends
        ],
        "arrayBytesPerSecond": _decimal(measured.array_rate),
        **slowdown,
    }


def _times(times: Times) -> list[Mapping[str, Any]]:
    return [{"bytes": size, "seconds": _decimal(timing.seconds)} for size, timing in times]


def _decimal(number: float) -> str:
    """Four significant digits, without an exponent: no clock is better."""
    return f"{float(f'{number:.4g}'):.12f}".rstrip("0").rstrip(".")


def _provenance(subject: Subject, timings: Iterable[Timing], device: str | None, left_out: str) -> Mapping[str, Any]:
    driver = re.search(r"Kernel Module\s+(?:for \S+\s+)?([\d.]+)", DRIVER.read_text()) if DRIVER.exists() else None
    return {
        "tool": f"uniap-runtime {version('uniap-runtime')}",
        **({} if device is None else {"device": device}),
        **({} if driver is None else {"driver": driver[1]}),
        "torch": torch.__version__,
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "note": " ".join([_device_note(subject), _spread_note(timings), left_out]).strip(),
    }


def _device_note(subject: Subject) -> str:
    name = torch.cuda.get_device_name(subject.device) if subject.device.type == "cuda" else "CPU"
    ranks = subject.ranks
    return f"{ranks.count} ranks at once, {ranks.per_node} on each node; device: {name}."


def _spread_note(timings: Iterable[Timing]) -> str:
    """Medians of rounds; how far the middle half of the rounds lies apart."""
    spreads = sorted(timing.spread for timing in timings)
    if not spreads:
        return "Nothing was timed."
    usual, wide = spreads[len(spreads) // 2], spreads[len(spreads) * 9 // 10]
    return f"Medians; the middle half of rounds spans {usual:.1%} of the median usually, {wide:.1%} in one of ten."


def _left_out_note(measured: Measured) -> str:
    count = measured.left_out
    return "" if count == 0 else f"{count} shapes of layers were left out, for which there was no time."
