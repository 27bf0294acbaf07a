"""Weights made by a formula and the official networks' outputs for them (see the reference data's README)."""

import hashlib
import json
import math
import re
import zlib
from pathlib import Path

import numpy as np
import torch

import hitsr

SLUGS = {name: name.lower().replace("-", "_") for name in hitsr.list_networks()}


def manifest(folder: Path, name: str) -> list[dict]:
    """The ordered official state_dict of network `name` at x2: name, shape, dtype, is_buffer, requires_grad."""
    return json.loads((folder / "golden" / f"manifest_{SLUGS[name]}_x2.json").read_text())["entries"]


def golden(folder: Path, name: str) -> tuple[np.lib.npyio.NpzFile, str]:
    """Official outputs by size, and the checksum of the weights that gave them."""
    record = json.loads((folder / "golden" / f"golden_{SLUGS[name]}_x2.json").read_text())
    return np.load(folder / "golden" / f"golden_{SLUGS[name]}_x2.npz"), record["weights_sha256"]


def formula_weights(
    entries: list[dict], factor: float = 0.5, gain: float = 1, raised: str | None = None
) -> tuple[dict[str, torch.Tensor], str]:
    """Weights of every trainable parameter by the formula, and their checksum.

    Args:
        factor: of the formula, for tensors of two and more dimensions.
        gain: these are multiplied by it afterwards.
        raised: pattern of names whose values are raised by one.
    """
    weights, checksum = {}, hashlib.sha256()
    for entry in entries:
        if entry["is_buffer"] or not entry["requires_grad"]:
            continue
        name, shape = entry["name"], entry["shape"]
        generator = np.random.Generator(np.random.PCG64(zlib.crc32(name.encode())))
        value = generator.standard_normal(shape).astype(np.float32)
        if "relative_position_bias_table" in name:
            value = value * np.float32(0.02)
        elif len(shape) >= 2:
            value = value * np.float32(factor / math.sqrt(math.prod(shape[1:]))) * np.float32(gain)
        elif name.endswith("weight"):
            value = np.float32(1) + np.float32(0.1) * value
        else:
            value = value * np.float32(0.02)
        if raised and re.search(raised, name):
            value = value + np.float32(1)
        checksum.update(value.astype("<f4").tobytes())
        weights[name] = torch.from_numpy(value)
    return weights, checksum.hexdigest()


def golden_input(size: str) -> torch.Tensor:
    height, width = map(int, size.split("x"))
    generator = np.random.Generator(np.random.PCG64(0))
    return torch.from_numpy(generator.random((1, 3, height, width)).astype(np.float32))
