"""How the weights that this suite writes are told from others, without PyTorch."""

from pathlib import Path

import safetensors

FORMAT = "hitsr-1"
"""Value of `format` in the metadata of a file of this suite."""


def is_ours(path: Path) -> bool:
    """Whether a file is a checkpoint of this suite; a `.safetensors` that cannot be read counts as one."""
    if path.suffix != ".safetensors":
        return False
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            return (file.metadata() or {}).get("format") == FORMAT
    except (safetensors.SafetensorError, OSError):
        return True
