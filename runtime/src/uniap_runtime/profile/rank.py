"""What each rank that measures does."""

import json
import os
import warnings
from functools import partial
from pathlib import Path
from typing import NoReturn

import torch.distributed as dist

from uniap_runtime.activity import Activity
from uniap_runtime.process import join, run_to_end
from uniap_runtime.profile.answer import RESULT
from uniap_runtime.profile.document import document
from uniap_runtime.profile.measure import measure
from uniap_runtime.profile.settings import ProfileSettings
from uniap_runtime.profile.subject import read_subject


def run_rank(settings: ProfileSettings) -> NoReturn:
    """Measure as one rank, and end the process."""
    run_to_end(partial(profile, settings), settings.timeout_seconds)


def profile(settings: ProfileSettings, activity: Activity) -> None:
    """Measure together with all ranks; the first one writes the result down for the process that has started it."""
    # Layers return views of what DTensor makes; nothing writes into them.
    warnings.filterwarnings("ignore", message="FSDP2-wrapped module .* returned a view")
    subject = read_subject(settings)
    activity.now("meeting the other ranks")
    join(subject.device, settings.timeout_seconds)
    measured = measure(subject, settings.budget_seconds, activity)
    if dist.get_rank() == 0:
        Path(os.environ[RESULT]).write_text(json.dumps(document(subject, measured, settings.device)))
    dist.barrier()
    dist.destroy_process_group()
