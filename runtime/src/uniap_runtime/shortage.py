"""Running out of memory: in which stage, and how many bytes were planned and needed."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from uniap_runtime.activity import Activity
from uniap_runtime.failure import ExitCode, OutOfMemory
from uniap_runtime.memory import Memory
from uniap_runtime.plan import Plan
from uniap_runtime.termination import exit_code_of

# How PyTorch says on GPUs, and on CPUs, what it could not have.
ASKED = re.compile(r"tried to allocate ([\d.]+) (bytes|[KMG]iB)", re.IGNORECASE)
UNITS = {"bytes": 1, "kib": 2**10, "mib": 2**20, "gib": 2**30}


@contextmanager
def shortages_told(plan: Plan, rank: int, memory: Memory, activity: Activity) -> Iterator[None]:
    """Raise OutOfMemory with the figures where PyTorch says in its own words that there is no more memory."""
    try:
        yield
    except RuntimeError as error:
        if exit_code_of(error) != ExitCode.OUT_OF_MEMORY:
            raise
        stage = rank // plan.ranks_per_stage
        # What the error has passed through is still there.
        needed = memory.allocated_bytes() + asked_bytes(str(error))
        raise OutOfMemory(f"{activity.describe()}: {error}", stage, plan.stage_bytes[stage], needed) from error


def asked_bytes(message: str) -> int:
    """Bytes of the allocation that failed; 0 where the message does not say."""
    found = ASKED.search(message)
    return 0 if found is None else round(float(found[1]) * UNITS[found[2].lower()])
