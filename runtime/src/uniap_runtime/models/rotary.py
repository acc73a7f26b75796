"""Rotary position embeddings (arXiv 2104.09864), halves rotated as Hugging Face's Llama does."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from uniap_runtime.failure import PlanError
from uniap_runtime.models.attention import Rotation


def rotation(config: Mapping[str, Any], dimension: int, length: int) -> Rotation:
    """For positions 0 to `length` - 1. Raise PlanError for scaled positions, which are not known here."""
    parameters = config.get("rope_parameters") or config.get("rope_scaling") or {}
    kind = parameters.get("rope_type", parameters.get("type", "default"))
    if kind != "default":
        raise PlanError(f"config.json: rope type {kind} is unknown; only unscaled rotary embeddings are known here")
    theta = float(parameters.get("rope_theta", config.get("rope_theta", 10000.0)))
    frequencies = theta ** (-torch.arange(0, dimension, 2, dtype=torch.float64) / dimension)
    angles = torch.outer(torch.arange(length, dtype=torch.float64), frequencies).repeat(1, 2)
    cosine, sine = angles.cos(), angles.sin()

    def rotate(heads: Tensor) -> Tensor:
        exact = torch.promote_types(heads.dtype, torch.float32)
        first, second = heads.chunk(2, dim=-1)
        turned = torch.cat((-second, first), dim=-1)
        cos, sin = cosine.to(heads.device, exact), sine.to(heads.device, exact)
        return (heads * cos + turned * sin).to(heads.dtype)

    return rotate
