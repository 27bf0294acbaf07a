"""What a file of another repository holds, read without executing any of it."""

import pickle
import re
from pathlib import Path

import safetensors.torch
import torch

from hitsr.checkpoints.metadata import is_pickle
from hitsr.errors import CheckpointError


def existing(path: str | Path) -> Path:
    """`path`, which has to be a file with something in it.

    Raises:
        CheckpointError: it is not.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise CheckpointError(f"{path}: is a folder; name the file of weights in it")
        if not path.is_file():
            raise CheckpointError(f"{path}: no such file; correct the path")
        if not path.stat().st_size:
            raise CheckpointError(f"{path}: is empty; fetch or train it again")
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror}); correct the path") from error
    return path


def read_content(path: Path) -> object:
    """What a file of `torch.save` or of safetensors holds, whatever its name ends in.

    Raises:
        CheckpointError: it is neither, was cut short, or holds more than tensors and plain values.
    """
    try:
        if is_pickle(path):
            return torch.load(path, map_location="cpu", weights_only=True)
        return safetensors.torch.load_file(path)
    except Exception as error:  # torch raises pickle, zip, EOF, runtime and attribute errors alike here
        held = re.search(r"GLOBAL (\S+)", str(error)) if isinstance(error, pickle.UnpicklingError) else None
        if held:
            raise CheckpointError(
                f"holds more than tensors ({held[1]}), and nothing in a file is executed; "
                "open it by its authors' code and save its state_dict() alone"
            ) from error
        reason = f"{type(error).__name__}: {next(iter(str(error).splitlines()), 'no message')}"
        raise CheckpointError(
            f"not a readable checkpoint of tensors, of torch.save or safetensors ({reason}); was it cut short?"
        ) from error
