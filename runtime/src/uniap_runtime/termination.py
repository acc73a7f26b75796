"""The message that a container leaves when it ends (Kubernetes' `terminationMessagePath`), and its exit code."""

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path

from uniap_runtime.failure import ExitCode, TrainingError

# Kubernetes' default; not there outside a container.
DEFAULT_PATH = "/dev/termination-log"
LONGEST = 4000


# What torch, gloo and NCCL say, in lower case. They have no classes of exceptions for it.
SIGNS = {
    ExitCode.OUT_OF_MEMORY: ("can't allocate memory", "out of memory"),
    ExitCode.PEER_LOST: ("connection closed by peer", "connection reset by peer", "remote process exited"),
    ExitCode.TIMED_OUT: ("timed out", "timeout"),
}


def exit_code_of(error: BaseException) -> int:
    """Exit code of a rank that ends with an error: 1 where it is of no kind that is known."""
    if isinstance(error, TrainingError):
        return error.exit_code
    text = str(error).lower() if isinstance(error, RuntimeError) else ""
    return next((code for code, signs in SIGNS.items() if any(sign in text for sign in signs)), 1)


def leave_message(code: int, message: str, details: Mapping[str, int | None] = {}) -> None:
    """Say why, as one line of JSON: `reason`, `message` and details. Of a container, the first process is heard."""
    reason = ExitCode(code).reason if code in set(ExitCode) else "Error"
    known = {name: value for name, value in details.items() if value is not None}
    path = Path(os.environ.get("UNIAP_TERMINATION_LOG", DEFAULT_PATH))
    if not path.exists():
        return
    with path.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not file.read():
            file.write(json.dumps({"reason": reason, **known, "message": message[:LONGEST]}))
