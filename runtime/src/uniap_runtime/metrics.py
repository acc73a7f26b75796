"""Prometheus metrics of a pod. Its ranks write them, and the process that started the ranks serves them all.

This is the client library's mode for several processes: they share a folder that `PROMETHEUS_MULTIPROC_DIR` names,
which has to be set before the library is imported in them.
"""

import os
import tempfile

from prometheus_client import CollectorRegistry, Gauge, Histogram, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector

from uniap_runtime.progress import Figures
from uniap_runtime.trainer import Step

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
LABELS = ("namespace", "job", "stage", "rank")

# From a toy model's steps, and what is waited in them, to those of the largest.
BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200)


def serve(address: str, port: int) -> None:
    """Give this process's children a folder for their metrics, and serve what they write there at `/metrics`."""
    os.environ[FOLDER_VARIABLE] = tempfile.mkdtemp(prefix="uniap-metrics-")
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    start_http_server(port, address, registry)


class Metrics:
    """The metrics of a rank. What is not known has no value, rather than 0."""

    def __init__(self, stage: int, rank: int) -> None:
        """One for each process. What the operator calls the job is in its pods' environment, and empty elsewhere."""
        names = {"namespace": os.environ.get("UNIAP_NAMESPACE", ""), "job": os.environ.get("UNIAP_JOB", "")}
        self._labels = {**names, "stage": str(stage), "rank": str(rank)}
        self._step = _histogram("step_seconds", "Time of an optimizer step.")
        self._wait = _histogram("pipeline_wait_seconds", "Time of a step that a rank waits for other stages.")
        self._exposed = _histogram("exposed_communication_seconds", "Time of a step that a rank waits in collectives.")
        self._samples = _gauge("samples_per_second", "Samples in a second, all GPUs together.")
        self._tokens = _gauge("tokens_per_second", "Tokens in a second, all GPUs together.")
        self._utilisation = _gauge("model_flops_utilisation", "Share of the devices' peak that the model uses.")
        self._memory = _gauge("peak_memory_bytes", "Most memory that a rank's tensors take in a step.")
        self._loss = _gauge("loss", "Loss of the last step.")

    def observe(self, step: Step, rates: Figures, peak_bytes: int | None) -> None:
        """Record a step."""
        for histogram, seconds in (
            (self._step, step.seconds),
            (self._wait, step.pipeline_wait_seconds),
            (self._exposed, step.exposed_communication_seconds),
        ):
            if seconds is not None:
                histogram.labels(**self._labels).observe(seconds)
        for gauge, value in (
            (self._samples, rates.samples_per_second),
            (self._tokens, rates.tokens_per_second),
            (self._utilisation, rates.model_flops_utilisation),
            (self._memory, peak_bytes),
            (self._loss, step.loss),
        ):
            if value is not None:
                gauge.labels(**self._labels).set(value)


def _histogram(name: str, text: str) -> Histogram:
    return Histogram(f"uniap_runtime_{name}", text, LABELS, buckets=BUCKETS)


def _gauge(name: str, text: str) -> Gauge:
    return Gauge(f"uniap_runtime_{name}", text, LABELS, multiprocess_mode="mostrecent")
