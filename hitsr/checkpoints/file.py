"""Files of weights as this suite writes them: safetensors, with what the network is and a checksum as metadata."""

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import nn

from hitsr.atomic import write_bytes
from hitsr.checkpoints.metadata import FORMAT
from hitsr.checkpoints.soundness import not_finite
from hitsr.errors import CheckpointError, printable
from hitsr.networks.identity import identity

KEYS = ("format", "network", "scale", "options", "record")
"""Metadata beside the checksum."""
ANEW = "it was changed or damaged since it was written; delete it, and train it again or fetch it again"


def save(model: nn.Module, path: str | Path, record: dict | None = None) -> None:
    """Write the weights of a network made by `hitsr.build` to a safetensors file, atomically.

    Equal weights and records make equal files.

    Args:
        record: how the weights were trained; any JSON value, kept as metadata.

    Raises:
        CheckpointError: a weight is NaN or infinite; nothing is written.
    """
    made = identity(model)
    # copies, since networks may share a tensor between layers
    tensors = {name: tensor.detach().clone().contiguous() for name, tensor in model.state_dict().items()}
    wrong = not_finite(tensors)
    if wrong is not None:
        raise CheckpointError(f"{path}: not written, as {wrong} of {made.name} is not finite")
    texts = {
        "format": FORMAT,
        "network": made.name,
        "scale": str(made.scale),
        "options": json.dumps(made.options),
        "record": json.dumps(record or {}),
    }
    texts["checksum"] = _checksum(texts, tensors)
    write_bytes(path, _ordered(safetensors.torch.save(tensors, texts)))


def read_metadata(path: str | Path) -> dict:
    """Network, scale, options and training record of one of our files.

    Raises:
        CheckpointError: unreadable, or not one of ours.
    """
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            texts = file.metadata() or {}
    except (safetensors.SafetensorError, OSError) as error:
        raise CheckpointError(f"{path}: not a readable safetensors file ({error}); was it cut short?") from error
    if texts.get("format") != FORMAT:
        raise CheckpointError(f"{path}: no record of the network that it holds; it was not written by hitsr.save")
    try:
        found = {
            "network": texts["network"],
            "scale": int(texts["scale"]),
            "options": json.loads(texts["options"]),
            "record": json.loads(texts["record"]),
        }
    except (KeyError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: its record cannot be read ({type(error).__name__}: {error}); {ANEW}") from error
    if not isinstance(found["options"], dict):
        raise CheckpointError(f"{path}: its record cannot be read (options that are no mapping); {ANEW}")
    return found


def read_tensors(path: str | Path) -> dict[str, torch.Tensor]:
    """Tensors of one of our files, compared with their checksum.

    Files of before there were checksums have none, which is said.

    Raises:
        CheckpointError: the file was changed or damaged since it was written.
    """
    with safetensors.safe_open(path, framework="pt") as file:
        texts = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    stated = texts.pop("checksum", None)
    if set(texts) != set(KEYS) or stated not in (None, _checksum(texts, tensors)):
        raise CheckpointError(f"{path}: its checksum does not match; {ANEW}")
    if stated is None:
        note = f"{path}: has no checksum, so damage would not be seen; hitsr.save writes it with one"
        print(printable(note), file=sys.stderr)
    return tensors


def _ordered(content: bytes) -> bytes:
    """A safetensors file with its header in alphabetical order: the library's own differs from call to call."""
    size = int.from_bytes(content[:8], "little")
    header = json.dumps(json.loads(content[8 : 8 + size]), sort_keys=True, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + content[8 + size :]


def _checksum(texts: Mapping[str, str], tensors: Mapping[str, torch.Tensor]) -> str:
    """SHA-256 of metadata and of every tensor's name, type, shape and bytes."""
    found = hashlib.sha256(json.dumps(dict(texts), sort_keys=True).encode())
    for name in sorted(tensors):
        tensor = tensors[name].cpu().contiguous()
        found.update(json.dumps([name, str(tensor.dtype), list(tensor.shape)]).encode())
        found.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return found.hexdigest()
