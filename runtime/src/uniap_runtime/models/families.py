"""From a config.json to a chain: the families of this package, and those of installed ones."""

import json
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, cast

from uniap_runtime.failure import PlanError
from uniap_runtime.models import bert, gpt2, llama
from uniap_runtime.models.chain import Chain, ChainBuilder

ENTRY_POINTS = "uniap_runtime.models"

FAMILIES: Mapping[str, ChainBuilder] = {
    "llama": llama.chain,
    "mistral": llama.chain,
    "qwen2": llama.chain,
    "gpt2": gpt2.chain,
    "bert": bert.chain,
}


def read_config(path: Path) -> dict[str, Any]:
    """Read `config.json`."""
    try:
        return cast(dict[str, Any], json.loads(path.read_text()))
    except (OSError, ValueError) as error:
        raise PlanError(f"no model: {path}: {error}") from error


def longest(config: Mapping[str, Any]) -> int | None:
    """Tokens of the longest sample that the model takes, where its config says so."""
    length = config.get("max_position_embeddings", config.get("n_positions"))
    return None if length is None else int(length)


def build_chain(config: Mapping[str, Any], length: int) -> Chain:
    """Build the chain of the family that `model_type` names; raise PlanError where none does or a field is missing."""
    family = config.get("model_type", "")
    builder = FAMILIES.get(family) or _installed(family)
    try:
        return builder(config, length)
    except KeyError as error:
        raise PlanError(f"config.json of model_type {family} lacks {error}") from error


def _installed(family: str) -> ChainBuilder:
    for entry in entry_points(group=ENTRY_POINTS, name=family):
        return cast(ChainBuilder, entry.load())
    known = ", ".join([*FAMILIES, *(entry.name for entry in entry_points(group=ENTRY_POINTS))])
    raise PlanError(f"config.json: model_type {family!r} is unknown; known are {known}")
