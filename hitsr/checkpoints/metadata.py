"""How the weights that this suite writes are told from others, without PyTorch."""

import json
from pathlib import Path

import safetensors

FORMAT = "hitsr-1"
"""Value of `format` in the metadata of a file of this suite."""
PICKLES = (b"PK\x03\x04", b"\x80")
"""How files of `torch.save` begin."""


def is_ours(path: Path) -> bool:
    """Whether a file is a checkpoint of this suite; a damaged one counts as one by its name, `.safetensors`."""
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            return (file.metadata() or {}).get("format") == FORMAT
    except (safetensors.SafetensorError, OSError):
        return path.suffix == ".safetensors" and path.is_file() and not is_pickle(path)


def record_of(path: Path) -> dict | None:
    """Network, scale, options and training record that a checkpoint of this suite carries; None for any other file."""
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            texts = file.metadata() or {}
        if texts.get("format") != FORMAT:
            return None
        parts = {key: json.loads(texts[key]) for key in ("options", "record")}
        return {"network": texts["network"], "scale": int(texts["scale"]), **parts}
    except (safetensors.SafetensorError, OSError, KeyError, ValueError):
        return None


def is_pickle(path: Path) -> bool:
    """Whether a file begins as those of `torch.save` do."""
    with path.open("rb") as file:
        return file.read(4).startswith(PICKLES)
