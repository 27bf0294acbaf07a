"""Files of weights as this suite writes them: safetensors, with what the network is and a checksum as metadata."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import safetensors
import safetensors.torch
import torch

from hitsr.atomic import replacing
from hitsr.errors import CheckpointError
from hitsr.networks.layout import identify
from hitsr.networks.metadata import FORMAT

KEYS = ("format", "network", "scale", "options", "record")
"""Metadata beside the checksum."""
PICKLES = (b"PK\x03\x04", b"\x80")
"""How files of `torch.save` begin."""
ANEW = "it was changed or damaged since it was written; delete it, and train it again or fetch it again"


def write(path: str | Path, tensors: Mapping[str, torch.Tensor], metadata: dict[str, object]) -> None:
    """Write weights, atomically.

    Args:
        metadata: `network`, `scale`, `options`, `record`; any JSON values.
    """
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in metadata.items()}
    texts = {"format": FORMAT, **texts}
    texts["checksum"] = _checksum(texts, tensors)
    with replacing(path) as temporary:
        temporary.write_bytes(_content(tensors, texts))


def read_metadata(path: str | Path) -> dict:
    """Network, scale, options and training record of one of our files.

    Raises:
        CheckpointError: unreadable, or not one of ours.
    """
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            texts, names = file.metadata() or {}, list(file.keys())
            foreign = {} if texts.get("format") == FORMAT else {name: file.get_tensor(name) for name in names}
    except (safetensors.SafetensorError, OSError) as error:
        raise CheckpointError(f"{path}: {_no_safetensors(path, error)}") from error
    if texts.get("format") != FORMAT:
        raise CheckpointError(
            f"{path}: no record of the network it holds; it seems to be {identify(foreign)}. "
            "Build that network and use hitsr.load_official for files of the official repositories"
        )
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
    """Tensors of one of our files, compared with their checksum; files of before there was one have none.

    Raises:
        CheckpointError: the file was changed or damaged since it was written.
    """
    with safetensors.safe_open(path, framework="pt") as file:
        texts = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    stated = texts.pop("checksum", None)
    if set(texts) != set(KEYS) or stated not in (None, _checksum(texts, tensors)):
        raise CheckpointError(f"{path}: its checksum does not match; {ANEW}")
    return tensors


def _content(tensors: Mapping[str, torch.Tensor], texts: dict[str, str]) -> bytes:
    """A safetensors file, the same bytes for the same weights: the library writes metadata in a random order."""
    content = safetensors.torch.save(dict(tensors))
    size = int.from_bytes(content[:8], "little")
    header = {"__metadata__": texts, **json.loads(content[8 : 8 + size])}
    text = json.dumps(header, separators=(",", ":")).encode()
    # the data begin at a multiple of 8 bytes
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + content[8 + size :]


def _no_safetensors(path: str | Path, error: Exception) -> str:
    with Path(path).open("rb") as file:
        start = file.read(4)
    if not start:
        return "is empty; fetch it again"
    if start.startswith(PICKLES):
        return "a checkpoint of PyTorch, which does not say what network it holds; name the network and its scale"
    return f"not a readable safetensors file ({error}); was it cut short?"


def _checksum(texts: Mapping[str, str], tensors: Mapping[str, torch.Tensor]) -> str:
    """SHA-256 of metadata and of every tensor's name, type, shape and bytes."""
    found = hashlib.sha256(json.dumps(dict(texts), sort_keys=True).encode())
    for name in sorted(tensors):
        tensor = tensors[name].cpu().contiguous()
        found.update(json.dumps([name, str(tensor.dtype), list(tensor.shape)]).encode())
        found.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return found.hexdigest()
