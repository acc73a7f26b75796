"""Rotary position embeddings (arXiv 2104.09864), halves rotated as Hugging Face's Llama does."""

import math
from collections.abc import Mapping
from functools import cache
from typing import Any

import torch
from torch import Tensor

from uniap_runtime.failure import PlanError
from uniap_runtime.models.attention import Rotation


def rotation(config: Mapping[str, Any], dimension: int, length: int) -> Rotation:
    """For positions 0 to `length` - 1."""
    angles = torch.outer(torch.arange(length, dtype=torch.float64), frequencies(config, dimension)).repeat(1, 2)

    @cache
    def tables(device: torch.device, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        return angles.cos().to(device, dtype), angles.sin().to(device, dtype)

    def rotate(heads: Tensor) -> Tensor:
        cosine, sine = tables(heads.device, torch.promote_types(heads.dtype, torch.float32))
        first, second = heads.chunk(2, dim=-1)
        turned = torch.cat((-second, first), dim=-1)
        return (heads * cosine + turned * sine).to(heads.dtype)

    return rotate


def frequencies(config: Mapping[str, Any], dimension: int) -> Tensor:
    """Radians a position, [dimension / 2]; raise PlanError for scalings that are not known here.

    Both ways in which a config.json says them are read: `rope_theta` with `rope_scaling`, and `rope_parameters`.
    """
    scaling = config.get("rope_parameters") or config.get("rope_scaling") or {}
    theta = float(scaling.get("rope_theta", config.get("rope_theta", 10000.0)))
    plain = theta ** (-torch.arange(0, dimension, 2, dtype=torch.float64) / dimension)
    match scaling.get("rope_type", scaling.get("type", "default")):
        case "default":
            return plain
        case "linear":
            return plain / float(scaling["factor"])
        case "llama3":
            return _llama3(plain, scaling)
        case other:
            raise PlanError(f"config.json: rope type {other} is unknown; known are default, linear and llama3")


def _llama3(plain: Tensor, scaling: Mapping[str, Any]) -> Tensor:
    """Slow rotations are slowed by a factor, fast ones kept, those between mixed (Llama 3.1, as it was published)."""
    low, high = float(scaling["low_freq_factor"]), float(scaling["high_freq_factor"])
    turns = float(scaling["original_max_position_embeddings"]) * plain / (2 * math.pi)
    kept = ((turns - low) / (high - low)).clamp(0.0, 1.0)
    return kept * plain + (1 - kept) * plain / float(scaling["factor"])
