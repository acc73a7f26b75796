"""Why a training ended early: a class and an exit code for each reason that a person or the operator can act on."""

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
    """A failure with a message for people. The subclass says of which kind."""

    exit_code: ExitCode


class PlanError(TrainingError):
    """The plan, the training or the model's config cannot be run: the message says which field, and what would work."""

    exit_code = ExitCode.BAD_PLAN


class Interrupted(TrainingError):  # noqa: N818 (It is no error of anyone's.)
    """The training was asked to end before its last step."""

    exit_code = ExitCode.INTERRUPTED


class DataError(TrainingError):
    """The data are missing or are not what the model needs."""

    exit_code = ExitCode.BAD_DATA
