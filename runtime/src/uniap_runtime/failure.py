"""Why a training ended early: a class and an exit code for each reason that a person or the operator can act on."""

from collections.abc import Mapping
from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of a rank, and of the command that started it. 1 is a fault of the program itself."""

    BAD_PLAN = 64
    BAD_DATA = 65
    OUT_OF_MEMORY = 70
    TIMED_OUT = 71
    PEER_LOST = 72
    INTERRUPTED = 75

    @property
    def reason(self) -> str:
        """As Kubernetes writes reasons: OutOfMemory."""
        return self.name.title().replace("_", "")


class TrainingError(Exception):
    """A failure with a message for people. The subclass says of which kind, and more for programs in `details`."""

    exit_code: ExitCode
    details: Mapping[str, int | None] = {}


class PlanError(TrainingError):
    """The plan, the training or the model's config cannot be run: the message says which field, and what would work."""

    exit_code = ExitCode.BAD_PLAN


class Interrupted(TrainingError):  # noqa: N818 (It is no error of anyone's.)
    """The training was asked to end before its last step."""

    exit_code = ExitCode.INTERRUPTED


class DataError(TrainingError):
    """The data are missing or are not what the model needs."""

    exit_code = ExitCode.BAD_DATA


class OutOfMemory(TrainingError):  # noqa: N818 (As Kubernetes and PyTorch call it.)
    """A rank's tensors do not fit into its device."""

    exit_code = ExitCode.OUT_OF_MEMORY

    def __init__(self, message: str, stage: int, planned_bytes: int | None, actual_bytes: int) -> None:
        """Planned for a rank of the stage, where the plan says it; taken and asked for when there was no more."""
        super().__init__(message)
        self.details = {"stage": stage, "plannedBytes": planned_bytes, "actualBytes": actual_bytes}
